"""The state of a measure, or of one of its limbs, on a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from .dates import last_day, source_day
from .measure import Limb, Measure, State, Status

ORDER: tuple[State, ...] = ("in_force", "unknown", "suspended", "announced", "proposed", "lifted")
"""The state of a measure is the first of these that one of its limbs has."""


_TOLD = {
    "proposed": "only proposed in the words of the text; nothing is in force",
    "suspended": "suspended in the words of the text",
    "lifted": "lifted in the words of the text",
}
"""States that a text tells and that the dates of its draft do not hold."""


def status(part: Measure | Limb, on: date) -> Status:
    """The state on a date, the day it began, and both in words.

    A rule holds on and after its day; `suspended_until` is the first day on which the suspension no
    longer holds, and what followed is unknown unless the record says more. A month without a day is
    unknown inside that month. Before its announcement a measure is "proposed", and the text says so.
    """
    if isinstance(part, Limb):
        return limb_status(part, on)
    return joint_status(part, part.limbs, on)


def joint_status(measure: Measure, limbs: Sequence[Limb], on: date) -> Status:
    """The state that some limbs of a measure have together, for instance those that meet one buyer."""
    if measure.announced and on < measure.announced.day:
        return Status("proposed", None, f"not yet announced: announced on {measure.announced}")
    states = [(limb, limb_status(limb, on)) for limb in deciding_limbs(limbs)]
    if not states:
        return Status("unknown", None, "the record has no operative part")
    best = min((state.state for _, state in states), key=ORDER.index)
    since = [s.since for _, s in states if s.state == best and s.since is not None]
    return Status(best, min(since) if since else None, _words(measure, states, on))


def deciding_limbs(limbs: Sequence[Limb]) -> tuple[Limb, ...]:
    """The limbs that give a measure its state: those of its text, else those of reported practice."""
    letter = tuple(limb for limb in limbs if limb.handling == "letter")
    return letter or tuple(limbs)


def limb_status(limb: Limb, on: date) -> Status:
    """The state of one limb by its own dates (rules G1 to G3)."""
    ended, unknown = limb.ended, limb.unknown_since
    if limb.told in _TOLD:
        return Status(limb.told, None, _TOLD[limb.told])
    if ended and on >= ended.day:
        if ended.precision == "month" and on <= last_day(ended):
            return Status("unknown", ended.day, f"ended within {ended}, the day is not known")
        return Status("lifted", ended.day, f"ended {ended}{_remark(ended.note)}")
    if unknown and on >= unknown.day:
        return Status("unknown", unknown.day, f"unknown since {unknown}{_remark(unknown.note)}")
    paused = _pause_status(limb, on)
    return paused or _start_status(limb, on)


def _pause_status(limb: Limb, on: date) -> Status | None:
    start, until = limb.suspended_from, limb.suspended_until
    if start is None or on < start.day:
        return None
    if until is None:
        return Status("suspended", start.day, f"suspended since {start}, no end date known")
    if on < until.day:
        text = f"suspended from {start} until {until}; the notice is not repealed"
        return Status("suspended", start.day, text)
    text = f"unknown since {until}: the suspension ended by its own date and no later notice is loaded"
    return Status("unknown", until.day, text)


def _start_status(limb: Limb, on: date) -> Status:
    start = limb.effective
    if start is None and limb.told == "announced":
        text = "announced without an effective date; it is not taken to be in force"
        return Status("announced", None, text)
    if start is None and limb.told == "in_force":
        return Status("in_force", None, "in force in the words of the text, which gives no date of effect")
    if start is None:
        return Status("unknown", None, "no effective date is known")
    if on < start.day:
        return Status("announced", None, f"not yet in force: takes effect {start}")
    if start.precision == "month" and on <= last_day(start):
        return Status("unknown", start.day, f"took effect within {start}, the day is not known")
    return Status("in_force", start.day, f"in force since {start}")


def _remark(note: str) -> str:
    return f" ({note})" if note else ""


def _words(measure: Measure, states: list[tuple[Limb, Status]], on: date) -> str:
    """One sentence for a measure: limb by limb where they differ, and how far the sources reach."""
    texts = list(dict.fromkeys(state.text for _, state in states))
    if len(texts) == 1:
        text = texts[0]
    else:
        text = "; ".join(f"clause {limb.id}: {state.text}" for limb, state in states)
    dated = [(day, s.date) for s in measure.sources if (day := source_day(s.date)) and day <= on]
    if dated and any(state.state == "in_force" for _, state in states):
        text += f" (as far as known: newest source of {max(dated)[1]})"
    return text
