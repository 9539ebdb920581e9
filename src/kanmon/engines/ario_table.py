"""A table as the ARIO engine takes it: rows closed, so that nothing moves where nothing happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..world.records import IOTable

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from ..world.tables import Table

    Array = NDArray[np.float64]

ROUNDING = 1e-6
"""Part of output below which a row that misses it is not worth a note."""


@dataclass(frozen=True)
class ArioInput:
    """Flows and output a year, final demand and value added by node.

    final: (N,) output less sales to industries, below nought where stocks are run down. final_to: (N, R) the
    table's own final demand by region of destination, None where the table has none. notes: what was changed
    or is wrong but bearable. source: where the table comes from, in words.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    Z: NDArray[np.floating[Any]]
    final: Array
    x: Array
    value_added: Array
    unit: str
    year: int
    notes: tuple[str, ...]
    source: str = ""
    final_to: Array | None = None

    @classmethod
    def of(cls, table: Table | IOTable, dtype: DTypeLike | None = None) -> ArioInput:
        """From a table, its flows in single or double precision.

        Final demand is what each row leaves. The table's own would do where rows add up; where they miss
        output, by rounding or because stocks run down, a model that is started from it is not at rest, and
        ARIO runs off from there.
        """
        Z = table.Z if dtype is None else table.Z.astype(dtype, copy=False)
        final = np.asarray(table.x - Z.sum(axis=1, dtype=np.float64))
        notes, to = [], None
        if not isinstance(table, IOTable):
            notes = [*table.notes, *(f"{f.law}: {f.text}" for f in table.findings)]
            if table.final is not None:
                notes += _closure(table, final)
                to = _destinations(table)
        notes += _negative(table, final)
        card = table.source
        source = "; ".join(word for word in (card.title, card.publisher, card.date) if word)
        return cls(
            table.regions, table.sectors, Z, final, table.x, table.value_added, table.unit, table.year,
            tuple(notes), source, to,
        )  # fmt: skip

    def label(self, node: int) -> str:
        """Region and sector of a node."""
        return f"{self.regions[node // len(self.sectors)]} {self.sectors[node % len(self.sectors)]}"


def _label(table: Table | IOTable, node: int) -> str:
    return f"{table.regions[node // len(table.sectors)]} {table.sectors[node % len(table.sectors)]}"


def _closure(table: Table, final: Array) -> list[str]:
    """What closing the rows changed."""
    assert table.final is not None
    gap = final - table.final.sum(axis=1, dtype=np.float64)
    off, whole = float(np.abs(gap).sum()), float(table.x.sum())
    if off <= ROUNDING * whole:
        return []
    worst = int(np.argmax(np.abs(gap)))
    where = f"most at {_label(table, worst)}: {gap[worst]:,.6g}"
    text = (
        "final demand is what a row leaves, output less sales to industries; it differs from the table's own"
    )
    return [f"{text} by {off:,.6g} {table.unit} in all, {where}"]


def _negative(table: Table | IOTable, final: Array) -> list[str]:
    low = final < -1e-9 * np.maximum(table.x, 1.0)
    if not low.any():
        return []
    worst = int(np.argmin(final))
    where = f"most at {_label(table, worst)}: {final[worst]:,.6g}"
    return [
        f"final demand of {int(low.sum())} sellers is negative, {final[low].sum():,.6g} {table.unit} in all, "
        + where
        + "; these are stocks run down, which go on serving buyers"
    ]


def _destinations(table: Table) -> Array | None:
    """Final demand by region of destination, (N, R); None where a column names no region of the table."""
    assert table.final is not None
    owners = [region for region, _ in table.final_labels]
    if not owners or not set(owners) <= set(table.regions):
        return None
    out = np.zeros((table.x.size, len(table.regions)))
    for column, owner in enumerate(owners):
        out[:, table.regions.index(owner)] += table.final[:, column]
    return out
