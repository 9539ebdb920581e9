"""What an engine is and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

import numpy as np

from ..core.draws import Draws
from ..core.source import Source
from ..expose.records import Shock
from ..world.records import SplitTable

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

Rationing = Literal["contract_first", "contract_and_final", "proportional"]


@dataclass(frozen=True)
class Outcome:
    """What a shock did, by draw, day and place. All that a report sees of an engine.

    va_lost_daily: (draws, days, regions) value added lost in USD million a day (baseline less
    actual). va_lost_sector: (draws, months, regions, sectors) USD million lost from day 0 to the end
    of each month of `months` (a month is 365/12 days). va_year: (draws, regions) a year's value added.
    first_day_1pct, first_day_5pct: (draws, regions, sectors) first day on which output is 1 % / 5 %
    or more below base; nan where never within the horizon. binding: (draws, regions, sectors) index
    into `sectors` of the input that cut the sector's output most over the horizon; -1 where none.
    binding_loss: (draws, regions, sectors, products) share of a year's output of the buyer lost while
    that product was the binding one. cover_margin: (draws, regions, products, sectors) least days of
    cover left over the horizon (nan where the sector does not buy the product). direct_va_lost:
    (draws, regions) value added lost in the year through input shortage alone, without lost orders.
    final_unserved: (draws, regions) final demand of the region's sellers that was not served.
    """

    engine: str
    scenario: str
    rationing: Rationing
    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    products: tuple[str, ...]
    months: tuple[int, ...]
    va_lost_daily: NDArray[np.float64]
    va_lost_sector: NDArray[np.float64]
    va_year: NDArray[np.float64]
    first_day_1pct: NDArray[np.float64]
    first_day_5pct: NDArray[np.float64]
    binding: NDArray[np.int64]
    binding_loss: NDArray[np.float64]
    cover_margin: NDArray[np.float64]
    direct_va_lost: NDArray[np.float64]
    final_unserved: NDArray[np.float64]
    upper_bound_only: bool
    assumptions: tuple[str, ...]
    sources: tuple[Source, ...]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.va_lost_daily.shape[0])

    def lost(self, region: str, months: int) -> NDArray[np.float64]:
        """Value added lost in a region from day 0 to the end of `months`, (draws,), USD million."""
        day = int(round(months * 365 / 12))
        r = self.regions.index(region)
        return np.asarray(self.va_lost_daily[:, :day, r].sum(axis=1))

    def lost_share(self, region: str, months: int) -> NDArray[np.float64]:
        """The same as a share of the region's value added of a year (in per cent of GDP: x 100)."""
        return np.asarray(self.lost(region, months) / self.va_year[:, self.regions.index(region)])

    def first(self, count: int) -> Outcome:
        """The first `count` draws only, as if no others had been run."""
        by_draw: dict[str, Any] = {
            f.name: value[:count]
            for f in fields(self)
            if isinstance(value := getattr(self, f.name), np.ndarray)
        }
        return replace(self, **by_draw)

    def frame(self) -> pl.DataFrame:
        """Long table: scenario, rationing, draw, month, region, usd_m, share_of_year."""
        import polars as pl

        rows = [
            {
                "scenario": self.scenario,
                "rationing": self.rationing,
                "region": region,
                "months": month,
                "draw": draw,
                "va_lost_usd_m": float(usd),
                "share_of_year": float(share),
            }
            for region in self.regions
            for month in self.months
            for draw, (usd, share) in enumerate(
                zip(self.lost(region, month), self.lost_share(region, month), strict=True)
            )
        ]
        return pl.DataFrame(rows)


class Engine(Protocol):
    """A model of how a shock spreads. A user's own engine is passed in, never patched in.

    name: shown in every report; assumptions: sentences shown in every report; exemptions: laws of
    engines/checks.py it does not keep, each with its reason.
    """

    name: str
    assumptions: ClassVar[tuple[str, ...]]
    exemptions: ClassVar[dict[str, str]]

    def run(
        self,
        table: SplitTable,
        shock: Shock,
        draws: Draws,
        *,
        rationing: Rationing = "contract_first",
        months: tuple[int, ...] = (3, 6, 12),
    ) -> Outcome:
        """Run all draws of a shock on a table."""
        ...
