"""From coverage to Shocks: one for each scenario with content, never pooled (method section 3).

A covered product that was carved out of its sector gives a leg of its own. Bare HS lines give a leg on
their parent sector, scaled by their share of its flow; where that share is unknown for everything a
scenario holds, the whole sector cell is stopped and the result is an upper bound without a mid value.

The legs are made in `legs.py`, the shapes in time in `paths.py`, the sentences in `shock_words.py`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..core.draws import Draws, Key, Uncertain
from ..core.errors import MissingDataError, Problem, nearest
from ..core.source import ASSUMPTION, Source, unite
from . import shock_words
from .case import Case, Lookup, Names, Notes, ShareOf, is_usable, why_unusable
from .handling import volume_row
from .legs import build_legs, extra_stock
from .records import Shock
from .shock_words import SCENARIO

if TYPE_CHECKING:
    from ..measure.measure import Coverage, Covered
    from ..world.records import SplitTable
    from ..world.world import World


def shock_parameters(coverage: Coverage) -> tuple[Uncertain, ...]:
    """Unknowns of a shock that own a dimension of the draws; add them to those of the world.

    Each is a rank between 0 and 1 that all products of a scenario share, because what is unknown (how
    widely a clause is read, how many licences are given) is common to them. The rank picks the value
    in the range of each product. The set is the same whatever is covered, so that two measures are
    compared on the same draws of everything else.
    """
    buyer = coverage.buyer
    ranks = [
        (("affected", "", scenario, buyer), f"share of purchases reached, scenario {scenario}")
        for scenario in SCENARIO
    ]
    ranks += [
        (("approval_unknown", "", "", buyer), "approval where no figure is known"),
        (("l_max_unknown", "", "", buyer), "leakage where no figure is known"),
        (("unsplit_share", "", "", buyer), "share of HS lines in their sector's flow"),
    ]
    return tuple(_rank(key, text) for key, text in ranks)


def volume_parameters(coverage: Coverage) -> tuple[Uncertain, ...]:
    """Volumes of quotas that the record gives as a range: dimensions of their own, behind all others."""
    rows = [volume_row(item, coverage.buyer) for item in coverage.covered if item.instrument == "quota"]
    return tuple({row.key: row for row in rows if row is not None and row.high > row.low}.values())


def _rank(key: Key, what: str) -> Uncertain:
    return Uncertain(key, 0.0, 0.5, 1.0, "triangular", "rank", "assumed", ASSUMPTION, f"rank of: {what}")


def shocks(
    coverage: Coverage,
    table: SplitTable,
    draws: Draws,
    parameters: Lookup,
    unsplit_share: ShareOf,
    days: int = 365,
    *,
    names: Names | None = None,
    lasts: int | None = None,
    all_buyers: bool = False,
) -> tuple[Shock, ...]:
    """One Shock for each scenario that has content.

    Parameters
    ----------
    coverage
        What is covered, for whom; day 0 is the day the measure took effect.
    table
        The table with products carved out, for its regions, sectors and products.
    draws
        Draws of the parameters and of `shock_parameters(coverage)`.
    parameters
        Enforcement, review time, approval, leakage and front-loading by product and buyer.
    unsplit_share
        (seller, buyer, HS codes) -> their share of the parent sector's flow, None where unknown.
    days
        Horizon in days.
    names
        HS map and labels (`names_of(world)`); None takes those of the embedded data.
    lasts
        Days after which the measure ends; None: not within the horizon.
    all_buyers
        Whether the measure meets every destination. Other buyers are then met as the buyer is, and
        nothing arrives through third countries.

    Raises
    ------
    MissingDataError
        The table lacks the seller or the buyer.
    """
    _check_regions(coverage, table)
    whom = names or names_of(_embedded())
    case = Case(coverage, table, draws, parameters, unsplit_share, days, whom, lasts, all_buyers)
    found = (_shock(case, scenario) for scenario in coverage.scenarios)
    return tuple(shock for shock in found if shock is not None)


def left_out(coverage: Coverage) -> tuple[tuple[str, str], ...]:
    """Scenarios without a Shock and the reason: those of coverage, then those that cannot be quantified."""
    found = list(coverage.left_out)
    for scenario in coverage.scenarios:
        items = items_of(coverage, scenario)
        if not any(is_usable(item) for item in items):
            found.append((scenario, "; ".join(dict.fromkeys(why_unusable(item) for item in items))))
    return tuple(found)


def items_of(coverage: Coverage, scenario: str) -> tuple[Covered, ...]:
    """Covered items of a scenario. To what is feared come the stated items as handled in practice.

    (By the letter where no practice is reported.) A feared stop comes on top of what is in force.
    """
    own = coverage.scenario(scenario)
    if scenario != "feared":
        return own
    base = coverage.scenario("practice") or coverage.scenario("letter")
    met = {(c.product, c.hs) for c in own}
    return own + tuple(c for c in base if (c.product, c.hs) not in met)


def _shock(case: Case, scenario: str) -> Shock | None:
    """The Shock of one scenario; None when nothing in it can be quantified."""
    coverage = case.coverage
    items = items_of(coverage, scenario)
    notes = Notes()
    for item in items:
        if why := why_unusable(item):
            notes.say(f"Not counted: {shock_words.thing(item, case.names.label)} - {why}.")
    begun = coverage.status.since
    if begun is not None and begun.year <= case.table.year:
        notes.say(
            f"The table is of {case.table.year}, the measure began on {begun}: what it had stopped by then "
            "is missing from the baseline flows, so the result is too low by that part."
        )
    usable = tuple(item for item in items if is_usable(item))
    legs, upper_bound_only = build_legs(case, scenario, usable, notes)
    if not legs:
        return None
    said = shock_words.what_is_stopped(coverage, scenario, usable, case, upper_bound_only=upper_bound_only)
    return Shock(
        scenario=scenario,
        what_is_stopped=said,
        legs=legs,
        days=case.days,
        draws=case.draws.count,
        extra_stock_days=extra_stock(case, legs, notes),
        upper_bound_only=upper_bound_only,
        assumptions=(*notes.texts, *shock_words.parameters(notes.rows.values(), case.names.label)),
        sources=_sources(coverage, items, notes, case.table),
    )


def _sources(
    coverage: Coverage, items: tuple[Covered, ...], notes: Notes, table: SplitTable
) -> tuple[Source, ...]:
    """Sources of the coverage, the parameters used and the table."""
    reasons = [r for c in items for r in c.reasons] or list(coverage.reasons)
    return unite(
        *(r.sources for r in reasons),
        tuple(row.source for row in notes.rows.values()),
        table.sources,
        (ASSUMPTION,),
    )


def names_of(world: World) -> Names:
    """HS map, industry groups, product codes and names of a world."""
    from ..world.lookups import label

    codes = {key: (*card.hs, *card.trade_hs) for key, card in world.products.items()}
    return Names(world.parents_of, world.groups.group, partial(label, world), codes)


def _embedded() -> World:
    from ..world.world import World

    return World.default()


def _check_regions(coverage: Coverage, table: SplitTable) -> None:
    problems = [
        Problem(
            f"the table has no region {code}",
            where=what,
            why="the flows between seller and buyer are needed to say what is stopped",
            fix="cut the focus table with this region, or load a table that has it",
            near=nearest(code, table.regions),
        )
        for what, code in (("seller", coverage.seller), ("buyer", coverage.buyer))
        if code not in table.regions
    ]
    if problems:
        raise MissingDataError(problems)
