"""The lists of parties that a book of measures goes with: who is on them, and whose names are not held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .check_facts import PartyFinding, read_party
from .check_words import table
from .measure import Measure

if TYPE_CHECKING:
    from .parties import Screener
    from .screen_lists import ListedParty

Findings = tuple[PartyFinding, ...]


@dataclass(frozen=True)
class Unnamed:
    """Names of a notice that are not held: how many are, and how many it names (0: not known)."""

    held: int
    total: int

    def __str__(self) -> str:
        if self.total:
            return f"{self.held} of {self.total} names held"
        return "no name held"


@dataclass
class PartyLists:
    """The lists held here with those of added notices. `added` may hold parties without a name."""

    added: tuple[ListedParty, ...] = ()

    @cached_property
    def parties(self) -> tuple[ListedParty, ...]:
        """Every party with a name; an added one takes the place of one of the same id."""
        from .screen_lists import listed_parties

        own = {p.entity_id.casefold() for p in self.added}
        named = (p for p in self.added if p.names)
        return (*named, *(p for p in listed_parties() if p.entity_id.casefold() not in own))

    @cached_property
    def _screener(self) -> Screener:
        """Blind to removals: whether a listing holds is asked for each day, after the names are matched."""
        from .parties import Screener, default_screener

        if not self.added and not any(p.date_removed for p in self.parties):
            return default_screener()
        return Screener([replace(p, date_removed=None) for p in self.parties])

    def screener(self) -> Screener:
        """These lists, screened by day."""
        from .parties import Screener, default_screener

        return Screener(self.parties) if self.added else default_screener()

    def coverage(self) -> dict[str, Any]:
        """What the lists hold (see `parties.coverage`), with the added ones."""
        from .parties import coverage

        held = coverage()
        for party in self.added:
            if party.names:
                held["parties"][party.list_type] = held["parties"].get(party.list_type, 0) + 1
        nameless = [p.measure for p in self.added if not p.names]
        for measure in dict.fromkeys(nameless):
            held["gaps"].append(f"{measure}: {nameless.count(measure)} parties without a name")
        return held

    @cached_property
    def _by_id(self) -> dict[str, ListedParty]:
        return {p.entity_id.casefold(): p for p in self.parties}

    def screen(self, name: str) -> Findings:
        """The listed parties that a name meets on any day, the weightiest first."""
        return self.screen_many([name])[0]

    def screen_many(self, names: Sequence[str]) -> list[Findings]:
        """The same for many names; each is matched once."""
        answers = []
        for hit in self._screener.screen_many(names):
            found = []
            for entity in (hit.entity_id, *hit.also) if hit.band != "none" else ():
                party = self._by_id.get(entity.casefold()) if entity else None
                if party is not None:
                    found.append(
                        PartyFinding(
                            band=hit.band,  # type: ignore[arg-type]
                            entity_id=party.entity_id,
                            matched_name=(hit.matched_name or "") if entity == hit.entity_id else party.name,
                            listing=party.list_type,
                            measure=party.measure,
                            listed=party.date_listed,
                            removed=party.date_removed,
                            reason=hit.rule,
                        )
                    )
            answers.append(tuple(found))
        return answers

    def read_many(self, names: Sequence[str]) -> list[Findings]:
        """What is known of each name: its listings and the words in it."""
        found = dict(zip(names, self.screen_many(names), strict=True))
        return [read_party(name, found.__getitem__) for name in names]

    def unnamed(self, library: Mapping[str, Measure]) -> dict[str, Unnamed]:
        """Notices that list parties whose names are not all held: measure -> how many are."""
        totals: dict[str, int] = dict(table("listings")["parties"])
        held: dict[str, int] = {}
        for party in self.parties:
            held[party.measure.casefold()] = held.get(party.measure.casefold(), 0) + 1
        for party in self.added:
            if not party.names:
                totals.setdefault(party.measure, held.get(party.measure.casefold(), 0))
                totals[party.measure] += 1
        gaps = {}
        for measure in library.values():
            if not any(limb.instrument == "listing" and limb.handling == "letter" for limb in measure.limbs):
                continue
            known, total = held.get(measure.id.casefold(), 0), totals.get(measure.id, 0)
            if known == 0 or known < total:
                gaps[measure.id] = Unnamed(known, total)
        return gaps
