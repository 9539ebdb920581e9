"""Days of cover by netting a bill of materials, compiled. The plain twin is netting_plain.py.

Items stand in an order in which every parent comes before its children. A need that an item's stock
does not meet goes down to its children where the firm makes the item (`made`), ends there where the
item is bought without limit, and is a shortage where the item is `limited`: bought, with some of its
sources stopped, so that only stock, receipts and a daily inflow are left.

Cumulative netting (single-product cover): with G the need of item i summed up to a day and A what has
come in by then (stock, receipts due, inflow), the item must have been made N = max over days so far of
max(0, G - A) times; children need q N. A limited item fails on the first day on which G > A.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit, prange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NEVER = -1
"""Day of a stop that does not come within the horizon; item that binds nothing."""
ROUNDING = 1e-9
"""Share of all that ever comes in below which a lack is rounding."""


class Netting(NamedTuple):
    """What the kernels read. n items, e edges, p products, r receipts.

    first, child, quantity: children of item i are child[first[i]:first[i+1]], quantity per unit made.
    product: (p,) items sold; need: (p,) units a day; backlog: (p,) units due on day 0.
    made, limited: (n,) flags, never both. stock, inflow: (n,) units on day 0; units a day.
    due_first, due_day, due_quantity: receipts of item i, by day. slack: (n,) lack taken as rounding.
    """

    first: Ints
    child: Ints
    quantity: Floats
    product: Ints
    need: Floats
    backlog: Floats
    made: Flags
    limited: Flags
    stock: Floats
    inflow: Floats
    due_first: Ints
    due_day: Ints
    due_quantity: Floats
    slack: Floats


def rounding(stock: Floats, inflow: Floats, due_first: Ints, due_quantity: Floats, days: int) -> Floats:
    """Lack below which an item is not short: ROUNDING of all it ever has, (n,)."""
    until = np.concatenate(([0.0], np.cumsum(due_quantity)))
    return np.asarray(ROUNDING * (stock + inflow * days + until[due_first[1:]] - until[due_first[:-1]]))


@njit(cache=True, nogil=True)
def planned(first: Ints, child: Ints, quantity: Floats, product: Ints, need: Floats) -> Floats:
    """Gross need of each item a day when every product is made at plan, stocks left aside, (n,)."""
    plan = np.zeros(len(first) - 1)
    for p in range(len(product)):
        plan[product[p]] += need[p]
    for i in range(len(plan)):
        for e in range(first[i], first[i + 1]):
            plan[child[e]] += quantity[e] * plan[i]
    return plan


@njit(cache=True, nogil=True)
def least_below(first: Ints, child: Ints, made: Flags, value: Floats) -> Floats:
    """For each item the least `value` among itself and, where it is made, all items below it, (n,)."""
    least = value.copy()
    for i in range(len(least) - 1, -1, -1):
        if made[i]:
            for e in range(first[i], first[i + 1]):
                least[i] = min(least[i], least[child[e]])
    return least


@njit(cache=True, nogil=True)
def units_below(first: Ints, child: Ints, quantity: Floats, made: Flags, item: int) -> Floats:
    """Units of one item in one of each item, stocks left aside, (n,); 1 for the item itself."""
    units = np.zeros(len(made))
    for i in range(len(units) - 1, -1, -1):
        if i == item:
            units[i] = 1.0
        elif made[i]:
            for e in range(first[i], first[i + 1]):
                units[i] += quantity[e] * units[child[e]]
    return units


@njit(cache=True, nogil=True)
def _subtree(g: Netting, root: int, seen: Flags, stack: Ints) -> Ints:
    """Items that a need for `root` can reach, in order; `seen` is clean before and after."""
    seen[root] = True
    stack[0] = root
    height, count, last = 1, 0, root
    while height > 0:
        height -= 1
        i = stack[height]
        count += 1
        last = max(last, i)
        if g.made[i]:
            for e in range(g.first[i], g.first[i + 1]):
                c = g.child[e]
                if not seen[c]:
                    seen[c] = True
                    stack[height] = c
                    height += 1
    found = np.empty(count, np.int64)
    k = 0
    for i in range(root, last + 1):
        if seen[i]:
            found[k] = i
            k += 1
            seen[i] = False
    return found


@njit(cache=True, nogil=True)
def _lacking(g: Netting, i: int, days: int, summed: Floats) -> int:
    """Turn cumulative need into what must be made; for a limited item give its first day short."""
    arrived = g.stock[i]
    due, end = g.due_first[i], g.due_first[i + 1]
    most = 0.0
    for t in range(days):
        while due < end and g.due_day[due] <= t:
            arrived += g.due_quantity[due]
            due += 1
        lack = summed[t] - arrived - g.inflow[i] * (t + 1)
        if lack > g.slack[i]:
            if g.limited[i]:
                return t
            most = max(most, lack)
        summed[t] = most
    return days


@njit(cache=True, nogil=True)
def _alone(g: Netting, p: int, days: int, seen: Flags, stack: Ints, place: Ints) -> tuple[int, int]:
    """First day on which product p, drawing alone, is not served in full, and the item that fails."""
    items = _subtree(g, g.product[p], seen, stack)
    for k in range(len(items)):
        place[items[k]] = k
    summed = np.zeros((len(items), days))
    for t in range(days):
        summed[0, t] = g.backlog[p] + g.need[p] * (t + 1)
    left, binding = days, NEVER
    for k in range(len(items)):
        i = items[k]
        if not (g.made[i] or g.limited[i]) or left == 0:
            continue
        short = _lacking(g, i, left, summed[k])
        if g.limited[i]:
            if short < left:
                left, binding = short, i
            continue
        for e in range(g.first[i], g.first[i + 1]):
            row = place[g.child[e]]
            for t in range(left):
                summed[row, t] += g.quantity[e] * summed[k, t]
    return left, binding


@njit(cache=True, parallel=True, nogil=True)
def cover_alone(g: Netting, days: int, parts: int = 2) -> tuple[Ints, Ints]:
    """Cover of each product when it alone draws: full days served (NEVER: all of them), failing item."""
    count, n = len(g.product), len(g.stock)
    stop = np.full(count, NEVER, np.int64)
    item = np.full(count, NEVER, np.int64)
    for part in prange(parts):
        seen = np.zeros(n, np.bool_)
        stack = np.empty(n, np.int64)
        place = np.empty(n, np.int64)
        for p in range(part, count, parts):
            left, binding = _alone(g, p, days, seen, stack, place)
            if binding != NEVER:
                stop[p], item[p] = left, binding
    return stop, item


@njit(cache=True, nogil=True)
def _explode(g: Netting, have: Floats, need: Floats, made_now: Floats) -> int:
    """Take a day's need down the bill of materials; number of limited items that lack something."""
    short = 0
    for i in range(len(have)):
        made_now[i] = 0.0
        if need[i] <= 0.0:
            continue
        lack = need[i] - have[i]
        if lack <= g.slack[i]:
            continue
        if g.limited[i]:
            short += 1
            made_now[i] = lack
        elif g.made[i]:
            made_now[i] = lack
            for e in range(g.first[i], g.first[i + 1]):
                need[g.child[e]] += g.quantity[e] * lack
    return short


