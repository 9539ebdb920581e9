"""The firm's own list of parties: customers and suppliers are screened against it as against the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ..core.errors import Problem
from ..core.source import Source
from ..measure.verdict import DECIDES, Clause
from .facts import key
from .fields import fold, words

if TYPE_CHECKING:
    import polars as pl

    from ..measure.parties import Screener
    from .customers import Reached
    from .records import Company

NAMES = {
    "name": "listed",
    "name_zh": "listed",
    "name_ja": "name_ja",
    "name_local": "listed",
    "alias": "alias",
}
"""Columns of names -> kind of name in the matcher."""
HOW = {"match": "is", "review": "may be", "near": "is near to, and perhaps not the same as,"}
OWN = "own list"
"""Stands for the user's list where a measure would be named."""
ALWAYS = date(1900, 1, 1)
"""Day of listing where the list tells none: it holds on every day."""


@dataclass(frozen=True)
class Finding:
    """A customer, a supplier or the firm itself that the user's own list names, or seems to.

    role: customer | supplier | firm; band: match | review | near; name, matched: both strings;
    kind: control_list or watch_list; list: file of the list; rule: why the matcher says so.
    """

    role: str
    code: str
    name: str
    band: str
    entry: str
    matched: str
    kind: str
    list: str
    rule: str
    country: str = ""

    def __str__(self) -> str:
        kind = self.kind.replace("_", " ")
        return (
            f"{self.role} {self.code} {HOW[self.band]} {self.entry} of your own {kind} ({self.list}): "
            f"“{self.name}” / “{self.matched}” [{self.rule}]"
        )


def screener(rows: pl.DataFrame) -> Screener | None:
    """The matcher over the user's list; None where there is no list."""
    from ..measure.parties import Screener
    from ..measure.screen_lists import ListedParty, PartyName

    parties = []
    for number, row in enumerate(rows.iter_rows(named=True), start=1):
        names = tuple(
            PartyName(text.strip(), kind, "source", "high", str(row["file"]))
            for column, kind in NAMES.items()
            for text in str(row[column] or "").replace("；", ";").split(";")
            if text.strip()
        )
        if not names:
            continue
        kind = kind_of(row["list"])
        parties.append(
            ListedParty(
                entity_id=row["entry"] or f"entry {number}",
                list_type=kind,
                severity=3 if kind == "control_list" else 2,
                country=row["country"] or "",
                date_listed=row["listed"] or ALWAYS,
                date_removed=None,
                measure="",
                names=names,
            )
        )
    return Screener(parties, ()) if parties else None


def kind_of(word: str | None) -> str:
    """Which kind of list a word names; one that says nothing of a watch list is read as a ban."""
    return "watch_list" if word and fold(word) in words("watch") else "control_list"


def findings(company: Company | Mapping[str, pl.DataFrame], firm: str = "") -> tuple[Finding, ...]:
    """Customers, suppliers and the firm that meet an entry; each by its weightiest name."""
    listed = company["watchlist"]
    found = screener(listed)
    if found is None:
        return ()
    asked: list[tuple[str, str, str, str]] = [("firm", "", firm, "")] if firm else []
    for table, column in (("customers", "customer"), ("suppliers", "supplier")):
        for row in company[table].iter_rows(named=True):
            for text in (row["name"], row["name_local"]):
                if text and row[column]:
                    asked.append((column, row[column], text, row["country"] or ""))
    hits = found.screen_many([name for _, _, name, _ in asked], [country for *_, country in asked])
    weight = {"match": 2, "review": 1, "near": 0}
    best: dict[tuple[str, str], Finding] = {}
    file = str(listed["file"][0])
    for (role, code, name, country), hit in zip(asked, hits, strict=True):
        if hit.band not in weight:
            continue
        new = Finding(
            role,
            code,
            name,
            hit.band,
            hit.entity_id or "",
            hit.matched_name or "",
            hit.list_type,
            file,
            hit.rule,
            country,
        )
        old = best.get((role, code))
        if old is None or weight[new.band] > weight[old.band]:
            best[role, code] = new
    return tuple(best.values())


def notes(frames: Mapping[str, pl.DataFrame]) -> list[Problem]:
    """What the screening found, for the list of things the user must look at."""
    return [
        Problem(
            str(one),
            one.list,
            "the list is your own: no notice held here names this party",
            "see which lines reach it; tell it apart by its register number where it is another firm"
            if one.band != "match"
            else "see which lines reach it",
        )
        for one in findings(frames)
    ]


def met(
    rows: pl.DataFrame, reached: Reached, found: Sequence[Finding], imposers: Collection[str]
) -> dict[str, tuple[Finding, ...]]:
    """Parties found that each purchase reaches, for each class of customers: the firm, the customers, and
    a supplier outside the imposing country, who receives the good before it comes here.
    """
    customers = {f.code: f for f in found if f.role == "customer"}
    suppliers = {f.code: f for f in found if f.role == "supplier"}
    firm = tuple(f for f in found if f.role == "firm")
    out = {}
    for number, row in enumerate(rows.iter_rows(named=True)):
        seller = suppliers.get(row["supplier"] or "")
        between = (seller,) if seller and row["supplier_country"] not in imposers else ()
        for k in reached.classes_of(row["part"]):
            group = reached.classes[k]
            own = (customers[code] for code in group.customers if code in customers) if group.own else ()
            out[key(number, k)] = (*firm, *own, *between)
    return out


def clauses(met: Sequence[Finding], said: Sequence[Clause], on: date) -> tuple[Clause, ...]:
    """What the user's own list adds to the clauses of one purchase that reaches the parties found.

    Read as the official lists are (rules C1, C4, W2, X1): it bites on goods that a control list names.
    Where no clause touches the good, the finding stands as information.
    """
    touched = [c for c in said if c.outcome in DECIDES]
    sure = any(DECIDES[c.outcome] != "review" for c in touched)
    return tuple(_clause(one, on, touched=bool(touched), sure=sure) for one in met)


def _clause(one: Finding, on: date, *, touched: bool, sure: bool) -> Clause:
    from ..measure.measure import Status
    from ..measure.rules import explanation
    from ..measure.rules_party import (
        c1__control_list,
        c4__not_dual_use,
        w2__individual_licence,
        x1__unit_only,
    )

    control = one.kind == "control_list"
    if not touched:
        rule, outcome, ask = c4__not_dual_use, "not_banned", ""
    elif one.band == "near":
        rule, outcome, ask = x1__unit_only, "review", _who(one)
    elif one.band == "review" or not sure:
        rule, outcome = c1__control_list if control else w2__individual_licence, "review"
        ask = _who(one) if one.band == "review" else ""
    elif control:
        rule, outcome = c1__control_list, "prohibited"
        ask = f"Can what others need be bought apart from what reaches {one.role} {one.code}?"
    else:
        rule, outcome, ask = w2__individual_licence, "licence", ""
    text = f"{explanation(rule)} The list is the user's own and is read as an official one would be."
    return Clause(
        OWN,
        rule.__name__.split("__", maxsplit=1)[0].upper(),
        Status("in_force", None, "the user's own list"),
        outcome,
        str(one),
        text,
        (Source(f"user:{one.list}", f"{one.list} of the user", date=on.isoformat()),),
        ask,
    )


def _who(one: Finding) -> str:
    return f"Is {one.role} {one.code} “{one.name}” the {one.entry} “{one.matched}” of your own list?"
