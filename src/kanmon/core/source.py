"""A source card: who published what, when, under which terms, and how sure we are of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Source:
    """Where a number or a statement comes from.

    id is short and stable ("icio2022"); date is ISO text as precise as known ("2024", "2024-05");
    confidence is the word of the data file ("high", "medium", "low", ...). sha256 is the checksum of the
    file that was read; part_of is the id of the data set that this is one row of.
    """

    id: str
    title: str
    publisher: str = ""
    date: str = ""
    url: str = ""
    licence: str = ""
    confidence: str = ""
    sha256: str = ""
    part_of: str = ""


def unite(*groups: tuple[Source, ...]) -> tuple[Source, ...]:
    """The union of several source lists: each source once, in order of first appearance."""
    seen: dict[Source, None] = {}
    for group in groups:
        for source in group:
            seen.setdefault(source)
    return tuple(seen)


def rows_of(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Those sources that are rows of a data set."""
    return tuple(source for source in sources if source.part_of)


def gathered(sources: tuple[Source, ...], cards: Mapping[str, Source]) -> tuple[Source, ...]:
    """Sources with one card for each data set in `cards`, in place of its rows and of its own plain card."""
    return unite(tuple(cards.get(source.part_of or source.id, source) for source in sources))


ASSUMPTION = Source(
    id="kanmon-assumption",
    title="Assumption of this program, stated in docs/method-sector.md and its neighbours",
    publisher="Kanmon",
    confidence="low",
)
"""The card of a number that has no outside source: the reader sees that it is assumed."""
