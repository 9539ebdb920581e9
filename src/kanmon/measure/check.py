"""May this shipment go, on this day, and under which clause? Facts in, verdicts with reasons out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .check_book import Book, book
from .check_decide import decide
from .check_facts import Facts, PartyFinding, read_party, read_use
from .item_match import match_item
from .load import newest_source_date
from .transaction import Transaction
from .verdict import Decision

if TYPE_CHECKING:
    from .check_bulk import Checked, Memory, Progress


def facts_of(shipment: Transaction, known: Book) -> Facts:
    """A shipment as rules see it: the item matched, the names screened, the end use read."""
    names = () if shipment.other_parties == ("none",) else shipment.other_parties
    user = read_party(shipment.end_user, known.parties.screen)
    others = [found for name in names for found in read_party(name, known.parties.screen)]
    return Facts(
        item=match_item(
            shipment.item_description, shipment.hs_code, shipment.control_code, shipment.content, known.goods
        ),
        user=user[0],
        others=(*user[1:], *others),
        others_given=bool(shipment.other_parties),
        use=read_use(shipment.end_use),
        origin=shipment.origin_country,
        exporter=shipment.exporter_country,
        ship_from=shipment.ship_from,
        ship_to=shipment.ship_to,
        made_of=countries_in(shipment.content),
    )


def countries_in(text: str) -> frozenset[str]:
    """Countries that a composition names ("Dy 2 %, of Norwegian origin")."""
    from ..core.codes import find_countries

    return frozenset(alpha3 for alpha3, _, _ in find_countries(text)) if text else frozenset()


def check_one(shipment: Transaction, on: date | None = None, extra: Iterable[Path | str] = ()) -> Decision:
    """Decide one shipment.

    Parameters
    ----------
    on : the day asked about; the shipment's own date comes first, the newest source date of the
        library stands in where neither is given.
    extra : folders or files with more notices.
    """
    known = book(extra)
    day = shipment.date or on or newest_source_date()
    facts = facts_of(shipment, known)
    return decide(replace(facts, item=facts.item.on(day)), day, known)


def check(
    shipments: Any,
    on: date | str | None = None,
    extra: Iterable[Path | str] = (),
    progress: Progress | None = None,
    memory: Memory | None = None,
) -> Checked:
    """Decide a table of shipments.

    Parameters
    ----------
    shipments : path of a CSV or Parquet file, a polars or pandas frame, or a list of rows (mappings).
    on : the day asked about, for rows without a date of their own. Default: newest source date.
    extra : folders or files with more notices, in the form of the library.
    progress : called with a line of text and the part done (0 to 1).
    memory : what tables judged before have found out of goods and names; it grows with this one.

    Returns
    -------
    `frame` (id, verdict, decision), `decisions`, `problems` with row and column, and `rows()` in the
    form that `kanmon check --json` prints.
    """
    import polars as pl

    from .check_bulk import check_sheet
    from .check_read import read_sheet, sheet_of

    if isinstance(shipments, str | Path):
        sheet = read_sheet(shipments)
    elif isinstance(shipments, pl.DataFrame):
        sheet = sheet_of(shipments)
    elif isinstance(shipments, list):
        sheet = sheet_of(pl.DataFrame(shipments, infer_schema_length=None))
    else:
        sheet = sheet_of(pl.DataFrame({name: shipments[name].to_numpy() for name in shipments.columns}))
    day = date.fromisoformat(on) if isinstance(on, str) else on
    return check_sheet(sheet, book(extra), day or newest_source_date(), progress, memory)


__all__ = ["Facts", "PartyFinding", "check", "check_one", "countries_in", "facts_of"]
