"""Rules about listed parties (C, W, X). The docstring of a rule is its published explanation."""

from __future__ import annotations

from .check_facts import PartyFinding
from .rules_look import Look, Rule, clause, question_for
from .verdict import Clause


def c1__control_list(look: Look) -> Clause | None:
    """No dual-use item may be exported to a party on the control list, be it importer, end user or
    receiver; dealings under way stop at once.
    """
    party = _party(look, "control_list")
    if party is None or not _first(look) or look.reach not in {"leaves", "unclear"}:
        return None
    if look.level.state == "not_listed":
        return None
    return clause(
        c1__control_list, look, _for_party(look, party, "prohibited"), _met(party), _ask(look, party)
    )


def c2__from_abroad(look: Look) -> Clause | None:
    """Persons abroad, too, may not pass dual-use items of the imposing country's origin to a party on the
    control list.
    """
    party = _party(look, "control_list")
    last = look.limb is look.measure.limbs[-1]
    if party is None or not last or look.reach != "abroad" or look.level.state == "not_listed":
        return None
    severe = "prohibited" if look.measure.re_export else "review"
    return clause(c2__from_abroad, look, _for_party(look, party, severe), _met(party), _ask(look, party))


def c3__special_need(look: Look) -> Clause | None:
    """In special need an exporter may apply to the authority for an export to a party on the control list.
    This is a way to ask, not an exemption.
    """
    party = _party(look, "control_list")
    if party is None or party.band != "match" or not _first(look) or look.reach != "leaves":
        return None
    if look.level.state != "listed":
        return None
    return clause(c3__special_need, look, "route", _met(party))


def c4__not_dual_use(look: Look) -> Clause | None:
    """Control list and watch list cover dual-use items only. An item that is on no control list may go to
    a listed party.
    """
    party = _party(look, "control_list") or _party(look, "watch_list")
    if party is None or not _first(look) or look.level.state != "not_listed" or look.reach == "foreign":
        return None
    return clause(c4__not_dual_use, look, "not_banned", f"{_met(party)}; the item meets no loaded entry")


def w1__no_general_licence(look: Look) -> Clause | None:
    """For a party on the watch list there is no general licence and no certificate by registration."""
    party = _watched(look)
    if party is None or look.limb.instrument != "listing" or look.level.state != "listed":
        return None
    return clause(w1__no_general_licence, look, "route", _met(party))


def w2__individual_licence(look: Look) -> Clause | None:
    """An export of a dual-use item to a party on the watch list needs an individual licence, with a
    risk-assessment report on the party and its written pledge against uses that raise military strength.
    """
    party = _watched(look)
    if party is None or look.limb.instrument != "licence" or look.level.state == "not_listed":
        return None
    return clause(
        w2__individual_licence, look, _for_party(look, party, "licence"), _met(party), _ask(look, party)
    )


def w3__no_time_limit(look: Look) -> Clause | None:
    """The review clock does not run for a party on the watch list: the time for a licence has no limit."""
    party = _watched(look)
    if party is None or look.limb.instrument != "licence" or look.level.state != "listed":
        return None
    return clause(w3__no_time_limit, look, "route", _met(party))


def w4__refused(look: Look) -> Clause | None:
    """A licence for a party on the watch list is refused for military users, military uses and uses that
    raise military strength. An end use that is not known cannot be cleared.
    """
    party = _watched(look)
    if party is None or look.limb.instrument != "ban" or look.level.state == "not_listed":
        return None
    facts = look.facts
    if facts.user.military or facts.use.kinds & {"military", "strength"}:
        severe = _for_party(look, party, "prohibited")
        return clause(w4__refused, look, severe, f"{_met(party)}; military end use", _ask(look, party))
    if facts.use.given:
        return None
    return clause(
        w4__refused, look, "review", f"{_met(party)}; the end use is not known", "What is the end use?"
    )


