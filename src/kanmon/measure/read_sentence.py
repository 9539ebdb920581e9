"""A text cut into sentences, with the places of its countries and what is only feared in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from ..core.codes import Mention, flat, mentions
from .read_vocab import masked, words

_CJK_END = "。！？!?"


@dataclass(frozen=True)
class Sentence:
    """Characters [start, end) of the text.

    plain: its folded copy; mask: the same with countries masked; heading: a short line without a
    full stop; background: it tells of earlier years; weight: how much it counts (lead > body).
    """

    start: int
    end: int
    plain: str
    mask: str
    mentions: tuple[Mention, ...]
    heading: bool
    weight: float
    background: bool = False


@dataclass(frozen=True)
class Parsed:
    """A text ready for reading."""

    text: str
    plain: str
    language: str
    sentences: tuple[Sentence, ...]
    mentions: tuple[Mention, ...] = field(default=())


@cache
def _abbreviation() -> re.Pattern[str]:
    known = "|".join(re.escape(w) for w in words("abbreviations", "en"))
    return re.compile(rf"(?:^|[\s(])(?:{known}|[A-Z])$")


def _pieces(plain: str, start: int, end: int, language: str) -> list[tuple[int, int]]:
    """Sentence spans within one block of running text."""
    spans, begin = [], start
    for i in range(start, end):
        char = plain[i]
        if language == "en":
            if char not in ".!?" or (i + 1 < end and plain[i + 1] not in " \n\t\"')"):
                continue
            if char == "." and _abbreviation().search(plain[max(start, i - 12) : i]):
                continue
        elif char not in _CJK_END:
            continue
        spans.append((begin, i + 1))
        begin = i + 1
    spans.append((begin, end))
    return spans


_STRONG_END = re.compile(r"[.!?。！？:：][\"')」』]*\s*$")


def _blocks(plain: str) -> list[tuple[int, int, bool]]:
    """Spans of paragraphs and headings; hard-wrapped lines of one paragraph are joined."""
    lines: list[tuple[int, int]] = []
    at = 0
    for line in plain.split("\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    longest = max((e - s for s, e in lines), default=0)
    blocks: list[tuple[int, int, bool]] = []
    i = 0
    while i < len(lines):
        start, end = lines[i]
        # A line that fills the page width of a hard-wrapped text runs on into the next.
        while (
            longest <= 120
            and i + 1 < len(lines)
            and end - lines[i][0] >= 0.6 * longest
            and plain[lines[i + 1][0] : lines[i + 1][1]].strip()
            and not _STRONG_END.search(plain[start:end])
        ):
            i += 1
            end = lines[i][1]
        if plain[start:end].strip():
            blocks.append((start, end, not _STRONG_END.search(plain[start:end]) and end - start < 140))
        i += 1
    return blocks


def parse(text: str, language: str) -> Parsed:
    """Cut a text into sentences and find its countries."""
    plain = flat(text)
    everywhere = mentions(text)
    spans: list[tuple[int, int, bool]] = []
    for start, end, heading in _blocks(plain):
        if heading:
            spans.append((start, end, True))
            continue
        spans += [(s, e, False) for s, e in _pieces(plain, start, end, language)]
    newest = max((int(y) for y in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", plain)), default=0)
    sentences: list[Sentence] = []
    for start, end, heading in spans:
        inner = plain[start:end]
        left = start + len(inner) - len(inner.lstrip())
        right = start + len(inner.rstrip())
        if right <= left:
            continue
        here = tuple(m for m in everywhere if left <= m.start and m.end <= right)
        local = [Mention(m.alpha3, m.start - left, m.end - left, m.kind) for m in here]
        piece = plain[left:right]
        weight = 3.0 if not sentences else 2.0 if len(sentences) == 1 else 1.0
        past = _is_background(piece, newest, language)
        sentences.append(
            Sentence(
                left, right, piece, without_may(masked(piece, local)), tuple(local), heading, weight, past
            )
        )
    return Parsed(text, plain, language, tuple(sentences), everywhere)


_MAY = re.compile(
    r"\bMay(?=,?\s+\d)|(?<=\d\s)May\b|(?<=\d(?:st|nd|rd|th)\s)May\b|(?<=\b(?:in|of|by|to)\s)May\b"
    r"|(?<=\b(?:last|next|late|from)\s)May\b|(?<=\b(?:since|until|early)\s)May\b"
)


def without_may(masked_text: str) -> str:
    """A masked text in which the month of May cannot be taken for the verb."""
    return _MAY.sub("Mai", masked_text)


_YEAR = {
    "en": re.compile(r"\b(?:in|during|since|from|of)\s+(?:\w+\s+)?((?:19|20)\d\d)\b", re.IGNORECASE),
    "ja": re.compile(r"((?:19|20)\d\d)年"),
    "zh": re.compile(r"((?:19|20)\d\d)年"),
}


def _is_background(piece: str, newest: int, language: str) -> bool:
    """Whether a sentence tells of a time at least three years before the newest year of the text."""
    years = [int(y) for y in _YEAR[language].findall(piece)]
    if years and newest - max(years) >= 3:
        return True
    lowered = piece.lower()
    return any(w in lowered for w in words("background", language))
