"""Bare HS lines of a measure: goods that were not carved out of their sector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .case import Case, Notes

if TYPE_CHECKING:
    from ..core.figure import Figure
    from ..measure.measure import Covered, Instrument

    Met = tuple[str, Instrument, tuple[float, float, float] | None, Figure | None]


@dataclass(frozen=True)
class Lines:
    """Bare HS codes of one sector that are met in the same way; `like` is one of their items."""

    cell: str
    codes: tuple[str, ...]
    like: Covered


def bare_lines(case: Case, items: Sequence[Covered], notes: Notes) -> list[Lines]:
    """HS codes of items that were not carved out, by parent sector and handling, each code once."""
    groups: dict[Met, dict[str, None]] = {}
    like: dict[Met, Covered] = {}
    seen: set[str] = set()
    carved = _carved_codes(case)
    for item in items:
        if item.product in case.table.sectors:
            continue
        if not item.hs:
            notes.say(f"Not counted: {item.product or 'goods'} - not carved out, and no HS code is given.")
        for code in item.hs:
            if code in seen:
                continue
            seen.add(code)
            cell = sector_of(case, code)
            if code in carved:
                notes.say(
                    f"HS {code} belongs to {carved[code]}, which stands apart from its sector: only the "
                    "products named above are counted of it."
                )
            elif cell is None:
                notes.say(f"Not counted: HS {code} - no sector of the table is known for it.")
            else:
                key = (cell, item.instrument, item.affected, item.volume)
                groups.setdefault(key, {})[code] = None
                like.setdefault(key, item)
    return [Lines(key[0], tuple(codes), like[key]) for key, codes in groups.items()]


def _carved_codes(case: Case) -> dict[str, str]:
    """HS codes whose flows left their sector with a product of its own, and the names of the products."""
    found: dict[str, dict[str, None]] = {}
    for product in case.table.products:
        covered = (c.hs for c in case.coverage.covered if c.product == product)
        for code in (*case.names.codes.get(product, ()), *(code for hs in covered for code in hs)):
            found.setdefault(code, {})[case.names.label(product)] = None
    return {code: " and ".join(names) for code, names in found.items()}


def sector_of(case: Case, code: str) -> str | None:
    """The sector of the table that an HS code belongs to."""
    for sector in case.names.parents_of((code,)):
        for name in (sector, case.names.group.get(sector, "")):
            if name in case.table.sectors:
                return name
    return None
