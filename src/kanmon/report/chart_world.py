"""Charts of dependence through time, of who supplies whom, and of the chance that a measure lasts."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from ..core.source import Source, unite
from ..expose.records import DurationResult, ProductExposure, Series
from .chart_base import BUYER, CHANCE, INK, OTHER, PUBLISHED, SELLER, Spec, chart, halo, x_axis
from .frame import Frame, short
from .page import Chart, Column, DataTable
from .words import Axis, Line, Name, Part, line

VENDOR = Path(__file__).parent / "vendor"
ATLAS = Source(
    id="natural-earth",
    title="Natural Earth shapes at 1:110 million, world-atlas package",
    publisher="Natural Earth; Mike Bostock",
    date="2019",
    url="https://www.naturalearthdata.com",
    licence="public domain; package ISC",
    confidence="borders are Natural Earth's",
)
ICE = "010"
"""Numeric code of Antarctica, left out of the map to give the rest more room."""
FEW = 3
"""A definition with fewer years than this is drawn as points, not as a course."""


def dependence_chart(
    f: Frame, key: str, title: str, series: Sequence[Series], *, wide: bool = True
) -> Chart | None:
    """The imposer's share by year, one line a definition; definitions with few years as points."""
    shares = [s for s in series if s.values and s.unit in {"share", "%"}]
    if not any(_course(s) for s in shares):
        return None
    rows = [
        {
            "year": year,
            "share": _percent(s, value),
            "definition": short(s.definition or s.label, 70),
            "course": _course(s),
            "who": "ours" if s.basis == "measured" else "published",
        }
        for s in shares
        for year, value in zip(s.years, s.values, strict=True)
    ]
    sentence = _dependence_sentence(f, shares)
    alt = f"Lines of the import share of {f.country(f.a.seller)} by year, one a definition: {title}."
    return Chart(
        key, title, sentence, alt, _dependence_spec(rows, 300 if wide else 220), _series_table(shares), wide
    )


def _course(s: Series) -> bool:
    """Whether a series is drawn as a line: our own definition over some years."""
    return s.basis != "sourced" and len(s.years) >= FEW


def _percent(s: Series, value: float) -> float:
    return 100 * value if s.unit == "share" else value


def _dependence_sentence(f: Frame, shares: Sequence[Series]) -> Line:
    """First and last point of the longest definition, and how many definitions there are in words."""
    longest = max((s for s in shares if _course(s)), key=lambda s: len(s.years))
    parts: list[Part] = ["Share of ", Name(f.country(f.a.seller)), " in imports, per cent, by year. "]
    first, last = _percent(longest, longest.values[0]), _percent(longest, longest.values[-1])
    if len(longest.years) > 1:
        word = "fell" if last < first else "rose" if last > first else "did not change"
        parts += ["It ", word, " from ", Axis(str(longest.years[0])), " to ", Axis(str(longest.years[-1]))]
        parts += [
            " by the definition with the longest record: ",
            Name(longest.definition or longest.label),
            ".",
        ]
    if not all(_course(s) for s in shares):
        parts += [" Black points: published values."]
    return line(*parts)


def _dependence_spec(rows: Sequence[Mapping[str, object]], height: int) -> Spec:
    x = x_axis("year", "year", axis={"format": "d", "tickMinStep": 1}, scale={"zero": False, "nice": False})
    y = {
        "field": "share",
        "type": "quantitative",
        "title": "share of imports, %",
        "scale": {"domain": [0, 100]},
    }
    whose = {
        "field": "who",
        "type": "nominal",
        "scale": {"domain": ["ours", "published"], "range": [SELLER, PUBLISHED]},
        "legend": None,
    }
    shape = {"shape": {"field": "definition", "type": "nominal"}}
    dash = {"strokeDash": {"field": "definition", "type": "nominal"}}
    return chart(
        height,
        data={"values": rows},
        layer=[
            {
                "transform": [{"filter": "datum.course"}],
                "mark": {"type": "line", "color": SELLER, "strokeWidth": 2},
                "encoding": {"x": x, "y": y, **dash},
            },
            {
                "mark": {"type": "point", "size": 42, "filled": False, "strokeWidth": 1.6},
                "encoding": {"x": x, "y": y, **shape, "color": whose},
            },
        ],
    )


