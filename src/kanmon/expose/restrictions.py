"""Restrictions of a scenario of the user's as one Shock: the legs of `legs.py`, joined where they meet.

A measure's scenarios are Shocks of their own; here any number of dated restrictions, each with a seller, a
product, a buyer and a handling of its own, are one Shock. Each seller and buyer of a restriction is one
`Case`, in which the restriction's own values stand before the parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws, Uncertain
from ..core.source import ASSUMPTION, unite
from . import shock_words
from .case import Case, Handling, Lookup, Names, Notes, ShareOf
from .handling import per_draw
from .legs import afloat, build_legs, rush
from .records import Leg, Shock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..measure.measure import Coverage, Covered
    from ..world.records import SplitTable

    Array = NDArray[np.float64]

ALL = "all"
EVERYONE = (1.0, 1.0, 1.0)

Flow = tuple[str, str, str]
"""Seller, row of the table, buyer."""


@dataclass(frozen=True)
class Restriction:
    """One dated restriction; regions and goods by their labels in the table, or `all` for every region.

    goods: rows of the table (split products, sectors); hs: bare HS codes. own: what it says itself, by symbol
    of `case.Case.own`. first, last: days of the run, both in force; last is None where it does not end within
    the run. part: words for the goods meant where they are not all of the row ("": all).
    """

    name: str
    sellers: tuple[str, ...]
    goods: tuple[str, ...]
    hs: tuple[str, ...]
    buyers: tuple[str, ...]
    kind: Handling
    first: int = 0
    last: int | None = None
    own: Mapping[str, Uncertain] = field(default_factory=dict)
    part: str = ""

    @property
    def idle(self) -> bool:
        """Whether its own values say that it stops nothing."""
        most = {symbol: row.high for symbol, row in self.own.items()}
        if 0.0 in (most.get(symbol) for symbol in ("share", "buyer_share", "e_enforce")):
            return True
        no_wait = most.get("delay", 0.0) == 0.0
        if self.kind in ("quota", "throttling") and "volume_share" in self.own:
            return self.own["volume_share"].low >= 1.0 and no_wait
        if self.kind == "licence" and "approval" in self.own and "t_review" in self.own:
            return self.own["approval"].low >= 1.0 and most["t_review"] == 0.0
        return False

    def pairs(self, regions: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Sellers and buyers it stands between; a seller's sales at home are never met."""
        sellers = regions if ALL in self.sellers else self.sellers
        buyers = regions if ALL in self.buyers else self.buyers
        return ((s, b) for s in sellers for b in buyers if s != b)


@dataclass(frozen=True)
class Ground:
    """What the restrictions are built on; arguments as of `shock.shocks`. anchor: buyer of the ranks."""

    table: SplitTable
    draws: Draws
    parameters: Lookup
    unsplit_share: ShareOf
    names: Names
    days: int
    anchor: str


@dataclass(frozen=True)
class _Met:
    """What one restriction stops of one flow, and the stock that the buyer holds against it."""

    by: Restriction
    goods: str
    leg: Leg
    rush: Array
    afloat: Array


@dataclass
class Built:
    """The Shock, the restrictions that stop nothing, and how those on one flow were joined, in words.

    said: one sentence for each restriction that stops something.
    """

    shock: Shock
    said: tuple[str, ...]
    idle: tuple[Restriction, ...]
    joined: tuple[str, ...]


def restrict(name: str, restrictions: Sequence[Restriction], on: Ground) -> Built:
    """All restrictions of a scenario as one Shock."""
    notes = Notes()
    said_of: dict[str, dict[str, None]] = {}
    met: dict[Flow, list[_Met]] = {}
    upper = False
    working: dict[int, None] = {}
    for k, r in enumerate(restrictions):
        normal = _normal(r, on)
        for seller, buyer in r.pairs(on.table.regions):
            for part, items in _items(r, restrictions):
                own = Notes()
                found, bound = _meet(r, part, items, _case(r, seller, buyer, on, normal), own)
                if found:  # what stops nothing leaves no trace in the answer either
                    notes.rows.update({key: row for key, row in own.rows.items() if key not in notes.rows})
                    for text in own.texts:
                        said_of.setdefault(text, {}).setdefault(r.name)
                upper |= bound
                for one in found:
                    working.setdefault(k)
                    met.setdefault((seller, one.leg.product, buyer), []).append(one)
    joined: dict[str, None] = {}
    legs = [_join(flow, found, joined, on.names) for flow, found in met.items()]
    said = tuple(_sentence(restrictions[k], on) for k in working)
    shock = Shock(
        scenario=name,
        what_is_stopped=" ".join(said) or "Nothing is stopped.",
        legs=_together(legs),
        days=on.days,
        draws=on.draws.count,
        extra_stock_days=_extra(met),
        upper_bound_only=upper,
        assumptions=(
            *_later([restrictions[k] for k in working]),
            *_of_whom(said_of, len(working)),
            *shock_words.parameters(notes.rows.values(), on.names.label),
        ),
        sources=unite(tuple(r.source for r in notes.rows.values()), on.table.sources, (ASSUMPTION,)),
    )
    idle = tuple(r for k, r in enumerate(restrictions) if k not in working)
    return Built(shock, said, idle, tuple(joined))


