"""Carve controlled products out of their sectors, so that a shortage of one is seen (method section 4).

A cell of the focus table is the sum of the cells that the split table puts in its place: nothing is
added to or taken from the economy, so `merge` gives the focus table back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws
from ..core.errors import InputError, MissingDataError, Problem, nearest
from ..core.source import unite
from .parameters import ALL_PRODUCTS
from .records import IOTable, SplitTable, frozen_array
from .split_columns import carve_columns
from .split_fit import Fit, fitted
from .split_flows import flow_rows, parent_label, product_flows
from .split_use import UseShares, use_shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .world import World

REPORTED = 0.05
"""Misfit below this many USD million is not listed."""


def split(
    focus: IOTable,
    world: World,
    draws: Draws | None = None,
    products: Sequence[str] | None = None,
) -> SplitTable:
    """Carve products out of a focus table: one version per draw, one in all without draws.

    products: ids to carve out; all that the data reach when None (those they do not reach are named in
    `notes`). MissingDataError when a product asked for by name has no flow data.
    """
    asked = _known(world, products)
    flows = product_flows(world, focus, draws, asked)
    empty = [k for k in asked if not flows[k].any()]
    if empty and products is not None:
        raise MissingDataError([_no_data(world, k) for k in empty])
    names = tuple(k for k in asked if k not in empty)
    parents = {k: parent_label(world, focus, world.products[k]) for k in names}
    made = {k: flows[k].sum(axis=(0, 2)) > 0 for k in names}
    uses = {k: use_shares(world, focus, draws, world.products[k], _without(made, k)) for k in names}
    fit = fitted(focus, world, parents, uses, {k: flows[k] for k in names})
    Z, borrowed = _with_rows(focus, names, parents, uses, fit)
    S = len(focus.sectors)
    floor = world.parameters.values("va_share_min", ALL_PRODUCTS, "", "", None)
    va_floor = float(floor[0]) if floor is not None else 0.0
    x = carve_columns(Z, focus, tuple(focus.sectors.index(parents[k]) for k in names), va_floor)
    D, R = Z.shape[0], len(focus.regions)
    N = R * (S + len(names))
    Z = Z.reshape(D, N, N)
    x = x.reshape(D, N)
    notes = [f"{k} is not splittable: {_no_data(world, k).fix}" for k in empty]
    notes += [note for k in names for note in uses[k].notes]
    return SplitTable(
        regions=focus.regions,
        sectors=(*focus.sectors, *names),
        products=names,
        parents=parents,
        Z=frozen_array(Z),
        x=frozen_array(x),
        final=frozen_array(_zero_dust(x - Z.sum(axis=2), x)),
        value_added=frozen_array(_zero_dust(x - Z.sum(axis=1), x)),
        year=focus.year,
        misfit=_misfit(focus, names, fit.wanted, fit.placed),
        notes=tuple(notes),
        borrowed=frozen_array(borrowed),
        sources=unite(
            (focus.source, world.trade.source, world.sources["parameters"], world.sources["flows"]),
            tuple(row.range.source for k in names for row in flow_rows(world, k)),
        ),
    )


def merge(table: SplitTable, focus: IOTable) -> IOTable:
    """Put the products back into their parents: the focus table again (first draw)."""
    R, S, K = len(table.regions), len(focus.sectors), len(table.products)
    Z = table.Z[0].reshape(R, S + K, R, S + K).copy()
    x = table.x[0].reshape(R, S + K).copy()
    homes = [table.sectors.index(table.parents[name]) for name in table.products]
    for k, p in enumerate(homes):
        Z[:, :, :, p] += Z[:, :, :, S + k]
        x[:, p] += x[:, S + k]
    rows = Z[:, :S, :, :S]
    borrowed = np.zeros((K, R, R, S)) if table.borrowed is None else table.borrowed[0]
    there = rows.sum(axis=1)
    lent = borrowed.sum(axis=0)
    rows *= (1 + np.divide(lent, there, out=np.zeros_like(there), where=there > 0))[:, None]
    for k, p in enumerate(homes):
        Z[:, p, :, :S] += Z[:, S + k, :, :S] - borrowed[k]
    whole = Z[:, :S, :, :S].reshape(R * S, R * S)
    return IOTable(
        table.regions,
        focus.sectors,
        frozen_array(whole),
        frozen_array(x[:, :S].reshape(R * S)),
        table.year,
        focus.unit,
        focus.source,
    )


def _known(world: World, products: Sequence[str] | None) -> tuple[str, ...]:
    if products is None:
        return tuple(world.products)
    unknown = [k for k in products if k not in world.products]
    if unknown:
        raise InputError(
            [Problem(f"{k} is no product", "products", near=nearest(k, world.products)) for k in unknown]
        )
    return tuple(k for k in world.products if k in products)


def _no_data(world: World, product: str) -> Problem:
    codes = ", ".join(world.products[product].hs)
    return Problem(
        f"{product} cannot be carved out of {world.products[product].parent}",
        "products",
        "no flow of it is loaded",
        f"load trade flows of HS {codes}, or add rows to flows.csv (tonnes times unit value)",
    )


def _without(made: Mapping[str, NDArray[np.bool_]], product: str) -> dict[str, NDArray[np.bool_]]:
    return {k: v for k, v in made.items() if k != product}


def _with_rows(
    focus: IOTable,
    names: Sequence[str],
    parents: Mapping[str, str],
    uses: Mapping[str, UseShares],
    fit: Fit,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The table with product rows, (draws, R, S+K, R, S+K), and what each product borrowed.

    What a product sells leaves its parent's row, and for the borrowed part, (draws, K, R, R, S) by the
    sector whose column the user stands in, all rows of the seller in proportion.
    """
    R, S, K = len(focus.regions), len(focus.sectors), len(names)
    D = next(iter(fit.placed.values())).shape[0] if names else 1
    Z = np.zeros((D, R, S + K, R, S + K))
    Z[:, :, :S, :, :S] = focus.Z.reshape(R, S, R, S)
    borrowed = np.zeros((D, K, R, R, S))
    for k, name in enumerate(names):
        p = focus.sectors.index(parents[name])
        for n, (user, j) in enumerate(zip(uses[name].users, fit.columns[name], strict=True)):
            to = S + names.index(user) if user in names else j
            Z[:, :, S + k, :, to] += fit.placed[name][..., n]
            borrowed[:, k, :, :, j] += fit.borrowed[name][..., n]
            Z[:, :, p, :, j] -= fit.placed[name][..., n] - fit.borrowed[name][..., n]
    # Rounding may leave minus one part in 1e16 of the cell.
    rows = np.maximum(Z[:, :, :S, :, :S], 0.0)
    there = rows.sum(axis=2)
    share = np.divide(borrowed.sum(axis=1), there, out=np.zeros_like(there), where=there > 0)
    Z[:, :, :S, :, :S] = rows * (1 - share)[:, :, None]
    return Z, borrowed


def _misfit(
    focus: IOTable,
    names: Sequence[str],
    wanted: Mapping[str, NDArray[np.float64]],
    placed: Mapping[str, NDArray[np.float64]],
) -> tuple[tuple[str, str, str, float], ...]:
    """(product, seller, buyer, USD million) of what found no room, mean over draws, largest first."""
    rows = []
    for name in names:
        lost = (wanted[name] - placed[name]).sum(axis=3).mean(axis=0)
        rows += [
            (name, focus.regions[r], focus.regions[s], float(lost[r, s]))
            for r, s in np.argwhere(lost > REPORTED)
        ]
    return tuple(sorted(rows, key=lambda row: -row[3]))


def _zero_dust(value: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Differences that are rounding only (1e-12 of the output) set to zero."""
    return np.where(np.abs(value) <= 1e-12 * np.maximum(x, 1.0), 0.0, value)