def _series_table(series: Sequence[Series]) -> DataTable:
    """Years against definitions; each column has the unit, basis and sources of its series."""
    years = sorted({year for s in series for year in s.years})
    columns = [Column("year", kind="axis")]
    for s in series:
        label = s.definition or s.label
        columns.append(
            Column(label, "number", "%" if s.unit == "share" else s.unit, s.basis, s.sources, declared=True)
        )
    found = [{y: _percent(s, v) for y, v in zip(s.years, s.values, strict=True)} for s in series]
    return DataTable(tuple(columns), tuple((year, *(by.get(year) for by in found)) for year in years))


@cache
def places() -> dict[str, tuple[str, float, float]]:
    """alpha-3 -> (numeric code of the atlas, longitude, latitude)."""
    with (VENDOR / "places.csv").open(encoding="utf-8", newline="") as rows:
        return {r["alpha3"]: (r["numeric"], float(r["lon"]), float(r["lat"])) for r in csv.DictReader(rows)}


@cache
def atlas() -> Spec:
    """The shapes of all countries (topojson)."""
    found: Spec = json.loads((VENDOR / "countries-110m.json").read_text("utf-8"))
    return found


def supplies(exposure: Sequence[ProductExposure]) -> list[tuple[str, float]]:
    """Imports by partner in USD million over the products with loaded partners, largest first."""
    totals: dict[str, float] = {}
    for e in exposure:
        for partner, _, _, usd, _ in e.partners:
            if not math.isnan(usd):
                totals[partner] = totals.get(partner, 0.0) + usd
    return sorted(((p, v) for p, v in totals.items() if v > 0), key=lambda pair: (-pair[1], pair[0]))


def map_chart(f: Frame) -> Chart | None:
    """Origins of the buyer's covered imports as circles and lines on a map; the imposer stands out."""
    partners = supplies(f.a.exposure)
    home = places().get(f.a.buyer)
    if not partners or home is None:
        return None
    total = sum(v for _, v in partners)
    sources = unite(*(s.sources for e in f.a.exposure if e.partners for s in e.series))
    sources = sources or unite(*(g.sources for e in f.a.exposure for g in e.figures))
    if not sources:
        return None
    rows = []
    for partner, usd in partners:
        at = places().get(partner)
        if at and usd / total > 0.001:
            rows.append(
                {
                    "name": f.country(partner),
                    "lon": at[1],
                    "lat": at[2],
                    "usd": usd,
                    "who": _role(f, partner),
                    "home_lon": home[1],
                    "home_lat": home[2],
                }
            )
    table = DataTable(
        (
            Column("origin"),
            Column("imports", "number", "USD million", "measured", sources),
            Column("share", "number", "%", "measured", sources),
        ),
        tuple((line(Name(f.country(p))), v, 100 * v / total) for p, v in partners[:25]),
    )
    undrawn = [f.country(p) for p, _ in partners if p not in places()]
    parts: list[Part] = ["Where the covered imports of ", Name(f.country(f.a.buyer)), " come from; largest: "]
    parts += [
        Name(f.country(partners[0][0])),
        ". Area of a circle: value in the latest year of each product. ",
    ]
    parts += ["Borders are those of Natural Earth."]
    if undrawn:
        parts += [" Without a place on the map: ", Name(", ".join(undrawn[:5])), "."]
    legend = (
        (SELLER, "dot", "imposer"),
        (OTHER, "dot", "other origin"),
        (BUYER, "bar", f.country(f.a.buyer)),
    )
    alt = f"Map: circles at the origins of the covered imports of {f.country(f.a.buyer)}."
    return Chart("map", f.s("chart_map"), line(*parts), alt, _map_spec(f, rows), table, legend=legend)


def _role(f: Frame, partner: str) -> str:
    return "imposer" if partner in {f.a.seller, *f.a.measure.imposers} else "other origin"


