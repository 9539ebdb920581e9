"""Small random tables, shocks and parameters for the laws of engines."""

from dataclasses import dataclass, replace

import numpy as np

from kanmon.core.draws import Draws, Uncertain
from kanmon.core.source import Source
from kanmon.expose.records import Leg, Shock
from kanmon.world.parameters import Parameters
from kanmon.world.records import SplitTable

SOURCE = Source("test", "a test")
PRODUCTS = ("ALPHA", "BETA")
SECTORS = ("A01", "C20", "C29", "G", "J")


def row(symbol: str, product: str, sector: str, country: str, mid: float) -> Uncertain:
    key = (symbol, product, sector, country)
    return Uncertain(key, mid, mid, mid, "fixed", "", "assumed", SOURCE)


@dataclass(frozen=True)
class Book(Parameters):
    """Parameters for which a sector "X'" is as the sector "X"."""

    def lookup(self, symbol="", product="", sector="", country=""):
        return super().lookup(symbol, product.rstrip("'"), sector.rstrip("'"), country)


def book(ordinary: float = 0.5, **change: float) -> Book:
    value = {
        "n_private": 20, "n_ordinary": 12, "m_work": 4, "sigma_stock": 0.6, "tau_restock": 20,
        "tau_resource": 15, "spare": 0.2, "ramp": 30, "beta_max": 0.2, "beta_lead": 15, "n_state": 6,
        "t_release": 5, "restart": 6, "recapture": 0.3, "overtime": 0.08, "waiting": 60,
        "upstream_share": 0.6,
    } | change  # fmt: skip
    rows = [
        row("phi", "ordinary manufactured inputs", "manufacturing", "all", ordinary),
        row("n_ordinary", "ordinary inputs", "manufacturing", "all", value["n_ordinary"]),
        row("tau_restock", "ordinary inputs", "", "all", value["tau_restock"]),
        row("t_release", "state stocks", "", "all", value["t_release"]),
        row("phi", "ALPHA", "C29", "all", 0.7),
        row("phi", "ALPHA", "C20", "all", 0.4),
        row("phi", "BETA", "C29", "all", 0.5),
    ]
    for name in ("sigma_stock", "m_work", "tau_restock", "tau_resource", "ramp", "beta_max", "beta_lead"):
        rows.append(row(name, "all controlled", "", "all", value[name]))
    for name in ("restart", "recapture", "overtime", "waiting"):
        rows.append(row(name, "ordinary manufactured inputs", "", "all", value[name]))
    rows.append(row("upstream_share", "services as inputs", "", "all", value["upstream_share"]))
    for product in PRODUCTS:
        rows.append(row("n_private", product, "", "all", value["n_private"]))
        rows.append(row("n_state", product, "", "BUY", value["n_state"]))
        rows.append(row("spare", product, "", "non-SEL", value["spare"]))
    return Book(tuple(rows))


def table(seed: int, regions: int = 3, versions: int = 1) -> SplitTable:
    """A random table: BUY, SEL and others; two controlled products made from C20 and bought by some."""
    g = np.random.default_rng(seed)
    names = ("BUY", "SEL", "OTH", "FAR")[:regions]
    sectors = (*SECTORS, *PRODUCTS)
    S, N = len(sectors), regions * len(sectors)
    Z = g.random((versions, N, N)) * (g.random((N, N)) < 0.8)
    rows = Z.reshape(versions, regions, S, regions, S)
    rows[:, :, 5:, :, :] *= 0.02 * np.array([1, 1, 1, 0, 0, 1, 1])
    rows[:, :, :, :, 5:] *= 0.05
    # SEL makes most of ALPHA, so that stopping it bites.
    others = [r for r in range(regions) if names[r] != "SEL"]
    rows[:, others, 5] *= 0.1
    final = g.random((versions, N)) * np.tile(np.where(np.arange(S) < 5, 4.0, 0.05), regions)
    x = Z.sum(axis=2) + final
    # Every industry keeps a tenth of its output as value added: what is bought beyond that is scaled down.
    fit = np.minimum(1.0, 0.9 * x / np.maximum(Z.sum(axis=1), 1e-12))
    for _ in range(200):
        Z = Z * fit[:, None, :]
        x = Z.sum(axis=2) + final
        fit = np.minimum(1.0, 0.9 * x / np.maximum(Z.sum(axis=1), 1e-12))
        if fit.min() > 1 - 1e-12:
            break
    return SplitTable(
        names, sectors, PRODUCTS, {"ALPHA": "C20", "BETA": "C20"}, Z, x, final, x - Z.sum(axis=1), 2022,
        (), (), (SOURCE,),
    )  # fmt: skip


def shock(
    days: int = 100,
    kept: float = 0.0,
    product: str = "ALPHA",
    start: int = 2,
    end: int = 10**6,
    draws: int = 1,
) -> Shock:
    share = np.ones((draws, days))
    share[:, start:end] = kept
    leg = Leg("SEL", product, ("BUY",), share, np.zeros_like(share))
    return Shock("test", "a test", (leg,), days, draws, {}, False, (), (SOURCE,))


def draws(count: int = 1, spare: float | None = None) -> Draws:
    """Draws of nothing, or of the spare output of both products."""
    values = {} if spare is None else {("spare", p, "", "non-SEL"): np.full(count, spare) for p in PRODUCTS}
    return Draws(count, 0, values)


def with_stock(one: Shock, days: float, product: str = "ALPHA") -> Shock:
    return replace(one, extra_stock_days={("BUY", product): np.full(one.draws, days)})
