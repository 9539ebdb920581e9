"""A table of shipments from CSV or Parquet: encodings, separators, column names; faults by row and column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, Problem, nearest
from .check_text import SAMPLE, decode, first_cells, header_line, plain_lines, read_lines, separator_of
from .check_words import folded, table
from .transaction import FIELDS

if TYPE_CHECKING:
    import polars as pl

ITEM_COLUMNS = ("item_description", "hs_code", "control_code", "content")
MOST_PROBLEMS = 200
"""Problems that are written out; the rest is counted."""


@dataclass
class Sheet:
    """A table as text: the columns of the contract, in order.

    problems: what could not be read; notices: what could, and needs a look (columns that are missing,
    ids that stand twice). first_row: row number of the first line of data, as a spreadsheet counts;
    numbers: the row numbers where they do not simply count on from there.
    """

    name: str
    frame: pl.DataFrame
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    first_row: int = 2
    numbers: pl.Series | None = None

    def row_number(self, place: int) -> int:
        """Row number in the file of a row of the frame, counted from 0."""
        return place + self.first_row if self.numbers is None else int(self.numbers[place])


def read_sheet(path: Path | str) -> Sheet:
    """Read a .csv, .tsv, .txt or .parquet file; InputError where nothing in it can be decided."""
    place = Path(path)
    if not place.is_file():
        raise InputError(Problem("there is no such file", str(path), fix="check the path and the spelling"))
    if place.suffix.lower() in {".parquet", ".pq"}:
        return _from_parquet(place)
    return _from_text(place)


def sheet_of(frame: pl.DataFrame, name: str = "table") -> Sheet:
    """A frame of any column types as a sheet."""
    return _named(frame, name, [])


def _from_parquet(path: Path) -> Sheet:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(Problem("not a Parquet file", str(path), str(error).splitlines()[0])) from error
    return _named(frame, path.name, [])


def known_columns(line: str) -> int:
    """How many columns of the contract a line names."""
    return len(columns_of(first_cells(line)))


def _from_text(path: Path) -> Sheet:
    """A plain file by polars; one with other line ends, broken quotes or uneven lines by the slow reader."""
    import polars as pl

    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if not head.strip():
        raise InputError(Problem("the file is empty", str(path)))
    source: Path | bytes = path
    if not _is_utf8(head, whole=size <= SAMPLE):
        source = decode(path.read_bytes(), str(path), known_columns).encode("utf-8")
        head = source[:SAMPLE]
    top = head.decode("utf-8-sig", errors="ignore").replace("\r\n", "\n").replace("\r", "\n")
    skipped = header_line(top, known_columns)
    separator = separator_of(top.split("\n")[skipped])
    lines = plain_lines(source)
    if lines is not None:
        try:
            frame = pl.read_csv(source, separator=separator, infer_schema=False, skip_lines=skipped)
        except pl.exceptions.PolarsError:
            frame = pl.DataFrame()
        if frame.width and len(frame) + 1 + skipped == lines:
            return _named(frame, path.name, [], first_row=skipped + 2)
    return _line_by_line(source, separator, path, skipped)


def _is_utf8(head: bytes, *, whole: bool) -> bool:
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"} or head[:200].count(b"\0") > 50:
        return False
    try:
        (head if whole else head[:-4]).decode("utf-8")
    except UnicodeDecodeError as error:
        return not whole and error.start >= len(head) - 8
    return True


def _line_by_line(source: Path | bytes, separator: str, path: Path, skipped: int) -> Sheet:
    """The slow reader, for files that are not plain: broken lines are named, the others are kept."""
    import polars as pl

    data = source if isinstance(source, bytes) else source.read_bytes()
    read = read_lines(decode(data, str(path), known_columns), separator, path.name, skipped)
    schema = dict.fromkeys(distinct(read.names), pl.String)
    frame = pl.DataFrame(read.rows, schema=schema, orient="row")
    return _named(frame, path.name, read.problems, numbers=read.numbers)


def distinct(names: Sequence[str]) -> list[str]:
    """Column names, those that stand twice with a number."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return found


def columns_of(names: Sequence[str]) -> Mapping[str, str]:
    """Column of the contract -> column of the file, by any known name."""
    known: Mapping[str, list[str]] = table("columns")["columns"]
    spelling = {_key(alias): field_ for field_, aliases in known.items() for alias in aliases}
    found: dict[str, str] = {}
    for name in names:
        field_ = spelling.get(_key(name))
        if field_:
            found.setdefault(field_, name)
    return found


def _key(name: str) -> str:
    return folded(name).strip().strip("\ufeff").replace(" ", "_").replace("-", "_")


