"""The whole answer for one firm: lines, cover, money, bands, fixes. All that a report sees of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Uncertain
from ..core.errors import Problem
from ..kernels.netting import Netting
from .apart import set_apart
from .bands import Bands, bands
from .cover import HORIZON, cover, netting
from .customers import Reached, class_shares
from .doubt import Doubts, doubts, sentences, unseen_products, with_unseen
from .fixes import FixList, Option, best_lists, first_stop
from .ledger import LedgerAnswer, judge_ledger
from .ledger_bulk import BulkAnswer
from .lines import SCENARIOS, Asked, Progress, class_stops, judge
from .menu import licences, options
from .money import Money, money, unit_values
from .network import network, without_receipts
from .records import Company, Cover, Line, Network, Scenario
from .spread import assumptions, cases, lasting

if TYPE_CHECKING:
    from numpy.typing import NDArray

CASES = 64
"""Drawn cases of the bands."""
NOT_SOLVED = "the programme of least lost margin was not solved: its low side stands at nought"
FIX_CASES = 4
"""How many of these the lists of fixes are chosen on, the first ones; a case more is a programme more."""


@dataclass(frozen=True)
class Relief:
    """One item that runs out: its days, and the firm's days if it alone came without limit."""

    item: str
    item_days: int | None
    firm_days: int | None


@dataclass(frozen=True)
class ScenarioAnswer:
    """One scenario: cover if only certain lines stop, and if possible ones stop too; money and fixes.

    `certain` counts lines judged yes, `possible` also those judged maybe; money and bands are of the
    latter, since an open question is not a clearance. bands: drawn cases in which licences are applied
    for on day 0; unlicensed: the same cases without, None where nothing stands under a licence.
    cautious: the firm's days with open questions if cleared orders of sources that go on count within
    their daily flow and not on top of it. only_for: item set apart -> customers for whom it stops.
    """

    scenario: Scenario
    shares_certain: Mapping[str, float]
    shares_possible: Mapping[str, float]
    certain: Cover
    possible: Cover
    cautious: int | None
    money_certain: Money
    money_possible: Money
    bands: Bands
    unlicensed: Bands | None
    relief: tuple[Relief, ...]
    fixes: tuple[FixList, ...]
    only_for: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Answer:
    """Everything a report needs. problems: of the files and the bill of materials, and of options.

    streamed: what the ledgers too large for memory came to, once their verdicts are written.
    """

    company: Company
    asked: Asked
    days: int
    network: Network
    lines: tuple[Line, ...]
    ledger: LedgerAnswer | None
    scenarios: tuple[ScenarioAnswer, ...]
    assumptions: Mapping[str, Uncertain]
    problems: tuple[Problem, ...]
    streamed: tuple[BulkAnswer, ...] = ()
    fix_cases: int = FIX_CASES

    def scenario(self, name: str) -> ScenarioAnswer:
        """The answer under one scenario; StopIteration where it was not asked for."""
        return next(s for s in self.scenarios if s.scenario == name)


