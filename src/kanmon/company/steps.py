"""What a sheet's own columns change in its rows: open orders, places of stock, currencies in headers."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from ..core.errors import Problem
from .fields import TableKind, currencies, fold, units, words
from .mapping import SheetMapping, currency_in, unit_in

if TYPE_CHECKING:
    import polars as pl

BEARING = {"orders": ("received",), "bom": ("scrap_rate", "yield", "base")}
"""Columns on which a quantity rests: blank they say nothing, a cell that cannot be read leaves it unknown."""
UNREAD = " unread"
"""Behind a column's name, of a sheet while it is read: whether the cell is filled and cannot be read."""


def stepped(
    frame: pl.DataFrame, read: SheetMapping, kind: TableKind, where: str
) -> tuple[pl.DataFrame, list[Problem]]:
    """The typed rows of one sheet after what its other columns say of them."""
    frame = _with_unit(_with_currency(frame, read, kind), read, kind)
    if kind.name == "bom":
        return _continued(_without_unread(frame), where)
    if kind.name == "orders":
        return _still_open(frame, read, where)
    if kind.name == "stock":
        frame, faults = _usable_places(frame, where)
        return frame, [*faults, *_whole_stock(frame, read, where)]
    return frame, []


def _without_unread(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows whose quantity rests on a cell that cannot be read, with the quantity unknown."""
    import polars as pl

    unread = [column for column in frame.columns if column.endswith(UNREAD)]
    if not unread:
        return frame
    return frame.with_columns(quantity=pl.when(pl.any_horizontal(unread)).then(None).otherwise("quantity"))


def _with_currency(frame: pl.DataFrame, read: SheetMapping, kind: TableKind) -> pl.DataFrame:
    """Blank currencies filled with the one that the header of the amounts names."""
    import polars as pl

    columns = [read.columns[f.name] for f in kind.fields if f.kind == "money" and f.name in read.columns]
    told = [re.sub(r"[\W_]", "", code) for c in columns if (code := currency_in(c))]
    codes = [currencies().get(fold(code), code.upper()) for code in told]
    if not codes or "currency" not in frame.columns:
        return frame
    return frame.with_columns(pl.col("currency").fill_null(codes[0]))


def _with_unit(frame: pl.DataFrame, read: SheetMapping, kind: TableKind) -> pl.DataFrame:
    """Blank units filled with the one that the header of the quantities names."""
    import polars as pl

    columns = [read.columns[f.name] for f in kind.fields if f.kind == "quantity" and f.name in read.columns]
    told = [units()[fold(re.sub(r"[\s()（）\[\]]", "", unit))].name for c in columns if (unit := unit_in(c))]
    if not told or "unit" not in frame.columns:
        return frame
    return frame.with_columns(pl.col("unit").fill_null(told[0]))


def _continued(frame: pl.DataFrame, where: str) -> tuple[pl.DataFrame, list[Problem]]:
    """Lines of a bill without a parent laid to the parent above them, as outlines and nested exports mean.

    Lines above the first parent, and those of a file that names no parent at all, are left out and named.
    """
    import polars as pl

    blank = pl.col("parent").is_null() & pl.col("bill").is_null()
    lines = frame.filter(blank)
    if lines.height == 0:
        return frame, []
    fill = [
        pl.when(blank).then(pl.col(c).forward_fill()).otherwise(pl.col(c)).alias(c)
        for c in ("parent", "base")
    ]
    frame = frame.with_columns(fill)
    lost = frame.filter(blank)
    faults = []
    for rows, what in (
        (lines.filter(~pl.col("row").is_in(lost["row"].implode())), "were laid to the one above them"),
        (lost, "stand under none and were left out: the need for what they hold is too low"),
    ):
        if rows.height:
            numbers = ", ".join(str(row) for row in rows["row"].head(10))
            what = f"{rows.height} lines without a parent {what}"
            faults.append(Problem(what, f"{where} rows {numbers}", fix="write the parent in each line"))
    return frame.filter(~blank), faults


def _still_open(frame: pl.DataFrame, read: SheetMapping, where: str) -> tuple[pl.DataFrame, list[Problem]]:
    """Ordered quantities less what was received, unless the column says that it is the open quantity."""
    import polars as pl

    column = fold(read.columns.get("quantity", ""))
    if "received" not in read.columns or column in words("open_quantity"):
        return frame, []
    partly = frame.filter(pl.col("received") > 0).height
    left = (pl.col("quantity") - pl.col("received").fill_null(0.0)).clip(lower_bound=0.0)
    frame = _without_unread(frame)
    if not partly:
        return frame, []
    what = f"{partly} orders are partly received: what is left counts"
    return frame.with_columns(quantity=left), [Problem(what, f"{where} column {read.columns['received']!r}")]


def _usable_places(frame: pl.DataFrame, where: str) -> tuple[pl.DataFrame, list[Problem]]:
    """Stock in places for goods that cannot be used as blocked, and in places outside the firm left out."""
    import polars as pl

    names = pl.concat([frame["plant"], frame["location"]]).drop_nulls().unique().to_list()
    found: dict[str, list[str]] = {
        kind: [name for name in names if _holds(name, kind)] for kind in ("place_blocked", "place_outside")
    }
    faults = []
    in_place = {
        kind: pl.any_horizontal(pl.col("plant", "location").is_in(told)) for kind, told in found.items()
    }
    outside = in_place["place_outside"].fill_null(value=False)
    if found["place_outside"]:
        rows = frame.filter(outside)
        faults.append(_left(rows, found["place_outside"], where, "outside the firm: they are left out"))
        frame = frame.filter(~outside)
    if found["place_blocked"]:
        held = in_place["place_blocked"].fill_null(value=False)
        rows = frame.filter(held)
        faults.append(_left(rows, found["place_blocked"], where, "for goods that cannot be used: blocked"))
        frame = frame.with_columns(
            free=pl.when(held).then(0.0).otherwise(pl.col("free")),
            blocked=pl.when(held)
            .then(pl.col("blocked").fill_null(0.0) + pl.col("free").fill_null(0.0))
            .otherwise(pl.col("blocked")),
        )
    return frame, faults


def _left(rows: pl.DataFrame, places: list[str], where: str, what: str) -> Problem:
    numbers = ", ".join(str(row) for row in rows["row"].head(10))
    shown = ", ".join(sorted(places)[:10])
    fix = "rename the place if its stock is free"
    return Problem(f"{rows.height} stock lines lie in places {what}", f"{where} rows {numbers}", shown, fix)


def _holds(name: str, kind: str) -> bool:
    """Whether a place's name holds one of the words: whole ones, and anywhere in Japanese and Chinese.

    A place outside the firm is told by the start of a path ("Partners/Vendors"); a name may hold the word.
    """
    text = unicodedata.normalize("NFKC", name)
    if kind == "place_outside":
        return "/" in text and fold(text).startswith(tuple(words(kind)))
    tokens = {fold(token) for token in re.findall(r"[^\W_]+", text)}
    return any(word in tokens or (not word.isascii() and word in fold(text)) for word in words(kind))


def _whole_stock(frame: pl.DataFrame, read: SheetMapping, where: str) -> list[Problem]:
    """A note where "on hand" stands beside blocked stock: whether it holds that stock is not told."""
    import polars as pl

    column = read.columns.get("free", "")
    if fold(column) not in words("whole_stock"):
        return []
    held = frame.filter((pl.col("blocked").fill_null(0.0) > 0) | (pl.col("inspection").fill_null(0.0) > 0))
    if held.height == 0 or not {"blocked", "inspection"} & set(read.columns):
        return []
    rows = ", ".join(str(row) for row in held["row"].head(10))
    return [
        Problem(
            f"{column!r} counts as free in {held.height} lines that have blocked or inspected stock too",
            f"{where} rows {rows}",
            "whether it holds that stock is not told; if it does, cover is shorter",
            "give the free stock in a column called unrestricted",
        )
    ]
