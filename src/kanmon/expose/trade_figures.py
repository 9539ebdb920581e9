"""Figures of one buyer's trade in a product for its latest year: shares, concentration, size, tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..core.codes import country_name
from ..core.figure import Basis, Figure
from .indicators import by_partner, line_tests
from .shares import Point
from .supply import members

if TYPE_CHECKING:
    import polars as pl

    from ..world.world import World

Partner = tuple[str, float, float, float, float]
"""(partner, value share, weight share, USD million, tonnes); nan where unknown."""

OF_YEAR = (
    ("share_value", "import share of {seller} by value, {year}", "%", 100.0),
    ("share_weight", "import share of {seller} by weight, {year}", "%", 100.0),
    ("hhi_value", "Herfindahl of imports by value, {year}", "index, 0 to 1", 1.0),
    ("hhi_weight", "Herfindahl of imports by weight, {year}", "index, 0 to 1", 1.0),
    ("value_usd_m", "import value, {year}", "USD million", 1.0),
    ("quantity_t", "import weight, {year}", "tonnes", 1.0),
)
"""Columns of `indicators.concentration` as figures: label, unit, factor."""


def trade_figures(
    world: World,
    flows: pl.DataFrame,
    by_year: pl.DataFrame,
    codes: Sequence[str],
    buyer: str,
    seller: str,
    *,
    alone: bool,
) -> list[Figure]:
    """Figures of the last year of `by_year`, computed from recorded flows and so exact.

    alone: whether the codes are this product's only; else each label says whose flows they are and
    the basis is inferred.
    """
    last = by_year.row(-1, named=True)
    basis: Basis = "measured" if alone else "inferred"
    all_of = "" if alone else f" of all goods of HS {' + '.join(codes)}"
    note = "" if alone else "other products share these codes"
    source = (world.trade.source,)
    found = [
        Figure(
            label=label.format(seller=country_name(seller), year=last["year"]) + all_of,
            value=scale * last[column],
            unit=unit,
            basis=basis,
            sources=source,
            exact=True,
            note=note,
        )
        for column, label, unit, scale in OF_YEAR
        if last[column] is not None
    ]
    if not alone:
        return found
    tests = line_tests(flows, {buyer: members(world, buyer)})
    lines = tests.filter(tests["year"] == last["year"]).to_dicts()
    return found + [
        Figure(label, value, unit, basis, source, low, high, exact=low is None, note=words)
        for label, value, unit, low, high, words in _tests(lines, int(last["year"]))
    ]


def _tests(lines: Sequence[dict[str, Any]], year: int) -> list[tuple[str, float, str, Any, Any, str]]:
    """(label, value, unit, low, high, note) of the EU test, GeoDep and their two other inputs."""
    if not lines:
        return []
    count = f"of {len(lines)} HS lines" if len(lines) > 1 else "of 1 HS line"
    spread = "range over the HS lines, value weighted by imports" if len(lines) > 1 else ""
    found: list[tuple[str, float, str, Any, Any, str]] = []
    value = sum(line["value_usd_m"] for line in lines)
    worlds = [line for line in lines if line["hhi_world"] is not None]
    if worlds:
        hhi = [line["hhi_world"] for line in worlds]
        weight = sum(line["value_usd_m"] for line in worlds)
        mean = sum(line["hhi_world"] * line["value_usd_m"] for line in worlds) / weight
        bounds = (min(hhi), max(hhi)) if len(worlds) > 1 else (None, None)
        found.append(
            (f"Herfindahl of world exports by value, {year}", mean, "index, 0 to 1", *bounds, spread)
        )
    exports = sum(line["exports_usd_m"] for line in lines)
    ratios = [line["m_over_x"] for line in lines if math.isfinite(line["m_over_x"])]
    if exports > 0:
        bounds = (min(ratios), max(ratios)) if len(ratios) > 1 else (None, None)
        found.append((f"imports over exports, {year}", value / exports, "ratio", *bounds, spread))
    rule = "Herfindahl of imports > 0.4, imports from outside > half, imports > exports"
    found.append((f"EU test of dependency (CDI) met, {year}", _met(lines, "cdi"), count, None, None, rule))
    rule = "Herfindahl of imports and of world exports > 0.4, imports > exports, in 2 of 3 years"
    found.append((f"GeoDep test met, {year}", _met(lines, "geodep"), count, None, None, rule))
    return found


def _met(lines: Sequence[dict[str, Any]], test: str) -> float:
    return float(sum(bool(line[test]) for line in lines))


def partner_rows(
    imports: pl.DataFrame, year: int | None, points: Sequence[Point]
) -> tuple[int | None, tuple[Partner, ...]]:
    """Partners of the latest year, largest first: from trade, else as published.

    Published rows are taken for the latest year and the label with most partners in it, those for the
    whole product first.
    """
    import polars as pl

    if year is not None:
        frame = by_partner(imports.filter(pl.col("year") == year)).sort("value_usd_m", descending=True)
        value, weight = (float(frame[c].sum()) for c in ("value_usd_m", "quantity_t"))
        return year, tuple(
            (str(partner), _over(usd, value), _over(tonnes, weight), _or_nan(usd), _or_nan(tonnes))
            for partner, usd, tonnes in frame.select("partner", "value_usd_m", "quantity_t").iter_rows()
        )
    if not points:
        return None, ()
    groups: dict[tuple[bool, int, str], list[Point]] = {}
    for point in points:
        groups.setdefault((point.scope == "whole", point.year, point.label), []).append(point)
    best = max(groups, key=lambda k: (k[0], k[1], len(groups[k])))
    rows: dict[str, Partner] = {}
    unknown = (math.nan,) * 4
    for p in sorted(groups[best], key=lambda p: -p.share):
        _, by_value, by_weight, *_ = rows.get(p.partner, (p.partner, *unknown))
        by_value, by_weight = (by_value, p.share) if p.weight else (p.share, by_weight)
        usd, tonnes = _or_nan(p.usd_m), _or_nan(p.tonnes)
        rows[p.partner] = (p.partner, by_value, by_weight, usd, tonnes)
    return best[1], tuple(rows.values())


def _over(part: float | None, whole: float) -> float:
    return part / whole if part is not None and whole > 0 else math.nan


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)
