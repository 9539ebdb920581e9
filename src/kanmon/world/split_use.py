"""Who inside a buyer region uses a product: shares of use by industry (method section 4, point 2).

In this order: the country's own rows `u_share` of parameters.csv; its own rows `end_use_share` of
end_use.csv; the world's; those of another country, marked as transferred. What they leave open goes to
the other industries that use the product (those with a `phi` row) by the parent sector's own sales,
drawn from a Dirichlet distribution around them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws
from .parameters import ANY_COUNTRY, sampled
from .split_flows import generator, parent_label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.product import Product
    from .records import IOTable
    from .world import World

WORLD_CODE = "WLD"
Stated = list[tuple[tuple[str, ...], "NDArray[np.float64]"]]
"""Shares of use that some source states: (users together, share of all use by draw)."""


@dataclass(frozen=True)
class UseShares:
    """Shares of use: values (draws, buyer regions, users), summing to 1 over users; and remarks."""

    users: tuple[str, ...]
    values: NDArray[np.float64]
    notes: tuple[str, ...]


def users_of(world: World, focus: IOTable, product: Product, split: Sequence[str]) -> tuple[str, ...]:
    """Industries of the table, and split products, that use the product (rows `phi` and `u_share`)."""
    labels = (*focus.sectors, *(k for k in split if product.id in world.products[k].inputs))
    mentioned = {
        p.key[2] for p in world.parameters if p.key[0] in ("phi", "u_share") and p.key[1] == product.id
    }
    return tuple(label for label in labels if label in mentioned)


def use_shares(
    world: World,
    focus: IOTable,
    draws: Draws | None,
    product: Product,
    makers: Mapping[str, NDArray[np.bool_]],
) -> UseShares:
    """Shares of use by buyer region.

    makers: split product -> for each region, whether it makes that product; a user that a region does
    not have gets nothing there, and the others take its place.
    """
    users = users_of(world, focus, product, tuple(makers))
    count = 1 if draws is None else draws.count
    values = np.zeros((count, len(focus.regions), len(users)))
    pattern = _pattern(world, focus, product, users)
    notes: list[str] = []
    concentration = world.parameters.values("use_concentration", product.id, "", "", draws)
    for s, region in enumerate(focus.regions):
        present = np.array([makers[u][s] if u in makers else True for u in users])
        stated, note = _stated(world, product, region, users, draws)
        weights = pattern[s] * present
        if draws is not None and draws.streams and concentration is not None:
            weights = _dirichlet(weights, concentration, draws, product.id, region)
        values[:, s] = _filled(stated, np.broadcast_to(weights, (count, len(users))), users, present)
        if note and note not in notes:
            notes.append(note)
    return UseShares(users, values, tuple(notes))


def _pattern(world: World, focus: IOTable, product: Product, users: Sequence[str]) -> NDArray[np.float64]:
    """The parent sector's sales to each user, from all sellers, (buyer regions, users), USD million.

    A user that is a split product stands in its own parent's column.
    """
    R, S = len(focus.regions), len(focus.sectors)
    sales = focus.Z.reshape(R, S, R, S)[:, focus.sectors.index(parent_label(world, focus, product))].sum(
        axis=0
    )
    columns = [
        focus.sectors.index(u if u in focus.sectors else parent_label(world, focus, world.products[u]))
        for u in users
    ]
    return np.asarray(sales[:, columns])


def _dirichlet(
    weights: NDArray[np.float64],
    concentration: NDArray[np.float64],
    draws: Draws,
    product: str,
    region: str,
) -> NDArray[np.float64]:
    """Dirichlet draws around weights, (draws, users); an industry of weight 0 stays at 0."""
    total = weights.sum()
    if total <= 0:
        return np.broadcast_to(weights, (draws.count, len(weights)))
    shape = concentration[:, None] * weights / total
    drawn = generator(draws.seed, "use", product, region).standard_gamma(shape)
    # A draw in which every gamma underflows falls back to the weights themselves.
    empty = drawn.sum(axis=1, keepdims=True) <= 0
    return np.where(empty, weights, drawn)


def _filled(
    stated: Stated,
    weights: NDArray[np.float64],
    users: Sequence[str],
    present: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Stated shares, each set spread by weights, and the rest of use spread over the other users."""
    shares = np.zeros(weights.shape)
    open_users = present.copy()
    for together, share in stated:
        inside = np.array([u in together for u in users]) & present
        if inside.any():
            shares += share[:, None] * _spread(weights, inside)
            open_users &= ~inside
    total = shares.sum(axis=1, keepdims=True)
    shares = np.where(total > 1, shares / np.maximum(total, 1e-300), shares)
    left = 1 - shares.sum(axis=1, keepdims=True)
    if open_users.any():
        shares = shares + np.maximum(left, 0.0) * _spread(weights, open_users)
    total = shares.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, shares / np.where(total > 0, total, 1), 0.0))


def _spread(weights: NDArray[np.float64], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights inside a set, summing to 1 over it; even where all of them are 0."""
    chosen = weights * inside
    total = chosen.sum(axis=1, keepdims=True)
    return np.where(total > 0, chosen / np.where(total > 0, total, 1), inside / inside.sum())


def _stated(
    world: World, product: Product, region: str, users: Sequence[str], draws: Draws | None
) -> tuple[Stated, str]:
    """The best stated shares for a buyer region, and the remark when they are another's."""
    count = 1 if draws is None else draws.count
    rows = [
        p for p in world.parameters if p.key[0] == "u_share" and p.key[1] == product.id and p.key[2] in users
    ]
    own = [p for p in rows if p.key[3] == region] or [p for p in rows if p.key[3] in ANY_COUNTRY]
    if own:
        return [((p.key[2],), sampled(p, draws)) for p in own], ""
    by_region = _end_use(world, product, users)
    for place in (region, WORLD_CODE):
        if place in by_region:
            return [(u, np.full(count, v)) for u, v in by_region[place]], ""
    if rows:
        place = rows[0].key[3]
        note = f"{product.id}: use by industry outside {place} transferred from {place} (assumed)"
        return [((p.key[2],), sampled(p, draws)) for p in rows if p.key[3] == place], note
    if by_region:
        place = next(iter(by_region))
        note = f"{product.id}: use by industry outside {place} transferred from {place} (assumed)"
        return [(u, np.full(count, v)) for u, v in by_region[place]], note
    return [], f"{product.id}: use by industry follows the sales of its parent sector (assumed)"


def _end_use(
    world: World, product: Product, users: Sequence[str]
) -> dict[str, list[tuple[tuple[str, ...], float]]]:
    """Rows `end_use_share` of the product's commodities by region, newest first."""
    found: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    frame = world.end_use.sort("year", descending=True, nulls_last=True)
    for row in frame.iter_rows(named=True):
        if row["metric"] != "end_use_share" or row["commodity"] not in product.end_use:
            continue
        codes = {c.strip() for c in (row["icio_sectors"] or "").split(";")}
        labels = tuple(u for u in users if u in codes or any(u.startswith(c) for c in codes if c))
        if labels:
            found.setdefault(row["region"], []).append((labels, float(row["value"])))
    return found
