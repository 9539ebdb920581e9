"""Customers in classes that the rules tell apart, and which of them each item goes to, with their shares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.netting import planned
from .fields import fold, words
from .records import Company, Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BITS = 62
"""Classes of customers that one mask holds."""


@dataclass(frozen=True)
class CustomerClass:
    """Customers whom the rules treat alike: one kind of end use, and the same listed party or none.

    use: a text of that kind, "" where it is not told; names: as a screening must read them; own: whether
    the user's own list names the customer.
    """

    customers: tuple[str, ...] = ()
    use: str = ""
    names: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True)
class Reached:
    """Classes of customers, and which of them each item goes to (part -> numbers of classes).

    Class 0 stands for items that reach no customer that is known: nothing is told of their use.
    """

    classes: tuple[CustomerClass, ...] = (CustomerClass(),)
    of: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def classes_of(self, part: str | None) -> tuple[int, ...]:
        """The classes that an item goes to."""
        return self.of.get(part or "", (0,))


def reached_customers(
    company: Company,
    net: Network,
    own: Collection[str] = (),
    progress: Callable[[str, float], None] | None = None,
) -> Reached:
    """Which classes of customers each item goes to.

    own: codes of customers that the user's own list names.
    """
    customers = company["customers"].drop_nulls(["customer", "name"])
    demand = company["demand"].drop_nulls(["customer", "product"])
    if customers.height == 0 or demand.height == 0:
        return Reached()
    if progress:
        progress("screening customers", 0.0)
    rows = {row["customer"]: row for row in customers.iter_rows(named=True)}
    strange = sorted(set(demand["customer"]) - set(rows))
    classes = (CustomerClass(), *_classes(rows, frozenset(own), strange))
    at = {name: i for i, name in enumerate(net.items)}
    sold = [(row["customer"], at[row["product"]]) for row in demand.iter_rows(named=True)]
    found: dict[str, list[int]] = {}
    for start in range(1, len(classes), BITS):
        block = classes[start : start + BITS]
        mask = _spread(net, sold, [set(one.customers) for one in block])
        for i in np.flatnonzero(mask):
            for bit in range(len(block)):
                if mask[i] >> bit & 1:
                    found.setdefault(net.items[i], []).append(start + bit)
    return Reached(classes, {part: tuple(numbers) for part, numbers in found.items()})


def _classes(
    rows: Mapping[str, Mapping[str, str | None]], own: Collection[str], strange: Sequence[str]
) -> list[CustomerClass]:
    """Listed or suspicious customers each by itself, the others by the kind of their end use."""
    from ..measure.check_facts import read_use

    alone = {*_stopped(rows), *own}
    named = set(_stopped(rows))
    same: dict[frozenset[str], str] = {}
    groups: dict[tuple[str, str], list[str]] = {("", ""): list(strange)} if strange else {}
    for code, row in rows.items():
        use = _use(row)
        use = use and same.setdefault(read_use(use).kinds, use)
        groups.setdefault((code if code in alone else "", use), []).append(code)
    return [
        CustomerClass(tuple(codes), use, (str(rows[code]["name"]),) if code in named else (), own=code in own)
        for (code, use), codes in sorted(groups.items())
    ]


def class_shares(company: Company, net: Network, reached: Reached) -> Floats:
    """Share of each item's planned need that goes to each class, (classes, items); 0 where there is none.

    A product's plan is split as its customers' demand is.
    """
    import polars as pl

    asked = company["demand"].drop_nulls(["customer", "product", "weekly_need"])
    asked = asked.group_by("customer", "product").agg(pl.col("weekly_need").sum())
    of = {code: k for k, one in enumerate(reached.classes) for code in one.customers}
    place = {net.items[i]: p for p, i in enumerate(net.product)}
    weekly = np.zeros((len(reached.classes), len(net.product)))
    for customer, product, amount in asked.rows():
        if customer in of:
            weekly[of[customer], place[product]] += amount
    total = weekly.sum(axis=0)
    part = np.divide(weekly, total, out=np.zeros_like(weekly), where=total > 0)
    plans = np.array([planned(net.first, net.child, net.quantity, net.product, net.need * w) for w in part])
    return np.asarray(np.divide(plans, net.plan, out=np.zeros_like(plans), where=net.plan > 0))


def _stopped(rows: Mapping[str, Mapping[str, str | None]]) -> list[str]:
    """Customers whose name is that of a listed party, like one, or speaks of arms or armed forces."""
    from ..measure.check_facts import read_party
    from ..measure.load import newest_source_date
    from ..measure.screen_frame import screen

    written = [(code, text) for code, row in rows.items() for text in _names(row)]
    hits = screen([text for _, text in written], newest_source_date())
    stopped = []
    for (code, text), hit in zip(written, hits, strict=True):
        words_in = read_party(text, lambda _: ())[0]
        if hit.band != "none" or words_in.military or words_in.defence:
            stopped.append(code)
    return list(dict.fromkeys(stopped))


def _names(customer: Mapping[str, str | None]) -> list[str]:
    return [text for text in (customer["name"], customer["name_local"]) if text]


def _use(customer: Mapping[str, str | None]) -> str:
    """The end use of a customer as one text of its kind; "" where it is not told, or is civil and not.

    The sector is added where its words tell of a use that the rules name.
    """
    from ..measure.check_facts import read_use

    told, sector = customer["end_use"] or "", customer["sector"] or ""
    if fold(told) in words("mixed"):
        told = ""
    telling = read_use(sector)
    kinds = read_use(told).kinds | telling.kinds
    if not read_use(told).given and not kinds:
        return ""
    return "; ".join(t for t in (told, sector if telling.kinds else "") if t)


def _spread(net: Network, sold: Sequence[tuple[str, int]], groups: Sequence[set[str]]) -> NDArray[np.int64]:
    """Bits of the classes of customers that each item goes to, from products down to raw materials."""
    of: dict[str, int] = {}
    for bit, codes in enumerate(groups):
        for code in codes:
            of[code] = of.get(code, 0) | 1 << bit
    mask = np.zeros(len(net.items), np.int64)
    for customer, item in sold:
        mask[item] |= np.int64(of.get(customer, 0))
    for i in range(len(net.items)):
        if mask[i]:
            mask[net.child[net.first[i] : net.first[i + 1]]] |= mask[i]
    return mask
