"""From the draws of an Outcome to the figures of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws
from ..core.figure import Figure
from ..core.source import Source, unite
from ..core.spread import BAND, midranks, spread
from ..engines.base import Outcome
from ..engines.episode import Fit
from ..expose.records import Shock, Survival
from ..respond.best import expected
from .assessment import Bottleneck, Fitted, Loss, ScenarioResult

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Money:
    """Value added of a year in the buyer's own money: amount per per cent of GDP, unit and sources."""

    per_percent: float
    unit: str
    sources: tuple[Source, ...]


def median_error(draws: NDArray[np.float64]) -> float:
    """Monte-Carlo standard error of the median, from the order statistics around it.

    Half the distance between the quantiles at 0.5 +- 0.5/sqrt(n): the binomial interval of one
    standard deviation. Conservative for Sobol points.
    """
    half = 0.5 / np.sqrt(len(draws))
    low, high = np.quantile(draws, [max(0.0, 0.5 - half), min(1.0, 0.5 + half)])
    return float(high - low) / 2


def losses(
    outcome: Outcome,
    region: str,
    months: Sequence[int],
    survival: Survival | None,
    money: Money | None,
) -> tuple[Loss, ...]:
    """Loss of one region after each of `months`: if the measure lasts, and expected over its survival."""
    sources = outcome.sources
    bound = outcome.upper_bound_only
    year = outcome.va_year[:, outcome.regions.index(region)]
    found = []
    for month in months:
        share = outcome.lost_share(region, month) * 100
        if_lasts = spread(
            f"value added lost in {region} after {month} months if the measure lasts",
            "% of GDP",
            share,
            sources,
            upper_bound_only=bound,
        )
        weighted = share if survival is None else expected(outcome, region, month, survival) / year * 100
        found.append(
            Loss(
                buyer=region,
                months=month,
                if_lasts=if_lasts,
                expected=spread(
                    f"expected value added lost in {region} within {month} months over the survival curve",
                    "% of GDP",
                    weighted,
                    sources,
                    upper_bound_only=bound,
                    note="no survival curve for this kind: equals the loss if it lasts"
                    if survival is None
                    else "",
                ),
                money=_in_money(if_lasts, outcome, region, month, money),
                direct=_direct(outcome, region, month, share, sources, bound=bound),
                draws_error=median_error(share),
            )
        )
    return tuple(found)


def fitted(outcome: Outcome, region: str, months: Sequence[int], fit: Fit) -> tuple[Fitted, ...]:
    """Loss of one region after each of `months`, plain and weighed, on the draws that were weighed."""
    few, sources = outcome.first(fit.weights.size), unite(outcome.sources, (fit.episode.source,))
    found = []
    for month in months:
        share, label = (
            few.lost_share(region, month) * 100,
            f"value added lost in {region} after {month} months",
        )
        plain = spread(f"{label}, draws as they are", "% of GDP", share, outcome.sources)
        text = f"{label}, draws weighed against an episode"
        weighed = spread(text, "% of GDP", share, sources, note=fit.sentence(), weights=fit.weights)
        found.append(Fitted(month, plain, weighed))
    return tuple(found)


def _in_money(share: Figure, outcome: Outcome, region: str, month: int, money: Money | None) -> Figure:
    """The same loss in the region's own money, or in USD million of the table where that is unknown."""
    label = f"value added lost in {region} after {month} months if the measure lasts, in money"
    if money is None:
        return spread(
            label,
            "USD million",
            outcome.lost(region, month),
            outcome.sources,
            upper_bound_only=outcome.upper_bound_only,
        )

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * money.per_percent

    return Figure(
        label=label,
        value=scaled(share.value),
        unit=money.unit,
        basis=share.basis,
        sources=unite(share.sources, money.sources),
        low=scaled(share.low),
        high=scaled(share.high),
        note=share.note,
    )


def _direct(
    outcome: Outcome,
    region: str,
    month: int,
    total: NDArray[np.float64],
    sources: tuple[Source, ...],
    *,
    bound: bool,
) -> Figure:
    """Loss through missing inputs alone, scaled to the month by the course of the total loss."""
    r = outcome.regions.index(region)
    horizon = outcome.va_lost_daily[:, :, r].sum(axis=1)
    whole = np.where(horizon > 0, horizon, 1.0)
    part = np.where(horizon > 0, outcome.direct_va_lost[:, r] / whole, 0.0)
    return spread(
        f"of which through missing inputs alone, {region}, {month} months",
        "% of GDP",
        total * part,
        sources,
        upper_bound_only=bound,
        note="share of the horizon's total, applied to each month",
    )


