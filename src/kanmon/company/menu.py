"""The options a firm can choose from: its own table, and a built-in menu for the items that run out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import Problem
from .fixes import Option
from .records import Company, Line, Network

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
    found = given + _built_in(company, net, lines, short, known)
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
        item, unit = at[row["part"]], cost.get(row["part"], 0.0)
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


def _built_in(
    company: Company,
    net: Network,
    lines: Sequence[Line],
    short: Sequence[str],
    known: Mapping[str, Uncertain],
) -> list[Option]:
    """Stock bought ahead for every item that runs out; a licence for what a licence can free."""
    at = {name: i for i, name in enumerate(net.items)}
    cost = _costs(company)
    wait, share = known["licence_days"], known["approval"]
    found: list[Option] = []
    for name in short:
        item = at[name]
        plan, unit = float(net.plan[item]), cost.get(name)
        if unit is not None:
            found.append(
                Option(
                    f"stock {name}",
                    item,
                    "stock",
                    f"up to {STOCK_DAYS} days of plan bought before day 0",
                    STOCK_DAYS * plan * unit,
                    0.0,
                    0,
                    0.0,
                    STOCK_DAYS * plan,
                    "menu",
                    "inferred",
                    whole=False,
                )
            )
        freed = _licensable(name, lines)
        if freed > 0:
            found.append(
                Option(
                    f"licence {name}",
                    item,
                    "licence",
                    f"apply now; {share.mid:.0%} of the old flow from day {wait.mid:.0f} counted (assumed)",
                    0.0,
                    0.0,
                    round(wait.mid),
                    float(np.float64(share.mid * freed * plan * 7.0)),
                    0.0,
                    "menu",
                    "assumed",
                )
            )
    return found


def _licensable(part: str, lines: Sequence[Line]) -> float:
    """Share of an item's volume that stands under a licence requirement and nothing worse."""
    group = [line for line in lines if line.part == part]
    told = [line.share for line in group if line.verdict == "licence"]
    if any(share is None for share in told):
        return len(told) / len(group)
    return float(sum(share for share in told if share is not None))
