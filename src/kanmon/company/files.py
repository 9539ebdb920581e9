"""Files of a firm as sheets of text cells: CSV in any encoding, xlsx, Parquet; headers found among notes."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..core.errors import InputError, Problem
from ..measure import check_text
from .fields import fold, table_kinds

if TYPE_CHECKING:
    import polars as pl

    from .declarations import Declared

XML = frozenset({".xml", ".shai"})
SUFFIXES = XML | {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet", ".pq"}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of workbooks: zip archives, and the older compound files."""
DECLARATION = "content"
"""Name of the sheet that a material declaration becomes."""
LARGE = 4_000_000
"""Bytes from which a text file goes through the fast reader first; it takes only regular files."""
HEADER_WITHIN = 12
"""Rows from the top among which the header is looked for; exports carry titles above it."""


@dataclass(frozen=True)
class Sheet:
    """One sheet as text. frame: columns named as in the file, all text, plus `row` (row in the file).
    merged: column -> row -> text of the merged area that an empty cell lies in. separator: between the cells
    of a text file; "" for workbooks and Parquet, whose cells may be numbers. shifted: rows with more cells
    than the header; they are given back and not read.
    """

    file: str
    sheet: str
    sha256: str
    encoding: str
    frame: pl.DataFrame
    problems: tuple[Problem, ...]
    merged: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    separator: str = ""
    shifted: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the user's file."""
        return tuple(c for c in self.frame.columns if c != "row")


def read_sheets(path: Path) -> list[Sheet]:
    """Every sheet of a file that holds anything; InputError where the file cannot be read at all.

    What a file is its first bytes tell, not its name alone: exports called .xls are often plain text.
    """
    data = path.read_bytes()
    if not data.strip():
        raise InputError(Problem("the file is empty", path.name, fix="leave it out or fill it"))
    digest = hashlib.sha256(data).hexdigest()
    suffix = path.suffix.lower()
    if suffix in {".parquet", ".pq"}:
        return [_parquet(path, digest)]
    if data.startswith(WORKBOOKS):
        from .workbooks import read_workbook

        return read_workbook(path.name, data, digest)
    if suffix in XML:
        from .declarations_xml import read_xml

        return [content_sheet(path.name, digest, "xml", read_xml(data, path.name))]
    text = check_text.decode(data, path.name, _known)
    encoding = _encoding(data, text)
    fast = _large(text) if len(data) > LARGE else None
    if fast is not None:
        return [Sheet(path.name, "", digest, encoding, fast, (), separator=_separator_of(text))]
    grid, faults = _grid(text, path.name)
    return [replace(from_grid(path.name, "", digest, encoding, grid, faults), separator=_separator_of(text))]


def content_sheet(file: str, digest: str, encoding: str, said: Declared) -> Sheet:
    """A material declaration as a sheet of the table of contents."""
    import polars as pl

    names = [field.name for field in table_kinds()["content"].fields]
    frame = pl.DataFrame(
        [[row.get(name, "") for name in names] for _, row in said.rows],
        schema=dict.fromkeys(names, pl.String),
        orient="row",
    )
    frame = frame.with_columns(row=pl.Series([number for number, _ in said.rows], dtype=pl.Int64))
    return Sheet(file, DECLARATION, digest, f"{encoding}, {said.kind}", frame, said.problems)


def _encoding(data: bytes, text: str) -> str:
    """Name of the encoding a text was read with."""
    for name in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932", "gb18030", "cp1252"):
        try:
            if data.decode(name) == text:
                return name.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    return "utf-8, with bytes that could not be read"


@cache
def header_words() -> frozenset[str]:
    """Every word that stands for a field of some table, folded."""
    return frozenset(word for kind in table_kinds().values() for f in kind.fields for word in f.words)


def _known(line: str) -> int:
    """How many cells of a line are header words of some table."""
    return _words(next(csv.reader([line], delimiter=_separator(line)), []))


def _separator(line: str) -> str:
    return max(",\t;|", key=line.count)


def _separator_of(text: str) -> str:
    """The separator of a text file, by its first lines."""
    return _separator("\n".join(text.split("\n", HEADER_WITHIN)[:HEADER_WITHIN]))


def _large(text: str) -> pl.DataFrame | None:
    """A regular file (header on top, no cell over several lines) read fast; None where it is not one."""
    import polars as pl

    head = text[: 1 << 16].split("\n", HEADER_WITHIN)[:HEADER_WITHIN]
    separator = _separator("\n".join(head))
    rows = [next(csv.reader([line], delimiter=separator), []) for line in head]
    if header_row(rows) or _second(rows, 0):
        return None
    try:
        frame = pl.read_csv(text.encode(), separator=separator, infer_schema=False).fill_null("")
    except pl.exceptions.PolarsError:
        return None
    if frame.height != text.rstrip("\n").count("\n"):
        return None
    frame = frame.rename(dict(zip(frame.columns, _distinct(frame.columns), strict=True)))
    return frame.with_row_index("row", offset=2).with_columns(pl.col("row").cast(pl.Int64))


def _grid(text: str, name: str) -> tuple[list[list[str]], list[Problem]]:
    csv.field_size_limit(1 << 30)
    separator = _separator_of(text)
    plain = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    if plain.count('"') % 2:
        return _by_line(plain, separator, name)
    try:
        return list(csv.reader(io.StringIO(plain, newline=""), delimiter=separator)), []
    except csv.Error as error:
        raise InputError(Problem("the file cannot be read as a table", name, str(error))) from error