def _map_spec(f: Frame, rows: list[dict[str, object]]) -> Spec:
    codes = {code: at[0] for code, at in places().items()}
    filled = {
        "condition": [
            {"test": f"datum.id == '{codes.get(f.a.seller, '')}'", "value": "#f7dca6"},
            {"test": f"datum.id == '{codes.get(f.a.buyer, '')}'", "value": "#b9d7ee"},
        ],
        "value": "#ededed",
    }
    colour = {
        "field": "who",
        "type": "nominal",
        "scale": {"domain": ["imposer", "other origin"], "range": [SELLER, OTHER]},
        "legend": None,
    }
    width, size = _by_value(0.5, 6), _by_value(12, 700)
    at = {"longitude": {"field": "lon"}, "latitude": {"field": "lat"}}
    home = {"longitude2": {"field": "home_lon"}, "latitude2": {"field": "home_lat"}}
    top = _labelled(rows)
    return chart(
        360,
        projection={"type": "equalEarth", "rotate": [-_middle(f), 0, 0]},
        layer=[
            {
                "data": {"name": "atlas", "format": {"type": "topojson", "feature": "countries"}},
                "transform": [{"filter": f"datum.id != '{ICE}'"}],
                "mark": {"type": "geoshape", "stroke": "white", "strokeWidth": 0.5},
                "encoding": {"fill": filled},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "rule", "opacity": 0.45},
                "encoding": {**at, **home, "color": colour, "strokeWidth": width},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "circle", "opacity": 0.75, "stroke": "white", "strokeWidth": 0.7},
                "encoding": {**at, "color": colour, "size": size},
            },
            {
                "data": {"values": [{"lon": places()[f.a.buyer][1], "lat": places()[f.a.buyer][2]}]},
                "mark": {"type": "point", "shape": "square", "filled": True, "size": 70, "color": BUYER},
                "encoding": at,
            },
            *(
                {"data": {"values": top}, **layer}
                for layer in halo({**at, "text": {"field": "name"}}, dy=-13, fontSize=11, color=INK)
            ),
        ],
    )


def _by_value(least: float, most: float) -> dict[str, object]:
    """A channel that grows with the value of the flow, without a legend."""
    scale = {"range": [least, most]}
    return {"field": "usd", "type": "quantitative", "scale": scale, "legend": None}


def _labelled(rows: list[dict[str, object]], count: int = 7) -> list[dict[str, object]]:
    """The largest origins whose names do not lie on one another (in degrees of the whole map)."""
    kept: list[dict[str, object]] = []
    for row in sorted(rows, key=lambda r: -float(str(r["usd"]))):
        near = [
            k
            for k in kept
            if abs(float(str(k["lon"])) - float(str(row["lon"]))) < 24
            and abs(float(str(k["lat"])) - float(str(row["lat"]))) < 7
        ]
        if not near and len(kept) < count:
            kept.append(row)
    return kept


def _middle(f: Frame) -> int:
    """The meridian in the middle of the map: cut in the Atlantic or the Bering Sea, away from the buyer."""
    longitude = places()[f.a.buyer][1]
    return 150 if longitude > 80 or longitude < -100 else 10


def survival_chart(f: Frame, duration: DurationResult, years: int = 4) -> Chart | None:
    """Chance that the measure still holds, by months from the date asked about, with its band."""
    curve = duration.curve
    ahead = (curve.days - curve.elapsed_days) * 12 / 365
    inside = [k for k in range(len(ahead)) if 0 <= ahead[k] <= 12 * years]
    if not inside:
        return None
    picked = inside[:: max(1, len(inside) // 150)]
    rows = [
        {
            "month": float(ahead[k]),
            "mid": 100 * float(curve.share[k]),
            "low": 100 * float(curve.low[k]),
            "high": 100 * float(curve.high[k]),
        }
        for k in picked
    ]
    card = {"unit": "%", "basis": "inferred", "sources": duration.sources}
    table = DataTable(
        (
            Column("months from the date", kind="axis"),
            Column("low", "number", **card),  # type: ignore[arg-type]
            Column("chance", "number", **card),  # type: ignore[arg-type]
            Column("high", "number", **card),  # type: ignore[arg-type]
        ),
        tuple(
            (int(round(r["month"])), r["low"], r["mid"], r["high"]) for r in rows[:: max(1, len(rows) // 16)]
        ),
    )
    parts: list[Part] = ["Chance that it still holds, given that it held on ", f.on]
    if duration.survival:
        parts += ["; after ", Axis(str(duration.months[-1])), " months: ", duration.survival[-1]]
    parts += [". Shaded: band of the estimate."]
    spec = chart(
        260,
        data={"values": rows},
        layer=[
            {
                "mark": {"type": "area", "color": CHANCE, "opacity": 0.25, "interpolate": "step-after"},
                "encoding": {
                    "x": x_axis("month", "months from the date asked about"),
                    "y": {"field": "low", "type": "quantitative", "title": "chance that it still holds, %"},
                    "y2": {"field": "high"},
                },
            },
            {
                "mark": {"type": "line", "color": CHANCE, "strokeWidth": 2.5, "interpolate": "step-after"},
                "encoding": {
                    "x": x_axis("month", "months from the date asked about"),
                    "y": {"field": "mid", "type": "quantitative", "scale": {"domain": [0, 100]}},
                },
            },
        ],
    )
    alt = "Falling steps: the chance that the measure still holds, by month."
    return Chart("survival", f.s("sec_duration"), line(*parts), alt, spec, table)
