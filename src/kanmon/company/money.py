"""What a stop costs a firm: revenue exposed, least lost margin by week, greedy bound by day, by product."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.netting import NEVER, Netting, cover_jointly
from .program import affected, least_lost
from .records import Company, Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

OVERSTATES = (
    "Revenue exposed counts every sale of a product that has a stopped item anywhere below it, over the "
    "whole horizon: it leaves aside stock, orders on their way, other sources and the days before the "
    "first stop, and so overstates what is lost."
)


@dataclass(frozen=True)
class Money:
    """Money at stake over the horizon in the firm's currency.

    exposed: revenue of products that a stopped item reaches; least: lost margin if stocks are allotted
    best (linear programme, a lower bound); greedy: lost margin if all draw at plan until they stop (an
    upper bound without new action). products: those that a stopped item reaches. by_week: (products,
    weeks) least lost margin (the programme works in weeks); by_day: (products, days) the greedy bound.
    in_margin: False where no margin is known and lost sales are counted. by_sales: products without a
    margin among others that have one; their lost sales are counted. unpriced: products without a price,
    which count nothing. unseen: margin of all sales of products whose days cannot be told, less what
    `greedy` counts of it. open: whether the high side cannot be told, since of such a product, or of one that
    is touched, the sales or the price are not known. solved: False where the programme found no optimum:
    `least` is then nought.
    """

    currency: str
    exposed: float
    least: float
    greedy: float
    products: tuple[str, ...]
    by_week: Floats
    by_day: Floats
    in_margin: bool
    by_sales: tuple[str, ...] = ()
    unpriced: tuple[str, ...] = ()
    unseen: float = 0.0
    solved: bool = True
    open: bool = False

    @property
    def most(self) -> float:
        """High side of the loss: the greedy bound, and all sales of products that could not be seen."""
        return self.greedy + self.unseen

    @property
    def counts(self) -> str:
        """What a loss is counted in."""
        return ("margin and lost sales" if self.by_sales else "margin") if self.in_margin else "revenue"


@dataclass(frozen=True)
class UnitValues:
    """Money of one unit of each product of the network, (products,), in the firm's currency.

    margin: price x margin, or the price where no margin is told: lost sales are then counted. known:
    whether a margin is told. priced: whether a price is told.
    """

    price: Floats
    margin: Floats
    known: NDArray[np.bool_]
    priced: NDArray[np.bool_]


def unit_values(company: Company, net: Network) -> UnitValues:
    """Price and margin of one unit of each product of the network.

    The price of `products` goes before the mean of the customers' prices weighted by demand. A product
    without a price counts nothing (the report names it).
    """
    import polars as pl

    products = company["products"].select("product", "price", "margin")
    asked = company["demand"].drop_nulls(["product", "price", "weekly_need"])
    mean = asked.group_by("product").agg(
        asked_price=(pl.col("price") * pl.col("weekly_need")).sum() / pl.col("weekly_need").sum()
    )
    both = products.join(mean, on="product", how="full", coalesce=True)
    told = {row["product"]: row for row in both.iter_rows(named=True)}
    names = [net.own(net.items[i]) for i in net.product]
    rows = [told.get(name, {"price": None, "asked_price": None, "margin": None}) for name in names]
    price = [row["asked_price"] if row["price"] is None else row["price"] for row in rows]
    known = np.array([row["margin"] is not None for row in rows], dtype=bool)
    share = np.array([1.0 if row["margin"] is None else row["margin"] for row in rows])
    worth = np.array([0.0 if amount is None else amount for amount in price])
    return UnitValues(worth, worth * share, known, np.array([p is not None for p in price], dtype=bool))


def money(company: Company, net: Network, g: Netting, days: int, unseen: Collection[int] = ()) -> Money:
    """Exposed revenue, least and greatest lost margin under one scenario.

    unseen: positions of products whose days cannot be told; all their sales stand on the high side.
    """
    unit = unit_values(company, net)
    try:
        reach, lost = least_lost(g, unit.margin, days)
        solved = True
    except RuntimeError:  # nought is a lower bound of any loss
        reach, solved = affected(g, days), False
        lost = np.zeros((len(reach.products), reach.weeks))
    gone = _gone(g, days)
    hidden = np.zeros(len(g.product), dtype=bool)
    hidden[list(unseen)] = True
    touched = hidden.copy()
    touched[reach.products] = True
    sold = g.need * days + g.backlog
    names = np.array([net.items[i] for i in g.product], dtype=object)
    told = bool(unit.known.any())
    return Money(
        company.currency,
        float((unit.price * sold)[touched].sum()),
        float((lost * unit.margin[reach.products][:, None]).sum()),
        float((gone.sum(axis=1) * unit.margin).sum()),
        tuple(names[reach.products]),
        lost * unit.margin[reach.products][:, None],
        (gone * unit.margin[:, None])[reach.products],
        told,
        tuple(names[touched & ~unit.known & unit.priced]) if told else (),
        tuple(names[touched & ~unit.priced]),
        float(((sold - gone.sum(axis=1)) * unit.margin)[hidden].sum()),
        solved,
        bool((hidden & (sold <= 0)).any() or (touched & ~unit.priced).any()),
    )


def _gone(g: Netting, days: int) -> Floats:
    """Units of each product not sold on each day if all draw at plan until they stop, (products, days)."""
    stop, _ = cover_jointly(g, days)
    first = np.where(stop == NEVER, days, stop)
    gone = np.where(np.arange(days)[None, :] >= first[:, None], g.need[:, None], 0.0)
    gone[:, 0] += np.where(stop == 0, g.backlog, 0.0)
    return np.asarray(gone)