def answer(
    company: Company,
    asked: Asked,
    scenarios: Sequence[Scenario] = SCENARIOS,
    main: Scenario = "in_force",
    days: int = HORIZON,
    budgets: Sequence[float] = (),
    tail_weight: float = 0.0,
    ahead: bool | None = None,
    assumed: Path | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Judge the lines of a firm and follow them to days, money and fixes.

    Parameters
    ----------
    main : the scenario for which fixes are looked for.
    budgets : money for fixes, in the firm's currency; shares of the cost of all options otherwise.
    ahead : whether stock can still be bought before the measures take effect; without a word it can
        where the stock date is before the first of their effective days.
    tail_weight : weight (0 to 1) of the worst fifth of the cases in the choice of fixes.
    """
    say = progress or _silent
    net, faults = network(company)
    say("judging sources", 0.1)
    judged = judge(company, net, asked)
    lines, reached = judged.lines, judged.reached
    dark = doubts(company, net, {line.part for line in lines})
    company = replace(company, unseen=(*sentences(net, dark), *company.unseen))
    weight = class_shares(company, net, reached)
    known = dict(assumptions(assumed))
    ends = lasting(asked.measures, asked.on, company.stock_date) if assumed is None else None
    known |= {"end_days": ends} if ends else {}
    problems: list[Problem] = [*company.problems, *faults]
    first = [m.effective.day for m in asked.measures if m.effective]
    plan = Plan(
        days,
        known,
        budgets,
        tail_weight,
        company.stock_date < min(first) if ahead is None and first else bool(ahead),
        dark,
    )
    found = []
    # The programmes of the scenarios leave the interpreter free for the rules.
    with ThreadPoolExecutor(1) as aside:
        purchases = aside.submit(judge_ledger, company, asked, net)
        for number, name in enumerate(scenarios):
            say(f"cover: {name.replace('_', ' ')}", 0.2 + 0.7 * number / len(scenarios))
            one, more = _scenario(company, Given(net, reached, weight), lines, name, plan, fixes=name == main)
            problems += more
            found.append(one)
        say("judging purchases", 0.9)
        ledger = purchases.result()
    return Answer(
        company, asked, days, net, lines, ledger, tuple(found), known, tuple(dict.fromkeys(problems))
    )


def _silent(_step: str, _share: float) -> None:
    return None


@dataclass(frozen=True)
class Plan:
    """How far to look and what to buy from: horizon, assumptions, budgets, weight of the worst cases; and
    what could not be seen of the items.
    """

    days: int
    known: Mapping[str, Uncertain]
    budgets: Sequence[float]
    tail_weight: float
    ahead: bool
    dark: Doubts


@dataclass(frozen=True)
class Given:
    """The firm's network, its customers in classes, and the share of each item's need that goes to each."""

    net: Network
    reached: Reached
    weight: NDArray[np.float64]

    def stopped(
        self, lines: Sequence[Line], name: Scenario, *, possible: bool
    ) -> tuple[Network, dict[str, float]]:
        """The network with what stops for some customers set apart, and the share of each item that stops."""
        return set_apart(self.net, self.reached, self.weight, class_stops(lines, name, possible=possible))


def _scenario(
    company: Company, given: Given, lines: tuple[Line, ...], name: Scenario, plan: Plan, *, fixes: bool
) -> tuple[ScenarioAnswer, list[Problem]]:
    sure_net, sure = given.stopped(lines, name, possible=False)
    net, maybe = given.stopped(lines, name, possible=True)
    days = plan.days
    hidden = unseen_products(net, maybe, plan.dark)
    hidden_sure = unseen_products(sure_net, sure, plan.dark)
    possible = with_unseen(cover(net, maybe, name, days), net, plan.dark, hidden)
    g = netting(net, maybe, days)
    margin = unit_values(company, net).margin
    drawn = cases(plan.known, CASES)
    applied = licences(net, lines, name, plan.known, [net.items[i] for i in np.flatnonzero(g.limited)])
    lists: list[FixList] = []
    faults: list[Problem] = []
    if fixes:
        menu, faults = options(company, net, lines, name, _short(net, possible), plan.known, ahead=plan.ahead)
        menu = [o for o in (_where_short(o, net, g) for o in menu) if g.limited[o.item]]
        if menu and len(g.product):
            try:
                lists = best_lists(g, margin, menu, drawn[:FIX_CASES], plan.budgets, days, plan.tail_weight)
            except RuntimeError as fault:  # the solver gave up: lines, days and money are told all the same
                faults.append(
                    Problem(str(fault), "fixes", fix="name budgets with --budget, or fewer options")
                )
    at_stake = money(company, net, g, days, hidden)
    if not at_stake.solved:
        faults.append(Problem(NOT_SOLVED, "money", fix="look for quantities far out of proportion"))
    return (
        ScenarioAnswer(
            name,
            sure,
            maybe,
            with_unseen(cover(sure_net, sure, name, days), sure_net, plan.dark, hidden_sure),
            possible,
            _cautious(net, lines, name, maybe, days),
            money(company, sure_net, netting(sure_net, sure, days), days, hidden_sure),
            at_stake,
            _widened(bands(g, margin, drawn, days, applied), at_stake, possible.unseen),
            _widened(bands(g, margin, drawn, days), at_stake, possible.unseen) if applied else None,
            _relief(net, g, possible, days),
            tuple(lists),
            net.whom,
        ),
        faults,
    )


def _widened(found: Bands, at_stake: Money, unseen: Sequence[str]) -> Bands:
    """Bands with what could not be seen: it may stop at once, and lose all it sells."""
    if not unseen:
        return found
    low, mid, high = found.lost_margin
    return replace(found, firm_days=(0, *found.firm_days[1:]), lost_margin=(low, mid, high + at_stake.unseen))


def _cautious(
    net: Network, lines: tuple[Line, ...], name: Scenario, stopped: Mapping[str, float], days: int
) -> int | None:
    """The firm's first stop if going-on sources of stopped items bring their flow and nothing besides."""
    short = {net.own(item) for item in stopped}
    going = frozenset((x.part, x.supplier) for x in lines if x.covered[name] == "no" and x.part in short)
    return first_stop(netting(without_receipts(net, going), stopped, days), days)


def _where_short(option: Option, net: Network, g: Netting) -> Option:
    """The option put where its item runs out: in the largest pool of an item that stops for some only."""
    if g.limited[option.item]:
        return option
    name = net.items[option.item]
    pools = [i for i, item in enumerate(net.items) if g.limited[i] and net.own(item) == name]
    return replace(option, item=max(pools, key=lambda i: float(net.plan[i]))) if pools else option


def _short(net: Network, found: Cover) -> list[str]:
    """Items that run out within the horizon, or that stop a product, the first first."""
    binding = {p.binding_jointly for p in found.products} | {p.binding_alone for p in found.products}
    days = {item: left for item, left in found.item_days.items() if left is not None or item in binding}
    order = sorted(days, key=lambda item: (days[item] is None, days[item] or 0, item))
    return list(dict.fromkeys(net.own(item) for item in order))


def _relief(net: Network, g: Netting, found: Cover, days: int) -> tuple[Relief, ...]:
    """For each item that stops a product: the firm's days if it alone came without limit."""
    at = {name: i for i, name in enumerate(net.items)}
    binding = {p.binding_jointly for p in found.products} - {""}
    out = []
    for name in sorted(binding, key=lambda item: (found.item_days.get(item) or days, item)):
        limited = g.limited.copy()
        limited[at[name]] = False
        out.append(Relief(name, found.item_days.get(name), first_stop(g._replace(limited=limited), days)))
    return tuple(out)
