"""A folder of a firm's files -> Company: each file read, typed, put into the firm's units and money."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, Problem
from ..core.source import Source
from . import unseen, watchlist
from .cells import typed
from .convert import in_firms_money, in_parts_units, without_repeats
from .fields import table_kinds
from .files import SUFFIXES, Sheet, read_sheets
from .mapping import SheetMapping, guess
from .records import TABLES, Company, TableFile

if TYPE_CHECKING:
    import polars as pl

POLARS = {
    "quantity": "Float64",
    "money": "Float64",
    "share": "Float64",
    "days": "Float64",
    "price_per": "Float64",
    "date": "Date",
    "yes": "Boolean",
    "cleared": "Boolean",
}
"""Type of a field -> type of its column; text where not named."""


def read_company(
    folder: Path | str,
    mappings: Mapping[str, SheetMapping] | None = None,
    on: date | None = None,
    currency: str = "",
) -> Company:
    """Read every table file of a folder.

    Parameters
    ----------
    mappings : readings of files given by the user (mapping.load), by file or "file#sheet"; the rest is
        guessed from file names and headers.
    on : stock date where no file tells it.
    currency : the firm's currency where no table of rates tells it.

    Raises InputError only where nothing can be used; every other fault stands in `problems`.
    """
    place = Path(folder)
    if not place.is_dir():
        raise InputError(Problem("there is no such folder", str(folder), fix="give the folder of the files"))
    problems: list[Problem] = []
    parts: dict[str, list[pl.DataFrame]] = {}
    files: list[TableFile] = []
    originals: dict[str, pl.DataFrame] = {}
    for path in sorted(p for p in place.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file()):
        for sheet in _sheets(path, problems):
            read = _mapping_of(sheet, mappings or {})
            if read is None or not read.table:
                problems += _not_used(sheet, given=read is not None)
                continue
            frame, faults = _typed(sheet, read)
            problems += [*sheet.problems, *faults]
            parts.setdefault(read.table, []).append(frame)
            files.append(_file(sheet, read, frame))
            originals[key_of(sheet)] = sheet.frame
    if not files:
        raise InputError([Problem("no table of a firm was found", str(folder), fix=_help()), *problems])
    return _company(place, parts, tuple(files), problems, on, currency, originals)


def _help() -> str:
    return f"put files named like {', '.join(TABLES[:6])} there; kanmon company --template writes empty ones"


def _sheets(path: Path, problems: list[Problem]) -> list[Sheet]:
    try:
        return read_sheets(path)
    except InputError as error:
        problems += error.problems
        return []


def key_of(sheet: Sheet) -> str:
    """The name a sheet has in a mapping file."""
    return f"{sheet.file}#{sheet.sheet}" if sheet.sheet else sheet.file


def _mapping_of(sheet: Sheet, given: Mapping[str, SheetMapping]) -> SheetMapping | None:
    found = given.get(key_of(sheet)) or given.get(sheet.file)
    if found is None:
        return guess(sheet.file, sheet.sheet, sheet.columns)
    lacking = [c for c in found.columns.values() if c not in sheet.columns]
    if lacking:
        raise InputError(
            [
                Problem(
                    f"the mapping names a column {c!r} that is not there", key_of(sheet), near=sheet.columns
                )
                for c in lacking
            ]
        )
    return found


def _not_used(sheet: Sheet, *, given: bool) -> list[Problem]:
    if given:
        return []
    why = "its header is not that of any table: " + ", ".join(sheet.columns[:8])
    return [Problem("a file was not used", key_of(sheet), why, "name its columns in a mapping file if it is")]


def _typed(sheet: Sheet, read: SheetMapping) -> tuple[pl.DataFrame, list[Problem]]:
    """One sheet in canonical columns; lines marked as deleted, done or totals are left out and counted."""
    import polars as pl

    kind = table_kinds()[read.table]
    problems: list[Problem] = []
    columns: dict[str, pl.Series] = {}
    for field in kind.fields:
        column = read.columns.get(field.name)
        if column is None:
            columns[field.name] = pl.Series([None] * sheet.frame.height, dtype=polars_type(field.kind))
            continue
        where = f"{key_of(sheet)} column {column!r}"
        columns[field.name], faults = typed(sheet.frame[column], sheet.frame["row"], field, where)
        problems += faults
    frame = pl.DataFrame(columns).with_columns(sheet.frame["row"], file=pl.lit(key_of(sheet)))
    keys = [f.name for f in kind.fields if f.must and f.kind == "key"]
    empty = [pl.col(key).is_null() for key in keys]
    for what, out in (
        ("marked as deleted or done", _flagged(frame)),
        (
            f"no {' or '.join(keys)} (totals, notes)",
            pl.any_horizontal(empty) if keys else pl.lit(value=False),
        ),
    ):
        dropped = frame.filter(out)
        if dropped.height:
            rows = ", ".join(str(r) for r in dropped["row"].head(10))
            where = f"{key_of(sheet)} rows {rows}"
            problems.append(Problem(f"{dropped.height} lines left out: {what}", where))
            frame = frame.join(dropped.select("row"), on="row", how="anti")
    return frame.drop("deleted", "done", strict=False), problems


def _flagged(frame: pl.DataFrame) -> pl.Expr:
    import polars as pl

    flags = [pl.col(c).fill_null(value=False) for c in ("deleted", "done") if c in frame.columns]
    return pl.any_horizontal(flags) if flags else pl.lit(value=False)


def polars_type(kind: str) -> pl.DataType:
    """Column type of a field's type."""
    import polars as pl

    found: pl.DataType = getattr(pl, POLARS.get(kind, "String"))()
    return found


