"""Your own table: arrays in an npz, one wide file, or a folder with Z, Y and x files.

npz: Z (N, N); x (N,) and/or Y (N, F); regions, sectors; then either row_regions and row_sectors (N each:
labels decide) or `order`, "country-major" or "sector-major", in the file or from the caller: an array
without labels is never guessed. Optional: categories (F names, with final_regions), VA (N,), year, unit.

Wide file (CSV or Parquet): columns `region`, `sector`, then one column a buyer, named region and sector with
one of `_ : | ` between, then final demand likewise, then optionally `x`. Rows after the industries named
`VA` in the column `region` are primary inputs.

Folder or zip: Z.*, and Y.* and/or x.* of the same shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...core.errors import InputError, Problem
from .arrays import ArrayFile, order_slots
from .files import Files
from .finish import Facts, finish, year_of
from .grid import DROP, FINAL, INDUSTRY, OUTPUT, PRIMARY, Axis, Slot, grid
from .stream import Shape, blocks, fields, label_columns, separator_of
from .table import Table, Wish

if TYPE_CHECKING:
    from numpy.typing import NDArray

X_NAMES = {"x", "output", "out", "go"}
VA_NAMES = {"va", "value_added"}
JOINTS = ("_", ":", "|", " ")


def read_plain(source: Files, wish: Wish) -> Table:
    """Read your own table in whichever of its shapes."""
    if source.path.suffix.lower() == ".npz":
        return _npz(source, wish)
    if source.many:
        return _parts(source, wish)
    return _wide(source, wish)


# --- npz ---------------------------------------------------------------------------------------------


def _npz(source: Files, wish: Wish) -> Table:
    where = str(source.path)
    with ArrayFile(source.path) as held:
        held.require(("Z",), ("regions", "countries"), ("sectors", "industries"))
        N = held.square("Z")
        regions, sectors = held.texts("regions", "countries"), held.texts("sectors", "industries")
        if held.has("row_regions", "row_sectors"):
            nodes = list(zip(held.texts("row_regions"), held.texts("row_sectors"), strict=True))
        else:
            order = wish.order or held.text("order")
            nodes = order_slots(regions, sectors, N, order, where)
        rows = [(f"{r} {s}", Slot(INDUSTRY, r, s)) for r, s in nodes]
        cols = list(rows)
        final, output = held.first("Y", "F", "final"), held.first("x", "output")
        if final:
            count = held.shape(final)[1] if len(held.shape(final)) > 1 else 1
            cols += [(f"{r} {c}", Slot(FINAL, r, c)) for r, c in _finals(held, regions, count, where)]
        if output:
            cols.append(("x", Slot(OUTPUT)))
        names = ["Z", *[n for n in (final, output) if n]]
        made = grid(Axis.of(rows), Axis.of(cols), wish, where)
        for first, parts in held.rows(names):
            made.add(first, np.hstack(parts))
        year = wish.year or held.number("year")
        unit = wish.unit or held.text("unit") or ""
    facts = Facts("plain", year or year_of(wish, source.path.name), unit, seen=True)
    return finish(made, source, _unit(facts))


def _finals(held: ArrayFile, regions: Sequence[str], count: int, where: str) -> list[tuple[str, str]]:
    """(region, category) of each final column: stated, or an equal number for each region in order."""
    if held.has("final_regions", "categories"):
        return list(zip(held.texts("final_regions"), held.texts("categories"), strict=True))
    if count == 1:
        return [("all", "final")]
    if count % len(regions):
        raise InputError(
            Problem(
                f"{count} columns of final demand do not divide over {len(regions)} regions",
                where,
                "without final_regions and categories they stand region by region",
                "add arrays final_regions and categories, one entry a column",
            )
        )
    return [(r, f"final {k + 1}") for r in regions for k in range(count // len(regions))]


def _unit(facts: Facts) -> Facts:
    if facts.unit:
        return facts
    note = "the unit is not stated: it is taken to be USD million, as everywhere else in the program"
    return Facts(facts.kind, facts.year, "USD million", facts.seen, (*facts.notes, note))


# --- wide text and Parquet ------------------------------------------------------------------------------


def _wide(source: Files, wish: Wish) -> Table:
    name = source.names[0]
    where = str(source.path)
    head, labels = _labels(source, name)
    rows = _row_slots(labels)
    cols, faults = _col_slots(head, {(s.region, s.name) for _, s in rows if s.part == INDUSTRY}, where)
    made = grid(Axis.of(rows), Axis.of(cols), wish, where, faults)
    for first, block in _blocks(source, name, len(head) + 2):
        made.add(first, block)
    facts = Facts("plain", year_of(wish, name), wish.unit or "", seen=True)
    return finish(made, source, _unit(facts))


def _parts(source: Files, wish: Wish) -> Table:
    """Z with Y and x beside it: read as one wide table, so that labels are held against each other."""
    where = str(source.path)
    found = {part: source.one(part + r"\.(csv|tsv|txt|parquet)") for part in ("Z", "Y", "x")}
    if found["Z"] is None or (found["Y"] is None and found["x"] is None):
        held = ", ".join(source.names[:6]) or "nothing"
        raise InputError(
            Problem(
                "no Z file, or neither a Y nor an x file",
                where,
                f"it holds {held}",
                "name them Z.csv, Y.csv, x.csv",
            )
        )
    members = [n for n in found.values() if n]
    read = {n: _labels(source, n) for n in members}
    rows = _row_slots(read[members[0]][1])
    nodes = {(s.region, s.name) for _, s in rows if s.part == INDUSTRY}
    wrong = [n for n in members[1:] if _row_slots(read[n][1])[: len(nodes)] != rows[: len(nodes)]]
    if wrong:
        raise InputError(
            Problem(
                f"rows of {', '.join(wrong)} are not those of {members[0]}",
                where,
                "one order of rows",
                "sort them alike",
            )
        )
    heads = [c for n in members for c in (["x"] if n == found["x"] else read[n][0])]
    cols, faults = _col_slots(heads, nodes, where)
    made = grid(Axis.of(rows), Axis.of(cols), wish, where, faults)
    streams = [_each(_blocks(source, n, len(read[n][0]) + 2)) for n in members]
    for k, parts in enumerate(zip(*streams, strict=False)):
        made.add(k, np.concatenate(parts)[None, :])
    facts = Facts("plain", year_of(wish, source.path.name), wish.unit or "", seen=True)
    return finish(made, source, _unit(facts))


def _each(found: Iterator[tuple[int, NDArray[np.float64]]]) -> Iterator[NDArray[np.float64]]:
    """One row at a time, so that files of different width keep step."""
    for _, block in found:
        yield from block


def _labels(source: Files, name: str) -> tuple[list[str], list[tuple[str, str]]]:
    """(names of the number columns, (region, sector) of each row) of a wide file."""
    if name.lower().endswith(".parquet"):
        import polars as pl

        scan = pl.scan_parquet(_local(source, name))
        names = scan.collect_schema().names()
        first = scan.select(names[:2]).collect()
        return names[2:], [(str(a), str(b)) for a, b in first.iter_rows()]
    shape, head = _shape(source, name)
    with source.open(name) as stream:
        rows = label_columns(stream, shape, f"{source.path}")
    return head, [(r[0], r[1]) for r in rows]


def _shape(source: Files, name: str) -> tuple[Shape, list[str]]:
    from .files import decoded

    with source.open(name) as stream:
        line = decoded(stream.readline()).rstrip("\r\n")
    separator = separator_of(line)
    cells = fields(line, separator)
    if [c.casefold() for c in cells[:2]] != ["region", "sector"]:
        raise InputError(
            Problem(
                f"the first two columns are {cells[:2]}, not region and sector",
                f"{source.path} {name}",
                "a table of your own names each row by these two columns",
                "name them region and sector, or say --kind for a published format",
            )
        )
    return Shape(separator, 1, 2, len(cells), frozenset(VA_NAMES | X_NAMES)), cells[2:]


def _blocks(source: Files, name: str, columns: int) -> Iterator[tuple[int, NDArray[np.float64]]]:
    if name.lower().endswith(".parquet"):
        import polars as pl

        scan, first, size = pl.scan_parquet(_local(source, name)), 0, max(1, 2_000_000 // columns)
        names = scan.collect_schema().names()[2:]
        while True:
            block = scan.slice(first, size).select(pl.col(names).cast(pl.Float64)).collect().to_numpy()
            if not len(block):
                return
            yield first, block
            first += len(block)
    shape, _ = _shape(source, name)
    with source.open(name) as stream:
        yield from blocks(stream, shape, str(source.path))


def _local(source: Files, name: str) -> Path:
    if source.is_zip:
        raise InputError(
            Problem("Parquet inside a zip is not read", str(source.path), fix="unpack it into a folder")
        )
    return source.path / name if source.path.is_dir() else source.path


def _row_slots(labels: Sequence[tuple[str, str]]) -> list[tuple[str, Slot]]:
    def slot(region: str, sector: str) -> Slot:
        if region.casefold() in VA_NAMES or sector.casefold() in VA_NAMES:
            return Slot(PRIMARY, "", "VA")
        if region.casefold() in X_NAMES and not sector:
            return Slot(OUTPUT)
        return Slot(INDUSTRY, region, sector)

    return [(f"{r} {s}".strip(), slot(r, s)) for r, s in labels]


def _col_slots(
    head: Sequence[str], nodes: set[tuple[str, str]], where: str
) -> tuple[list[tuple[str, Slot]], list[Problem]]:
    """Columns by the rows' own (region, sector) pairs: what is none of them is final demand of a region.

    With it what is wrong with columns that belong to no region.
    """
    joined = {f"{r}{j}{s}": (r, s) for r, s in nodes for j in JOINTS}
    regions = sorted({r for r, _ in nodes}, key=len, reverse=True)
    found, strange = [], []
    for name in head:
        if name in joined:
            found.append((name, Slot(INDUSTRY, *joined[name])))
            continue
        if name.casefold() in X_NAMES:
            found.append((name, Slot(OUTPUT)))
            continue
        owner = next((r for r in regions if name.startswith(tuple(r + j for j in JOINTS))), None)
        if owner is None:
            strange.append(name)
            found.append((name, Slot(DROP)))
        else:
            found.append((name, Slot(FINAL, owner, name[len(owner) + 1 :])))
    faults = [
        Problem(
            f"{len(strange)} columns belong to no region of the rows: {', '.join(strange[:8])}",
            where,
            "a column is region and sector, region and final use, or x",
            "name it after a region of the rows",
        )
    ]
    return found, faults if strange else []
