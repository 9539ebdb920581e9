"""A folder of a firm's files -> Company: each file read, typed, put into the firm's units and money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, Problem
from ..core.source import Source
from . import unseen, watchlist
from .cells import typed
from .convert import in_firms_money, in_parts_units, parts_by_text, sources_from_ledger, without_repeats
from .fields import table_kinds, words
from .files import SUFFIXES, Sheet, read_sheets
from .mapping import SheetMapping, guess
from .records import TABLES, Company, TableFile
from .sane import possible

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
    seen: dict[str, str] = {}
    paths = _paths(place, problems)
    large = _large(paths, problems)
    for path in (p for p in paths if p not in large):
        for sheet in _sheets(path, problems):
            if seen.setdefault(sheet.sha256 + sheet.sheet, sheet.file) != sheet.file:
                problems.append(_same_file(sheet, seen[sheet.sha256 + sheet.sheet]))
                continue
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
    return replace(
        _company(place, parts, tuple(files), problems, on, currency, originals), large_ledgers=large
    )


def _large(paths: list[Path], problems: list[Problem]) -> tuple[Path, ...]:
    """Ledgers that are judged in a stream, each named."""
    from .ledger_bulk import is_large_ledger

    found = tuple(path for path in paths if is_large_ledger(path))
    problems += [
        Problem(
            "a large ledger is judged in a stream",
            path.name,
            "it does not take part in sources and sums; deleted lines are judged too",
            f"its verdicts stand in {path.stem}-verdicts.parquet",
        )
        for path in found
    ]
    return found


def _paths(place: Path, problems: list[Problem]) -> list[Path]:
    """Files that can hold a table, in the order of their names; others are named."""
    found = sorted(p for p in place.iterdir() if p.is_file() and not p.name.startswith((".", "~$")))
    other = [p.name for p in found if p.suffix.lower() not in {*SUFFIXES, ".md", ".toml"}]
    if other:
        why = "only CSV, text, workbooks, Parquet and XML are read"
        problems.append(Problem(f"{len(other)} files were not read", ", ".join(other[:10]), why))
    return [p for p in found if p.suffix.lower() in SUFFIXES]


def _same_file(sheet: Sheet, other: str) -> Problem:
    return Problem("a file stands twice", sheet.file, f"byte for byte the same as {other}", "counted once")


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
        cells = _unmerged(sheet, column) if field.kind == "key" else sheet.frame[column]
        columns[field.name], faults = typed(cells, sheet.frame["row"], field, where)
        problems += faults
    frame = pl.DataFrame(columns).with_columns(sheet.frame["row"], file=pl.lit(key_of(sheet)))
    keys = [f.name for f in kind.fields if f.must and f.kind == "key"]
    for what, out in (
        ("marked as deleted or done", _flagged(frame)),
        ("totals", _totals(frame, [f.name for f in kind.fields if f.kind in {"key", "text"}])),
        (f"no {' or '.join(keys)} (totals, notes)", _without(keys)),
        ("a note: one cell is filled", _notes(frame, list(columns))),
    ):
        dropped = frame.filter(out)
        if dropped.height:
            rows = ", ".join(str(r) for r in dropped["row"].head(10))
            where = f"{key_of(sheet)} rows {rows}"
            problems.append(Problem(f"{dropped.height} lines left out: {what}", where))
            frame = frame.join(dropped.select("row"), on="row", how="anti")
    return frame.drop("deleted", "done", strict=False), problems


def _unmerged(sheet: Sheet, column: str) -> pl.Series:
    """A column of keys with the text of merged areas in each of their rows."""
    inside = sheet.merged.get(column)
    if not inside:
        return sheet.frame[column]
    pairs = zip(sheet.frame[column].to_list(), sheet.frame["row"].to_list(), strict=True)
    import polars as pl

    return pl.Series(column, [cell or inside.get(row, cell) for cell, row in pairs], dtype=pl.String)


def _without(keys: list[str]) -> pl.Expr:
    import polars as pl

    return pl.any_horizontal([pl.col(key).is_null() for key in keys]) if keys else pl.lit(value=False)


def _totals(frame: pl.DataFrame, names: list[str]) -> pl.Expr:
    """Lines whose first filled cell of text is a word for a total."""
    import polars as pl

    told = [n for n in names if n in frame.columns and frame[n].null_count() < frame.height]
    if not told:
        return pl.lit(value=False)
    first = pl.coalesce([pl.col(n) for n in told]).str.to_lowercase().str.replace_all(r"[\s:：.*]+", "")
    return first.is_in(list(words("total"))).fill_null(value=False)


def _notes(frame: pl.DataFrame, names: list[str]) -> pl.Expr:
    """Lines of a table of three columns or more of which only one is filled, with a text of many words."""
    import polars as pl

    told = [n for n in names if frame[n].null_count() < frame.height]
    if len(told) < 3:
        return pl.lit(value=False)
    filled = pl.sum_horizontal([pl.col(n).is_not_null().cast(pl.Int32) for n in told])
    text = pl.coalesce([pl.col(n).cast(pl.String) for n in told])
    return (filled == 1) & (text.str.contains(r"\s|[:：※*。、]") | (text.str.len_chars() > 24))


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
    problems += [*parts_by_text(frames), *sources_from_ledger(frames)]
    own, faults = in_firms_money(frames, currency)
    problems += [*faults, *possible(frames)]
    day, lacking, faults = _stock_date(frames, on)
    problems += [*faults, *watchlist.notes(frames)]
    return Company(
        place.resolve().name,
        frames,
        day,
        own,
        files,
        tuple(problems),
        (*lacking, *unseen.sentences(frames, day)),
        tuple(_card(f, day) for f in files),
        originals,
    )


def _card(file: TableFile, day: date) -> Source:
    title = f"{file.path} of the user, sha256 {file.sha256[:12]}"
    return Source(f"user:{file.path}", title, date=day.isoformat())


def _stock_date(frames: Mapping[str, pl.DataFrame], on: date | None) -> tuple[date, list[str], list[Problem]]:
    """Day 0: the last day of stock, the day the user gives, the last purchase, or the library's newest day.

    Returns also what the reader must know where no file tells it.
    """
    from ..measure.load import newest_source_date

    days = sorted(frames["stock"]["as_of"].drop_nulls().unique().to_list())
    if len(days) > 1:
        told = f"{days[0]} to {days[-1]}"
        why = "what was used between those days is not taken off the earlier counts: cover is too long by it"
        return days[-1], [], [Problem(f"stock of several days ({told}); the last is day 0", "stock", why)]
    if days:
        return days[0], [], []
    if on is not None:
        return on, [], []
    bought = frames["ledger"]["date"].max()
    if isinstance(bought, date):
        return (
            bought,
            [f"no stock date: the day of the last purchase, {bought}, is day 0; give it with --on"],
            [],
        )
    day = newest_source_date()
    return (
        day,
        [f"no stock date: {day}, the newest day of the measures held, is day 0; give it with --on"],
        [],
    )
