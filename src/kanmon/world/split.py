"""Carve controlled products out of their sectors, so that a shortage of one is seen (method section 4).

A cell of the focus table is the sum of the cells that the split table puts in its place: nothing is
added to or taken from the economy, so `merge` gives the focus table back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws
from ..core.errors import InputError, MissingDataError, Problem, nearest
from ..core.source import unite
from .parameters import ALL_PRODUCTS
from .products import whole_of
from .records import IOTable, SplitTable, frozen_array
from .split_fit import Fit, fitted, within_output
from .split_flows import flow_rows, parent_label, product_flows
from .split_plan import Amounts, SplitFrame, SplitPlan
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
    return plan(focus, world, draws, products).table()


def plan(
    focus: IOTable, world: World, draws: Draws | None = None, products: Sequence[str] | None = None
) -> SplitPlan:
    """The same split as a recipe that makes the versions of a few draws at a time; arguments as `split`."""
    placing = place(focus, world, draws, products)
    names, fit = placing.names, placing.fit
    frame = SplitFrame(
        focus=focus,
        names=names,
        parents=placing.parents,
        users={k: placing.uses[k].users for k in names},
        columns=dict(fit.columns),
        floor=floor_of(world),
        misfit=_misfit(focus, names, fit.wanted, fit.placed),
        notes=placing.notes,
        sources=unite(
            (focus.source, world.trade.source, world.sources["parameters"], world.sources["flows"]),
            tuple(row.range.source for k in _behind(world, names) for row in flow_rows(world, k)),
        ),
    )
    return SplitPlan(frame, Amounts(fit.placed, fit.borrowed))


@dataclass(frozen=True)
class Placing:
    """How products meet a focus table, before any cell is moved: the part that `split_account` shows."""

    names: tuple[str, ...]
    parents: dict[str, str]
    uses: dict[str, UseShares]
    fit: Fit
    notes: tuple[str, ...]


def place(
    focus: IOTable, world: World, draws: Draws | None = None, products: Sequence[str] | None = None
) -> Placing:
    """Flows of products, who uses them and what of them finds room; arguments and errors of `split`."""
    asked = known(world, products)
    flows = product_flows(world, focus, draws, asked)
    empty = [k for k in asked if not flows[k].any()]
    if empty and products is not None:
        raise MissingDataError([_no_data(world, k) for k in empty])
    names = tuple(k for k in asked if k not in empty)
    parents = {k: parent_label(world, focus, world.products[k]) for k in names}
    made = {k: flows[k].sum(axis=(0, 2)) > 0 for k in names}
    uses = {k: use_shares(world, focus, draws, world.products[k], _without(made, k)) for k in names}
    fit = fitted(focus, world, parents, uses, {k: flows[k] for k in names})
    fit = within_output(fit, {k: uses[k].users for k in names}, floor_of(world))
    notes = [f"{k} is not splittable: {_no_data(world, k).fix}" for k in empty]
    notes += [f"{k}: defined in {world.products[k].source}" for k in names if world.products[k].source]
    notes += [note for k in names for note in uses[k].notes]
    return Placing(names, parents, uses, fit, tuple(notes))


def floor_of(world: World) -> float:
    """Least value added of a product, share of its output; 0 where the parameters lack the row."""
    found = world.parameters.values("va_share_min", ALL_PRODUCTS, "", "", None)
    return 0.0 if found is None else float(found[0])


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


def known(world: World, products: Sequence[str] | None) -> tuple[str, ...]:
    """Products by id in the order of the catalogue, all when None; InputError names unknown ones.

    A product in grades stands for all of them.
    """
    if products is None:
        return tuple(world.products)
    unknown = [k for k in products if not world.parts(k)]
    if unknown:
        raise InputError(
            [Problem(f"{k} is no product", "products", near=nearest(k, world.catalogue)) for k in unknown]
        )
    asked = {part for k in products for part in world.parts(k)}
    return tuple(k for k in world.products if k in asked)


def _behind(world: World, names: Sequence[str]) -> tuple[str, ...]:
    """The products, and those that they are grades of: whose rows of flows stand behind a split."""
    return tuple(dict.fromkeys((*names, *(whole_of(world.catalogue, k) for k in names))))


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
