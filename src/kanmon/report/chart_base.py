"""Colours, fonts and frames of every chart: one meaning per colour throughout the report."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

FONT = "system-ui, 'Segoe UI', 'Hiragino Sans', 'Yu Gothic', 'PingFang SC', 'Noto Sans CJK JP', sans-serif"

# Okabe and Ito (2008), a palette that colour-blind readers can tell apart.
LOSS = "#D55E00"  # vermillion: what is lost
SELLER = "#E69F00"  # orange: the imposer and its share
BUYER = "#0072B2"  # blue: the buyer assessed
OTHER = "#767676"  # grey: everybody else
PUBLISHED = "#000000"  # black: what others published
HELP = "#009E73"  # bluish green: what helps
CHANCE = "#CC79A7"  # reddish purple: chance and doubt
INK = "#1a1a1a"
SOFT = "#595959"
GRID = "#e4e4e4"

Spec = dict[str, Any]
Rows = Sequence[dict[str, Any]]

CONFIG: Spec = {
    "font": FONT,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT,
        "titleColor": INK,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": GRID,
        "domainColor": SOFT,
        "tickColor": SOFT,
    },
    "legend": {"orient": "bottom", "columns": 1, "labelFontSize": 12, "labelLimit": 0, "title": None},
    "text": {"font": FONT, "fontSize": 12, "color": INK},
}


def chart(height: int | Spec, **parts: Any) -> Spec:
    """A specification as wide as its container, with the frame that all charts share."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": CONFIG,
        **parts,
    }


def x_axis(field: str, title: str, **more: Any) -> Spec:
    """A quantitative x channel with its title (unit included)."""
    return {"field": field, "type": "quantitative", "title": title, **more}


def halo(encoding: Spec, **mark: Any) -> list[Spec]:
    """A text mark with a white edge, so that it reads on lines and areas."""
    under = {
        "type": "text",
        "stroke": "white",
        "strokeWidth": 3,
        "strokeJoin": "round",
        **mark,
        "color": "white",
    }
    return [{"mark": under, "encoding": encoding}, {"mark": {"type": "text", **mark}, "encoding": encoding}]


LINE = 40
"""Characters of a name above its bar on one line; a longer name takes two or three."""


def bars(rows: Rows, title: str, colour: str, *, domain: Sequence[float] | None = None) -> Spec:
    """Horizontal bars with the name above each bar and a thin line for the range.

    rows: name, value (None: only an upper end is known), low, high. The name stands above its bar
    so that long names need no room beside it on a narrow screen.
    """
    named = [{**row, "lines": wrap(str(row["name"]), LINE, max_lines=3, placeholder=" …")} for row in rows]
    most = max((len(row["lines"]) for row in named), default=1)
    for row in named:
        # Shorter names stand right above their bar, not at the top of the band.
        row["lines"] = [""] * (most - len(row["lines"])) + row["lines"]
    step = 26 + 14 * most
    band = {"field": "name", "type": "nominal", "axis": None, "sort": [row["name"] for row in rows]}
    low = step / 2 - 12
    scale = {"scale": {"domain": list(domain)}} if domain else {}
    axis = {"axis": {"tickCount": 6}}
    return chart(
        {"step": step},
        data={"values": named},
        layer=[
            {
                "transform": [{"filter": "datum.value != null"}],
                "mark": {"type": "bar", "height": 12, "yOffset": low, "color": colour, "fillOpacity": 0.75},
                "encoding": {"y": band, "x": x_axis("value", title, **axis, **scale)},
            },
            {
                "transform": [{"filter": "datum.low != null && datum.high != null"}],
                "mark": {"type": "rule", "yOffset": low, "color": INK, "strokeWidth": 1.5},
                "encoding": {"y": band, "x": x_axis("low", title), "x2": {"field": "high"}},
            },
            {
                "transform": [{"filter": "datum.value == null && datum.high != null"}],
                "mark": {"type": "tick", "yOffset": low, "color": INK, "thickness": 2, "size": 14},
                "encoding": {"y": band, "x": x_axis("high", title)},
            },
            {
                "mark": {
                    "type": "text",
                    "align": "left",
                    "baseline": "top",
                    "dy": 3 - step / 2,
                    "lineHeight": 14,
                },
                "encoding": {"y": band, "x": {"value": 0}, "text": {"field": "lines"}},
            },
        ],
    )


def rows_of(pairs: Sequence[tuple[str, Any]], factor: float = 1.0) -> list[dict[str, Any]]:
    """(name, Figure) pairs as rows of `bars`."""

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    return [
        {"name": name, "value": scaled(g.value), "low": scaled(g.low), "high": scaled(g.high)}
        for name, g in pairs
    ]


def apart(values: Sequence[float], gap: float) -> list[float]:
    """Positions for labels at `values`, in the same order, moved up just enough to stand `gap` apart."""
    order = sorted(range(len(values)), key=lambda k: values[k])
    placed: dict[int, float] = {}
    floor = float("-inf")
    for k in order:
        placed[k] = max(values[k], floor)
        floor = placed[k] + gap
    return [placed[k] for k in range(len(values))]
