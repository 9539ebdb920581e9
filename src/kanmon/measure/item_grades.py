"""Goods named by a pattern of letters and digits, and alloys of which only the base metal is said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet
from functools import cache
from typing import TYPE_CHECKING, Any

from .check_words import table

if TYPE_CHECKING:
    from .item_features import Features


def pattern_items(description: str, named: AbstractSet[str]) -> frozenset[str]:
    """Items that a trade designation tells.

    Parameters
    ----------
    named : elements that the description or the HS line names; some patterns tell nothing without one.
    """
    plain = description if description.isascii() else unicodedata.normalize("NFKC", description)
    found: set[str] = set()
    for pattern, partners, items in _patterns():
        if (not partners or partners & named) and pattern.search(plain):
            found |= items
    return frozenset(found)


def open_alloy_items(seen: Features) -> frozenset[str]:
    """Items that an alloy under the heading of its base metal may be: its grade is not known to be free."""
    found: set[str] = set()
    for row in _open_alloys().get(seen.hs[:4], ()):
        if not (seen.hs[:6] in row["alloy_hs"] or "alloy" in seen.forms):
            continue
        if not re.search(row["grades"], seen.text) and not re.search(row["articles"], seen.text):
            found |= set(row["items"])
    return frozenset(found)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], frozenset[str], frozenset[str]], ...]:
    return tuple(
        (re.compile(row["pattern"]), frozenset(row.get("with", ())), frozenset(row["items"]))
        for row in table("goods")["pattern"]
    )


@cache
def _open_alloys() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in table("goods")["open_alloy"]:
        for heading in row["hs"]:
            found.setdefault(heading, []).append(row)
    return found
