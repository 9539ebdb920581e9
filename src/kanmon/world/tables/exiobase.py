"""EXIOBASE 3: tab-separated Z.txt or A.txt, Y.txt, x.txt and unit.txt of a folder or zip.

Layout (notes of the project; the package pymrio reads the same): lines region, sector (or category) and a
third with the names of the two label columns; then one row a node. Z is A times x where there is no Z.txt.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...core.errors import InputError, Problem
from .faults import fault
from .files import Files, decoded
from .finish import Facts, finish, year_of
from .grid import FINAL, INDUSTRY, OUTPUT, Axis, Slot, grid
from .layouts import layout
from .stream import Shape, blocks, fields, label_columns
from .table import Table, Wish

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAB = "\t"


def read_exiobase(source: Files, wish: Wish) -> Table:
    """Read an EXIOBASE 3 table."""
    where, card = str(source.path), layout("exiobase")
    names = {part: source.one(rf"{part}\.txt") for part in ("Z", "A", "Y", "x", "unit")}
    flows = names["Z"] or names["A"]
    lacking = [n for n, there in (("Z.txt or A.txt", flows), ("Y.txt", names["Y"])) if not there]
    if not names["Z"] and not names["x"]:
        lacking.append("x.txt (A.txt alone has no scale)")
    if lacking or flows is None or names["Y"] is None:
        held = ", ".join(source.names[:6]) or "nothing"
        raise InputError(
            [Problem(f"no {n}", where, f"it holds {held}", "unpack the whole archive") for n in lacking]
        )
    members = [flows, names["Y"]]
    heads = {n: _head(source, n, where) for n in members}
    labels = _labels(source, flows, heads[flows][0], where)
    rows = [(f"{r} {s}", Slot(INDUSTRY, card.region(r), s)) for r, s in labels]
    _same(labels, _labels(source, names["Y"], heads[names["Y"]][0], where), names["Y"], where)
    cols = [(f"{r} {s}", Slot(INDUSTRY, card.region(r), s)) for r, s in heads[flows][1]]
    cols += [(f"{r} {s}", Slot(FINAL, card.region(r), s)) for r, s in heads[names["Y"]][1]]
    x = _output(source, names["x"], labels, where) if names["x"] else None
    if x is not None:
        cols.append(("x", Slot(OUTPUT)))
    made = grid(Axis.of(rows), Axis.of(cols), wish, where)
    scale = None if names["Z"] or x is None else _of_columns(heads[flows][1], labels, x)
    parts = [_rows(source, n, heads[n][0], where) for n in members]
    for k, (Z, Y) in enumerate(zip(*parts, strict=True)):
        flow = Z if scale is None else Z * scale
        made.add(k, np.concatenate([flow, Y, [] if x is None else x[k : k + 1]])[None, :])
    notes = ["flows are the coefficients of A.txt times output"] if scale is not None else []
    unit = wish.unit or _unit(source, names["unit"]) or card.unit
    return finish(
        made, source, Facts("exiobase", year_of(wish, source.path.name), unit, seen=False, notes=tuple(notes))
    )


def _head(source: Files, name: str, where: str) -> tuple[Shape, list[tuple[str, str]]]:
    """Shape and (region, sector or category) of each column; the third header line may be absent."""
    with source.open(name) as stream:
        lines = [fields(decoded(stream.readline()).rstrip("\r\n"), TAB) for _ in range(3)]
    if len(lines[0]) < 3 or len(lines[0]) != len(lines[1]):
        raise fault("two header lines of one length are needed", f"{where} {name}", "region, then sector")
    third = bool(lines[2]) and lines[2][0].casefold() == "region"
    shape = Shape(TAB, 3 if third else 2, 2, len(lines[0]))
    return shape, list(zip(lines[0][2:], lines[1][2:], strict=True))


def _labels(source: Files, name: str, shape: Shape, where: str) -> list[tuple[str, str]]:
    with source.open(name) as stream:
        return [(r[0], r[1]) for r in label_columns(stream, shape, f"{where} {name}")]


def _same(ours: list[tuple[str, str]], theirs: list[tuple[str, str]], name: str, where: str) -> None:
    if ours != theirs:
        odd = [f"{a[0]} {a[1]}" for a, b in zip(ours, theirs, strict=False) if a != b][:3]
        why = f"first differences: {', '.join(odd)}" if odd else f"{len(ours)} and {len(theirs)} rows"
        raise fault(f"rows of {name} are not those of the flows", where, why, "take one archive")


def _rows(source: Files, name: str, shape: Shape, where: str) -> Iterator[NDArray[np.float64]]:
    with source.open(name) as stream:
        for _, block in blocks(stream, shape, f"{where} {name}"):
            yield from block


def _output(source: Files, name: str, labels: list[tuple[str, str]], where: str) -> NDArray[np.float64]:
    """x.txt: region, sector, value, under one header line."""
    shape = Shape(TAB, 1, 2, 3)
    _same(labels, _labels(source, name, shape, where), name, where)
    return np.concatenate(list(_rows(source, name, shape, where)))


def _of_columns(
    columns: list[tuple[str, str]], labels: list[tuple[str, str]], x: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Output in the order of the columns."""
    at = {node: k for k, node in enumerate(labels)}
    return np.array([x[at[c]] if c in at else np.nan for c in columns])


def _unit(source: Files, name: str | None) -> str | None:
    """The one unit of unit.txt, in the program's words; None without the file."""
    if name is None:
        return None
    found = {row.split(TAB)[-1].strip() for row in source.head(name, 1 << 20).splitlines()[1:] if row.strip()}
    if len(found) != 1:
        raise fault(f"{len(found)} units in one table", f"{source.path} {name}", ", ".join(sorted(found)[:4]))
    one = found.pop()
    return {"M.EUR": "EUR million", "M.USD": "USD million"}.get(one, one)
