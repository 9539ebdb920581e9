"""The laws that an input-output table should keep, and what is said where it does not.

Refused: what no engine can run on (numbers that are none, negative output, inputs far above output, rows far
out of balance). Warned: what published tables have (rounding, dead industries, a few negative cells).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import InputError, Problem
from .findings import REFUSE, WARN, Cell, Finding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .table import Table

WORST = 5
COLUMN_TOLERANCE = 0.25
"""Inputs above output by more than this part of output are refused: the industry could never have produced.
Below it they are warned of, since published tables hold such columns (processing trade, small economies)."""
SMALL = 1e-7
"""Gaps below this part of the table's whole output are too small to refuse a table for."""
ROW_TOLERANCE = 0.05
"""A table whose rows miss output by more than this part of all output is refused."""
NEGATIVE_TOLERANCE = 0.01
"""Negative flows may add up to this part of all flows."""
EXACT = {8: 1e-9, 4: 2e-6}
"""A gap below this part of output is rounding of the arithmetic, by bytes of a flow."""
BLOCK = 512
MEND = "mend the table; kanmon data check FILE names its worst cells"
ORDER_LAW = "order of rows"
ORDER_FIX = "state the other order: --order sector-major or --order country-major"
HOME_ELSEWHERE, HOME_LESS = 0.5, 0.5
"""Industries buy most at home: where in another order they do so for this share of flows or more, and as read
for this part of it or less, the order that was stated is wrong."""
LEAST_REGIONS = 3


def check_table(table: Table) -> tuple[Finding, ...]:
    """Every law that the table breaks, refusals first."""
    bad = _not_finite(table)
    if bad:
        return bad
    sold, bought, negative = _sums(table)
    final = None if table.final is None else table.final.sum(axis=1, dtype=np.float64)
    found = [
        _order(table),
        _negative_output(table),
        _negative_cells(table, negative),
        _columns(table, bought),
        _rows(table, sold, final),
        _column_balance(table, bought),
        _final(table, final),
        _dead(table, bought),
    ]
    kept = [f for f in found if f is not None]
    return tuple(sorted(kept, key=lambda f: f.severity != REFUSE))


def refusals(table: Table) -> None:
    """InputError with every finding that forbids an engine to run."""
    problems = [
        Problem(
            f.text,
            where="; ".join(str(c) for c in f.worst),
            why=f"{f.law}: {f.count} places",
            fix=ORDER_FIX
            if f.law == ORDER_LAW
            else "mend the table; kanmon data check FILE names its worst cells",
        )
        for f in table.findings
        if f.severity == REFUSE
    ]
    if problems:
        raise InputError(problems)


def _sums(table: Table) -> tuple[NDArray[np.float64], NDArray[np.float64], _Negative]:
    """Row sums, column sums and negative cells of Z in one walk by blocks of rows."""
    N = len(table.x)
    sold, bought, negative = np.zeros(N), np.zeros(N), _Negative()
    for first in range(0, N, BLOCK):
        block = table.Z[first : first + BLOCK]
        sold[first : first + BLOCK] = block.sum(axis=1, dtype=np.float64)
        bought += block.sum(axis=0, dtype=np.float64)
        negative.add(first, block)
    return sold, bought, negative


class _Negative:
    """Negative flows met so far: how many, how much, and the worst."""

    def __init__(self) -> None:
        self.count, self.sum = 0, 0.0
        self.worst: list[tuple[float, int, int]] = []

    def add(self, first: int, block: NDArray[np.floating[Any]]) -> None:
        if not block.size or block.min() >= 0:
            return
        rows, cols = np.nonzero(block < 0)
        values = block[rows, cols].astype(np.float64)
        self.count += len(values)
        self.sum += float(values.sum())
        here = [(float(values[k]), int(first + rows[k]), int(cols[k])) for k in np.argsort(values)[:WORST]]
        self.worst = sorted([*self.worst, *here])[:WORST]


def _cells(table: Table, gap: NDArray[np.float64], value: NDArray[np.float64]) -> tuple[Cell, ...]:
    """The worst nodes by the size of their gap."""
    labels = table.labels
    order = np.argsort(-np.abs(gap), kind="stable")[:WORST]
    return tuple(
        Cell(labels[k][0], labels[k][1], float(value[k]), float(gap[k])) for k in order if gap[k] != 0
    )


def _rounding(table: Table) -> NDArray[np.float64]:
    """The gap of each node that arithmetic alone may leave."""
    return np.asarray(EXACT[table.Z.dtype.itemsize] * np.maximum(table.x, 1.0))


def _not_finite(table: Table) -> tuple[Finding, ...]:
    """NaN and infinity that a reader let through (its own arithmetic overflowed)."""
    parts = {
        "flows": table.Z,
        "output": table.x,
        "final demand": table.final,
        "value added": table.value_added,
    }
    return tuple(
        Finding("numbers", REFUSE, int((~np.isfinite(a)).sum()), f"{name} hold values that are no numbers")
        for name, a in parts.items()
        if a is not None and not np.isfinite(a.sum(dtype=np.float64))
    )


