"""Delimited text read in blocks of rows, so that a file never stands in memory beside its table."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from ...core.errors import InputError, Problem
from .files import decoded

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELLS = 1_000_000
"""Cells parsed at a time: some 30 MB of text."""
SHOWN = 20
"""Faults named one by one."""
SEPARATORS = "\t;,"


@dataclass(frozen=True)
class Shape:
    """How a text file is laid out: separator, lines before the numbers, text columns before the numbers."""

    separator: str
    head: int
    labels: int
    columns: int
    """Columns in all, text ones counted."""
    free: frozenset[str] | None = None
    """First labels of rows that may have empty cells; None where a reader cannot say."""


def separator_of(line: str) -> str:
    """The separator of a header line: the candidate that stands in it most often."""
    return max(SEPARATORS, key=line.count)


def fields(line: str, separator: str) -> list[str]:
    """The cells of one line, quotes removed, blanks trimmed."""
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]


def label_columns(stream: BinaryIO, shape: Shape, where: str) -> list[tuple[str, ...]]:
    """The text cells of every row of numbers; the rest of the line is not parsed. Blank lines end nothing."""
    found = []
    for number, raw in enumerate(islice(stream, shape.head, None), shape.head + 1):
        line = raw.rstrip(b"\r\n")
        if not line:
            continue
        # Labels with separators inside quotes are rare; only such lines pay for a full parse.
        start = line[:4096]
        if b'"' in start:
            cells = fields(decoded(line), shape.separator)[: shape.labels]
        else:
            cells = [
                c.strip() for c in decoded(line[:8192]).split(shape.separator, shape.labels)[: shape.labels]
            ]
        if len(cells) < shape.labels:
            raise InputError(
                Problem(
                    f"line {number} has no labels", where, f"{shape.labels} are needed before the numbers"
                )
            )
        found.append(tuple(cells))
    return found


def blocks(stream: BinaryIO, shape: Shape, where: str) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """(number of the first row, block of rows) of the numbers; an empty cell is NaN.

    InputError names the first cells that are no numbers by line and column, and lines of another
    length.
    """
    for _ in range(shape.head):
        stream.readline()
    size, first = max(1, CELLS // max(1, shape.columns)), 0
    while lines := [line for line in islice(stream, size) if line.strip()]:
        yield first, _numbers(b"".join(lines), shape, where, first)
        first += len(lines)


def _numbers(text: bytes, shape: Shape, where: str, first: int) -> NDArray[np.float64]:
    """One block of lines as floats, (rows, columns - labels)."""
    import polars as pl

    names = [f"c{k}" for k in range(shape.columns)]
    types = {n: pl.String if k < shape.labels else pl.Float64 for k, n in enumerate(names)}
    options: dict[str, Any] = {
        "has_header": False,
        "separator": shape.separator,
        "decimal_comma": shape.separator == ";" and b"," in text,
        "encoding": "utf8-lossy",
    }
    try:
        frame = pl.read_csv(io.BytesIO(text), schema=types, **options)
    except pl.exceptions.PolarsError as fault:
        raise InputError(_faults(text, shape, where, first, str(fault))) from None
    return frame[:, shape.labels :].to_numpy()


def _faults(text: bytes, shape: Shape, where: str, first: int, said: str) -> list[Problem]:
    """What is wrong with a block that could not be parsed: cells that are no numbers, lines too long."""
    problems = []
    for k, line in enumerate(text.splitlines()):
        cells = fields(decoded(line), shape.separator)
        number = shape.head + first + k + 1
        if len(cells) != shape.columns:
            problems.append(
                Problem(
                    f"line {number} has {len(cells)} cells, not {shape.columns}", where, fix="mend the line"
                )
            )
        whole = shape.free is not None and cells[:1] and cells[0].casefold() not in shape.free
        for j, cell in enumerate(cells[shape.labels : shape.columns], shape.labels + 1):
            value = cell.replace(",", ".") if shape.separator == ";" else cell
            if (cell and not _is_number(value)) or (whole and not cell):
                what = f"{cell!r} is not a number" if cell else "a cell is empty"
                fix = "write a number, or 0 where nothing is sold"
                problems.append(Problem(what, f"{where}, line {number}, column {j}", fix=fix))
    if len(problems) > SHOWN:
        rest = f"and {len(problems) - SHOWN} more cells or lines in the same block"
        problems = [*problems[:SHOWN], Problem(rest, where)]
    return problems or [Problem("the file cannot be read as numbers", where, said.splitlines()[0])]


def _is_number(cell: str) -> bool:
    """Whether a cell is a number that can be reckoned with: a typed NaN is none."""
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False
