"""Bills of materials of systems that keep heads apart: parents, base quantities, yield, validity."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from ..core.errors import Problem

if TYPE_CHECKING:
    import polars as pl

NAMED = 10
BILL_OF = re.compile(r"^BOM-(.+)-\d{3,}$")
"""Number of a bill that is made of the item's code, in one system."""


def headed(frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """Give lines of bills the item their bill makes and the quantity it makes, in place of the frames."""
    import polars as pl

    heads, faults = _heads(frames.pop("bills"))
    bom = frames["bom"]
    if bom["bill"].null_count() == bom.height:
        frames["bom"] = bom.drop("bill")
        return faults
    both = bom.join(heads, on="bill", how="left", maintain_order="left")
    if heads.height:
        left = both.filter(pl.col("out").fill_null(value=False))
        both = both.filter(~pl.col("out").fill_null(value=False))
        if left.height:
            why = "the item has another bill that is its default, or the first"
            what = f"{left.height:,} lines of other bills of the same item are left out"
            faults.append(Problem(what, _rows(left), why))
    from_name = pl.col("bill").str.extract(BILL_OF.pattern, 1)
    guessed = both.filter(pl.col("parent").is_null() & pl.col("made").is_null())
    both = both.with_columns(
        parent=pl.coalesce("parent", "made", from_name, "bill"),
        base=pl.coalesce("base", "made_quantity"),
    )
    if guessed.height:
        bills = ", ".join(guessed["bill"].unique().sort().head(NAMED))
        why = f"no file of bills tells what is made by {bills}: the item was taken from the number"
        faults.append(Problem(f"{guessed.height:,} lines name a bill and no parent", _rows(guessed), why))
    frames["bom"] = both.select([c for c in bom.columns if c != "bill"])
    return faults


def _heads(bills: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """bill, made, made_quantity, out: heads put together from files that each tell a part of them.

    out: the bill is not active, or its item has another that is the default or stands first.
    """
    import polars as pl

    heads = bills.group_by("bill", maintain_order=True).agg(
        made=pl.col("parent").drop_nulls().first(),
        made_quantity=pl.col("base").drop_nulls().first(),
        default=pl.col("default").drop_nulls().first(),
        active=pl.col("active").drop_nulls().first(),
    )
    chosen, active = pl.col("default").fill_null(value=False), pl.col("active").fill_null(value=True)
    heads = heads.with_columns(rank=chosen.cast(pl.Int8) + active.cast(pl.Int8))
    best = pl.col("rank").arg_max().over("made")
    place = pl.int_range(pl.len()).over("made")
    several = pl.col("made").is_not_null() & (place != best)
    idle = pl.col("active").eq_missing(other=False)
    heads = heads.with_columns(out=several | idle)
    made = heads.filter(pl.col("made_quantity") <= 0)
    faults = [
        Problem(f"bill {row['bill']} makes {row['made_quantity']:g} of {row['made']}", "bills", "taken as 1")
        for row in made.head(NAMED).to_dicts()
    ]
    quantity = pl.when(pl.col("made_quantity") > 0).then("made_quantity")
    return heads.select("bill", "made", "out", made_quantity=quantity), faults


def valid_on(frames: dict[str, pl.DataFrame], day: date) -> list[Problem]:
    """Lines of the bill of materials that hold on day 0, with their yield in the quantity."""
    import polars as pl

    bom = frames["bom"]
    late = (pl.col("valid_from") > day) | (pl.col("valid_to") < day)
    held = bom.select(~late.fill_null(value=False)).to_series()
    faults = []
    old = bom.filter(~held)
    if old.height:
        what = f"{old.height:,} lines of the bill of materials do not hold on {day}"
        faults.append(Problem(what, _rows(old), "their days of validity; left out"))
    good = pl.col("yield")
    frames["bom"] = (
        bom.filter(held)
        .with_columns(
            quantity=pl.when(good.is_null()).then("quantity").when(good > 0).then(pl.col("quantity") / good)
        )
        .drop("yield", "valid_from", "valid_to")
    )
    return faults


def _rows(frame: pl.DataFrame) -> str:
    return ", ".join(f"{row['file']} row {row['row']}" for row in frame.head(NAMED).to_dicts())
