"""Survival curves of right-censored durations: Kaplan-Meier with its band, and a Weibull fit.

Both answer S(t | s): the chance to hold on day t for what held on day s. References: Kaplan and
Meier (1958); log-log band, Kalbfleisch and Prentice (2002), section 1.4; docs/method-exposure.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.90
"""Confidence level of every band."""


@dataclass(frozen=True)
class Sample:
    """Durations in days, and whether each was seen to end (else it is censored on that day)."""

    days: NDArray[np.float64]
    ended: NDArray[np.bool_]

    def past(self, elapsed: float) -> Sample:
        """Those that lasted longer than `elapsed` days, counted from that day.

        The Kaplan-Meier curve of this rest is exactly S(t) / S(elapsed): the product up to `elapsed`
        cancels, and so does its share of Greenwood's variance.
        """
        kept = self.days > elapsed
        return Sample(self.days[kept] - elapsed, self.ended[kept])


@dataclass(frozen=True)
class Steps:
    """A step function S(t) with its band, flat between `days`; known up to day `last` only.

    `days` starts at 0. After `last` the share is held as an upper bound and the lower band is 0.
    """

    days: NDArray[np.float64]
    share: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    last: float

    def at(self, t: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """S, lower and upper band on the days t (>= 0), each of the shape of t."""
        step = np.searchsorted(self.days, t, side="right") - 1
        known = t <= self.last
        return self.share[step], np.where(known, self.low[step], 0.0), self.high[step]

    def crossing(self, level: float) -> tuple[float | None, float | None, float | None]:
        """First days on which S, its lower and its upper band are at or below `level`; None if never."""
        return (
            _first(self.days, self.share, level),
            self._low_crossing(level),
            _first(self.days, self.high, level),
        )

    def _low_crossing(self, level: float) -> float:
        """The lower band is 0 after the last day, so it always crosses."""
        found = _first(self.days, self.low, level)
        return self.last if found is None else found


def _first(days: NDArray[np.float64], values: NDArray[np.float64], level: float) -> float | None:
    # The tolerance lets a product such as 21/28 count as 0.75.
    below = np.flatnonzero(values <= level + 1e-12)
    return float(days[below[0]]) if below.size else None


def kaplan_meier(sample: Sample, elapsed: float = 0.0, level: float = LEVEL) -> Steps:
    """S(t | elapsed) as steps from day `elapsed` (its day 0), with the log-log band.

    Where no end has been seen (S = 1) or all have ended (S = 0) the log-log band is undefined; the
    exact binomial bound of that many cases takes its place. An empty rest gives a curve that is 1 and
    known on its first day only.
    """
    rest = sample.past(elapsed)
    n = len(rest.days)
    if n == 0:
        one = np.ones(1)
        return Steps(np.zeros(1), one, one, one, 0.0)
    steps, share, low, high = _product_limit(rest, level)
    bound = ((1 - level) / 2) ** (1 / n)
    low = np.where(share >= 1, bound, np.where(share <= 0, 0.0, low))
    high = np.where(share >= 1, 1.0, np.where(share <= 0, 1 - bound, high))
    low, high = np.minimum.accumulate(low), np.minimum.accumulate(np.maximum(high, share))
    # S is 1 on the elapsed day itself; right after it only the binomial bound holds.
    days = np.concatenate(([0.0, np.nextafter(0, 1)], steps))
    return Steps(
        days,
        np.concatenate(([1.0, 1.0], share)),
        np.concatenate(([1.0, bound], np.minimum(low, share))),
        np.concatenate(([1.0, 1.0], high)),
        float(rest.days.max()),
    )


def _product_limit(sample: Sample, level: float) -> tuple[NDArray[np.float64], ...]:
    """Days on which a spell ends or is cut off, S after each, and the log-log band (nan at 0 and 1).

    Kaplan and Meier (1958); Greenwood's variance on log(-log S). Written out, as the library that has it
    takes a second to import.
    """
    from scipy.special import ndtri

    days, place = np.unique(sample.days, return_inverse=True)
    ends = np.bincount(place, weights=sample.ended, minlength=days.size)
    still = sample.days.size - np.concatenate(([0.0], np.cumsum(np.bincount(place))[:-1]))
    share = np.clip(np.cumprod(1.0 - ends / still), 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(ends / (still * (still - ends)))
        log = np.log(-np.log(share))
        width = ndtri(0.5 + level / 2) * np.sqrt(greenwood) / np.abs(np.log(share))
        low, high = np.exp(-np.exp(log + width)), np.exp(-np.exp(log - width))
    return days, share, low, high


@dataclass(frozen=True)
class Weibull:
    """S(t) = exp(-(t / scale)^shape); covariance of (log shape, log scale) from the curvature."""

    shape: float
    scale: float
    covariance: NDArray[np.float64]

    @property
    def median(self) -> float:
        """Day on which S is one half."""
        return float(self.scale * np.log(2) ** (1 / self.shape))

    def hazard_between(self, s: float, t: float, theta: NDArray[np.float64] | None = None) -> float:
        """Cumulative hazard from day s to day t."""
        shape, scale = (self.shape, self.scale) if theta is None else np.exp(theta)
        return float((t / scale) ** shape - (s / scale) ** shape)

    def conditional(self, s: float, t: float, level: float = LEVEL) -> tuple[float, float, float]:
        """S(t | s) with its band (delta method on the log of the cumulative hazard)."""
        from scipy.special import ndtri

        hazard = self.hazard_between(s, t)
        if hazard <= 0:
            return 1.0, 1.0, 1.0
        theta, step = np.log([self.shape, self.scale]), 1e-5
        slope = np.array(
            [
                np.log(self.hazard_between(s, t, theta + step * e))
                - np.log(self.hazard_between(s, t, theta - step * e))
                for e in np.eye(2)
            ]
        ) / (2 * step)
        error = ndtri(0.5 + level / 2) * np.sqrt(slope @ self.covariance @ slope)
        low, mid, high = np.exp(-hazard * np.exp([error, 0.0, -error]))
        return float(mid), float(low), float(high)

    def median_left(self, s: float) -> float:
        """Days from s on after which half of what held on day s still holds."""
        return float(self.scale * ((s / self.scale) ** self.shape + np.log(2)) ** (1 / self.shape) - s)


def weibull(sample: Sample) -> Weibull | None:
    """Maximum-likelihood Weibull of the censored sample; None with fewer than three ends seen.

    The likelihood equations leave one unknown, the shape k: sum(t^k log t) / sum(t^k) - 1/k is the mean of
    log t over the ends seen (Kalbfleisch and Prentice 2002, section 3.8). The left side rises with k.
    """
    if int(sample.ended.sum()) < 3 or len(np.unique(sample.days[sample.ended])) < 2:
        return None
    from scipy.optimize import brentq

    # Days relative to the longest, so that no power overflows.
    longest = sample.days.max()
    log = np.log(sample.days / longest)
    mean = log[sample.ended].mean()

    def slope(shape: float) -> float:
        power = np.exp(shape * log)
        return float((power * log).sum() / power.sum() - 1 / shape - mean)

    high = 1.0
    while slope(high) < 0:
        high *= 2
    shape = float(brentq(slope, 1e-6, high, xtol=1e-12))
    scale = float(longest * (np.exp(shape * log).sum() / sample.ended.sum()) ** (1 / shape))
    return Weibull(shape, scale, _covariance(sample, shape, scale))


def _covariance(sample: Sample, shape: float, scale: float) -> NDArray[np.float64]:
    """Inverse of the observed information in (a, b) = (log shape, log scale), in closed form.

    With z = log t - b, k = exp(a), u = (t/scale)^k the log-likelihood is
    sum over ends of (a + k z - log t) less the sum over all of u.
    """
    z = np.log(sample.days) - np.log(scale)
    u = np.exp(shape * z)
    kz = shape * z
    ended = sample.ended
    aa = (u * kz * (1 + kz)).sum() - kz[ended].sum()
    ab = -(u * shape * (1 + kz)).sum() + shape * ended.sum()
    bb = (u * shape**2).sum()
    return np.linalg.inv(np.array([[aa, ab], [ab, bb]]))
