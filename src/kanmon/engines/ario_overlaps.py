"""Where events of a scenario meet: what holds there, and what a scenario has to state first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..kernels.ario_events import CapacityLoss, Event, FinalDemand, Overlap, Restriction
from .ario_notes import ends

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .ario_fields import Fields

    Flags = NDArray[np.bool_]

SHOWN = 8
"""Notes on meeting events; the rest are counted."""


@dataclass(frozen=True)
class FinalStop:
    """A restriction that holds for final buyers too: sellers (N,), the regions they live in (R,)."""

    terms: Restriction
    regions: Flags


@dataclass
class Entry:
    """One [[...]] of a scenario: `where` names it; events are its parts (sellers differ in their buyers)."""

    where: str
    events: list[Event] = field(default_factory=list)
    stops: list[FinalStop] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def limits(self) -> list[Restriction]:
        """Its restrictions of sales to industries."""
        return [e for e in self.events if isinstance(e, Restriction)]

    @property
    def begins(self) -> int:
        """First day of its events."""
        days = [e.first if isinstance(e, Restriction | FinalDemand) else e.occurrence for e in self.events]
        return min([*days, *(s.terms.first for s in self.stops)], default=0)


def together(rule: Overlap, kept: Sequence[float]) -> float:
    """What restrictions that each keep a share of a flow keep together."""
    if rule == "strictest":
        return min(kept)
    return float(np.prod(kept)) if rule == "multiply" else max(0.0, 1 - sum(1 - k for k in kept))


def meetings(entries: Sequence[Entry], top: Fields, rule: Overlap, *, stated: bool) -> list[str]:
    """What holds where two entries meet; a fault where they differ and no rule is stated."""
    notes: list[str] = []
    for one, two in combinations(entries, 2):
        notes += _restrictions(one, two, top, rule, stated=stated)
        notes += _capacity(one, two)
    more = [f"and {len(notes) - SHOWN} more meetings of events"] if len(notes) > SHOWN else []
    return notes[:SHOWN] + more


def _restrictions(one: Entry, two: Entry, top: Fields, rule: Overlap, *, stated: bool) -> Iterator[str]:
    pairs = [
        (a, b, int((a.sellers & b.sellers).sum() * (a.buyers & b.buyers).sum()))
        for a in one.limits
        for b in two.limits
    ]
    cells = sum(count for _, _, count in pairs)
    if not cells:
        return
    a, b, _ = pairs[0]
    first, last = max(a.first, b.first), min(a.last, b.last)
    if first > last:
        return
    kept = a.kept(first), b.kept(first)
    unlike = kept[0] != kept[1] or a.resource_days != b.resource_days
    days, both = f"days {first} to {last}", f"{one.where} and {two.where}"
    if unlike and not stated:
        top.wrong(
            f"{both} contradict each other on {days}",
            f"of the same flows one keeps {kept[0]:g} and orders move {_speed(a)}, the other keeps "
            f"{kept[1]:g} and they move {_speed(b)}",
            'end one before the other begins, or say under [parameters] overlap = "strictest", "multiply", '
            'or "add" (goods apart within one sector)',
        )
        return
    yield (
        f"{both} meet on {days}, at {cells:,} pairs of industries: one keeps {kept[0]:g}, the other "
        f"{kept[1]:g}, together {together(rule, kept):g} ({rule})"
    )


def _speed(one: Restriction) -> str:
    """How fast orders move to other sellers, in words."""
    if math.isinf(one.resource_days):
        return "never"
    return "at once" if one.resource_days <= 1 else f"in {one.resource_days:g} days"


def _hit(event: Event) -> NDArray[np.float64] | None:
    """Industries whose capacity an event takes."""
    if isinstance(event, Restriction | FinalDemand):
        return None
    return event.loss if isinstance(event, CapacityLoss) else event.impact


def _capacity(one: Entry, two: Entry) -> Iterator[str]:
    for a in one.events:
        for b in two.events:
            lost = _hit(a), _hit(b)
            if lost[0] is None or lost[1] is None:
                continue
            both = int(((lost[0] > 0) & (lost[1] > 0)).sum())
            first, last = max(one.begins, two.begins), min(ends(a), ends(b))
            if both and first <= last:
                what = "industry" if both == 1 else f"{both} industries"
                yield (
                    f"{one.where} and {two.where} hit the same {what} on days {first} to {last}: "
                    "the larger share of capacity lost holds, they do not add up"
                )


def final_events(
    stops: Sequence[FinalStop], final_to: NDArray[np.float64], rule: Overlap
) -> list[FinalDemand]:
    """Final sales that restrictions stop, one event for each span of days with the same rules.

    final_to: (N, R) final demand by region of destination; stocks run down (below nought) are not sold.
    """
    sold = np.maximum(final_to, 0.0)
    days = sorted({d for s in stops for d in (s.terms.first, s.terms.last + 1)})
    out = []
    for first, after in pairwise(days):
        held = [s for s in stops if s.terms.first <= first <= s.terms.last]
        kept = np.ones(sold.shape)
        for stop in held:
            here = np.ix_(stop.terms.sellers, stop.regions)
            share = stop.terms.kept(first)
            kept[here] = {
                "strictest": np.minimum(kept[here], share),
                "multiply": kept[here] * share,
                "add": kept[here] - (1 - share),
            }[rule]
        cut = np.asarray((sold * (np.maximum(kept, 0.0) - 1)).sum(axis=1))
        if cut.any():
            out.append(FinalDemand(cut, first, after - 1, stopped=True))
    return out