def _by_line(text: str, separator: str, name: str) -> tuple[list[list[str]], list[Problem]]:
    """Lines one by one, since a quote is never closed: it would take in all the lines after it."""
    rows, faults = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        closed = line.count('"') % 2 == 0
        plain = csv.reader([line], delimiter=separator, quoting=csv.QUOTE_NONE)
        rows.append(next(csv.reader([line], delimiter=separator) if closed else plain, []))
        if not closed:
            why = "the line was read without its quotes"
            faults.append(Problem("a quote is not closed", f"{name} row {number}", why, 'write "" for one'))
    return rows, faults


def _parquet(path: Path, digest: str) -> Sheet:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(Problem("not a Parquet file", path.name, str(error).splitlines()[0])) from error
    frame = frame.with_columns(pl.all().cast(pl.String, strict=False)).with_row_index("row", offset=2)
    return Sheet(path.name, "", digest, "parquet", frame.with_columns(pl.col("row").cast(pl.Int64)), ())


def from_grid(
    file: str,
    sheet: str,
    digest: str,
    encoding: str,
    grid: Sequence[Sequence[str]],
    faults: Sequence[Problem],
    merged: Mapping[tuple[int, int], str] = MappingProxyType({}),
) -> Sheet:
    """A grid of cells with its header found, short rows filled, empty rows dropped, long rows named.

    merged: (row, column) of the file, from 0, of cells inside a merged area -> the text of the area.
    """
    import polars as pl

    top = header_row(grid)
    names, below = _header(grid, top)
    width = max((_filled_width(cells) for cells in grid[below:] if len(cells) > len(names)), default=0)
    known, wide = len(names), _distinct([*names, *[""] * (width - len(names))])
    rows, numbers, shifted, problems = [], [], [], list(faults)
    for number, cells in enumerate(grid[below:], start=below + 1):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > known and _filled_width(cells) > known:
            problems.append(_too_wide(f"{file} row {number}", len(cells), known))
            shifted.append(number)
        rows.append([*cells[: len(wide)], *[""] * (len(wide) - len(cells))])
        numbers.append(number)
    names, schema = wide, dict.fromkeys(wide, pl.String)
    frame = pl.DataFrame(rows, schema=schema, orient="row") if rows else pl.DataFrame(schema=schema)
    row = pl.Series("row", numbers, pl.Int64)
    inside: dict[str, dict[int, str]] = {}
    for (line, column), text in merged.items():
        if line >= below and column < len(names):
            inside.setdefault(names[column], {})[line + 1] = text
    frame = frame.with_columns(row)
    return Sheet(file, sheet, digest, encoding, frame, tuple(problems), inside, shifted=tuple(shifted))


def _filled_width(cells: Sequence[str]) -> int:
    """Cells of a row up to the last that is filled."""
    return next((n for n in range(len(cells), 0, -1) if cells[n - 1].strip()), 0)


def _too_wide(where: str, cells: int, columns: int) -> Problem:
    return Problem(
        f"{cells} cells under {columns} columns",
        where,
        "a separator inside a cell needs quotes around it; which cell belongs where cannot be told",
        "the row was not read; it is given back as it stands",
    )


def header_row(grid: Sequence[Sequence[str]]) -> int:
    """Index of the row with most known header words among the first; 0 where none is known."""
    known = [_words(row) for row in grid[:HEADER_WITHIN]]
    return known.index(max(known)) if known and max(known) > 1 else 0


def _words(row: Sequence[str]) -> int:
    """How many cells of a row are header words of some table."""
    every = header_words()
    return sum(fold(cell) in every for cell in row)


def _header(grid: Sequence[Sequence[str]], top: int) -> tuple[list[str], int]:
    """Names of the columns, and the index of the first row below the header.

    A second header row (most of its cells are header words) gives the name where the first has none, or
    one word over several columns.
    """
    first = [cell.strip().strip("\ufeff") for cell in grid[top]] if grid else []
    if not _second(grid, top):
        return _distinct(first), top + 1
    second = [cell.strip() for cell in grid[top + 1]]
    width = max(len(first), len(second))
    first += [""] * (width - len(first))
    second += [""] * (width - len(second))
    names = []
    for place, (upper, lower) in enumerate(zip(first, second, strict=True)):
        spans = place + 1 < width and not first[place + 1] and bool(second[place + 1])
        known = fold(lower) in header_words()
        names.append(lower if lower and (not upper or spans or (known and _words([upper]) == 0)) else upper)
    return _distinct(names), top + 2


def _second(grid: Sequence[Sequence[str]], top: int) -> bool:
    """Whether the row below the header is a header row too."""
    if top + 1 >= len(grid):
        return False
    filled = [cell for cell in grid[top + 1] if cell.strip()]
    return _words(filled) >= 2 and 2 * _words(filled) > len(filled)


def _distinct(names: Sequence[str]) -> list[str]:
    """Column names made distinct: a second "qty" becomes "qty (2)", an empty one "column 3"."""
    seen: dict[str, int] = {"row": 1}
    out = []
    for place, name in enumerate(names, start=1):
        word = name or f"column {place}"
        seen[word] = seen.get(word, 0) + 1
        out.append(word if seen[word] == 1 else f"{word} ({seen[word]})")
    return out
