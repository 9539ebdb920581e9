"""The word lists of data/words.toml: elements, groups, forms, phrases for a whole list, blocs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@cache
def words() -> dict[str, Any]:
    """All lists of words.toml by table."""
    return tomllib.loads((DATA / "words.toml").read_text("utf-8"))


def holds(phrase: str, spellings: Iterable[str]) -> bool:
    """Whether a phrase holds one of the spellings: Latin ones as whole words, a plural s allowed."""
    low = phrase.casefold()
    return any(spelling.casefold() in low and _whole(spelling.casefold(), low) for spelling in spellings)


def _whole(spelling: str, low: str) -> bool:
    if not spelling.isascii():
        return True
    return re.search(rf"(?<![a-z]){re.escape(spelling)}s?(?![a-z])", low) is not None


def meets(buyer: str, targets: Iterable[str]) -> bool:
    """Whether targets (countries, blocs, "all") name the buyer; the buyer "all" is met by any."""
    named = tuple(targets)
    blocs: dict[str, list[str]] = words()["blocs"]
    return (
        buyer == "all"
        or "all" in named
        or buyer in named
        or any(buyer in blocs.get(target, ()) for target in named)
        or any(target in blocs.get(buyer, ()) for target in named)
    )
