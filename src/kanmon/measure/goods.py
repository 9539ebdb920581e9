"""From the items of a measure to products of the catalogue and bare HS lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..core.product import Product
from .match import is_not_goods, match_products, symbols_in, symbols_of
from .measure import Item, Limb, Measure
from .status import limb_status
from .words import holds, words


@dataclass(frozen=True)
class Good:
    """Goods that a measure reaches: one product of the catalogue, or HS lines without a product.

    label: the product's name, or the words under which bare lines are gathered; items: the entries
    that reach it.
    """

    product: str
    label: str
    hs: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class ListReach:
    """The items of an imposer's control lists on a date.

    stated: entries in force; possible: entries whose state is unknown, with the measure that holds
    them.
    """

    stated: tuple[Item, ...]
    possible: tuple[Item, ...]
    unsure: tuple[str, ...]


def control_list(library: Mapping[str, Measure], imposers: Iterable[str], on: date) -> ListReach:
    """The entries that need a licence for every destination, by the imposers' measures, on a date."""
    stated: dict[Item, None] = {}
    possible: dict[Item, None] = {}
    unsure: dict[str, None] = {}
    by = set(imposers)
    for measure in library.values():
        if not by & set(measure.imposers) or "all" not in measure.targets or measure.flow == "import":
            continue
        for limb in measure.limbs:
            named = [i for i in limb.items if i.certainty == "stated" and not means_whole_list(i)]
            state = limb_status(limb, on).state
            if not _lists_for_all(limb) or not named or state not in {"in_force", "unknown"}:
                continue
            (stated if state == "in_force" else possible).update(dict.fromkeys(named))
            if state == "unknown":
                unsure.setdefault(measure.id)
    return ListReach(tuple(stated), tuple(i for i in possible if i not in stated), tuple(unsure))


def _lists_for_all(limb: Limb) -> bool:
    everyone = limb.end_user_scope == ("all",) and limb.end_use_scope == ("all",)
    return everyone and limb.instrument == "licence" and limb.handling == "letter"


def means_whole_list(item: Item) -> bool:
    """Whether an item's phrase stands for the whole control list and names nothing itself."""
    named = item.hs or item.elements or item.products
    return not named and holds(item.phrase, words()["whole_list"]["words"])


def means_everything(item: Item) -> bool:
    """Whether an item's phrase stands for all trade."""
    return not item.hs and holds(item.phrase, words()["everything"]["words"])


def resolve(
    items: Sequence[Item], products: Mapping[str, Product]
) -> tuple[tuple[Good, ...], tuple[Item, ...]]:
    """Goods that the items stand for, and the items for which no product and no HS line is known."""
    found: dict[tuple[str, str], list[Item]] = {}
    codes: dict[tuple[str, str], dict[str, None]] = {}
    nameless: list[Item] = []
    for item in items:
        places = _places(item, products)
        if not places:
            nameless.append(item)
        for key, hs in places:
            found.setdefault(key, []).append(item)
            codes.setdefault(key, {}).update(dict.fromkeys(hs))
    goods = (Good(key[0], key[1], tuple(codes[key]), tuple(listed)) for key, listed in found.items())
    return tuple(goods), tuple(nameless)


def _places(item: Item, products: Mapping[str, Product]) -> list[tuple[tuple[str, str], tuple[str, ...]]]:
    """(product id, label) and HS lines of one item: its products, and what they leave over."""
    # An entry of a control list without an element (a fuel mixture, a machine) is none of the products,
    # although its words or its shared HS lines may name one.
    listed = bool(item.control_codes) and not item.elements
    ids = item.products or (() if listed else match_products(item.phrase, item.elements, item.hs, products))
    known = [key for key in ids if key in products]
    places = [((key, products[key].name), products[key].hs) for key in known]
    taken = {code for key in known for code in products[key].hs}
    left = tuple(code for code in item.hs if code not in taken)
    if left and (not known or _elements_left(item, [products[key] for key in known])):
        places.append((("", _label(item)), left))
    return places


def _elements_left(item: Item, matched: Sequence[Product]) -> bool:
    """Whether the item names elements that none of its products holds."""
    symbols = symbols_of(item.elements)[0] or symbols_in(item.phrase)[0]
    return bool(symbols - {e for product in matched for e in product.elements})


def _label(item: Item) -> str:
    """The words under which bare HS lines are gathered: elements, else entry of the list, else phrase."""
    if item.elements and not is_not_goods(item.phrase):
        return " ".join(item.elements)
    return item.control_codes[0].split(".")[0].split(" ")[0] if item.control_codes else item.phrase


def named_symbols(good: Good) -> set[str]:
    """Chemical symbols that the entries of a good name; empty where an entry names none."""
    found: set[str] = set()
    for item in good.items:
        found |= symbols_of(item.elements)[0] or symbols_in(item.phrase)[0]
    return found