def _later(working: Sequence[Restriction]) -> tuple[str, ...]:
    """What the engine's one day of the stop means for restrictions that begin on several."""
    days = sorted({r.first for r in working})
    if len(days) < 2:
        return ()
    text = (
        f"Spare output of all goods runs up from the first restriction on, day {days[0]}: those that begin "
        f"later (the last on day {days[-1]}) find it further on than if they stood alone."
    )
    return (text,)


def _of_whom(said_of: Mapping[str, Iterable[str]], working: int) -> Iterator[str]:
    """What was assumed, with the restrictions it holds for where that is not all of them."""
    for text, names in said_of.items():
        several = list(names)
        yield text if len(several) == working else f"{shock_words.listed(several)}: {text}"


def _normal(r: Restriction, on: Ground) -> Array | None:
    """Normal flow, USD million a year, (draws,), of all that one volume in money serves; None without one."""
    if "volume" not in r.own or "normal" in r.own:
        return None
    at = on.table.regions.index
    pairs = [(at(s), at(b)) for s, b in r.pairs(on.table.regions)]
    if not pairs or not r.goods:
        return None
    sellers, buyers = np.transpose(pairs)
    flows = [on.table.sold(goods)[:, sellers, buyers].sum(axis=1) for goods in r.goods]
    return np.asarray(sum(per_draw(flow, on.draws.count) for flow in flows))


def _case(r: Restriction, seller: str, buyer: str, on: Ground, normal: Array | None) -> Case:
    """One seller and one buyer of a restriction."""
    from ..measure.measure import Coverage, Status

    coverage = Coverage(r.name, date.min, buyer, seller, Status("in_force", None, ""), (), ())
    return Case(
        coverage=_with_items(coverage, r),
        table=on.table,
        draws=on.draws,
        parameters=on.parameters,
        unsplit_share=on.unsplit_share,
        days=on.days,
        names=on.names,
        lasts=None if r.last is None else r.last - r.first + 1,
        all_buyers=ALL in r.buyers,
        own=r.own,
        begins=r.first,
        handling=r.kind,
        ranks=on.anchor,
        normal=normal,
    )


def _with_items(coverage: Coverage, r: Restriction) -> Coverage:
    return replace(coverage, covered=tuple(_item(goods, ()) for goods in r.goods))


def _item(product: str, hs: tuple[str, ...]) -> Covered:
    from ..measure.measure import Covered

    # The handling of the case stands in the place of the instrument.
    return Covered("practice", product, hs, "ban", EVERYONE, "stated", ())


def _items(r: Restriction, others: Sequence[Restriction]) -> list[tuple[str, list[Covered]]]:
    """The goods of a restriction in parts that another names as a whole or not at all, each with its name.

    HS codes that the same restrictions name stay together, so that no code counts twice.
    """
    found = [(r.part, [_item(goods, ())]) for goods in r.goods]
    classes: dict[tuple[int, ...], list[str]] = {}
    for code in r.hs:
        classes.setdefault(tuple(k for k, o in enumerate(others) if code in o.hs), []).append(code)
    return found + [(f"HS {', '.join(codes)}", [_item("", tuple(codes))]) for codes in classes.values()]


def _meet(r: Restriction, part: str, items: list[Covered], case: Case, own: Notes) -> tuple[list[_Met], bool]:
    """Legs of one part that stop something, and whether they are only a bound."""
    legs, upper = build_legs(case, "practice", items, own)
    regions, buyer = case.table.regions, case.coverage.buyer
    found = []
    for leg in legs:
        sold = case.table.sold(leg.product)[:, regions.index(leg.seller), regions.index(buyer)]
        if not (sold > 0).any() or not (leg.kept < 1.0).any():
            continue
        alone = replace(leg, buyers=(buyer,))
        found.append(_Met(r, part, alone, rush(case, alone, own), afloat(case, alone, own)))
    return found, upper and bool(found)


