"""Least lost margin as a linear programme over the items that a stop reaches, by week.

For each affected item i (limited, or made and above a limited one) and week w:
    stock left[i,w] - stock left[i,w-1] - made[i,w] + sum over parents q made[parent,w] + sold[i,w]
        - fix[i,w] = arrivals[i,w],   all >= 0,
with 0 <= sold[p,w] <= need of product p in week w. Lost margin = sum of margin x (need - sold). What
comes in during a week may be used from its first day, so the optimum bounds the loss from below.
Source: the impact programme of Simchi-Levi et al. 2015, with a set of lines out instead of one node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.netting import Netting, planned

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

WEEK = 7
EARLY = 1e-6
"""Preference a week for selling early, so that among equal optima the loss falls as late as it can."""
SOLD = 0
"""Place of the sales among the kinds of columns."""


@dataclass(frozen=True)
class Affected:
    """Items and products that a stop reaches, and the weeks looked at.

    items: kernel indices of affected items; products: positions in `Netting.product`; length: days of
    each week (the last may be short).
    """

    items: Ints
    products: Ints
    length: Ints

    @property
    def weeks(self) -> int:
        """Number of weeks."""
        return len(self.length)


def affected(g: Netting, days: int) -> Affected:
    """Limited items, all made items above them, and the products among these."""
    hit = g.limited.copy()
    for i in range(len(hit) - 1, -1, -1):
        if g.made[i] and not hit[i]:
            hit[i] = bool(hit[g.child[g.first[i] : g.first[i + 1]]].any())
    length = np.full(-(-days // WEEK), WEEK, np.int64)
    length[-1] = days - WEEK * (len(length) - 1)
    return Affected(
        np.flatnonzero(hit).astype(np.int64), np.flatnonzero(hit[g.product]).astype(np.int64), length
    )


@dataclass(frozen=True)
class Balance:
    """The rows of the programme without fixes: A x = arrivals, bounds on x, and where sales stand.

    Columns: sold (products x weeks), made (items x weeks, nought for limited ones), left (items x
    weeks). need: (products, weeks) upper bounds of sold.
    """

    matrix: csr_array
    arrivals: Floats
    upper: Floats
    need: Floats


def balance(g: Netting, reach: Affected, resume: int | None = None) -> Balance:
    """The stock balances of the affected items; from day `resume` on limited items come without limit."""
    from scipy.sparse import coo_array

    n, p, w = len(reach.items), len(reach.products), reach.weeks
    place = np.full(len(g.stock), -1, np.int64)
    place[reach.items] = np.arange(n)
    entries = [(place[g.product[reach.products]], np.arange(p), np.ones(p)), *_edges(g, reach, place)]
    rows, columns, values = [], [], []
    for week in range(w):
        for kind, (row, column, value) in enumerate(entries):
            start = 0 if kind == SOLD else p * w
            rows.append(row * w + week)
            columns.append(start + column * w + week)
            values.append(value)
        left = (p + n + np.arange(n)) * w + week
        rows += [np.arange(n) * w + week] * (2 if week else 1)
        columns += [left, left - 1] if week else [left]
        values += [np.ones(n), -np.ones(n)] if week else [np.ones(n)]
    matrix = coo_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(n * w, (p + 2 * n) * w),
    ).tocsr()
    need = g.need[reach.products][:, None] * reach.length[None, :]
    need[:, 0] += g.backlog[reach.products]
    made = np.where(g.made[reach.items], np.inf, 0.0)
    upper = np.concatenate([need.ravel(), np.repeat(made, w), np.full(n * w, np.inf)])
    return Balance(matrix, arrivals(g, reach, resume).ravel(), upper, need)


def _edges(g: Netting, reach: Affected, place: Ints) -> list[tuple[Ints, Ints, Floats]]:
    """(row item, made item, coefficient): what making takes from parts, and what it adds to stock."""
    made = reach.items[g.made[reach.items]]
    count = g.first[made + 1] - g.first[made]
    parent = np.repeat(made, count)
    edge = np.concatenate([np.arange(g.first[i], g.first[i + 1]) for i in made] or [np.zeros(0, np.int64)])
    edge = edge.astype(np.int64)
    kept = place[g.child[edge]] >= 0
    down = (place[g.child[edge]][kept], place[parent][kept], g.quantity[edge][kept])
    return [down, (place[made], place[made], -np.ones(len(made)))]


def arrivals(g: Netting, reach: Affected, resume: int | None) -> Floats:
    """What comes in of each affected item in each week, stock of day 0 in the first, (items, weeks)."""
    came = np.zeros((len(reach.items), reach.weeks))
    came[:, 0] = g.stock[reach.items]
    came += np.where(g.limited, g.inflow, 0.0)[reach.items][:, None] * reach.length[None, :]
    for k, i in enumerate(reach.items):
        for due in range(g.due_first[i], g.due_first[i + 1]):
            week = int(g.due_day[due]) // WEEK
            if week < reach.weeks:
                came[k, week] += g.due_quantity[due]
    if resume is not None:
        back = np.arange(reach.weeks) * WEEK + reach.length > resume
        # All that is ever asked for: more in one week serves nobody, and large numbers hurt the solver.
        whole = g.need * reach.length.sum() + g.backlog
        ample = planned(g.first, g.child, g.quantity, g.product, whole)[reach.items]
        came += np.outer(np.where(g.limited[reach.items], ample, 0.0), back)
    return came


def least_lost(g: Netting, margin: Floats, days: int, resume: int | None = None) -> tuple[Affected, Floats]:
    """Least lost sales in units, (affected products, weeks), and what they refer to.

    margin: (products,) money per unit of each product of the kernel. RuntimeError where the solver
    finds no optimum, which for this programme (nought is always feasible) is a fault of ours.
    """
    from scipy.optimize import linprog

    reach = affected(g, days)
    if len(reach.products) == 0:
        return reach, np.zeros((0, reach.weeks))
    rows = balance(g, reach, resume)
    gain = np.zeros(rows.matrix.shape[1])
    sold = slice(0, rows.need.size)
    early = 1.0 + EARLY * np.arange(reach.weeks)[::-1]
    gain[sold] = -(margin[reach.products][:, None] * early[None, :]).ravel()
    # Interior point: four times faster than the simplex at this shape (measured, docs/company.md).
    found = linprog(
        gain,
        A_eq=rows.matrix,
        b_eq=rows.arrivals,
        bounds=np.stack([np.zeros(len(gain)), rows.upper], axis=1),
        method="highs-ipm",
    )
    if found.status != 0:
        raise RuntimeError(f"the programme of least lost sales was not solved: {found.message}")
    return reach, np.asarray(np.maximum(0.0, rows.need - found.x[sold].reshape(rows.need.shape)))
