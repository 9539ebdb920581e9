"""The legs of a Shock: which cells are stopped, by how much on each day and draw, and what leaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..core.draws import Draws, Key, Uncertain
from . import paths
from .records import Leg
from .shock_words import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..measure.measure import Coverage, Covered, Instrument
    from ..world.records import SplitTable

    Array = NDArray[np.float64]

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
    """Everything that the scenarios of one call share; the arguments of `shock.shocks`."""

    coverage: Coverage
    table: SplitTable
    draws: Draws
    parameters: Lookup
    unsplit_share: ShareOf
    days: int
    names: Names
    lasts: int | None = None
    all_buyers: bool = False

    @property
    def buyers(self) -> tuple[str, ...]:
        """Regions met: the buyer, and every other one but the seller when all destinations are met."""
        mine = (self.coverage.seller, self.coverage.buyer)
        others = tuple(r for r in self.table.regions if r not in mine) if self.all_buyers else ()
        return (self.coverage.buyer, *others)

    def values(self, symbol: str, product: str, country: str, notes: Notes) -> Array | None:
        """Draws of a parameter for a product, its mid value where it was not drawn; None: unknown."""
        row = self.parameters.lookup(symbol, product or ALL_PRODUCTS, "", country)
        if row is None:
            return None
        notes.rows.setdefault(row.key, row)
        found = self.draws.values.get(row.key)
        return np.full(self.draws.count, row.mid) if found is None else found

    def unknown(self, symbol: str) -> Array:
        """Draws between 0 and 1 in place of a share nobody knows; one for all products."""
        return self.draws.values[(f"{symbol}_unknown", "", "", self.coverage.buyer)]


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


def instrument_of(item: Covered, scenario: str) -> Instrument:
    """The handling that decides the shape: a stop where the scenario itself says so."""
    if scenario == "full_stop" or (scenario == "feared" and item.scenario == "feared"):
        return "ban"
    return item.instrument


@dataclass(frozen=True)
class _Part:
    """What one item, or the HS lines of one sector, stop in one cell: (draws, days) of its flow."""

    cell: str
    stopped: Array
    instrument: Instrument
    carved: bool
    upper: bool = False


@dataclass(frozen=True)
class _Lines:
    """Bare HS codes of one sector that are met in the same way; `like` is one of their items."""

    cell: str
    codes: tuple[str, ...]
    like: Covered


def build_legs(
    case: Case, scenario: str, items: Sequence[Covered], notes: Notes
) -> tuple[tuple[Leg, ...], bool]:
    """Legs of one scenario, and whether their result is only an upper bound."""
    parts = [
        _part(case, scenario, item, item.product, 1.0, notes)
        for item in items
        if item.product in case.table.products
    ]
    blind: list[_Lines] = []
    for lines in _bare_lines(case, items, notes):
        found, missing = _with_share(case, scenario, lines, notes)
        parts += found
        blind += missing
    if not parts and blind:
        notes.say(
            "No trade data for the covered lines: the whole flow of their sectors is stopped from day 0, "
            "without leakage or licences. The result is an upper bound."
        )
        parts = [_whole_cell(case, lines) for lines in blind]
    else:
        for lines in blind:
            notes.say(
                f"Not counted: HS {listed(lines.codes, 6)} - the loaded trade data lack their value within "
                f"{case.names.label(lines.cell)}, so the loss through them comes on top."
            )
    cells = dict.fromkeys(part.cell for part in parts)
    legs = tuple(_leg(case, [p for p in parts if p.cell == cell], notes) for cell in cells)
    return legs, any(part.upper for part in parts)


def extra_stock(case: Case, legs: Sequence[Leg], notes: Notes) -> dict[tuple[str, str], Array]:
    """Stock on day 0 beyond the normal one, days of use: the rush before the date and goods afloat.

    Of the rush, months of use, only a row of this product and this buyer counts: one seen elsewhere says
    nothing of this one. Goods afloat, days of the seller's sales, count by its share of the purchases.
    """
    buyer = case.coverage.buyer
    found = {}
    for leg in legs:
        if not leg.carved:
            continue
        days = np.zeros(case.draws.count)
        row = case.parameters.lookup("front_load", leg.product, "", buyer)
        own = row is not None and row.key[1] == leg.product and row.key[3] == buyer
        if own and (months := case.values("front_load", leg.product, buyer, notes)) is not None:
            days = days + months * DAYS_PER_MONTH
        if (afloat := case.values("afloat", leg.product, buyer, notes)) is not None:
            days = days + afloat * _share_of_seller(case.table, leg.seller, leg.product, buyer)
        if days.any():
            found[(buyer, leg.product)] = days
    return found


def _share_of_seller(table: SplitTable, seller: str, product: str, buyer: str) -> Array:
    """Share of a seller in what a buyer's industries buy of a product, by version of the table."""
    cells = table.sold(product)[:, :, table.regions.index(buyer)]
    total = cells.sum(axis=1)
    sold = cells[:, table.regions.index(seller)]
    return np.asarray(np.divide(sold, total, out=np.zeros_like(total), where=total > 0))


