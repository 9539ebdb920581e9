"""How much of each product finds room in the cells of the table, and from which cells it comes.

A product sold by r to user j of region s is booked in r's parent sector. The table spreads a country's
imports over its users by their total use, so that one cell may hold far less than the product's known
flow while the same seller's cells beside it hold more. In this order:
1. the parent's cell, which products of one parent share by what they want of it;
2. at most the share `borrow_max` of what the same seller's sectors sell to the same user: taken from
   all of them in proportion. The sectors keep their output: what they lose to this user they sell to
   final demand, where the parent sells as much less (so sectors and columns add up as before);
3. where that is not enough, all sellers and users of a buyer are scaled alike, so that both the
   sellers' shares and the users' shares of its use stay, within `share_tolerance`. A buyer that makes
   more than half of its use at home is not scaled: only the cells that are too small are cut.
4. a product never buys more of the others than its output less its least value added (`within_output`).
What found no room is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .parameters import ALL_PRODUCTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .records import IOTable
    from .split_use import UseShares
    from .world import World

PASSES = 3
"""Rounds in which products share cells: room that one leaves goes to the others."""
MOSTLY_HOME = 0.5
"""A buyer whose home supply is above this share of its use is not scaled."""


@dataclass(frozen=True)
class Fit:
    """What found room, by product.

    wanted, placed, borrowed: (draws, sellers, buyers, users), USD million; borrowed is the part of
    placed that comes from cells of other sectors than the parent. columns: sector whose column each
    user stands in.
    """

    wanted: Mapping[str, NDArray[np.float64]]
    placed: Mapping[str, NDArray[np.float64]]
    borrowed: Mapping[str, NDArray[np.float64]]
    columns: Mapping[str, list[int]]


def fitted(
    focus: IOTable,
    world: World,
    parents: Mapping[str, str],
    uses: Mapping[str, UseShares],
    flows: Mapping[str, NDArray[np.float64]],
) -> Fit:
    """Amounts that fit; flows (draws, sellers, buyers) by product, parents product -> sector."""
    R, S = len(focus.regions), len(focus.sectors)
    cells = focus.Z.reshape(R, S, R, S)
    slack = _constant(world, "share_tolerance")
    lend = _constant(world, "borrow_max")
    row = {k: focus.sectors.index(parents[k]) for k in flows}
    columns = {k: [focus.sectors.index(parents.get(u, u)) for u in uses[k].users] for k in flows}
    wanted = {k: flows[k][:, :, :, None] * uses[k].values[:, None] for k in flows}
    final = focus.final.reshape(R, S)
    target = dict(wanted)
    own, extra = dict(wanted), {k: np.zeros_like(v) for k, v in wanted.items()}
    for _ in range(PASSES):
        rooms = _parent_rooms(cells, row, columns, own)
        own = {k: np.minimum(rooms[k], target[k]) for k in wanted}
        unmet = {k: target[k] - own[k] for k in wanted}
        others = _other_rooms(cells, final, row, columns, own, unmet, lend)
        extra = {k: np.minimum(others[k], unmet[k]) for k in wanted}
        for k, want in wanted.items():
            target[k] = want * buyer_scale(want, rooms[k] + others[k], slack)[:, None, :, None]
    own = {k: np.minimum(own[k], target[k]) for k in wanted}
    borrowed = {k: np.minimum(extra[k], target[k] - own[k]) for k in wanted}
    return Fit(wanted, {k: own[k] + borrowed[k] for k in wanted}, borrowed, columns)


def within_output(fit: Fit, users: Mapping[str, tuple[str, ...]], floor: float) -> Fit:
    """The fit in which no product buys more of the others than its output less the value added `floor`.

    users: by product, its users. Ranges of what a product sells and of what is sold to it are drawn apart
    and may not agree; what is too much stays in the seller's parent sector, as what finds no room does. In
    the buyer's parent, a sector a hundred times as large, it would seem an input that this cannot do without.
    """
    placed, borrowed = dict(fit.placed), dict(fit.borrowed)
    for maker in reversed(tuple(placed)):  # later stages first: what they buy is the output of earlier ones
        feeds = [(k, u.index(maker)) for k, u in users.items() if maker in u]
        bought = sum(placed[k][..., n].sum(axis=1) for k, n in feeds)
        most = (1 - floor) * placed[maker].sum(axis=(2, 3))
        keep = np.where(bought > most, most / np.where(bought > 0, bought, 1.0), 1.0)[:, None, :]
        for k, n in feeds:
            for amounts in (placed, borrowed):
                amounts[k] = amounts[k].copy()
                amounts[k][..., n] *= keep
    return Fit(fit.wanted, placed, borrowed, fit.columns)


def buyer_scale(want: NDArray[np.float64], room: NDArray[np.float64], slack: float) -> NDArray[np.float64]:
    """One scale for all sellers and users of a buyer, (draws, buyers); 1 for a buyer mostly served at home.

    want, room: (draws, sellers, buyers, users).
    """
    D, R, B, U = want.shape

    def flat(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values.transpose(0, 1, 3, 2).reshape(D, R * U, B)

    total = want.sum(axis=(1, 3))
    home = np.stack([want[:, b, b].sum(axis=1) for b in range(B)], axis=1)
    return np.where(home > MOSTLY_HOME * total, 1.0, common_scale(flat(want), flat(room), slack))


def common_scale(want: NDArray[np.float64], room: NDArray[np.float64], slack: float) -> NDArray[np.float64]:
    """Largest scale in (0, 1] at which at most the share `slack` of the scaled wants finds no room.

    want, room: (draws, claims, ...), the scale is over axis 1. With h(c) = sum max(0, c want - room)
    - slack c sum want, the answer is the largest c with h(c) <= 0. h is the maximum of linear functions
    over sets of claims, and the sets that matter are those with the least room per want: so the scale
    is the least of sum(room) / (sum(want) - slack * all wants) over these sets.
    """
    ratio = np.divide(room, want, out=np.full(want.shape, np.inf), where=want > 0)
    order = np.argsort(ratio, axis=1)
    ranked_want = np.take_along_axis(want, order, axis=1).cumsum(axis=1)
    ranked_room = np.take_along_axis(room, order, axis=1).cumsum(axis=1)
    over = ranked_want - slack * want.sum(axis=1, keepdims=True)
    scale = np.divide(ranked_room, over, out=np.full(want.shape, np.inf), where=over > 0)
    return np.asarray(np.minimum(1.0, scale.min(axis=1)))


def _parent_rooms(
    cells: NDArray[np.float64],
    row: Mapping[str, int],
    columns: Mapping[str, list[int]],
    held: Mapping[str, NDArray[np.float64]],
) -> dict[str, NDArray[np.float64]]:
    """Room of each product in its parent's cells: in proportion to what it holds of them so far."""
    claims: dict[tuple[int, int], NDArray[np.float64]] = {}
    for k, amount in held.items():
        for n, j in enumerate(columns[k]):
            claims[row[k], j] = claims.get((row[k], j), 0.0) + amount[..., n]
    rooms = {}
    for k, amount in held.items():
        crowd = np.stack([claims[row[k], j] for j in columns[k]], axis=-1)
        cell = np.stack([cells[:, row[k], :, j] for j in columns[k]], axis=-1)
        # The share first: a cell over a crowd of next to nothing is more than a number can hold.
        rooms[k] = cell * np.divide(amount, crowd, out=np.zeros_like(crowd), where=crowd > 0)
    return rooms


