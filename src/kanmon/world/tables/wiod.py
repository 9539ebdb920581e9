"""WIOD tables of the 2013 and 2016 releases: the sheet saved as CSV, the R or Stata table as CSV, arrays.

Sheet: lines of title, then four header lines (code, name, economy, number) and four columns of the same on
the left; columns of one economy c1.. are its industries, then its final uses, last the total. The 2016
table for R and Stata has columns IndustryCode, IndustryDescription, Country, RNr, Year, then vAUS1 .. and
TOT. Rows under the industries are totals and primary inputs (layouts.toml). Sources: notes of the project
on data formats (confidence medium for 2016).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import ArrayFile
from .faults import fault
from .files import Files, decoded
from .finish import Facts, finish, year_of
from .grid import DROP, FINAL, INDUSTRY, OUTPUT, PRIMARY, Axis, Slot, grid
from .icio import member
from .layouts import Layout, layout
from .stream import Shape, blocks, fields, label_columns, separator_of
from .table import Table, Wish

HEAD_LINES = 12
V_LABEL = re.compile(r"v([A-Z]{3}|RoW)(\d+)", re.IGNORECASE)


def read_wiod(source: Files, wish: Wish) -> Table:
    """Read a WIOD table of either release."""
    if source.path.suffix.lower() == ".npz":
        return _arrays(source, wish)
    name = member(source, wish.year)
    lines = source.head(name, 1 << 20).splitlines()[:HEAD_LINES]
    low = {c.casefold() for c in fields(lines[0], separator_of(lines[0]))} if lines else set()
    if {"industrycode", "country", "rnr"} <= low:
        return _flat(source, name, wish)
    return _sheet(source, name, lines, wish)


def _arrays(source: Files, wish: Wish) -> Table:
    """Z, F, output, countries, industries: country-major by the file's README, labels are in the file."""
    where, card = str(source.path), layout("wiod")
    with ArrayFile(source.path) as held:
        held.require(("Z",), ("F",), ("output",), ("countries",), ("industries",))
        regions = [card.region(c) for c in held.texts("countries")]
        rows = [(f"{r} {s}", Slot(INDUSTRY, r, s)) for r in regions for s in held.texts("industries")]
        uses = held.shape("F")[1] // len(regions)
        cols = [
            *rows,
            *((f"{r} final {k + 1}", Slot(FINAL, r, f"final {k + 1}")) for r in regions for k in range(uses)),
        ]
        made = grid(Axis.of(rows), Axis.of([*cols, ("output", Slot(OUTPUT))]), wish, where)
        for first, parts in held.rows(["Z", "F", "output"]):
            made.add(first, np.hstack(parts))
    year = year_of(wish, re.sub(r"(?i)wiod", "", source.path.name))
    return finish(made, source, Facts("wiod", year, wish.unit or card.unit, seen=True))


@dataclass(frozen=True)
class _Sides:
    """Rows and columns of one text file, how to stream it, and what its reader has to say."""

    rows: list[tuple[str, Slot]]
    cols: list[tuple[str, Slot]]
    shape: Shape
    year: int | None


def _fill(source: Files, name: str, sides: _Sides, wish: Wish) -> Table:
    where, card = str(source.path), layout("wiod")
    made = grid(Axis.of(sides.rows), Axis.of(sides.cols), wish, where)
    with source.open(name) as stream:
        for first, block in blocks(stream, sides.shape, where):
            made.add(first, block)
    return finish(made, source, Facts("wiod", sides.year, wish.unit or card.unit, seen=False))


def _sheet(source: Files, name: str, lines: Sequence[str], wish: Wish) -> Table:
    """The workbook's sheet saved as CSV: header lines are found by the codes c1, c2, c3 in one of them."""
    where, card = str(source.path), layout("wiod")
    separator = max((separator_of(line) for line in lines if line), key="".join(lines).count)
    cells = [fields(line, separator) for line in lines]
    codes, economies, last = _header(cells, where)
    shape = Shape(separator, last + 1, 4, len(cells[last]))
    with source.open(name) as stream:
        labels = label_columns(stream, shape, where)
    rows = [(" ".join(row), _row(row[0], row[1], row[2], card)) for row in labels]
    industries = {s.name for _, s in rows if s.part == INDUSTRY}
    cols = [(f"{e} {c}", _col(c, e, industries, card)) for c, e in zip(codes, economies, strict=True)]
    year = year_of(wish, name) or _title_year(lines)
    return _fill(source, name, _Sides(rows, cols, shape, year), wish)


