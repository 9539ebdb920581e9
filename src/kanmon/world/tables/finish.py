"""The last step of every reader: a filled grid becomes a Table, or an account of what is missing in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import InputError, Problem
from ...core.source import Source
from .files import Files, year_in
from .grid import FINAL, OUTPUT, Grid
from .layouts import layout
from .table import Table, Wish

if TYPE_CHECKING:
    from numpy.typing import NDArray

Blocks = Iterator[tuple[int, "NDArray[np.floating[Any]]"]]
"""(number of the first row, rows): how every reader hands the numbers of its file over."""
SAME = 1e-6


@dataclass(frozen=True)
class Facts:
    """What a reader knows beside the numbers: the format, the year, the unit, and what it did."""

    kind: str
    year: int | None
    unit: str
    seen: bool
    notes: tuple[str, ...] = ()


def year_of(wish: Wish, name: str) -> int | None:
    """The year asked for, else the one in the file's name."""
    return wish.year if wish.year is not None else year_in(name)


def finish(made: Grid, source: Files, facts: Facts) -> Table:
    """Output, value added and notes; InputError for cells without a number and for what cannot be known."""
    where = str(source.path)
    problems = _absent(made, where) + _year(facts, where)
    has_column, has_row = made.has(OUTPUT, "cols"), made.has(OUTPUT, "rows")
    has_final = made.has(FINAL, "cols")
    if not (has_column or has_row or has_final):
        problems.append(
            Problem(
                "output is not known", where, "neither output nor final demand is in the file", "add x or Y"
            )
        )
    if problems:
        raise InputError(problems)
    notes = list(facts.notes)
    sold = made.Z.sum(axis=1, dtype=np.float64) + made.Y.sum(axis=1, dtype=np.float64)
    x = made.x if has_column else made.x_row if has_row else sold
    if (
        has_column
        and has_row
        and (gap := float(np.abs(made.x - made.x_row).max())) > SAME * max(1.0, x.max())
    ):
        notes.append(
            f"output in the row and in the column of the file differ by up to {gap:,.6g}; the column is used"
        )
    if not (has_column or has_row):
        notes.append("the file has no output: it is the sum of each row, so the row check cannot fail")
    bought = made.Z.sum(axis=0, dtype=np.float64)
    named = dict(zip(made.primaries, made.primary, strict=True))
    card = layout(facts.kind)
    # "*" means every row of primary inputs but those that the card sets apart.
    added = card.value_added if "*" not in card.value_added else frozenset(named) - card.drop
    values = [row for name, row in named.items() if name in added]
    value_added = np.sum(values, axis=0) if values else x - bought
    if not values:
        notes.append("the file has no value added: it is output less inputs")
    if not facts.seen:
        notes.append(f"the {card.title} reader has not been run on a real file of this layout")
    return Table(
        regions=made.regions,
        sectors=made.sectors,
        Z=_shut(made.Z),
        x=_shut(x),
        value_added=_shut(value_added),
        year=facts.year or 0,
        unit=facts.unit,
        source=_card(source, facts),
        sha256=source.sha256,
        kind=facts.kind,
        seen=facts.seen,
        final=_shut(made.Y) if has_final else None,
        final_labels=made.finals,
        primary=tuple((name, _shut(row)) for name, row in named.items()),
        notes=tuple(notes),
    )


def _card(source: Files, facts: Facts) -> Source:
    """The source card of a table: the publisher's, with the file's name and checksum."""
    card = layout(facts.kind)
    return Source(
        id=f"table:{source.path.name}",
        title=f"{card.title}, {facts.year}, from {source.path.name}, sha256 {source.sha256}",
        publisher=card.publisher,
        date=str(facts.year),
        url=card.url,
        licence=card.licence,
        confidence="the user's file" if facts.seen else "the user's file; layout not seen on a real file",
    )


def _shut(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array


def _year(facts: Facts, where: str) -> list[Problem]:
    if facts.year is not None:
        return []
    why = "neither the file nor its name states one year, and results depend on it"
    return [Problem("the year of the table is not known", where, why, "--year 2022")]


def _absent(made: Grid, where: str) -> list[Problem]:
    if not made.absent_count:
        return []
    cells = "; ".join(f"row {r}, column {c}" for r, c in made.absent)
    more = f" and {made.absent_count - len(made.absent)} more" if made.absent_count > len(made.absent) else ""
    return [
        Problem(
            f"{made.absent_count} cells hold no number",
            f"{where}: {cells}{more}",
            "an empty cell, NaN or infinity is not zero",
            "write 0 where nothing is sold, or leave the economy or sector out",
        )
    ]