def _file(sheet: Sheet, read: SheetMapping, frame: pl.DataFrame) -> TableFile:
    used = set(read.columns.values())
    ignored = tuple(c for c in sheet.columns if c not in used)
    dropped = sheet.frame.height - frame.height
    return TableFile(
        read.table,
        key_of(sheet),
        sheet.sha256,
        sheet.encoding,
        read.system,
        read.columns,
        ignored,
        frame.height,
        dropped,
    )


def _company(
    place: Path,
    parts: Mapping[str, list[pl.DataFrame]],
    files: tuple[TableFile, ...],
    problems: list[Problem],
    on: date | None,
    currency: str,
    originals: Mapping[str, pl.DataFrame],
) -> Company:
    """Tables put together: repeats out, units of the part, money of the firm, and what is lacking."""
    import polars as pl

    frames: dict[str, pl.DataFrame] = {}
    for name, kind in table_kinds().items():
        if name in parts:
            frames[name], faults = without_repeats(name, pl.concat(parts[name]))
            problems += faults
        else:
            schema = {f.name: polars_type(f.kind) for f in kind.fields if f.name not in {"deleted", "done"}}
            frames[name] = pl.DataFrame(schema=schema | {"row": pl.Int64(), "file": pl.String()})
    problems += in_parts_units(frames)
    own, faults = in_firms_money(frames, currency)
    problems += faults
    day, faults = _stock_date(frames["stock"], on)
    problems += [*faults, *watchlist.notes(frames)]
    return Company(
        place.resolve().name,
        frames,
        day,
        own,
        files,
        tuple(problems),
        unseen.sentences(frames),
        tuple(_card(f, day) for f in files),
        originals,
    )


def _card(file: TableFile, day: date) -> Source:
    title = f"{file.path} of the user, sha256 {file.sha256[:12]}"
    return Source(f"user:{file.path}", title, date=day.isoformat())


def _stock_date(stock: pl.DataFrame, on: date | None) -> tuple[date, list[Problem]]:
    days = sorted(stock["as_of"].drop_nulls().unique().to_list())
    if not days:
        if on is None:
            raise InputError(
                Problem("no stock date", "stock", "day 0 is not known", "give it with --on YYYY-MM-DD")
            )
        return on, []
    if len(days) > 1:
        told = f"{days[0]} to {days[-1]}"
        return days[-1], [Problem(f"stock of several days ({told}); the last is day 0", "stock")]
    return days[-1], []
