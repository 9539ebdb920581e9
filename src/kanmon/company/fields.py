"""What a firm's tables are made of: fields, types, header words, units. Data: fields.toml."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "ja", "zh", "de")


@dataclass(frozen=True)
class Field:
    """One column of a table: its type, whether the table is of use without it, its header words.

    words: folded header word -> language or system it comes from, the first that lists it.
    origins: folded header word -> every language and system that lists it. step: used up when the file is
    read (flags, validity, what was received), not a column of the table.
    """

    name: str
    kind: str
    must: bool
    words: Mapping[str, str]
    origins: Mapping[str, frozenset[str]]
    step: bool


@dataclass(frozen=True)
class TableKind:
    """One kind of table: words in file names, its fields in order, and groups of fields of which the table
    needs one.
    """

    name: str
    file_words: tuple[str, ...]
    fields: tuple[Field, ...]
    any_of: tuple[tuple[str, ...], ...]

    def field(self, name: str) -> Field:
        """The field of that name; KeyError where there is none."""
        return {f.name: f for f in self.fields}[name]

    def lacking(self, found: Collection[str]) -> tuple[str, ...]:
        """Fields without which the table is of no use and that are not among those found."""
        single = [f.name for f in self.fields if f.must and f.name not in found]
        groups = [" or ".join(group) for group in self.any_of if not set(group) & set(found)]
        return (*single, *groups)


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
            tuple(tuple(group) for group in entry.get("any", ())),
        )
        for name, entry in _data().items()
        if "fields" in entry
    }


def _field(name: str, told: Mapping[str, Any]) -> Field:
    words = {fold(name): "kanmon"}
    origins: dict[str, set[str]] = {fold(name): {"kanmon"}}
    for origin, listed in told.items():
        if origin not in {"type", "need", "step"}:
            words |= {fold(word): origin for word in listed if fold(word) not in words}
            for word in listed:
                origins.setdefault(fold(word), set()).add(origin)
    every = {word: frozenset(held) for word, held in origins.items()}
    return Field(name, told["type"], told.get("need") == "must", words, every, bool(told.get("step")))


@cache
def technical_names() -> Mapping[str, frozenset[str]]:
    """Name of a column as a system writes it, case and signs kept -> the systems that use it."""
    found: dict[str, set[str]] = {}
    for entry in _data().values():
        for told in entry.get("fields", {}).values():
            for system in told.keys() - {"type", "need", "step", *LANGUAGES}:
                for word in told[system]:
                    found.setdefault(word, set()).add(system)
    return {word: frozenset(systems) for word, systems in found.items()}


@cache
def shared_words() -> Mapping[str, int]:
    """Folded header word -> how many kinds of table list it."""
    counts: dict[str, int] = {}
    for kind in table_kinds().values():
        for word in {word for field in kind.fields for word in field.words}:
            counts[word] = counts.get(word, 0) + 1
    return counts


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


@cache
def per_cent_words() -> tuple[str, ...]:
    """Parts of a header that say that its column is in per cent."""
    return tuple(_data()["words"]["per_cent"])


@cache
def month_number(word: str) -> int:
    """1 to 12 for the name of a month, whole or short; 0 for another word."""
    told = fold(word)
    for number, names in enumerate(_data()["months"]["words"], start=1):
        if told in {fold(name) for name in names}:
            return number
    return 0


@cache
def countries_by_word() -> Mapping[str, str]:
    """Folded word -> country, for words that the table of countries does not hold (kana)."""
    return {fold(word): code for code, listed in _data()["countries"].items() for word in listed}


@cache
def origin_marks() -> re.Pattern[str]:
    """Words around a country that say that a good is made there."""
    told = _data()["words"]
    before = "|".join(re.escape(word) for word in told["made_before"])
    behind = "|".join(re.escape(word) for word in told["made_behind"])
    return re.compile(rf"^(?:{before})\s*|\s*(?:{behind})$", re.IGNORECASE)
