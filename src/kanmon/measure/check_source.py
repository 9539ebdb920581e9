"""A file of any size as a table of text columns that DuckDB reads again and again: Parquet in a folder.

A plain CSV is turned by DuckDB itself. One in another encoding, with quotes never closed, uneven lines or
damaged bytes goes block by block through the reader of small files, so that the same rows are named.
"""

# ruff: noqa: S608 (names of columns are quoted, cells never enter a query)
from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import InputError, Problem
from .check_read import ITEM_COLUMNS, columns_of, distinct, known_columns, no_goods
from .check_text import (
    SAMPLE,
    encoding_of,
    first_cells,
    header_line,
    plain_lines,
    read_lines,
    separator_of,
)
from .transaction import FIELDS

BLOCK = 100_000
"""Lines that the careful reader takes at a time."""
LONGEST_LINE = 1 << 25
"""Bytes of a line that DuckDB takes."""


@dataclass
class Opened:
    """What was found while a file was opened: a scan for DuckDB and what could not be read."""

    scan: str
    names: list[str]
    problems: list[Problem] = field(default_factory=list)


def open_source(base: Any, source: Path, folder: Path) -> Opened:
    """Make a view `lines` with the columns of the contract as text, blank rows left out.

    Raises
    ------
    InputError : no such file, no text, no column that says what the goods are, no ids, no rows.
    """
    if not source.is_file():
        raise InputError(Problem("there is no such file", str(source), fix="check the path and the spelling"))
    parquet = source.suffix.lower() in {".parquet", ".pq"}
    opened = _parquet(base, source) if parquet else _text(base, source, folder)
    found = columns_of(opened.names)
    problems = []
    if not any(column in found for column in ITEM_COLUMNS):
        problems.append(no_goods(opened.names, source.name))
    if "id" not in found:
        why = "answers for files of this size do not come in the order of the rows"
        problems.append(Problem("no column has the ids", source.name, why, "name one of the columns id"))
    if problems:
        raise InputError([*opened.problems, *problems])
    chosen = ", ".join(
        f"coalesce(CAST({named(found[c])} AS VARCHAR), '') AS {c}" if c in found else f"'' AS {c}"
        for c in FIELDS
    )
    some = " OR ".join(f"{named(column)} IS NOT NULL" for column in opened.names)
    base.execute(f"CREATE VIEW lines AS SELECT {chosen} FROM {opened.scan} WHERE {some}")
    if not base.sql("SELECT 1 FROM lines LIMIT 1").fetchall():
        raise InputError([*opened.problems, Problem("the table has no rows", source.name)])
    return opened


def _parquet(base: Any, source: Path) -> Opened:
    import duckdb

    scan = f"read_parquet({quoted(str(source))})"
    try:
        names = [row[0] for row in base.sql(f"DESCRIBE SELECT * FROM {scan}").fetchall()]
    except duckdb.Error as error:
        raise InputError(Problem("not a Parquet file", str(source), str(error).splitlines()[0])) from error
    return Opened(scan, names)


def _text(base: Any, source: Path, folder: Path) -> Opened:
    """A text file as Parquet: by DuckDB where every line is a record, else by the careful reader."""
    import duckdb

    with source.open("rb") as file:
        sample = file.read(SAMPLE)
    if not sample.strip():
        raise InputError(Problem("the file is empty", str(source)))
    whole = sample if source.stat().st_size <= SAMPLE else sample[: sample.rfind(b"\n") + 1] or sample
    encoding = encoding_of(whole, str(source), known_columns)
    top = whole.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    skipped = header_line(top, known_columns)
    header = top.split("\n")[skipped]
    names = distinct(first_cells(header))
    lines = plain_lines(source) if encoding == "utf-8-sig" else None
    target = folder / "source.parquet"
    if lines is not None:
        columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
        scan = (
            f"read_csv({quoted(str(source))}, auto_detect = false, delim = {quoted(separator_of(header))}, "
            f"quote = '\"', escape = '\"', header = false, skip = {skipped + 1}, columns = {{{columns}}}, "
            f"null_padding = true, max_line_size = {LONGEST_LINE})"
        )
        try:
            base.execute(f"COPY (SELECT * FROM {scan}) TO {quoted(str(target))} (FORMAT parquet)")
            ((count,),) = base.sql(f"SELECT count(*) FROM read_parquet({quoted(str(target))})").fetchall()
        except duckdb.Error:
            count = -1  # the careful reader below names the line
        if count == lines - 1 - skipped:
            return Opened(f"read_parquet({quoted(str(target))})", names)
    target.unlink(missing_ok=True)
    return _carefully(source, encoding, skipped, header, names, folder)


def _carefully(
    source: Path, encoding: str, skipped: int, header: str, names: list[str], folder: Path
) -> Opened:
    """Block by block through the reader of small files, with the same faults named."""
    import polars as pl

    parts = folder / "parts"
    parts.mkdir()
    problems: list[Problem] = []
    for number, (first, block) in enumerate(_blocks(source, encoding, skipped + 1)):
        read = read_lines("\n".join([header, *block]), separator_of(header), source.name, at=first)
        problems += read.problems
        schema = dict.fromkeys(names, pl.String)
        pl.DataFrame(read.rows, schema=schema, orient="row").write_parquet(parts / f"{number:06}.parquet")
    if not any(parts.iterdir()):
        raise InputError([*problems, Problem("the table has no rows", source.name)])
    return Opened(f"read_parquet({quoted(str(parts / '*.parquet'))})", names, problems)


def _blocks(source: Path, encoding: str, skip: int) -> Iterator[tuple[int, list[str]]]:
    """Lines of a text in blocks, each with the number of its first line. A quote left open at the end of a
    block takes its line along into the next, once.
    """
    number, first, block = 0, skip + 1, []
    carried = False
    with codecs.open(str(source), encoding=encoding, errors="replace") as file:
        text = _universal(file)
        for line in text:
            number += 1
            if number <= skip:
                continue
            block.append(line)
            if len(block) < BLOCK:
                continue
            keep = 0 if carried else _open_tail(block)
            carried = keep > 0
            yield first, block[: len(block) - keep]
            first, block = number + 1 - keep, block[len(block) - keep :]
    if block:
        yield first, block


def _universal(file: Any) -> Iterator[str]:
    """Lines by any line end, without it."""
    rest = ""
    while piece := file.read(1 << 20):
        rest = (rest + piece).replace("\r\n", "\n")
        held = "\r" if rest.endswith("\r") else ""
        *lines, rest = rest[: len(rest) - len(held)].replace("\r", "\n").split("\n")
        rest += held
        yield from lines
    if rest:
        yield from rest.replace("\r", "\n").removesuffix("\n").split("\n")


def _open_tail(block: list[str]) -> int:
    """Lines at the end of a block, at most 100, from the one that leaves a quote open; 0 where none does."""
    if sum(line.count('"') for line in block) % 2 == 0:
        return 0
    return next((back for back in range(1, min(100, len(block))) if block[-back].count('"') % 2), 0)


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def named(column: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'
