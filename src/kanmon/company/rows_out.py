"""Rows of a sheet that are none of its table: deleted lines, totals, notes; each kind counted and named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import Problem
from .fields import TableKind, fold, words

if TYPE_CHECKING:
    import polars as pl

    from .files import Sheet


def without_others(
    frame: pl.DataFrame, sheet: Sheet, kind: TableKind, where: str
) -> tuple[pl.DataFrame, list[Problem]]:
    """The typed rows of a sheet without those that are none, and what was left out, with row numbers."""
    problems = []
    texts = [f.name for f in kind.fields if f.kind in {"key", "text"}]
    for what, out in (
        ("more cells than the header", _in(sheet.shifted)),
        ("marked as deleted, done or cancelled", _flagged(frame)),
        ("totals", _totals(frame, texts)),
        ("totals", _in(_totals_elsewhere(frame, sheet, kind))),
        (_lacking_words(kind), _lacking(kind)),
        ("only amounts (totals)", _only_amounts(kind)),
        ("a note: one cell is filled", _notes(frame, [f.name for f in kind.fields])),
    ):
        dropped = frame.filter(out)
        if dropped.height:
            rows = ", ".join(str(r) for r in dropped["row"].head(10))
            problems.append(Problem(f"{dropped.height} lines left out: {what}", f"{where} rows {rows}"))
            frame = frame.filter(~out)
    return frame, problems


def _in(rows: tuple[int, ...]) -> pl.Expr:
    import polars as pl

    return pl.col("row").is_in(list(rows))


def _lacking_words(kind: TableKind) -> str:
    return f"no {' or no '.join(f.name for f in kind.fields if f.must and f.kind == 'key')} (totals, notes)"


def _lacking(kind: TableKind) -> pl.Expr:
    """Rows without a key that each row needs."""
    import polars as pl

    keys = [pl.col(f.name).is_null() for f in kind.fields if f.must and f.kind == "key"]
    return pl.any_horizontal(keys) if keys else pl.lit(value=False)


def _totals(frame: pl.DataFrame, names: list[str]) -> pl.Expr:
    """Lines whose first filled cell of text is a word for a total."""
    import polars as pl

    told = [n for n in names if n in frame.columns and frame[n].null_count() < frame.height]
    if not told:
        return pl.lit(value=False)
    first = pl.coalesce([pl.col(n) for n in told]).str.to_lowercase().str.replace_all(r"[\s:：.*]+", "")
    return first.is_in(list(words("total"))).fill_null(value=False)


def _totals_elsewhere(frame: pl.DataFrame, sheet: Sheet, kind: TableKind) -> tuple[int, ...]:
    """Rows without any key whose first cell in the file, in whatever column, is a word for a total."""
    import polars as pl

    keys = [f.name for f in kind.fields if f.kind == "key"]
    if not keys:
        return ()
    rows = frame.filter(pl.all_horizontal([pl.col(key).is_null() for key in keys]))["row"]
    if not len(rows):
        return ()
    found = []
    for cells in sheet.frame.filter(pl.col("row").is_in(rows.implode())).iter_rows(named=True):
        first = next((cells[c] for c in sheet.columns if (cells[c] or "").strip()), "")
        if fold(first.rstrip("：")) in words("total"):
            found.append(cells["row"])
    return tuple(found)


def _only_amounts(kind: TableKind) -> pl.Expr:
    """Rows that hold numbers and nothing that says of what."""
    import polars as pl

    told = [f.name for f in kind.fields if f.kind in {"key", "text", "date", "hs"}]
    if not any(f.kind == "key" for f in kind.fields):
        return pl.lit(value=False)
    return pl.all_horizontal([pl.col(name).is_null() for name in told])


def _notes(frame: pl.DataFrame, names: list[str]) -> pl.Expr:
    """Lines of a table of three columns or more of which only one is filled, with a text of many words."""
    import polars as pl

    told = [n for n in names if frame[n].null_count() < frame.height]
    if len(told) < 3:
        return pl.lit(value=False)
    filled = pl.sum_horizontal([pl.col(n).is_not_null().cast(pl.Int32) for n in told])
    text = pl.coalesce([pl.col(n).cast(pl.String) for n in told])
    return (filled == 1) & (text.str.contains(r"\s|[:：※*。、]") | (text.str.len_chars() > 24)).fill_null(
        value=False
    )


def _flagged(frame: pl.DataFrame) -> pl.Expr:
    import polars as pl

    names = ("deleted", "done", "state")
    flags = [pl.col(c).fill_null(value=False) for c in names if c in frame.columns]
    return pl.any_horizontal(flags) if flags else pl.lit(value=False)
