"""The options a firm can choose from: its own table, and a built-in menu for the items that run out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..core.errors import Problem
from .fixes import Option
from .lines import shares
from .records import Company, Line, Network, Scenario

if TYPE_CHECKING:
    from ..core.draws import Uncertain

STOCK_DAYS = 90
"""Most extra days of plan that the built-in menu offers to buy ahead."""
TOO_LATE = (
    "stock cannot be bought ahead any more: the measure is in force; count it all the same with --stock-ahead"
)
DAYS_IN_NOTE = re.compile(r"(\d+)\s*(?:extra\s+)?(?:days?|d\b|日分?|天)", re.IGNORECASE)
EVERY = "*"


def options(
    company: Company,
    net: Network,
    lines: Sequence[Line],
    scenario: Scenario,
    short: Sequence[str],
    known: Mapping[str, Uncertain],
    *,
    ahead: bool,
) -> tuple[list[Option], list[Problem]]:
    """The user's options, then the built-in ones for the items in `short`, and what could not be used.

    short: items that run out within the horizon, the first to do so first. ahead: whether stock can
    still be bought before the measure takes effect.
    """
    given, faults = _of_user(company, net)
    faults += _without_cost(company, short) if ahead else []
    found = given + _stock_ahead(company, net, short) + licences(net, lines, scenario, known, short)
    late = [o for o in found if o.kind == "stock" and not ahead]
    if late:
        faults.append(Problem(TOO_LATE, "fixes", ", ".join(o.name for o in late if o.given == "user")))
    return [o for o in found if o not in late], faults


def _of_user(company: Company, net: Network) -> tuple[list[Option], list[Problem]]:
    at = {name: i for i, name in enumerate(net.items)}
    cost = _costs(company)
    found: list[Option] = []
    faults: list[Problem] = []
    for row in company["options"].iter_rows(named=True):
        where = f"{row['file']} row {row['row']}"
        kind = (row["kind"] or "").strip().lower()
        if row["part"] == EVERY or row["part"] not in at:
            why = "it is for every item" if row["part"] == EVERY else f"there is no item {row['part']}"
            fix = "give one row an item, with the units a week it brings"
            faults.append(Problem(f"option {row['option']} is not used: {why}", where, fix=fix))
            continue
        item, unit = at[row["part"]], cost.get(row["part"])
        amount = 0.0
        if kind == "stock":
            days = DAYS_IN_NOTE.search(row["note"] or "")
            if days is None:
                fix = "write the days of plan into the note: 'buy 90 days'"
                faults.append(Problem(f"option {row['option']} is not used: how much stock?", where, fix=fix))
                continue
            amount = float(days[1]) * float(net.plan[item])
        weekly = row["weekly_capacity"] or 0.0
        if not amount and not weekly:
            faults.append(Problem(f"option {row['option']} is not used: no units a week are given", where))
            continue
        premium = row["unit_premium"] or 0.0
        if unit is None and (amount or premium):
            fix = f"give the unit cost of {row['part']} in the item master"
            why = "its price hangs on the unit cost of the item, which is not told"
            faults.append(Problem(f"option {row['option']} is not used: {why}", where, fix=fix))
            continue
        unit = unit or 0.0  # asked for above where anything hangs on it
        found.append(
            Option(
                row["option"],
                item,
                kind,
                row["note"] or "",
                (row["cost"] or 0.0) + amount * unit * (1.0 + premium),
                premium * unit if weekly else 0.0,
                int(row["ready_days"] or 0),
                weekly,
                amount,
                "user",
                "sourced",
            )
        )
    return found, faults


def _costs(company: Company) -> dict[str, float]:
    rows = company["parts"].drop_nulls(["part", "cost"]).select("part", "cost").rows()
    return {part: float(cost) for part, cost in rows}


def _without_cost(company: Company, short: Sequence[str]) -> list[Problem]:
    """Items that run out and could be bought ahead, were their cost told."""
    lacking = [name for name in short if name not in _costs(company)]
    if not lacking:
        return []
    what = f"stock of {len(lacking)} items is not offered: {', '.join(lacking[:10])}"
    return [Problem(what, "parts", "their unit cost is not told", "give it in the item master")]


def _stock_ahead(company: Company, net: Network, short: Sequence[str]) -> list[Option]:
    """Stock bought ahead for every item that runs out and has a price."""
    at = {name: i for i, name in enumerate(net.items)}
    cost = _costs(company)
    return [
        Option(
            f"stock {name}",
            at[name],
            "stock",
            f"up to {STOCK_DAYS} days of plan bought before day 0",
            STOCK_DAYS * float(net.plan[at[name]]) * cost[name],
            0.0,
            0,
            0.0,
            STOCK_DAYS * float(net.plan[at[name]]),
            "menu",
            "inferred",
            whole=False,
        )
        for name in short
        if name in cost
    ]


def licences(
    net: Network,
    lines: Sequence[Line],
    scenario: Scenario,
    known: Mapping[str, Uncertain],
    items: Sequence[str],
) -> list[Option]:
    """A licence applied for on day 0 for each of some items that a licence can free, at middle values."""
    at = {name: i for i, name in enumerate(net.items)}
    wait, share = known["licence_days"], known["approval"]
    freed = licensable(lines, scenario)
    found = []
    for name in items:
        weekly = freed.get(net.own(name), 0.0) * float(net.plan[at[name]]) * 7.0
        if weekly > 0:
            note = f"apply now; {share.mid:.0%} of the old flow from day {wait.mid:.0f} counted (assumed)"
            found.append(
                Option(
                    f"licence {name}",
                    at[name],
                    "licence",
                    note,
                    0.0,
                    0.0,
                    round(wait.mid),
                    share.mid * weekly,
                    0.0,
                    "menu",
                    "assumed",
                    licensed=weekly,
                )
            )
    return found


def licensable(lines: Sequence[Line], scenario: Scenario) -> dict[str, float]:
    """Share of each item's volume that stops for want of a licence and for nothing worse."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.part, []).append(line)
    freed: dict[str, float] = {}
    for part, group in groups.items():
        for share, line in zip(shares(group), group, strict=True):
            if line.verdict == "licence" and line.covered[scenario] != "no":
                freed[part] = freed.get(part, 0.0) + share
    return freed
