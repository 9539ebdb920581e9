"""Rules about a country as a whole (R1, U1, E1). The docstring of a rule is its published explanation."""

from __future__ import annotations

from .rules_look import Look, Rule, clause, outcome_for, question_for
from .verdict import Clause

ABROAD_USERS = ("military", "strength_enhancing")


def r1_a__military_user(look: Look) -> Clause | None:
    """No dual-use item may go to a military user of the country that the measure is aimed at. It bites on
    the end user: an item is dual-use when it is on the control list of the imposing country.
    """
    if not _country_ban(look, "military", look.limb.end_user_scope) or not look.exports:
        return None
    if not look.facts.user.military:
        return None
    return clause(r1_a__military_user, look, outcome_for(look, "prohibited"), _user(look), question_for(look))


def r1_b__military_use(look: Look) -> Clause | None:
    """No dual-use item may be exported for a military use in the country that the measure is aimed at,
    whoever the end user is.
    """
    if not _country_ban(look, "military", look.limb.end_use_scope) or not look.exports:
        return None
    if "military" not in look.facts.use.kinds:
        return None
    return clause(
        r1_b__military_use,
        look,
        outcome_for(look, "prohibited"),
        "the end use is military",
        question_for(look),
    )


def r1_c__strength(look: Look) -> Clause | None:
    """No dual-use item may go to any other end user, or for any other end use, that helps to raise the
    military strength of the country. The clause is open-ended: where the fact is established it is a ban;
    where a red flag is given (the affiliate of a listed party, a defence supplier, an end user or end use
    that is not known) a person has to judge.
    """
    if not _country_ban(look, "strength_enhancing", (*look.limb.end_user_scope, *look.limb.end_use_scope)):
        return None
    if not look.exports:
        return None
    if "strength" in look.facts.use.kinds:
        fact = "the end use speaks of military strength"
        return clause(r1_c__strength, look, outcome_for(look, "prohibited"), fact, question_for(look))
    flags = red_flags(look)
    if not flags:
        return None
    return clause(r1_c__strength, look, "review", "red flag: " + "; ".join(flags), _flag_question(look))


def r1_d__from_abroad(look: Look) -> Clause | None:
    """A person of any country who passes items of the imposing country's origin to the target country in
    breach of its clauses is liable there. Civil transfers are not banned by it.
    """
    if (
        look.role != "liability"
        or look.reach != "abroad"
        or not look.aimed
        or look.level.state == "not_listed"
    ):
        return None
    facts = look.facts
    if facts.user.military or facts.use.kinds & {"military", "strength"}:
        fact = _user(look) if facts.user.military else "the end use is military"
        return clause(r1_d__from_abroad, look, outcome_for(look, "prohibited"), fact, question_for(look))
    flags = red_flags(look)
    if flags:
        return clause(
            r1_d__from_abroad, look, "review", "red flag: " + "; ".join(flags), _flag_question(look)
        )
    if look.target == "unknown":
        return clause(r1_d__from_abroad, look, "review", "the destination is not known", question_for(look))
    return clause(r1_d__from_abroad, look, "not_banned", "a civil transfer from abroad")


def r1_e__civil(look: Look) -> Clause | None:
    """A civil use by a party that is on no list is not banned by the country measure. An item of the
    control list still needs its ordinary licence, and licences may be handled more slowly than the text says.
    """
    if not _country_ban(look, "strength_enhancing", (*look.limb.end_user_scope, *look.limb.end_use_scope)):
        return None
    facts = look.facts
    military = facts.user.military or facts.use.kinds & {"military", "strength", "wmd"}
    listed = any(p.band != "none" and p.on_list(look.on) for p in facts.parties)
    if look.target != "yes" or military or listed or red_flags(look):
        return None
    return clause(r1_e__civil, look, "not_banned", "civil end use, end user on no list")


def e1__no_exemption(look: Look) -> Clause | None:
    """No humanitarian exemption is stated in the country measure or in the listings that go with it."""
    if "humanitarian" not in look.facts.use.kinds or look.measure.exemptions.startswith("humanitarian"):
        return None
    scope = {"military", "strength_enhancing", "listed_parties"} & {*look.limb.end_user_scope}
    if not scope or look.target != "yes" or look.reach == "foreign" or look.role:
        return None
    return clause(e1__no_exemption, look, "no_exemption", "the end use is humanitarian")


def red_flags(look: Look) -> list[str]:
    """What makes the open-ended clause a question for a person."""
    facts = look.facts
    flags = []
    for party in facts.parties:
        if party.band in {"near", "review"} and party.on_list(look.on):
            flags.append(f"{party.name} may belong to the listed {party.matched_name}")
        if party.military and party is not facts.user:
            flags.append(f"{party.name} is a military body")
        if party.defence:
            flags.append(f"{party.name} may be a defence supplier")
    if "defence" in facts.use.kinds:
        flags.append("the end use is near to defence")
    if not facts.user.given:
        flags.append("the end user is not known")
    if not facts.use.given:
        flags.append("the end use is not known")
    return flags


def _flag_question(look: Look) -> str:
    if question_for(look):
        return question_for(look)
    if not look.facts.user.given:
        return "Who is the end user?"
    if not look.facts.use.given:
        return "What is the end use, in words that show whether it is civil?"
    return "Can the end user show, in writing, that the end use is civil and no military strength is raised?"


def _country_ban(look: Look, scope: str, scopes: tuple[str, ...]) -> bool:
    limb = look.limb
    ban = limb.instrument == "ban" and limb.handling == "letter" and look.whole_list and not look.role
    return (
        ban and scope in scopes and look.aimed and look.level.state != "not_listed" and not _is_listing(look)
    )


def _is_listing(look: Look) -> bool:
    return "listed_parties" in look.limb.end_user_scope


def _user(look: Look) -> str:
    return f"the end user {look.facts.user.name} is a military body"


COUNTRY_RULES: list[Rule] = [
    r1_a__military_user,
    r1_b__military_use,
    r1_c__strength,
    r1_d__from_abroad,
    r1_e__civil,
    e1__no_exemption,
]
