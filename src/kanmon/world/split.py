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
from .split_flows import flow_rows, parent_label, product_flows
from .split_use import UseShares, use_shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .world import World

PASSES = 3
"""Rounds in which products of one parent share its cells: room that one leaves goes to the others."""
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
    wanted = {k: flows[k][:, :, :, None] * uses[k].values[:, None] for k in names}
    placed = _fitted(focus, parents, uses, wanted, world)
    Z = _with_rows(focus, names, parents, uses, placed)
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
        misfit=_misfit(focus, names, wanted, placed),
        notes=tuple(notes),
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
    for k, name in enumerate(table.products):
        p = table.sectors.index(table.parents[name])
        Z[:, p] += Z[:, S + k]
        x[:, p] += x[:, S + k]
    for k, name in enumerate(table.products):
        Z[:, :, :, table.sectors.index(table.parents[name])] += Z[:, :, :, S + k]
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


def _fitted(
    focus: IOTable,
    parents: Mapping[str, str],
    uses: Mapping[str, UseShares],
    wanted: Mapping[str, NDArray[np.float64]],
    world: World,
) -> dict[str, NDArray[np.float64]]:
    """Amounts that fit into the parent's cells, (draws, sellers, buyers, users) by product.

    Products of one parent share a cell in proportion to what they want of it. Where a cell is too
    small, all sellers of that product to that user are scaled down alike: results rest on the sellers'
    shares, which stay (within `share_tolerance`), and not on the value, which does not.
    """
    R, S = len(focus.regions), len(focus.sectors)
    cells = focus.Z.reshape(R, S, R, S)
    columns = {k: [focus.sectors.index(parents.get(u, u)) for u in uses[k].users] for k in wanted}
    tolerance = world.parameters.values("share_tolerance", ALL_PRODUCTS, "", "", None)
    slack = 0.0 if tolerance is None else float(tolerance[0])  # user's own parameters may lack the row
    placed = dict(wanted)
    for _ in range(PASSES):
        claims: dict[tuple[str, int], NDArray[np.float64]] = {}
        for k, claim in placed.items():
            for n, j in enumerate(columns[k]):
                claims[parents[k], j] = claims.get((parents[k], j), 0.0) + claim[..., n]
        for k, want in wanted.items():
            p = focus.sectors.index(parents[k])
            # Room of a product in a cell: in proportion to what it placed in the pass before.
            crowd = np.stack([claims[parents[k], j] for j in columns[k]], axis=-1)
            cell = np.stack([cells[:, p, :, j] for j in columns[k]], axis=-1)
            room = placed[k] * np.divide(cell, crowd, out=np.zeros_like(crowd), where=crowd > 0)
            placed[k] = np.minimum(room, want * common_scale(want, room, slack)[:, None])
    return placed


def common_scale(want: NDArray[np.float64], room: NDArray[np.float64], slack: float) -> NDArray[np.float64]:
    """Largest scale in (0, 1] at which at most the share `slack` of the scaled wants finds no room.

    want, room: (draws, sellers, ...), the scale is over axis 1. With h(c) = sum max(0, c want - room)
    - slack c sum want, the answer is the largest c with h(c) <= 0. h is the maximum of linear functions
    over sets of sellers, and the sets that matter are those with the least room per want: so the scale
    is the least of sum(room) / (sum(want) - slack * all wants) over these sets.
    """
    ratio = np.divide(room, want, out=np.full(want.shape, np.inf), where=want > 0)
    order = np.argsort(ratio, axis=1)
    ranked_want = np.take_along_axis(want, order, axis=1).cumsum(axis=1)
    ranked_room = np.take_along_axis(room, order, axis=1).cumsum(axis=1)
    over = ranked_want - slack * want.sum(axis=1, keepdims=True)
    scale = np.divide(ranked_room, over, out=np.full(want.shape, np.inf), where=over > 0)
    return np.asarray(np.minimum(1.0, scale.min(axis=1)))


def _with_rows(
    focus: IOTable,
    names: Sequence[str],
    parents: Mapping[str, str],
    uses: Mapping[str, UseShares],
    placed: Mapping[str, NDArray[np.float64]],
) -> NDArray[np.float64]:
    """The table with product rows, (draws, R, S+K, R, S+K); what a product sells leaves its parent's row."""
    R, S, K = len(focus.regions), len(focus.sectors), len(names)
    D = next(iter(placed.values())).shape[0] if placed else 1
    cells = focus.Z.reshape(R, S, R, S)
    Z = np.zeros((D, R, S + K, R, S + K))
    Z[:, :, :S, :, :S] = cells
    for p in sorted({focus.sectors.index(v) for v in parents.values()}):
        parent_rows = np.repeat(cells[None, :, p], D, axis=0)
        for k, name in enumerate(names):
            if focus.sectors.index(parents[name]) != p:
                continue
            rows = np.zeros((D, R, R, S + K))
            for n, user in enumerate(uses[name].users):
                to = S + names.index(user) if user in names else focus.sectors.index(user)
                rows[..., to] = placed[name][..., n]
                parent_rows[..., focus.sectors.index(parents.get(user, user))] -= placed[name][..., n]
            Z[:, :, S + k] = rows
        # Rounding may leave minus one part in 1e16 of the cell.
        Z[:, :, p, :, :S] = np.maximum(parent_rows, 0.0)
    return Z


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
