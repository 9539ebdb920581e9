"""Eora26: matrices without headers (T, FD, VA) beside their label files, of a folder or zip.

Layout (notes of the project; the package pymrio reads the same): `Eora26_<year>_bp_T.txt`, `_FD`, `_VA`, tab
between numbers, and `labels_T.txt`, `labels_FD.txt`, `labels_VA.txt`, one line a row or column: economy,
code, kind, sector. A last row and column TOTAL holds what does not add up: it is no industry, so its row is
a primary input and its column a final use, named as the statistical discrepancy. Unit: USD thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from .faults import fault
from .files import Files, decoded, year_in
from .finish import Facts, finish
from .grid import FINAL, INDUSTRY, PRIMARY, Axis, Slot, grid
from .layouts import layout
from .stream import Shape, blocks, fields, separator_of
from .table import Table, Wish

if TYPE_CHECKING:
    from numpy.typing import NDArray

DISCREPANCY = "statistical discrepancy"


def read_eora(source: Files, wish: Wish) -> Table:
    """Read an Eora26 table."""
    where, card = str(source.path), layout("eora")
    parts = {p: _matrix(source, p, wish.year, where) for p in ("T", "FD", "VA")}
    labels = {p: _lines(source, f"labels_{p}.txt", where) for p in ("T", "FD", "VA")}
    rows = [(_name(c), _industry(c, "row")) for c in labels["T"]]
    cols = [(_name(c), _industry(c, "column")) for c in labels["T"]]
    cols += [(_name(c), Slot(FINAL, card.region(_code(c)), c[-1])) for c in labels["FD"]]
    added = [(_name(c), Slot(PRIMARY, "", c[-1])) for c in labels["VA"]]
    made = grid(Axis.of([*rows, *added]), Axis.of(cols), wish, where)
    width, finals = len(labels["T"]), len(labels["FD"])
    flows, demand = (_rows(source, parts[p], n, where) for p, n in (("T", width), ("FD", finals)))
    count = -1
    for count, (t, f) in enumerate(zip(flows, demand, strict=True)):
        if count < len(rows):
            made.add(count, np.concatenate([t, f])[None, :])
    _length(count + 1, len(rows), parts["T"], where)
    for k, row in enumerate(_rows(source, parts["VA"], width, where)):
        made.add(len(rows) + k, np.concatenate([row, np.zeros(finals)])[None, :])
    notes = (f"the row and column TOTAL are kept apart as {DISCREPANCY}",) if _has_total(labels["T"]) else ()
    year = wish.year if wish.year is not None else year_in(parts["T"].replace("Eora26_", ""))
    return finish(made, source, Facts("eora", year, wish.unit or card.unit, seen=False, notes=notes))


def _matrix(source: Files, part: str, year: int | None, where: str) -> str:
    """The member that holds one matrix; labels_T.txt ends like it."""
    ends = (f"_{part}.txt", f"_{part}.txt.gz")
    found = [n for n in source.names if n.endswith(ends) and not PurePosixPath(n).name.startswith("labels")]
    chosen = [n for n in found if year is None or year_in(n.replace("Eora26_", "")) == year]
    if len(chosen) == 1:
        return chosen[0]
    held = ", ".join(found[:6]) or "none"
    raise fault(
        f"{len(chosen)} files *_{part}.txt", where, f"there are: {held}", "one year a folder, or year=2015"
    )


def _lines(source: Files, name: str, where: str) -> list[list[str]]:
    """The cells of each line of a label file, empty ones at the end dropped."""
    found = source.one(name.replace(".", r"\."))
    if found is None:
        raise fault(
            f"no {name}", where, "a matrix without labels cannot be read", "take it from the indices archive"
        )
    with source.open(found) as stream:
        text = decoded(stream.read())
    rows = [fields(line, "\t") for line in text.splitlines() if line.strip()]
    return [row[: max(k for k, c in enumerate(row) if c) + 1] for row in rows]


def _code(cells: Sequence[str]) -> str:
    return cells[1] if len(cells) > 2 else cells[0]


def _name(cells: Sequence[str]) -> str:
    return " ".join(cells)


def _industry(cells: Sequence[str], side: str) -> Slot:
    if cells[-1].upper() == "TOTAL":
        return Slot(PRIMARY, "", DISCREPANCY) if side == "row" else Slot(FINAL, "ROW", DISCREPANCY)
    return Slot(INDUSTRY, layout("eora").region(_code(cells)), cells[-1])


def _has_total(labels: Sequence[Sequence[str]]) -> bool:
    return any(c[-1].upper() == "TOTAL" for c in labels)


def _rows(source: Files, name: str, width: int, where: str) -> Iterator[NDArray[np.float64]]:
    """The numbers of one matrix, row by row; a matrix of another width than its labels is an error."""
    with source.open(name) as stream:
        line = decoded(stream.readline()).rstrip("\r\n")
    separator = separator_of(line)
    held = len(fields(line.rstrip(separator), separator))
    if held != width:
        raise fault(
            f"{held} columns, but {width} labels",
            f"{where} {name}",
            "each column has its label",
            "take labels and matrix from one release",
        )
    columns = len(fields(line, separator))
    with source.open(name) as stream:
        for _, block in blocks(stream, Shape(separator, 0, 0, columns), f"{where} {name}"):
            yield from block[:, :width]


def _length(rows: int, labels: int, name: str, where: str) -> None:
    if rows != labels:
        raise fault(f"{rows} rows, but {labels} labels", f"{where} {name}", "each row has its label")
