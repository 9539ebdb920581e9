"""Party screening: is this name that of a listed party, on this day, and by which rule?

Four bands. match: the listed party itself; review: probably, a person must look; near: another
company of the group, or a likeness that proves nothing; none. Both strings, the rule and the score
are always given. `none` is no clearance: `coverage()` says what the lists held here lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from .name_keys import NameKey, name_key, party_words
from .screen_index import Entry, Found, NameIndex
from .screen_lists import Group, ListedParty, groups, listed_parties
from .screen_numbers import RegistrationNumber, registration_number
from .screen_score import CANDIDATE, NEAR, SHORTEST, likeness

BANDS = ("none", "near", "review", "match")
"""From nothing to certain; later ones weigh more."""
SHOWN = 3
"""Further parties named in a reason; `also` holds all."""
CHUNK = 4096
"""Queries compared at a time: 4096 x 900 scores of a byte stay below 4 MB."""


@dataclass(frozen=True)
class Hit:
    """The answer for one name.

    score: 0 to 1; rule: why the band, in words; also: ids of other lists that name the same party;
    list_type: control_list, watch_list, unreliable or ""; date_listed: when it was listed.
    A party not listed on the day asked about is band none with entity_id and date_listed kept.
    """

    query: str
    band: str
    entity_id: str | None = None
    matched_name: str | None = None
    score: float = 0.0
    reason: str = "no listed name is like it"
    rule: str = ""
    list_type: str = ""
    country: str = ""
    date_listed: date | None = None
    date_removed: date | None = None
    measure: str = ""
    also: tuple[str, ...] = ()

    def row(self, id_: str) -> dict[str, Any]:
        """The hit as `kanmon screen --json` prints it."""
        fields = {k: (v.isoformat() if isinstance(v, date) else v) for k, v in asdict(self).items()}
        return {"id": id_, **fields, "also": list(self.also)}


@dataclass(frozen=True)
class Query:
    """One party to screen: what is known of it."""

    name: str
    country: str = ""
    registration_number: str = ""


class Screener:
    """The lists, folded once, to screen any number of names against.

    Parameters
    ----------
    parties : the listed parties; by default every list that is held here.
    groups : groups of companies, for names that are near a listed one.
    """

    def __init__(
        self, parties: Iterable[ListedParty] | None = None, groups_: Sequence[Group] | None = None
    ) -> None:
        held = tuple(parties) if parties is not None else listed_parties()
        self.parties = {p.entity_id.casefold(): p for p in held}
        self.index = NameIndex(held, groups_ if groups_ is not None else groups())
        self.numbers = {registration_number(n).number: p for p in held for n in p.registration_numbers}
        self.parents = {n: g for g in self.index.heads.groups for n in g.registration_numbers}
        searched: dict[str, Entry] = {}
        for entry in self.index.entries:
            if entry.name.kind != "acronym":
                searched.setdefault(entry.key.sound, entry)
        self.searched = {
            latin: [e for e in searched.values() if e.key.latin == latin] for latin in (True, False)
        }

    def party(self, entity_id: str) -> ListedParty | None:
        """The listed party of that id, read without regard to case."""
        return self.parties.get(entity_id.strip().casefold())

    def screen(
        self,
        name: str,
        country: str | None = None,
        registration_number: str | None = None,
        on: date | None = None,
    ) -> Hit:
        """Screen one name; see `screen_many`."""
        return self.screen_many([name], [country or ""], [registration_number or ""], on)[0]

    def screen_many(
        self,
        names: Sequence[str],
        countries: Sequence[str] | None = None,
        registration_numbers: Sequence[str] | None = None,
        on: date | None = None,
    ) -> list[Hit]:
        """Screen names; what repeats is matched once.

        Parameters
        ----------
        names : names in any script.
        countries : alpha-3 code of each party's country, "" where unknown.
        registration_numbers : number of each party in its register, "" where unknown.
        on : the day asked about; without one, every list as last known here.

        Returns
        -------
        One hit for each name, in order.
        """
        places = countries or [""] * len(names)
        numbers = registration_numbers or [""] * len(names)
        queries = [Query(*row) for row in zip(names, places, numbers, strict=True)]
        keys = {name: name_key(name) for name in dict.fromkeys(names)}
        met = dict(zip(keys, self._meet(list(keys.values())), strict=True))
        answers = {q: self._judge(q, keys[q.name], met[q.name], on) for q in dict.fromkeys(queries)}
        return [answers[q] for q in queries]

    def _meet(self, keys: Sequence[NameKey]) -> list[list[Found]]:
        """What the rules say of each distinct name, before dates, countries and numbers."""
        met: list[list[Found]] = [[] for _ in keys]
        for latin in (True, False):
            open_: list[int] = []
            for i, key in enumerate(keys):
                if key.key and key.latin == latin:
                    met[i], settled = self._by_rules(key)
                    if not settled:
                        open_.append(i)
            for i, found in zip(open_, self._alike([keys[i] for i in open_], latin=latin), strict=True):
                # A mere likeness says less than a shared group or a name contained.
                met[i] = [*met[i], *(f for f in found if f.band == "review" or not met[i])]
        return met

    def _by_rules(self, key: NameKey) -> tuple[list[Found], bool]:
        """Entries met by look-up, and whether a search could add nothing."""
        inside = self.index.contained(key)
        for rule in (self.index.equal, self.index.almost):
            if found := rule(key):
                # A site listed later than its company was met by the company's listing before.
                return [*found, *(f for f in inside if f.band == "match")], True
        if any(f.band == "match" for f in inside):
            return inside, True
        return [*inside, *self.index.related(key)], False

    def _alike(self, keys: Sequence[NameKey], *, latin: bool) -> list[list[Found]]:
        """Entries whose names are like the queries', by search over all names of that script."""
        import numpy as np
        from rapidfuzz import fuzz, process

        listed = self.searched[latin]
        choices = [e.key.sound for e in listed]
        found: list[list[Found]] = []
        for start in range(0, len(keys), CHUNK):
            block = keys[start : start + CHUNK]
            scores = process.cdist(
                [k.sound for k in block],
                choices,
                scorer=fuzz.ratio,
                score_cutoff=CANDIDATE,
                dtype=np.uint8,
                workers=-1 if len(block) > 64 else 1,
            )
            rows, columns = np.nonzero(scores)
            pairs: list[list[Found]] = [[] for _ in block]
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
                hit = _compared(block[row], listed[column])
                if hit is not None:
                    same = self.index.by_sound[listed[column].key.sound]
                    pairs[row] += [replace(hit, entry=e) for e in same]
            found += pairs
        return found

    def _judge(self, query: Query, key: NameKey, met: Sequence[Found], on: date | None) -> Hit:
        """The best entry met, after number, country, legal form and dates are looked at."""
        number = registration_number(query.registration_number) if query.registration_number.strip() else None
        if number and number.number in self.numbers:
            party = self.numbers[number.number]
            entry = next(e for e in self.index.entries if e.party is party)
            return _dated(
                query, [Found(entry, "match", 1.0, f"same registration number {number.number}")], on
            )
        found = [_weighed(query, key, f, number) for f in met]
        if not key.key:
            return Hit(query.name, "review", reason="no name to screen", rule="no name to screen")
        if not found and number and number.number in self.parents:
            group = self.parents[number.number]
            rule = f"registration number {number.number} is of {group.name}, not listed as its companies are"
            found = [Found(e, "near", 0.5, rule) for e in self.index.members(group)[:1]]
        return _dated(query, found, on)


