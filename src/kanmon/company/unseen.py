"""What could not be seen of a firm, and what that does to the answer; listed first in every report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

WITHOUT = {
    "bom": "no bill of materials: days are told only of what is sold as bought; none found is no clearance",
    "products": "no products: what is sold, and at which price, is not known; no money at stake",
    "stock": "no stock: every cover is counted from an empty store and is a lower bound",
    "sources": "no sources: which supplier and origin an item comes from is taken from the ledger, if any",
    "parts": "no item master: descriptions, units and customs codes are lacking",
    "content": "no material content: whether an item holds a controlled element is asked, not known",
    "orders": "no open orders: what is on its way is not counted",
    "suppliers": "no suppliers: names cannot be screened, countries of suppliers are not known",
    "customers": "no customers: end users and end uses cannot be screened",
    "demand": "no demand by customer: the products' own plan is used",
    "fx": "no rates: amounts in other currencies are left out",
}
"""Missing table -> what the reader must know, most serious first."""


def sentences(frames: Mapping[str, pl.DataFrame], day: date) -> tuple[str, ...]:
    """Sentences on missing tables, on columns that are empty where they matter, and on orders in doubt.

    day: day 0.
    """
    found = [text for table, text in WITHOUT.items() if frames[table].height == 0]
    for table, column, text in (
        ("parts", "hs_code", "items have no customs code"),
        ("parts", "unit", "items have no unit"),
        ("sources", "share", "sources have no share of the volume; equal shares are assumed"),
        ("sources", "origin", "sources have no country of origin"),
        ("products", "margin", "products have no margin; lost sales are counted, not lost margin"),
        ("products", "price", "products have no price"),
        ("bom", "quantity", "lines of the bill of materials have no usable quantity"),
        ("stock", "free", "stock lines have no usable quantity"),
        ("orders", "quantity", "orders have no usable quantity and are not counted"),
        ("orders", "due", "orders have no due day and are not counted"),
        (
            "orders",
            "cleared",
            "orders do not tell whether they have left; they are not counted as on their way",
        ),
        ("customers", "end_use", "customers have no end use: it is asked where a rule needs it"),
        (
            "ledger",
            "origin",
            "purchase lines have no origin; it is taken from the sources where they tell one",
        ),
        ("ledger", "part", "purchase lines have no item: they are judged by their text"),
    ):
        frame = frames[table]
        lacking = frame[column].null_count()
        if frame.height and lacking:
            found.append(f"{lacking:,} of {frame.height:,} {text}")
    late = frames["orders"].filter(frames["orders"]["cleared"] & (frames["orders"]["due"] < day))
    if late.height:
        found.append(f"{late.height:,} orders on their way were due before day 0; they are counted on day 0")
    known = set(frames["parts"]["part"].drop_nulls().to_list())
    if known:
        strange = set(frames["bom"]["child"].drop_nulls().to_list()) - known
        if strange:
            shown = ", ".join(sorted(strange)[:5])
            found.append(f"{len(strange):,} items of the bill of materials are in no item master: {shown}")
    return tuple(found)
