"""The file of `kanmon screen`: CSV or Parquet with columns id, name and, if known, country and number.

Faults of the file stop the run, all at once; faults of a row are named with row and column, and the
other rows are still screened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..core.codes import country
from ..core.errors import InputError, Problem, nearest
from .check_text import read_lines, separator_of
from .check_words import table
from .parties import Hit, Query, Screener
from .read_file import decode

REQUIRED = ("id", "name")
OPTIONAL = ("country", "registration_number")
LONGEST = 1000
"""Signs in a name; a longer cell is no name."""
_SPREADSHEET_NUMBER = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One row of the file as it will be screened; stop: why it cannot be, "" where it can."""

    id: str
    query: Query
    stop: str = ""


def read_rows(path: Path | str) -> tuple[list[Row], list[Problem]]:
    """The rows of a CSV or Parquet file and what is wrong with single cells.

    Raises
    ------
    InputError : the file cannot be read, or a column is missing.
    """
    place = Path(path)
    if not place.is_file():
        what = "this is a folder, not a file" if place.is_dir() else "there is no such file"
        raise InputError(Problem(what, str(place), fix="check the path and the spelling"))
    faults: list[Problem] = []
    header, cells = _parquet(place) if place.suffix.lower() == ".parquet" else _csv(place, faults)
    columns = _columns(header, str(place))
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for number, row in cells:
        where = f"{place}, row {number}"
        values = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
        if len(row) > len(header):
            faults.append(Problem("more cells than columns", where, "a name with a comma needs quotes"))
        first = seen.setdefault(values["id"], number)
        if first != number:
            faults.append(Problem(f"id {values['id']!r} stands twice", where, f"first in row {first}"))
        rows.append(_row(values, where, faults))
    if not rows:
        raise InputError(Problem("the file has no rows", str(place), fix="give one party a row"))
    return rows, faults


def screen_rows(rows: Sequence[Row], screener: Screener, on: object = None) -> list[Hit]:
    """A hit for each row; a row that cannot be screened is for review, with the reason."""
    from datetime import date

    good = [r.query for r in rows if not r.stop]
    hits = iter(
        screener.screen_many(
            [q.name for q in good],
            [q.country for q in good],
            [q.registration_number for q in good],
            on if isinstance(on, date) else None,
        )
    )
    return [
        Hit(r.query.name[:80], "review", reason=f"not screened: {r.stop}", rule="not screened")
        if r.stop
        else next(hits)
        for r in rows
    ]


def _csv(place: Path, faults: list[Problem]) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    text = decode(place.read_bytes(), place)
    found = read_lines(text, separator_of(text.split("\n", 1)[0]), str(place), cut=False)
    faults += found.problems
    body = ((n, row) for n, row in zip(found.numbers, found.rows, strict=True) if any(c.strip() for c in row))
    return found.names, body


def _parquet(place: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    import polars as pl

    try:
        frame = pl.read_parquet(place)
    except (pl.exceptions.PolarsError, OSError) as error:
        why = str(error).splitlines()[0]
        raise InputError(Problem("the file is no Parquet table", str(place), why)) from error
    wanted = [c for c in frame.columns if _plain(c) in {*REQUIRED, *OPTIONAL}]
    frame = frame.select(wanted).with_columns(pl.all().cast(pl.String).fill_null(""))
    return frame.columns, ((n, list(row)) for n, row in enumerate(frame.iter_rows(), start=1))


def _plain(column: str) -> str:
    """A column name of the contract for any known spelling, else the name itself."""
    own = re.sub(r"[\s_-]+", "_", column.strip().casefold())
    return _spellings().get(own, own)


@cache
def _spellings() -> dict[str, str]:
    rows: Mapping[str, list[str]] = table("columns")["screen"]
    return {word: name for name, words in rows.items() for word in words}


def _columns(header: Sequence[str], where: str) -> Mapping[str, int]:
    """Place of each column; InputError names every missing or doubled one."""
    places: dict[str, list[int]] = {}
    for at, name in enumerate(header):
        places.setdefault(_plain(name), []).append(at)
    problems = [
        Problem(
            f"column {name!r} is missing",
            where,
            f"the columns are {', '.join(REQUIRED)} and, if known, {', '.join(OPTIONAL)}",
            "add or rename the column in the first line",
            nearest(name, [h for h in header if h.strip()]),
        )
        for name in REQUIRED
        if name not in places
    ]
    problems += [
        Problem(f"column {name!r} stands {len(places[name])} times", where, fix="keep one of them")
        for name in (*REQUIRED, *OPTIONAL)
        if len(places.get(name, ())) > 1
    ]
    if problems:
        raise InputError(problems)
    return {name: places[name][0] for name in (*REQUIRED, *OPTIONAL) if name in places}


def _row(values: Mapping[str, str], where: str, faults: list[Problem]) -> Row:
    stop = ""
    if not values["name"]:
        stop = "the name is empty"
    elif len(values["name"]) > LONGEST:
        stop = f"the name has {len(values['name'])} signs"
    elif "\ufffd" in values["name"] or "\0" in values["name"]:
        stop = "the name holds signs lost in a wrong encoding"
    if stop:
        faults.append(Problem(stop, f"{where}, column name", "the row is for review, not cleared"))
    place = ""
    if values.get("country"):
        try:
            place = country(values["country"], f"{where}, column country")
        except InputError as unknown:
            faults += unknown.problems
    number = values.get("registration_number", "")
    if _SPREADSHEET_NUMBER.fullmatch(number):
        faults.append(
            Problem(
                f"{number!r} has lost its digits",
                f"{where}, column registration_number",
                "a spreadsheet stored it as a number; the row is screened by name alone",
                "format the column as text",
            )
        )
        number = ""
    return Row(values["id"], Query(values["name"], place, number), stop)