def _compared(key: NameKey, entry: Entry) -> Found | None:
    alike = likeness(key, entry.key)
    if alike.telling:
        band = "review"
        rule = "spelt almost alike"
    elif alike.score >= NEAR and min(len(key.sound), len(entry.key.sound)) > SHORTEST:
        band, rule = "near", "alike as a whole, but the words that tell parties apart differ"
    else:
        return None
    return Found(entry, band, round(alike.score, 3), rule)


@cache
def _homes() -> dict[str, frozenset[str]]:
    """Legal forms that only the law of some countries knows."""
    rows = party_words()["forms"]["home"]
    return {form: frozenset(r["countries"]) for r in rows for form in r["forms"]}


def _weighed(query: Query, key: NameKey, found: Found, number: RegistrationNumber | None) -> Found:
    """Lower the band where country, legal form or number speak of another legal person."""
    party = found.entry.party
    if found.band not in {"match", "review"}:
        return found
    own = set(found.entry.key.forms)
    foreign = [f for f in key.forms if f in _homes() and f not in own and party.country not in _homes()[f]]
    if foreign and party.country:
        rule = f"{found.rule}; but a legal form of another country ({foreign[0]}): a company of its own"
        return Found(found.entry, "near", found.score, rule)
    if number and number.country and party.country and number.country != party.country:
        rule = (
            f"{found.rule}; but a number of another country's register ({number.register}, {number.country})"
        )
        return Found(found.entry, "near", found.score, rule)
    notes = []
    if number and number.valid is False:
        notes.append(f"the registration number {number.number} fails its own check")
    if number and party.registration_numbers and number.number not in party.registration_numbers:
        notes.append(f"the list's party has the number {', '.join(party.registration_numbers)}")
    if query.country and party.country and query.country != party.country:
        notes.append(f"the listed party is of {party.country}, this one of {query.country}")
    if not notes:
        return found
    return Found(found.entry, "review", found.score, "; ".join([found.rule, *notes]))


