"""How long measures of one kind lasted, given the days that this one has lasted already."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.codes import mentions
from ..core.errors import InputError, Problem, nearest
from ..core.figure import Figure
from ..core.source import Source, unite
from .records import DurationResult, Survival
from .survival import LEVEL, Sample, Steps, Weibull, kaplan_meier, weibull

if TYPE_CHECKING:
    import polars as pl

CLASSES = Path(__file__).parent / "data" / "duration_classes.csv"
MONTH = 365 / 12
"""Days of a month."""
YEARS_AHEAD = 10
"""Length of the curve after the elapsed day, in years."""
TABLE = Source(
    id="durations",
    title="How long past export and import restrictions lasted (durations.csv, a source on each row)",
    publisher="compiled by Kanmon",
    confidence="medium",
)


@dataclass(frozen=True)
class Kind:
    """A row of duration_classes.csv: which cases a measure of this kind is compared with.

    classes: class letters of durations.csv; without: rows whose instrument holds this word are left
    out; checked_on: the last day on which the ongoing cases were looked at (they are censored there).
    """

    kind: str
    classes: frozenset[str]
    without: str
    sample: str
    checked_on: date
    why: str


def kinds(*, targeted: bool = True) -> dict[str, Kind]:
    """All kinds by name, for measures aimed at named countries or (targeted=False) at all."""
    with CLASSES.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    # A kind with one row only serves both.
    rows.sort(key=lambda r: (r["targeted"] == "yes") == targeted)
    return {
        r["kind"]: Kind(
            r["kind"],
            frozenset(r["classes"].split(";")),
            r["without"],
            r["sample"],
            date.fromisoformat(r["checked_on"]),
            r["why"],
        )
        for r in rows
    }


@dataclass(frozen=True)
class Case:
    """One past measure as a duration on the date asked about."""

    row: dict[str, Any]
    start: date
    days: float
    ended: bool

    @property
    def source(self) -> Source:
        """The card of the row."""
        return Source(
            id=f"durations-{self.row['id']}",
            title=str(self.row["source"]),
            url=str(self.row["url"] or ""),
            confidence=str(self.row["confidence"] or ""),
        )

    @property
    def precedent(self) -> tuple[str, str, str, str]:
        """(what, start, end or "ongoing", source title)."""
        what = f"{self.row['sender']} to {self.row['target']}: {self.row['measure']}"
        end = str(self.row["end"]) if self.ended else "ongoing"
        return what, self.start.isoformat(), end, str(self.row["source"])


def duration(
    world_durations: pl.DataFrame,
    kind: str,
    elapsed_days: int,
    on: date,
    months: Sequence[int] = (3, 6, 12),
    *,
    senders: Sequence[str] = (),
    targets: Sequence[str] = (),
    targeted: bool = True,
) -> DurationResult:
    """Chance that a measure which has lasted `elapsed_days` on `on` still holds some months later.

    Parameters
    ----------
    world_durations : frame with the columns of durations.csv (class, sender, start, end, ended, ...).
    kind : instrument of the measure (ban, licence, ...) or a named sample, see duration_classes.csv.
    elapsed_days : days from the start of the measure to `on`.
    on : the date asked about. Cases are taken as known on that day: later starts are left out, later
        ends are not seen yet.
    months : how far ahead, in months of 365/12 days.
    senders, targets : alpha-3 codes of the measure. They find the measure's own row, which is left out
        of its own sample (without them, any row of the class that began on the same day), and rank
        the precedents.
    targeted : False for a measure aimed at all countries alike.
    """
    known = kinds(targeted=targeted)
    if kind not in known:
        raise InputError(
            Problem(
                f"unknown kind of measure {kind!r}",
                str(CLASSES.name),
                near=nearest(kind, known) or tuple(known),
            )
        )
    if elapsed_days < 0 or not months or min(months) < 1:
        raise InputError(Problem("elapsed days below 0 or months below 1", fix="give days >= 0, months >= 1"))
    card = known[kind]
    cases = [
        c
        for c in _cases(world_durations, card, on)
        if not _is_itself(c, on - timedelta(days=elapsed_days), senders, targets)
    ]
    sample = Sample(np.array([c.days for c in cases], float), np.array([c.ended for c in cases], bool))
    steps = kaplan_meier(sample, elapsed_days)
    fit = weibull(sample)
    past = [c for c in cases if c.days > elapsed_days]
    sources = unite((TABLE,), tuple(c.source for c in _closest(past or cases, senders, targets, card)))
    return DurationResult(
        kind=kind,
        elapsed_days=elapsed_days,
        months=tuple(months),
        survival=tuple(_chance(steps, m, len(past), sources) for m in months),
        median_left_months=_median_left(steps, sources),
        sample=len(cases),
        ended=int(sample.ended.sum()),
        precedents=tuple(c.precedent for c in _closest(past or cases, senders, targets, card)),
        sources=unite((TABLE,), tuple(c.source for c in cases)),
        curve=_curve(steps, elapsed_days),
        note=_note(card, cases, past, steps, fit, elapsed_days),
        second_reading=_second_reading(fit, elapsed_days, months, sources),
    )


def _cases(frame: pl.DataFrame, kind: Kind, on: date) -> list[Case]:
    """Rows of the kind as durations on the date; InputError lists every row whose dates are wrong."""
    found, problems = [], []
    for row in frame.iter_rows(named=True):
        if row["class"] not in kind.classes or (kind.without and kind.without in str(row["instrument"])):
            continue
        where = f"durations row {row['id']}"
        try:
            start = date.fromisoformat(str(row["start"]))
            end = date.fromisoformat(str(row["end"])) if row["ended"] in (1, "1", True) else None
        except ValueError:
            problems.append(
                Problem("a date cannot be read", where, "dates are YYYY-MM-DD", "correct start or end")
            )
            continue
        if end is not None and end < start:
            problems.append(Problem("the end is before the start", where, fix="correct start or end"))
            continue
        seen = end is not None and end <= on
        until = end if end is not None and seen else (on if end is not None else min(on, kind.checked_on))
        # Not begun yet, or not looked at since it began: it says nothing.
        if until < start or (not seen and until == start):
            continue
        # A measure that ended on its first day lasted half a day: zero has no logarithm.
        found.append(Case(row, start, max(0.5, float((until - start).days)), seen))
    if problems:
        raise InputError(problems)
    return found


def _is_itself(case: Case, start: date, senders: Sequence[str], targets: Sequence[str]) -> bool:
    """Whether a row is the measure asked about: same first day, and same sides where they are known."""
    return (
        case.start == start
        and _same_side(str(case.row["sender"]), senders)
        and _same_side(str(case.row["target"]), targets)
    )


def _same_side(text: str, codes: Sequence[str]) -> bool:
    """Whether the countries named in a text meet the codes; yes where either side names none."""
    named = {m.alpha3 for m in mentions(text)}
    wanted = set(codes) - {"all"}
    return not named or not wanted or bool(named & wanted)


def _closest(cases: Sequence[Case], senders: Sequence[str], targets: Sequence[str], kind: Kind) -> list[Case]:
    """The six nearest cases: same sender, then same target, then same instrument word, then latest."""

    def nearness(case: Case) -> tuple[int, int]:
        same = [
            bool(codes) and bool({m.alpha3 for m in mentions(str(case.row[side]))} & set(codes))
            for side, codes in (("sender", senders), ("target", targets))
        ]
        alike = 2 * same[0] + 2 * same[1] + (kind.kind in str(case.row["instrument"]))
        return alike, case.start.toordinal()

    return sorted(cases, key=nearness, reverse=True)[:6]


def _chance(steps: Steps, month: int, at_risk: int, sources: tuple[Source, ...]) -> Figure:
    """S after one number of months; only an upper bound after the last day observed."""
    share, low, high = (float(v[0]) for v in steps.at(np.array([month * MONTH])))
    label = f"chance that it still holds {month} months later"
    inside = month * MONTH <= steps.last
    note = f"Kaplan-Meier, {at_risk} cases lasted this long; {LEVEL:.0%} log-log band"
    if not inside:
        note = f"after the last day observed ({steps.last / MONTH:.0f} months ahead): only a bound is known"
    return Figure(
        label=label,
        value=share * 100 if inside else None,
        unit="%",
        basis="inferred",
        sources=sources,
        low=low * 100,
        high=(high if inside else share) * 100,
        note=note,
    )


def _median_left(steps: Steps, sources: tuple[Source, ...]) -> Figure:
    """Months until half of those that lasted this long have ended; a bound where half never end."""
    mid, low, high = steps.crossing(0.5)
    note = (
        "" if mid is not None else f"half have not ended within the {steps.last / MONTH:.0f} months observed"
    )
    return Figure(
        label="median time left",
        value=None if mid is None else mid / MONTH,
        unit="months",
        basis="inferred",
        sources=sources,
        low=(low or 0.0) / MONTH,
        high=None if high is None else high / MONTH,
        note=note or ("no upper bound within the time observed" if high is None else f"{LEVEL:.0%} band"),
    )


def _second_reading(
    fit: Weibull | None, elapsed: int, months: Sequence[int], sources: tuple[Source, ...]
) -> tuple[Figure, ...]:
    """The same chances from a Weibull fit, which also reaches beyond the last day observed."""
    if fit is None:
        return ()
    found = []
    for month in months:
        mid, low, high = fit.conditional(elapsed, elapsed + month * MONTH)
        found.append(
            Figure(
                label=f"chance that it still holds {month} months later, Weibull fit",
                value=mid * 100,
                unit="%",
                basis="inferred",
                sources=sources,
                low=low * 100,
                high=high * 100,
                note=f"shape {fit.shape:.2f}, median {fit.median / MONTH:.1f} months; {LEVEL:.0%} band",
            )
        )
    return tuple(found)


def _curve(steps: Steps, elapsed: int) -> Survival:
    """S by day from the start of the measure: 1 up to the elapsed day, then the conditional steps."""
    days = np.arange(elapsed + YEARS_AHEAD * 365 + 1, dtype=np.float64)
    share, low, high = steps.at(np.maximum(0.0, days - elapsed))
    for array in (days, share, low, high):
        array.setflags(write=False)
    return Survival(elapsed, days, share, low, high)


def _note(
    kind: Kind,
    cases: Sequence[Case],
    past: Sequence[Case],
    steps: Steps,
    fit: Weibull | None,
    elapsed: int,
) -> str:
    """What the sample is, what is not known, and the second reading in words."""
    ended = sum(c.ended for c in cases)
    parts = [
        f"Sample: {kind.sample}; {kind.why}.",
        f"{len(cases)} measures, {ended} ended, {len(past)} lasted longer than {elapsed} days.",
        f"Ongoing cases are censored on {kind.checked_on}, when they were last looked at.",
        f"Nothing is known beyond {(elapsed + steps.last) / MONTH:.0f} months after the start.",
        "The curve is held there as an upper bound, with 0 as lower bound.",
        "Remembered measures are longer or louder than unseen ones.",
    ]
    if not past:
        parts.insert(1, "No measure of the sample lasted this long: only the Weibull fit says anything.")
    if fit is None:
        parts.append("Too few ends were seen for a Weibull fit.")
    return " ".join(parts)
