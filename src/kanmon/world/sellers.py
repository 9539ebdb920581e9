"""Which countries matter as sellers of given products: they get a region of their own in a focus table.

A seller left in the rest of the world lends its sales to every buyer of the rest: what one country
delivers to the imposer as feed would seem to be at the service of others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .icio import REST
from .products import whole_of
from .records import IOTable, frozen_array
from .split_flows import product_flows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .world import World

SELLER_SHARE = 0.05
"""A seller of less than this, summed over the products, stays in the rest of the world."""


def seller_shares(
    world: World, imposers: Sequence[str], buyers: Sequence[str], products: Iterable[str]
) -> dict[str, float]:
    """Weight of each country as a seller of the products outside the imposers, summed over them.

    For each product the share of all sales of sellers other than the imposers, or of a buyer's purchases
    from them abroad where that is more, at the flows that the split itself will use (mid values).
    Countries below `SELLER_SHARE`, imposers and buyers are left out.
    """
    countries, sectors, sales, year = world.country_sales
    wanted = [p for p in products if world.products[p].parent in sectors]
    if not wanted:
        return {}
    thin = _thin_table(world, countries, sectors, sales, year, wanted)
    members = _members(world, countries)
    out = [k for code in imposers for k in members(code)]
    total = np.zeros(len(countries))
    for flow in _by_whole(world, product_flows(world, thin, None, wanted)).values():
        T = flow[0, : len(countries), : len(countries)].copy()
        T[out] = 0.0
        rows = [T.sum(axis=1)]
        for code in buyers:
            own = members(code)
            bought = T[:, own].sum(axis=1)
            bought[own] = 0.0
            rows.append(bought)
        shares = [row / row.sum() for row in rows if row.sum() > 0]
        total += np.max(shares, axis=0) if shares else 0.0
    total[[*out, *(k for code in buyers for k in members(code))]] = 0.0
    return {c: float(v) for c, v in zip(countries, total, strict=True) if v >= SELLER_SHARE}


def _by_whole(world: World, flows: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Grades summed to the product that they are grades of: it counts once."""
    found: dict[str, NDArray[np.float64]] = {}
    for key, flow in flows.items():
        whole = whole_of(world.catalogue, key)
        found[whole] = found.get(whole, 0.0) + flow
    return found


def _members(world: World, countries: Sequence[str]) -> Callable[[str], list[int]]:
    """Function from a code to the countries it stands for, as indices."""

    def members(code: str) -> list[int]:
        group = world.country_groups.get(code, ())
        return [k for k, c in enumerate(countries) if c == code or c in group]

    return members


def _thin_table(
    world: World,
    countries: Sequence[str],
    sectors: Sequence[str],
    sales: NDArray[np.float64],
    year: int,
    products: Sequence[str],
) -> IOTable:
    """A table with the products' parents only, whose sales to all industries stand in one column."""
    parents = tuple(dict.fromkeys(world.products[p].parent for p in products))
    R, S = len(countries), len(parents) + 1
    Z = np.zeros((R + 1, S, R + 1, S))  # the last region is an empty rest
    for n, parent in enumerate(parents):
        Z[:R, n, :R, -1] = sales[:, sectors.index(parent)]
    whole = Z.reshape((R + 1) * S, (R + 1) * S)
    names = (*countries, REST)
    source = world.sources["icio2022"]
    x = whole.sum(axis=1)
    return IOTable(
        names, (*parents, "users"), frozen_array(whole), frozen_array(x), year, "USD million", source
    )