def _part(
    case: Case,
    scenario: str,
    item: Covered,
    cell: str,
    share: float | Array,
    notes: Notes,
) -> _Part:
    """What an item stops: share of the cell's flow x affected purchases x the path of its instrument."""
    instrument = instrument_of(item, scenario)
    upper = instrument in ("quota", "other")
    carved = cell == item.product
    reach = _reach(case, item, notes) * share
    path = _path(case, instrument, cell if carved else "", notes)
    stopped = paths.ending(reach[:, None] * path, case.lasts)
    return _Part(cell, stopped, instrument, carved, upper)


def _reach(case: Case, item: Covered, notes: Notes) -> Array:
    """Share of the buyer's purchases that the clause reaches, (draws,)."""
    assert item.affected is not None
    low, mid, high = item.affected
    if high <= low:
        return np.full(case.draws.count, mid)
    notes.say(
        f"Share of purchases reached ({item.scenario}): {low:g}-{mid:g}-{high:g}, one draw for all products."
    )
    return paths.from_rank(
        item.affected, case.draws.values[("affected", "", item.scenario, case.coverage.buyer)]
    )


def _path(case: Case, instrument: Instrument, product: str, notes: Notes) -> Array:
    """Stopped share of what is reached, by draw and day, for one instrument."""
    ones = np.ones(case.draws.count)
    if instrument in ("quota", "other", "tax"):
        if instrument != "tax":
            notes.say(
                f"The record gives no volume for the instrument ({instrument}): a complete stop of what it "
                "reaches stands in its place, so the result is an upper bound."
            )
        return paths.ban(ones, case.days)
    enforced = case.values("e_enforce", product, case.coverage.buyer, notes)
    if enforced is None:
        notes.say("Enforcement is unknown: complete.")
        enforced = ones
    if instrument == "licence":
        return np.asarray(enforced[:, None] * _licence(case, product, notes))
    return paths.ban(enforced, case.days)


def _licence(case: Case, product: str, notes: Notes) -> Array:
    """All during the review, then what is not approved; watch-listed buyers get no licence."""
    buyer, seller = case.coverage.buyer, case.coverage.seller
    review = case.values("t_review", product, seller, notes)
    approval = case.values("approval", product, buyer, notes)
    if approval is None:
        notes.say(
            "Approval of licences is unknown for some goods: anything from none to all, one draw for all."
        )
        approval = case.unknown("approval")
    watched = case.values("watch_share", product, buyer, notes)
    if watched is None:
        notes.say(
            "The share of purchases by buyers on a watch list, whose review has no end, is unknown: "
            "approval rates are used as they were observed over all civil buyers."
        )
    else:
        approval = approval * (1 - watched)
    if review is None:
        notes.say("The review time of licences is unknown: no licence is given within the horizon.")
        return paths.ban(np.ones(case.draws.count), case.days)
    notes.say("Applications are made on day 0; working days count 7/5 calendar days, without holidays.")
    return paths.licence(paths.calendar_days(review), approval, case.days)


def _bare_lines(case: Case, items: Sequence[Covered], notes: Notes) -> list[_Lines]:
    """HS codes of items that were not carved out, by parent sector and handling, each code once."""
    groups: dict[tuple[str, Instrument, tuple[float, float, float] | None], dict[str, None]] = {}
    like: dict[tuple[str, Instrument, tuple[float, float, float] | None], Covered] = {}
    seen: set[str] = set()
    carved = _carved_codes(case)
    for item in items:
        if item.product in case.table.products:
            continue
        if not item.hs:
            notes.say(f"Not counted: {item.product or 'goods'} - not carved out, and no HS code is given.")
        for code in item.hs:
            if code in seen:
                continue
            seen.add(code)
            cell = _sector(case, code)
            if code in carved:
                notes.say(
                    f"HS {code} belongs to {carved[code]}, which stands apart from its sector: only the "
                    "products named above are counted of it."
                )
            elif cell is None:
                notes.say(f"Not counted: HS {code} - no sector of the table is known for it.")
            else:
                key = (cell, item.instrument, item.affected)
                groups.setdefault(key, {})[code] = None
                like.setdefault(key, item)
    return [_Lines(key[0], tuple(codes), like[key]) for key, codes in groups.items()]


