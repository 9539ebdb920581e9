"""What is not certain about a firm: stock, demand, the end of the stop; drawn cases and their bands."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.draws import Uncertain, draw
from ..core.errors import InputError, Problem
from ..core.source import Source
from ..kernels.netting import NEVER, Netting, cover_jointly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NAMES = ("stock_accuracy", "demand", "licence_days", "approval", "end_days")


@dataclass(frozen=True)
class Case:
    """One drawn case: shares of stock and plan, and the day from which stopped items come again."""

    stock: float
    demand: float
    resume: int
    approval: float
    licence_day: int


@dataclass(frozen=True)
class Bands:
    """Low (5 %), mid and high (95 %) over the cases; days are None beyond the horizon."""

    firm_days: tuple[int | None, int | None, int | None]
    lost_margin: tuple[float, float, float]
    cases: int


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


def cases(known: Mapping[str, Uncertain], count: int, seed: int = 1) -> list[Case]:
    """`count` cases at scrambled Sobol points, the same for the same count and seed."""
    drawn = draw(known.values(), count, seed)
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


def bands(g: Netting, margin: Floats, drawn: list[Case], days: int) -> Bands:
    """Days to the firm's first stop and lost margin (all draw at plan) over the cases.

    A product that stops stays stopped until the case's end of the stop or the horizon.
    """
    first, lost = [], []
    for case in drawn:
        own = adjusted(g, case)
        stop, _ = cover_jointly(own, days)
        until = min(days, case.resume)
        gone = np.where(stop == NEVER, 0, np.maximum(0, until - stop))
        lost.append(float((gone * own.need * margin).sum()))
        stopped = stop[(stop != NEVER) & (stop < until)]
        first.append(float(stopped.min()) if len(stopped) else np.inf)
    low, mid, high = (float(q) for q in np.quantile(lost, (0.05, 0.5, 0.95)))
    days_at = np.quantile(first, (0.05, 0.5, 0.95), method="inverted_cdf")
    early, middle, late = (int(d) if np.isfinite(d) else None for d in days_at)
    return Bands((early, middle, late), (low, mid, high), len(drawn))