def _order(table: Table) -> Finding | None:
    """Flows that stay at home as read, and were the rows in the other order."""
    R, S, N = len(table.regions), len(table.sectors), len(table.x)
    whole = float(table.Z.sum(dtype=np.float64))
    if R < LEAST_REGIONS or S < LEAST_REGIONS or not whole > 0:
        return None
    node = np.arange(N)
    # Region of each row as read; if the file runs by sector; if it runs by country and was read by sector.
    kinds = (node // S, node % R, (node % S * R + node // S) // S)
    here, *others = (_at_home(table, region, R) / whole for region in kinds)
    best = max(others)
    if best < HOME_ELSEWHERE or here > HOME_LESS * best:
        return None
    text = (
        f"{100 * here:.1f} % of flows between industries stay in their region; read in the other order "
        f"{100 * best:.1f} % would"
    )
    return Finding(ORDER_LAW, REFUSE, 1, text)


def _at_home(table: Table, region: NDArray[np.int64], R: int) -> float:
    """Sum of flows between nodes of one region."""
    one = np.zeros((len(region), R))
    one[np.arange(len(region)), region] = 1.0
    blocks = (slice(k, k + BLOCK) for k in range(0, len(region), BLOCK))
    return float(sum(((table.Z[b] @ one) * one[b]).sum() for b in blocks))


def _negative_output(table: Table) -> Finding | None:
    low = np.minimum(table.x, 0.0)
    if not low.any():
        return None
    return Finding("output", REFUSE, int((low < 0).sum()), "output is negative", _cells(table, low, table.x))


def _negative_cells(table: Table, negative: _Negative) -> Finding | None:
    if not negative.count:
        return None
    whole = float(table.Z.sum(dtype=np.float64))
    severity = REFUSE if -negative.sum > NEGATIVE_TOLERANCE * max(whole, 0.0) else WARN
    labels = table.labels
    worst = tuple(Cell(*labels[i], v, v, labels[j]) for v, i, j in negative.worst)
    text = f"{negative.count:,} flows are negative, {negative.sum:,.6g} {table.unit} in all of {whole:,.6g}"
    return Finding("flows not negative", severity, negative.count, text, worst)


def _columns(table: Table, bought: NDArray[np.float64]) -> Finding | None:
    """Inputs above output: value added would be negative."""
    gap = np.maximum(bought - table.x, 0.0)
    gap[gap <= _rounding(table)] = 0.0
    if not gap.any():
        return None
    floor = SMALL * max(float(table.x.sum()), 0.0)
    severity = REFUSE if (gap > np.maximum(COLUMN_TOLERANCE * table.x, floor)).any() else WARN
    count = int((gap > 0).sum())
    text = f"{count:,} industries buy more than they produce, by up to {gap.max():,.6g} {table.unit}"
    return Finding("columns within output", severity, count, text, _cells(table, gap, table.x))


def _rows(table: Table, sold: NDArray[np.float64], final: NDArray[np.float64] | None) -> Finding | None:
    """Sales to industries and final demand against output; without final demand only sales above output."""
    gap = sold + final - table.x if final is not None else np.maximum(sold - table.x, 0.0)
    gap[np.abs(gap) <= _rounding(table)] = 0.0
    if not gap.any():
        return None
    off = float(np.abs(gap).sum())
    severity = REFUSE if off > ROW_TOLERANCE * max(float(table.x.sum()), 0.0) else WARN
    count = int((gap != 0).sum())
    what = "rows do not add up to output" if final is not None else "industries sell more than they produce"
    text = f"{count:,} {what}, by up to {np.abs(gap).max():,.6g} {table.unit}, {off:,.6g} in all"
    return Finding("row balance", severity, count, text, _cells(table, gap, table.x))


def _column_balance(table: Table, bought: NDArray[np.float64]) -> Finding | None:
    """Inputs and primary inputs against output, where the file has primary inputs."""
    if not table.primary:
        return None
    gap = bought + np.sum([row for _, row in table.primary], axis=0) - table.x
    gap[np.abs(gap) <= _rounding(table)] = 0.0
    if not gap.any():
        return None
    off = float(np.abs(gap).sum())
    severity = REFUSE if off > ROW_TOLERANCE * max(float(table.x.sum()), 0.0) else WARN
    count = int((gap != 0).sum())
    most = f"{np.abs(gap).max():,.6g} {table.unit}"
    text = f"{count:,} columns do not add up to output, by up to {most}, {off:,.6g} in all"
    return Finding("column balance", severity, count, text, _cells(table, gap, table.x))


def _final(table: Table, final: NDArray[np.float64] | None) -> Finding | None:
    """Final demand below zero in sum (stocks run down): sound accounting, but some models refuse it."""
    if final is None:
        return None
    low = np.where(final < -_rounding(table), final, 0.0)
    if not low.any():
        return None
    count = int((low < 0).sum())
    text = f"{count:,} industries have negative final demand in sum, down to {low.min():,.6g} {table.unit}"
    return Finding("final demand not negative", WARN, count, text, _cells(table, low, table.x))


def _dead(table: Table, bought: NDArray[np.float64]) -> Finding | None:
    dead = table.x == 0
    if not dead.any():
        return None
    count = int(dead.sum())
    text = f"{count:,} of {len(dead):,} industries have no output"
    named = _cells(table, np.where(dead, np.maximum(bought, 1e-300), 0.0), table.x)
    worst = tuple(
        Cell(c.region, c.sector, c.value, float(bought[table.node(c.region, c.sector)])) for c in named
    )
    return Finding("live industries", WARN, count, text, worst)
