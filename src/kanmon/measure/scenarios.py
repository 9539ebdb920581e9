"""The four scenarios of a measure, each built from the record's own fields.

letter: what the text orders, for the parties and uses it names. practice: handling that was reported.
full_stop: all goods that the measure reaches, every buyer. feared: what the record, reports or a text
mark as possible. A scenario without content is left out with the reason; no probability is invented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from ..core.figure import Figure
from ..core.product import Product
from ..core.source import Source, unite
from .goods import Good, ListReach, means_everything, means_whole_list, resolve
from .match import is_not_goods
from .measure import Covered, Instrument, Item, Limb, Measure, Reason, Status
from .rules import Case, apply, i2_code, l1_list, reason, w1_what_if, w2_feared
from .status import limb_status
from .words import meets

Scenario = Literal["letter", "practice", "full_stop", "feared"]
SCENARIOS: tuple[Scenario, ...] = ("letter", "practice", "full_stop", "feared")
EVERYONE = (1.0, 1.0, 1.0)
SEVERITY: tuple[Instrument, ...] = ("ban", "quota", "licence", "tax", "listing", "other")
"""Instruments that meet every buyer, most severe first. Among clauses that meet some buyers only, a
listing stands first because it says which."""


@dataclass(frozen=True)
class Question:
    """What `cover` was asked, passed on to its parts; `reach` is the imposer's control list."""

    measure: Measure
    on: date
    buyer: str
    library: Mapping[str, Measure]
    products: Mapping[str, Product]
    reach: ListReach
    status: Status


@dataclass
class Answer:
    """What is gathered on the way."""

    covered: list[Covered] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    questions: dict[str, None] = field(default_factory=dict)

    def ask(self, text: str) -> None:
        """Add a question once."""
        self.questions.setdefault(text)


def operative(limbs: Sequence[Limb]) -> list[Limb]:
    """The limbs whose goods the measure reaches: those of the text, else those of reported practice."""
    letter = [limb for limb in limbs if limb.handling == "letter" and limb.instrument != "other"]
    return letter or [limb for limb in limbs if limb.handling == "practice"]


