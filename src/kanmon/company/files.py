"""Files of a firm as sheets of text cells: CSV in any encoding, xlsx, Parquet; headers found among notes."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, Problem
from .fields import fold, table_kinds

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet", ".pq"})
LARGE = 4_000_000
"""Bytes from which a text file goes through the fast reader first; it takes only regular files."""
HEADER_WITHIN = 12
"""Rows from the top among which the header is looked for; exports carry titles above it."""


@dataclass(frozen=True)
class Sheet:
    """One sheet as text. frame: columns named as in the file, all text, plus `row` (row in the file)."""

    file: str
    sheet: str
    sha256: str
    encoding: str
    frame: pl.DataFrame
    problems: tuple[Problem, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the user's file."""
        return tuple(c for c in self.frame.columns if c != "row")


def read_sheets(path: Path) -> list[Sheet]:
    """Every sheet of a file that holds anything; InputError where the file cannot be read at all."""
    data = path.read_bytes()
    if not data.strip():
        raise InputError(Problem("the file is empty", path.name, fix="leave it out or fill it"))
    digest = hashlib.sha256(data).hexdigest()
    suffix = path.suffix.lower()
    if suffix in {".parquet", ".pq"}:
        return [_parquet(path, digest)]
    if suffix in {".xlsx", ".xlsm"}:
        return _workbook(path, data, digest)
    text, encoding = decoded(data, path.name)
    fast = _large(text) if len(data) > LARGE else None
    if fast is not None:
        return [Sheet(path.name, "", digest, encoding, fast, ())]
    grid, faults = _grid(text, path.name)
    return [_sheet(path.name, "", digest, encoding, grid, faults)]


def decoded(data: bytes, where: str) -> tuple[str, str]:
    """Text of a file and its encoding: UTF-8, UTF-16, cp932 or gb18030; the header decides between two."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16"), "utf-16"
    if data[:200].count(b"\0") > len(data[:200]) // 4:
        name = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        return data.decode(name), name
    fits = []
    for name in ("utf-8-sig", "cp932", "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if name == "utf-8-sig":
            return text, "utf-8"
        fits.append((_known(text.split("\n", 1)[0]), name, text))
    if not fits:
        raise InputError(
            Problem(
                "the file is not text in any encoding tried", where, "UTF-8, UTF-16, cp932, gb18030 all fail"
            )
        )
    _, name, text = max(fits, key=lambda found: found[0])
    return text, name


def _known(line: str) -> int:
    """How many cells of a line are header words of some table."""
    every = {word for kind in table_kinds().values() for field in kind.fields for word in field.words}
    return sum(fold(cell) in every for cell in next(csv.reader([line], delimiter=_separator(line)), []))


def _separator(line: str) -> str:
    return max(",\t;|", key=line.count)


def _large(text: str) -> pl.DataFrame | None:
    """A regular file (header on top, no cell over several lines) read fast; None where it is not one."""
    import polars as pl

    head = text[: 1 << 16].split("\n", HEADER_WITHIN)[:HEADER_WITHIN]
    separator = _separator("\n".join(head))
    if header_row([next(csv.reader([line], delimiter=separator), []) for line in head]):
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
    first = "\n".join(text.split("\n", HEADER_WITHIN)[:HEADER_WITHIN])
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=_separator(first))
    try:
        return list(reader), []
    except csv.Error as error:
        raise InputError(Problem("the file cannot be read as a table", name, str(error))) from error


def _workbook(path: Path, data: bytes, digest: str) -> list[Sheet]:
    import fastexcel

    try:
        book = fastexcel.read_excel(data)
    except Exception as error:  # the library raises many kinds for files that are no workbooks
        raise InputError(Problem("not an Excel workbook", path.name, str(error).splitlines()[0])) from error
    found = []
    for name in book.sheet_names:
        frame = book.load_sheet(name, header_row=None, dtypes="string").to_polars()
        grid = [["" if cell is None else cell for cell in row] for row in frame.iter_rows()]
        if any(cell.strip() for row in grid for cell in row):
            found.append(_sheet(path.name, name, digest, "xlsx", grid, []))
    return found


def _parquet(path: Path, digest: str) -> Sheet:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(Problem("not a Parquet file", path.name, str(error).splitlines()[0])) from error
    frame = frame.with_columns(pl.all().cast(pl.String, strict=False)).with_row_index("row", offset=2)
    return Sheet(path.name, "", digest, "parquet", frame.with_columns(pl.col("row").cast(pl.Int64)), ())


def _sheet(
    file: str, sheet: str, digest: str, encoding: str, grid: Sequence[Sequence[str]], faults: list[Problem]
) -> Sheet:
    """A grid of cells with its header found, short rows filled, empty rows dropped, long rows named."""
    import polars as pl

    top = header_row(grid)
    names = _distinct([cell.strip().strip("\ufeff") for cell in grid[top]] if grid else [])
    rows, numbers, problems = [], [], list(faults)
    for number, cells in enumerate(grid[top + 1 :], start=top + 2):
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(names) :]):
            problems.append(
                Problem(
                    f"{len(cells)} cells under {len(names)} columns",
                    f"{file} row {number}",
                    "a separator inside a cell needs quotes around it",
                    "the row was left out",
                )
            )
            continue
        rows.append([*cells[: len(names)], *[""] * (len(names) - len(cells))])
        numbers.append(number)
    schema = dict.fromkeys(names, pl.String)
    frame = pl.DataFrame(rows, schema=schema, orient="row") if rows else pl.DataFrame(schema=schema)
    row = pl.Series("row", numbers, pl.Int64)
    return Sheet(file, sheet, digest, encoding, frame.with_columns(row), tuple(problems))


def header_row(grid: Sequence[Sequence[str]]) -> int:
    """Index of the row with most known header words among the first; 0 where none is known."""
    every = {word for kind in table_kinds().values() for field in kind.fields for word in field.words}
    known = [sum(fold(cell) in every for cell in row) for row in grid[:HEADER_WITHIN]]
    return known.index(max(known)) if known and max(known) > 1 else 0


def _distinct(names: Sequence[str]) -> list[str]:
    """Column names made distinct: a second "qty" becomes "qty (2)", an empty one "column 3"."""
    seen: dict[str, int] = {"row": 1}
    out = []
    for place, name in enumerate(names, start=1):
        word = name or f"column {place}"
        seen[word] = seen.get(word, 0) + 1
        out.append(word if seen[word] == 1 else f"{word} ({seen[word]})")
    return out
