"""Rows that speak of items no other table knows, and shares that do not sum to one: named, not dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..core.errors import Problem, nearest

if TYPE_CHECKING:
    import polars as pl

NAMED = 10
MANY = 5000
"""Items above which no near name is looked for: each is compared."""
SLACK = 0.02
"""How far shares of an item may miss one: they are rounded."""


def strangers(frames: Mapping[str, pl.DataFrame]) -> list[Problem]:
    """Stock, orders, demand and products of items that no item master, bill or source names."""
    import polars as pl

    told = [
        frames["parts"]["part"],
        frames["bom"]["child"],
        frames["bom"]["parent"],
        frames["sources"]["part"],
    ]
    known = pl.concat(told).drop_nulls().unique()
    if not len(known):
        return []
    faults = []
    for table, column, what in (
        ("stock", "part", "their stock serves nothing"),
        ("orders", "part", "what is on its way serves nothing"),
        ("demand", "product", "no stop can reach them"),
        ("products", "product", "no stop can reach them"),
        ("content", "part", "what they hold says nothing"),
    ):
        frame = frames[table].drop_nulls(column)
        strange = frame.filter(~pl.col(column).is_in(known.implode()))
        if strange.height == 0:
            continue
        names = strange[column].unique(maintain_order=True)
        rows = ", ".join(f"{row['file']} row {row['row']}" for row in strange.head(NAMED).to_dicts())
        near = nearest(names[0], known.to_list()) if len(known) < MANY else ()
        faults.append(
            Problem(
                f"{strange.height:,} rows of {table} name items that no item master, bill of materials or "
                f"source knows: {', '.join(names.head(NAMED))}",
                rows,
                what,
                "write the item's code as in the other files",
                near=near,
            )
        )
    return faults


def sums_of_shares(sources: pl.DataFrame) -> list[Problem]:
    """Items whose shares are all told and sum to something else than one."""
    import polars as pl

    sums = (
        sources.group_by("part", maintain_order=True)
        .agg(whole=pl.col("share").sum(), open=pl.col("share").is_null().any())
        .filter(~pl.col("open") & ((pl.col("whole") - 1.0).abs() > SLACK))
    )
    faults = [
        Problem(
            f"shares of {row['part']} sum to {row['whole']:.4g}",
            "sources",
            "they are scaled to one; a source may be lacking, or stand twice",
        )
        for row in sums.head(NAMED).to_dicts()
    ]
    if sums.height > NAMED:
        faults.append(Problem(f"shares of {sums.height - NAMED} more items do not sum to one", "sources"))
    return faults
