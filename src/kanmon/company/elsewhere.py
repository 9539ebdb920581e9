"""Goods made where no loaded measure is imposed: what is not known of them is no question for their country.

The coverage rules ask for what they need before they clear a good. Of a good that left no imposing country,
whose seller sits in none, the answer could not matter: only its content can still be met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ..measure.verdict import DECIDES, Decision

if TYPE_CHECKING:
    from .lines import Asked

LACKING = {
    "item_description": "words that tell what the good is",
    "hs_code": "its HS code of six digits",
    "content": "what it is made of",
    "origin_country": "where it was made",
    "ship_from": "where it leaves",
    "ship_to": "where it goes",
    "exporter_country": "who exports it",
    "end_user": "the end user",
    "end_use": "the end use",
    "other_parties": "the other parties",
}
"""Column of `kanmon check` that lacks -> words for a reader."""


@cache
def imposers(home: str) -> frozenset[str]:
    """Countries and blocs whose loaded measures on exports are aimed at a country, that country aside."""
    from ..measure.load import library
    from ..measure.words import meets

    found: set[str] = set()
    for measure in library().values():
        aims = [limb.targets or measure.targets for limb in measure.limbs] or [measure.targets]
        if measure.flow != "import" and (not home or any(meets(home, aim) for aim in aims)):
            found |= set(measure.imposers)
    return frozenset(found - {home})


def outside(country: object, home: str) -> bool:
    """Whether a country is known and imposes nothing loaded that is aimed at `home`."""
    from ..measure.words import meets

    return bool(country) and not meets(str(country), imposers(home))


def freed(row: Mapping[str, Any], decision: Decision, asked: Asked) -> Decision:
    """The decision on a source, cleared where no clause decides and the good left no imposing country.

    Content of an imposer that was asked about, or not told, is judged apart (layer foreign_content).
    """
    if decision.verdict != "review" or any(c.outcome in DECIDES for c in decision.clauses):
        return decision
    made, seller, via = row["origin"], row["supplier_country"], row["content_origin"]
    judged_apart = not via or via in asked.imposers
    if not (outside(made, asked.home) and outside(seller, asked.home)):
        return decision
    if not (judged_apart or outside(via, asked.home)):
        return decision
    of = f" of material from {via}" if via else ""
    note = f"made in {made}{of}, sold from {seller}: no loaded measure reaches it, whatever it is"
    return replace(decision, verdict="not_covered", missing=(), question="", notes=(note,))


def unsettled(decision: Decision) -> str:
    """Why a purchase that no clause meets is not cleared; "" where it is."""
    if decision.verdict != "review" or any(c.outcome in DECIDES for c in decision.clauses):
        return ""
    lacking = [LACKING.get(name, name.replace("_", " ")) for name in decision.missing]
    return f"not cleared, since it is not known: {', '.join(lacking) or 'what the good is'}"
