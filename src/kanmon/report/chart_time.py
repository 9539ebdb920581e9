"""The timeline: one row a measure, its states as bars, responses as points."""

from __future__ import annotations

from datetime import date

from ..measure.measure import Event
from .chart_base import BUYER, OTHER, SELLER, Spec, chart
from .frame import Frame, short
from .page import Chart, Column, DataTable
from .words import Code, Name, Part, Stamp, line, said

OWN = ("announced", "effective", "suspended", "suspension_ends", "ended", "unknown_since")
"""Kinds of events that a measure itself makes; all others are responses."""
STATE_AFTER = {
    "announced": "announced",
    "effective": "in force",
    "suspended": "suspended",
    "suspension_ends": "unknown",
    "unknown_since": "unknown",
}
STATES = {"announced": "#f7dca6", "in force": SELLER, "suspended": "#d9d9d9", "unknown": "#a6a6a6"}
WHO = {"by the buyer": BUYER, "by another party": OTHER}
ROWS = 12


def timeline_chart(f: Frame) -> Chart | None:
    """Measures between the sides as bars of state, with responses as points; all events in the table."""
    if not f.a.timeline:
        return None
    rows = _chosen(f)
    bars = [bar for measure in rows for bar in _states(f, measure)]
    points = [
        {
            "row": e.measure,
            "day": e.when.day.isoformat(),
            "who": "by the buyer" if e.actor == f.a.buyer else "by another party",
            "text": short(e.text, 90),
        }
        for e in f.a.timeline
        if e.measure in rows and e.kind not in OWN
    ]
    labels = [_label(f, measure, bars) for measure in rows]
    others = len({e.measure for e in f.a.timeline}) - len(rows)
    parts: list[Part] = [
        "One row a measure, newest first, up to ",
        f.on,
        "; the arrowhead marks the one assessed; points are responses.",
    ]
    if others > 0:
        parts += [" Further measures of the timeline stand in the table only."]
    alt = "Bars of measures by date with the responses to them as points; the table lists all events."
    spec = _spec(rows, bars, points, labels)
    return Chart("timeline", f.s("sec_timeline"), line(*parts), alt, spec, _table(f), legend=_legend())


def _legend() -> tuple[tuple[str, str, str], ...]:
    bars = tuple((colour, "bar", state) for state, colour in STATES.items())
    return (*bars, *((colour, "dot", f"response {who}") for who, colour in WHO.items()))


def _chosen(f: Frame) -> list[str]:
    """Measures of the chart: the one assessed, its case, then those of the same two sides, newest first."""
    sides = {*f.a.measure.imposers, f.a.buyer}
    first = {f.a.measure.id, *f.a.measure.related}
    newest: dict[str, date] = {}
    between: set[str] = set()
    for e in f.a.timeline:
        if e.kind in OWN:
            newest.setdefault(e.measure, e.when.day)
            if set(e.actor.split("+")) & sides and set(e.target.split("+")) & {*sides, "all"}:
                between.add(e.measure)
    ranked = sorted(
        newest, key=lambda m: (m != f.a.measure.id, m not in first, m not in between, -newest[m].toordinal())
    )
    kept = [m for m in ranked if m in first or m in between][:ROWS]
    return sorted(kept, key=lambda m: (-newest[m].toordinal(), m))


def _own(f: Frame, measure: str) -> list[Event]:
    return sorted(
        (e for e in f.a.timeline if e.measure == measure and e.kind in OWN), key=lambda e: e.when.day
    )


def _states(f: Frame, measure: str) -> list[Spec]:
    """Bars of one measure: each own event begins a state that lasts to the next one or to the date."""
    events = _own(f, measure)
    found = []
    for event, after in zip(events, [*events[1:], None], strict=True):
        state = STATE_AFTER.get(event.kind)
        if state is None:
            continue
        end = after.when.day if after else f.a.on
        found.append(
            {"row": measure, "from": event.when.day.isoformat(), "to": end.isoformat(), "state": state}
        )
    return found


def _label(f: Frame, measure: str, bars: list[Spec]) -> Spec:
    """Id and title above the bar: from its start, or to the right edge where it starts late."""
    text = next((e.text for e in _own(f, measure)), "")
    title = text.split(": ", 1)[-1]
    mark = "\u25b6 " if measure == f.a.measure.id else ""
    starts = [bar["from"] for bar in bars if bar["row"] == measure] or [f.a.on.isoformat()]
    return {"row": measure, "from": min(starts), "text": f"{mark}{measure}  {short(title, 44)}"}


def _spec(rows: list[str], bars: list[Spec], points: list[Spec], labels: list[Spec]) -> Spec:
    band = {"field": "row", "type": "nominal", "axis": None, "sort": rows}
    days = [date.fromisoformat(b["from"]) for b in bars]
    long = bool(days) and (max(days) - min(days)).days > 4 * 365
    axis = {"format": "%Y" if long else "%Y-%m", "tickCount": 8, "labelOverlap": True}
    x = {"type": "temporal", "title": "date", "axis": axis}
    colour = {
        "field": "state",
        "type": "nominal",
        "scale": {"domain": list(STATES), "range": list(STATES.values())},
        "legend": None,
    }
    who = {
        "field": "who",
        "type": "nominal",
        "scale": {"domain": list(WHO), "range": list(WHO.values())},
        "legend": None,
    }
    return chart(
        {"step": 40},
        resolve={"scale": {"color": "independent"}},
        layer=[
            {
                "data": {"values": bars},
                "mark": {"type": "bar", "height": 11, "yOffset": 8, "minBandSize": 2},
                "encoding": {"y": band, "x": {"field": "from", **x}, "x2": {"field": "to"}, "color": colour},
            },
            {
                "data": {"values": points},
                "mark": {"type": "point", "filled": True, "size": 65, "yOffset": 8, "stroke": "white"},
                "encoding": {
                    "y": band,
                    "x": {"field": "day", **x},
                    "color": who,
                    "tooltip": {"field": "text"},
                },
            },
            *_labels(labels, bars, band, x),
        ],
    )


def _labels(labels: list[Spec], bars: list[Spec], band: Spec, x: Spec) -> list[Spec]:
    first = min((date.fromisoformat(b["from"]) for b in bars), default=date.min)
    last = max((date.fromisoformat(b["to"]) for b in bars), default=date.max)
    middle = (first + (last - first) * 0.4).isoformat()
    mark = {"type": "text", "baseline": "middle", "dy": -9}
    early = [row for row in labels if row["from"] < middle]
    late = [row for row in labels if row["from"] >= middle]
    text = {"y": band, "text": {"field": "text"}}
    return [
        {
            "data": {"values": early},
            "mark": {**mark, "align": "left"},
            "encoding": {**text, "x": {"field": "from", **x}},
        },
        {
            "data": {"values": late},
            "mark": {**mark, "align": "right"},
            "encoding": {**text, "x": {"value": "width"}},
        },
    ]


def _table(f: Frame) -> DataTable:
    """Every event of the timeline, oldest first."""
    columns = (Column("date"), Column("what"), Column("by"), Column("measure"), Column("event"))
    rows = tuple(
        (
            line(Stamp(str(e.when))),
            line(e.kind.replace("_", " ")),
            line(Name(f.country(e.actor))),
            line(Code(e.measure)),
            line(said(e.text, e.sources)),
        )
        for e in f.a.timeline
    )
    return DataTable(columns, rows)