def _other_rooms(
    cells: NDArray[np.float64],
    final: NDArray[np.float64],
    row: Mapping[str, int],
    columns: Mapping[str, list[int]],
    own: Mapping[str, NDArray[np.float64]],
    unmet: Mapping[str, NDArray[np.float64]],
    lend: float,
) -> dict[str, NDArray[np.float64]]:
    """Room in the cells of all sectors of the seller, shared in proportion to what is unmet.

    final: final sales (regions, sectors); a parent passes on at most the share `lend` of them.
    """
    pool: dict[int, NDArray[np.float64]] = {}
    claims: dict[int, NDArray[np.float64]] = {}
    for k in own:
        for n, j in enumerate(columns[k]):
            pool[j] = pool.get(j, cells[:, :, :, j].sum(axis=1)) - own[k][..., n]
            claims[j] = claims.get(j, 0.0) + unmet[k][..., n]
    rooms = {}
    for k, amount in unmet.items():
        crowd = np.stack([claims[j] for j in columns[k]], axis=-1)
        there = lend * np.maximum(np.stack([pool[j] for j in columns[k]], axis=-1), 0.0)
        rooms[k] = amount * np.divide(there, crowd, out=np.zeros_like(crowd), where=crowd > 0)
    used: dict[int, NDArray[np.float64]] = {}
    for k, room in rooms.items():
        used[row[k]] = used.get(row[k], 0.0) + np.minimum(room, unmet[k]).sum(axis=(2, 3))
    limited = {}
    for k, room in rooms.items():
        most = lend * np.maximum(final[:, row[k]], 0.0)
        total = used[row[k]]
        share = np.where(total > most, most / np.where(total > 0, total, 1.0), 1.0)[:, :, None, None]
        limited[k] = np.where(share < 1, share * np.minimum(room, unmet[k]), room)
    return limited


def _constant(world: World, symbol: str) -> float:
    """A fixed parameter of the split; 0 where the user's own parameters lack the row."""
    found = world.parameters.values(symbol, ALL_PRODUCTS, "", "", None)
    return 0.0 if found is None else float(found[0])
