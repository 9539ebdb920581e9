"""What could not be seen of a firm, and what that does to the answer; listed first in every report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

WITHOUT = {
    "bom": "no bill of materials: days of cover by item only, not by product",
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


def sentences(frames: Mapping[str, pl.DataFrame]) -> tuple[str, ...]:
    """Sentences on missing tables and on columns that are empty where they matter."""
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
    ):
        frame = frames[table]
        lacking = frame[column].null_count()
        if frame.height and lacking:
            found.append(f"{lacking:,} of {frame.height:,} {text}")
    known = set(frames["parts"]["part"].drop_nulls().to_list())
    if known:
        strange = set(frames["bom"]["child"].drop_nulls().to_list()) - known
        if strange:
            shown = ", ".join(sorted(strange)[:5])
            found.append(f"{len(strange):,} items of the bill of materials are in no item master: {shown}")
    return tuple(found)
