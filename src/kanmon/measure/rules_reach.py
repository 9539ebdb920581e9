"""Rules that reach goods made or moved abroad (R61, R62) and licence routes (L). The docstring of a rule
is its published explanation.
"""

from __future__ import annotations

from .check_words import table
from .item_match import Hit
from .rules_look import Look, Rule, clause, route_question
from .verdict import Clause


def r61_1__content(look: Look) -> Clause | None:
    """A listed good made abroad needs a licence of the imposing country when its content from there is
    worth 0.1 % of the good or more.
    """
    hit = _annex(look, "content")
    if hit is None or look.reach not in {"foreign", "unclear"} or _exempt(look):
        return None
    named = look.facts.made_of
    if named and not named & set(look.measure.imposers):
        return None
    sure = hit.strength == "certain" and bool(named) and look.reach == "foreign"
    ask = f"Is content from {', '.join(look.measure.imposers)} worth 0.1 % of the good or more?"
    return clause(r61_1__content, look, "licence" if sure else "review", hit.why, "" if sure else ask)


def r61_2__technology(look: Look) -> Clause | None:
    """A listed good made abroad with technology of the imposing country needs its licence."""
    hit = _annex(look, "technology")
    if hit is None or look.reach not in {"foreign", "unclear"} or _exempt(look):
        return None
    ask = f"Was it made with technology from {', '.join(look.measure.imposers)}?"
    return clause(r61_2__technology, look, "review", hit.why, ask)


def r61_3__origin(look: Look) -> Clause | None:
    """A listed good of the imposing country's origin needs its licence again when it is re-exported from
    abroad.
    """
    hit = _annex(look, "origin")
    if hit is None or look.reach not in {"abroad", "unclear"} or _exempt(look):
        return None
    sure = hit.strength == "certain" and look.reach == "abroad"
    ask = hit.ask or route_question(look)
    return clause(r61_3__origin, look, "licence" if sure else "review", hit.why, ask)


def r61_4__refused_user(look: Look) -> Clause | None:
    """Licences for goods made or moved abroad are refused in principle for foreign military users, for
    parties on the control list or watch list, and for their branches and subsidiaries held 50 % or more.
    """
    hit = _annex(look, "refusal")
    if hit is None or look.reach not in {"abroad", "foreign"}:
        return None
    facts = look.facts
    listed = [p for p in facts.parties if p.band != "none" and p.on_list(look.on)]
    if not listed and not facts.user.military:
        return None
    sure = hit.strength == "certain" and (facts.user.military or any(p.band == "match" for p in listed))
    who = facts.user.name if facts.user.military else listed[0].name
    ask = "" if sure else hit.ask or f"Is {who} held 50 % or more by {listed[0].matched_name}?"
    return clause(
        r61_4__refused_user, look, "refused_in_principle" if sure else "review", f"party: {who}", ask
    )


def r61_5__refused_use(look: Look) -> Clause | None:
    """Licences for goods made or moved abroad are refused in principle for weapons of mass destruction,
    terrorism and military uses.
    """
    hit = _annex(look, "refusal")
    if hit is None or look.reach not in {"abroad", "foreign"}:
        return None
    if not look.facts.use.kinds & {"military", "wmd", "strength"}:
        return None
    outcome = "refused_in_principle" if hit.strength == "certain" else "review"
    return clause(r61_5__refused_use, look, outcome, "the end use is military or worse", hit.ask)


def r61_6__case_by_case(look: Look) -> Clause | None:
    """Logic chips of 14 nm or below, memory of 256 layers or more, their tools and materials, and research
    on artificial intelligence with a military side are decided case by case.
    """
    hit = _annex(look, "case_by_case")
    if hit is None or look.reach not in {"abroad", "foreign"} or "advanced_chip" not in look.facts.use.kinds:
        return None
    outcome = "licence" if hit.strength == "certain" else "review"
    return clause(r61_6__case_by_case, look, outcome, "the end use is advanced chips", hit.ask)


def r61_7__humanitarian(look: Look) -> Clause | None:
    """Urgent medicine, public health emergencies and disaster relief need no licence under the rules on
    goods made or moved abroad; a report follows.
    """
    hit = _annex(look, "origin")
    if hit is None or look.reach not in {"abroad", "foreign"} or not _exempt(look):
        return None
    return clause(r61_7__humanitarian, look, "not_banned", "the end use is humanitarian")


def r62_1__know_how(look: Look) -> Clause | None:
    """Technology of the named fields, its carriers, and work on such production lines abroad need a
    licence; so does help that the exporter knows goes there.
    """
    if look.role != "know_how":
        return None
    hit = look.best(look.annex)
    if hit is None or hit.strength == "near" or look.reach not in {"leaves", "unclear"}:
        return None
    sure = hit.strength == "certain" and look.reach == "leaves"
    ask = hit.ask or route_question(look)
    return clause(r62_1__know_how, look, "licence" if sure else "review", hit.why, ask)


def f2__foreign_product(look: Look) -> Clause | None:
    """The measure also reaches goods of the imposing country's origin that are re-exported, and goods made
    abroad with its technology, software or tools. Whether a good is such a product only its maker can say.
    """
    key = f"{look.measure.id}/{look.limb.id}"
    if key not in table("limbs")["foreign_product"].get(look.reach, ()):
        return None
    hit = look.best()
    if hit is None or hit.strength == "near" or not look.aimed:
        return None
    by = ", ".join(look.measure.imposers)
    made = f"Is the good a direct product of technology, software or equipment from {by}?"
    ask = f"Is a licence of {by} held for the re-export?" if look.reach == "abroad" else made
    return clause(f2__foreign_product, look, "review", hit.why, ask)


def l1__individual(look: Look) -> Clause | None:
    """An individual licence: one export of given goods to one end user, valid for at most one year."""
    return clause(l1__individual, look, "route", look.level.why) if _routed(look) else None


def l2__general(look: Look) -> Clause | None:
    """A general licence: several exports to named users for at most three years, only for exporters with
    an internal compliance programme. Not for parties on the watch list.
    """
    return clause(l2__general, look, "route", look.level.why) if _routed(look) and not look.watched else None


def l3__registration(look: Look) -> Clause | None:
    """A certificate by registration, for limited cases such as goods that come back after repair, test or
    exhibition. Not for parties on the watch list.
    """
    return (
        clause(l3__registration, look, "route", look.level.why)
        if _routed(look) and not look.watched
        else None
    )


def l4__time(look: Look) -> Clause | None:
    """The authority decides within 45 working days from acceptance of a complete application. The clock
    does not run for parties on the watch list.
    """
    return clause(l4__time, look, "route", look.level.why) if _routed(look) and not look.watched else None


def _routed(look: Look) -> bool:
    return look.role == "licence_types" and look.level.state == "listed" and look.reach == "leaves"


def _annex(look: Look, role: str) -> Hit | None:
    """The strongest hit among the items of the rule's annex, for a limb of that role."""
    if look.role != role:
        return None
    best = look.best(look.annex)
    return best if best is not None and best.strength != "near" else None


def _exempt(look: Look) -> bool:
    return "humanitarian" in look.facts.use.kinds


REACH_RULES: list[Rule] = [
    r61_1__content,
    r61_2__technology,
    r61_3__origin,
    r61_4__refused_user,
    r61_5__refused_use,
    r61_6__case_by_case,
    r61_7__humanitarian,
    r62_1__know_how,
    f2__foreign_product,
]
LICENCE_RULES: list[Rule] = [l1__individual, l2__general, l3__registration, l4__time]
