"""Responses that change a Shock or its draws. Each is small; a new one is one more function here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws
from ..core.figure import Figure, weakest
from ..core.source import ASSUMPTION, unite
from ..expose.records import Shock
from .records import Response

if TYPE_CHECKING:
    from ..world.parameters import Parameters

RESOURCING = ("tau_resource", "ramp")
"""How fast orders move to other sellers, and how fast their idle lines start."""

THRIFT = ("beta_lead",)
"""Days before users begin to make do with less."""


@dataclass(frozen=True)
class MoreStock:
    """Days of use of every stopped product, held by the buyer's industries on day 0."""

    days: float
    parameters: Parameters
    buyer: str

    @property
    def name(self) -> str:
        """A few words."""
        return f"{self.days:g} days more stock"

    @property
    def sentence(self) -> str:
        """What is done, in one sentence."""
        return f"Users in {self.buyer} hold {self.days:g} more days of every stopped product on day 0."

    def apply(self, shock: Shock, draws: Draws) -> tuple[Shock, Draws]:
        """The shock with more stock on day 0."""
        stock = dict(shock.extra_stock_days)
        for product in self._products(shock):
            held = stock.get((self.buyer, product), np.zeros(shock.draws))
            stock[(self.buyer, product)] = held + self.days
        return replace(shock, extra_stock_days=stock), draws

    def cost(self, shock: Shock) -> Figure | None:
        """Value of the goods at prices before the measure; storage and interest are not counted."""
        products = self._products(shock)
        rows = {product: self.parameters.use_value(product, self.buyer) for product in products}
        known = [row for row in rows.values() if row is not None]
        if not known:
            return None
        low, mid, high = (
            sum(v) * self.days / 365 for v in zip(*((r.low, r.mid, r.high) for r in known), strict=True)
        )
        without = [product for product, row in rows.items() if row is None]
        note = "goods at prices before the measure, without storage and interest"
        if without:
            note += f"; without {', '.join(without)}, whose use has no known value"
        return Figure(
            label=f"cost of {self.name}",
            value=None if without else mid,
            unit="USD million",
            basis=weakest("inferred", *(row.basis for row in known)),
            sources=unite(*((row.source,) for row in known)),
            low=low,
            high=None if without else high,
            note=note,
        )

    def ready_days(self, shock: Shock, draws: Draws) -> Figure:  # noqa: ARG002 - the protocol's names
        """Day 0: it has to be bought before."""
        return Figure(
            label=f"days until {self.name} helps",
            value=0.0,
            unit="days",
            basis="assumed",
            sources=(ASSUMPTION,),
            exact=True,
            note="bought before the measure; after it the goods are those that are short",
        )

    def _products(self, shock: Shock) -> tuple[str, ...]:
        """Stopped products; sectors of which some HS lines are met only where no product is known."""
        met = [leg for leg in shock.legs if self.buyer in leg.buyers]
        carved = [leg for leg in met if leg.carved]
        return tuple(dict.fromkeys(leg.product for leg in carved or met))


@dataclass(frozen=True)
class Faster:
    """Times of adjustment (days) divided by a factor, in every draw."""

    name: str
    sentence: str
    symbols: Sequence[str]
    factor: float

    def apply(self, shock: Shock, draws: Draws) -> tuple[Shock, Draws]:
        """The draws with shorter times."""
        values = {
            key: _read_only(array / self.factor) if key[0] in self.symbols else array
            for key, array in draws.values.items()
        }
        return shock, replace(draws, values=values)

    def cost(self, shock: Shock) -> Figure | None:  # noqa: ARG002 - the protocol's name
        """No source gives the cost of being faster."""
        return None

    def ready_days(self, shock: Shock, draws: Draws) -> Figure:
        """The shortened time itself, 5-50-95 % over draws."""
        times = [array for key, array in draws.values.items() if key[0] == self.symbols[0]]
        label, note = f"days until {self.name} helps", f"{self.symbols[0]} divided by {self.factor:g}"
        if not times:
            return Figure(label, None, "days", "assumed", (ASSUMPTION,), note="no time is known")
        pooled = np.concatenate(times) / self.factor
        low, mid, high = (float(q) for q in np.quantile(pooled, (0.05, 0.5, 0.95)))
        return Figure(
            label=label,
            value=mid,
            unit="days",
            basis="assumed",
            sources=unite(shock.sources, (ASSUMPTION,)),
            low=low,
            high=high,
            note=note,
        )


def more_stock(days: float, parameters: Parameters, buyer: str) -> Response:
    """`days` of use more of every stopped product in the buyer's stocks on day 0."""
    if not days > 0:
        raise ValueError(f"more_stock needs days above 0, not {days}")
    return MoreStock(days, parameters, buyer)


def faster_resourcing(factor: float) -> Response:
    """Orders move to other sellers, and their idle lines start, `factor` times as fast."""
    _check(factor)
    text = f"Orders move to other sellers and their idle lines start {factor:g} times as fast."
    return Faster(f"re-sourcing {factor:g} times as fast", text, RESOURCING, factor)


def earlier_thrift(factor: float) -> Response:
    """Users begin to make do with less after 1/`factor` of the time they would take."""
    _check(factor)
    text = f"Users begin to make do with less {factor:g} times as early."
    return Faster(f"thrift {factor:g} times as early", text, THRIFT, factor)


def _check(factor: float) -> None:
    if not factor >= 1:
        raise ValueError(f"a response makes things faster: factor {factor} is below 1")


def _read_only(
    array: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    array.setflags(write=False)
    return array
