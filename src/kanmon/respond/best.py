"""What a response is worth: loss avoided on the same draws, per unit of money, and in time or not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws
from ..core.figure import Figure, weakest
from ..core.source import Source, unite
from ..core.spread import BAND, spread
from ..engines.base import Engine, Outcome
from ..expose.records import Shock, Survival
from ..world.records import SplitTable
from .records import Response, ResponseValue

if TYPE_CHECKING:
    from numpy.typing import NDArray


def expected(outcome: Outcome, region: str, months: int, survival: Survival) -> NDArray[np.float64]:
    """Expected loss of a region over the survival curve, (draws,), USD million.

    Sum over the days of `months` of the day's loss times the chance that the measure still holds at
    the end of that day. A loss that goes on after the end of the measure is not counted, nor made up.
    """
    days = min(int(round(months * 365 / 12)), outcome.va_lost_daily.shape[1])
    daily = outcome.va_lost_daily[:, :days, outcome.regions.index(region)]
    return np.asarray(daily @ survival.daily(days))


def value(
    engine: Engine,
    table: SplitTable,
    shock: Shock,
    draws: Draws,
    base_outcome: Outcome,
    response: Response,
    buyer: str,
    survival: Survival | None,
) -> ResponseValue:
    """Value a response against doing nothing: the same engine, draws, scenario and rationing rule.

    Without a survival curve the expected value is that of a measure which lasts the whole horizon.
    """
    changed, drawn = response.apply(shock, draws)
    outcome = engine.run(table, changed, drawn, rationing=base_outcome.rationing, months=base_outcome.months)
    months = max(base_outcome.months)
    sources = unite(base_outcome.sources, shock.sources)
    saved = base_outcome.lost(buyer, months) - outcome.lost(buyer, months)
    likely = saved
    if survival is not None:
        likely = expected(base_outcome, buyer, months, survival) - expected(outcome, buyer, months, survival)
    bound = shock.upper_bound_only
    avoided = spread(
        f"value added saved in {buyer} by {response.name} if the measure lasts {months} months",
        "USD million",
        saved,
        sources,
        upper_bound_only=bound,
    )
    note = "" if survival is not None else "no survival curve for this kind: as if the measure lasts"
    avoided_expected = spread(
        f"expected value added saved in {buyer} by {response.name} within {months} months",
        "USD million",
        likely,
        sources,
        upper_bound_only=bound,
        note=note,
    )
    cost, ready = response.cost(shock), response.ready_days(shock, draws)
    left = None if survival is None else days_left(survival, base_outcome.va_lost_daily.shape[1], sources)
    return ResponseValue(
        name=response.name,
        sentence=response.sentence,
        scenario=shock.scenario,
        avoided=avoided,
        avoided_expected=avoided_expected,
        cost=cost,
        ready_days=ready,
        per_cost=_per_cost(response.name, likely, cost, avoided_expected),
        days_left=left,
        in_time=_in_time(ready, left),
    )


def days_left(survival: Survival, horizon: int, sources: tuple[Source, ...]) -> Figure:
    """Expected days that the measure holds within the horizon, from its first day: the sum of S."""
    ends = np.arange(1, horizon + 1)
    low, mid, high = (
        float(np.interp(ends, survival.days, curve).sum())
        for curve in (survival.low, survival.share, survival.high)
    )
    return Figure(
        label=f"expected days that the measure holds, of the first {horizon}",
        value=mid,
        unit="days",
        basis="inferred",
        sources=sources,
        low=low,
        high=high,
    )


def rank(values: Iterable[ResponseValue]) -> tuple[ResponseValue, ...]:
    """Best first: those ready in time, then by value per unit of money, then those of unknown cost."""

    def order(v: ResponseValue) -> tuple[bool, bool, float, float]:
        per = v.per_cost.value if v.per_cost is not None else None
        likely = v.avoided_expected.value
        return (v.in_time is False, per is None, -(per or 0.0), -(likely or 0.0))

    return tuple(sorted(values, key=order))


def _in_time(ready: Figure, left: Figure | None) -> bool | None:
    if left is None or left.value is None or ready.value is None:
        return None
    return ready.value < left.value


def _per_cost(name: str, likely: NDArray[np.float64], cost: Figure | None, avoided: Figure) -> Figure | None:
    """Expected value added saved per USD spent; None where the cost is not wholly known or nothing.

    The range takes the draws of the saving against the mid cost, widened by the range of the cost.
    """
    if cost is None or cost.value is None or cost.value <= 0 or avoided.value is None:
        return None
    cheap, dear = cost.low or cost.value, cost.high or cost.value
    low, mid, high = (float(q) for q in np.quantile(likely, BAND))
    return Figure(
        label=f"expected value added saved per USD spent on {name}",
        value=mid / cost.value,
        unit="USD per USD",
        basis=weakest(cost.basis, avoided.basis),
        sources=unite(avoided.sources, cost.sources),
        low=low / (dear if low >= 0 else cheap),
        high=high / (cheap if high >= 0 else dear),
        note=cost.note,
    )
