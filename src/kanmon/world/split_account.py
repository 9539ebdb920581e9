"""What did and did not fit when products were carved out: flows and users, asked beside placed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws
from .split import place
from .store import read_csv

if TYPE_CHECKING:
    from .records import IOTable
    from .world import World


@dataclass(frozen=True)
class FlowAccount:
    """One flow of a product, USD million a year, mean over draws.

    asked: before it met the table; placed: found room; elsewhere: the part of placed that comes from
    cells of other sectors than the parent; lost: found no room. asked_share and placed_share: the
    seller's share of the buyer's use before and after.
    """

    product: str
    seller: str
    buyer: str
    asked: float
    placed: float
    elsewhere: float
    lost: float
    asked_share: float
    placed_share: float


@dataclass(frozen=True)
class UseAccount:
    """One user of a product in a buyer region: its share of the region's use, asked and placed."""

    product: str
    buyer: str
    user: str
    asked_share: float
    placed_share: float


@dataclass(frozen=True)
class Account:
    """Everything the split did with the flows; notes say what was assumed or cannot be split."""

    parents: dict[str, str]
    flows: tuple[FlowAccount, ...]
    users: tuple[UseAccount, ...]
    notes: tuple[str, ...]


def account(
    focus: IOTable, world: World, draws: Draws | None = None, products: Sequence[str] | None = None
) -> Account:
    """The account of `split` with the same arguments. Flows and users that are nil are left out."""
    found = place(focus, world, draws, products)
    flows: list[FlowAccount] = []
    users: list[UseAccount] = []
    for name in found.names:
        wanted = found.fit.wanted[name].mean(axis=0)
        placed = found.fit.placed[name].mean(axis=0)
        borrowed = found.fit.borrowed[name].mean(axis=0)
        asked_from, placed_from = wanted.sum(axis=2), placed.sum(axis=2)
        shares = [v / np.maximum(v.sum(axis=0), 1e-300) for v in (asked_from, placed_from)]
        for r, s in np.argwhere(asked_from > 0):
            asked, got = float(asked_from[r, s]), float(placed_from[r, s])
            row = (asked, got, float(borrowed[r, s].sum()), max(asked - got, 0.0))
            both = (float(shares[0][r, s]), float(shares[1][r, s]))
            flows.append(FlowAccount(name, focus.regions[r], focus.regions[s], *row, *both))
        asked_by, placed_by = wanted.sum(axis=0), placed.sum(axis=0)
        total = [np.maximum(v.sum(axis=1, keepdims=True), 1e-300) for v in (asked_by, placed_by)]
        for s, u in np.argwhere(asked_by > 0):
            both = (float((asked_by / total[0])[s, u]), float((placed_by / total[1])[s, u]))
            users.append(UseAccount(name, focus.regions[s], found.uses[name].users[u], *both))
    return Account(found.parents, tuple(flows), tuple(users), found.notes)


def not_splittable(world: World) -> tuple[str, ...]:
    """Minerals that no data of the package carve out, with what is held of each and what to load."""
    rows = read_csv(world.folder / "not_splittable.csv", ("hs",)).iter_rows(named=True)
    return tuple(
        f"{r['name']} (HS {', '.join(r['hs'].split())}) not splittable; held: {r['held']}; load: {r['load']}"
        for r in rows
    )
