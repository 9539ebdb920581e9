"""Amounts that no plant can have: named with file and row, and taken as unknown, which widens the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import Problem

if TYPE_CHECKING:
    import polars as pl

MOST = 1e9
"""Units, money or units a week above which a cell is taken for a slip; far above any plant, far below what
the sums can hold."""
NAMED = 10
LIMITS: tuple[tuple[str, str, float, float], ...] = (
    ("products", "weekly_need", 0.0, MOST),
    ("products", "price", 0.0, MOST),
    ("products", "margin", -1.0, 1.0),
    ("demand", "weekly_need", 0.0, MOST),
    ("demand", "price", 0.0, MOST),
    ("demand", "backlog", 0.0, MOST),
    ("bom", "quantity", -MOST, MOST),  # below nought the network names it with its parent
    ("bom", "scrap_rate", 0.0, 100.0),
    ("parts", "cost", 0.0, MOST),
    ("stock", "free", -MOST, MOST * MOST),
    ("orders", "quantity", 0.0, MOST * MOST),
    ("sources", "share", 0.0, MOST),
    ("options", "cost", 0.0, MOST * MOST),
    ("options", "unit_premium", -1.0, MOST),
    ("options", "weekly_capacity", 0.0, MOST * MOST),
    ("options", "ready_days", 0.0, 1e5),
)
"""Table, column, least and greatest value; margin, scrap rate and premium are shares."""


def possible(frames: dict[str, pl.DataFrame]) -> list[Problem]:
    """Take amounts outside LIMITS as unknown, in place of the frames; each is named."""
    import polars as pl

    faults: list[Problem] = []
    for table, column, low, high in LIMITS:
        frame = frames[table]
        if column not in frame.columns:
            continue
        value = pl.col(column)
        wrong = value.is_not_null() & ~(value.is_finite() & value.is_between(low, high))
        bad = frame.filter(wrong)
        if bad.height == 0:
            continue
        frames[table] = frame.with_columns(pl.when(wrong).then(None).otherwise(value).alias(column))
        why = f"below {low:g}, or above {high:g}"
        faults += [
            Problem(
                f"{column.replace('_', ' ')} {row[column]:g} cannot be",
                f"{row['file']} row {row['row']}",
                why,
                "it is taken as unknown",
            )
            for row in bad.head(NAMED).to_dicts()
        ]
        if bad.height > NAMED:
            faults.append(Problem(f"{bad.height - NAMED} more such amounts in {column}", table, why))
    return faults
