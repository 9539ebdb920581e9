"""How alike two folded names are, and whether the words that tell them apart are alike too.

Sister companies share most letters of their names ("X Electric Software", "X Electric Lighting"), so a
high overall likeness does not suffice: what remains after the shared words must be alike as well.
The distances are rapidfuzz's (optimal string alignment: a swap of neighbours is one edit).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .name_keys import NameKey

CANDIDATE = 72.0
"""rapidfuzz ratio (0-100) from which a pair is looked at closely."""
ALIKE = 0.84
"""Likeness of whole names from which a pair is a review, for Latin script."""
ALIKE_CJK = 0.79
"""The same for East Asian script, where one sign carries more."""
TELLING = 0.64
"""Likeness that the differing words must have (one edit in a word of three letters or more)."""
NEAR = 0.78
"""Likeness of whole names worth showing although the telling words differ."""
SHORTEST = 5
"""Latin letters below which one edit makes another name."""
SHORTEST_CJK, SHORTEST_HAN = 5, 6
"""East Asian signs below which one edit makes another name: with kana, and without."""

_KANA = re.compile(r"[\u30a1-\u30fa]")


@dataclass(frozen=True)
class Likeness:
    """score: 0-1 over the whole names; telling: whether the differing words are alike too."""

    score: float
    telling: bool


def likeness(query: NameKey, listed: NameKey) -> Likeness:
    """Compare two folded names closely."""
    from rapidfuzz.distance import OSA

    score = OSA.normalized_similarity(query.sound, listed.sound)
    if query.latin and listed.latin:
        if min(len(query.sound), len(listed.sound)) < SHORTEST or score < ALIKE:
            return Likeness(score, telling=False)
        return Likeness(score, _words_alike(query.sounds, listed.sounds))
    floor = SHORTEST_CJK if _KANA.search(listed.sound) else SHORTEST_HAN
    if min(len(query.sound), len(listed.sound)) < floor or score < ALIKE_CJK:
        return Likeness(score, telling=False)
    return Likeness(score, _middles_alike(query.sound, listed.sound))


def _words_alike(query: Sequence[str], listed: Sequence[str]) -> bool:
    from rapidfuzz.distance import OSA

    left, right = _leftover(query, listed), _leftover(listed, query)
    if not left and not right:
        return True
    if not left or not right:
        return False
    return min(len(left), len(right)) >= 3 and OSA.normalized_similarity(left, right) >= TELLING


def _leftover(one: Sequence[str], other: Sequence[str]) -> str:
    """The words of one name that the other lacks, joined in their order."""
    spare = Counter(other)
    kept: list[str] = []
    for word in one:
        if spare[word]:
            spare[word] -= 1
        else:
            kept.append(word)
    return "".join(kept)


def _middles_alike(query: str, listed: str) -> bool:
    """Whether the stretch between common beginning and common end is short or alike."""
    from rapidfuzz.distance import OSA

    start = 0
    while start < min(len(query), len(listed)) and query[start] == listed[start]:
        start += 1
    end = 0
    while end < min(len(query), len(listed)) - start and query[-1 - end] == listed[-1 - end]:
        end += 1
    left, right = query[start : len(query) - end], listed[start : len(listed) - end]
    if max(len(left), len(right)) <= 2:
        return True
    return OSA.normalized_similarity(left, right) >= 0.5
