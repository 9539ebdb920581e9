"""Days until the first lost sale: each product alone, all together, and the firm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.netting import NEVER, Netting, cover_alone, cover_jointly, rounding
from .records import Cover, Network, ProductCover, Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

HORIZON = 180
"""Days looked ahead where the user says nothing."""


def netting(net: Network, covered: Mapping[str, float], days: int) -> Netting:
    """The kernel's input: `covered` is the share of an item's volume that no longer comes, by part.

    Items not named there go on without limit. The rest of an item's volume goes on arriving at
    (1 - share) x planned need a day. An item of which a source stops counts as bought, although a bill
    says how it could be made.
    """
    limited, inflow = np.zeros(len(net.items), dtype=bool), np.zeros(len(net.items))
    made = net.made.copy()
    for i, name in enumerate(net.items):
        share = covered.get(name, 0.0)
        if share > 0:
            limited[i], made[i] = True, False
            inflow[i] = (1.0 - min(1.0, share)) * net.plan[i]
    due_first = np.searchsorted(net.receipt_item, np.arange(len(net.items) + 1)).astype(np.int64)
    return Netting(
        net.first,
        net.child,
        net.quantity,
        net.product,
        net.need,
        net.backlog,
        made,
        limited,
        net.stock,
        inflow,
        due_first,
        net.receipt_day,
        net.receipt_quantity,
        rounding(net.stock, inflow, due_first, net.receipt_quantity, days),
    )


def cover(net: Network, covered: Mapping[str, float], scenario: Scenario, days: int = HORIZON) -> Cover:
    """Cover of every product and of the firm under one scenario.

    Source: Simchi-Levi et al. 2015 (time to survive), netted down a bill of materials of any depth.
    """
    g = netting(net, covered, days)
    alone, item_alone = cover_alone(g, days)
    jointly, item_jointly = cover_jointly(g, days)
    products = tuple(
        ProductCover(
            net.items[net.product[p]],
            _days(alone[p]),
            _days(jointly[p]),
            _name(net, item_alone[p]),
            _name(net, item_jointly[p]),
            path(
                net, int(net.product[p]), int(item_jointly[p] if item_jointly[p] != NEVER else item_alone[p])
            ),
            net.own(net.items[net.product[p]]),
        )
        for p in range(len(net.product))
    )
    stopped = np.flatnonzero(jointly != NEVER)
    worst = int(stopped[np.argmin(jointly[stopped])]) if len(stopped) else NEVER
    return Cover(
        scenario,
        days,
        None if worst == NEVER else int(jointly[worst]),
        "" if worst == NEVER else _name(net, item_jointly[worst]),
        products,
        _item_days(net, g, days),
    )


def _days(stop: np.int64) -> int | None:
    return None if stop == NEVER else int(stop)


def _either(jointly: np.int64, alone: np.int64) -> int:
    return int(alone if jointly == NEVER else jointly)


def _name(net: Network, item: np.int64) -> str:
    return "" if item == NEVER else net.items[item]


def path(net: Network, product: int, item: int) -> tuple[str, ...]:
    """Items from a product down to one of its inputs, by the fewest levels; empty where item is NEVER."""
    if item == NEVER:
        return ()
    above: dict[int, int] = {product: NEVER}
    queue = [product]
    for i in queue:  # grows while it is walked: breadth first
        if i == item:
            break
        for c in net.child[net.first[i] : net.first[i + 1]]:
            if int(c) not in above:
                above[int(c)] = i
                queue.append(int(c))
    own = net.own(net.items[item])
    if own != net.items[item]:  # a pool for some customers: the way to the item itself is shown
        end = net.items.index(own)
        return (net.items[product], *path(net, product, end)[2:-1], net.items[item])
    steps: list[str] = []
    here = item if item in above else NEVER
    while here != NEVER:
        steps.append(net.items[here])
        here = above[here]
    return tuple(reversed(steps))


def _item_days(net: Network, g: Netting, days: int) -> dict[str, int | None]:
    """Days each limited item's own stock, receipts and inflow last at plan, assemblies' stock aside."""
    out: dict[str, int | None] = {}
    for i in np.flatnonzero(g.limited & (net.plan > 0)):
        came = np.full(days, net.stock[i]) + g.inflow[i] * np.arange(1, days + 1)
        due = slice(g.due_first[i], g.due_first[i + 1])
        for day, amount in zip(g.due_day[due], g.due_quantity[due], strict=True):
            came[day:] += amount
        short = _first_short(came, net.plan[i] * np.arange(1, days + 1), g.slack[i])
        out[net.items[i]] = short
    return out


def _first_short(came: NDArray[np.float64], need: NDArray[np.float64], slack: float) -> int | None:
    short = np.flatnonzero(need - came > slack)
    return int(short[0]) if len(short) else None
