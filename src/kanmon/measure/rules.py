"""Dated rules. The docstring of a rule is its published explanation; a report prints it as it stands.

A rule looks at one case (a limb of a measure on a date for a buyer) and returns a Reason or None.
`RULES` is the registry, in the order of evaluation: status first, then goods, parties, country, reach.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from ..core.source import Source
from .measure import Limb, Measure, Reason, Status
from .status import limb_status


@dataclass(frozen=True)
class Case:
    """What a rule looks at: one limb of a measure, the date, the buyer."""

    measure: Measure
    limb: Limb
    on: date
    buyer: str

    @property
    def status(self) -> Status:
        """State of the limb on the date."""
        return limb_status(self.limb, self.on)

    @property
    def holds(self) -> bool:
        """Whether the limb is in force, or may be (its state is unknown)."""
        return self.status.state in {"in_force", "unknown"}

    @property
    def limited(self) -> bool:
        """Whether the limb reaches some end users or end uses only."""
        return self.limb.end_user_scope != ("all",) or self.limb.end_use_scope != ("all",)


Rule = Callable[[Case], Reason | None]


@cache
def explanation(rule: Callable[..., object]) -> str:
    """The docstring of a rule as one paragraph."""
    return " ".join((inspect.getdoc(rule) or "").split())


def reason(
    rule: Callable[..., object],
    measure: str,
    status: Status,
    outcome: str,
    sources: tuple[Source, ...],
) -> Reason:
    """A Reason of a rule; its id is the part of the rule's name before the first underscore."""
    name = rule.__name__.split("_", maxsplit=1)[0].upper()
    return Reason(measure, name, status, outcome, explanation(rule), sources)


def _of(rule: Rule, case: Case, outcome: str) -> Reason:
    text = f"{outcome}: {case.limb.text}"
    return reason(rule, case.measure.id, case.status, text, case.limb.sources)


def g1_dates(case: Case) -> Reason | None:
    """A rule applies from the day it takes effect until the day it ends. Before and after it does not
    apply; the dates are given.
    """
    if case.status.state in {"announced", "proposed", "lifted"}:
        return _of(g1_dates, case, "does not apply on the date")
    return None


def g2_suspended(case: Case) -> Reason | None:
    """A suspended rule is reported but does not decide. The notice is not repealed: it can return when
    the suspension ends.
    """
    return _of(g2_suspended, case, "suspended") if case.status.state == "suspended" else None


def g3_unknown(case: Case) -> Reason | None:
    """The state of the rule on this date is not known: a suspension ran out or reports stopped, and no
    later notice is loaded. It is treated as possible, neither as in force nor as ended; a newer notice
    would settle it.
    """
    return _of(g3_unknown, case, "state unknown") if case.status.state == "unknown" else None


def i1_licence(case: Case) -> Reason | None:
    """Goods named by the measure need a licence before they are exported, whoever the buyer is. A
    licence is a delay and a risk of refusal, not a ban.
    """
    limb = case.limb
    wanted = case.holds and limb.handling == "letter" and limb.instrument == "licence"
    return _of(i1_licence, case, "licence") if wanted and not case.limited else None


def b1_stop(case: Case) -> Reason | None:
    """The measure stops, caps or taxes the named goods for every buyer in the target country, whatever
    the end use.
    """
    limb = case.limb
    wanted = case.holds and limb.handling == "letter" and limb.instrument in {"ban", "quota", "tax"}
    return _of(b1_stop, case, limb.instrument) if wanted and not case.limited else None


def r1_country(case: Case) -> Reason | None:
    """The measure bites on who uses the goods and for what. Other buyers are not banned by this clause;
    an open-ended wording ("any other use that helps ...") needs a person to judge it, with the red flags
    at hand. An item that is on a control list still needs its ordinary licence.
    """
    limb = case.limb
    listed = limb.instrument == "listing" or "listed_parties" in limb.end_user_scope
    wanted = case.holds and limb.handling == "letter" and limb.instrument != "other"
    return _of(r1_country, case, limb.instrument) if wanted and case.limited and not listed else None


def c1_listing(case: Case) -> Reason | None:
    """The measure names parties. Exports to a named party are stopped, or go through a stricter licence
    with no limit on the review time; exports to others are not met by it. The listing covers the named
    unit only: not its parent or a subsidiary, unless the text says so.
    """
    limb = case.limb
    scopes = {"listed_parties", "listed_and_affiliates", "named_companies"}
    named = limb.instrument == "listing" or bool(scopes & set(limb.end_user_scope))
    wanted = case.holds and limb.handling == "letter" and limb.instrument != "other"
    return _of(c1_listing, case, limb.instrument) if wanted and named else None


def p1_practice(case: Case) -> Reason | None:
    """Handling that was reported beside or against the text, for instance licences that are not
    processed. It is kept apart from the letter, with its own sources, and may be denied by the
    authority.
    """
    if case.limb.handling == "practice" and case.holds:
        return _of(p1_practice, case, f"reported practice: {case.limb.instrument}")
    return None


def f1_framework(case: Case) -> Reason | None:
    """A part that sets powers, liability, duties to report, or suspends other measures stops no goods by
    itself; the measures that rest on it do.
    """
    limb = case.limb
    wanted = case.holds and limb.instrument == "other" and not limb.items
    return _of(f1_framework, case, "no goods stopped by this part itself") if wanted else None


RULES: list[Rule] = [
    g1_dates,
    g2_suspended,
    g3_unknown,
    i1_licence,
    b1_stop,
    c1_listing,
    r1_country,
    p1_practice,
    f1_framework,
]


def apply(case: Case, rules: list[Rule] | None = None) -> tuple[Reason, ...]:
    """Every Reason that the rules give for one case, in order."""
    found = (rule(case) for rule in (rules or RULES))
    return tuple(r for r in found if r is not None)


def i2_code() -> None:
    """The HS line is wider than the entry of the list: the same line carries goods that are not
    controlled. An HS code alone never proves that a good is covered, nor that it is not; description and
    composition decide.
    """


def l1_list() -> None:
    """The measure names no goods of its own: it reaches every item of the control lists of the imposing
    country that are in force on the date.
    """


def n1_not_found() -> None:
    """No loaded entry that the measure reaches names this product. The loaded entries are a part of the
    official list, so this does not prove that the product is free.
    """


def w1_what_if() -> None:
    """A question of the kind "what if": all goods that the measure reaches stop for every buyer, whatever
    the text limits them to and whatever the state of the measure on the date.
    """


def w2_feared() -> None:
    """Goods that the measure, reports or the text only mark as possible. Nothing says that they are
    stopped; the answer shows what it would mean.
    """


def m1_import() -> None:
    """The measure stops or burdens goods that the imposing country buys. It presses on sellers of the
    target country and takes no supply from its buyers, so no shortage follows from it here.
    """


def t1_target() -> None:
    """The measure is not aimed at this buyer. Effects through third countries are not covered by its
    text.
    """
