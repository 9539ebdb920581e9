"""FIGARO tables of Eurostat: the flat CSV and the matrix CSV.

Flat: one cell a line, columns refArea, rowIi (or rowPi, rowCode), counterpartArea, colIi (colPi, colCode),
obsValue. Matrix: first column rowLabels, labels `AR_A01`, `AR_P3_S14`. Primary inputs stand under the area
W2. Sources: notes of the project (layout as the publisher describes it); no real file has been read.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ...core.errors import InputError, Problem
from .faults import fault
from .files import Files, decoded
from .finish import Facts, finish, year_of
from .grid import FINAL, INDUSTRY, PRIMARY, Axis, Slot, grid
from .icio import member
from .layouts import Layout, layout
from .memory import require
from .stream import Shape, blocks, fields, label_columns, separator_of
from .table import Table, Wish

if TYPE_CHECKING:
    import polars as pl

LINES = 500_000
DOMESTIC = "W2"
"""Area of primary inputs: the domestic economy of each column."""
CPA = "CPA_"
"""Prefix of products in product-by-product tables."""


def read_figaro(source: Files, wish: Wish) -> Table:
    """Read a FIGARO table, flat or as a matrix."""
    name = member(source, wish.year)
    with source.open(name) as stream:
        line = decoded(stream.readline()).rstrip("\r\n")
    head = fields(line, separator_of(line))
    if "obsvalue" in {c.casefold() for c in head}:
        return _flat(source, name, head, separator_of(line), wish)
    return _matrix(source, name, head, separator_of(line), wish)


def _slot(area: str, code: str, card: Layout, side: str) -> Slot:
    if side == "row" and (area == DOMESTIC or code in card.primary):
        return Slot(PRIMARY, "", code)
    if side == "column" and code in card.final:
        return Slot(FINAL, card.region(area), code)
    return Slot(INDUSTRY, card.region(area), code.removeprefix(CPA))


def _facts(source: Files, name: str, wish: Wish, notes: tuple[str, ...] = ()) -> Facts:
    year = year_of(wish, name) or year_of(wish, source.path.name)
    return Facts("figaro", year, wish.unit or layout("figaro").unit, seen=False, notes=notes)


def _matrix(source: Files, name: str, head: list[str], separator: str, wish: Wish) -> Table:
    where, card = str(source.path), layout("figaro")
    shape = Shape(separator, 1, 1, len(head))
    with source.open(name) as stream:
        labels = [r[0] for r in label_columns(stream, shape, where)]
    rows, cols = (
        [(n, _slot(*_pair(n, where), card, side)) for n in names]
        for names, side in ((labels, "row"), (head[1:], "column"))
    )
    made = grid(Axis.of(rows), Axis.of(cols), wish, where)
    with source.open(name) as stream:
        for first, block in blocks(stream, shape, where):
            made.add(first, block)
    return finish(made, source, _facts(source, name, wish))


def _pair(label: str, where: str) -> tuple[str, str]:
    area, found, code = label.partition("_")
    if not found:
        raise fault(f"label {label!r} has no area", where, "a label is area, _ and code")
    return area, code


def _flat(source: Files, name: str, head: list[str], separator: str, wish: Wish) -> Table:
    """Two walks over the file: labels first, then values into their places."""
    where, card = str(source.path), layout("figaro")
    at = _columns(head, where)
    rows: dict[tuple[str, str], None] = {}
    cols: dict[tuple[str, str], None] = {}
    for frame in _frames(source, name, head, separator, at, where):
        rows |= dict.fromkeys(frame.select("ra", "rc").unique(maintain_order=True).iter_rows())
        cols |= dict.fromkeys(frame.select("ca", "cc").unique(maintain_order=True).iter_rows())
    axes = [
        Axis.of((f"{a}_{c}", _slot(a, c, card, side)) for a, c in pairs)
        for pairs, side in ((rows, "row"), (cols, "column"))
    ]
    made = grid(axes[0], axes[1], wish, where)
    require(len(rows), len(cols) - len(rows), np.dtype(np.float64), wish.memory, where)
    whole, twice = np.full((len(rows), len(cols)), np.nan), 0
    places = _places(rows, ("ra", "rc"), "i"), _places(cols, ("ca", "cc"), "j")
    for frame in _frames(source, name, head, separator, at, where):
        placed = frame.join(places[0], on=["ra", "rc"]).join(places[1], on=["ca", "cc"])
        i, j = placed["i"].to_numpy(), placed["j"].to_numpy()
        twice += int((~np.isnan(whole[i, j])).sum()) + len(i) - placed.select("i", "j").n_unique()
        whole[i, j] = placed["v"].to_numpy()
    if twice:
        raise fault(f"{twice} cells stand twice", where, "one line a cell", "remove one of each")
    primary = np.array([s.part == PRIMARY for s in axes[0].slots])
    empty = np.isnan(whole) & ~primary[:, None]
    note = f"{int(empty.sum()):,} cells have no line in the flat file and are taken as 0"
    made.add(0, np.nan_to_num(whole, nan=0.0, posinf=np.inf, neginf=-np.inf))
    return finish(made, source, _facts(source, name, wish, (note,) if empty.any() else ()))


def _places(pairs: Iterable[tuple[str, str]], names: tuple[str, str], place: str) -> pl.DataFrame:
    """The number of each (area, code) in order of first appearance."""
    import polars as pl

    frame = pl.DataFrame(list(pairs), schema=list(names), orient="row")
    return frame.with_row_index(place)


def _columns(head: list[str], where: str) -> dict[str, int]:
    """Place of each of the five columns, by the publisher's names in any edition."""
    low = [c.casefold() for c in head]
    names = {
        "ra": ("refarea",),
        "rc": ("rowii", "rowpi", "rowcode", "rowindustry"),
        "ca": ("counterpartarea",),
        "cc": ("colii", "colpi", "colcode", "colindustry"),
        "v": ("obsvalue",),
    }
    found = {k: next((low.index(n) for n in v if n in low), -1) for k, v in names.items()}
    lacking = [" or ".join(names[k]) for k, at in found.items() if at < 0]
    if lacking:
        raise InputError([Problem(f"no column {n}", where, f"it has {', '.join(head)}") for n in lacking])
    return found


def _frames(
    source: Files, name: str, head: list[str], separator: str, at: dict[str, int], where: str
) -> Iterator[pl.DataFrame]:
    """The flat file in blocks of lines, columns ra, rc, ca, cc (text) and v (number)."""
    import polars as pl

    types = {f"c{k}": pl.Float64 if k == at["v"] else pl.String for k in range(len(head))}
    with source.open(name) as stream:
        stream.readline()
        first = 2
        while lines := list(islice(stream, LINES)):
            try:
                frame = pl.read_csv(
                    io.BytesIO(b"".join(lines)), has_header=False, separator=separator, schema=types
                )
            except pl.exceptions.PolarsError as said:
                place = f"{where}, lines {first} to {first + len(lines) - 1}"
                raise fault("a value is not a number", place, str(said).splitlines()[0]) from None
            if frame[f"c{at['v']}"].null_count():
                bad = frame.with_row_index("line", offset=first).filter(pl.col(f"c{at['v']}").is_null())
                place = f"{where}, line {bad['line'][0]}"
                raise fault(f"{len(bad)} lines have no value", place, "absence is not zero")
            yield frame.select(pl.col(f"c{k}").alias(n) for n, k in at.items())
            first += len(lines)
