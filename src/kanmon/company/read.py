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
from .answer_files import ANSWER, is_answer
from .cells import plain_text, typed
from .convert import (
    in_firms_money,
    in_parts_units,
    parts_by_text,
    sources_from_ledger,
    suppliers_by_name,
    suppliers_joined,
)
from .fields import table_kinds
from .files import SUFFIXES, Sheet, read_sheets
from .mapping import SheetMapping, guess, why_not
from .records import TABLES, Company, TableFile
from .repeats import last_counts, united, without_repeats
from .rows_out import without_others
from .sane import possible
from .steps import BEARING, UNREAD, stepped
from .strangers import strangers, sums_of_shares
from .structure import headed, valid_on
from .style import Style
from .styles import styles_of

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
    "state": "Boolean",
}
"""Type of a field -> type of its column; text where not named."""
USED_UP = ("deleted", "done", "state", "received")
"""Fields that change or take out rows of their own sheet, and are no columns of a table."""


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
    found: list[tuple[Sheet, SheetMapping]] = []
    paths = _paths(place, problems)
    large = _large(paths, mappings or {}, problems)
    for path in (p for p in paths if p not in large):
        for sheet in _sheets(path, problems):
            if seen.setdefault(sheet.sha256 + sheet.sheet, sheet.file) != sheet.file:
                problems.append(_same_file(sheet, seen[sheet.sha256 + sheet.sheet]))
                continue
            read = _mapping_of(sheet, mappings or {})
            if read is None or not read.table:
                problems += _not_used(sheet, given=read is not None)
                continue
            found.append((sheet, read))
    styles, faults = styles_of(found)
    problems += faults
    for (sheet, read), style in zip(found, styles, strict=True):
        frame, faults = _typed(sheet, read, style)
        problems += [*sheet.problems, *faults]
        parts.setdefault(read.table, []).append(frame)
        files.append(_file(sheet, read, frame, style))
        originals[key_of(sheet)] = sheet.frame
    if not files:
        raise InputError([Problem("no table of a firm was found", str(folder), fix=_help()), *problems])
    return replace(
        _company(place, parts, tuple(files), problems, on, currency, originals),
        large_ledgers=large,
        folder=place,
    )


def _large(
    paths: list[Path], given: Mapping[str, SheetMapping], problems: list[Problem]
) -> dict[Path, SheetMapping]:
    """Ledgers that are judged in a stream, each named, and how they are read."""
    from .ledger_bulk import large_ledger, mapping_of

    found = {path: read for path in paths if (read := large_ledger(path, given.get(path.name)))}
    for path in found:
        if path.name in given:
            mapping_of(path, given[path.name])
    problems += [
        Problem(
            "a large ledger is judged in a stream",
            path.name,
            "its lines are counted by item and verdict; it tells no sources, values are not summed, and "
            "deleted lines are judged too",
            f"its verdicts stand in {path.stem}-verdicts.parquet",
        )
        for path in found
    ]
    return found


def _paths(place: Path, problems: list[Problem]) -> list[Path]:
    """Files that can hold a table, in the order of their names; others are named."""
    found = sorted(p for p in place.iterdir() if p.is_file() and not p.name.startswith((".", "~$")))
    below = sorted(p.name for p in place.iterdir() if p.is_dir() and not p.name.startswith("."))
    if below:
        what = f"{len(below)} folders in it were not read"
        why, fix = "only the folder itself is read", "put the files side by side if they count"
        problems.append(Problem(what, ", ".join(below[:10]), why, fix))
    if is_answer(place):
        ours = [p for p in found if p.name in ANSWER or p.name.endswith("-verdicts.parquet")]
        why = "the answer of an earlier run lies among the firm's files"
        problems.append(
            Problem(
                "files were not read",
                ", ".join(p.name for p in ours),
                why,
                "write it to a folder of its own with --out",
            )
        )
        found = [p for p in found if p not in ours]
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
    why, fix = why_not(sheet.file, sheet.sheet, sheet.columns)
    return [Problem("a file was not used", key_of(sheet), why, fix)]


def _typed(sheet: Sheet, read: SheetMapping, style: Style) -> tuple[pl.DataFrame, list[Problem]]:
    """One sheet in canonical columns; lines marked as deleted, done or totals are left out and counted."""
    import polars as pl

    kind = table_kinds()[read.table]
    problems: list[Problem] = []
    columns: dict[str, pl.Series] = {}
    untold: dict[str, pl.Series] = {}
    for field in kind.fields:
        column = read.columns.get(field.name)
        if column is None:
            columns[field.name] = pl.Series([None] * sheet.frame.height, dtype=polars_type(field.kind))
            continue
        where = f"{key_of(sheet)} column {column!r}"
        cells = _unmerged(sheet, column) if field.kind == "key" else sheet.frame[column]
        columns[field.name], faults = typed(cells, sheet.frame["row"], field, where, style)
        problems += faults
        if field.name in BEARING.get(read.table, ()):
            untold[f"{field.name}{UNREAD}"] = plain_text(cells).is_not_null() & columns[field.name].is_null()
    frame = pl.DataFrame({**columns, **untold}).with_columns(sheet.frame["row"], file=pl.lit(key_of(sheet)))
    where = key_of(sheet)
    frame, left = without_others(frame, sheet, kind, where)
    frame, changed = stepped(frame, read, kind, where)
    return frame.drop([*USED_UP, *untold], strict=False), [*problems, *left, *changed]


def _unmerged(sheet: Sheet, column: str) -> pl.Series:
    """A column of keys with the text of merged areas in each of their rows."""
    inside = sheet.merged.get(column)
    if not inside:
        return sheet.frame[column]
    pairs = zip(sheet.frame[column].to_list(), sheet.frame["row"].to_list(), strict=True)
    import polars as pl

    return pl.Series(column, [cell or inside.get(row, cell) for cell, row in pairs], dtype=pl.String)


def polars_type(kind: str) -> pl.DataType:
    """Column type of a field's type."""
    import polars as pl

    found: pl.DataType = getattr(pl, POLARS.get(kind, "String"))()
    return found


def _file(sheet: Sheet, read: SheetMapping, frame: pl.DataFrame, style: Style) -> TableFile:
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
        style.decimal,
        style.dates,
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
            schema = {f.name: polars_type(f.kind) for f in kind.fields if f.name not in USED_UP}
            frames[name] = pl.DataFrame(schema=schema | {"row": pl.Int64(), "file": pl.String()})
    problems += headed(frames)
    for name, change in (("stock", last_counts), ("content", united)):
        frames[name], faults = change(frames[name])
        problems += faults
    problems += in_parts_units(frames)
    problems += [*suppliers_joined(frames), *parts_by_text(frames)]
    problems += [*sources_from_ledger(frames), *sums_of_shares(frames["sources"])]
    problems += suppliers_by_name(frames)
    own, faults = in_firms_money(frames, currency)
    problems += [*faults, *possible(frames)]
    day, lacking, faults = _stock_date(frames, on)
    problems += [*faults, *valid_on(frames, day), *strangers(frames), *watchlist.notes(frames)]
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
