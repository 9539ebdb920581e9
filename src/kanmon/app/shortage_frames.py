"""Frames of a shortage run: losses, days, sectors, flows, margins, draws, inputs. One row a fact.

Every frame is in USD million of the table's year unless a column says otherwise; low, mid and high are the
5, 50 and 95 % quantiles over draws. What never happens within the run is null, which is not nought.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.spread import BAND, settled
from ..report.summary import median_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from ..expose.records import Leg
    from .shortage import Shortage

    Array = NDArray[np.float64]


FLOWS = ("normal_usd_m", "stopped_usd_m", "leaked_usd_m")


def losses(run: Shortage) -> pl.DataFrame:
    """Value added lost by rule, region and month: USD million, per cent of GDP, and the direct part."""
    import polars as pl

    rows = []
    for letter, o in run.outcomes.items():
        for region in o.regions:
            r = o.regions.index(region)
            whole = o.va_lost_daily[:, :, r].sum(axis=1)
            part = np.divide(o.direct_va_lost[:, r], whole, out=np.zeros_like(whole), where=whole > 0)
            for months in o.months:
                lost = settled(o.lost(region, months), "USD million")
                share = settled(100 * o.lost_share(region, months), "% of GDP")
                rows.append(
                    {"rule": letter, "region": region, "months": months}
                    | _band("usd_m", lost)
                    | _band("pct_gdp", share)
                    | {"pct_gdp_error": median_error(share)}
                    | _band("direct_usd_m", lost * np.clip(part, 0.0, 1.0))
                )
    return _bounded(pl.DataFrame(rows), run)


def daily(run: Shortage) -> pl.DataFrame:
    """Value added lost on each day by rule and region, USD million a day."""
    import polars as pl

    found = []
    for letter, o in run.outcomes.items():
        low, mid, high = np.quantile(settled(o.va_lost_daily, "USD million"), BAND, axis=0)
        days, regions = mid.shape
        columns: dict[str, Any] = {"rule": [letter] * mid.size, "day": np.repeat(np.arange(days), regions)}
        if run.scenario.start is not None:
            dates = [run.scenario.start + timedelta(days=d) for d in range(days)]
            columns["date"] = [d for d in dates for _ in range(regions)]
        columns["region"] = list(o.regions) * days
        ends = {"usd_m_low": low.ravel(), "usd_m_mid": mid.ravel(), "usd_m_high": high.ravel()}
        found.append(pl.DataFrame(columns | ends))
    return _bounded(pl.concat(found), run)


def sectors(run: Shortage) -> pl.DataFrame:
    """Value added lost by rule, region, sector and month; first days; the input that binds most."""
    import polars as pl

    rows = []
    for letter, o in run.outcomes.items():
        lost = np.quantile(settled(o.va_lost_sector, "USD million"), BAND, axis=0)
        falls, stops = _first(o.first_day_1pct), _first(o.first_day_5pct)
        never = np.isnan(o.first_day_5pct).mean(axis=0)
        typical = np.median(o.binding_loss, axis=0) if o.products else np.zeros((*lost.shape[2:], 1))
        for r, region in enumerate(o.regions):
            for s, sector in enumerate(o.sectors):
                p = int(typical[r, s].argmax())
                input_ = o.products[p] if o.products and typical[r, s, p] > 0 else None
                head: dict[str, Any] = {"rule": letter, "region": region, "sector": sector}
                days = {
                    "first_day_1pct": falls[r][s],
                    "first_day_5pct": stops[r][s],
                    "draws_that_stop_pct": 100 * (1 - float(never[r, s])),
                    "binding_input": input_,
                }
                for m, months in enumerate(o.months):
                    ends = dict(zip(("usd_m_low", "usd_m_mid", "usd_m_high"), lost[:, m, r, s], strict=True))
                    rows.append(head | {"months": months} | {k: float(v) for k, v in ends.items()} | days)
    return _bounded(pl.DataFrame(rows, infer_schema_length=None), run)


def flows(run: Shortage) -> pl.DataFrame:
    """What of each restricted flow is normal, stopped, leaks through third countries, over the whole run."""
    import polars as pl

    rows = []
    for leg in run.shock.legs:
        for buyer in leg.buyers:
            a_day = flow_a_day(run, leg, buyer)
            days = leg.kept.shape[1]
            rows.append(
                {"seller": leg.seller, "product": leg.product, "buyer": buyer}
                | _band("normal_usd_m", a_day * days)
                | _band("stopped_usd_m", a_day * (1.0 - leg.kept + leg.leak).sum(axis=1))
                | _band("leaked_usd_m", a_day * leg.leak.sum(axis=1))
            )
    return pl.DataFrame(rows, schema=_columns(("seller", "product", "buyer"), FLOWS))


def flow_a_day(run: Shortage, leg: Leg, buyer: str) -> Array:
    """What a seller normally sells of a row to a buyer's industries, USD million a day, (draws,)."""
    from ..expose.handling import per_draw

    regions = run.table.regions
    sold = run.table.sold(leg.product)[:, regions.index(leg.seller), regions.index(buyer)]
    return per_draw(sold, run.draws.count) / 365.0


