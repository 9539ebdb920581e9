"""What a stop costs a firm: revenue exposed, least lost margin, greedy bound, by week and product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.netting import NEVER, Netting, cover_jointly
from .program import least_lost
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
    upper bound without new action). by_week: (products, weeks) least lost margin; products: their
    numbers. in_margin: False where margins are not known and revenue is counted in their stead.
    """

    currency: str
    exposed: float
    least: float
    greedy: float
    products: tuple[str, ...]
    by_week: Floats
    greedy_by_product: Floats
    in_margin: bool


def unit_values(company: Company, net: Network) -> tuple[Floats, Floats, bool]:
    """Price and margin of one unit of each product of the network; whether margins are known at all.

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
    price = np.array([row["price"] or row["asked_price"] or 0.0 for row in rows])
    known = any(row["margin"] is not None for row in rows)
    share = np.array(
        [row["margin"] if row["margin"] is not None else (0.0 if known else 1.0) for row in rows]
    )
    return price, price * share, known


def money(company: Company, net: Network, g: Netting, days: int) -> Money:
    """Exposed revenue, least and greatest lost margin under one scenario."""
    price, margin, known = unit_values(company, net)
    reach, lost = least_lost(g, margin, days)
    stop, _ = cover_jointly(g, days)
    gone = np.where(stop == NEVER, 0, days - stop) * g.need + np.where(stop == 0, g.backlog, 0.0)
    names = tuple(net.items[g.product[p]] for p in reach.products)
    by_week = lost * margin[reach.products][:, None]
    sold = g.need[reach.products] * days + g.backlog[reach.products]
    return Money(
        company.currency,
        float((price[reach.products] * sold).sum()),
        float(by_week.sum()),
        float((gone * margin).sum()),
        names,
        by_week,
        (gone * margin)[reach.products],
        known,
    )
