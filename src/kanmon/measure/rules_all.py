"""The registry of rules about shipments, and the published explanation of every rule id."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from .rules import RULES, explanation, g1_dates, g2_suspended, g3_unknown
from .rules_country import COUNTRY_RULES
from .rules_item import ITEM_RULES
from .rules_look import Look, Rule, rule_id
from .rules_party import PARTY_RULES
from .rules_reach import LICENCE_RULES, REACH_RULES


def g4_most_severe() -> None:
    """Several rules can meet one shipment: all are reported, and the most severe gives the verdict: ban,
    refusal in principle, a question for a person, licence, none.
    """


CHECK_RULES: list[Rule] = [*ITEM_RULES, *PARTY_RULES, *COUNTRY_RULES, *REACH_RULES, *LICENCE_RULES]
"""Every rule about a shipment, in the order of evaluation; status (G1 to G3) is applied to what they say."""


def rules_for(look: Look) -> list[Rule]:
    """The rules that can have something to say of a limb: those about parties need a named party, those
    about a country the whole list, those about reach a role. The others would all return None.
    """
    rules: list[Rule] = []
    if look.hits or look.whole_list or look.role == "catch_all" or look.facts.item.open_to_list:
        rules += ITEM_RULES
    if look.named or look.unnamed:
        rules += PARTY_RULES
    if look.whole_list or look.role == "liability":
        rules += COUNTRY_RULES
    if look.role == "licence_types":
        rules += LICENCE_RULES
    elif look.role or (look.hits and look.reach in {"abroad", "foreign"}):
        rules += REACH_RULES
    return rules


@cache
def explanations() -> dict[str, str]:
    """Rule id -> published explanation, for shipments and for coverage of a measure."""
    status: list[Callable[..., object]] = [g1_dates, g2_suspended, g3_unknown, g4_most_severe]
    found = {rule.__name__.split("_", maxsplit=1)[0].upper(): explanation(rule) for rule in (*RULES, *status)}
    return found | {rule_id(rule): explanation(rule) for rule in CHECK_RULES}
