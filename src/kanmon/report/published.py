"""Published estimates beside ours: where theirs lies in our band, and which of our assumptions lead there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..core.draws import Draws
from ..core.figure import Figure
from ..core.source import Source
from ..core.spread import spread
from ..engines.base import Outcome
from .assessment import PublishedRow

NEIGHBOURS = 8
"""Draws closest to a published figure whose parameters are compared with all draws."""


def published_rows(
    estimates: Iterable[Mapping[str, Any]],
    outcomes: Mapping[str, Mapping[str, Outcome]],
    stopped: Mapping[str, frozenset[str]],
    buyer: str,
    draws: Draws,
    describe: Callable[[tuple[str, ...]], str],
    source_of: Callable[[Mapping[str, Any]], Source],
    parts: Callable[[str], tuple[str, ...]],
) -> tuple[PublishedRow, ...]:
    """One row per published estimate that shares a product with what is assessed.

    estimates: rows of loss_estimates.csv with author, date, scenario, duration, country, products,
    months, gdp_pct and loss_billion_usd (empty where not published). stopped: scenario -> products
    it stops. parts: a product of an estimate to what stands in our table for it (its grades, or itself).
    An estimate for another country, or with products we do not stop, is shown without a
    figure of ours and says why.
    """
    rows = []
    every = frozenset().union(*stopped.values()) if stopped else frozenset()
    for row in estimates:
        named = str(row["products"] or "").split()
        products = frozenset(part for name in named for part in parts(name) or (name,))
        if not products & every:
            continue
        theirs = _theirs(row, source_of(row))
        if theirs is None:
            continue
        ours, nearest = _ours(row, products, outcomes, stopped, buyer, draws, describe)
        rows.append(
            PublishedRow(
                author=str(row["author"]),
                date=str(row["date"]),
                scenario=f"{row['scenario']} ({row['duration']})",
                theirs=theirs,
                ours=ours,
                nearest=nearest,
                months=None if row.get("months") is None else int(row["months"]),
            )
        )
    return tuple(rows)


def _theirs(row: Mapping[str, Any], source: Source) -> Figure | None:
    """The published figure as a loss (positive), in its own unit; None when no number was published."""
    for column, unit in (("gdp_pct", "% of GDP"), ("loss_billion_usd", "USD billion")):
        value = number(row.get(column))
        if value is not None:
            label = f"{row['author']}: {row['scenario']}"
            return Figure(label, abs(value), unit, "sourced", (source,), exact=True)
    return None


def number(cell: object) -> float | None:
    """A cell as a number; None where it is empty or carries words."""
    try:
        return float(str(cell))
    except ValueError:
        return None


def _ours(
    row: Mapping[str, Any],
    products: frozenset[str],
    outcomes: Mapping[str, Mapping[str, Outcome]],
    stopped: Mapping[str, frozenset[str]],
    buyer: str,
    draws: Draws,
    describe: Callable[[tuple[str, ...]], str],
) -> tuple[Figure | None, str]:
    """Our loss for the scenario nearest in scope, and the sentence on what leads to theirs."""
    months, theirs = row.get("months"), number(row.get("gdp_pct"))
    if row.get("country") != buyer:
        return None, f"about {row.get('country')}, not {buyer}: shown for scale only"
    if months is None or theirs is None:
        return None, "not expressed in per cent of GDP over months: shown for scale only"
    name = _closest_scope(products, stopped, outcomes)
    if name is None:
        return None, "no scenario of this run stops these products"
    rules = outcomes[name]
    main = next(iter(rules.values()))
    if int(months) > max(main.months):
        return None, f"longer than this run: use --months {int(months)}"
    ours = spread(
        f"ours: {name}, {int(months)} months",
        "% of GDP",
        main.lost_share(buyer, int(months)) * 100,
        main.sources,
        upper_bound_only=main.upper_bound_only,
    )
    extra = sorted(stopped[name] - products)
    lacking = sorted(products - stopped[name])
    return ours, _nearest(abs(theirs), int(months), rules, buyer, draws, describe, extra, lacking)


def _closest_scope(
    products: frozenset[str],
    stopped: Mapping[str, frozenset[str]],
    outcomes: Mapping[str, Mapping[str, Outcome]],
) -> str | None:
    """The scenario whose products overlap most with theirs (Jaccard); a full stop wins a tie."""
    scored = [
        (len(products & own) / len(products | own), name == "full_stop", name)
        for name, own in stopped.items()
        if name in outcomes and products & own
    ]
    return max(scored)[2] if scored else None


def _nearest(
    theirs: float,
    months: int,
    rules: Mapping[str, Outcome],
    buyer: str,
    draws: Draws,
    describe: Callable[[tuple[str, ...]], str],
    extra: list[str],
    lacking: list[str],
) -> str:
    """Where theirs lies among our draws, which rule comes nearest, and what the nearest draws share."""
    medians = {rule: float(np.median(o.lost_share(buyer, months) * 100)) for rule, o in rules.items()}
    rule = min(medians, key=lambda r: abs(medians[r] - theirs))
    loss = next(iter(rules.values())).lost_share(buyer, months) * 100
    below = int(round(100 * float((loss < theirs).mean())))
    text = f"{below} % of our draws are below it; nearest rule: {rule.replace('_', ' ')}"
    closest = np.argsort(np.abs(loss - theirs))[:NEIGHBOURS]
    moved = []
    for key, values in draws.values.items():
        own = values[: len(loss)]
        spread_all = float(own.std())
        if spread_all > 0 and len(loss) >= 4 * NEIGHBOURS:
            moved.append((abs(own[closest].mean() - own.mean()) / spread_all, key, own))
    moved.sort(key=lambda m: -m[0])
    # One standard error of a mean of 8 draws is 0.35: twice that is beyond chance for a single parameter.
    for shift, key, own in moved[:2]:
        if shift > 0.7:
            side = "higher" if own[closest].mean() > own.mean() else "lower"
            text += f"; reached with {side} {describe(key)}"
    if extra:
        text += f"; ours also stops {', '.join(extra)}"
    if lacking:
        text += f"; theirs also stops {', '.join(lacking)}"
    return text
