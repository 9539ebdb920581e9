"""The legs of a Shock: which cells are stopped, by how much on each day and draw, and what leaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import paths
from .case import DAYS_PER_MONTH, Case, Handling, Notes, instrument_of
from .handling import path_of, per_draw, reach_of, volume_of
from .lines import Lines, bare_lines
from .records import Leg
from .shock_words import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..measure.measure import Covered
    from ..world.records import SplitTable

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Part:
    """What one item, or the HS lines of one sector, stop in one cell: (draws, days) of its flow."""

    cell: str
    stopped: Array
    instrument: Handling
    carved: bool
    upper: bool = False


def build_legs(
    case: Case, scenario: str, items: Sequence[Covered], notes: Notes
) -> tuple[tuple[Leg, ...], bool]:
    """Legs of one scenario, and whether their result is only an upper bound."""
    parts = [
        _part(case, scenario, item, item.product, 1.0, notes)
        for item in items
        if item.product in case.table.sectors
    ]
    blind: list[Lines] = []
    for lines in bare_lines(case, items, notes):
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
    """Stock on day 0 beyond the normal one, days of use: the rush before the date and goods afloat."""
    buyer = case.coverage.buyer
    found = {}
    for leg in legs:
        days = rush(case, leg, notes) + afloat(case, leg, notes)
        if days.any():
            found[(buyer, leg.product)] = days
    return found


def rush(case: Case, leg: Leg, notes: Notes) -> Array:
    """Days of use bought before the date, (draws,).

    Of what was seen, in months of use, only a row of this product and this buyer counts: one seen elsewhere
    says nothing of this one.
    """
    buyer = case.coverage.buyer
    if "rush_days" in case.own:
        return case.sampled(case.own["rush_days"], notes)
    row = case.parameters.lookup("front_load", leg.product, "", buyer)
    own = row is not None and row.key[1] == leg.product and row.key[3] == buyer
    if row is None or not own or not leg.carved:
        return np.zeros(case.draws.count)
    return case.sampled(row, notes) * DAYS_PER_MONTH


def afloat(case: Case, leg: Leg, notes: Notes) -> Array:
    """Days of use under way on the date: days of the seller's sales by its share of the purchases."""
    buyer = case.coverage.buyer
    if not leg.carved and "afloat" not in case.own:
        return np.zeros(case.draws.count)
    days = case.values("afloat", leg.product, buyer, notes)
    if days is None:
        return np.zeros(case.draws.count)
    share = _share_of_seller(case.table, leg.seller, leg.product, buyer)
    return days * (share if share.shape[0] == 1 else per_draw(share, case.draws.count))


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
    instrument = case.handling or instrument_of(item, scenario)
    carved = cell == item.product and cell in case.table.products
    reach = reach_of(case, item, notes) * share
    path = path_of(case, instrument, item, cell, cell if carved else "", notes)
    blind = instrument in ("quota", "other") and volume_of(case, instrument, item, cell, Notes()) is None
    return _Part(cell, _in_time(case, reach[:, None] * path), instrument, carved, blind)


def _in_time(case: Case, stopped: Array) -> Array:
    """A path of the restriction's own days on the days of the run."""
    return paths.beginning(paths.ending(stopped, case.lasts), case.begins)


def _with_share(case: Case, scenario: str, lines: Lines, notes: Notes) -> tuple[list[_Part], list[Lines]]:
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
        value: float | Array = paths.from_rank(share, case.rank("unsplit_share"))
        text = "{:.3g}-{:.3g}-{:.3g}".format(*share)
    else:
        value, text = share, f"{share:.3g}"
    notes.say(
        f"HS {listed(known, 6)}: {text} of the flow of {case.names.label(lines.cell)}; in the sector they "
        "are taken to be used like its other goods."
    )
    rest = tuple(c for c in lines.codes if c not in known)
    left = [Lines(lines.cell, rest, lines.like)] if rest else []
    return [_part(case, scenario, lines.like, lines.cell, value, notes)], left


def _whole_cell(case: Case, lines: Lines) -> _Part:
    """The whole sector cell, stopped for the affected buyers: an upper bound."""
    reach = reach_of(case, lines.like, Notes())
    stopped = _in_time(case, paths.ban(reach, case.days))
    return _Part(lines.cell, stopped, "ban", carved=False, upper=True)


def _leg(case: Case, parts: Sequence[_Part], notes: Notes) -> Leg:
    """One cell. Several clauses on one product overlap (the widest counts); HS lines of a sector add up."""
    stack = [part.stopped for part in parts]
    carved = parts[0].carved
    stopped = np.maximum.reduce(stack) if carved else np.minimum(1.0, np.sum(stack, axis=0))
    leak = stopped * paths.beginning(_leak_share(case, parts, notes), case.begins)
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
    everyone = case.all_buyers and "l_max" not in case.own
    if everyone:
        notes.say("All destinations are met, so nothing arrives through third countries.")
    if everyone or any(part.upper for part in parts):
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
