"""Shapes in time of a restriction: what part of a covered flow is stopped on each day of each draw.

Every function takes arrays over draws, (draws,), and returns (draws, days). Day t is the t-th day of the
measure, t = 0 on the day it takes effect. Equations: method section 3; shapes seen in past episodes are
described in docs/method-shock.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Uncertain

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORKING_DAYS_PER_WEEK = 5
"""Working days become calendar days at 7/5; public holidays are not counted."""


def calendar_days(working_days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Working days as calendar days."""
    return np.asarray(working_days * 7 / WORKING_DAYS_PER_WEEK)


def ban(enforcement: NDArray[np.float64], days: int) -> NDArray[np.float64]:
    """Stopped share under a ban: the enforced share from day 0 on."""
    return np.repeat(enforcement[:, None], days, axis=1)


def licence(
    review_days: NDArray[np.float64], approval: NDArray[np.float64], days: int
) -> NDArray[np.float64]:
    """Stopped share under licences: all of it during the review, then what is not approved.

    review_days: calendar days from application, made on day 0, to the first decision. approval: share
    of the old flow that is approved afterwards. The day on which the review ends counts in part.
    """
    reviewed = np.clip(np.arange(1, days + 1) - review_days[:, None], 0.0, 1.0)
    return np.asarray(1.0 - approval[:, None] * reviewed)


def ending(stopped: NDArray[np.float64], lasts: int | None) -> NDArray[np.float64]:
    """The same path when the measure ends after `lasts` days (None: not within the horizon)."""
    if lasts is None:
        return stopped
    ended = stopped.copy()
    ended[:, max(0, lasts) :] = 0.0
    return ended


def beginning(path: NDArray[np.float64], first: int) -> NDArray[np.float64]:
    """A path that begins on day `first` of the run; nought before."""
    if first == 0:
        return path
    moved = np.zeros_like(path)
    moved[:, first:] = path[:, :-first]
    return moved


def leakage(l_max: NDArray[np.float64], l_half: NDArray[np.float64], days: int) -> NDArray[np.float64]:
    """Share of the stopped flow that arrives through third countries: l_max (1 - 2^(-t / l_half))."""
    t = np.arange(days)
    return np.asarray(l_max[:, None] * -np.expm1(-np.log(2.0) * t / l_half[:, None]))


def kept(stopped: NDArray[np.float64], leak: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the baseline flow that still moves, directly or through third countries, in [0, 1]."""
    return np.clip(1.0 - stopped + leak, 0.0, 1.0)


def from_rank(triple: tuple[float, float, float], rank: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of a triangular low-mid-high at a drawn rank.

    rank: draws of a triangular (0, 1/2, 1); its distribution function turns them back into
    probabilities. Items that share a rank move together: what is unknown is common to them.
    """
    low, mid, high = triple
    if high <= low:
        return np.full(rank.shape, mid)
    u = np.where(rank < 0.5, 2 * rank**2, 1 - 2 * (1 - rank) ** 2)
    return _triangular(low, mid, high).quantile(u)


def _triangular(low: float, mid: float, high: float) -> Uncertain:
    from ..core.source import ASSUMPTION

    return Uncertain(("", "", "", ""), low, mid, high, "triangular", "share", "assumed", ASSUMPTION)
