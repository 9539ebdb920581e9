"""What of a firm's products could not be seen: their days are at most what is counted, or cannot be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .records import Company, Cover, Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

NOTHING = -1
NAMED = 5
"""Items that are named in one sentence."""


@dataclass(frozen=True)
class Doubts:
    """What is not known, whatever stops. blind: item -> why nothing can be told of it; low: items of which
    more may be needed than is counted; untold: products of which more may be sold than is counted.
    """

    blind: Mapping[str, str]
    low: tuple[str, ...]
    untold: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether anything is in doubt."""
        return bool(self.blind or self.low or self.untold)


def doubts(company: Company, net: Network, judged: Collection[str]) -> Doubts:
    """Items of which nothing is known, and items whose need is a lower bound.

    judged: items that have a source, or stand as bought: their stop is counted. An item that is neither
    bought nor has a bill of materials can stop for reasons that no file tells.
    """
    from_lost: dict[str, list[str]] = {}
    for parent, child in net.lost:
        from_lost.setdefault(parent, []).append(child)
    told, has_bill = set(judged), np.diff(net.first) > 0
    with_bill = {net.items[i] for i in np.flatnonzero(has_bill)}
    wanted = _below(net, [net.items[i] for i in net.product])
    blind: dict[str, str] = {}
    for i in np.flatnonzero(~has_bill & wanted).tolist():
        name = net.items[i]
        left_out = from_lost.get(name, [])
        known = bool(left_out) and all(c in told or c in with_bill for c in left_out)
        if name not in told and not known:
            blind[name] = f"{name} has neither a usable bill of materials nor a source"
    untold = [name for name in _without_need(company) if name in set(net.items)]
    return Doubts(blind, tuple(dict.fromkeys(child for _, child in net.lost)), tuple(untold))


def _without_need(company: Company) -> list[str]:
    """Products of which neither a plan nor the whole of the customers' demand is told."""
    import polars as pl

    plan = company["products"].drop_nulls("product").group_by("product").agg(pl.col("weekly_need").max())
    asked = company["demand"].drop_nulls("product")
    summed = asked.group_by("product").agg(whole=pl.col("weekly_need").is_not_null().all())
    both = plan.join(summed, on="product", how="full", coalesce=True)
    lacking = pl.col("weekly_need").is_null() & ~pl.col("whole").fill_null(value=False)
    return sorted(both.filter(lacking)["product"].to_list())


def _below(net: Network, roots: Collection[str], *, lost: bool = True) -> Flags:
    """Items under some others, these included; over lines that were left out as well."""
    at = {name: i for i, name in enumerate(net.items)}
    more: dict[int, list[int]] = {}
    for parent, child in net.lost if lost else ():
        more.setdefault(at[parent], []).append(at[child])
    seen = np.zeros(len(net.items), dtype=bool)
    stack = [at[name] for name in roots]
    seen[stack] = True
    while stack:
        i = stack.pop()
        for c in (*net.child[net.first[i] : net.first[i + 1]].tolist(), *more.get(i, ())):
            if not seen[c]:
                seen[c] = True
                stack.append(c)
    return seen


def unseen_products(net: Network, covered: Mapping[str, float], found: Doubts) -> dict[int, str]:
    """Position of a product in `net.product` -> why its days are at most what is counted.

    covered: share of an item's volume that stops, for all customers or for some. An item that goes on
    without limit is in no doubt, however little is known of its need.
    """
    if not net.need.sum() > 0:
        return dict.fromkeys(range(len(net.product)), "no product has a planned need")
    most: dict[str, float] = {}
    for name, share in covered.items():
        most[net.own(name)] = max(share, most.get(net.own(name), 0.0))
    stopped = np.array([most.get(name, 0.0) for name in net.items])
    halves = np.flatnonzero(net.made & (stopped > 0) & (stopped < 1))
    if not found.any and not len(halves):
        return {}
    cause = np.full(len(net.items), NOTHING, np.int64)
    short = np.flatnonzero(_low(net, found) & (stopped > 0))
    cause[short] = short
    for i in halves:  # bought and made: what is made rests on parts that are not followed
        under = _below(net, [net.items[i]], lost=False)
        under[i] = False
        if bool((stopped[under] > 0).any()):
            cause[i] = i
    blind = [i for i, name in enumerate(net.items) if name in found.blind]
    cause[blind] = blind
    _raise(net, cause)
    words = {
        int(i): found.blind.get(net.items[i]) or f"how much of {net.items[i]} is needed cannot be told"
        for i in np.unique(cause[net.product])
        if i != NOTHING
    }
    return {p: words[int(cause[i])] for p, i in enumerate(net.product) if cause[i] != NOTHING}


def _low(net: Network, found: Doubts) -> Flags:
    """Items of which more may be needed than is counted."""
    return _below(net, {*found.low, *found.untold})


def _raise(net: Network, cause: NDArray[np.int64]) -> None:
    """Give every item above one in doubt that item as its cause."""
    at = {name: i for i, name in enumerate(net.items)}
    while True:
        before = cause.copy()
        for i in range(len(cause) - 1, -1, -1):
            if cause[i] == NOTHING:
                under = cause[net.child[net.first[i] : net.first[i + 1]]]
                cause[i] = under.max(initial=NOTHING)
        for parent, child in net.lost:
            if cause[at[parent]] == NOTHING:
                cause[at[parent]] = cause[at[child]]
        if np.array_equal(before, cause) or not net.lost:
            return


def with_unseen(found: Cover, net: Network, dark: Doubts, unseen: Mapping[int, str]) -> Cover:
    """Cover with what could not be seen written to each product and item.

    unseen: by position in `net.product`, from `unseen_products`.
    """
    if not unseen and not dark.any:
        return found
    products = tuple(replace(p, unseen=unseen.get(k, "")) for k, p in enumerate(found.products))
    low = _low(net, dark)
    own = {name for i, name in enumerate(net.items) if low[i]}
    items = frozenset(name for name in found.item_days if net.own(name) in own)
    return replace(found, products=products, unseen_items=items)


def sentences(net: Network, found: Doubts) -> tuple[str, ...]:
    """What the reader must know of it, most serious first."""
    told = []
    if found.blind:
        first = "; ".join(list(found.blind.values())[:NAMED])
        more = f"; and {len(found.blind) - NAMED} more" if len(found.blind) > NAMED else ""
        told.append(f"days cannot be told, or are at most what is counted, where: {first}{more}")
    if found.untold:
        first = ", ".join(found.untold[:NAMED])
        told.append(f"how many are sold is not known of {len(found.untold)} products: {first}")
    if net.lost:
        pairs = ", ".join(f"{child} in {parent}" for parent, child in net.lost[:NAMED])
        more = f" and {len(net.lost) - NAMED} more" if len(net.lost) > NAMED else ""
        told.append(
            f"lines of the bill of materials left out (no usable quantity, or a circle): {pairs}{more}; "
            "days of products that use a stopped item through them are at most what is counted"
        )
    return tuple(told)
