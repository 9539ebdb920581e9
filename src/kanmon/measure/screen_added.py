"""The parties of a notice added at run time: a file parties.csv beside its measure.toml.

A row without any name stands for a party that the notice lists and whose name is not known: the list is
then a part, and a name that is not found in it is not cleared by that.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ..core.errors import InputError, Problem, nearest
from .measure import Measure
from .name_keys import party_words
from .read_file import decode
from .screen_lists import ListedParty, PartyName
from .transaction import CellError, read_country, read_date

FILE = "parties.csv"
NAMES = {"name": "listed", "name_zh": "listed", "name_ja": "name_ja", "aliases": "alias"}
"""Columns of names -> kind of the name; `;` stands between several."""
COLUMNS = (
    *NAMES,
    "entity_id",
    "list_type",
    "country",
    "date_listed",
    "date_removed",
    "registration_number",
    "note",
    "source",
)


def parties_beside(path: Path, measure: Measure) -> tuple[ListedParty, ...]:
    """The parties in parties.csv beside a measure file, nameless ones too; () where there is no file.

    Raises
    ------
    InputError : every fault of the file, with row and column.
    """
    place = path.parent / FILE
    if not place.is_file():
        return ()
    rows = list(csv.DictReader(io.StringIO(decode(place.read_bytes(), place), newline="")))
    problems = _header(rows[0] if rows else {}, place)
    if problems:
        raise InputError(problems)
    found: dict[str, ListedParty] = {}
    for number, row in enumerate(rows, start=2):
        cells = {k: (v or "").strip() for k, v in row.items() if isinstance(v, str) or v is None}
        party = _party(cells, measure, number, f"{place}, row {number}", problems)
        if party.entity_id.casefold() in found:
            problems.append(Problem(f"id {party.entity_id!r} stands twice", f"{place}, row {number}"))
        found[party.entity_id.casefold()] = party
    if problems:
        raise InputError(problems)
    return tuple(found.values())


def _header(row: Mapping[str, object], place: Path) -> list[Problem]:
    if not row:
        return [Problem("the file has no rows", str(place), fix="give one party a row")]
    unknown = [name for name in row if name not in COLUMNS]
    problems = [
        Problem(f"unknown column {name!r}", str(place), near=nearest(str(name), COLUMNS)) for name in unknown
    ]
    if not any(name in row for name in NAMES):
        problems.append(Problem("no column of names", str(place), fix=f"name one of {', '.join(NAMES)}"))
    return problems


def _party(
    cells: Mapping[str, str], measure: Measure, number: int, where: str, problems: list[Problem]
) -> ListedParty:
    kinds = {k["list_type"]: k for k in party_words()["lists"].values()}
    kind = cells.get("list_type") or "control_list"
    if kind not in kinds:
        problems.append(
            Problem(f"{kind!r} is no list", f"{where}, column list_type", fix=f"one of {', '.join(kinds)}")
        )
    start = measure.effective or measure.announced
    listed = _day(cells, "date_listed", where, problems) or (start.day if start else None)
    if listed is None:
        problems.append(Problem("no day of listing", f"{where}, column date_listed", fix="YYYY-MM-DD"))
    country = ""
    try:
        country = read_country(cells.get("country", ""))
    except CellError as fault:
        problems.append(Problem(str(fault), f"{where}, column country"))
    names = tuple(
        PartyName(text.strip(), kind_, "source", "high", cells.get("source") or measure.id)
        for column, kind_ in NAMES.items()
        for text in re.split("[;；]", cells.get(column, ""))
        if text.strip()
    )
    numbers = tuple(n.strip() for n in cells.get("registration_number", "").split(";") if n.strip())
    return ListedParty(
        entity_id=cells.get("entity_id") or f"{measure.id}-{number - 1:02d}",
        list_type=kind,
        severity=int(kinds.get(kind, {}).get("severity", 1)),
        country=country,
        date_listed=listed or date.max,
        date_removed=_day(cells, "date_removed", where, problems),
        measure=measure.id,
        names=names,
        registration_numbers=numbers,
        note=cells.get("note", ""),
    )


def _day(cells: Mapping[str, str], column: str, where: str, problems: list[Problem]) -> date | None:
    try:
        return read_date(cells.get(column, ""))
    except CellError as fault:
        problems.append(Problem(str(fault), f"{where}, column {column}"))
        return None
