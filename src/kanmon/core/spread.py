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


def spread(
    label: str,
    unit: str,
    draws: NDArray[np.float64],
    sources: tuple[Source, ...],
    *,
    upper_bound_only: bool = False,
    note: str = "",
) -> Figure:
    """A figure from draws: median with the 5-95 % band, or only the upper end as a bound."""
    low, mid, high = (float(q) for q in np.quantile(settled(draws, unit), BAND))
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
