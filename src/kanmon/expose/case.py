"""What the legs of a Shock are built from: the case, its parameters, the words for its notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from ..core.draws import Draws, Key, Uncertain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..measure.measure import Coverage, Covered
    from ..world.records import SplitTable

    Array = NDArray[np.float64]

Handling = Literal["ban", "licence", "quota", "tax", "listing", "other", "throttling"]
"""Shapes in time: the instruments of measures, and throttling, which is practice and never an order."""

ALL_PRODUCTS = "all controlled"
"""Rows of the parameters that hold for every controlled product."""

DAYS_PER_MONTH = 365 / 12

Share = float | tuple[float, float, float] | None
ShareOf = Callable[[str, str, Sequence[str]], Share]


class Lookup(Protocol):
    """The parameters: `world.parameters`."""

    def lookup(self, symbol: str, product: str = "", sector: str = "", country: str = "") -> Uncertain | None:
        """The row that holds, or None."""
        ...


@dataclass(frozen=True)
class Names:
    """What a shock needs to know of codes: where HS lines belong and how things are called.

    parents_of: HS codes -> sectors of the full table; group: such a sector -> its industry group;
    label: id of a product, sector or country -> its name; codes: product id -> its HS codes, whose flows
    leave the sector when the product is carved out.
    """

    parents_of: Callable[[Sequence[str]], tuple[str, ...]]
    group: Mapping[str, str] = field(default_factory=dict)
    label: Callable[[str], str] = str
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """Everything that the scenarios of one call share; the arguments of `shock.shocks`.

    own: what a scenario of the user's says itself, by symbol; it stands before the parameters. begins: day
    of the run on which the restriction takes effect; lasts counts from there. handling: in place of the
    instrument of the items, where it is not "". ranks: the buyer whose ranks of the unknown are used, where
    that is another than the coverage's (""). normal: what all flows that one volume of a quota serves come
    to, USD million a year, (draws,); None: the flow of this seller to this buyer.
    """

    coverage: Coverage
    table: SplitTable
    draws: Draws
    parameters: Lookup
    unsplit_share: ShareOf
    days: int
    names: Names
    lasts: int | None = None
    all_buyers: bool = False
    own: Mapping[str, Uncertain] = field(default_factory=dict)
    begins: int = 0
    handling: Handling | Literal[""] = ""
    ranks: str = ""
    normal: Array | None = None

    @property
    def buyers(self) -> tuple[str, ...]:
        """Regions met: the buyer, and every other one but the seller when all destinations are met."""
        mine = (self.coverage.seller, self.coverage.buyer)
        others = tuple(r for r in self.table.regions if r not in mine) if self.all_buyers else ()
        return (self.coverage.buyer, *others)

    def values(self, symbol: str, product: str, country: str, notes: Notes) -> Array | None:
        """Draws of a parameter for a product, its mid value where it was not drawn; None: unknown."""
        row = self.own.get(symbol) or self.parameters.lookup(symbol, product or ALL_PRODUCTS, "", country)
        return None if row is None else self.sampled(row, notes)

    def sampled(self, row: Uncertain, notes: Notes) -> Array:
        """Draws of one row, (draws,), its mid value where it was not drawn; the row is noted."""
        notes.rows.setdefault(row.key, row)
        found = self.draws.values.get(row.key)
        return np.full(self.draws.count, row.mid) if found is None else found

    def unknown(self, symbol: str) -> Array:
        """Draws between 0 and 1 in place of a share nobody knows; one for all products."""
        return self.rank(f"{symbol}_unknown")

    def rank(self, symbol: str, sector: str = "") -> Array:
        """Draws of a rank of `shock.shock_parameters`."""
        return self.draws.values[(symbol, "", sector, self.ranks or self.coverage.buyer)]


@dataclass
class Notes:
    """Assumptions gathered while one scenario is built: parameter rows and sentences, each once."""

    rows: dict[Key, Uncertain] = field(default_factory=dict)
    texts: dict[str, None] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """Add a sentence, once."""
        self.texts.setdefault(text)


def why_unusable(item: Covered) -> str:
    """Why an item stops nothing that can be counted; "" when it does."""
    if item.affected is None:
        return "the share of the buyer's purchases that the clause reaches is unknown"
    if item.instrument == "tax" and item.scenario not in ("full_stop", "feared"):
        return "a tax raises the price and stops no flow"
    return ""


def is_usable(item: Covered) -> bool:
    """Whether an item stops something that can be counted."""
    return not why_unusable(item)


def instrument_of(item: Covered, scenario: str) -> Handling:
    """The handling that decides the shape: a stop where the scenario itself says so."""
    if scenario == "full_stop" or (scenario == "feared" and item.scenario == "feared"):
        return "ban"
    return item.instrument
