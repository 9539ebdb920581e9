"""Rows that say the same twice: counted once; rows of one key that differ: named; older counts: left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import Problem
from .fields import table_kinds

if TYPE_CHECKING:
    import polars as pl

KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "parts": (("part",), ()),
    "suppliers": (("supplier",), ()),
    "products": (("product",), ()),
    "customers": (("customer",), ()),
    "options": (("option",), ()),
    "fx": (("currency",), ()),
    "sources": (("part", "supplier"), ("origin", "content_origin")),
    "orders": (("order", "line"), ()),
    "ledger": (("document", "line"), ()),
}
"""Columns that name a row once, where all the first are told; the second may be empty. Rows of other tables,
and rows whose key is not told, may rightly stand twice in one file."""
NAMED = 10


def without_repeats(table: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """First row of each key, and once what stands in several files; what is left out is named."""
    import polars as pl

    needed, more = KEYS.get(table, ((), ()))
    if not needed:
        return _once_over_files(frame)
    told = frame.select(pl.all_horizontal([pl.col(c).is_not_null() for c in needed])).to_series()
    keyed = frame.filter(told)
    first = keyed.select(pl.struct(*needed, *more).is_first_distinct()).to_series()
    faults = []
    if not first.all():
        faults = _repeated(table, keyed.filter(first), keyed.filter(~first), [*needed, *more])
        keyed = keyed.filter(first)
    if told.all():
        return keyed, faults
    loose, found = _once_over_files(frame.filter(~told))
    return pl.concat([keyed, loose]), [*faults, *found]


def _once_over_files(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Rows of later files that are equal to rows of earlier ones out: as often as the fullest file has them.

    Within one file equal rows are separate lots, lines or places, and all count.
    """
    import polars as pl

    if frame["file"].n_unique() < 2:
        return frame, []
    said = [c for c in frame.columns if c not in {"row", "file"}]
    numbered = frame.with_columns(turn=pl.int_range(pl.len()).over([*said, "file"]))
    first = numbered.select(pl.struct(*said, "turn").is_first_distinct()).to_series()
    if first.all():
        return frame, []
    kept = numbered.filter(first).select(*said, "turn", pl.col("file").alias("file first"))
    again = numbered.filter(~first)
    both = again.join(kept, on=[*said, "turn"], how="left", nulls_equal=True, maintain_order="left")
    return numbered.filter(first).drop("turn"), _equal_lines(both)


def _equal_lines(both: pl.DataFrame) -> list[Problem]:
    return [
        Problem(
            f"{count} lines stand in {other} too: the same lines, counted once",
            file,
            "key, dates, numbers and codes are equal",
            "take the second file out, or give the place in a column where they are two counts",
        )
        for file, other, count in both.group_by("file", "file first", maintain_order=True).len().rows()
    ]


def _repeated(table: str, kept: pl.DataFrame, again: pl.DataFrame, key: list[str]) -> list[Problem]:
    """Rows of a key that stands above: the same lines counted by file, others named one by one."""
    import polars as pl

    facts = _facts(table, key)
    first = kept.select(*key, *[pl.col(c).alias(f"{c} first") for c in (*facts, "file")])
    both = again.join(first, on=key, how="left", nulls_equal=True, maintain_order="left")
    same = pl.all_horizontal([pl.col(c).eq_missing(pl.col(f"{c} first")) for c in facts] or [True])
    differ = both.filter(~same)
    faults = _equal_lines(both.filter(same))
    faults += [
        Problem(
            f"{' / '.join(str(row[c]) for c in key if row[c])} stands twice and says something else",
            f"{row['file']} row {row['row']}",
            "a row of this table must be the only one of its key",
            "the first row counts",
        )
        for row in differ.head(NAMED).to_dicts()
    ]
    if differ.height > NAMED:
        faults.append(Problem(f"{differ.height - NAMED} more repeated rows, not counted", table))
    return faults


def _facts(table: str, key: list[str]) -> list[str]:
    """Fields in which two rows of a key must agree to be the same: not names and texts, nor flags."""
    return [
        f.name
        for f in table_kinds()[table].fields
        if f.kind not in {"text", "yes", "state"} and f.name not in key and not f.step
    ]


def last_counts(stock: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """The last count of each item and place: two counts of one store on two days are one store."""
    import polars as pl

    place = ["part", "plant", "location"]
    if stock["as_of"].n_unique() < 2:
        return stock, []
    last = pl.col("as_of").max().over(place)
    early = stock.select((pl.col("as_of") < last).fill_null(value=False)).to_series()
    old = stock.filter(early)
    if old.height == 0:
        return stock, []
    rows = ", ".join(f"{row['file']} row {row['row']}" for row in old.head(NAMED).to_dicts())
    why = "the same item and place has a later count"
    what = f"{old.height:,} stock lines are older counts and do not count"
    return stock.filter(~early), [Problem(what, rows, why)]


def united(content: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Rows on contents with noughts out where another row of the same good names that element as present.

    Documents differ by lot and year; the one that found something outweighs the one that did not.
    """
    import polars as pl

    names = {text: _element(text) for text in content["substance"].drop_nulls().unique()}
    marked = content.with_columns(
        pl.col("substance").replace_strict(names, default=None, return_dtype=pl.String).alias("element"),
        nought=(
            pl.col("present").eq_missing(other=False)
            | pl.col("mass_share").eq_missing(0.0)
            | pl.col("grams_per_unit").eq_missing(0.0)
        ),
    )
    held = (~pl.col("nought")).any().over("part", "supplier", "element") | (
        ((~pl.col("nought")) & pl.col("supplier").is_null()).any().over("part", "element")
    )
    outweighed = marked.select(pl.col("nought") & held).to_series()
    out = marked.filter(outweighed)
    if out.height == 0:
        return content, []
    faults = [
        Problem(
            f"{row['part']}: {row['substance']} stands at nought here and as present in another row",
            f"{row['file']} row {row['row']}",
            "presence outweighs nought",
            "take out the row that does not hold for the good bought today",
        )
        for row in out.head(NAMED).to_dicts()
    ]
    if out.height > NAMED:
        faults.append(Problem(f"{out.height - NAMED} more rows at nought that do not count", "content"))
    return content.filter(~outweighed), faults


def _element(text: str) -> str:
    """One symbol where a substance names one element, else the word itself."""
    from ..measure.match import symbols_of

    found, _ = symbols_of([text.strip()])
    return next(iter(found)) if len(found) == 1 else text.strip().casefold()
