"""Uncertain inputs as distributions, and the seeded Sobol points that draw from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

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
    """Sampled parameters: one array of length `count` per key. Engines and responses share one.

    streams: whether what is random beside the parameters (flows, mixes of users) is drawn too, each from
    a stream of its own under `seed`; False holds it at its middle.
    """

    count: int
    seed: int
    values: Mapping[Key, NDArray[np.float64]]
    streams: bool = True

    def get(self, symbol: str, product: str = "", sector: str = "", country: str = "") -> NDArray[np.float64]:
        """The draws of one parameter, shape (count,); KeyError names the key."""
        return self.values[(symbol, product, sector, country)]

    def first(self, count: int) -> Draws:
        """The first `count` draws only (a shorter Sobol net of the same points)."""
        return self.part(0, min(count, self.count))

    def part(self, first: int, last: int) -> Draws:
        """The draws first to last - 1 only."""
        cut = {key: array[first:last] for key, array in self.values.items()}
        return replace(self, count=last - first, values=cut)


class _Watched(dict[Key, "NDArray[np.float64]"]):
    """Values that note which keys are asked for."""

    def __init__(self, values: Mapping[Key, NDArray[np.float64]], asked: set[Key]) -> None:
        super().__init__(values)
        self.asked = asked

    def __getitem__(self, key: Key) -> NDArray[np.float64]:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(key)  # type: ignore[arg-type]
        return super().__contains__(key)

    def get(self, key: Key, default: Any = None) -> Any:
        """The draws of a key, or the default; the key is noted even where it is not drawn."""
        self.asked.add(key)
        return super().get(key, default)


def watched(draws: Draws) -> tuple[Draws, set[Key]]:
    """The same draws, and a set that fills with the keys read from them (not from parts cut out of them)."""
    asked: set[Key] = set()
    return replace(draws, values=_Watched(draws.values, asked)), asked


Points = Callable[[int, int, int], "NDArray[np.float64]"]
"""(dimensions, base-two logarithm of the count, seed) to points in [0, 1), (2**m, dimensions)."""


def sobol(dimensions: int, m: int, seed: int) -> NDArray[np.float64]:
    """The first 2**m scrambled Sobol points, (2**m, dimensions)."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(d=dimensions, scramble=True, rng=np.random.default_rng(seed))
    return np.asarray(sampler.random_base2(m))


def draw(parameters: Iterable[Uncertain], count: int, seed: int = 1, points: Points = sobol) -> Draws:
    """Sample all parameters at `count` scrambled Sobol points.

    Each parameter owns one dimension, in the order of its key, so that the same set of parameters
    and the same seed give the same bytes whatever the order in which they are passed.
    points: where the points come from; a cache of `sobol` spares the import of scipy.stats, a second.
    """
    ordered = sorted(parameters, key=lambda p: p.key)
    # Drawn as a whole power of two (Sobol's balance), then cut, so that nets nest.
    net = points(max(1, len(ordered)), max(1, int(np.ceil(np.log2(max(2, count))))), seed)[:count]
    values = {}
    for column, parameter in enumerate(ordered):
        array = parameter.quantile(net[:, column])
        array.setflags(write=False)
        values[parameter.key] = array
    return Draws(count, seed, values)


BLOCK = 16
"""Columns that `extended` takes from one net."""


def extended(draws: Draws, dimensions: int, more: Iterable[Uncertain], points: Points = sobol) -> Draws:
    """The same draws with further inputs, which leave those that are there as they are, to the last bit.

    The k-th of `more`, in the order given, owns the Sobol dimension `dimensions` + k, behind the
    `dimensions` that the draws were made of. Each dimension is scrambled by itself, so that columns may
    come from nets of different width. Whoever adds an input at the end changes no other.
    """
    added, count = list(more), draws.count
    values = dict(draws.values)
    m = max(1, int(np.ceil(np.log2(max(2, count)))))
    for first in range(0, len(added), BLOCK):
        net = points(dimensions + first + BLOCK, m, draws.seed + _OWN_SCRAMBLE)[:count]
        for k, parameter in enumerate(added[first : first + BLOCK]):
            array = parameter.quantile(net[:, dimensions + first + k])
            array.setflags(write=False)
            values[parameter.key] = array
    return replace(draws, values=values)


_OWN_SCRAMBLE = 1_000_003
"""Added to the seed, so that the scrambling shares nothing with that of the first net."""
