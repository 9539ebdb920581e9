"""Published import shares beside our own: which rows of import_shares.csv speak of a product."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..core.figure import Figure
from ..core.source import Source

if TYPE_CHECKING:
    from ..world.world import World

LABELS = Path(__file__).parent / "data" / "labels.csv"
Scope = Literal["whole", "part"]
WORLD = "WLD"
"""Partner code of totals."""


@dataclass(frozen=True)
class Point:
    """A share of imports in one year under one definition.

    definition: how it is counted and by whom; share: in [0, 1]; period: the year as the source writes
    it ("2021-24"); scope: the whole product or a part of it; trade: from the trade data themselves.
    """

    definition: str
    label: str
    partner: str
    year: int
    period: str
    share: float
    weight: bool
    scope: Scope
    source: Source
    usd_m: float | None = None
    tonnes: float | None = None
    trade: bool = False


@cache
def labels(table: str) -> dict[tuple[str, str], tuple[Scope, str]]:
    """(label, product id) -> (scope, note) for one table of labels.csv."""
    with LABELS.open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["table"] == table]
    return {
        (r["label"], r["meaning"]): ("whole" if r["scope"] == "whole" else "part", r["note"]) for r in rows
    }


def row_source(row: dict[str, Any], table: str) -> Source:
    """The card of one row of a facts table."""
    title = str(row["source"])
    return Source(
        id=f"{table}:{_short(title)}",
        title=title,
        url=str(row.get("url") or ""),
        confidence=str(row.get("confidence") or ""),
    )


def published(
    world: World, buyer: str, product: str, codes: Sequence[str], partners: Iterable[str] = ()
) -> tuple[Point, ...]:
    """Shares of one buyer's imports that others published, for a product id and HS codes.

    Rows that only repeat the loaded trade data, and rows that give no share (exports as the seller
    reports them), are left out. `partners`: only these sellers; all if empty.
    """
    only = set(partners)
    found: list[Point] = []
    for row in _rows(world, buyer):
        scope, note = _scope(world, str(row["hs6_or_commodity"]), product, codes)
        if scope is None or row["partner_iso3"] == WORLD or (only and row["partner_iso3"] not in only):
            continue
        found.extend(_points(row, scope, note))
    return tuple(found)


def mirror(
    world: World, buyer: str, product: str, codes: Sequence[str], sellers: Iterable[str]
) -> tuple[Figure, ...]:
    """What the sellers report to have exported to the buyer, latest year of each label, where loaded."""
    latest: dict[str, dict[str, Any]] = {}
    for row in _rows(world, buyer, mirrored=True):
        label = str(row["hs6_or_commodity"])
        speaks = label in codes if label.isdigit() else (label, product) in labels("import_shares")
        newer = label not in latest or _year(row) >= _year(latest[label])
        if speaks and newer and row["partner_iso3"] in set(sellers):
            latest[label] = row
    found = []
    for label, row in latest.items():
        for column, unit, scale in (("value_usd", "USD million", 1e-6), ("quantity", "tonnes", 1.0)):
            if row[column] is not None:
                found.append(
                    Figure(
                        label=f"exports to the buyer as the seller reports them, {_hs(label)}, {row['year']}",
                        value=float(row[column]) * scale,
                        unit=unit,
                        basis="sourced",
                        sources=(row_source(row, "import_shares"),),
                        exact=True,
                        note=str(row["confidence"] or ""),
                    )
                )
    return tuple(found)


def _rows(world: World, buyer: str, *, mirrored: bool = False) -> Iterable[dict[str, Any]]:
    """Rows of import_shares for one buyer that do not come from the loaded trade data."""
    import polars as pl

    names = [buyer, *(label for label, code in labels("importer") if code == buyer)]
    is_mirror = pl.col("share_basis").fill_null("").str.starts_with("mirror")
    repeats = pl.col("source").str.to_lowercase().str.contains(world.trade.source.id.lower(), literal=True)
    frame = world.import_shares.filter(pl.col("importer_iso3").is_in(names) & ~repeats)
    return frame.filter(is_mirror if mirrored else ~is_mirror).iter_rows(named=True)


def _scope(world: World, label: str, product: str, codes: Sequence[str]) -> tuple[Scope | None, str]:
    """Whether a label means the whole product, a part of it, or something else (None)."""
    if not label.isdigit():
        return labels("import_shares").get((label, product), (None, ""))
    meant = {c for c in world.trade.codes if c.startswith(label)} or {label}
    if meant == set(codes):
        return "whole", ""
    return ("part", f"{_hs(label)} only") if meant < set(codes) else (None, "")


def _points(row: dict[str, Any], scope: Scope, note: str) -> Iterable[Point]:
    """One point, or two where the row gives the share by value and by weight."""
    label, basis = str(row["hs6_or_commodity"]), str(row["share_basis"] or "")
    given: list[tuple[str, float]] = []
    if row["share"] is not None:
        given.append(({"quantity": "weight"}.get(basis, basis), float(row["share"])))
    if basis == "value" and row["share_quantity"] is not None:
        given.append(("weight", float(row["share_quantity"])))
    words = f", {note}" if note else ""
    for how, share in given:
        yield Point(
            definition=f"by {how}, {_hs(label)}, {_short(str(row['source']))}{words}",
            label=label,
            partner=str(row["partner_iso3"]),
            year=_year(row),
            period=str(row["year"]),
            share=share,
            weight=how == "weight",
            scope=scope,
            source=row_source(row, "import_shares"),
            usd_m=None if row["value_usd"] is None else float(row["value_usd"]) / 1e6,
            tonnes=None if row["quantity"] is None else float(row["quantity"]),
        )


def _year(row: dict[str, Any]) -> int:
    """The (last) year of a row: 2024 for "2024" and for "2021-24"."""
    text = str(row["year"])
    first, _, last = text.partition("-")
    return int(first[: 4 - len(last)] + last) if last else int(first)


def _hs(label: str) -> str:
    return f"HS {label}" if label.isdigit() else label


def _short(title: str) -> str:
    """The publisher's part of a source text: up to the first comma or semicolon outside brackets."""
    return re.split(r"[,;](?![^(]*\))", title)[0].strip()
