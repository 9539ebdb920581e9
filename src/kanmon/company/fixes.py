"""What to buy, qualify or apply for: the best list of fixes for each budget.

Two stages: which options to take now (whole or not at all), then per drawn case (end of the stop,
demand, stock, licence) the least lost margin with what they bring. Least expected loss plus cost, and with a
weight on the worst cases the conditional value at risk (Rockafellar and Uryasev 2000, linear form).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import ceil, floor, log10
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.netting import NEVER, Netting, cover_jointly, rounding
from .program import WEEK, Affected, Balance, affected, balance
from .spread import Case, adjusted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SHARES = (0.0, 0.1, 0.25, 0.5, 1.0)
"""Budgets offered where the user names none, as shares of what is worth spending at all."""
TAIL = 0.8
"""Level of the conditional value at risk: the mean of the worst fifth of the cases."""
PART = 1e-3
"""Share of an option below which it is not taken."""
GAP = 1e-3
"""Relative gap at which the search for the best list stops."""
NODES = 500
"""Most branches searched for one budget (a count, so that every run gives the same list); a list found
by then is marked as not proven best."""


@dataclass(frozen=True)
class Option:
    """One fix. item: kernel index it brings; cost: paid at once; premium: extra money per unit brought;
    ready: first day it brings anything; weekly: units a week from then; amount: units there on day 0.
    given: by the user or from the built-in menu, with the basis of its figures. whole: taken as it is or
    not at all; else any part of it can be taken (stock by the unit). licensed: units a week that stand
    under a licence and come if all of it is approved; 0 for other options.
    """

    name: str
    item: int
    kind: str
    note: str
    cost: float
    premium: float
    ready: int
    weekly: float
    amount: float
    given: str
    basis: str
    whole: bool = True
    licensed: float = 0.0

    def drawn(self, case: Case) -> Option:
        """The option in one case: a licence comes on the case's day, for the share that it approves."""
        if not self.licensed:
            return self
        return replace(self, ready=case.licence_day, weekly=self.licensed * case.approval)

    def part(self, share: float) -> Option:
        """The share of an option that is taken."""
        return self if share > 1 - PART else replace(self, cost=self.cost * share, amount=self.amount * share)


@dataclass(frozen=True)
class FixList:
    """The best options within a budget, and what they change.

    loss: expected lost margin, premium included, without and with; tail: mean of the worst fifth;
    firm_days: days to the firm's first stop on plan; None: not within the horizon. proven: whether the
    list is the best within GAP.
    """

    budget: float
    options: tuple[Option, ...]
    spent: float
    loss_before: float
    loss_after: float
    tail_before: float
    tail_after: float
    days_before: int | None
    days_after: int | None
    proven: bool

    @property
    def days_per_million(self) -> float | None:
        """Days of cover bought per million spent; None where nothing is spent or no end is in sight."""
        if not self.spent or self.days_before is None or self.days_after is None:
            return None
        return (self.days_after - self.days_before) / (self.spent / 1e6)


def best_lists(
    g: Netting,
    margin: Floats,
    options: Sequence[Option],
    cases: Sequence[Case],
    budgets: Sequence[float],
    days: int,
    tail_weight: float = 0.0,
) -> list[FixList]:
    """The best list for each budget, on the same cases; options on items that are not short are left out.

    Without budgets, shares of what is worth spending at all are taken.
    """
    reach = affected(g, days)
    useful = [o for o in options if o.item in set(reach.items.tolist()) and (o.weekly > 0 or o.amount > 0)]
    blocks = [balance(adjusted(g, case), reach, case.resume) for case in cases]

    def solved(some: Sequence[Option], budget: float) -> _Found:
        return _solve(reach, blocks, cases, margin, some, budget, tail_weight)

    # The solver leaves the interpreter, so that two programmes run beside each other.
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(solved, [], 0.0)
        free = None if budgets else pool.submit(solved, useful, np.inf).result()
        if free is not None:
            enough = sum(o.cost for o in free[0])
            budgets = [rounded_up(enough * share) for share in SHARES]
        ordered = sorted(set(budgets))
        # What is worth spending at all is the answer for every budget that reaches it.
        reached = {b for b in ordered if free is not None and sum(o.cost for o in free[0]) <= b}
        short = [b for b in ordered if b not in reached]
        answers = dict(zip(short, pool.map(lambda b: solved(useful, b), short), strict=True))
        before = first.result()
    found: list[FixList] = []
    for budget in ordered:
        answer = free if free is not None and budget in reached else answers[budget]
        chosen, loss, tail, proven = answer
        if found and found[-1].options == tuple(chosen):
            continue  # a larger budget that buys nothing more
        found.append(
            FixList(
                budget,
                tuple(chosen),
                sum(o.cost for o in chosen),
                before[1],
                loss,
                before[2],
                tail,
                first_stop(g, days),
                first_stop(with_options(g, chosen, days), days),
                proven,
            )
        )
    return found