def _named(
    frame: pl.DataFrame,
    name: str,
    problems: list[Problem],
    first_row: int = 2,
    numbers: Sequence[int] | None = None,
) -> Sheet:
    """The columns of the contract as text; missing ones are empty and named, blank rows left out."""
    import polars as pl

    found = columns_of(frame.columns)
    if not any(column in found for column in ITEM_COLUMNS):
        raise InputError([*problems, no_goods(frame.columns, name)])
    if frame.is_empty():
        raise InputError([*problems, Problem("the table has no rows", name, fix="give each shipment a row")])
    at = None if numbers is None else pl.Series("row", numbers, pl.UInt32)
    blank = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if blank.any():
        at = pl.Series("row", range(first_row, first_row + len(frame)), pl.UInt32) if at is None else at
        frame, at = frame.filter(~blank), at.filter(~blank)
    notices = _columns_to_look_at(frame.columns, found, name)
    columns = [_text(frame, found[c], c) if c in found else pl.lit("").alias(c) for c in FIELDS if c != "id"]
    if "id" in found:
        own = _text(frame, found["id"], "id")
        place = pl.int_range(first_row, pl.len() + first_row) if at is None else pl.lit(at)
        number = pl.concat_str(pl.lit("row "), place.cast(pl.String))
        columns.insert(0, pl.when(own == "").then(number).otherwise(own).alias("id"))
    else:
        columns.insert(0, pl.int_range(1, pl.len() + 1).cast(pl.String).alias("id"))
    sheet = Sheet(name, frame.select(columns), problems, notices, first_row, at)
    sheet.notices += _duplicates(sheet)
    return sheet


def no_goods(names: Sequence[str], where: str) -> Problem:
    """The fault of a table that does not say what the goods are."""
    near = [n for name in names[:40] for n in nearest(_key(name), ITEM_COLUMNS)]
    return Problem(
        "no column says what the goods are",
        where,
        f"the columns are {', '.join(names[:12])}",
        f"name one of them {', '.join(ITEM_COLUMNS)}",
        tuple(dict.fromkeys(near)),
    )


def _columns_to_look_at(names: Sequence[str], found: Mapping[str, str], where: str) -> list[Problem]:
    """Columns that are missing, and columns that stand twice."""
    notices = []
    # Few tables have a control code; where it is missing, words, composition and HS code tell the good.
    missing = [c for c in FIELDS if c not in found and c not in {"id", "date", "control_code"}]
    if missing:
        notices.append(
            Problem(
                f"columns are missing: {', '.join(missing)}",
                where,
                "a fact that is not given is unknown, so such shipments are rarely cleared",
            )
        )
    meant: dict[str, list[str]] = {}
    for name in names:
        for column in columns_of([re.sub(r"_(duplicated_)?\d+$", "", name)]):
            meant.setdefault(column, []).append(name)
    notices += [
        Problem(
            f"{len(same)} columns stand for {column}", where, f"read: {found[column]}", "rename the others"
        )
        for column, same in meant.items()
        if len(same) > 1 and column in found
    ]
    return notices


def _text(frame: pl.DataFrame, column: str, field_: str) -> pl.Expr:
    """A column as text: whole numbers without a decimal point, days as ISO."""
    import polars as pl

    kind = frame.schema[column]
    if kind == pl.String:
        return pl.col(column).fill_null("").alias(field_)
    if kind.is_float():
        return pl.col(column).cast(pl.Int64, strict=False).cast(pl.String).fill_null("").alias(field_)
    if isinstance(kind, pl.Datetime):
        return pl.col(column).dt.date().cast(pl.String).fill_null("").alias(field_)
    return pl.col(column).cast(pl.String).fill_null("").alias(field_)


def _duplicates(sheet: Sheet) -> list[Problem]:
    import polars as pl

    ids = sheet.frame.get_column("id")
    if ids.n_unique() == len(ids):
        return []
    rows = sheet.frame.select("id").with_row_index("row")
    twice = rows.group_by("id", maintain_order=True).agg(pl.col("row")).filter(pl.col("row").list.len() > 1)
    found = [
        Problem(
            f"id {id_!r} stands in {len(at)} rows",
            f"{sheet.name}, rows {', '.join(str(sheet.row_number(k)) for k in at[:5])}, column id",
            "each row is decided; tell the answers apart by their order",
        )
        for id_, at in twice.head(20).iter_rows()
    ]
    if len(twice) > 20:
        found.append(Problem(f"{len(twice) - 20:,} more ids stand in several rows", sheet.name))
    return found
