"""Rules about goods (I, B, N, M, P). The docstring of a rule is its published explanation."""

from __future__ import annotations

from .check_words import table
from .rules_look import Look, Rule, clause, route_question
from .verdict import Clause

STOPS = {"ban": "prohibited", "quota": "licence", "licence": "licence"}
"""Instrument -> outcome for goods that a limb names; taxes and other parts stop nothing."""


def i1__listed(look: Look) -> Clause | None:
    """A good that an entry of the list in force names needs a licence before it leaves the country, or
    before a person of that country gives it to a foreign one; whoever the buyer is. A rule on an entry
    holds for every paragraph under it.
    """
    limb = look.limb
    if limb.handling != "letter" or limb.instrument != "licence" or not look.for_all or look.role:
        return None
    best = look.best()
    if best is None or best.strength != "certain" or not look.exports or not look.aimed:
        return None
    if _needs_list(look) == "not_listed":
        return None
    return clause(i1__listed, look, _sure(look, "licence"), best.why, route_question(look))


def i2__possible(look: Look) -> Clause | None:
    """The facts point to an entry but do not prove it: the HS line is wider than the entry, the
    composition or a limit is not given, only words name it, or the good belongs to a family of the list
    that is not itemised. It may be controlled; the parameters asked for decide.
    """
    limb = look.limb
    if limb.handling != "letter" or limb.instrument not in STOPS or not look.for_all or look.role:
        return None
    if not look.exports or not look.aimed:
        return None
    best = look.best()
    if best is not None and best.strength == "possible" and _needs_list(look) != "not_listed":
        if _needs_list(look) == "listed":
            return None
        asks = [h.ask for h in look.hits if h.ask]
        more = len({h.thing for h in look.hits if h.strength == "possible"}) - 1
        entries = "entry is" if more == 1 else "entries are"
        fact = best.why + (f"; {more} more {entries} possible" if more else "")
        return clause(i2__possible, look, "review", fact, asks[0] if asks else route_question(look))
    item, own = look.facts.item, look.measure.id == table("families")["measure"]
    if own and (item.families or item.unloaded) and not look.hits:
        names = ", ".join(item.families) or f"control code {', '.join(item.unloaded)}"
        return clause(i2__possible, look, "review", f"belongs to: {names}", item.ask)
    return None


def i1_l__whole_list(look: Look) -> Clause | None:
    """The measure takes the whole control list of the imposing country and asks a licence for one
    destination: what is on that list needs one, what may be on it needs a look.
    """
    limb = look.limb
    named = look.whole_list and look.for_all and limb.instrument == "licence" and not look.role
    if not named or limb.handling != "letter" or not look.exports or not look.aimed:
        return None
    if look.level.state == "not_listed":
        return None
    outcome = _sure(look, "licence") if look.level.state == "listed" else "review"
    return clause(i1_l__whole_list, look, outcome, look.level.why, look.level.ask or route_question(look))


def i3__catch_all(look: Look) -> Clause | None:
    """A good that is on no list needs a licence where the exporter knows or should know that it serves
    weapons of mass destruction, terrorism, or otherwise endangers national security.
    """
    if look.role != "catch_all" or not look.exports or look.level.state == "listed":
        return None
    if "wmd" not in look.facts.use.kinds:
        return None
    return clause(i3__catch_all, look, "licence", "the end use names such a risk")


def i4__near_miss(look: Look) -> Clause | None:
    """The good is outside a limit of an entry. It is not controlled by that entry, but it must be
    declared as such with its parameters; customs may query and hold it.
    """
    near = [hit for hit in look.hits if hit.strength == "near"]
    if not near or not look.exports or look.limb.handling != "letter":
        return None
    return clause(i4__near_miss, look, "near_miss", near[0].why)


