"""Who restricts, and against whom: votes of the role patterns over all sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.codes import Mention
from .read_kind import Found, negated
from .read_sentence import Parsed, Sentence
from .read_vocab import Hit, find

KEEP = 0.5
"""A country keeps a role from this share of the strongest country's votes, unless joined to it."""


LEAST = {"imposer": 1.0, "target": 2.0}
"""Votes below which nobody is named: a mention only in a sentence on other times is an example."""


@dataclass(frozen=True)
class Actors:
    """Imposers and targets with the place that says so, strongest first."""

    imposers: tuple[Found, ...]
    targets: tuple[Found, ...]


def _inside(sentence: Sentence, start: int, end: int) -> list[Mention]:
    return [m for m in sentence.mentions if start <= m.start and m.end <= end]


def _vote(
    votes: dict[str, dict[str, float]], places: dict[tuple[str, str], Found], sentence: Sentence, hit: Hit
) -> None:
    weight = float(hit.entry.extra["weight"]) * sentence.weight * (0.2 if sentence.background else 1.0)
    if hit.value == "all":
        votes["target"]["all"] = votes["target"].get("all", 0.0) + weight
        places.setdefault(
            ("target", "all"), Found("all", sentence.start + hit.start, sentence.start + hit.end)
        )
        return
    for m in _inside(sentence, hit.c_start, hit.c_end):
        role = "target" if m.kind == "toward" else hit.value
        votes[role][m.alpha3] = votes[role].get(m.alpha3, 0.0) + weight
        places.setdefault((role, m.alpha3), Found(m.alpha3, sentence.start + m.start, sentence.start + m.end))


def actors(parsed: Parsed, export_sentences: Sequence[Sentence]) -> Actors:
    """Imposers and targets of the measure; a country is one or the other, by the larger vote."""
    votes: dict[str, dict[str, float]] = {"imposer": {}, "target": {}}
    places: dict[tuple[str, str], Found] = {}
    for sentence in parsed.sentences:
        for hit in find("roles", sentence.mask, parsed.language, overlapping=True):
            if not negated(sentence, hit.start, parsed.language):
                _vote(votes, places, sentence, hit)
        for m in sentence.mentions:
            if m.kind == "toward" and sentence in export_sentences:
                votes["target"][m.alpha3] = votes["target"].get(m.alpha3, 0.0) + 4 * sentence.weight
                place = Found(m.alpha3, sentence.start + m.start, sentence.start + m.end)
                places.setdefault(("target", m.alpha3), place)
    for code in set(votes["imposer"]) & set(votes["target"]):
        weaker = "imposer" if votes["imposer"][code] < votes["target"][code] else "target"
        del votes[weaker][code]
    return Actors(
        _strongest("imposer", votes["imposer"], places),
        _strongest("target", votes["target"], places),
    )


def _strongest(role: str, votes: dict[str, float], places: dict[tuple[str, str], Found]) -> tuple[Found, ...]:
    top = max(votes.values(), default=0.0)
    kept = [c for c, v in votes.items() if v >= max(LEAST[role], KEEP * top)]
    if role == "target" and "all" in kept and len(kept) > 1:
        # "to all destinations" with one named: the named one is an example, unless it outweighs.
        named = max(v for c, v in votes.items() if c != "all")
        kept = ["all"] if votes["all"] >= named else [c for c in kept if c != "all"]
    return tuple(
        places[role, c] for c in sorted(kept, key=lambda c: (-votes[c], places[role, c].start)) if top
    )
