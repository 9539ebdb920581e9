"""The library of measures, the controlled items and the listed parties, read once and kept."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from ..core.errors import InputError, Problem, nearest
from ..core.source import Source
from .build import build
from .dates import source_day
from .files import load_file
from .match import group_in, symbols_of
from .measure import Item, Measure
from .words import DATA, words

__all__ = [
    "ControlledItem",
    "Party",
    "find",
    "items",
    "library",
    "load_file",
    "newest_source_date",
    "parties",
]

LIBRARY = Path(__file__).parent / "library"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class ControlledItem:
    """One entry of a control list as an announcement names it (a row of controlled_items.csv).

    code: control code, "" where it was not found; group: element or group word; kind: material,
    metal, oxide, equipment, technology ...; hs_national: 8 or 10 digit codes of the announcement and
    of the 2026 catalogue; hs6: their HS6 lines, empty where no HS is given.
    """

    id: str
    code: str
    group: str
    kind: str
    description: str
    parameters: str
    hs_national: tuple[str, ...]
    hs6: tuple[str, ...]
    hs_note: str
    announcement: str
    announced: str
    effective: str
    sources: tuple[Source, ...]

    @property
    def is_goods(self) -> bool:
        """Whether the entry is a material or article, not equipment, software, technology or a rule."""
        types: dict[str, str] = words()["code_types"]
        return self.kind not in words()["not_goods"]["kinds"] and self.code[1:2] not in types


@dataclass(frozen=True)
class Party:
    """One listed party (a row of listed_entities.csv); `listing` is "control_list" or "watch_list"."""

    id: str
    listing: str
    announcement: str
    name_en: str
    name_zh: str
    name_ja: str
    name_ja_basis: str
    kind: str
    country: str
    listed: date
    removed: date | None
    parent_group: str
    note: str
    sources: tuple[Source, ...]

    @property
    def number(self) -> str:
        """Number and year of the announcement ("7/2020")."""
        found = re.search(r"No\. (\d+) of (\d{4})", self.announcement)
        return f"{found[1]}/{found[2]}" if found else ""


@cache
def library() -> Mapping[str, Measure]:
    """Every measure of the library by id, in the order of the ids. Read once, then kept."""
    measures: dict[str, Measure] = {}
    for path in sorted(LIBRARY.glob("*/measure.toml")):
        measure = build(tomllib.loads(path.read_text("utf-8")), items_of)
        measures[measure.id] = measure
    return MappingProxyType(measures)


def find(name: str) -> Measure:
    """The measure of that id, without regard to case; InputError names the nearest ids."""
    by_fold = {key.casefold(): measure for key, measure in library().items()}
    measure = by_fold.get(name.strip().casefold())
    if measure is None:
        raise InputError(
            Problem(
                f"no measure {name!r} in the library",
                fix="kanmon measures list shows all ids",
                near=nearest(name.strip(), library()),
            )
        )
    return measure


@cache
def newest_source_date() -> date:
    """The newest day on which a source of the library was published: the default date asked about."""
    days = [
        day
        for measure in library().values()
        for source in measure.sources
        if (day := source_day(source.date)) is not None
    ]
    return max(days)


@cache
def items() -> tuple[ControlledItem, ...]:
    """Every controlled item, in the order of the table."""
    return tuple(_controlled(row) for row in _rows("controlled_items.csv"))


@cache
def items_of(announcement: str) -> tuple[Item, ...]:
    """The items of one announcement, as a limb carries them."""
    found = tuple(_as_item(item) for item in items() if item.announcement == announcement)
    if not found:
        known = {item.announcement for item in items()}
        raise InputError(
            Problem(
                f"no controlled items of {announcement!r}",
                where="controlled_items",
                fix="name an announcement of the table of controlled items, or write the items out",
                near=nearest(announcement, known),
            )
        )
    return found


@cache
def parties() -> tuple[Party, ...]:
    """Every listed party, in the order of the table."""
    return tuple(_party(row) for row in _rows("listed_entities.csv"))


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _cards(text: str, confidence: str, name: str) -> tuple[Source, ...]:
    """Source cards of a table's cell, where " | " parts the sources."""
    cards = []
    for number, piece in enumerate(text.split(" | "), start=1):
        url = re.search(r"https?://[^\s;)]+", piece)
        day = _DAY.search(piece)
        cards.append(
            Source(
                id=f"{name}/{number}",
                title=piece.replace(url[0], "").strip(" ,;") if url else piece.strip(),
                publisher=piece.split(",", maxsplit=1)[0].strip(),
                date=day[0] if day else "",
                url=url[0].rstrip(",") if url else "",
                confidence=confidence,
            )
        )
    return tuple(cards)


def _controlled(row: Mapping[str, str]) -> ControlledItem:
    national = (*row["hs_announcement"].split(), *row["hs_catalogue_2026"].split())
    return ControlledItem(
        id=row["item_id"],
        code=row["control_code"],
        group=row["element_or_group"],
        kind=row["item_kind"],
        description=row["description"],
        parameters=row["parameters"],
        hs_national=tuple(dict.fromkeys(national)),
        hs6=tuple(row["hs6"].split()),
        hs_note=row["hs_note"],
        announcement=row["announcement"],
        announced=row["announced"],
        effective=row["effective"],
        sources=_cards(row["sources"], row["confidence"], f"items/{row['announcement']}"),
    )


def _as_item(item: ControlledItem) -> Item:
    # Equipment and knowledge about an element are not the element: only goods carry its symbol.
    elements: tuple[str, ...] = ()
    if item.is_goods:
        group = group_in(item.group)
        elements = (group,) if group else tuple(sorted(symbols_of([item.group])[0]))
    return Item(
        phrase=item.description,
        hs=item.hs6,
        elements=elements,
        control_codes=(item.code,) if item.code else (),
        sources=item.sources,
    )


def _party(row: Mapping[str, str]) -> Party:
    from ..core.codes import country

    removed = row["date_removed"]
    return Party(
        id=row["entity_id"],
        listing=row["list_type"],
        announcement=row["announcement"],
        name_en=row["name_en"],
        name_zh=row["name_zh"],
        name_ja=row["name_ja"],
        name_ja_basis=row["name_ja_basis"],
        kind=row["entity_type"],
        country=country(row["country"]),
        listed=date.fromisoformat(row["date_listed"]),
        removed=date.fromisoformat(removed) if removed else None,
        parent_group=row["parent_group_inferred"],
        note=row["note"],
        sources=_cards(
            row["sources"], row["confidence"].split(" ", maxsplit=1)[0], f"parties/{row['announcement']}"
        ),
    )
