"""Which six-digit HS codes exist, by edition: one that the day's edition lacks counts as not given."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from functools import cache

from .check_words import table
from .words import DATA


@dataclass(frozen=True)
class Edition:
    """An edition of the Harmonized System: in force from start to the day before end."""

    name: str
    start: date
    end: date
    codes: frozenset[str]


@dataclass(frozen=True)
class Unknown:
    """A code in an edition that does not hold it: what is left of it, and what is to be said."""

    start: date
    end: date
    left: str
    note: str


@cache
def editions() -> tuple[Edition, ...]:
    """The editions held, in order."""
    held: dict[str, set[str]] = {}
    with gzip.open(DATA / "check" / "hs6_codes.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in row["editions"].split():
                held.setdefault(name, set()).add(row["hs6"])
    rows = table("hs_editions")["edition"]
    return tuple(Edition(r["name"], r["start"], r["end"], frozenset(held[r["name"]])) for r in rows)


def edition_turns() -> frozenset[date]:
    """Days on which another edition, or none that is held, comes into force."""
    return frozenset(day for edition in editions() for day in (edition.start, edition.end))


def unheld_days() -> tuple[tuple[date, date], ...]:
    """The days before the first and after the last edition held, each as start and the day after the end."""
    return ((date.min, editions()[0].start), (editions()[-1].end, date.max))


def readings(hs: str) -> tuple[str, ...]:
    """The codes that digits can stand for: nine are a national code, or ten without the leading zero."""
    return (hs, f"0{hs}") if len(hs) == 9 else (hs,)


def unknown_in(hs: str, printed: Container[str]) -> tuple[Unknown, ...]:
    """The editions that do not hold a code, in order; none for fewer than six digits.

    Parameters
    ----------
    printed : codes that a loaded entry prints: these are codes whatever the list says.
    """
    sixes = [code[:6] for code in readings(hs)] if len(hs) >= 6 else []
    if not sixes or any(six in printed for six in sixes):
        return ()
    lacking = [e for e in editions() if not any(six in e.codes for six in sixes)]
    if not lacking:
        return ()
    left = next((six[:4] for six in sixes if six[:4] in _headings()), "")
    return tuple(Unknown(e.start, e.end, left, _note(sixes[0], e, len(lacking), left)) for e in lacking)


def not_looked_up(hs: str) -> str:
    """What is said of a code on a day whose edition is not held."""
    names = ", ".join(edition.name for edition in editions())
    return f"HS {hs[:6]} could not be looked up: the edition in force on the day is not held ({names} are)"


def _note(six: str, edition: Edition, lacking: int, left: str) -> str:
    others = [e.name for e in editions() if six in e.codes]
    if lacking == len(editions()):
        where = f"HS {six} is in no edition held ({', '.join(e.name for e in editions())})"
    else:
        where = f"HS {six} is not in {edition.name}, in force on the day (it is in {', '.join(others)})"
    heading = f", its heading {left} is looked up" if left else ""
    return f"{where}: it counts as not given{heading}"


@cache
def _headings() -> frozenset[str]:
    return frozenset(code[:4] for edition in editions() for code in edition.codes)
