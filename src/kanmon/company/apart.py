"""Items that stop for some customers only: the demand of these customers, and what serves it, set apart.

A source may stop for one customer (a listed party, a military end use) and go on for all others. What the
firm holds may serve either; what still comes may serve only those for whom it comes. So for each such item
and the customers for whom more of it stops than for the rest

* their part of the need of each product becomes a product of its own, made of one of the product, and
* of the item's gross quantity in it, taken from a pool of its own: the item's free stock and cleared
  orders, their share of what stands in assemblies and finished goods, and what still comes for them.

Other customers draw on the item as if nothing stopped beyond what stops for all. The network keeps its
form, so that both computations of cover read it as any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.netting import planned, units_below
from .customers import Reached
from .records import Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Stops = Mapping[str, Mapping[int, float]]

ALIKE = 1e-9
"""Shares that differ by less are the same."""
SHOWN = 3
"""Customers that are named in the name of a pool or product set apart."""


@dataclass(frozen=True)
class Pool:
    """One item as it stops for some classes of customers. share: of their need; more than for the rest."""

    item: int
    classes: tuple[int, ...]
    share: float
    customers: tuple[str, ...]


def set_apart(
    net: Network, reached: Reached, weight: Floats, stops: Stops
) -> tuple[Network, dict[str, float]]:
    """The network with pools and products set apart, and the share that stops by item or pool.

    weight: share of each item's need by class of customers (customers.class_shares); stops: share of each
    item that stops, by class (lines.class_stops). A class without known demand does not count, unless no
    class has any: then the most severe stands for the whole item.
    """
    at = {name: i for i, name in enumerate(net.items)}
    common: dict[str, float] = {}
    pools: list[Pool] = []
    for part, by in stops.items():
        i = at[part]
        drawing = {k: s for k, s in by.items() if weight[k, i] > 0}
        common[part] = min(drawing.values()) if drawing else max(by.values())
        for share in sorted({s for s in drawing.values() if s > common[part] + ALIKE}):
            classes = tuple(k for k, s in drawing.items() if abs(s - share) <= ALIKE)
            codes = tuple(code for k in classes for code in reached.classes[k].customers)
            pools.append(Pool(i, classes, share, codes))
    shares = {part: share for part, share in common.items() if share > 0}
    if not pools:
        return net, shares
    made, pool_names = _built(net, reached, weight, pools)
    named = dict(zip(pool_names, pools, strict=True))
    made = replace(made, whom={name: pool.customers for name, pool in named.items()})
    return made, shares | {name: pool.share for name, pool in named.items()}


def _label(name: str, customers: Sequence[str]) -> str:
    more = f" and {len(customers) - SHOWN} more" if len(customers) > SHOWN else ""
    return f"{name} for {', '.join(customers[:SHOWN])}{more}"


def _built(
    net: Network, reached: Reached, weight: Floats, pools: Sequence[Pool]
) -> tuple[Network, list[str]]:
    """The network with products of some customers in front and pools at the end; names of the pools."""
    below = [units_below(net.first, net.child, net.quantity, net.made, pool.item) for pool in pools]
    pairs = []  # (product, class, its pools with the units of each)
    for p, i in enumerate(net.product):
        for k in sorted({k for pool in pools for k in pool.classes}):
            drawn = [
                (j, units[i])
                for j, (pool, units) in enumerate(zip(pools, below, strict=True))
                if k in pool.classes and units[i] > 0
            ]
            if weight[k, i] > 0 and drawn:
                pairs.append((p, k, drawn))
    front, n = len(pairs), len(net.items)
    child, quantity, first = [], [], [0]
    need, backlog = net.need.copy(), net.backlog.copy()
    own_need, own_backlog = [], []
    for p, k, drawn in pairs:
        i = net.product[p]
        child += [front + i, *(front + n + j for j, _ in drawn)]
        quantity += [1.0, *(units for _, units in drawn)]
        first.append(len(child))
        own_need.append(net.need[p] * weight[k, i])
        own_backlog.append(net.backlog[p] * weight[k, i])
        need[p] -= own_need[-1]
        backlog[p] -= own_backlog[-1]
    left = need > ALIKE * net.need
    names = [_label(net.items[net.product[p]], reached.classes[k].customers) for p, k, _ in pairs]
    pool_names = [_label(net.items[pool.item], pool.customers) for pool in pools]
    made = replace(
        net,
        items=(*names, *net.items, *pool_names),
        first=np.concatenate(
            [first, len(child) + net.first[1:], np.full(len(pools), len(child) + net.first[-1])]
        ),
        child=np.concatenate([np.array(child, np.int64), net.child + front]),
        quantity=np.concatenate([quantity, net.quantity]),
        product=np.concatenate([np.arange(front), net.product[left] + front]),
        need=np.concatenate([own_need, need[left]]),
        backlog=np.concatenate([own_backlog, np.maximum(0.0, backlog[left])]),
        made=np.concatenate([np.full(front, fill_value=True), net.made, np.zeros(len(pools), bool)]),
        stock=np.concatenate([np.zeros(front), net.stock, _held(net, weight, pools, below)]),
        of=dict(zip(names, (net.items[net.product[p]] for p, _, _ in pairs), strict=True))
        | dict(zip(pool_names, (net.items[pool.item] for pool in pools), strict=True)),
    )
    made = _with_receipts(net, made, pools, front)
    plan = planned(made.first, made.child, made.quantity, made.product, made.need)
    return replace(made, plan=plan), pool_names


def _held(net: Network, weight: Floats, pools: Sequence[Pool], below: Sequence[Floats]) -> Floats:
    """Units of each pool on day 0: the item's stock, and its customers' share of what stands above it."""
    held = []
    for pool, units in zip(pools, below, strict=True):
        above = net.stock * units * weight[list(pool.classes)].sum(axis=0)
        above[pool.item] = net.stock[pool.item]
        held.append(above.sum())
    return np.array(held)


def _with_receipts(net: Network, made: Network, pools: Sequence[Pool], front: int) -> Network:
    """Cleared orders of an item count for its pools too: what has left may serve any customer."""
    item, day, amount = [net.receipt_item + front], [net.receipt_day], [net.receipt_quantity]
    supplier = list(net.receipt_supplier)
    for j, pool in enumerate(pools):
        own = np.flatnonzero(net.receipt_item == pool.item)
        item.append(np.full(len(own), front + len(net.items) + j))
        day.append(net.receipt_day[own])
        amount.append(net.receipt_quantity[own])
        supplier += [net.receipt_supplier[r] for r in own]
    return replace(
        made,
        receipt_item=np.concatenate(item).astype(np.int64),
        receipt_day=np.concatenate(day),
        receipt_quantity=np.concatenate(amount),
        receipt_supplier=tuple(supplier),
    )
