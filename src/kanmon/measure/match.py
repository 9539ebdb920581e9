"""Which products of the catalogue a phrase, elements or HS codes stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from ..core.product import Product
from .words import holds, words


def match_products(
    phrase: str, elements: Sequence[str], hs: Sequence[str], products: Mapping[str, Product]
) -> tuple[str, ...]:
    """Ids of the products that an item stands for, in the order of the catalogue.

    Elements decide where they are known (given, or named in the phrase), because HS lines are shared
    between elements; then the product's own names; HS codes only where nothing else is known. A form
    in the phrase ("ore", "powder") admits only products of that form, and without a form a product
    that has one is admitted only by a word for a whole group of elements. Beside a form, a word
    like "metal" admits the plain product too.
    """
    if is_not_goods(phrase):
        return ()
    form = form_of(phrase)
    plain = not form or holds(phrase, words()["base_forms"]["words"])
    symbols, broad = symbols_of(elements)
    if not symbols:
        symbols, broad = symbols_in(phrase)
    if symbols:
        return tuple(
            key
            for key, product in products.items()
            if symbols & set(product.elements) and _form_fits(product, form, plain=plain, broad=broad)
        )
    named = tuple(k for k, p in products.items() if holds(phrase, (p.name, *p.names)))
    return named or tuple(k for k, p in products.items() if _shares_code(hs, p.hs))


@cache
def is_not_goods(phrase: str) -> bool:
    """Whether a phrase speaks of knowledge, services or machines rather than of a material."""
    return holds(phrase, words()["not_goods"]["words"])


@cache
def form_of(phrase: str) -> str:
    """The form a phrase names ("battery", "ore"), or ""."""
    return next((form for form, spellings in words()["forms"].items() if holds(phrase, spellings)), "")


def symbols_of(elements: Iterable[str]) -> tuple[frozenset[str], bool]:
    """Chemical symbols behind symbols, names and group words; whether a broad group is among them."""
    table = words()
    found: set[str] = set()
    broad = False
    for word in elements:
        if word in table["elements"]:
            found.add(word)
        elif word in table["groups"]:
            found |= set(table["groups"][word])
            broad = broad or word in table["broad"]["words"]
        else:
            more, wide = symbols_in(word)
            found |= more
            broad = broad or wide
    return frozenset(found), broad


@cache
def symbols_in(phrase: str) -> tuple[frozenset[str], bool]:
    """Chemical symbols of the elements and groups that a phrase names; whether a group is broad."""
    table = words()
    group = group_in(phrase)
    if group:
        return frozenset(table["groups"][group]), group in table["broad"]["words"]
    return frozenset(s for s, names in table["elements"].items() if holds(phrase, names)), False


def group_in(phrase: str) -> str:
    """The group of elements that a phrase names, or ""."""
    return next((g for g, spellings in words()["group_words"].items() if holds(phrase, spellings)), "")


def _form_fits(product: Product, form: str, *, plain: bool, broad: bool) -> bool:
    own = form_of(f"{product.stage} {product.name}")
    return own == form or (plain and not own) or (broad and not form)


def _shares_code(hs: Iterable[str], others: Iterable[str]) -> bool:
    theirs = tuple(others)
    return any(code.startswith(other) or other.startswith(code) for code in hs for other in theirs)