def _dated(query: Query, found: Sequence[Found], on: date | None) -> Hit:
    """The heaviest entry in force on the day; one not yet or no longer listed is none, with its dates."""
    if not found:
        return Hit(query.name, "none")

    def weight(f: Found) -> tuple[bool, int, float, int, bool]:
        strict = f.entry.name.kind in {"listed", "name_ja"}
        band = BANDS.index(f.band)
        return (f.entry.party.listed_on(on), band, f.score, f.entry.party.severity, strict)

    best = max(found, key=weight)
    party, name = best.entry.party, best.entry.name
    band = best.band if party.listed_on(on) else "none"
    others = dict.fromkeys(
        f.entry.party.entity_id
        for f in sorted(found, key=weight, reverse=True)
        if f.band == best.band and f.entry.party.entity_id != party.entity_id and f.entry.party.listed_on(on)
    )
    return Hit(
        query=query.name,
        band=band,
        entity_id=party.entity_id,
        matched_name=name.text,
        score=round(best.score, 3),
        reason=_reason(query, best, on, others),
        rule=best.rule,
        list_type=party.list_type,
        country=party.country,
        date_listed=party.date_listed,
        date_removed=party.date_removed,
        measure=party.measure,
        also=tuple(others),
    )


def _reason(query: Query, best: Found, on: date | None, others: Iterable[str]) -> str:
    """One line: the rule, both strings, the score, the list and its dates."""
    party = best.entry.party
    listing = f"{party.list_type.replace('_', ' ')} since {party.date_listed}"
    if party.measure:
        listing += f" ({party.measure})"
    if party.date_removed:
        listing += f", removed {party.date_removed}"
    pieces = [f"{best.rule}: “{query.name}” / “{best.entry.name.text}” ({best.score:.2f})", listing]
    if not party.listed_on(on):
        pieces.append(f"not on that list on {on}" if on else "no longer on that list")
    if party.note and best.band in {"match", "review"}:
        pieces.append(party.note)
    more = list(others)
    if more:
        pieces.append(
            f"also {', '.join(more[:SHOWN])}"
            + (f" and {len(more) - SHOWN} more" if len(more) > SHOWN else "")
        )
    return "; ".join(pieces)


@cache
def default_screener() -> Screener:
    """The screener over every list held here, built once."""
    return Screener()


def coverage() -> dict[str, Any]:
    """What the lists hold: their day, the number of parties by list, and the known gaps."""
    held = listed_parties()
    counts = {
        kind: sum(p.list_type == kind for p in held) for kind in dict.fromkeys(p.list_type for p in held)
    }
    table = party_words()["coverage"]
    return {"as_of": table["as_of"], "parties": counts, "gaps": list(table["gaps"])}
