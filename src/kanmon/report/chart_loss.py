"""Charts of loss: fan over time, drivers, sectors, bottlenecks, scenarios side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..core.figure import Figure
from ..core.source import ASSUMPTION, unite
from .assessment import PublishedRow, ScenarioResult
from .chart_base import LOSS, OTHER, PUBLISHED, Spec, apart, bars, chart, halo, rows_of, x_axis
from .frame import Frame, short
from .page import Chart, Column, DataTable
from .words import Axis, Line, Name, Part, line

MONTH_DAYS = 365 / 12
GDP = "% of GDP"


def fan_chart(f: Frame, s: ScenarioResult, published: Sequence[PublishedRow] = (), *, key: str = "") -> Chart:
    """Cumulative loss over time (5-95 % and median) with the published estimates drawn in."""
    drawn = [
        r
        for r in published
        if r.ours is not None and r.months is not None and r.theirs.unit == GDP and r.theirs.value
    ]
    bound = s.losses[-1].if_lasts.value is None
    months = [day / MONTH_DAYS for day in s.fan_days]
    values = [
        {"month": round(m, 3), "low": None if bound else lo, "mid": None if bound else mid, "high": hi}
        for m, (lo, mid, hi) in zip(months, s.fan, strict=True)
    ]
    last = s.losses[-1]
    sentence: list[Part] = [
        Name(f.scenario(s.name)),
        ": ",
        last.if_lasts,
        " lost after ",
        Axis(str(last.months)),
    ]
    sentence += [" months if it lasts"]
    sentence += [" (an upper bound: no product data, so no middle is drawn)"] if bound else []
    if drawn:
        sentence += ["; black points are published estimates, each for its own horizon"]
    sentence += ["; line: middle of the draws; shaded: where nine draws in ten lie"] if not bound else []
    ahead = "; horizontal: months from the start of the run, vertical: cumulative loss."
    sentence += ["; on a scale of its own."] if key else [ahead]
    sources = unite(*(o.sources for o in s.outcomes)) or (ASSUMPTION,)
    number = partial(
        Column, kind="number", unit=GDP, basis=last.if_lasts.basis, sources=sources, declared=True
    )
    table = DataTable(
        (
            Column("day of the run", kind="axis"),
            number("low, 5 %"),
            number("mid, 50 %"),
            number("high, 95 %"),
        ),
        tuple(
            (day, None if bound else lo, None if bound else mid, hi)
            for day, (lo, mid, hi) in list(zip(s.fan_days, s.fan, strict=True))[
                :: max(1, len(s.fan_days) // 24)
            ]
        ),
    )
    alt = f"Fan of cumulative loss over time, {f.scenario(s.name)}, with published estimates as points."
    spec = _fan_spec(values, drawn, bound=bound, height=220 if key else 320)
    return Chart(f"fan{key}", f.scenario(s.name), line(*sentence), alt, spec, table, wide=not key)


def _fan_spec(
    values: list[dict[str, float | None]], drawn: Sequence[PublishedRow], *, bound: bool, height: int
) -> Spec:
    x = x_axis("month", "months from the start", axis={"tickMinStep": 1})
    y_title = "value added lost, % of a year's GDP"
    data = {"values": values}
    top = max([v["high"] or 0.0 for v in values] + [r.theirs.value or 0.0 for r in drawn], default=1.0) or 1.0
    least = min((v["low"] or 0.0 for v in values), default=0.0)
    # Noise of the solver around nought must not open the axis below it.
    floor = least if least < -0.01 * top else 0.0
    layers: list[Spec] = []
    if not bound:
        layers.append(
            {
                "data": data,
                "mark": {"type": "area", "color": LOSS, "opacity": 0.22},
                "encoding": {"x": x, "y": {**_y("low", y_title, floor)}, "y2": {"field": "high"}},
            }
        )
        layers.append(
            {
                "data": data,
                "mark": {"type": "line", "color": LOSS, "strokeWidth": 2.5},
                "encoding": {"x": x, "y": _y("mid", y_title, floor)},
            }
        )
    else:
        layers.append(
            {
                "data": data,
                "mark": {"type": "line", "color": LOSS, "strokeWidth": 2, "strokeDash": [6, 4]},
                "encoding": {"x": x, "y": _y("high", y_title, floor)},
            }
        )
    if drawn:
        layers += _published(drawn, top, y_title, floor)
    return chart(height, layer=layers)


def _y(field: str, title: str, floor: float) -> Spec:
    return {"field": field, "type": "quantitative", "title": title, "scale": {"domainMin": floor}}


def _published(drawn: Sequence[PublishedRow], top: float, y_title: str, floor: float) -> list[Spec]:
    """Black points at each published estimate; labels moved apart where they would touch."""
    theirs = [float(r.theirs.value or 0.0) for r in drawn]
    spots = apart(theirs, gap=top * 0.055)
    rows = [
        {"month": r.months, "loss": value, "label": spot, "name": short(r.author.split(" (")[0], 30)}
        for r, value, spot in zip(drawn, theirs, spots, strict=True)
    ]
    x = x_axis("month", "months from the start")
    points = {"mark": {"type": "point", "shape": "diamond", "filled": True, "size": 70, "color": PUBLISHED}}
    points["encoding"] = {"x": x, "y": _y("loss", y_title, floor)}
    text = halo(
        {"x": x, "y": _y("label", y_title, floor), "text": {"field": "name"}},
        align="right",
        dx=-9,
        baseline="middle",
    )
    data = {"values": rows}
    return [{"data": data, **layer} for layer in (points, *text)]


def driver_chart(f: Frame, s: ScenarioResult) -> Chart:
    """Rank correlation of the loss with each unknown, with its interval."""
    first = s.drivers[0]
    sentence = line(
        "How closely the loss moves with each unknown over the draws; most: ",
        Name(first[0]),
        ", rank correlation ",
        first[1],
        ". Right of zero: more of it, more loss.",
    )
    spec = bars(rows_of(s.drivers), "rank correlation with the loss", OTHER, domain=(-1, 1))
    alt = "Bars of the rank correlation of the loss with each unknown."
    return Chart(
        "drivers", f.s("chart_drivers"), sentence, alt, spec, pairs_table("unknown", s.drivers), wide=False
    )


def pairs_table(head: str, pairs: Sequence[tuple[str, Figure]]) -> DataTable:
    """(name, Figure) pairs as a table."""
    return DataTable((Column(head), Column("figure")), tuple((line(Name(n)), line(g)) for n, g in pairs))


def sector_chart(f: Frame, s: ScenarioResult) -> Chart:
    """Value added lost by industry over the longest horizon."""
    name, figure = s.sectors[0]
    months = s.losses[-1].months if s.losses else 0
    sentence: Line = line(
        "Value added lost by industry after ",
        Axis(str(months)),
        " months if it lasts; most: ",
        Name(name),
        ", ",
        figure,
        ". Bars: middle of the draws; lines: range; a tick alone: upper bound.",
    )
    spec = bars(rows_of(s.sectors[:8]), f"value added lost, {figure.unit}", LOSS)
    alt = "Bars of value added lost by industry."
    return Chart(
        "sectors", f.s("chart_sectors"), sentence, alt, spec, pairs_table("industry", s.sectors), wide=False
    )


def bottleneck_chart(f: Frame, s: ScenarioResult) -> Chart:
    """Output lost while an input binds, by industry and input."""
    pairs = [(f"{b.sector} \u2190 {b.product}", b.output_lost) for b in s.bottlenecks]
    sentence = line(
        "Output lost while one input binds, as a share of a year's output of the industry; "
        "the arrow points from the input."
    )
    spec = bars(rows_of(pairs), "output lost, % of a year's output", LOSS)
    alt = "Bars of output lost for pairs of industry and input."
    return Chart(
        "bottlenecks",
        f.s("chart_bottlenecks"),
        sentence,
        alt,
        spec,
        pairs_table("industry and input", pairs),
        wide=False,
    )


def scenario_chart(f: Frame) -> Chart | None:
    """Scenarios and rationing rules side by side over the longest horizon: each its own band."""
    pairs = [
        (f"{f.scenario(s.name)}: {rule.replace('_', ' ')}", figure)
        for s in f.a.scenarios
        for rule, figure in s.by_rule
    ]
    if not pairs:
        return None
    sentence = line(
        "The loss over the longest horizon under each rule of rationing. Each scenario keeps its own band; "
        "none is given a probability. A tick alone: upper bound, no product data."
    )
    rows = rows_of(pairs)
    for row, (_, figure) in zip(rows, pairs, strict=True):
        row["bound"] = figure.value is None
    spec = bars(rows, "value added lost, % of a year's GDP", LOSS)
    alt = "Bars of loss for pairs of scenario and rationing rule."
    return Chart(
        "scenarios", f.s("sec_scenarios"), sentence, alt, spec, pairs_table("scenario and rule", pairs)
    )
