"""OECD ICIO tables: the CSV of either release, old and new labels, and the array file of the project.

Layout (notes of the project on data formats, section 1a): one row a node, `ARG_A01`, then TLS, VA and OUT,
one row each for all economies; columns the nodes, then final uses `ARG_HFCE`, then OUT. The extended release
splits two economies into parts whose final uses stand under the whole: parts are summed (layouts.toml).
The 2016 edition writes labels the other way round, `A01_ARG`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .arrays import ArrayFile
from .faults import fault
from .files import Files, decoded, year_in
from .finish import Facts, finish, year_of
from .grid import DROP, FINAL, INDUSTRY, OUTPUT, PRIMARY, Axis, Slot, grid
from .layouts import Layout, layout
from .stream import Shape, blocks, fields, label_columns, separator_of
from .table import Table, Wish

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLANES = 5
REGION = re.compile(r"[A-Z]{2}[A-Z0-9]")


def read_icio(source: Files, wish: Wish) -> Table:
    """Read an ICIO table."""
    if source.path.suffix.lower() == ".npz":
        return _planes(source, wish)
    name = member(source, wish.year)
    where = str(source.path)
    with source.open(name) as stream:
        line = decoded(stream.readline()).rstrip("\r\n")
    head = fields(line, separator_of(line))
    shape = Shape(separator_of(line), 1, 1, len(head))
    with source.open(name) as stream:
        labels = [row[0] for row in label_columns(stream, shape, where)]
    card = layout("icio")
    turned = _turned(labels, card)
    rows = [(n, _slot(n, card, turned=turned, side="row")) for n in labels]
    cols = [(n, _slot(n, card, turned=turned, side="column")) for n in head[1:]]
    _strange([*rows, *cols], where)
    made = grid(Axis.of(rows), Axis.of(cols), wish, where)
    with source.open(name) as stream:
        for first, block in blocks(stream, shape, where):
            made.add(first, block)
    notes = _folded([n for n, s in rows if s.part == INDUSTRY], card, turned=turned)
    return finish(
        made, source, Facts("icio", year_of(wish, name), wish.unit or card.unit, seen=True, notes=notes)
    )


def member(source: Files, year: int | None) -> str:
    """The one table file of an archive or folder; by its year where there are several."""
    found = [n for n in source.names if re.search(r"\.(csv|txt|tsv)(\.gz)?$", n, re.IGNORECASE)]
    if not source.many:
        return source.names[0]
    chosen = [n for n in found if year is None or year_in(n) == year]
    if len(chosen) == 1:
        return chosen[0]
    years = sorted({y for n in found if (y := year_in(n)) is not None})
    held = ", ".join(map(str, years)) or ", ".join(found[:6]) or "none"
    raise fault(
        f"{len(chosen)} tables answer to {'any year' if year is None else year}",
        str(source.path),
        f"the archive holds {len(found)} files of text: {held}",
        "year=2022 (--year 2022), or unpack the one you want",
    )


def _turned(labels: Sequence[str], card: Layout) -> bool:
    """Whether the region stands last in the labels, as in the oldest edition."""
    nodes = [n for n in labels if "_" in n and n not in card.primary]
    first = all(REGION.fullmatch(n.split("_", 1)[0]) for n in nodes)
    return not first and all(REGION.fullmatch(n.rsplit("_", 1)[-1]) for n in nodes)


def _split(label: str, *, turned: bool) -> tuple[str, str]:
    """(region, sector or use) of one label; an empty region where there is none."""
    if "_" not in label:
        return "", label
    if turned:
        rest, region = label.rsplit("_", 1)
        return region, rest
    region, rest = label.split("_", 1)
    return region, rest


def _slot(label: str, card: Layout, *, turned: bool, side: str) -> Slot:
    if label.upper() in card.output:
        return Slot(OUTPUT)
    region, rest = _split(label, turned=turned)
    if side == "row":
        for name in (label, rest, region):
            if name in card.primary:
                return Slot(PRIMARY, "", name)
    if not region or not REGION.fullmatch(region):
        return Slot(DROP, "?", label)
    if side == "column" and rest in card.final:
        return Slot(FINAL, card.region(region), rest)
    # A part of an economy is a node of its own until it is added to the whole.
    return Slot(INDUSTRY, card.region(region), rest)


def _strange(slots: Sequence[tuple[str, Slot]], where: str) -> None:
    odd = [label for label, slot in slots if slot == Slot(DROP, "?", label)]
    if odd:
        raise fault(
            f"{len(odd)} labels are neither industry, final use, VA, TLS nor OUT: {', '.join(odd[:8])}",
            where,
            "a label is an economy's code of three characters, _ and a sector or use",
            "check --kind, or mend the labels",
        )


def _folded(labels: Sequence[str], card: Layout, *, turned: bool) -> tuple[str, ...]:
    """A note for each economy that stands in parts in the file."""
    parts: dict[str, set[str]] = {}
    for label in labels:
        code = _split(label, turned=turned)[0]
        parts.setdefault(card.region(code), set()).add(code)
    return tuple(
        f"{whole} is the sum of {', '.join(sorted(codes))}"
        for whole, codes in parts.items()
        if len(codes) > 1
    )


def _planes(source: Files, wish: Wish) -> Table:
    """The project's own array file: whole numbers of a small unit in five byte planes, sector-major.

    The file states its order in its README; final use by destination and value added are not in it.
    """
    where, card = str(source.path), layout("icio")
    with ArrayFile(source.path) as held:
        held.require(
            *((f"Z_byte{k}",) for k in range(PLANES)), ("output",), ("countries",), ("sectors",), ("scale",)
        )
        nodes = [(r, s) for s in held.texts("sectors") for r in held.texts("countries")]
        slots = [(f"{r}_{s}", Slot(INDUSTRY, r, s)) for r, s in nodes]
        made = grid(Axis.of(slots), Axis.of([*slots, ("output", Slot(OUTPUT))]), wish, where)
        for first, block in _joined(held):
            made.add(first, block)
    year = wish.year if wish.year is not None else _edition_year(source.path.name)
    notes = ("sales to economies outside the file and all final use are output less the sum of the row",)
    return finish(made, source, Facts("icio", year, wish.unit or card.unit, seen=True, notes=notes))


def _edition_year(name: str) -> int | None:
    found = re.match(r"icio(\d{4})", name)
    return int(found[1]) if found else None


def _joined(held: ArrayFile) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Blocks of flows and output in the table's unit, each the double nearest to the published decimals."""
    steps = float(round(1 / float(held.load("scale"))))
    names = [f"Z_byte{k}" for k in range(PLANES)]
    for first, parts in held.rows([*names, "output"]):
        units = sum(part * float(256**k) for k, part in enumerate(parts[:PLANES]))
        yield first, np.hstack([units, parts[-1]]) / steps
