"""Days to the first stop and money lost over drawn cases of stock, demand, licences and duration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.netting import NEVER, Netting, cover_jointly, least_below, planned
from .fixes import Option, with_options
from .spread import Case, adjusted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bands:
    """Low (5 %), mid and high (95 %) over the cases; days are None beyond the horizon."""

    firm_days: tuple[int | None, int | None, int | None]
    lost_margin: tuple[float, float, float]
    cases: int


def bands(
    g: Netting, margin: Floats, drawn: Sequence[Case], days: int, licences: Sequence[Option] = ()
) -> Bands:
    """Days to the firm's first stop and lost margin (all draw at plan) over the cases.

    A product that stops stays stopped until the case's end of the stop, the horizon, or the day from
    which licensed goods come: from then on it runs at the rate that the scarcest item below it allows.
    licences: options that bring what is approved, the same as in the lists of fixes.
    """
    first, lost = [], []
    for case in drawn:
        taken = [o for o in (o.drawn(case) for o in licences) if o.weekly > 0]  # a refused one brings nothing
        own = with_options(adjusted(g, case), taken, days) if taken else adjusted(g, case)
        stop, _ = cover_jointly(own, days)
        until = min(days, case.resume)
        gone = np.where(stop == NEVER, 0, np.maximum(0, until - stop)).astype(float)
        if taken:
            again = np.maximum(0, until - np.maximum(stop, case.licence_day))
            gone -= np.where(stop == NEVER, 0.0, again * _rates(own, taken))
        lost.append(float((gone * own.need * margin).sum()))
        stopped = stop[(stop != NEVER) & (stop < until)]
        first.append(float(stopped.min()) if len(stopped) else np.inf)
    low, mid, high = (float(q) for q in np.quantile(lost, (0.05, 0.5, 0.95)))
    days_at = np.quantile(first, (0.05, 0.5, 0.95), method="inverted_cdf")
    early, middle, late = (int(d) if np.isfinite(d) else None for d in days_at)
    return Bands((early, middle, late), (low, mid, high), len(drawn))


def _rates(g: Netting, licences: Sequence[Option]) -> Floats:
    """Share of its plan that each product can run at on daily inflow and licensed goods, (products,).

    All products at the least share of the items below them take of no item more than comes. A product
    with an item that gets nothing stands at nought.
    """
    plan = planned(g.first, g.child, g.quantity, g.product, g.need)
    daily = g.inflow.copy()
    for o in licences:
        daily[o.item] += o.weekly / 7.0
    share = np.divide(daily, plan, out=np.ones_like(daily), where=(plan > 0) & g.limited)
    share = np.where(g.limited, np.minimum(1.0, share), 1.0)
    return np.asarray(least_below(g.first, g.child, g.made, share)[g.product])
