"""The listed parties with every name they are known by, from the official lists and the alias table.

The parties of listed_entities.csv come first (names in three languages, checked); the data set of
240 records adds the others. Corrections of its records stand in party_corrections.csv with a reason.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from types import MappingProxyType

from ..core.errors import MissingDataError, Problem
from .load import Party, parties
from .name_keys import letters_in_kana, party_words, romanised
from .words import DATA

STRONG = frozenset({"high", "medium"})
"""Confidence of a name from which equality is a match; below it, a review."""


@dataclass(frozen=True)
class PartyName:
    """One name of a party.

    kind: listed (as the list prints it), name_ja, former, trade_name, acronym, spelling, reading,
    alias ...; basis: source, knowledge (general knowledge, not confirmed in a page), inferred or derived.
    """

    text: str
    kind: str
    basis: str
    confidence: str
    source: str

    @property
    def strong(self) -> bool:
        """Whether equality with this name is a match and not only a review."""
        return self.confidence in STRONG


@dataclass(frozen=True)
class ListedParty:
    """One party of one list.

    list_type: control_list, watch_list or unreliable; severity: 3 to 1 in that order; date_listed:
    the day its notice took effect; measure: id of the notice in the library, "" where it has none;
    source_id: its number upstream, "" where it has none.
    """

    entity_id: str
    list_type: str
    severity: int
    country: str
    date_listed: date
    date_removed: date | None
    measure: str
    names: tuple[PartyName, ...]
    group: str = ""
    registration_numbers: tuple[str, ...] = ()
    note: str = ""
    source_id: str = ""

    @property
    def name(self) -> str:
        """The name as the list prints it first."""
        return self.names[0].text

    def listed_on(self, day: date | None) -> bool:
        """Whether it stood on the list that day; without a day, whether it stands there still."""
        if day is None:
            return self.date_removed is None
        return self.date_listed <= day and (self.date_removed is None or day < self.date_removed)


@cache
def listed_parties() -> tuple[ListedParty, ...]:
    """Every party of every list, in the order of severity, date and number."""
    records = dict(_records())
    found = [_official(p, records) for p in parties()]
    known = {p.entity_id for p in found}
    found += [p for key, p in records.items() if key not in known]
    return tuple(
        _with_aliases(p) for p in sorted(found, key=lambda p: (-p.severity, p.date_listed, p.entity_id))
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _records() -> Iterator[tuple[str, ListedParty]]:
    """The records of the data set under our ids, corrected."""
    corrections = {(r["source_id"], r["name_as_given"]): r for r in _rows("party_corrections.csv")}
    for row in _upstream():
        given = row["entity_name"].replace("\u200c", "").strip()
        fix = corrections.get((row["id"], given))
        if fix and fix["action"] == "drop":
            continue
        party = _record(row, given, fix)
        yield party.entity_id, party
    for fix in corrections.values():
        if fix["action"] == "add":
            yield fix["entity_id"], _added(fix)


@cache
def _upstream() -> tuple[Mapping[str, str], ...]:
    card = party_words()["source"]
    data = (DATA / card["file"]).read_bytes()
    if hashlib.sha256(data).hexdigest() != card["sha256"]:
        raise MissingDataError(
            Problem(
                "the list of parties is not as published",
                str(DATA / card["file"]),
                fix="install the package again",
            )
        )
    rows = csv.DictReader(gzip.decompress(data).decode("utf-8").splitlines())
    return tuple(MappingProxyType(r) for r in rows)


def _batch(list_type: str, day: str) -> Mapping[str, str]:
    """What is known of one notice: measure, country, note."""
    batches: list[dict[str, str]] = party_words()["batches"]
    return next(b for b in batches if b["list_type"] == list_type and b["date"] in {day, "*"})


def _record(row: Mapping[str, str], given: str, fix: Mapping[str, str] | None) -> ListedParty:
    kind = party_words()["lists"][row["list_id"]]
    batch = _batch(kind["list_type"], row["date_added"])
    day, number = row["date_added"].replace("-", ""), int(row["id"].rsplit("-", 1)[1])
    printed = (fix["name_en"], fix["name_zh"]) if fix else (given, *row["aliases"].split("|"))
    names = tuple(_printed(text, row["source_url"], fix) for text in printed if text.strip())
    return ListedParty(
        entity_id=fix["entity_id"] if fix else f"{kind['stem']}-{day}-{number:02d}",
        list_type=kind["list_type"],
        severity=kind["severity"],
        country=(fix["country"] if fix else "") or batch["country"],
        date_listed=date.fromisoformat(batch.get("effective", row["date_added"])),
        date_removed=None,
        measure=batch["measure"],
        names=names,
        note="; ".join(filter(None, (fix["note"] if fix else "", batch.get("note", "")))),
        source_id=row["id"],
    )


def _printed(text: str, url: str, fix: Mapping[str, str] | None) -> PartyName:
    basis = "knowledge" if fix and fix["basis"] == "knowledge" else "source"
    return PartyName(text.strip(), "listed", basis, "high", url)


def _added(fix: Mapping[str, str]) -> ListedParty:
    """A party of a notice that the data set lacks, known from elsewhere: its name is not exact."""
    day = fix["entity_id"].split("-")[2]
    when = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    kind = next(k for k in party_words()["lists"].values() if fix["entity_id"].startswith(k["stem"]))
    names = (fix["name_en"], fix["name_zh"])
    return ListedParty(
        entity_id=fix["entity_id"],
        list_type=kind["list_type"],
        severity=kind["severity"],
        country=fix["country"],
        date_listed=date.fromisoformat(when),
        date_removed=None,
        measure=_batch(kind["list_type"], when)["measure"],
        names=tuple(PartyName(n, "listed", fix["basis"], "low", fix["note"]) for n in names if n),
        note=fix["note"],
    )


def _official(party: Party, records: Mapping[str, ListedParty]) -> ListedParty:
    """A party of listed_entities.csv, with the number and notice of its record in the data set."""
    kind = next(k for k in party_words()["lists"].values() if k["list_type"] == party.listing)
    batch = _batch(party.listing, party.listed.isoformat())
    cited = party.sources[0].title if party.sources else ""
    names = [PartyName(n, "listed", "source", "high", cited) for n in (party.name_en, party.name_zh) if n]
    if party.name_ja:
        from_source = party.name_ja_basis == "source"
        names.append(
            PartyName(
                party.name_ja, "name_ja", party.name_ja_basis, "high" if from_source else "medium", cited
            )
        )
    twin = records.get(party.id)
    return ListedParty(
        entity_id=party.id,
        list_type=party.listing,
        severity=kind["severity"],
        country=party.country,
        date_listed=party.listed,
        date_removed=party.removed,
        measure=batch["measure"],
        names=tuple(names),
        group=party.parent_group,
        note=party.note,
        source_id=twin.source_id if twin else "",
    )


@cache
def _aliases() -> Mapping[str, tuple[dict[str, str], ...]]:
    table: dict[str, list[dict[str, str]]] = {}
    for row in _rows("party_aliases.csv"):
        table.setdefault(row["entity_id"], []).append(row)
    return {k: tuple(v) for k, v in table.items()}


def _with_aliases(party: ListedParty) -> ListedParty:
    rows = _aliases().get(party.entity_id, ())
    names = list(party.names)
    for row in rows:
        if row["kind"] == "registration_number":
            continue
        names.append(PartyName(row["text"], row["kind"], row["basis"], row["confidence"], row["source"]))
        if row["kind"] == "reading":
            names.append(
                PartyName(romanised(row["text"]), "romanised reading", "derived", "medium", row["source"])
            )
    for name in party.names:
        if spelled := letters_in_kana(name.text):
            names.append(PartyName(spelled, "letters as they sound", "derived", name.confidence, name.source))
    numbers = tuple(r["text"] for r in rows if r["kind"] == "registration_number")
    return replace(party, names=tuple(names), registration_numbers=numbers)


@dataclass(frozen=True)
class Group:
    """A group of companies some of whose members are listed.

    texts: what its members' names begin with; equal: spellings of the group's own name that stand
    for each other ("MHI" and the long name); registration_numbers: of the unlisted parent.
    """

    name: str
    texts: tuple[str, ...]
    equal: tuple[str, ...]
    registration_numbers: tuple[str, ...]


@cache
def groups() -> tuple[Group, ...]:
    """The groups of party_groups.csv, in its order."""
    table: dict[str, list[dict[str, str]]] = {}
    for row in _rows("party_groups.csv"):
        table.setdefault(row["group"], []).append(row)
    return tuple(
        Group(
            name,
            tuple(r["text"] for r in rows),
            tuple(r["text"] for r in rows if r["kind"] == "equal"),
            tuple(r["registration_number"] for r in rows if r["registration_number"]),
        )
        for name, rows in table.items()
    )
