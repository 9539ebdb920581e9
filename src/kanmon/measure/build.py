"""From the fields of a measure file (already checked) to the frozen record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from ..core.figure import Figure
from ..core.source import ASSUMPTION, Source
from .dates import parse_when
from .measure import Item, Limb, Measure, Response, When

Cards = Mapping[str, Source]
ControlledItems = Callable[[str], tuple[Item, ...]]
RE_EXPORT = {"yes": True, "no": False, "unknown": None}


def build(
    row: Mapping[str, Any], controlled: ControlledItems, origin: Literal["library", "file"] = "library"
) -> Measure:
    """The record of one measure.

    Parameters
    ----------
    row : fields as in docs/measures.md. The library's own files are checked by a test, a user's file
        by `schema.check`; faults that slip through both raise KeyError or ValueError.
    controlled : gives the items of an announcement from the table of controlled items.
    """
    cards = {s["id"]: _card(s, row["id"]) for s in row.get("source", ())}
    own = tuple(cards.values())
    return Measure(
        id=row["id"],
        title=row["title"],
        imposers=tuple(row["imposers"]),
        targets=tuple(row["targets"]),
        announced=_when(row, "announced"),
        limbs=tuple(_limb(limb, cards, controlled) for limb in row.get("limb", ())),
        legal_basis=row.get("legal_basis", ""),
        instrument_name=row.get("instrument_name", ""),
        re_export=RE_EXPORT[row.get("re_export", "unknown")],
        reasons_given=row.get("reasons_given", ""),
        trigger_as_reported=row.get("trigger_as_reported", ""),
        exemptions=row.get("exemptions", ""),
        outcome=row.get("outcome", ""),
        responses=tuple(_response(r, cards) for r in row.get("response", ())),
        related=tuple(row.get("related", ())),
        sources=own,
        confidence=row.get("confidence", ""),
        notes=row.get("notes", ""),
        origin=origin,
        flow=row.get("flow", "export"),
        kind=row.get("kind", ""),
    )


def _card(row: Mapping[str, Any], measure: str) -> Source:
    # Ids are short inside a file; the measure makes them unique across the library.
    fields = {k: str(row.get(k, "")) for k in ("title", "publisher", "date", "url", "licence", "confidence")}
    return Source(id=f"{measure.lower()}/{row['id']}", **fields)


def _when(row: Mapping[str, Any], field: str) -> When | None:
    return parse_when(row[field]) if row.get(field) else None


def _cited(row: Mapping[str, Any], cards: Cards) -> tuple[Source, ...]:
    """The cards a part cites; without any, all cards of the record stand for it."""
    names = row.get("sources") or cards
    return tuple(cards[name] for name in names)


def _limb(row: Mapping[str, Any], cards: Cards, controlled: ControlledItems) -> Limb:
    listed = controlled(row["controlled_items"]) if row.get("controlled_items") else ()
    return Limb(
        id=row["id"],
        text=row["text"],
        instrument=row["instrument"],
        effective=_when(row, "effective"),
        end_user_scope=tuple(row.get("end_user_scope", ("all",))),
        end_use_scope=tuple(row.get("end_use_scope", ("all",))),
        items=listed + tuple(_item(item, cards) for item in row.get("item", ())),
        suspended_from=_when(row, "suspended_from"),
        suspended_until=_when(row, "suspended_until"),
        ended=_when(row, "ended"),
        unknown_since=_when(row, "unknown_since"),
        handling=row.get("handling", "letter"),
        sources=_cited(row, cards),
        targets=tuple(row.get("targets", ())),
        affected=_affected(row.get("affected"), cards),
        volume=_volume(row.get("volume"), cards),
    )


def _item(row: Mapping[str, Any], cards: Cards) -> Item:
    return Item(
        phrase=row["phrase"],
        hs=tuple(row.get("hs", ())),
        elements=tuple(row.get("elements", ())),
        control_codes=tuple(row.get("control_codes", ())),
        certainty=row.get("certainty", "stated"),
        sources=_cited(row, cards),
    )


def _affected(row: Mapping[str, Any] | None, cards: Cards) -> Figure | None:
    if row is None:
        return None
    return Figure(
        label="share of the buyer's purchases that the clause reaches",
        value=float(row["mid"]),
        unit="share",
        basis=row["basis"],
        sources=tuple(cards[name] for name in row.get("sources", ())) or (ASSUMPTION,),
        low=float(row["low"]),
        high=float(row["high"]),
        note=row.get("note", ""),
    )


def _volume(row: Mapping[str, Any] | None, cards: Cards) -> Figure | None:
    """Share of the normal flow that a quota lets through: min(1, quota / flow), both of a year."""
    if row is None:
        return None
    unit = row.get("unit", "share")
    normal = 1.0 if unit == "share" else float(row["normal"])
    low, mid, high = (min(1.0, float(row[end]) / normal) for end in ("low", "mid", "high"))
    amounts = "" if unit == "share" else f"{row['mid']:g} of {normal:g} {unit} a year; "
    return Figure(
        label="share of the normal flow that the quota lets through",
        value=mid,
        unit="share",
        basis=row["basis"],
        sources=tuple(cards[name] for name in row.get("sources", ())) or (ASSUMPTION,),
        low=low,
        high=high,
        note=f"{amounts}{row.get('note', '')}".strip("; "),
    )


def _response(row: Mapping[str, Any], cards: Cards) -> Response:
    return Response(row["by"], row["kind"], _when(row, "when"), row["text"], _cited(row, cards))
