"""Measures, changes of their state and the responses to them, in the order of their dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .measure import Event, Limb, Measure, Response, Status, When
from .status import status
from .words import meets

KINDS = ("announced", "effective", "suspended", "suspension_ends", "unknown_since", "ended")
"""Kinds of events that a record itself makes; the other kinds are those of responses."""


@dataclass(frozen=True)
class Change:
    """A limb whose state differs between two dates."""

    measure: str
    title: str
    limb: str
    text: str
    before: Status
    after: Status


def timeline(
    library: Mapping[str, Measure], country: str | None = None, until: date | None = None
) -> tuple[Event, ...]:
    """Every dated event of the library, oldest first.

    Parameters
    ----------
    country : alpha-3, "EUR" or None for all: measures by it, against it (or its bloc), or against
        all destinations, each with all its responses.
    until : last day to show; None for all, also dates that lie ahead.

    Notes
    -----
    A response without a known date has no place in a timeline; it stands in the record only.
    """
    events = [
        event
        for measure in library.values()
        if country is None or concerns(measure, country)
        for event in measure_events(measure)
        if until is None or event.when.day <= until
    ]
    # Records of one case carry the same response; one line in the timeline is enough.
    once = {(e.when, e.kind, e.actor, e.text): e for e in reversed(events)}
    return tuple(e for e in sorted(events, key=_order) if once[(e.when, e.kind, e.actor, e.text)] is e)


def concerns(measure: Measure, country: str) -> bool:
    """Whether a measure is by a country (or its bloc) or meets it as a target."""
    return meets(country, measure.targets) or meets(country, measure.imposers)


def diff(library: Mapping[str, Measure], first: date, second: date) -> tuple[Change, ...]:
    """The limbs whose state differs between two dates, in the order of the library."""
    changes = []
    for measure in library.values():
        for limb in measure.limbs:
            before, after = _seen(measure, limb, first), _seen(measure, limb, second)
            if before.state != after.state:
                changes.append(Change(measure.id, measure.title, limb.id, limb.text, before, after))
    return tuple(changes)


def _seen(measure: Measure, limb: Limb, on: date) -> Status:
    """The state of a limb, not before the measure was announced."""
    return status(measure, on) if measure.announced and on < measure.announced.day else status(limb, on)


def measure_events(measure: Measure) -> list[Event]:
    """The events of one record: its own dates, limbs with the same date and kind joined, and responses."""
    found: dict[tuple[When, str], list[Limb]] = {}
    for limb in measure.limbs:
        for kind, when in _limb_dates(limb):
            found.setdefault((when, kind), []).append(limb)
    events = [_own_event(measure, when, kind, limbs) for (when, kind), limbs in found.items()]
    started = {event.when.day for event in events if event.kind == "effective"}
    if measure.announced and measure.announced.day not in started:
        events.append(_event(measure, measure.announced, "announced", f"Announced: {measure.title}"))
    events += [_response(measure, r, r.when) for r in measure.responses if r.when]
    return events


def _limb_dates(limb: Limb) -> Iterable[tuple[str, When]]:
    dates = {
        "effective": limb.effective,
        "suspended": limb.suspended_from,
        "suspension_ends": limb.suspended_until,
        "ended": limb.ended,
        "unknown_since": limb.unknown_since,
    }
    return [(kind, when) for kind, when in dates.items() if when]


def _own_event(measure: Measure, when: When, kind: str, limbs: list[Limb]) -> Event:
    lead = {
        "effective": "In force",
        "suspended": "Suspended",
        "suspension_ends": "The suspension ends by its own date; what follows is unknown",
        "ended": "Ended",
        "unknown_since": "State unknown from here",
    }[kind]
    if kind == "effective" and measure.announced and measure.announced.day == when.day:
        lead = "Announced and in force"
    if kind == "effective" and all(limb.suspended_from and limb.suspended_from <= when for limb in limbs):
        lead = "Would have taken effect, but is suspended"
    if all(limb.handling == "practice" for limb in limbs) and kind == "effective":
        lead = "Reported practice"
    parts = "" if len(limbs) == len(measure.limbs) else f" ({'; '.join(limb.text for limb in limbs)})"
    remark = f" [{when.note}]" if when.note else ""
    return _event(measure, when, kind, f"{lead}: {measure.title}{parts}{remark}")


def _event(measure: Measure, when: When, kind: str, text: str) -> Event:
    return Event(
        when, kind, "+".join(measure.imposers), "+".join(measure.targets), text, measure.id, measure.sources
    )


def _response(measure: Measure, response: Response, when: When) -> Event:
    target = "+".join(measure.targets) if response.by in measure.imposers else "+".join(measure.imposers)
    return Event(when, response.kind, response.by, target, response.text, measure.id, response.sources)


def _order(event: Event) -> tuple[date, int, str, int]:
    """By day; what a measure does before what is answered to it; then by measure, then as recorded."""
    own = KINDS.index(event.kind) if event.kind in KINDS else len(KINDS)
    return (event.when.day, int(own == len(KINDS)), event.measure, own)
