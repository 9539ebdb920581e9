"""The split as a recipe: what all draws share, the amounts that differ, and tables made for a few draws.

A table of N industries takes N * N numbers for every draw, the amounts only a few hundredths of that. So an
ensemble of many draws keeps the amounts and makes the tables of a chunk where and while it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..core.source import Source
from .records import IOTable, SplitTable, frozen_array
from .split_columns import carve_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

BLOCK = 16
"""Versions made at once where all of them are looked at."""


@dataclass(frozen=True)
class Amounts:
    """What products sell, by product: placed and, of it, borrowed, (draws, sellers, buyers, users)."""

    placed: Mapping[str, Array]
    borrowed: Mapping[str, Array]


@dataclass(frozen=True)
class SplitFrame:
    """What all versions of a split share.

    users: who uses a product; columns: the sector whose column each user stands in; floor: least share of
    value added; bought: as in `SplitTable`; the rest as there.
    """

    focus: IOTable
    names: tuple[str, ...]
    parents: dict[str, str]
    users: dict[str, tuple[str, ...]]
    columns: dict[str, list[int]]
    floor: float
    misfit: tuple[tuple[str, str, str, float], ...]
    notes: tuple[str, ...]
    sources: tuple[Source, ...]
    bought: NDArray[np.bool_] | None = None

    def table(self, amounts: Amounts) -> SplitTable:
        """The versions whose amounts these are."""
        focus, names = self.focus, self.names
        Z, borrowed = self._with_rows(amounts)
        x = carve_columns(Z, focus, tuple(focus.sectors.index(self.parents[k]) for k in names), self.floor)
        D, N = Z.shape[0], len(focus.regions) * (len(focus.sectors) + len(names))
        Z, x = Z.reshape(D, N, N), x.reshape(D, N)
        return SplitTable(
            regions=focus.regions,
            sectors=(*focus.sectors, *names),
            products=names,
            parents=self.parents,
            Z=frozen_array(Z),
            x=frozen_array(x),
            final=frozen_array(_zero_dust(x - Z.sum(axis=2), x)),
            value_added=frozen_array(_zero_dust(x - Z.sum(axis=1), x)),
            year=focus.year,
            misfit=self.misfit,
            notes=self.notes,
            borrowed=frozen_array(borrowed),
            sources=self.sources,
            bought=self.bought,
        )

    def _with_rows(self, amounts: Amounts) -> tuple[Array, Array]:
        """The table with product rows, (draws, R, S+K, R, S+K), and what each product borrowed.

        What a product sells leaves its parent's row, and for the borrowed part, (draws, K, R, R, S) by the
        sector whose column the user stands in, all rows of the seller in proportion.
        """
        focus, names = self.focus, self.names
        R, S, K = len(focus.regions), len(focus.sectors), len(names)
        D = next(iter(amounts.placed.values())).shape[0] if names else 1
        Z = np.zeros((D, R, S + K, R, S + K))
        Z[:, :, :S, :, :S] = focus.Z.reshape(R, S, R, S)
        borrowed = np.zeros((D, K, R, R, S))
        for k, name in enumerate(names):
            p = focus.sectors.index(self.parents[name])
            placed, lent = amounts.placed[name], amounts.borrowed[name]
            for n, (user, j) in enumerate(zip(self.users[name], self.columns[name], strict=True)):
                to = S + names.index(user) if user in names else j
                Z[:, :, S + k, :, to] += placed[..., n]
                borrowed[:, k, :, :, j] += lent[..., n]
                Z[:, :, p, :, j] -= placed[..., n] - lent[..., n]
        # Rounding may leave minus one part in 1e16 of the cell.
        rows = np.maximum(Z[:, :, :S, :, :S], 0.0)
        there = rows.sum(axis=2)
        share = np.divide(borrowed.sum(axis=1), there, out=np.zeros_like(there), where=there > 0)
        Z[:, :, :S, :, :S] = rows * (1 - share)[:, :, None]
        return Z, borrowed


@dataclass(frozen=True)
class SplitPlan:
    """A split that is worked out and not yet written out: `shared` and the amounts of every draw."""

    shared: SplitFrame
    all: Amounts

    @property
    def draws(self) -> int:
        """Number of versions."""
        return next(iter(self.all.placed.values())).shape[0] if self.all.placed else 1

    @cached_property
    def _seen(self) -> tuple[NDArray[np.bool_], Array]:
        """Who buys what in any version, and sales by draw: every version is made once for it."""
        bought, sales = [], []
        for first in range(0, self.draws, BLOCK):
            some = self.table(first, min(self.draws, first + BLOCK))
            bought.append(some.buyers)
            sales.append(np.stack([some.sold(k) for k in some.products], axis=1))
        return np.asarray(np.logical_or.reduce(bought)), np.concatenate(sales)

    @property
    def frame(self) -> SplitFrame:
        """The shared part that also knows who buys what in any version."""
        return replace(self.shared, bought=self._seen[0])

    def first(self, count: int) -> SplitTable:
        """The first `count` versions, with what the run asks of all of them."""
        bought, sales = self._seen
        return replace(self.table(0, count), bought=bought, sales=sales)

    def amounts(self, first: int, last: int) -> Amounts:
        """Amounts of the versions first to last - 1."""
        return Amounts(
            *({k: v[first:last] for k, v in m.items()} for m in (self.all.placed, self.all.borrowed))
        )

    def table(self, first: int = 0, last: int | None = None) -> SplitTable:
        """The versions first to last - 1 (to the end when None)."""
        return self.shared.table(self.amounts(first, self.draws if last is None else last))


def _zero_dust(value: Array, x: Array) -> Array:
    """Differences that are rounding only (1e-12 of the output) set to zero."""
    return np.where(np.abs(value) <= 1e-12 * np.maximum(x, 1.0), 0.0, value)