def _header(cells: Sequence[Sequence[str]], where: str) -> tuple[list[str], list[str], int]:
    """(code of each column, its economy, number of the last header line)."""
    numbered = [k for k, row in enumerate(cells) if {"c1", "c2", "c3"} <= set(row[4:])]
    if not numbered or numbered[-1] < 3:
        why = "the sheet has four header lines, the last of them with these numbers"
        raise fault("no line of column codes c1, c2, c3 among the first lines", where, why, "check --kind")
    last = numbered[-1]
    # Header lines run code, name, economy, number: the economy is the line before the last.
    economies, codes = list(cells[last - 1][4:]), list(cells[last - 3][4:])
    if len(codes) != len(cells[last]) - 4 or len(economies) != len(codes):
        raise fault("header lines differ in length", where, "each column has a code and an economy")
    # In the 2016 release the code line holds the industry; final uses and the total have numbers only.
    numbers = cells[last][4:]
    return [c or n for c, n in zip(codes, numbers, strict=True)], economies, last


def _title_year(lines: Sequence[str]) -> int | None:
    found = {int(y) for line in lines[:4] for y in re.findall(r"\b(?:19|20)\d\d\b", line[:200])}
    return found.pop() if len(found) == 1 else None


def _row(code: str, text: str, economy: str, card: Layout) -> Slot:
    """One row: an industry of an economy, a primary input, output, or a total that is not read.

    The codes of the rows under the industries differ between releases, their texts do not.
    """
    for name in (code, text.casefold()):
        if name in card.drop:
            return Slot(DROP)
        if name in card.output:
            return Slot(OUTPUT)
        if name in card.value_added:
            return Slot(PRIMARY, "", "VA")
        if name in card.primary:
            return Slot(PRIMARY, "", name)
    if not economy or economy == "TOT":
        return Slot(PRIMARY, "", text or code)
    return Slot(INDUSTRY, card.region(economy), code)


def _col(code: str, economy: str, industries: set[str], card: Layout) -> Slot:
    if not economy or economy in card.output or code in card.output or not code:
        return Slot(OUTPUT)
    part = INDUSTRY if code in industries else FINAL
    return Slot(part, card.region(economy), code)


def _flat(source: Files, name: str, wish: Wish) -> Table:
    """The 2016 table as it lies in R and Stata files, saved as CSV."""
    where, card = str(source.path), layout("wiod")
    with source.open(name) as stream:
        line = decoded(stream.readline()).rstrip("\r\n")
    separator = separator_of(line)
    head = fields(line, separator)
    low = [c.casefold() for c in head]
    texts = next(k for k, c in enumerate(head) if V_LABEL.fullmatch(c))
    shape = Shape(separator, 1, texts, len(head))
    with source.open(name) as stream:
        labels = label_columns(stream, shape, where)
    code, economy, number = (low.index(c) for c in ("industrycode", "country", "rnr"))
    text = low.index("industrydescription") if "industrydescription" in low else code
    rows = [(f"{r[economy]} {r[code]}", _row(r[code], r[text], r[economy], card)) for r in labels]
    # Industries are numbered alike in every economy, final uses after them.
    named = {
        r[number].split(".")[0]: r[code] for r, (_, s) in zip(labels, rows, strict=True) if s.part == INDUSTRY
    }
    cols = [(c, _v_col(c, named, card)) for c in head[texts:]]
    years = {r[low.index("year")].split(".")[0] for r in labels} if "year" in low[:texts] else set()
    year = int(years.pop()) if len(years) == 1 else year_of(wish, name)
    return _fill(source, name, _Sides(rows, cols, shape, year), wish)


def _v_col(label: str, named: dict[str, str], card: Layout) -> Slot:
    if label in card.output:
        return Slot(OUTPUT)
    found = V_LABEL.fullmatch(label)
    if not found:
        return Slot(DROP)
    region, number = card.region(found[1]), found[2]
    return (
        Slot(INDUSTRY, region, named[number]) if number in named else Slot(FINAL, region, f"final {number}")
    )