def w5__removal(look: Look) -> Clause | None:
    """A party on the watch list that cooperates with the verification may ask to be taken off it."""
    party = _watched(look)
    if party is None or look.limb.instrument != "listing" or look.level.state != "listed":
        return None
    return clause(w5__removal, look, "route", _met(party)) if party.band == "match" else None


def w6__from_abroad(look: Look) -> Clause | None:
    """The notices state no separate ban for persons abroad who pass items to a party on the watch list;
    liability under the country measure can still follow, because end user and end use could not be verified.
    """
    party = _party(look, "watch_list")
    if party is None or look.reach != "abroad" or not _first(look) or look.level.state == "not_listed":
        return None
    ask = "Can the party on the watch list show that the end use is civil and raises no military strength?"
    return clause(w6__from_abroad, look, "review", _met(party), question_for(look) or ask)


def x1__unit_only(look: Look) -> Clause | None:
    """A listing covers the unit it names: not its parent, a sister or a subsidiary. Such a firm is met
    only by the open-ended clause of a country measure, or where goods are passed on to the listed unit.
    """
    near = [p for p in look.named if p.band == "near" and p.on_list(look.on)]
    if not near or not _first(look) or look.reach == "foreign" or look.level.state == "not_listed":
        return None
    return clause(x1__unit_only, look, "not_listed", _met(near[0]))


def x2__names_not_held(look: Look) -> Clause | None:
    """The notice lists parties whose names are not all held here: that a party is not found among them
    clears nothing. Where no name is held, or where a name speaks of arms or is near to a listed one, a
    person has to look into the notice; elsewhere the gap is named.
    """
    if look.unnamed is None or not _first(look) or not look.aimed or look.level.state == "not_listed":
        return None
    reached = look.exports or (look.reach == "abroad" and look.measure.re_export is True)
    if not reached or any(p.band == "match" for p in look.named):
        return None
    doubt = [p.name for p in look.facts.parties if p.military or p.defence or p.band in {"near", "review"}]
    notice = look.measure.instrument_name or look.measure.id
    ask = f"Is {doubt[0] if doubt else 'a party of the shipment'} listed by {notice} ({look.unnamed} here)?"
    outcome = "review" if doubt or not look.unnamed.held else "names_not_held"
    return clause(x2__names_not_held, look, outcome, f"{notice}: {look.unnamed}", ask)


def _party(look: Look, listing: str) -> PartyFinding | None:
    """The party that this measure lists, a sure match before a possible one; near ones are rule X1."""
    if look.limb.instrument == "other":
        return None
    pool = [p for p in look.named if p.listing == listing and p.band in {"match", "review"}]
    return min(pool, key=lambda p: p.band != "match", default=None)


def _watched(look: Look) -> PartyFinding | None:
    return _party(look, "watch_list") if look.reach in {"leaves", "unclear"} else None


def _first(look: Look) -> bool:
    return look.limb is look.measure.limbs[0]


def _for_party(look: Look, party: PartyFinding, severe: str) -> str:
    sure = look.level.state == "listed" and party.band == "match" and look.reach != "unclear"
    return severe if sure else "review"


def _met(party: PartyFinding) -> str:
    how = {"match": "is", "review": "may be", "near": "is near to, and not the same as,"}[party.band]
    kind = party.listing.replace("_", " ")
    more = f" [{party.reason}]" if party.reason else ""
    return f"{party.name} {how} {party.matched_name} ({party.entity_id}, {kind}){more}"


def _ask(look: Look, party: PartyFinding) -> str:
    if party.band == "review":
        return f"Is {party.name} the listed {party.matched_name} ({party.entity_id})?"
    return question_for(look)


PARTY_RULES: list[Rule] = [
    c1__control_list,
    c2__from_abroad,
    c3__special_need,
    c4__not_dual_use,
    w1__no_general_licence,
    w2__individual_licence,
    w3__no_time_limit,
    w4__refused,
    w5__removal,
    w6__from_abroad,
    x1__unit_only,
    x2__names_not_held,
]