def items_of(asked: Question, limbs: Sequence[Limb]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """(stated, possible) items of limbs; a phrase for the whole list stands for the list itself."""
    stated: dict[Item, None] = {}
    possible: dict[Item, None] = {}
    for item in (item for limb in limbs for item in limb.items):
        if means_whole_list(item):
            certain = item.certainty == "stated"
            (stated if certain else possible).update(dict.fromkeys(asked.reach.stated))
            possible.update(dict.fromkeys(asked.reach.possible))
        elif not means_everything(item):
            (stated if item.certainty == "stated" else possible).setdefault(item)
    return tuple(stated), tuple(i for i in possible if i not in stated)


def letter(asked: Question, limbs: Sequence[Limb], answer: Answer) -> None:
    """What the text orders, limb by limb, joined by product."""
    reached: dict[tuple[str, str], list[tuple[Limb, Good]]] = {}
    operative = [limb for limb in limbs if limb.handling == "letter" and limb.instrument != "other"]
    holding = [limb for limb in operative if limb_status(limb, asked.on).state in {"in_force", "unknown"}]
    for limb in holding:
        goods, _ = resolve(items_of(asked, [limb])[0], asked.products)
        for good in goods:
            reached.setdefault((good.product, good.label), []).append((limb, good))
    for pairs in reached.values():
        answer.covered.append(_by_text(asked, pairs))
    for limb in holding if reached else []:
        _ask_share(asked, limb, answer)
    if not reached:
        answer.left_out.append(("letter", _why_no_letter(asked, operative, holding)))


def _why_no_letter(asked: Question, operative: Sequence[Limb], holding: Sequence[Limb]) -> str:
    if holding:
        return "the text names no goods for which a product or an HS line is loaded"
    if operative:
        texts = dict.fromkeys(limb_status(limb, asked.on).text for limb in operative)
        return f"the text does not apply on {asked.on}: {'; '.join(texts)}"
    if any(limb.handling == "practice" for limb in asked.measure.limbs):
        return "there is no published text, only reported practice"
    return "the text stops no goods by itself"


def _by_text(asked: Question, pairs: Sequence[tuple[Limb, Good]]) -> Covered:
    """One covered product from the limbs that reach it: a clause for every buyer decides, else a union."""
    cases = [Case(asked.measure, limb, asked.on, asked.buyer) for limb, _ in pairs]
    general = [case.limb for case in cases if not case.limited]
    limbs = general or [case.limb for case in cases]
    order: tuple[Instrument, ...] = SEVERITY if general else ("listing", *SEVERITY)
    certain = any(case.status.state == "in_force" for case in cases if case.limb in limbs)
    good = _joined([good for _, good in pairs])
    reasons = [r for case in cases for r in apply(case)]
    return Covered(
        scenario="letter",
        product=good.product,
        hs=good.hs,
        instrument=min((limb.instrument for limb in limbs), key=order.index),
        affected=EVERYONE if general else _union([limb for limb, _ in pairs]),
        certainty="stated" if certain else "possible",
        reasons=tuple(dict.fromkeys([*reasons, *_extra_reasons(asked, good)])),
        volume=_strictest(limbs),
    )


def _strictest(limbs: Sequence[Limb]) -> Figure | None:
    """The smallest volume of the quotas on one good; None where one of them has none: it may be nought."""
    volumes = [limb.volume for limb in limbs if limb.instrument == "quota"]
    known = [v for v in volumes if v is not None and v.value is not None]
    return min(known, key=lambda v: v.value or 0.0) if known and len(known) == len(volumes) else None


def _joined(goods: Sequence[Good]) -> Good:
    hs = tuple(dict.fromkeys(code for good in goods for code in good.hs))
    items = tuple(dict.fromkeys(item for good in goods for item in good.items))
    return Good(goods[0].product, goods[0].label, hs, items)


def _union(limbs: Sequence[Limb]) -> tuple[float, float, float] | None:
    """Share of purchases that several limited clauses reach together; None where one is not known."""
    figures = [limb.affected for limb in dict.fromkeys(limbs)]
    total = [0.0, 0.0, 0.0]
    for figure in figures:
        if figure is None or figure.low is None or figure.value is None or figure.high is None:
            return None
        for place, share in enumerate((figure.low, figure.value, figure.high)):
            total[place] = round(min(1.0, total[place] + share), 6)
    return (total[0], total[1], total[2])


def _extra_reasons(asked: Question, good: Good) -> list[Reason]:
    """Reasons about the goods themselves: reached through the control list, HS line too wide."""
    sources = unite(*(item.sources for item in good.items))
    found = []
    if any(item in asked.reach.stated for item in good.items) and by_list(asked.measure):
        text = f"reached through the control list: {good.label}, {len(good.items)} entries"
        found.append(reason(l1_list, asked.measure.id, asked.status, text, sources))
    if not good.product:
        text = f"HS {', '.join(good.hs)} holds more than the covered goods ({good.label})"
        found.append(reason(i2_code, asked.measure.id, asked.status, text, sources))
    return found


def by_list(measure: Measure) -> bool:
    """Whether the measure reaches the imposer's control list instead of goods of its own."""
    return any(means_whole_list(item) for item in measure.items)


def _ask_share(asked: Question, limb: Limb, answer: Answer) -> None:
    """What would settle how many buyers a limited clause reaches."""
    if not Case(asked.measure, limb, asked.on, asked.buyer).limited:
        return
    scope = " or ".join(
        dict.fromkeys(w.replace("_", " ") for w in (*limb.end_user_scope, *limb.end_use_scope) if w != "all")
    )
    head = f"Which share of {asked.buyer}'s purchases does clause {limb.id} reach ({scope})?"
    share = limb.affected
    if share is None:
        answer.ask(f"{head} It is not known; purchases by customer and end use would settle it.")
    elif share.basis != "measured":
        answer.ask(f"{head} {share.low:g} to {share.high:g} is {share.basis}: {share.note}.")


def practice(asked: Question, limbs: Sequence[Limb], whole: Sequence[Good], answer: Answer) -> None:
    """Reported handling: of the measure itself, and of related records for goods that it reaches.

    Where several reports meet the same goods, one that still holds goes before one whose state is
    unknown, and a later one before an earlier.
    """
    reached = {(good.product, good.label) for good in whole}
    found: dict[tuple[str, str], list[tuple[Case, Good]]] = {}
    for measure, limb in [*((asked.measure, limb) for limb in limbs), *_related_limbs(asked)]:
        case = Case(measure, limb, asked.on, asked.buyer)
        if limb.handling != "practice" or not case.holds:
            continue
        for good in resolve(items_of(asked, [limb])[0], asked.products)[0]:
            key = (good.product, good.label)
            if measure is asked.measure or key in reached:
                found.setdefault(key, []).append((case, good))
    for pairs in found.values():
        answer.covered.append(_by_practice(*min(pairs, key=_newest_report), answer))
    if not found:
        answer.left_out.append(
            ("practice", "no handling beside the text is recorded for this buyer and date")
        )


def _newest_report(pair: tuple[Case, Good]) -> tuple[bool, int]:
    case = pair[0]
    begun = case.limb.effective
    return (case.status.state != "in_force", -begun.day.toordinal() if begun else 0)


def _by_practice(case: Case, good: Good, answer: Answer) -> Covered:
    sure = case.status.state == "in_force"
    if not sure:
        answer.ask(f"Does the practice reported in {case.measure.id} go on? {case.status.text}.")
    limited = _union([case.limb]) if case.limited else EVERYONE
    reasons = apply(case)
    answer.reasons += reasons
    certainty: Literal["stated", "possible"] = "stated" if sure else "possible"
    return Covered(
        scenario="practice",
        product=good.product,
        hs=good.hs,
        instrument=case.limb.instrument,
        affected=limited,
        certainty=certainty,
        reasons=reasons,
        volume=_strictest([case.limb]),
    )


def _related_limbs(asked: Question) -> list[tuple[Measure, Limb]]:
    """Limbs of related records (named by either side) of the same imposer that meet the buyer."""
    measure = asked.measure
    related = [
        other
        for other in asked.library.values()
        if other.id != measure.id
        and (other.id in measure.related or measure.id in other.related)
        and set(other.imposers) & set(measure.imposers)
        and other.flow != "import"
    ]
    return [(m, limb) for m in related for limb in m.limbs if meets(asked.buyer, limb.targets or m.targets)]


def full_stop(
    asked: Question, limbs: Sequence[Limb], whole: Sequence[Good], nameless: Sequence[Item], answer: Answer
) -> None:
    """All goods that the measure reaches, for every buyer."""
    sources = unite(*(limb.sources for limb in operative(limbs)))
    for good in whole:
        text = f"what if all of it stopped: {good.label}"
        why = reason(w1_what_if, asked.measure.id, asked.status, text, sources)
        reasons = (why, *_extra_reasons(asked, good))
        answer.covered.append(Covered("full_stop", good.product, good.hs, "ban", EVERYONE, "stated", reasons))
    if not whole:
        why_not = "no goods are named that a product or an HS line stands for"
        if nameless or any(means_everything(i) or means_whole_list(i) for i in asked.measure.items):
            why_not += "; a measure file with HS codes (docs/measures.md) makes it answerable"
        answer.left_out.append(("full_stop", why_not))


def feared(asked: Question, extra: Sequence[Item], answer: Answer) -> None:
    """What the measure, related reports or a text mark as possible."""
    items = [item for limb in asked.measure.limbs for item in limb.items]
    items += [item for _, limb in _related_limbs(asked) if limb.handling == "practice" for item in limb.items]
    wanted = [i for i in (*items, *extra) if i.certainty == "possible" and not means_whole_list(i)]
    wanted += [i for i in extra if i in asked.reach.possible]
    goods, unknown = resolve(tuple(dict.fromkeys(wanted)), asked.products)
    for good in goods:
        sources: tuple[Source, ...] = unite(*(item.sources for item in good.items)) or asked.measure.sources
        text = f"feared: {'; '.join(dict.fromkeys(item.phrase for item in good.items))}"
        why = reason(w2_feared, asked.measure.id, asked.status, text, sources)
        answer.covered.append(Covered("feared", good.product, good.hs, "ban", EVERYONE, "possible", (why,)))
    if unknown:
        answer.ask(
            f"Which goods are meant by {some(unknown)}? No product and no HS line stands for the words."
        )
    if not goods:
        answer.left_out.append(("feared", "neither the record nor a text marks further goods as possible"))


def some(items: Sequence[Item]) -> str:
    """The first phrases of some items, goods before knowledge and machines, and how many more."""
    phrases = list(dict.fromkeys(i.phrase for i in sorted(items, key=lambda i: is_not_goods(i.phrase))))
    more = f" and {len(phrases) - 3} more" if len(phrases) > 3 else ""
    return "; ".join(phrases[:3]) + more
