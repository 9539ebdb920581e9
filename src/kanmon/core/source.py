"""A source card: who published what, when, under which terms, and how sure we are of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Source:
    """Where a number or a statement comes from.

    id is short and stable ("icio2022"); date is ISO text as precise as known ("2024", "2024-05");
    confidence is the word of the data file ("high", "medium", "low", ...).
    """

    id: str
    title: str
    publisher: str = ""
    date: str = ""
    url: str = ""
    licence: str = ""
    confidence: str = ""


def unite(*groups: tuple[Source, ...]) -> tuple[Source, ...]:
    """The union of several source lists: each source once, in order of first appearance."""
    seen: dict[Source, None] = {}
    for group in groups:
        for source in group:
            seen.setdefault(source)
    return tuple(seen)


ASSUMPTION = Source(
    id="kanmon-assumption",
    title="Assumption of this program, stated in docs/method-sector.md and its neighbours",
    publisher="Kanmon",
    confidence="low",
)
"""The card of a number that has no outside source: the reader sees that it is assumed."""