def margins(run: Shortage) -> pl.DataFrame:
    """Least days of cover left of each restricted input, by region and sector that buys it; lowest first.

    Output falls where the stock is below the working stock (m_work, a day or more): the margin is known also
    where nothing stops.
    """
    import polars as pl

    o = run.main
    restricted = [p for p in o.products if p in {leg.product for leg in run.shock.legs}]
    rows = []
    for region in run.scenario.buyers:
        r = o.regions.index(region)
        for product in restricted:
            left = o.cover_margin[:, r, o.products.index(product)]
            for s, sector in enumerate(o.sectors):
                days = left[:, s]
                if not np.isnan(days).any():
                    head: dict[str, Any] = {"region": region, "sector": sector, "product": product}
                    rows.append(head | _band("days", np.minimum(days, 1e6)))
    frame = pl.DataFrame(rows, schema=_columns(("region", "sector", "product"), ("days",)))
    return frame.sort("days_mid", "days_low", "region", "sector", "product")


def unserved(run: Shortage) -> pl.DataFrame:
    """Final demand that a region's sellers did not serve over the whole run, by rule, USD million."""
    import polars as pl

    rows = [
        {"rule": letter, "seller": region} | _band("usd_m", settled(o.final_unserved[:, r], "USD million"))
        for letter, o in run.outcomes.items()
        for r, region in enumerate(o.regions)
    ]
    return pl.DataFrame(rows)


def draws(run: Shortage) -> pl.DataFrame:
    """Value added lost by rule, draw, region and month."""
    import polars as pl

    found = [o.frame().with_columns(pl.lit(letter).alias("rule")) for letter, o in run.outcomes.items()]
    return pl.concat(found).select(
        "rule", "draw", "region", "months", "va_lost_usd_m", (100 * pl.col("share_of_year")).alias("pct_gdp")
    )


def inputs(run: Shortage) -> pl.DataFrame:
    """Every uncertain input that the run read: range, unit, basis, source."""
    import polars as pl

    rows = [
        dict(zip(("symbol", "product", "sector", "country"), row.key, strict=True))
        | {"low": row.low, "mid": row.mid, "high": row.high, "unit": row.unit, "basis": row.basis}
        | {"source": row.source.title, "url": row.source.url, "note": row.note}
        for row in run.parameters
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _columns(words: Sequence[str], bands: Sequence[str]) -> dict[str, Any]:
    """Columns of a frame, which it has also where it has no row."""
    import polars as pl

    ends = [f"{name}_{end}" for name in bands for end in ("low", "mid", "high")]
    return dict.fromkeys(words, pl.String()) | dict.fromkeys(ends, pl.Float64())


def _band(name: str, values: Array) -> dict[str, Any]:
    low, mid, high = np.quantile(values, BAND)
    return {f"{name}_low": float(low), f"{name}_mid": float(mid), f"{name}_high": float(high)}


def _first(days: Array) -> list[list[float | None]]:
    """Median first day by region and sector; None where fewer than half of the draws reach it."""
    found = np.quantile(np.where(np.isnan(days), np.inf, days), 0.5, axis=0, method="inverted_cdf")
    return [[float(day) if np.isfinite(day) else None for day in row] for row in found]


def _bounded(frame: pl.DataFrame, run: Shortage) -> pl.DataFrame:
    """Only the upper ends where the run is an upper bound: low and mid are unknown then."""
    import polars as pl

    if not run.shock.upper_bound_only:
        return frame
    blank = [c for c in frame.columns if c.endswith(("_low", "_mid"))]
    return frame.with_columns(pl.lit(None, pl.Float64).alias(c) for c in blank)
