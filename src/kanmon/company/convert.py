"""Tables of a firm in one form: no repeats, quantities in the part's unit, money in the firm's currency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..core.errors import Problem
from .fields import Unit, fold, table_kinds, units

if TYPE_CHECKING:
    import polars as pl

KEYS = {
    "parts": ("part",),
    "suppliers": ("supplier",),
    "products": ("product",),
    "customers": ("customer",),
    "options": ("option",),
    "fx": ("currency",),
    "sources": ("part", "supplier", "origin", "content_origin"),
    "content": ("part", "substance", "document"),
    "orders": ("order", "line"),
    "ledger": ("document", "line"),
}
"""Columns that name a row once. Tables not listed may rightly hold the same key twice."""
NAMED = 10
CUT = 40
"""Characters after which a large system cuts the text of an order line."""


def without_repeats(table: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """First row of each key; the others are named, and told apart from rows that say something else."""
    import polars as pl

    if table not in KEYS:
        said = [c for c in frame.columns if c not in {"row", "file"}]
        kept = frame.unique(subset=[*said, "file", "row"], keep="first", maintain_order=True)
        return kept, []
    key = [c for c in KEYS[table] if c in frame.columns and frame[c].null_count() < frame.height]
    if not key:
        return frame, []
    told = frame.filter(pl.all_horizontal([pl.col(c).is_not_null() for c in key]))
    again = told.filter(~pl.struct(key).is_first_distinct())
    if again.height == 0:
        return frame, []
    kept = frame.join(again.select("file", "row"), on=["file", "row"], how="anti")
    first = kept.select(*key, *[pl.col(c).alias(f"{c} first") for c in (*_facts(table, key), "file")])
    both = again.join(first, on=key, how="left", maintain_order="left")
    same = pl.all_horizontal(
        [pl.col(c).eq_missing(pl.col(f"{c} first")) for c in _facts(table, key)] or [True]
    )
    faults = [
        Problem(
            f"{count} lines stand in {other} too: the same lines, counted once",
            file,
            "key, dates, numbers and codes are equal",
        )
        for file, other, count in both.filter(same)
        .group_by("file", "file first", maintain_order=True)
        .len()
        .rows()
    ]
    differ = both.filter(~same)
    faults += [
        Problem(
            f"{' / '.join(str(row[c]) for c in key)} stands twice and says something else",
            f"{row['file']} row {row['row']}",
            "a row of this table must be the only one of its key",
            "the first row counts",
        )
        for row in differ.head(NAMED).to_dicts()
    ]
    if differ.height > NAMED:
        faults.append(Problem(f"{differ.height - NAMED} more repeated rows, not counted", table))
    return kept, faults


def _facts(table: str, key: Sequence[str]) -> list[str]:
    """Fields in which two rows of a key must agree to be the same: not names and texts, nor flags."""
    return [
        f.name
        for f in table_kinds()[table].fields
        if f.kind not in {"text", "yes"} and f.name not in key and f.name not in {"deleted", "done"}
    ]


def in_parts_units(frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """Turn quantities of bom, stock and orders into the unit of the part, in place of the frames.

    A unit of another kind than the part's (pieces against kilograms) leaves the quantity unknown.
    """
    faults: list[Problem] = []
    for table, part, columns in (
        ("bom", "child", ("quantity",)),
        ("stock", "part", ("free", "blocked", "inspection")),
        ("orders", "part", ("quantity",)),
    ):
        frames[table], found = _converted(frames[table], frames["parts"], part, columns, table)
        faults += found
    bom = frames["bom"]
    if bom["base"].null_count() < bom.height:
        frames["bom"] = bom.with_columns(
            quantity=bom["quantity"] / bom["base"].fill_null(1.0).replace(0.0, None)
        )
    return faults


def _converted(
    frame: pl.DataFrame, parts: pl.DataFrame, part: str, columns: tuple[str, ...], table: str
) -> tuple[pl.DataFrame, list[Problem]]:
    import polars as pl

    own = parts.select(pl.col("part").alias(part), pl.col("unit").alias("own")).drop_nulls(part)
    both = frame.join(own, on=part, how="left", maintain_order="left")
    by_name = {unit.name: unit for unit in units().values()}
    pairs = both.select("unit", "own").drop_nulls().unique().rows()
    factor = {(given, want): _factor(by_name[given], by_name[want]) for given, want in pairs}
    known = pl.DataFrame(
        [(given, want, value) for (given, want), value in factor.items()],
        schema={"unit": pl.String, "own": pl.String, "factor": pl.Float64},
        orient="row",
    )
    both = both.join(known, on=["unit", "own"], how="left", maintain_order="left")
    clash = pl.col("unit").is_not_null() & pl.col("own").is_not_null() & pl.col("factor").is_null()
    bad = both.filter(clash)
    by = pl.when(clash).then(None).otherwise(pl.col("factor").fill_null(1.0))
    both = both.with_columns([(pl.col(c) * by).alias(c) for c in columns if c in both.columns])
    faults = [
        Problem(
            f"{row[part]} is counted in {row['own']}, this line is in {row['unit']}",
            f"{row['file']} row {row['row']}",
            "the one cannot be turned into the other without the weight or size of a piece",
            "the quantity is taken as unknown",
        )
        for row in bad.head(NAMED).to_dicts()
    ]
    if bad.height > NAMED:
        faults.append(Problem(f"{bad.height - NAMED} more lines whose unit is not the part's", table))
    return both.select(frame.columns), faults


def _factor(given: Unit, want: Unit) -> float | None:
    return given.factor / want.factor if given.kind == want.kind else None


def parts_by_text(frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """Lay purchase lines without an item to the only item of the same text, in place of the frame.

    The text is one of the item's descriptions (whole, or its first 40 characters, where a system cuts it), or
    ends in the item's code. Case, widths and spaces do not count. Lines that fit several stay as they are.
    """
    import polars as pl

    ledger, parts = frames["ledger"], frames["parts"].drop_nulls("part")
    lacking = ledger.filter(pl.col("part").is_null() & pl.col("description").is_not_null())
    if lacking.height == 0 or parts.height == 0:
        return []
    by_text: dict[str, set[str]] = {}
    for part, *texts in parts.select("part", "description", "description_local").rows():
        for text in filter(None, texts):
            for told in {fold(text), fold(text[:CUT])}:
                by_text.setdefault(told, set()).add(part)
    codes = set(parts["part"].to_list())
    found = {}
    for text in lacking["description"].unique():
        last = text.split()[-1].upper() if text.split() else ""
        fits = {last} if last in codes else by_text.get(fold(text), set())
        if len(fits) == 1:
            found[text] = next(iter(fits))
    if not found:
        return []
    laid = pl.col("description").replace_strict(found, default=None, return_dtype=pl.String)
    frames["ledger"] = ledger.with_columns(part=pl.coalesce("part", laid))
    count = lacking["description"].is_in(list(found)).sum()
    why = f"of {lacking.height:,} lines without an item; the others fit several items or none"
    return [Problem(f"{count:,} purchase lines were laid to an item by their text", "ledger", why)]


def sources_from_ledger(frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """Give items that no source names the suppliers and origins they were bought from, in place of the frame.

    Share: part of the quantity bought of the item, in the ledger's own units; left open where it is not told.
    """
    import polars as pl

    told = frames["ledger"].drop_nulls("part")
    known = pl.concat([frames["sources"]["part"], frames["bom"]["parent"]]).drop_nulls().unique()
    lacking = told.filter(~pl.col("part").is_in(known.implode()))
    if lacking.height == 0:
        return []
    ways = lacking.group_by("part", "supplier", "origin", maintain_order=True).agg(pl.col("quantity").sum())
    whole = pl.col("quantity").sum().over("part")
    ways = ways.with_columns(
        share=pl.when((pl.col("quantity") >= 0) & (whole > 0)).then(pl.col("quantity") / whole)
    )
    rows = ways.select("part", "supplier", "share", "origin").with_columns(file=pl.lit(""))
    frames["sources"] = pl.concat([frames["sources"], rows], how="diagonal")
    count = ways["part"].n_unique()
    why = "who sold it, and the origin, as the purchase lines tell"
    return [Problem(f"{count:,} items have no source: taken from the purchases", "sources", why)]


def in_firms_money(frames: dict[str, pl.DataFrame], told: str) -> tuple[str, list[Problem]]:
    """Turn costs and prices with a currency of their own into the firm's currency.

    The firm's currency is what the user says, or the one whose rate is 1. Amounts in a currency without
    a rate become unknown. Ledger lines keep their currency; `rate` is added for sums.
    """
    import polars as pl

    rates = frames["fx"].drop_nulls(["currency", "rate"])
    ones = rates.filter(pl.col("rate") == 1.0)["currency"].to_list()
    own = told or (ones[0] if len(ones) == 1 else "")
    faults = []
    if not own and rates.height == 0:
        spoken = {
            c for t in ("parts", "products", "ledger") for c in frames[t]["currency"].drop_nulls().unique()
        }
        own = spoken.pop() if len(spoken) == 1 else ""
    if not own:
        faults.append(
            Problem(
                "the firm's currency is not known",
                "fx",
                "no table of rates with one currency at 1",
                "give it with --currency",
            )
        )
    known = pl.concat(
        [rates.select("currency", "rate"), pl.DataFrame({"currency": [own], "rate": [1.0]})]
    ).unique("currency", keep="first")
    for table, columns in (("parts", ("cost",)), ("products", ("price",)), ("ledger", ())):
        frame = frames[table].join(known, on="currency", how="left", maintain_order="left")
        by = pl.when(pl.col("currency").is_null()).then(1.0).otherwise(pl.col("rate"))
        frame = frame.with_columns([(pl.col(c) * by).alias(c) for c in columns], rate=by)
        lacking = sorted(frame.filter(pl.col("rate").is_null())["currency"].drop_nulls().unique().to_list())
        if lacking:
            faults.append(
                Problem(
                    f"no rate for {', '.join(lacking)}", table, fix="add the currency to the table of rates"
                )
            )
        frames[table] = frame if table == "ledger" else frame.drop("rate")
    return own, faults
