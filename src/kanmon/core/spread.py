"""From draws to a figure: the median with its 5-95 % band. Quantiles are taken here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .figure import Figure
from .source import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

BAND = (0.05, 0.5, 0.95)
"""Every range over draws is the 5-95 % band around the median."""

NOUGHT = {"% of GDP": 1e-4, "USD million": 1e-3}
"""Amounts nearer to nought than this are rounding of the models and shown as nought, by unit."""


def settled(draws: NDArray[np.float64], unit: str) -> NDArray[np.float64]:
    """The draws with what is only rounding set to nought."""
    return np.where(np.abs(draws) < NOUGHT.get(unit, 0.0), 0.0, draws)


def midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank of each value from 1; equal values share the mean of their ranks (Spearman's correlation)."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place])


def weighted_quantiles(draws: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, ...]:
    """Quantiles of `BAND` of draws with weights; with equal ones those of `numpy.quantile` to half a draw.

    The distribution function stands at the middle of each draw's weight and is linear between; draws of no
    weight are not there.
    """
    order = np.argsort(draws, kind="stable")
    order = order[weights[order] > 1e-9 * weights.max()]
    share = weights[order] / weights[order].sum()
    return tuple(float(q) for q in np.interp(BAND, np.cumsum(share) - share / 2, draws[order]))


def spread(
    label: str,
    unit: str,
    draws: NDArray[np.float64],
    sources: tuple[Source, ...],
    *,
    upper_bound_only: bool = False,
    note: str = "",
    weights: NDArray[np.float64] | None = None,
) -> Figure:
    """A figure from draws: median with the 5-95 % band, or only the upper end as a bound.

    weights: of the draws, where they were weighed against what was seen.
    """
    given = settled(draws, unit)
    if weights is None:
        low, mid, high = (float(q) for q in np.quantile(given, BAND))
    else:
        low, mid, high = weighted_quantiles(given, weights)
    return Figure(
        label=label,
        value=None if upper_bound_only else mid,
        unit=unit,
        basis="assumed",
        sources=sources,
        low=None if upper_bound_only else low,
        high=high,
        note=("upper bound: no product data; " + note).strip("; ") if upper_bound_only else note,
    )
