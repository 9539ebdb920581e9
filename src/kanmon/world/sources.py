"""Reader of sources.toml: one card per embedded data set, with the file's checksum."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from ..core.source import Source

CARDS = Path(__file__).parent / "sources.toml"


@dataclass(frozen=True)
class Dataset:
    """An embedded data set: its card, its file under default/, checksum and how it came here."""

    source: Source
    file: str
    sha256: str
    note: str = ""


@cache
def datasets(path: Path = CARDS) -> Mapping[str, Dataset]:
    """Every embedded data set by id."""
    rows = tomllib.loads(path.read_text("utf-8"))
    return MappingProxyType(
        {
            key: Dataset(
                Source(
                    id=key,
                    title=row["title"],
                    publisher=row.get("publisher", ""),
                    date=row.get("date", ""),
                    url=row.get("url", ""),
                    licence=row.get("licence", ""),
                    confidence=row.get("confidence", ""),
                ),
                row["file"],
                row["sha256"],
                row.get("note", ""),
            )
            for key, row in rows.items()
        }
    )