def b1__named_goods(look: Look) -> Clause | None:
    """The measure stops the named goods for every buyer in the countries it is aimed at. Where it
    refuses licences in principle, that counts as a stop.
    """
    limb = look.limb
    stops = limb.instrument in {"ban", "quota"} and look.for_all and limb.handling == "letter"
    best = look.best()
    if (
        not stops
        or look.role
        or best is None
        or best.strength == "near"
        or not look.exports
        or not look.aimed
    ):
        return None
    needed = _needs_list(look)
    if needed == "not_listed":
        return None
    if best.strength == "possible" and needed != "listed":
        return None  # rule I2 asks
    severe = "refused_in_principle" if _refused(look) else STOPS[limb.instrument]
    return clause(b1__named_goods, look, _sure(look, severe), best.why, route_question(look))


def n1__end_use(look: Look) -> Clause | None:
    """The measure names goods for certain end uses. Goods that meet it need a licence, or are refused in
    principle, for those uses; for another use, or an unknown one, a person has to look.
    """
    limb, use = look.limb, look.facts.use
    scoped = limb.end_use_scope != ("all",) and limb.end_user_scope == ("all",) and bool(look.hits)
    if not scoped or look.role or limb.handling != "letter" or limb.instrument not in STOPS:
        return None
    best = look.best()
    if best is None or best.strength == "near" or not look.exports or not look.aimed:
        return None
    meant = set(limb.end_use_scope) & use.kinds
    severe = "refused_in_principle" if _refused(look) else STOPS[limb.instrument]
    sure = best.strength == "certain" and bool(meant)
    ask = best.ask or ("" if meant else "Is the end use one of: " + ", ".join(limb.end_use_scope) + "?")
    return clause(n1__end_use, look, _sure(look, severe) if sure else "review", best.why, ask)


def m1__import(look: Look) -> Clause | None:
    """The measure stops or burdens goods that the imposing country buys from its target: the shipment is
    met when it goes there from the target.
    """
    limb, facts = look.limb, look.facts
    if look.measure.flow == "export" or facts.ship_to not in look.measure.imposers:
        return None
    best = look.best()
    if best is None or not _made_in_target(look):
        return None
    severe = {"ban": "prohibited", "licence": "licence"}.get(limb.instrument)
    if severe is None or limb.handling != "letter":
        return clause(m1__import, look, "burdened", best.why)
    return clause(m1__import, look, severe if best.strength == "certain" else "review", best.why, best.ask)


def p1__practice(look: Look) -> Clause | None:
    """Handling that was reported beside or against the text, for instance licences that are not
    processed. It does not decide; a licence may take longer than the text says.
    """
    best = look.best()
    if look.limb.handling != "practice" or best is None or best.strength == "near":
        return None
    if not look.exports or look.target != "yes" or look.level.state == "not_listed":
        return None
    return clause(p1__practice, look, "reported_practice", best.why)


def _made_in_target(look: Look) -> bool:
    from .words import meets

    place = look.facts.ship_from or look.facts.origin
    return bool(place) and meets(place, look.limb.targets or look.measure.targets)


def _sure(look: Look, severe: str) -> str:
    return severe if look.sure else "review"


def _refused(look: Look) -> bool:
    return f"{look.measure.id}/{look.limb.id}" in table("limbs")["refusal"]["limbs"]


def _needs_list(look: Look) -> str:
    """State of the item on the imposer's list where the limb names elements, not entries: an element
    alone says nothing of a good that the list does not hold. "" where the limb names entries itself.
    """
    if not look.hits or any("#" not in hit.thing for hit in look.hits):
        return ""
    if not any(item.elements for item in look.limb.items) or look.limb.targets == ("all",):
        return ""
    aimed_at_all = "all" in (look.limb.targets or look.measure.targets)
    return "" if aimed_at_all else look.level.state


ITEM_RULES: list[Rule] = [
    i1__listed,
    i2__possible,
    i1_l__whole_list,
    i3__catch_all,
    i4__near_miss,
    b1__named_goods,
    n1__end_use,
    m1__import,
    p1__practice,
]
