"""Exposure and Shock: all that an engine sees of a measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.figure import Figure
from ..core.source import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Series:
    """A figure through time: years against values, with the definition that produced it."""

    label: str
    definition: str
    unit: str
    years: tuple[int, ...]
    values: tuple[float, ...]
    basis: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class ProductExposure:
    """How far one buyer depends on one seller for one product.

    figures: named indicators (share_value, share_weight, hhi_value, hhi_weight, import_value,
    world_production_share by stage, stock_days ...), each for its latest year and labelled with it;
    series: shares by year in each definition; partners: (partner, value share, weight share, usd_m,
    tonnes) for the latest year, largest first (nan where unknown); disagreement: a plain sentence
    where sources differ, else "". grades: (id, name) of the covered grades, where trade data, output and
    stocks know the product as a whole only and `product` is that whole.
    """

    product: str
    name: str
    buyer: str
    seller: str
    hs: tuple[str, ...]
    figures: tuple[Figure, ...]
    series: tuple[Series, ...]
    partners: tuple[tuple[str, float, float, float, float], ...]
    partners_year: int | None
    disagreement: str
    missing: tuple[str, ...] = ()
    grades: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Leg:
    """One stopped or throttled cell: seller x product x buyers, by draw and day.

    product: a split product id or a sector code of the table; buyers: regions of the table, all its
    industries. kept: (draws, days) share of the baseline flow that still moves, in [0, 1].
    leak: (draws, days) share of the baseline flow that arrives through third countries; part of `kept`, and
    here so that it can be reported apart. The goods are the seller's own, so they stay in its cell: a
    re-exporter adds nothing that the table could make.
    carved: whether `product` was carved out of its sector; False for a sector of which HS lines are met.
    """

    seller: str
    product: str
    buyers: tuple[str, ...]
    kept: NDArray[np.float64]
    leak: NDArray[np.float64]
    instrument: str = "ban"
    carved: bool = True


@dataclass(frozen=True)
class Shock:
    """What is stopped, for whom, by day and draw, with the sentence that says so.

    scenario: letter, practice, full_stop, feared, or a user's own word.
    extra_stock_days: (buyer region, product) -> (draws,) days of use added to stock on day 0 (goods
    afloat, rush before the date, or a response). upper_bound_only: no product data exist, the result
    is an upper bound without a mid value.
    """

    scenario: str
    what_is_stopped: str
    legs: tuple[Leg, ...]
    days: int
    draws: int
    extra_stock_days: dict[tuple[str, str], NDArray[np.float64]]
    upper_bound_only: bool
    assumptions: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Survival:
    """Chance that a measure of this kind still holds, given that it held on the date asked about.

    days: grid of days since the measure began; share, low, high: S(t | elapsed) with its 90 % band,
    1 up to the elapsed day.
    """

    elapsed_days: int
    days: NDArray[np.float64]
    share: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def daily(self, days: int) -> NDArray[np.float64]:
        """S at the end of each of the first `days` days, (days,)."""
        return np.asarray(np.interp(np.arange(1, days + 1), self.days, self.share))


@dataclass(frozen=True)
class DurationResult:
    """How long measures of this kind lasted: conditional survival with band, n and precedents."""

    kind: str
    elapsed_days: int | None
    months: tuple[int, ...]
    survival: tuple[Figure, ...]
    median_left_months: Figure | None
    sample: int
    ended: int
    precedents: tuple[tuple[str, str, str, str], ...]
    """(what, start, end or "ongoing", source title)"""
    sources: tuple[Source, ...]
    curve: Survival
    note: str = ""
    second_reading: tuple[Figure, ...] = ()
    """The chances of `survival` from a Weibull fit: labelled so wherever shown."""
