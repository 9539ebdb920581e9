"""The shapes in which data enter the engines: tables and split tables. All read-only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..core.source import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray


def frozen_array(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same array, marked read-only."""
    array.setflags(write=False)
    return array


@dataclass(frozen=True)
class IOTable:
    """An inter-country input-output table, country-major: node i = region * S + sector.

    Z[i, j]: sales of i to industry j; x: gross output; both USD million a year (unit of `unit`).
    Final use is x less the row sum, value added is x less the column sum.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    Z: NDArray[np.float64]
    x: NDArray[np.float64]
    year: int
    unit: str
    source: Source

    @property
    def final(self) -> NDArray[np.float64]:
        """Final use of each node, shape (N,), same unit."""
        return np.asarray(self.x - self.Z.sum(axis=1, dtype=np.float64))

    @property
    def value_added(self) -> NDArray[np.float64]:
        """Value added of each node, shape (N,), same unit."""
        return np.asarray(self.x - self.Z.sum(axis=0, dtype=np.float64))

    def node(self, region: str, sector: str) -> int:
        """Index of one (region, sector); ValueError when either is unknown."""
        return self.regions.index(region) * len(self.sectors) + self.sectors.index(sector)


@dataclass(frozen=True)
class SplitTable:
    """A focus table with controlled products carved out, one version per draw.

    sectors: industry groups, then the split product ids (`products`); node = region * S + sector.
    Z: (draws, N, N), x, final, value_added: (draws, N), USD million a year. `draws` is 1 when the
    split is certain. parents: product id -> sector it came from. misfit: rows of what did not fit
    into the table's cells (reported, never hidden): (product, seller, buyer, usd_m mean over draws).
    borrowed: what product k of region r sells to region s in the column of sector j out of cells of
    other sectors than its parent, (draws, products, R, R, sectors without products); None for nothing.
    bought, sales: `buyers` and `sold` of all versions, where this table holds only some of them; sales is
    (draws, products, sellers, buyers).
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    products: tuple[str, ...]
    parents: dict[str, str]
    Z: NDArray[np.float64]
    x: NDArray[np.float64]
    final: NDArray[np.float64]
    value_added: NDArray[np.float64]
    year: int
    misfit: tuple[tuple[str, str, str, float], ...]
    notes: tuple[str, ...]
    sources: tuple[Source, ...]
    borrowed: NDArray[np.float64] | None = None
    bought: NDArray[np.bool_] | None = None
    sales: NDArray[np.float64] | None = None

    @cached_property
    def buyers(self) -> NDArray[np.bool_]:
        """Whether a node buys a sector's goods from anyone in any version, (S, N)."""
        if self.bought is not None:
            return self.bought
        shape = len(self.regions), len(self.sectors), self.Z.shape[2]
        return np.asarray(np.logical_or.reduce([(Z.reshape(shape) > 0).any(axis=0) for Z in self.Z]))

    def sold(self, sector: str) -> NDArray[np.float64]:
        """What a sector or product of each region sells to each region's industries, (draws, R, R)."""
        if self.sales is not None and sector in self.products:
            return np.asarray(self.sales[:, self.products.index(sector)])
        R, S = len(self.regions), len(self.sectors)
        cells = self.Z.reshape(-1, R, S, R, S)[:, :, self.sectors.index(sector)]
        return np.asarray(cells.sum(axis=3))

    @property
    def draws(self) -> int:
        """Number of versions of the table."""
        return int(self.Z.shape[0])

    def node(self, region: str, sector: str) -> int:
        """Index of one (region, sector or product)."""
        return self.regions.index(region) * len(self.sectors) + self.sectors.index(sector)
