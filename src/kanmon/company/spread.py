"""What is not certain about a firm: stock, demand, licences, the end of the stop; and drawn cases of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.draws import Uncertain, draw, sobol
from ..core.errors import InputError, Problem
from ..core.source import Source
from ..kernels.netting import Netting

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from ..measure.measure import Measure

    Floats = NDArray[np.float64]

NAMES = ("stock_accuracy", "demand", "licence_days", "approval", "end_days")
HELD = (len(NAMES), 6, 1)
"""Dimensions, logarithm of the count and seed of the Sobol points that points.csv keeps."""
RANKS = 401
"""Points at which a survival curve is read."""


@dataclass(frozen=True)
class Case:
    """One drawn case: shares of stock and plan, the day from which stopped items come again without limit,
    and the share of what needs a licence that comes from the licence day on. Days from the stock date.
    """

    stock: float
    demand: float
    resume: int
    approval: float
    licence_day: int


def assumptions(path: Path | None = None) -> Mapping[str, Uncertain]:
    """The assumed distributions, from the package or a user's copy; every fault listed at once."""
    text = (path or files(__package__).joinpath("assumptions.toml")).read_text(encoding="utf-8")
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(Problem("the assumptions cannot be read", str(path), str(error))) from error
    faults = [Problem(f"{name} is missing", str(path)) for name in NAMES if name not in told]
    for name in NAMES:
        entry = told.get(name, {})
        ends = [entry.get(k) for k in ("low", "mid", "high")]
        if entry and (not all(isinstance(v, int | float) for v in ends) or sorted(ends) != ends):
            faults.append(Problem(f"{name} needs low <= mid <= high", str(path)))
    if faults:
        raise InputError(faults)
    return {name: _uncertain(name, told[name]) for name in NAMES}


def _uncertain(name: str, told: Mapping[str, Any]) -> Uncertain:
    card = Source(f"assumption:{name}", told["source"], confidence=told["confidence"])
    ends = (float(told["low"]), float(told["mid"]), float(told["high"]))
    return Uncertain((name, "", "", ""), *ends, "triangular", told["unit"], told["basis"], card)


@dataclass(frozen=True)
class Lasting(Uncertain):
    """Days until a measure ends, drawn from the survival curve of its kind instead of a triangle.

    days, ended: the curve as days from the stock date and the chance that the end has come by then;
    what outlasts the curve is put at its last day. low, mid, high: the 5, 50 and 95 % points.
    """

    days: tuple[float, ...] = ()
    ended: tuple[float, ...] = ()

    def quantile(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Days at the probabilities u."""
        return np.asarray(np.interp(u, self.ended, self.days))


def lasting(measures: Sequence[Measure], on: date, stock_date: date) -> Lasting | None:
    """How long the named measures last, by the measures of their kind; None where no curve is known.

    Several measures: the last to end counts, all at the same rank of their curves (the longer of long
    ones). Method section 8; same curve as in `kanmon assess`.
    """
    from ..expose.duration import duration, kinds
    from ..world.world import World

    curves, cards = [], []
    for measure in measures:
        known = kinds(targeted="all" not in measure.targets)
        kind = next((limb.instrument for limb in measure.limbs if limb.instrument in known), None)
        if kind is None or measure.effective is None:
            continue
        ahead = max(0, (measure.effective.day - on).days)
        elapsed = max(0, (on - measure.effective.day).days)
        found = duration(
            World.default().durations,
            kind,
            elapsed,
            on,
            senders=measure.imposers,
            targets=measure.targets,
            targeted="all" not in measure.targets,
        ).curve
        left = found.days - elapsed + ahead + (on - stock_date).days
        curves.append((left, 1.0 - found.share))
        cards.append(measure.id)
    if not curves:
        return None
    rank = np.linspace(0.0, 1.0, RANKS)
    last = np.max([_inverse(rank, days, ended) for days, ended in curves], axis=0)
    low, mid, high = (float(np.interp(q, rank, last)) for q in (0.05, 0.5, 0.95))
    title = (
        f"survival of past measures of the kind of {', '.join(cards)}, given the days so far (durations.csv)"
    )
    return Lasting(
        ("end_days", "", "", ""),
        low,
        mid,
        high,
        "survival curve",
        "days from the stock date until the stop ends (5, 50, 95 % points)",
        "inferred",
        Source("assumption:end_days", title, date=on.isoformat(), confidence="medium"),
        days=tuple(last.tolist()),
        ended=tuple(rank.tolist()),
    )


def _inverse(rank: Floats, days: Floats, ended: Floats) -> Floats:
    """The first day by which each chance is reached; the curve's last day where it never is."""
    at = np.minimum(np.searchsorted(np.maximum.accumulate(ended), rank), len(days) - 1)
    return np.maximum(0.0, days[at])


def _points(dimensions: int, m: int, seed: int) -> Floats:
    """The points of `sobol`; those of the usual cases are kept, which spares the import of scipy.stats."""
    if (dimensions, m, seed) != HELD:
        return sobol(dimensions, m, seed)
    text = files(__package__).joinpath("points.csv").read_text(encoding="utf-8")
    return np.array([line.split(",") for line in text.split()], dtype=float) / 2.0**30


def cases(known: Mapping[str, Uncertain], count: int, seed: int = 1) -> list[Case]:
    """`count` cases at scrambled Sobol points, the same for the same count and seed."""
    drawn = draw(known.values(), count, seed, points=_points)
    value = {name: drawn.get(name) for name in NAMES}
    return [
        Case(
            float(value["stock_accuracy"][k]),
            float(value["demand"][k]),
            round(float(value["end_days"][k])),
            float(value["approval"][k]),
            round(float(value["licence_days"][k])),
        )
        for k in range(count)
    ]


def adjusted(g: Netting, case: Case) -> Netting:
    """The netting with the stock and plan of a case; what other sources bring stays as planned."""
    return g._replace(stock=g.stock * case.stock, need=g.need * case.demand)