def rounded_up(amount: float) -> float:
    """An amount to two leading digits, upwards."""
    if amount <= 0:
        return 0.0
    step = 10.0 ** (floor(log10(amount)) - 1)
    return ceil(amount / step) * step


def first_stop(g: Netting, days: int) -> int | None:
    """Days to the first stop of any product at plan; None where there is none."""
    stop, _ = cover_jointly(g, days)
    return int(stop[stop != NEVER].min()) if bool((stop != NEVER).any()) else None


def with_options(g: Netting, options: Sequence[Option], days: int) -> Netting:
    """The netting with what the options bring put in as stock and daily receipts."""
    stock = g.stock.copy()
    item, day, amount = [_owner(g)], [g.due_day], [g.due_quantity]
    for o in options:
        stock[o.item] += o.amount
        if o.weekly > 0 and o.ready < days:
            when = np.arange(o.ready, days)
            item.append(np.full(len(when), o.item))
            day.append(when)
            amount.append(np.full(len(when), o.weekly / WEEK))
    items, when, much = np.concatenate(item), np.concatenate(day), np.concatenate(amount)
    order = np.lexsort((when, items))
    first = np.searchsorted(items[order], np.arange(len(stock) + 1)).astype(np.int64)
    return g._replace(
        stock=stock,
        due_first=first,
        due_day=when[order].astype(np.int64),
        due_quantity=much[order],
        slack=rounding(stock, g.inflow, first, much[order], days),
    )


def _owner(g: Netting) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(g.stock)), np.diff(g.due_first))


_Found = tuple[list["Option"], float, float, bool]


@dataclass(frozen=True)
class _Shape:
    """Where the columns of the programme stand: y | case blocks (x, fixes) | threshold | excess | one."""

    options: int
    block: int
    flows: int
    cases: int

    def case(self, s: int) -> int:
        return self.options + s * (self.block + self.flows)

    @property
    def threshold(self) -> int:
        return self.case(self.cases)

    @property
    def width(self) -> int:
        return self.threshold + 2 + self.cases


