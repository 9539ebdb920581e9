"""A table of shipments from CSV or Parquet: encodings, separators, column names; faults by row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, Problem, nearest
from .check_words import folded, table
from .transaction import FIELDS

if TYPE_CHECKING:
    import polars as pl

SAMPLE = 1 << 16
ITEM_COLUMNS = ("item_description", "hs_code", "control_code", "content")
MOST_PROBLEMS = 200
"""Problems that are written out; the rest is counted."""


@dataclass
class Sheet:
    """A table as text: the columns of the contract, in order.

    problems: what could not be read; notices: what could, and needs a look (columns that are missing,
    ids that stand twice). first_row: row number of the first line of data, as a spreadsheet counts.
    """

    name: str
    frame: pl.DataFrame
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    first_row: int = 2


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


def decode(data: bytes, where: str) -> str:
    """Text of a file in UTF-8 (with or without a mark), UTF-16, Japanese cp932 or Chinese gb18030.

    Where two encodings fit, the one in which more column names are known is taken.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16")
    if data[:200].count(b"\0") > len(data[:200]) // 4:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as utf8:
        fits = []
        for encoding in ("cp932", "gb18030"):
            try:
                fits.append(data.decode(encoding))
            except UnicodeDecodeError:
                continue
        if not fits:
            why = f"byte {utf8.start} fits neither UTF-8 nor the encodings tried"
            raise InputError(Problem("the file is not text", where, why, "save it as UTF-8")) from utf8
        return max(fits, key=lambda text: len(columns_of(_cells(text.split("\n", 1)[0]))))


def _from_text(path: Path) -> Sheet:
    import polars as pl

    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if not head.strip():
        raise InputError(Problem("the file is empty", str(path)))
    source: Path | bytes = path
    if not _is_utf8(head, whole=size <= SAMPLE):
        source = decode(path.read_bytes(), str(path)).encode("utf-8")
        head = source[:SAMPLE]
    separator = _separator(head.decode("utf-8-sig", errors="ignore").split("\n", 1)[0])
    try:
        frame = pl.read_csv(
            source,
            separator=separator,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError:
        return _line_by_line(path, separator)
    return _named(frame, path.name, [])


def _is_utf8(head: bytes, *, whole: bool) -> bool:
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in head:
        return False
    try:
        (head if whole else head[:-4]).decode("utf-8")
    except UnicodeDecodeError as error:
        return not whole and error.start >= len(head) - 8
    return True


def _separator(line: str) -> str:
    return max(",\t;", key=line.count)


def _cells(line: str) -> list[str]:
    return next(csv.reader([line.strip("\r\ufeff")], delimiter=_separator(line)), [])


def _line_by_line(path: Path, separator: str) -> Sheet:
    """The slow reader, for files with lines of uneven length: those are named, the others are kept."""
    import polars as pl

    csv.field_size_limit(1 << 30)
    text = decode(path.read_bytes(), str(path))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    names = next(reader)
    problems: list[Problem] = []
    rows: list[list[str]] = []
    for number, cells in enumerate(reader, start=2):
        if not cells:
            continue
        if len(cells) > len(names):
            problems.append(
                Problem(
                    f"{len(cells)} cells under {len(names)} columns",
                    f"{path.name}, row {number}",
                    "a separator inside a cell needs quotes around the cell",
                    "the row is decided on nothing but its id",
                )
            )
            cells = cells[:1]
        rows.append([*cells, *[""] * (len(names) - len(cells))])
    frame = pl.DataFrame(rows, schema=_distinct(names), orient="row") if rows else pl.DataFrame(schema=names)
    return _named(frame, path.name, problems)


def _distinct(names: Sequence[str]) -> list[str]:
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


def _named(frame: pl.DataFrame, name: str, problems: list[Problem]) -> Sheet:
    """The columns of the contract as text; missing ones are empty and named."""
    import polars as pl

    found = columns_of(frame.columns)
    if not any(column in found for column in ITEM_COLUMNS):
        raise InputError(
            [
                *problems,
                Problem(
                    "no column says what the goods are",
                    name,
                    f"the columns are {', '.join(frame.columns[:12])}",
                    f"name one of them {', '.join(ITEM_COLUMNS)}",
                    nearest(frame.columns[0] if frame.columns else "", FIELDS),
                ),
            ]
        )
    missing = [c for c in FIELDS if c not in found and c not in {"id", "date"}]
    notices = []
    if missing:
        notices.append(
            Problem(
                f"columns are missing: {', '.join(missing)}",
                name,
                "a fact that is not given is unknown, so such shipments are rarely cleared",
            )
        )
    columns = [_text(frame, found[c], c) if c in found else pl.lit("").alias(c) for c in FIELDS if c != "id"]
    number = pl.int_range(1, pl.len() + 1).cast(pl.String)
    if "id" in found:
        own = _text(frame, found["id"], "id")
        columns.insert(0, pl.when(own == "").then(number).otherwise(own).alias("id"))
    else:
        columns.insert(0, number.alias("id"))
    sheet = Sheet(name, frame.select(columns), problems, notices)
    sheet.notices += _duplicates(sheet)
    return sheet


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
    rows = sheet.frame.select("id").with_row_index("row", offset=sheet.first_row)
    twice = rows.group_by("id", maintain_order=True).agg(pl.col("row")).filter(pl.col("row").list.len() > 1)
    found = [
        Problem(
            f"id {id_!r} stands in {len(at)} rows",
            f"{sheet.name}, rows {', '.join(map(str, at[:5]))}, column id",
            "each row is decided; tell the answers apart by their order",
        )
        for id_, at in twice.head(20).iter_rows()
    ]
    if len(twice) > 20:
        found.append(Problem(f"{len(twice) - 20:,} more ids stand in several rows", sheet.name))
    return found