def first_stop(outcome: Outcome, region: str, name: Callable[[str], str]) -> tuple[Figure, str]:
    """Days until the first sector of a region is 5 % or more below base, and which sector it is."""
    r = outcome.regions.index(region)
    days = outcome.first_day_5pct[:, r, :]
    never = np.isnan(days).all(axis=1)
    earliest = np.where(never, np.inf, np.nanmin(np.where(np.isnan(days), np.inf, days), axis=1))
    low, mid, high = np.quantile(earliest, BAND, method="inverted_cdf")
    stopped = ~never
    sector = ""
    if stopped.any():
        which = np.argmin(np.where(np.isnan(days), np.inf, days)[stopped], axis=1)
        sector = name(outcome.sectors[int(np.bincount(which).argmax())])

    def known(value: float) -> float | None:
        return float(value) if np.isfinite(value) else None

    share = int(round(100 * float(never.mean())))
    figure = Figure(
        label=f"days until the first sector in {region} is 5 % below base",
        value=None if outcome.upper_bound_only else known(mid),
        unit="days",
        basis="assumed",
        sources=outcome.sources,
        low=known(low),
        high=known(high),
        note=f"never within the horizon in {share} % of draws",
    )
    return figure, sector


def sector_losses(
    outcome: Outcome, region: str, name: Callable[[str], str], count: int = 10
) -> tuple[tuple[str, Figure], ...]:
    """The sectors of a region that lose most value added over the longest period, largest first."""
    r = outcome.regions.index(region)
    month = len(outcome.months) - 1
    lost = outcome.va_lost_sector[:, month, r, :]
    order = np.argsort(-np.median(lost, axis=0))[:count]
    return tuple(
        (
            name(outcome.sectors[s]),
            spread(
                f"value added lost in {region}, {name(outcome.sectors[s])}, {outcome.months[month]} months",
                "USD million",
                lost[:, s],
                outcome.sources,
                upper_bound_only=outcome.upper_bound_only,
            ),
        )
        for s in order
        if np.quantile(lost[:, s], 0.95) > 0
    )


FALLS = 0.5
"""Share of draws in which a sector must fall below base to be listed as stopped by an input."""


def bottlenecks(
    outcome: Outcome, region: str, name: Callable[[str], str], count: int = 6
) -> tuple[Bottleneck, ...]:
    """Pairs (sector, input that cuts it) with the largest output lost while that input was binding.

    Sectors that fall 1 % below base in fewer than half of the draws are left out: one that would grow
    for want of imports is short against its wish, not against base.
    """
    r = outcome.regions.index(region)
    falls = np.isfinite(outcome.first_day_1pct[:, r]).mean(axis=0) >= FALLS
    lost = outcome.binding_loss[:, r] * 100 * falls[None, :, None]
    typical = np.quantile(lost, 0.95, axis=0)
    pairs = [divmod(int(k), lost.shape[2]) for k in np.argsort(-typical, axis=None)[:count]]
    found = []
    for s, p in pairs:
        if typical[s, p] <= 0:
            continue
        sector, product = outcome.sectors[s], outcome.products[p]
        where = f"{name(sector)} <- {name(product)}"
        days = outcome.first_day_5pct[:, r, s]
        stop = np.where(np.isnan(days), np.inf, days)
        low, mid, high = np.quantile(stop, BAND, method="inverted_cdf")
        hit = float((lost[:, s, p] > 0).mean() * 100)
        found.append(
            Bottleneck(
                region=region,
                sector=name(sector),
                product=name(product),
                share_of_draws=Figure(
                    label=f"draws in which {where} binds",
                    value=hit,
                    unit="% of draws",
                    basis="assumed",
                    sources=outcome.sources,
                    exact=True,
                ),
                output_lost=spread(
                    f"output of {name(sector)} lost while {name(product)} binds",
                    "% of a year's output",
                    lost[:, s, p],
                    outcome.sources,
                    upper_bound_only=outcome.upper_bound_only,
                ),
                first_stop=Figure(
                    label=f"days until {name(sector)} is 5 % below base",
                    value=float(mid) if np.isfinite(mid) else None,
                    unit="days",
                    basis="assumed",
                    sources=outcome.sources,
                    low=float(low) if np.isfinite(low) else None,
                    high=float(high) if np.isfinite(high) else None,
                    note="empty end of a range: never within the horizon",
                ),
            )
        )
    return tuple(found)


