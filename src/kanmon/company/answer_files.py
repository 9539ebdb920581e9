"""The files of an answer, and how a folder that holds one is told from a folder of a firm's own files."""

from __future__ import annotations

import json
from pathlib import Path

ANSWER = ("company.html", "company.json", "company.xlsx")
"""Files that each run writes and the next one replaces."""
KEYS = frozenset({"company", "measures", "stock_date", "lines"})
"""Keys of company.json that no other file of that name is likely to have together."""


def is_answer(folder: Path) -> bool:
    """Whether the folder's company.json is one that a run wrote."""
    try:
        told = json.loads((folder / "company.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.keys() >= KEYS
