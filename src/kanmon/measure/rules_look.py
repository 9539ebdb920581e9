"""What a rule about a shipment looks at: one limb of one measure, with all that is known of the shipment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from .check_facts import Facts, PartyFinding
from .check_parties import Unnamed
from .check_words import table
from .item_match import Hit
from .measure import Limb, Measure, Status
from .rules import explanation
from .verdict import Clause

Reach = Literal["leaves", "abroad", "domestic", "foreign", "unclear"]
Known = Literal["yes", "no", "unknown"]
Listed = Literal["listed", "possible", "not_listed"]


@dataclass(frozen=True)
class Level:
    """Whether the item is on the control lists of an imposer on the day, and by which hits."""

    state: Listed
    hits: tuple[Hit, ...] = ()
    why: str = ""
    ask: str = ""


@dataclass(slots=True, eq=False)
class Look:
    """One limb of a measure before one shipment.

    reach: leaves (exported from the imposing country or by a person of it), abroad (of its origin,
    moving outside), domestic, foreign (no link but content), unclear (facts missing). target: whether
    the destination is one of the limb's. hits: things of this limb that the item is or may be; annex:
    the same of the annexes of its measure. named: parties that the measure lists. role: what the limb
    does where instrument and scopes do not say it (data/check/limbs.toml). whole_list: it speaks of all
    items of the imposer's list. watched: a party is on a watch list. unnamed: the notice lists parties
    whose names are not all held.
    """

    facts: Facts
    measure: Measure
    limb: Limb
    status: Status
    on: date
    reach: Reach
    target: Known
    level: Level
    hits: tuple[Hit, ...] = ()
    annex: tuple[Hit, ...] = ()
    named: tuple[PartyFinding, ...] = ()
    watched: bool = False
    unnamed: Unnamed | None = None
    role: str = ""
    whole_list: bool = False

    @property
    def for_all(self) -> bool:
        """Whether the limb reaches every end user and end use."""
        return self.limb.end_user_scope == ("all",) and self.limb.end_use_scope == ("all",)

    @property
    def exports(self) -> bool:
        """Whether goods leave the imposing country, or may (facts missing)."""
        return self.reach in {"leaves", "unclear"}

    @property
    def aimed(self) -> bool:
        """Whether the destination is a target, or may be."""
        return self.target != "no"

    @property
    def sure(self) -> bool:
        """Whether route and destination are known, so that an outcome is not only possible."""
        return self.reach != "unclear" and self.target == "yes"

    def best(self, hits: tuple[Hit, ...] | None = None) -> Hit | None:
        """The strongest hit: a certain one before a possible one."""
        pool = self.hits if hits is None else hits
        order = {"certain": 0, "possible": 1, "near": 2}
        return min(pool, key=lambda hit: order[hit.strength], default=None)


Rule = Callable[[Look], Clause | None]


def clause(rule: Rule, look: Look, outcome: str, fact: str, ask: str = "") -> Clause:
    """A clause of a rule; the published id is the rule's name up to its second word, or the one that
    the table of limbs gives ("R1-A" is "U1" in another measure).
    """
    name = rule_id(rule)
    own = table("limbs")["rule_id"].get(f"{look.measure.id}/{look.limb.id}", {})
    text = f"{explanation(rule)} The clause: {look.limb.text}."
    return Clause(
        look.measure.id,
        own.get(name, name),
        look.status,
        outcome,
        fact,
        text,
        look.limb.sources or look.measure.sources,
        ask,
    )


@cache
def rule_id(rule: Callable[..., object]) -> str:
    """The id in a function's name: `r1_a__military_user` is R1-A, `i1__listed` is I1."""
    return rule.__name__.split("__", maxsplit=1)[0].replace("_", "-").upper()


def route_question(look: Look) -> str:
    """The question about route or destination that is open."""
    if look.reach == "unclear":
        return "From which country does the good ship, and who exports it?"
    return "To which country does the good go?" if look.target == "unknown" else ""


def outcome_for(look: Look, severe: str) -> str:
    """The outcome, or review where item, route or destination is not certain."""
    return severe if look.sure and look.level.state == "listed" else "review"


def question_for(look: Look) -> str:
    """The question that is open about route or item."""
    return route_question(look) or (look.level.ask if look.level.state == "possible" else "")
