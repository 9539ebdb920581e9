"""What a firm's tables are made of: fields, types, header words, units. Data: fields.toml."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "ja", "zh", "de")


@dataclass(frozen=True)
class Field:
    """One column of a table: its type, whether the table is of use without it, its header words.

    words: folded header word -> language or system it comes from.
    """

    name: str
    kind: str
    must: bool
    words: Mapping[str, str]


@dataclass(frozen=True)
class TableKind:
    """One kind of table: words in file names, and its fields in order."""

    name: str
    file_words: tuple[str, ...]
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """The field of that name; KeyError where there is none."""
        return {f.name: f for f in self.fields}[name]


@dataclass(frozen=True)
class Unit:
    """A unit of measure: `factor` of the first unit of its kind."""

    name: str
    kind: str
    factor: float


UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def fold(word: str) -> str:
    """A header word without case, spaces, dots, hyphens, underscores, brackets; widths folded.

    Umlauts are spelled out, as systems without them do (Waehrung, Loeschkennzeichen).
    """
    text = unicodedata.normalize("NFKC", word).casefold().translate(UMLAUTS)
    return re.sub(r"[\s._\-/()\[\]:#*\"']+", "", text)


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("fields.toml").read_text(encoding="utf-8"))


@cache
def table_kinds() -> Mapping[str, TableKind]:
    """Every kind of table, by name."""
    return {
        name: TableKind(
            name,
            tuple(fold(word) for word in entry["file"]),
            tuple(_field(field, told) for field, told in entry["fields"].items()),
        )
        for name, entry in _data().items()
        if name not in {"units", "words", "currencies", "basis"}
    }


def _field(name: str, told: Mapping[str, Any]) -> Field:
    words = {fold(name): "kanmon"}
    for origin, listed in told.items():
        if origin not in {"type", "need"}:
            words |= {fold(word): origin for word in listed if fold(word) not in words}
    return Field(name, told["type"], told.get("need") == "must", words)


@cache
def units() -> Mapping[str, Unit]:
    """Folded unit word -> unit."""
    return {
        fold(word): Unit(name, told["kind"], float(told["factor"]))
        for name, told in _data()["units"].items()
        for word in told["words"]
    }


@cache
def words(kind: str) -> frozenset[str]:
    """Folded words of a list: make, buy, cleared, not_cleared, yes, no, total."""
    return frozenset(fold(word) for word in _data()["words"][kind])


@cache
def currencies() -> Mapping[str, str]:
    """Folded word or sign -> three-letter code."""
    return {fold(word): code for code, listed in _data()["currencies"].items() for word in listed}


@cache
def bases() -> Mapping[str, str]:
    """Folded word of a basis -> measured, declared or estimated."""
    return {fold(word): kind for kind, listed in _data()["basis"].items() for word in listed}