def _carved_codes(case: Case) -> dict[str, str]:
    """HS codes whose flows left their sector with a product of its own, and the names of the products."""
    found: dict[str, dict[str, None]] = {}
    for product in case.table.products:
        covered = (c.hs for c in case.coverage.covered if c.product == product)
        for code in (*case.names.codes.get(product, ()), *(code for hs in covered for code in hs)):
            found.setdefault(code, {})[case.names.label(product)] = None
    return {code: " and ".join(names) for code, names in found.items()}


def _sector(case: Case, code: str) -> str | None:
    """The sector of the table that an HS code belongs to."""
    for sector in case.names.parents_of((code,)):
        for name in (sector, case.names.group.get(sector, "")):
            if name in case.table.sectors:
                return name
    return None


def _with_share(case: Case, scenario: str, lines: _Lines, notes: Notes) -> tuple[list[_Part], list[_Lines]]:
    """The part of lines whose share of the sector's flow is known, and the lines where it is not."""
    seller, buyer = case.coverage.seller, case.coverage.buyer
    share = case.unsplit_share(seller, buyer, lines.codes)
    known = lines.codes
    if share is None and len(lines.codes) > 1:  # one missing code must not hide the others
        known = tuple(c for c in lines.codes if case.unsplit_share(seller, buyer, (c,)) is not None)
        share = case.unsplit_share(seller, buyer, known) if known else None
    if share is None:
        return [], [lines]
    if isinstance(share, tuple):
        value: float | Array = paths.from_rank(share, case.draws.values[("unsplit_share", "", "", buyer)])
        text = "{:.3g}-{:.3g}-{:.3g}".format(*share)
    else:
        value, text = share, f"{share:.3g}"
    notes.say(
        f"HS {listed(known, 6)}: {text} of the flow of {case.names.label(lines.cell)}; in the sector they "
        "are taken to be used like its other goods."
    )
    rest = tuple(c for c in lines.codes if c not in known)
    left = [_Lines(lines.cell, rest, lines.like)] if rest else []
    return [_part(case, scenario, lines.like, lines.cell, value, notes)], left


def _whole_cell(case: Case, lines: _Lines) -> _Part:
    """The whole sector cell, stopped for the affected buyers: an upper bound."""
    reach = _reach(case, lines.like, Notes())
    stopped = paths.ending(paths.ban(reach, case.days), case.lasts)
    return _Part(lines.cell, stopped, "ban", carved=False, upper=True)


def _leg(case: Case, parts: Sequence[_Part], notes: Notes) -> Leg:
    """One cell. Several clauses on one product overlap (the widest counts); HS lines of a sector add up."""
    stack = [part.stopped for part in parts]
    carved = parts[0].carved
    stopped = np.maximum.reduce(stack) if carved else np.minimum(1.0, np.sum(stack, axis=0))
    leak = stopped * _leak_share(case, parts, notes)
    moving = paths.kept(stopped, leak)
    for array in (moving, leak):
        array.setflags(write=False)
    strongest = max(parts, key=lambda part: float(part.stopped.mean()))
    return Leg(
        seller=case.coverage.seller,
        product=parts[0].cell,
        buyers=case.buyers,
        kept=moving,
        leak=leak,
        instrument=strongest.instrument,
        carved=carved,
    )


def _leak_share(case: Case, parts: Sequence[_Part], notes: Notes) -> Array:
    """Share of the stopped flow that arrives through third countries, (draws, days)."""
    if case.all_buyers:
        notes.say("All destinations are met, so nothing arrives through third countries.")
    if case.all_buyers or any(part.upper for part in parts):
        return np.zeros((case.draws.count, case.days))
    product, buyer = (parts[0].cell if parts[0].carved else ""), case.coverage.buyer
    most = case.values("l_max", product, buyer, notes)
    half = case.values("l_half", product, buyer, notes)
    if most is None:
        notes.say("Leakage is unknown for some goods: anything from none to all, one draw for all.")
        most = case.unknown("l_max")
    if half is None:
        notes.say("How fast leakage rises is unknown for some goods: it is complete from day 0.")
        return np.repeat(most[:, None], case.days, axis=1)
    return paths.leakage(most, half, case.days)