def _join(flow: Flow, found: Sequence[_Met], joined: dict[str, None], names: Names) -> Leg:
    """The leg of one flow: different goods add up, of the same goods the strictest holds each day."""
    by_goods: dict[str, list[Leg]] = {}
    for one in found:
        by_goods.setdefault(one.goods, []).append(one.leg)
    if len(found) > 1:
        seller, product, buyer = flow
        who = shock_words.listed([one.by.name for one in found])
        kinds = [goods for goods in by_goods if goods]
        if len(kinds) < 2:
            how = "the strictest holds on each day"
        elif len(kinds) == len(found):
            how = f"they concern different goods ({shock_words.listed(kinds)}) and add up"
        else:
            how = (
                f"what concerns different goods ({shock_words.listed(kinds)}) adds up, of the same goods the "
                "strictest holds on each day"
            )
        joined.setdefault(f"{names.label(product)}, {seller} to {buyer}: {who} meet; {how}.")
    whole = by_goods.pop("", [])
    parts = [_strictest(legs) for legs in by_goods.values()]
    return _strictest([*whole, *([_added(parts)] if parts else [])])


def _strictest(legs: Sequence[Leg]) -> Leg:
    """Of legs of one flow, on each day and draw the one that keeps least."""
    first, *others = legs
    if not others:
        return first
    kept, leak = first.kept, first.leak
    for leg in others:
        less = leg.kept < kept
        kept, leak = np.where(less, leg.kept, kept), np.where(less, leg.leak, leak)
    return _of(legs, kept, leak)


def _added(legs: Sequence[Leg]) -> Leg:
    """Legs of different goods of one flow: what they stop adds up, to all of it at most."""
    if len(legs) == 1:
        return legs[0]
    stopped = np.minimum(1.0, np.sum([1.0 - leg.kept for leg in legs], axis=0))
    leak = np.minimum(stopped, np.sum([leg.leak for leg in legs], axis=0))
    return _of(legs, 1.0 - stopped, leak)


def _of(legs: Sequence[Leg], kept: Array, leak: Array) -> Leg:
    for array in (kept, leak):
        array.setflags(write=False)
    strongest = min(legs, key=lambda leg: float(leg.kept.mean()))
    return replace(strongest, kept=kept, leak=leak)


def _together(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """Legs of one seller and product that are the same for several buyers as one."""
    found: list[Leg] = []
    for leg in legs:
        for k, other in enumerate(found):
            same = (other.seller, other.product) == (leg.seller, leg.product)
            if same and np.array_equal(other.kept, leg.kept) and np.array_equal(other.leak, leg.leak):
                found[k] = replace(other, buyers=(*other.buyers, *leg.buyers))
                break
        else:
            found.append(leg)
    return tuple(found)


def _extra(met: Mapping[Flow, Sequence[_Met]]) -> dict[tuple[str, str], Array]:
    """Stock on day 0 by buyer and product: the longest rush, and what is afloat from every seller."""
    found: dict[tuple[str, str], tuple[Array, Array]] = {}
    for (_, product, buyer), several in met.items():
        hurry = np.maximum.reduce([one.rush for one in several])
        under_way = np.maximum.reduce([one.afloat for one in several])
        before = found.get((buyer, product))
        if before is not None:
            hurry, under_way = np.maximum(before[0], hurry), before[1] + under_way
        found[(buyer, product)] = hurry, under_way
    days = {key: hurry + under_way for key, (hurry, under_way) in found.items()}
    return {key: array for key, array in days.items() if array.any()}


def _sentence(r: Restriction, on: Ground) -> str:
    """One restriction in words."""
    label = on.names.label
    goods = [label(g) for g in r.goods] + ([f"HS {shock_words.listed(r.hs, 6)}"] if r.hs else [])
    to = "all others" if ALL in r.buyers else shock_words.listed([label(b) for b in r.buyers])
    by = "Every other country" if ALL in r.sellers else shock_words.listed([label(s) for s in r.sellers])
    end = "to the end of the run" if r.last is None else f"to day {r.last}"
    part = f" ({r.part})" if r.part else ""
    verb = shock_words.VERB[r.kind]
    return f"{r.name}: {by} {verb} {shock_words.listed(goods)}{part} to {to}, day {r.first} {end}."
