"""What a stop does to the price that the buyer faces: isoelastic markets (method section 9).

Prices and quantities are relative to the time before the measure. Symbols: m share of the market's use
that the seller supplied; ed, es elasticities of demand and supply (both positive); l leakage, the share
of the stopped flow that still arrives; P price factor (1 = no change).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws, Uncertain
from ..core.figure import Basis, weakest
from ..core.source import ASSUMPTION, Source, unite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..world.world import World

RATIONING_ABOVE = 0.8
"""Missing share of use above which short-run elasticities give no price, only a bound (method 9)."""

PRICE_DAY = 365
"""Day of the measure for which leakage enters the price."""


@dataclass(frozen=True)
class PriceRise:
    """How much dearer a product becomes for a buyer: rises as shares (0.5 = half as dear again).

    low, mid, high: mean rise over all the buyer pays, 5-50-95 % over draws, spot purchases blended with
    contracts at old prices; None where unknown. spot: the same for spot purchases alone. at_least: the
    missing share of use is so large that goods are rationed; then `low` alone is known, a lower bound.
    """

    low: float | None
    mid: float | None
    high: float | None
    at_least: bool
    basis: Basis
    sources: tuple[Source, ...]
    spot: tuple[float, float | None, float | None] | None = None
    note: str = ""


def outside_price(
    m: NDArray[np.float64] | float,
    ed: NDArray[np.float64] | float,
    es: NDArray[np.float64] | float,
    leak: NDArray[np.float64] | float = 0.0,
) -> NDArray[np.float64]:
    """Price factor where the goods are missing: the root P of (1-m) P^es + leak m = P^-ed.

    Without leakage P = (1-m)^(-1/(ed+es)). inf where nothing at all is left (m = 1, no leakage).
    """
    shape = np.broadcast_shapes(*(np.shape(v) for v in (m, ed, es, leak)))
    flat = (np.broadcast_to(np.asarray(v, dtype=np.float64), shape).ravel() for v in (m, ed, es, leak))
    found = [_factor(float(a), float(b), float(c), float(d)) for a, b, c, d in zip(*flat, strict=True)]
    return np.array(found).reshape(shape)


def _factor(m: float, ed: float, es: float, leak: float) -> float:
    """One price factor: closed form without leakage, else the root."""
    if leak * m > 0:
        return _root(1 - m, leak * m, ed, es)
    return float((1 - m) ** (-1 / (ed + es))) if m < 1 else np.inf


def inside_price(
    x: NDArray[np.float64] | float,
    ed: NDArray[np.float64] | float,
    es: NDArray[np.float64] | float,
    leak: NDArray[np.float64] | float = 0.0,
) -> NDArray[np.float64]:
    """Price factor inside the exporter: the root P of (1-x) P^-ed + leak x = P^es.

    x: share of the exporter's output that used to go to the barred market. The mirror of
    `outside_price` with 1/P for P and the elasticities exchanged.
    """
    return 1 / outside_price(x, es, ed, leak)


def _root(rest: float, leak: float, ed: float, es: float) -> float:
    """Root of rest P^es + leak = P^-ed; the left side rises in P, the right side falls."""
    from scipy.optimize import brentq

    def gap(log_p: float) -> float:
        return float(rest * np.exp(es * log_p) + leak - np.exp(-ed * log_p))

    # rest + leak <= 1 puts the root at P >= 1; dropping either supply bounds it from above.
    top = -np.log(leak) / ed
    if rest > 0:
        top = min(top, -np.log(rest) / (ed + es))
    if gap(0.0) >= 0:
        return 1.0
    if gap(top) <= 0:  # a vanishing leak or rest: the bound is the root to the last digit
        return float(np.exp(top))
    return float(np.exp(brentq(gap, 0.0, top, xtol=1e-12)))


def residual_supply(
    es: NDArray[np.float64] | float,
    ed: NDArray[np.float64] | float,
    supply: float,
    others: float,
    bought: float,
) -> NDArray[np.float64]:
    """Supply elasticity one buyer faces: es_res = (S/M) es + (D/M) ed.

    supply S: what unbanned sellers supply; others D: what other buyers take of it; bought M: what the
    buyer took of it before the measure (S = D + M). All in one unit.
    """
    return np.asarray((supply / bought) * np.asarray(es) + (others / bought) * np.asarray(ed))


def blended(rise: NDArray[np.float64], spot_share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean rise over all purchases when only `spot_share` of them pays the spot price."""
    return np.asarray(rise * spot_share)


