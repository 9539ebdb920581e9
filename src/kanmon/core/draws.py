"""Uncertain inputs as distributions, and the seeded Sobol points that draw from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .figure import Basis
from .source import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

Key = tuple[str, str, str, str]
"""(symbol, product or group, sector, country) of a parameter; empty text where it does not apply."""


@dataclass(frozen=True)
class Uncertain:
    """A parameter as low-mid-high with a distribution, unit, basis and source."""

    key: Key
    low: float
    mid: float
    high: float
    distribution: str
    unit: str
    basis: Basis
    source: Source
    note: str = ""

    def quantile(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at the probabilities u (triangular between low and high with its mode at mid)."""
        low, mid, high = self.low, self.mid, self.high
        if self.distribution == "fixed" or high <= low:
            return np.full(u.shape, mid)
        turn = (mid - low) / (high - low)
        left = low + np.sqrt(np.clip(u, 0, 1) * (high - low) * (mid - low))
        right = high - np.sqrt(np.clip(1 - u, 0, 1) * (high - low) * (high - mid))
        return np.where(u < turn, left, right)


@dataclass(frozen=True)
class Draws:
    """Sampled parameters: one array of length `count` per key. Engines and responses share one."""

    count: int
    seed: int
    values: Mapping[Key, NDArray[np.float64]]

    def get(self, symbol: str, product: str = "", sector: str = "", country: str = "") -> NDArray[np.float64]:
        """The draws of one parameter, shape (count,); KeyError names the key."""
        return self.values[(symbol, product, sector, country)]

    def first(self, count: int) -> Draws:
        """The first `count` draws only (a shorter Sobol net of the same points)."""
        return Draws(count, self.seed, {k: v[:count] for k, v in self.values.items()})


def draw(parameters: Iterable[Uncertain], count: int, seed: int = 1) -> Draws:
    """Sample all parameters at `count` scrambled Sobol points.

    Each parameter owns one dimension, in the order of its key, so that the same set of parameters
    and the same seed give the same bytes whatever the order in which they are passed.
    """
    from scipy.stats import qmc

    ordered = sorted(parameters, key=lambda p: p.key)
    sampler = qmc.Sobol(d=max(1, len(ordered)), scramble=True, rng=np.random.default_rng(seed))
    # Drawn as a whole power of two (Sobol's balance), then cut, so that nets nest.
    points = sampler.random_base2(max(1, int(np.ceil(np.log2(max(2, count))))))[:count]
    values = {}
    for column, parameter in enumerate(ordered):
        array = parameter.quantile(points[:, column])
        array.setflags(write=False)
        values[parameter.key] = array
    return Draws(count, seed, values)
