"""Against what a shipment was checked that meets nothing: whose rules are loaded, and whose are not."""

from __future__ import annotations

from datetime import date

from .check_book import Book, Part, epoch
from .check_facts import Facts
from .check_words import table
from .measure import Measure
from .words import words

IN_FORCE = frozenset({"in_force", "suspended", "unknown"})
MOST_NAMED = 3
"""Measures that a note names; more are counted."""


def loaded_notes(facts: Facts, on: date, book: Book) -> list[str]:
    """What a shipment that meets no entry was checked against, and the rules that are not here."""
    own = table("words")
    listed: str = own["list_of"]
    notes = []
    if listed in {facts.origin, facts.exporter, facts.ship_from}:
        notes.append(f"checked against {book.entries} loaded entries of {own['list_size']}")
    for country in _left(facts):
        held = _in_force(country, on, book)
        if not held:
            notes.append(
                "no rules of the country that it leaves are loaded for the day: "
                "nothing is cleared for that country"
            )
        elif country not in book.lists:
            named = ", ".join(held[:MOST_NAMED]) + (
                f" and {len(held) - MOST_NAMED} more" if len(held) > MOST_NAMED else ""
            )
            notes.append(f"of the rules of {country} only {named} is loaded, not its control list")
    return list(dict.fromkeys(notes))


def loaded_turns(facts: Facts, book: Book) -> frozenset[date]:
    """The days on which what these notes say can change."""
    return frozenset(
        day
        for country in _left(facts)
        for _, parts in _own(country, book)
        for part in parts
        for day in part.turns
    )


def _left(facts: Facts) -> tuple[str, ...]:
    """Countries that a good leaves (sender and exporter, else origin) whose list is not loaded."""
    listed: str = table("words")["list_of"]
    named = dict.fromkeys(c for c in (facts.ship_from, facts.exporter) if c) or {facts.origin: None}
    return tuple(country for country in named if country != listed)


def _in_force(country: str, on: date, book: Book) -> tuple[str, ...]:
    """The measures of a country of which some limb is in force on the day."""
    key = (country, epoch(on, book.turns))
    if key not in book.held:
        book.held[key] = tuple(
            measure.id
            for measure, parts in _own(country, book)
            if any(book.status(measure, part.limb, on).state in IN_FORCE for part in parts)
        )
    return book.held[key]


def _own(country: str, book: Book) -> tuple[tuple[Measure, tuple[Part, ...]], ...]:
    """The measures of a country, or of a bloc it is in."""
    found = book.own.get(country)
    if found is None:
        blocs: dict[str, list[str]] = words()["blocs"]
        names = {country, *(bloc for bloc, members in blocs.items() if country in members)}
        found = book.own[country] = tuple(row for row in book.parts if names & set(row[0].imposers))
    return found
