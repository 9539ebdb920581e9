"""Morris screening: which unknown drives the answer, told by moving one at a time from many places.

A trajectory starts at a random point of a grid over the unit cube and moves each unknown once, in random
order, by the same step d; the change of the answer over the step is the unknown's elementary effect there.
mu* (mean of the sizes) ranks the unknowns, sigma (spread) shows that an effect depends on the others or is
not linear. Morris, Technometrics 33 (1991), 161-174; mu*: Campolongo, Cariboni and Saltelli, Environmental
Modelling & Software 22 (2007), 1509-1518. r trajectories of k unknowns take r (k + 1) runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws, Key, Uncertain
from ..core.spread import BAND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LEVELS = 4
"""Levels of the grid; even, so that a step of half of them reaches each level equally often."""
ENDS = (0.05, 0.95)
"""Probabilities at the ends of the unit interval: the corners of triangles are nobody's belief."""
RESAMPLES = 1000


@dataclass(frozen=True)
class Screening:
    """Elementary effects per whole range of each unknown, in units of the answer, (k,) each.

    low, high: 5-95 % band of mu_star over resampled trajectories. mu: mean with sign. first: whether
    an unknown has the largest mu_star, as a share of the resamples.
    """

    mu_star: Array
    low: Array
    high: Array
    mu: Array
    sigma: Array
    first: Array
    trajectories: int

    @property
    def order(self) -> NDArray[np.int64]:
        """Unknowns from the strongest to the weakest."""
        return np.argsort(-self.mu_star, kind="stable")


def trajectories(unknowns: int, count: int, seed: int = 1, levels: int = LEVELS) -> Array:
    """Points of `count` trajectories in the unit cube, (count, unknowns + 1, unknowns).

    Every unknown moves up as often as down, so that each is seen from both ends.
    """
    if unknowns < 1 or count < 2:
        raise ValueError(f"{unknowns} unknowns and {count} trajectories: at least 1 and 2 are needed")
    random = np.random.default_rng(seed)
    step = levels / (2 * (levels - 1))
    low = random.integers(0, levels // 2, (count, unknowns)) / (levels - 1)
    up = np.tile(np.arange(count) % 2 == 0, (unknowns, 1)).T
    up = random.permuted(up, axis=0)
    order = np.array([random.permutation(unknowns) for _ in range(count)])
    points = np.empty((count, unknowns + 1, unknowns))
    points[:, 0] = low + np.where(up, 0.0, step)
    for k in range(unknowns):
        moved = order[:, k]
        points[:, k + 1] = points[:, k]
        rows = np.arange(count)
        points[rows, k + 1, moved] += np.where(up[rows, moved], step, -step)
    return points


def effects(points: Array, answers: Array) -> Array:
    """Elementary effects, (trajectories, unknowns); answers (trajectories, unknowns + 1)."""
    move = np.diff(points, axis=1)
    change = np.diff(answers, axis=1)
    moved = np.abs(move).argmax(axis=2)
    size = np.take_along_axis(move, moved[:, :, None], axis=2)[:, :, 0]
    found = np.empty(change.shape)
    np.put_along_axis(found, moved, change / size, axis=1)
    return found


def screening(points: Array, answers: Array, seed: int = 1) -> Screening:
    """mu*, sigma and their bands from the answers at the points of `trajectories`."""
    found = effects(points, answers)
    size = np.abs(found)
    count = found.shape[0]
    again = np.random.default_rng(seed).integers(0, count, (RESAMPLES, count))
    means = size[again].mean(axis=1)
    low, _, high = np.quantile(means, BAND, axis=0)
    strongest = np.bincount(means.argmax(axis=1), minlength=found.shape[1]) / RESAMPLES
    return Screening(
        size.mean(axis=0), low, high, found.mean(axis=0), found.std(axis=0, ddof=1), strongest, count
    )


def draws_at(points: Array, unknowns: Sequence[Uncertain], middle: Mapping[Key, float], seed: int) -> Draws:
    """The points as draws of the parameters, one after the other along all trajectories.

    The unit interval stands for the probabilities of `ENDS`. Parameters in `middle` are held there, and so
    is what is random beside the parameters.
    """
    flat = points.reshape(-1, points.shape[-1])
    low, high = ENDS
    values = {u.key: u.quantile(low + (high - low) * flat[:, k]) for k, u in enumerate(unknowns)}
    held = {key: np.full(flat.shape[0], value) for key, value in middle.items() if key not in values}
    return Draws(flat.shape[0], seed, held | values, streams=False)
