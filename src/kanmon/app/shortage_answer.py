"""The answer of a shortage run as JSON can hold it: every figure with unit, range, basis and sources."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.figure import Figure
from ..core.source import Source, unite
from ..core.spread import BAND, spread
from ..engines.base import Outcome
from ..report.json_out import figure
from ..report.summary import bottlenecks, first_stop, losses, sector_losses
from ..world.lookups import label
from .shortage_frames import flow_a_day
from .tables import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .shortage import Shortage

    Json = dict[str, Any]

MARGINS = 8
"""Inputs and sectors nearest to their threshold that are listed for each region."""


def answer(run: Shortage) -> Json:
    """The whole answer. Rules by letter; the first one that was run carries what is not by rule."""
    name = partial(label, run.world)
    return {
        "scenario": run.scenario.name,
        "model": "shortage",
        "start": run.scenario.start.isoformat() if run.scenario.start else None,
        "days": run.scenario.days,
        "draws": run.draws.count,
        "seed": run.draws.seed,
        "table_year": run.table.year,
        "regions": list(run.table.regions),
        "products": list(run.table.products),
        "what_is_stopped": list(run.said) or [run.shock.what_is_stopped],
        "joined": list(run.joined),
        "stop_nothing": [r.name for r in run.idle],
        "upper_bound_only": run.shock.upper_bound_only,
        "losses": list(_losses(run)),
        "buyers": [_buyer(run, region, name) for region in run.scenario.buyers],
        "flows": list(_flows(run)),
        "final_demand_unserved": list(_unserved(run)),
        "notes": [*run.notes, *run.table.notes, *_misfit(run)],
        "assumptions": list(dict.fromkeys(text for o in run.outcomes.values() for text in o.assumptions)),
        "inputs": [
            {
                "key": list(row.key),
                "low": row.low,
                "mid": row.mid,
                "high": row.high,
                "unit": row.unit or "number",
                "basis": row.basis,
                "source": row.source.title,
            }
            for row in run.parameters
        ],
        "sources": [plain(source) for source in sources(run)],
    }


def sources(run: Shortage) -> tuple[Source, ...]:
    """Every source that a figure cites."""
    return unite(*(o.sources for o in run.outcomes.values()), run.shock.sources, run.table.sources)


def _losses(run: Shortage) -> Iterator[Json]:
    """By rule, region and month, reported buyers first."""
    for letter, outcome in run.outcomes.items():
        others = [r for r in outcome.regions if r not in run.scenario.buyers]
        for region in (*run.scenario.buyers, *others):
            for one in losses(outcome, region, outcome.months, None, None):
                yield {
                    "rule": letter,
                    "rationing": outcome.rationing,
                    "region": region,
                    "reported": region in run.scenario.buyers,
                    "months": one.months,
                    "metric": "value_added_lost",
                    **(figure(one.if_lasts) or {}),
                    "monte_carlo_error": one.draws_error,
                    "money": figure(one.money),
                    "direct": figure(one.direct),
                }


def _buyer(run: Shortage, region: str, name: Any) -> Json:
    """First stop, sectors, what binds and how near the threshold is, for one region reported."""
    outcome = run.main
    stop, sector = first_stop(outcome, region, name)
    return {
        "region": region,
        "first_stop": {**(figure(stop) or {}), "sector": sector},
        "first_stop_by_sector": list(_stops(outcome, region, name)),
        "sectors": [{"sector": s, **(figure(f) or {})} for s, f in sector_losses(outcome, region, name)],
        "binding": [
            {
                "sector": b.sector,
                "input": b.product,
                "output_lost": figure(b.output_lost),
                "draws": figure(b.share_of_draws),
                "first_stop": figure(b.first_stop),
            }
            for b in bottlenecks(outcome, region, name)
        ],
        "margin": [{**where, **(figure(f) or {})} for where, f in margins(run, region, name)],
    }


def _stops(outcome: Outcome, region: str, name: Any) -> Iterator[Json]:
    """First day of each sector that stops in some draw, the earliest first."""
    r = outcome.regions.index(region)
    days = outcome.first_day_5pct[:, r]
    some = np.flatnonzero(~np.isnan(days).all(axis=0))
    ends = {s: _quantiles(days[:, s]) for s in some.tolist()}
    for s in sorted(ends, key=lambda s: (ends[s][1] or np.inf, ends[s][0] or np.inf, s)):
        low, mid, high = ends[s]
        share = 100 * float((~np.isnan(days[:, s])).mean())
        shown = Figure(
            label=f"days until {name(outcome.sectors[s])} is 5 % below base",
            value=None if outcome.upper_bound_only else mid,
            unit="days",
            basis="assumed",
            sources=outcome.sources,
            low=low,
            high=high,
            note=f"it stops in {share:.0f} % of draws; an empty end: never within the run",
        )
        yield {"sector": name(outcome.sectors[s]), **(figure(shown) or {})}


def _quantiles(days: NDArray[np.float64]) -> tuple[float | None, ...]:
    found = np.quantile(np.where(np.isnan(days), np.inf, days), BAND, method="inverted_cdf")
    return tuple(float(q) if np.isfinite(q) else None for q in found)


def margins(run: Shortage, region: str, name: Any) -> list[tuple[Json, Figure]]:
    """Least days of cover left over the run of each restricted input, nearest to nought first."""
    o = run.main
    r = o.regions.index(region)
    restricted = {leg.product for leg in run.shock.legs}
    found = []
    for p, product in enumerate(o.products):
        for s, sector in enumerate(o.sectors):
            left = o.cover_margin[:, r, p, s]
            if product not in restricted or np.isnan(left).any():
                continue
            text = f"least days of {name(product)} left in {name(sector)}, {region}"
            note = "mean of five classes of buyers with different stocks; output falls where one is empty"
            shown = spread(text, "days", np.minimum(left, 1e6), o.sources, note=note)
            found.append(({"sector": name(sector), "input": name(product)}, shown))
    found.sort(key=lambda pair: (pair[1].value or 0.0, pair[1].low or 0.0))
    return found[:MARGINS]


def _flows(run: Shortage) -> Iterator[Json]:
    """What each restricted flow normally is, what is stopped of it and what of that leaks, over the run."""
    name = partial(label, run.world)
    for leg in run.shock.legs:
        for buyer in leg.buyers:
            a_day = flow_a_day(run, leg, buyer)
            what = f"{name(leg.product)}, {leg.seller} to {buyer}"
            stopped = a_day * (1.0 - leg.kept + leg.leak).sum(axis=1)
            leaked = a_day * leg.leak.sum(axis=1)
            normal = a_day * leg.kept.shape[1]
            cited = run.shock.sources
            yield {
                "seller": leg.seller,
                "product": leg.product,
                "buyer": buyer,
                "instrument": leg.instrument,
                "normal": figure(spread(f"{what}: normal over the run", "USD million", normal, cited)),
                "stopped": figure(spread(f"{what}: stopped", "USD million", stopped, cited)),
                "leaked": figure(
                    spread(f"{what}: of it through third countries", "USD million", leaked, cited)
                ),
            }


def _unserved(run: Shortage) -> Iterator[Json]:
    for letter, o in run.outcomes.items():
        for r, region in enumerate(o.regions):
            text = f"final demand that sellers in {region} did not serve, {run.scenario.days} days"
            yield {
                "rule": letter,
                "seller": region,
                **(figure(spread(text, "USD million", o.final_unserved[:, r], o.sources)) or {}),
            }


def _misfit(run: Shortage) -> list[str]:
    """What of the flows found no room in the table."""
    return [
        f"{product}, {seller} to {buyer}: USD {amount:.0f} million a year found no room in the table's cells."
        for product, seller, buyer, amount in run.table.misfit
        if amount >= 1
    ]
