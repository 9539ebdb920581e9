"""What a measure covers for a buyer on a date: products and HS lines by scenario, with Reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ..core.product import Product
from .goods import Good, control_list, named_symbols, resolve
from .measure import Coverage, Item, Measure, Reason
from .rules import Case, apply, m1_import, n1_not_found, reason, t1_target
from .scenarios import (
    SCENARIOS,
    Answer,
    Question,
    by_list,
    feared,
    full_stop,
    items_of,
    letter,
    operative,
    practice,
    some,
)
from .status import joint_status
from .words import meets, words


def cover(
    measure: Measure,
    on: date,
    buyer: str,
    library: Mapping[str, Measure],
    products: Mapping[str, Product],
    extra_items: Sequence[Item] = (),
) -> Coverage:
    """What the measure covers on the date for the buyer, by scenario, and why.

    Parameters
    ----------
    buyer : alpha-3, or "all" for whichever buyer the measure meets.
    library : measures whose control lists and reported practice belong to the case.
    products : the product catalogue by id.
    extra_items : items of a text's draft; those marked possible join the scenario "feared".
    """
    reach = control_list(library, measure.imposers, on)
    limbs = [limb for limb in measure.limbs if meets(buyer, limb.targets or measure.targets)]
    asked = Question(
        measure, on, buyer, library, products, reach, joint_status(measure, limbs or measure.limbs, on)
    )
    answer = Answer()
    whole: tuple[Good, ...] = ()
    entries = 0
    barrier = _barrier(asked)
    if barrier is not None:
        answer.reasons.append(barrier)
        answer.left_out += [(name, barrier.outcome) for name in SCENARIOS]
    else:
        for limb in limbs:
            answer.reasons += apply(Case(measure, limb, on, buyer))
        stated, possible = items_of(asked, operative(limbs))
        whole, nameless = resolve(stated, products)
        entries = len(set(stated))
        letter(asked, limbs, answer)
        practice(asked, limbs, whole, answer)
        full_stop(asked, limbs, whole, nameless, answer)
        feared(asked, (*possible, *extra_items), answer)
        _left_over(asked, whole, nameless, answer)
    return Coverage(
        measure=measure.id,
        on=on,
        buyer=buyer,
        seller=measure.imposers[0],
        status=asked.status,
        covered=tuple(answer.covered),
        reasons=tuple(dict.fromkeys(answer.reasons)),
        left_out=tuple(answer.left_out),
        entries=entries,
        parties=_parties(asked, answer),
        questions=tuple(answer.questions),
    )


def default_buyer(measure: Measure) -> str | None:
    """The single target country of a measure; None for several, a bloc, or all destinations."""
    if len(measure.targets) != 1:
        return None
    target = measure.targets[0]
    return None if target == "all" or target in words()["blocs"] else target


def _barrier(asked: Question) -> Reason | None:
    """Why the measure cannot take supply from this buyer at all, or None."""
    measure = asked.measure
    if measure.flow == "import":
        return reason(
            m1_import,
            measure.id,
            asked.status,
            "a measure on imports: it takes no supply from the buyer",
            measure.sources,
        )
    if not meets(asked.buyer, (*measure.targets, *(t for limb in measure.limbs for t in limb.targets))):
        text = f"aimed at {', '.join(measure.targets)}, not at {asked.buyer}"
        return reason(t1_target, measure.id, asked.status, text, measure.sources)
    return None


def _left_over(asked: Question, whole: Sequence[Good], nameless: Sequence[Item], answer: Answer) -> None:
    """Nothing is cleared in silence: goods without a code, parts of products, products not found."""
    measure = asked.measure
    if nameless:
        answer.ask(f"Which HS lines hold the entries without a code: {some(nameless)}?")
    if asked.reach.unsure and by_list(measure):
        ids = ", ".join(asked.reach.unsure)
        answer.ask(f"Are the entries of {ids} in force on {asked.on}? Their state is unknown on that day.")
    for good in whole:
        own = _telling(asked, good.product)
        named = own & named_symbols(good)
        if named and own - named:
            answer.ask(
                f"Which share of {good.label} holds {', '.join(sorted(named))}? The measure does not name "
                f"{', '.join(sorted(own - named))}; the whole product is counted."
            )
    if not whole and not nameless:
        return
    covered = {c.product for c in answer.covered}
    count = len({item for good in whole for item in good.items})
    for key, product in asked.products.items():
        if key not in covered:
            text = f"not found: {product.name}, among the {count} entries reached"
            answer.reasons.append(reason(n1_not_found, measure.id, asked.status, text, measure.sources))


def _telling(asked: Question, product: str) -> set[str]:
    """Elements of a product that tell it from its other grades; none for bare HS lines.

    What every grade holds says nothing of which part of a grade a measure means.
    """
    if not product:
        return set()
    card = asked.products[product]
    others = (p for k, p in asked.products.items() if card.grade_of and k != product)
    same = {e for p in others if p.grade_of == card.grade_of for e in p.elements}
    return set(card.elements) - same


def _parties(asked: Question, answer: Answer) -> int:
    """Number of listed parties of the buyer, by this measure, else by related listings, on the date."""
    from .load import parties

    numbers = {asked.measure.instrument_name.split(" ")[-1]}
    if not any(party.number in numbers for party in parties()):
        related = (m for m in asked.library.values() if m.id in asked.measure.related)
        numbers = {m.instrument_name.split(" ")[-1] for m in related}
    named = [
        party
        for party in parties()
        if party.number in numbers
        and meets(asked.buyer, (party.country,))
        and party.listed <= asked.on
        and (party.removed is None or asked.on < party.removed)
    ]
    listing = any(limb.instrument == "listing" for limb in asked.measure.limbs)
    if listing and not named:
        answer.ask(f"Who is listed? The names of {asked.measure.id} are not loaded for {asked.on}.")
    return len(named)