def _solve(
    reach: Affected,
    blocks: Sequence[Balance],
    drawn: Sequence[Case],
    margin: Floats,
    options: Sequence[Option],
    budget: float,
    tail_weight: float,
) -> _Found:
    """Chosen options, expected loss with premiums, mean of the worst cases, and whether proven best."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    # What cannot be paid for cannot be chosen; a part of an option that can be cut may still be.
    options = [o for o in options if not o.whole or o.cost <= budget]
    w, k, s = reach.weeks, len(options), len(blocks)
    shape = _Shape(k, blocks[0].matrix.shape[1], k * w, s)
    lost_unit = np.repeat(margin[reach.products], w)
    most = np.array([float((lost_unit * b.need.ravel()).sum()) for b in blocks])
    balances = _rows(reach, blocks, drawn, options, shape)
    constraints = [LinearConstraint(m, low, high) for m, low, high in balances]
    tail_rows, loss = _loss_rows(shape, lost_unit, options, w)
    constraints.append(LinearConstraint(tail_rows, -np.inf, -most))
    cost = np.array([o.cost for o in options])
    if k:
        spend = np.zeros((1, shape.width))
        spend[0, :k] = cost
        constraints.append(LinearConstraint(spend, -np.inf, budget))
    upper = np.full(shape.width, np.inf)
    upper[:k] = 1.0
    for c, block in enumerate(blocks):
        upper[shape.case(c) : shape.case(c) + shape.block] = block.upper
    lower = np.zeros(shape.width)
    lower[shape.threshold] = -np.inf if tail_weight else 0.0
    # The last column is one: with what is lost without any sale the goal is the loss itself, so that the gap
    # is a share of the loss, and not of the far larger sales.
    lower[-1] = upper[-1] = 1.0
    goal = (1.0 - tail_weight) * loss / s
    goal[shape.threshold] = tail_weight
    goal[shape.threshold + 1 : -1] = tail_weight / ((1.0 - TAIL) * s) if tail_weight else 0.0
    goal[:k] += cost
    goal[-1] = (1.0 - tail_weight) * most.mean()
    found = milp(
        goal,
        constraints=constraints,
        bounds=Bounds(lower, upper),
        integrality=np.concatenate([[float(o.whole) for o in options], np.zeros(shape.width - k)]),
        options={"mip_rel_gap": GAP, "node_limit": NODES},
    )
    if found.x is None:
        raise RuntimeError(f"no list of fixes was found: {found.message}")
    parts = [slice(shape.case(c), shape.case(c + 1)) for c in range(s)]
    each = most + np.array([float(loss[part] @ found.x[part]) for part in parts])
    worst = np.sort(each)[-max(1, round((1.0 - TAIL) * s)) :]
    chosen = [
        o.part(float(y)) for o, y in zip(options, found.x[:k], strict=True) if y > (0.5 if o.whole else PART)
    ]
    return chosen, float(each.mean()), float(worst.mean()), found.status == 0


def _rows(
    reach: Affected,
    blocks: Sequence[Balance],
    drawn: Sequence[Case],
    options: Sequence[Option],
    shape: _Shape,
) -> list[tuple[object, Floats, Floats]]:
    """Balances of every case with what the options bring, and the limits on what they can bring."""
    from scipy.sparse import block_diag, coo_array, csr_array, hstack

    w, k = reach.weeks, len(options)
    place = {int(i): row for row, i in enumerate(reach.items)}
    rows = [place[o.item] * w + week for o in options for week in range(w)]
    brings = coo_array(
        (np.ones(k * w), (np.array(rows, np.int64), np.arange(k * w))),
        shape=(blocks[0].matrix.shape[0], k * w),
    )
    # The balance has arrivals on the right: what a fix brings stands on the left with a minus.
    body = block_diag([hstack([b.matrix, -brings]) for b in blocks], format="csr")
    pad_left, pad_right = csr_array((body.shape[0], k)), csr_array((body.shape[0], 2 + shape.cases))
    arrivals = np.concatenate([b.arrivals for b in blocks])
    out: list[tuple[object, Floats, Floats]] = [
        (hstack([pad_left, body, pad_right], format="csr"), arrivals, arrivals)
    ]
    if k:
        most = np.concatenate([_brought(o.drawn(case), reach) for case in drawn for o in options])
        flow = np.concatenate([shape.case(c) + shape.block + np.arange(k * w) for c in range(shape.cases)])
        line = np.arange(shape.cases * k * w)
        limit = coo_array(
            (
                np.concatenate([np.ones(len(line)), -most]),
                (
                    np.concatenate([line, line]),
                    np.concatenate([flow, np.tile(np.repeat(np.arange(k), w), shape.cases)]),
                ),
            ),
            shape=(len(line), shape.width),
        ).tocsr()
        out.append((limit, np.full(len(line), -np.inf), np.zeros(len(line))))
    return out


def _brought(option: Option, reach: Affected) -> Floats:
    """Most that an option brings in each week, (weeks,)."""
    start = np.arange(reach.weeks) * WEEK
    open_days = np.clip(start + reach.length - np.maximum(start, option.ready), 0, None)
    most = option.weekly / WEEK * open_days
    most[0] += option.amount
    return np.asarray(most, dtype=float)


def _loss_rows(shape: _Shape, lost_unit: Floats, options: Sequence[Option], w: int) -> tuple[object, Floats]:
    """Rows "loss of case c - threshold - excess <= 0", and each column's part in the loss of its case."""
    from scipy.sparse import lil_array

    loss = np.zeros(shape.width)
    rows = lil_array((shape.cases, shape.width))
    for c in range(shape.cases):
        at = shape.case(c)
        loss[at : at + len(lost_unit)] = -lost_unit
        loss[at + shape.block : at + shape.block + shape.flows] = np.repeat([o.premium for o in options], w)
        rows[c, at : at + shape.block + shape.flows] = loss[at : at + shape.block + shape.flows]
        rows[c, shape.threshold] = -1.0
        rows[c, shape.threshold + 1 + c] = -1.0
    return rows.tocsr(), loss