def drivers(
    outcome: Outcome, region: str, draws: Draws, describe: Callable[[tuple[str, ...]], str], count: int = 6
) -> tuple[tuple[str, Figure], ...]:
    """The unknowns whose rank moves most with the loss (Spearman), with a 90 % interval.

    draws: of what the run read; what nothing read cannot drive it. In few draws of many unknowns some move
    together by chance. So one is taken at a time, and what it explains is taken out of the loss and of the
    other unknowns before the next is chosen (forward selection on ranks). The interval is Fisher's z with
    standard error 1.06/sqrt(n-3). Only those are kept that pass a test at 10 % divided by the number of
    unknowns (Bonferroni).
    """
    from scipy.special import ndtri

    month = max(outcome.months)
    target = midranks(outcome.lost(region, month))
    if outcome.draws < 8 or np.ptp(target) == 0:
        return ()
    keys = [k for k, v in draws.values.items() if np.ptp(v[: outcome.draws]) > 0]
    ranks = _unit(np.array([midranks(draws.values[k][: outcome.draws]) for k in keys]))
    target = _unit(target)
    error = 1.06 / np.sqrt(outcome.draws - 3)
    half = 1.645 * error
    needed = -float(ndtri(0.05 / len(keys))) * error
    found: list[tuple[str, Figure]] = []
    while len(found) < count:
        partial = ranks @ target
        k = int(np.abs(partial).argmax())
        z = float(np.arctanh(np.clip(partial[k], -0.999, 0.999)))
        if abs(z) < needed:
            break
        low, high = float(np.tanh(z - half)), float(np.tanh(z + half))
        taken = ranks[k].copy()
        target = _unit(target - (target @ taken) * taken)
        ranks = _unit(ranks - (ranks @ taken)[:, None] * taken)
        label = describe(keys[k])
        found.append(
            (
                label,
                Figure(
                    label=f"rank correlation of the {month}-month loss with {label}",
                    value=float(partial[k]),
                    unit="rank correlation",
                    basis="assumed",
                    sources=outcome.sources,
                    low=low,
                    high=high,
                    note="90 % interval over the draws of this run, after what the unknowns above explain",
                ),
            )
        )
    return tuple(found)


def _unit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centred and of length 1 along the last axis; nought where nothing but rounding is left."""
    centred = values - values.mean(axis=-1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=-1, keepdims=True))
    small = 1e-6 * max(1.0, float(length.max()))
    return np.asarray(np.divide(centred, length, out=np.zeros_like(centred), where=length > small))


def fan(
    outcome: Outcome, region: str, step: int = 5
) -> tuple[tuple[int, ...], tuple[tuple[float, float, float], ...]]:
    """Cumulative loss by day: days, and (5 %, median, 95 %) per cent of a year's GDP on each."""
    r = outcome.regions.index(region)
    course = np.cumsum(outcome.va_lost_daily[:, :, r], axis=1) / outcome.va_year[:, r, None] * 100
    days = np.arange(step - 1, course.shape[1], step)
    bands = np.quantile(course[:, days], BAND, axis=0).T
    return tuple(int(d) + 1 for d in days), tuple((float(a), float(b), float(c)) for a, b, c in bands)


def scenario_result(
    shock: Shock,
    outcomes: Mapping[str, Outcome],
    buyer: str,
    others: Sequence[str],
    months: Sequence[int],
    draws: Draws,
    survival: Survival | None,
    money: Money | None,
    name: Callable[[str], str],
    describe: Callable[[tuple[str, ...]], str],
    fit: Fit | None = None,
) -> ScenarioResult:
    """All figures of one scenario. `outcomes` maps rationing rule to Outcome, the default rule first.

    fit: weights of the draws after a past episode; used where the scenario stops a product of it.
    """
    main = next(iter(outcomes.values()))
    stop, sector = first_stop(main, buyer, name)
    days, bands = fan(main, buyer)
    last = max(months)
    by_rule = tuple(
        (
            rule,
            spread(
                f"value added lost in {buyer} after {last} months, rationing: {rule.replace('_', ' ')}",
                "% of GDP",
                outcome.lost_share(buyer, last) * 100,
                outcome.sources,
                upper_bound_only=outcome.upper_bound_only,
                note=f"{outcome.draws} draws",
            ),
        )
        for rule, outcome in outcomes.items()
    )
    return ScenarioResult(
        name=shock.scenario,
        shock=shock,
        outcomes=tuple(outcomes.values()),
        losses=losses(main, buyer, months, survival, money),
        other_losses=tuple(loss for r in others for loss in losses(main, r, (last,), survival, None)),
        first_stop=stop,
        first_stop_sector=sector,
        sectors=sector_losses(main, buyer, name),
        bottlenecks=bottlenecks(main, buyer, name),
        by_rule=by_rule,
        drivers=drivers(main, buyer, draws, describe),
        fan_days=days,
        fan=bands,
        fitted=fitted(main, buyer, months, fit) if fit else (),
    )
