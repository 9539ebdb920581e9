"""Dates of a text and what they are dates of. Relative dates ("next month") stay empty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .measure import When
from .read_sentence import Parsed, Sentence
from .read_vocab import find

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_EN_DAY_FIRST = re.compile(
    r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?"
    + _MONTH.format("month")
    + r"(?:,?\s+(?P<year>\d{4}))?\b",
    re.IGNORECASE,
)
_EN_MONTH_FIRST = re.compile(
    r"\b" + _MONTH.format("month") + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<year>\d{4}))?\b",
    re.IGNORECASE,
)
_EN_MONTH_ONLY = re.compile(r"\b" + _MONTH.format("month") + r",?\s+(?P<year>\d{4})\b", re.IGNORECASE)
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)")
_HAN_DAY = re.compile(
    r"(?:(?P<year>\d{4})年|(?P<era>令和|平成)(?P<era_year>\d{1,2}|元)年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日"
)
_HAN_MONTH = re.compile(
    r"(?:(?P<year>\d{4})年|(?P<era>令和|平成)(?P<era_year>\d{1,2}|元)年)(?P<month>\d{1,2})月(?!\d{1,2}日)"
)
_ERA = {"令和": 2018, "平成": 1988}


@dataclass(frozen=True)
class Dated:
    """A date found at [start, end) of the text; year_given is False when the text leaves it out."""

    when: When
    start: int
    end: int
    year_given: bool
    month: int
    day: int | None


def _year(groups: dict[str, str | None]) -> int | None:
    if groups.get("year"):
        return int(groups["year"] or 0)
    if groups.get("era"):
        number = groups["era_year"] or ""
        return _ERA[groups["era"] or ""] + (1 if number == "元" else int(number))
    return None


def _candidates(plain: str) -> list[tuple[int, int, int | None, int, int | None]]:
    """(start, end, year, month, day) of every date expression, the longest at each place."""
    found: list[tuple[int, int, int | None, int, int | None]] = []
    for pattern in (_EN_DAY_FIRST, _EN_MONTH_FIRST, _EN_MONTH_ONLY, _ISO, _HAN_DAY, _HAN_MONTH):
        for m in pattern.finditer(plain):
            groups = m.groupdict()
            raw = (groups["month"] or "").lower()
            month = int(raw) if raw.isdigit() else _MONTHS.index(raw[:3]) + 1
            day = int(groups["day"]) if groups.get("day") else None
            found.append((m.start(), m.end(), _year(groups), month, day))
    found.sort(key=lambda t: (t[0], -(t[1] - t[0])))
    kept: list[tuple[int, int, int | None, int, int | None]] = []
    for one in found:
        if not kept or one[0] >= kept[-1][1]:
            kept.append(one)
    return kept


def _when(year: int, month: int, day: int | None) -> When | None:
    try:
        return When(date(year, month, day or 1), "day" if day else "month")
    except ValueError:
        return None


def dates(parsed: Parsed) -> tuple[Dated, ...]:
    """All absolute dates of the text.

    A date without a year takes it only where the text leaves no choice: a full date stands in the
    same sentence, or all full dates of the text share one year.
    """
    raw = _candidates(parsed.plain)
    years = {y for _, _, y, _, _ in raw if y}
    found = []
    for start, end, year, month, day in raw:
        given = year is not None
        if year is None:
            inside = next((s for s in parsed.sentences if s.start <= start < s.end), None)
            near = {y for a, _, y, _, _ in raw if y and inside and inside.start <= a < inside.end}
            choice = near or years
            year = choice.pop() if len(choice) == 1 else None
        when = _when(year, month, day) if year else None
        if when:
            found.append(Dated(when, start, end, given, month, day))
    return tuple(found)


def role(sentence: Sentence, dated: Dated, language: str, *, ending: bool = False) -> str:
    """What a date in a sentence is the date of: effective, announced, end, or "" where unsaid.

    ending: the sentence tells of the end of the measure; only words on the measure itself count.
    """
    start, end = dated.start - sentence.start, dated.end - sentence.start
    best, best_distance = "", 60
    for hit in find("dates", sentence.mask, language, overlapping=True):
        if ending and not hit.entry.extra.get("of_measure"):
            continue
        if language == "en":
            # In English the cue stands before the date; "announced" may also follow at a distance.
            distance = start - hit.end if hit.end <= start else hit.start - end + 25
            if hit.value in {"effective", "end"} and (hit.end > start or distance > 14):
                continue
        else:
            distance = hit.start - end if hit.start >= end else 99
            if hit.value in {"effective", "end"} and distance > 12:
                continue
        if 0 <= distance < best_distance:
            best, best_distance = hit.value, distance
    return best


def announced_and_effective(
    parsed: Parsed, relevant: Sequence[Sentence]
) -> tuple[Dated | None, Dated | None, tuple[int, int] | None]:
    """The announced and the effective date of the measure, from the sentences that tell of it.

    The third value is the span of the words ("with immediate effect") that make both dates one.
    """
    by_role: dict[str, Dated] = {}
    found = dates(parsed)
    for sentence in relevant:
        # "It suspended the rules on ..." is the day of the suspension, not of the measure.
        changed = any(
            h.value in {"suspended", "lifted"} for h in find("status", sentence.mask, parsed.language)
        )
        for dated in found:
            if not sentence.start <= dated.start < sentence.end:
                continue
            what = role(sentence, dated, parsed.language, ending=changed)
            if not what and (sentence.heading or changed):
                what = "other"
            by_role.setdefault(what, dated)
    effective = by_role.get("effective")
    announced = by_role.get("announced") or by_role.get("") or _signed(parsed, found)
    if effective and announced and effective.when < announced.when and not effective.year_given:
        effective = None
    at_once = None
    if announced and effective is None:
        for sentence in (s for s in parsed.sentences if not s.background):
            for hit in find("immediate", sentence.mask, parsed.language):
                at_once = at_once or (sentence.start + hit.start, sentence.start + hit.end)
        effective = announced if at_once else None
    return announced, effective, at_once


def _signed(parsed: Parsed, found: Sequence[Dated]) -> Dated | None:
    """The date alone on the last line of an East Asian notice: the day it was issued."""
    if parsed.language == "en" or not parsed.sentences or not find("notice", parsed.plain, parsed.language):
        return None
    last = parsed.sentences[-1]
    alone = [d for d in found if d.start >= last.start and d.end - d.start >= last.end - last.start - 1]
    return alone[0] if alone else None