def price_rise(world: World, product: str, buyer: str, seller: str, draws: Draws) -> PriceRise:
    """Rise of the price of one product for one buyer when one seller stops.

    The buyer faces the residual supply of the other sellers where the trade data give their sales to
    others; elsewhere their own supply elasticity, which overstates the rise and is said in the note.
    """
    used: list[Uncertain] = []
    share = _share(world, product, buyer, seller, draws, used)
    ed = _value(world, "ed", product, "WLD", draws, used)
    es = _value(world, "es", product, buyer, draws, used)
    if share is None or ed is None or es is None:
        lacking = [n for n, v in (("the seller's share", share), ("ed", ed), ("es", es)) if v is None]
        text = f"price of {product} for {buyer} unknown: no figure for {', '.join(lacking)}"
        return PriceRise(None, None, None, at_least=False, basis="assumed", sources=(ASSUMPTION,), note=text)
    m, trade = share
    note = (
        "supply of the other sellers to others unknown: their own elasticity is used, the rise is overstated"
    )
    if trade is not None and trade.bought > 0:
        es = residual_supply(es, ed, trade.supply, trade.supply - trade.bought, trade.bought)
        note = f"residual supply of the other sellers from trade values of {trade.year}"
    leak = _leak(world, product, buyer, draws, used)
    spot_share = _value(world, "spot_share", product, buyer, draws, used)
    missing = m * (1 - leak)
    at_least = bool(np.median(missing) > RATIONING_ABOVE)
    spot = outside_price(np.minimum(m, RATIONING_ABOVE), ed, es, leak) - 1
    paid = spot if spot_share is None else blended(spot, spot_share)
    if spot_share is None:
        note += "; share bought at spot prices unknown: all of it"
    low, mid, high = (float(v) for v in np.quantile(paid, (0.05, 0.5, 0.95)))
    s_low, s_mid, s_high = (float(v) for v in np.quantile(spot, (0.05, 0.5, 0.95)))
    return PriceRise(
        low=low,
        mid=None if at_least else mid,
        high=None if at_least else high,
        at_least=at_least,
        basis=weakest("inferred", *(row.basis for row in used)),
        sources=unite(
            tuple(row.source for row in used),
            (world.trade.source,) if trade is not None else (),
            (ASSUMPTION,),
        ),
        spot=(s_low, None, None) if at_least else (s_low, s_mid, s_high),
        note=note + (f"; computed at m = {RATIONING_ABOVE}: goods are rationed above it" if at_least else ""),
    )


@dataclass(frozen=True)
class _OtherSellers:
    """Trade of the sellers that are not banned: all their sales, and those to the buyer, USD million."""

    year: int
    supply: float
    bought: float
    share: float


def _share(
    world: World, product: str, buyer: str, seller: str, draws: Draws, used: list[Uncertain]
) -> tuple[NDArray[np.float64], _OtherSellers | None] | None:
    """The seller's share of the buyer's use, and what the trade data say of the other sellers."""
    trade = _other_sellers(world, product, buyer, seller)
    row = world.parameters.lookup(f"share_{seller}", product, "", buyer)
    if row is not None and row.key[3] == buyer:
        used.append(row)
        return np.asarray(draws.values.get(row.key, np.full(draws.count, row.mid))), trade
    return None if trade is None else (np.full(draws.count, trade.share), trade)


def _other_sellers(world: World, product: str, buyer: str, seller: str) -> _OtherSellers | None:
    """From bilateral trade in the product's own codes, latest year; None where the codes hold more."""
    import polars as pl

    card = world.products[product]
    if card.trade_basis != "bilateral" or not card.trade_hs:
        return None
    frame = world.trade.of(card.trade_hs)
    year = frame["year"].max()
    frame = frame.filter((pl.col("year") == year) & (pl.col("importer_iso3") != pl.col("exporter_iso3")))
    to_buyer = frame.filter(pl.col("importer_iso3") == buyer)
    others = frame.filter((pl.col("exporter_iso3") != seller) & (pl.col("exporter_iso3") != buyer))
    all_bought = float(to_buyer["value_usd_m"].sum())
    bought = float(others.filter(pl.col("importer_iso3") == buyer)["value_usd_m"].sum())
    if all_bought <= 0:
        return None
    return _OtherSellers(int(str(year)), float(others["value_usd_m"].sum()), bought, 1 - bought / all_bought)


def _leak(world: World, product: str, buyer: str, draws: Draws, used: list[Uncertain]) -> NDArray[np.float64]:
    """Leakage one year on; none where no parameter is known (the rise is then overstated)."""
    most = _value(world, "l_max", product, buyer, draws, used)
    half = _value(world, "l_half", product, buyer, draws, used)
    if most is None or half is None:
        return np.zeros(draws.count)
    return np.asarray(most * (1 - 2 ** (-PRICE_DAY / half)))


def _value(
    world: World, symbol: str, product: str, country: str, draws: Draws, used: list[Uncertain]
) -> NDArray[np.float64] | None:
    """Draws of one parameter, noting the row used; its mid value where the draws lack it."""
    row = world.parameters.lookup(symbol, product, "", country)
    if row is None:
        return None
    used.append(row)
    return np.asarray(draws.values.get(row.key, np.full(draws.count, row.mid)))