@njit(cache=True, nogil=True)
def _blame(g: Netting, need: Floats, lack: Floats, blamed: Ints) -> None:
    """For each item, the limited item below it that lacks the largest share of its need; else NEVER."""
    for i in range(len(need) - 1, -1, -1):
        blamed[i] = NEVER
        if lack[i] <= 0.0:
            continue
        if g.limited[i]:
            blamed[i] = i
            continue
        worst = -1.0
        for e in range(g.first[i], g.first[i + 1]):
            b = blamed[g.child[e]]
            if b != NEVER and lack[b] / need[b] > worst:
                worst = lack[b] / need[b]
                blamed[i] = b


@njit(cache=True, nogil=True)
def _ask(g: Netting, day: int, stop: Ints, need: Floats) -> None:
    need[:] = 0.0
    for p in range(len(g.product)):
        if stop[p] == NEVER:
            need[g.product[p]] += g.need[p] + (g.backlog[p] if day == 0 else 0.0)


@njit(cache=True, nogil=True)
def cover_jointly(g: Netting, days: int) -> tuple[Ints, Ints]:
    """Cover of each product when all draw at plan, day by day.

    On a day on which a limited item cannot meet what is drawn, every product that draws on it that day
    stops for good; the others go on with what this frees. Returns full days served (NEVER: all of
    them) and the item that failed, (p,).
    """
    n = len(g.stock)
    stop = np.full(len(g.product), NEVER, np.int64)
    item = np.full(len(g.product), NEVER, np.int64)
    have, need, lack = g.stock.copy(), np.empty(n), np.zeros(n)
    blamed, due = np.empty(n, np.int64), g.due_first[:-1].copy()
    for day in range(days):
        for i in range(n):
            have[i] += g.inflow[i]
            while due[i] < g.due_first[i + 1] and g.due_day[due[i]] <= day:
                have[i] += g.due_quantity[due[i]]
                due[i] += 1
        _ask(g, day, stop, need)
        if _explode(g, have, need, lack) > 0:
            _blame(g, need, lack, blamed)
            for p in range(len(g.product)):
                b = blamed[g.product[p]]
                if stop[p] == NEVER and b != NEVER:
                    stop[p], item[p] = day, b
            _ask(g, day, stop, need)
            _explode(g, have, need, lack)
        for i in range(n):
            have[i] = max(0.0, have[i] - need[i])
    return stop, item
