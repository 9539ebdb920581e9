"""What can befall an economy in the ARIO model: capacity lost, capital destroyed, sellers that may not ship.

Timing is that of BoARIO 0.7.2 unless an event says otherwise; its recovery curves are published with it.
All arrays are by node i = (region, product), N = R x S nodes, region-major.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Curve = Literal["linear", "exponential", "exponential_scaled", "s_shaped"]
CURVES: tuple[Curve, ...] = ("linear", "exponential", "exponential_scaled", "s_shaped")
Overlap = Literal["strictest", "multiply", "add"]
OVERLAPS: tuple[Overlap, ...] = ("strictest", "multiply", "add")
SHORTEST = {"s_shaped": 3}
"""Shortest recovery of a curve in steps: the s-shape has no middle at 2, and never comes back at 1."""

SCALE = 4.0
"""The scaled exponential falls as fast in a day as the plain one in so many."""
STEEPNESS = 1e-6
"""Slope of the middle of the s-shape; smaller is steeper."""
CAPACITY_DIGITS = 6
"""Decimals of a share of capacity lost while it recovers."""


def remaining(curve: Curve, days: int, tau: float) -> float:
    """Share of a loss that is left so many days into a recovery of length tau (from 1 on; tau: 1 or more)."""
    if curve == "linear":
        return max(0.0, 1 - days / tau)
    if curve == "exponential":
        return float((1 - 1 / tau) ** days)
    if curve == "exponential_scaled":
        return float((1 - 1 / tau) ** (SCALE * days))
    exponent = (math.log(tau) - math.log(STEEPNESS)) / (math.log(tau) - math.log(2.0))
    return float(tau / (tau + STEEPNESS * days**exponent))


def _refuse(event: object, faults: Iterable[str]) -> None:
    """ValueError with everything that is wrong with an event."""
    found = list(faults)
    if found:
        raise ValueError(f"{type(event).__name__}: " + "; ".join(found))


def _numbers(event: object, **bounds: tuple[float, float]) -> Iterator[str]:
    """Fields that are no number between two bounds, both allowed (infinity too where it is the bound)."""
    for name, (low, high) in bounds.items():
        value = getattr(event, name)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float | np.number)
            or not low <= value <= high
        ):
            yield f"{name} is {value!r}, not a number from {low:g} to {high:g}"


def _steps(event: object, **lowest: int) -> Iterator[str]:
    """Fields that are no whole number of steps, or below the lowest."""
    for name, low in lowest.items():
        value = getattr(event, name)
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
            yield f"{name} is {value!r}, not a whole number of {low} or more"


def _values(event: object, name: str, high: float) -> Iterator[str]:
    """An array by node of values from nought to a bound."""
    value = getattr(event, name)
    if not isinstance(value, np.ndarray) or value.ndim != 1:
        yield f"{name} is no array of one dimension"
    elif not ((value >= 0) & (value <= high) & np.isfinite(value)).all():
        yield f"{name} holds values below 0, above {high:g}, or no numbers"


def _curve(curve: str, recovery: int, lowest: int) -> Iterator[str]:
    """A curve without a name, or a recovery too short for it."""
    if curve not in CURVES:
        yield f"curve is {curve!r}, not one of {', '.join(CURVES)}"
    elif lowest <= recovery < SHORTEST.get(curve, 0):
        yield f"recovery is {recovery}: a curve {curve} takes {SHORTEST[curve]} steps or more"


@dataclass(frozen=True)
class CapacityLoss:
    """Industries lose a share of capacity for a while, then recover along a curve.

    loss: (N,) share of capacity lost; occurrence, duration, recovery: steps. timing: "reference" is in full
    force in steps occurrence + 1 to occurrence + duration + 2, as BoARIO counts; "exact" in the `duration`
    steps from `occurrence` on.
    """

    loss: Array
    occurrence: int
    duration: int
    recovery: int
    curve: Curve = "linear"
    timing: Literal["reference", "exact"] = "reference"

    def __post_init__(self) -> None:
        faults = [
            *_values(self, "loss", 1.0), *_steps(self, occurrence=0, duration=0, recovery=0),
            *_curve(self.curve, self.recovery, 1),
        ]  # fmt: skip
        if self.timing not in ("reference", "exact"):
            faults.append(f"timing is {self.timing!r}, not reference or exact")
        _refuse(self, faults)

    def at(self, step: int) -> Array:
        """Share of capacity lost in one step, (N,)."""
        exact = self.timing == "exact"
        first = self.occurrence if exact else self.occurrence + 1
        last = self.occurrence + self.duration + (-1 if exact else 2)
        if step < first:
            return np.zeros_like(self.loss)
        if step <= last:
            return self.loss
        if self.recovery < 1 or (self.curve == "linear" and step - last >= self.recovery):
            return np.zeros_like(self.loss)
        share = remaining(self.curve, step - last, self.recovery)
        return np.asarray(np.round(self.loss * share, CAPACITY_DIGITS))


@dataclass(frozen=True)
class CapitalDestroyed:
    """Industries lose productive capital, which other industries rebuild on demand.

    impact: (N,) capital lost, money of the table; rebuilders: (S,) share of the rebuilding bought from
    each product; factor: money of rebuilding per money of damage; tau: steps over which it is asked for;
    digits: decimals to which the remaining demand is rounded after each step.
    """

    impact: Array
    occurrence: int
    duration: int
    rebuilders: Array
    tau: float
    factor: float = 1.0
    digits: int = 7

    def __post_init__(self) -> None:
        _refuse(
            self,
            [
                *_values(self, "impact", math.inf), *_values(self, "rebuilders", 1.0),
                *_steps(self, occurrence=0, duration=0),
                *_numbers(self, tau=(1.0, math.inf), factor=(1e-9, 1e9)),
            ],
        )  # fmt: skip


@dataclass(frozen=True)
class CapitalRecovers:
    """Industries lose productive capital that comes back by itself along a curve, without any demand.

    impact: (N,) capital lost, money of the table; digits as in CapitalDestroyed.
    """

    impact: Array
    occurrence: int
    duration: int
    recovery: int
    curve: Curve = "linear"
    digits: int = 7

    def __post_init__(self) -> None:
        _refuse(
            self,
            [
                *_values(self, "impact", math.inf), *_steps(self, occurrence=0, duration=0, recovery=1),
                *_curve(self.curve, self.recovery, 1),
            ],
        )  # fmt: skip

    def at(self, step: int) -> Array:
        """Capital missing in one step, (N,)."""
        if step < self.occurrence:
            return np.zeros_like(self.impact)
        days = step - (self.occurrence + self.duration + 1)
        if days <= 0:
            return self.impact
        left = self.impact * remaining(self.curve, days, self.recovery)
        return np.asarray(np.round(left, self.digits))


@dataclass(frozen=True)
class Restriction:
    """Sellers may ship only part of their products to some industries, from one step to another.

    sellers, buyers: (N,) flags of the nodes that sell and of the industries that buy; first, last: steps in
    force, both included; enforcement, leakage, share: each in [0, 1], share being the controlled part of the
    sellers' sector. resource_days: days over which buyers move their orders to other sellers, and back when
    the restriction ends: 1 or less at once, infinite never.
    """

    sellers: Flags
    buyers: Flags
    first: int
    last: int
    enforcement: float = 1.0
    leakage: float = 0.0
    share: float = 1.0
    resource_days: float = math.inf

    def __post_init__(self) -> None:
        faults = [*_numbers(self, enforcement=(0, 1), leakage=(0, 1), share=(0, 1))]
        faults += [*_numbers(self, resource_days=(0, math.inf)), *_steps(self, first=0, last=0)]
        if not faults and self.last < self.first:
            faults.append(f"it ends at step {self.last}, before it begins at {self.first}")
        for name in ("sellers", "buyers"):
            value = getattr(self, name)
            if not isinstance(value, np.ndarray) or value.ndim != 1 or value.dtype != bool:
                faults.append(f"{name} is no array of true and false, one a node")
        _refuse(self, faults)

    def kept(self, step: int) -> float:
        """Share of an order of a restricted flow that is made and delivered in one step."""
        inside = self.first <= step <= self.last
        return 1 - self.enforcement * (1 - self.leakage) * self.share if inside else 1.0

    def ordered(self, steps: int) -> Array:
        """Weight that buyers still give a restricted flow in orders placed at the end of a step, (steps,).

        These orders are for the next step, so they heed the rule of the next step.
        """
        weight, path = 1.0, np.empty(steps)
        speed = 1.0 / max(1.0, self.resource_days)
        for step in range(steps):
            weight += (self.kept(step + 1) - weight) * speed
            path[step] = weight
        return path


@dataclass(frozen=True)
class FinalDemand:
    """Final demand moves from one step to another, both included.

    change: (N,) money of the table a year by seller, above or below nought. stopped: whether it falls because
    sellers may not ship; it then counts as not served, else as not wanted.
    """

    change: Array
    first: int
    last: int
    stopped: bool = False

    def __post_init__(self) -> None:
        faults = [*_steps(self, first=0, last=0)]
        if not isinstance(self.change, np.ndarray) or not np.isfinite(self.change).all():
            faults.append("change is no array of numbers")
        elif self.stopped and (self.change > 0).any():
            faults.append("change is above 0 where sales are stopped")
        _refuse(self, faults)

    def at(self, step: int) -> Array:
        """Change of final demand in one step, (N,), a year."""
        return self.change if self.first <= step <= self.last else np.zeros_like(self.change)


def final_demand(Y0: Array, events: Sequence[object], step: int, h: float) -> tuple[Array, Array]:
    """Final demand of a step and what of the usual may not be shipped, (N,) each; h: years a step."""
    moved = [e for e in events if isinstance(e, FinalDemand) and e.first <= step <= e.last]
    stopped = np.zeros_like(Y0)
    for event in moved:
        Y0 = Y0 + h * event.change
        if event.stopped:
            stopped = stopped - h * event.change
    return Y0, stopped


Event = CapacityLoss | CapitalDestroyed | CapitalRecovers | Restriction | FinalDemand
"""Everything that a run accepts, any number of each, overlapping at will."""
