"""The cost of dearer inputs for one region: the Leontief price model on its own industries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..core.figure import Figure, weakest
from ..core.source import unite
from ..kernels.price import cost_push as leontief_prices
from ..world.records import SplitTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..expose.price import PriceRise

TOP = 6


def cost_push(
    table: SplitTable, region: str, rises: Mapping[str, PriceRise], name: Callable[[str], str]
) -> tuple[tuple[str, Figure], ...]:
    """Rise of a region's output prices when carved-out products become dearer for its buyers.

    The first row is the mean over the region's industries weighted by output, then the industries
    whose prices rise most. Purchases of a product from every origin are repriced. A product without
    a known rise is left out and named in the note; where only "at least" is known, so is the result.
    """
    known = {p: r for p, r in rises.items() if p in table.products and r.low is not None}
    if not known:
        return ()
    push, output = _solve(table, region, known)
    S = len(table.sectors)
    mean = output @ push / output.sum()
    open_end = any(r.at_least or r.high is None for r in known.values())
    left_out = sorted(set(rises) - set(known))
    note = "full pass-through, no substitution" + (", at least" if open_end else "")
    note += f"; without {', '.join(name(p) for p in left_out)} (no price known)" if left_out else ""

    def figure(label: str, cases: NDArray[np.float64]) -> Figure:
        low, mid, high = (float(c) * 100 for c in cases)
        return Figure(
            label=label,
            value=None if open_end else mid,
            unit="% price rise",
            basis=weakest("inferred", *(r.basis for r in known.values())),
            sources=unite(table.sources, *(r.sources for r in known.values())),
            low=low,
            high=None if open_end else high,
            note=note,
        )

    rows = [("all industries, weighted by output", figure(f"rise of output prices in {region}", mean))]
    order = [k for k in np.argsort(-push[:, 0]) if k < S and table.sectors[k] not in table.products]
    for k in order[:TOP]:
        label = name(table.sectors[k])
        rows.append((label, figure(f"rise of output prices in {region}, {label}", push[k])))
    return tuple(rows)


def _solve(
    table: SplitTable, region: str, known: Mapping[str, PriceRise]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Price changes of the region's industries (S, 3: low, mid, high) and their outputs (S,)."""
    S, r = len(table.sectors), table.regions.index(region)
    own = slice(r * S, (r + 1) * S)
    Z, x = table.Z[:, :, own].mean(axis=0), table.x[:, own].mean(axis=0)
    block = Z[own].copy()
    repriced = np.zeros(S, dtype=bool)
    rise = np.zeros((S, 3))
    for product, price in known.items():
        p = table.sectors.index(product)
        block[p] = Z[p::S].sum(axis=0)
        repriced[p] = True
        ends = (price.low, price.mid, price.high)
        rise[p] = [price.low if end is None else end for end in ends]
    A = np.divide(block, x, out=np.zeros_like(block), where=x > 0)
    push = leontief_prices(A, repriced, rise)
    weight = np.where(repriced, 0.0, x)
    return push, weight
