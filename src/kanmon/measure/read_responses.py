"""What governments did about a measure: protest, demand to withdraw, complaint, countermeasure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from .measure import Response, ResponseKind, When
from .read_dates import Dated
from .read_kind import has_word, negated
from .read_sentence import Parsed, Sentence
from .read_vocab import MASK, Hit, find


@dataclass(frozen=True)
class Answer:
    """A response with its place in the text."""

    response: Response
    start: int
    end: int


_OBJECT = re.compile(
    r"\b(with|to|against|on|from|at|that|over|of|by|between|and|for)\s+(the\s+)?$|向$|对$", re.IGNORECASE
)


def responses(
    parsed: Parsed, found_dates: Sequence[Dated], imposers: Sequence[str], targets: Sequence[str]
) -> tuple[Answer, ...]:
    """Responses stated as done, one per actor and kind. Threats, plans and old disputes are left out."""
    kept: dict[tuple[str, str], Answer] = {}
    last_subject = ""
    for sentence in parsed.sentences:
        hits = find("responses", sentence.mask, parsed.language, overlapping=True)
        planned = [h for h in hits if h.value == "none"]
        subject = _first_subject(sentence, imposers)
        for hit in hits:
            if hit.value == "none" or sentence.background or negated(sentence, hit.start, parsed.language):
                continue
            if any(p.start <= hit.start < p.end + 40 for p in planned):
                continue
            by = _actor(sentence, hit, parsed.language, imposers) or last_subject
            if not by and len(targets) == 1 and targets[0] != "all":
                by = targets[0]
            if not by or (by in imposers and hit.value in {"protest", "demand_withdrawal", "wto"}):
                continue
            start, end = sentence.start + hit.start, sentence.start + hit.end
            day, kind = _date(sentence, found_dates), cast("ResponseKind", hit.value)
            for one in (by, *_joined_to(sentence, by, hit)):
                answer = Answer(Response(one, kind, day, parsed.text[start:end]), start, end)
                kept.setdefault((one, hit.value), answer)
        last_subject = subject or last_subject
    return tuple(sorted(kept.values(), key=lambda a: a.start))


_AND = re.compile(r"\s*(?:,|,?\s+and|、|と|および|和|与|及)\s*(?:the\s+)?", re.IGNORECASE)


def _joined_to(sentence: Sentence, by: str, hit: Hit) -> list[str]:
    """The countries that act together with one ("X and Y asked"): its neighbours in one list."""
    before = [m for m in sentence.mentions if m.end <= hit.start + 1]
    lists: list[list[str]] = [[]]
    for i, m in enumerate(before):
        if i and not _AND.fullmatch(sentence.mask[before[i - 1].end : m.start]):
            lists.append([])
        lists[-1].append(m.alpha3)
    own = next((names for names in reversed(lists) if by in names), [])
    return [name for name in own if name != by]


def _first_subject(sentence: Sentence, imposers: Sequence[str]) -> str:
    """The country that a sentence is about: its first mention that is no object and no imposer."""
    for m in sentence.mentions:
        if not _OBJECT.search(sentence.mask[: m.start]) and m.alpha3 not in imposers and m.kind != "toward":
            return m.alpha3
    return ""


def _actor(sentence: Sentence, hit: Hit, language: str, imposers: Sequence[str]) -> str:
    """Who did it: "by X" after the words, else the nearest country before them that is no object."""
    after = sentence.mask[hit.end : hit.end + 30]
    passive = re.match(rf"[^{MASK},;]{{0,12}}\bby\s+(the\s+)?{MASK}", after)
    if language == "en" and passive:
        place = hit.end + passive.end() - 1
        return next((m.alpha3 for m in sentence.mentions if m.start <= place < m.end), "")
    before = [m for m in sentence.mentions if m.end <= hit.start + 1 and m.kind != "toward"]
    if language != "en":
        topics = [m for m in before if _is_topic(sentence.mask[m.end :], language)]
        before = topics or before
        free = [
            m for m in before if m.alpha3 not in imposers and not _OBJECT.search(sentence.mask[: m.start])
        ]
        return free[0].alpha3 if free else ""
    subjects = [m for m in before if not _OBJECT.search(sentence.mask[: m.start])]
    free = [m for m in subjects if m.alpha3 not in imposers]
    if hit.value == "countermeasure":
        return subjects[-1].alpha3 if subjects else ""
    return free[-1].alpha3 if free else ""


def _is_topic(after: str, language: str) -> bool:
    """Whether the words after an East Asian country name make it the topic of the sentence."""
    particle = has_word("topic", after[:12], language)
    return particle is not None and MASK not in after[: particle.end()]


def _date(sentence: Sentence, found_dates: Sequence[Dated]) -> When | None:
    inside = [d for d in found_dates if sentence.start <= d.start < sentence.end]
    return inside[0].when if len(inside) == 1 else None
