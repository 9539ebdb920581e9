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
from functools import cache

from .name_keys import NameKey, fold, party_words

CANDIDATE = 72.0
"""rapidfuzz ratio (0-100) from which a pair is looked at closely."""
ALIKE = 0.83
"""Likeness of whole names from which a pair is a review, for Latin script."""
ALIKE_SHORT = 0.8
"""The same for a name of five letters: one edit."""
ALIKE_CJK = 0.79
"""The same for East Asian script, where one sign carries more."""
TELLING = 0.64
"""Likeness that the differing words must have (one edit in a word of three letters or more)."""
NEAR = 0.86
"""Likeness of whole names worth showing although the telling words differ."""
SHORTEST = 5
"""Latin letters below which one edit makes another name."""
STRAY = 2
"""Letters of a word too many that may be a slip."""
HALF = 0.5
"""Likeness that long differing stretches must have."""
SHORTEST_CJK, SHORTEST_HAN = 5, 6
"""East Asian signs below which one edit makes another name: with kana, and without."""

_KANA = re.compile(r"[\u30a1-\u30fa]")


@dataclass(frozen=True)
class Likeness:
    """score: 0-1 over the whole names; telling: whether the differing words are alike too."""

    score: float
    telling: bool


def likeness(query: NameKey, listed: NameKey) -> Likeness:
    """Compare two folded names closely, as written and with romanisation folded, and take the better."""
    from rapidfuzz.distance import OSA

    if query.latin and listed.latin:
        forms = ((query.words, listed.words), (query.sounds, listed.sounds))
        return max((_latin(q, l) for q, l in forms), key=lambda found: (found.telling, found.score))
    score = OSA.normalized_similarity(query.sound, listed.sound)
    if _one_lost_or_added(query.sound, listed.sound):
        return Likeness(score, telling=True)
    floor = SHORTEST_CJK if _KANA.search(listed.sound) else SHORTEST_HAN
    if min(len(query.sound), len(listed.sound)) < floor or score < ALIKE_CJK:
        return Likeness(score, telling=False)
    return Likeness(score, _middles_alike(query.sound, listed.sound))


def _one_lost_or_added(query: str, listed: str) -> bool:
    """Whether one sign is lost, or one added after the first, and the others stand in order.

    A sign exchanged, or one put before, often makes another firm's name; one lost rarely does.
    """
    from rapidfuzz.distance import OSA

    lost = len(listed) - len(query)
    if lost == 1:
        return len(query) >= SHORTEST_CJK - 2 and OSA.distance(query, listed) == 1
    added = lost == -1 and len(query) >= SHORTEST_CJK and query[0] == listed[0]
    return added and OSA.distance(query, listed) == 1


def _latin(query: Sequence[str], listed: Sequence[str]) -> Likeness:
    from rapidfuzz.distance import OSA

    left, right = "".join(query), "".join(listed)
    score = OSA.normalized_similarity(left, right)
    short, long = sorted((len(left), len(right)))
    if long < SHORTEST or short < SHORTEST - 1 or score < (ALIKE if long > SHORTEST else ALIKE_SHORT):
        return Likeness(score, telling=False)
    return Likeness(score, _words_alike(query, listed))


def _words_alike(query: Sequence[str], listed: Sequence[str]) -> bool:
    from rapidfuzz.distance import OSA

    left, right = _leftover(query, listed), _leftover(listed, query)
    if not left and not right:
        return True
    if not left or not right:
        return len(left or right) <= STRAY
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


@cache
def _tails() -> tuple[str, ...]:
    return tuple(sorted({fold(w) for w in party_words()["generic"]["tails"]}, key=len, reverse=True))


def _middles_alike(query: str, listed: str) -> bool:
    """Whether what stands before a common generic ending, and the differing stretch, are alike."""
    from rapidfuzz.distance import OSA

    tail = next((t for t in _tails() if query.endswith(t) and listed.endswith(t)), "")
    heads = query.removesuffix(tail), listed.removesuffix(tail)
    if OSA.normalized_similarity(*heads) < TELLING:
        return False
    start = 0
    while start < min(len(query), len(listed)) and query[start] == listed[start]:
        start += 1
    end = 0
    while end < min(len(query), len(listed)) - start and query[-1 - end] == listed[-1 - end]:
        end += 1
    left, right = query[start : len(query) - end], listed[start : len(listed) - end]
    return max(len(left), len(right)) <= 2 or OSA.normalized_similarity(left, right) >= HALF
