"""What can befall an economy in the ARIO model: capacity lost, capital destroyed, sellers that may not ship.

Timing is that of BoARIO 0.7.2 unless an event says otherwise; its recovery curves are published with it.
All arrays are by node i = (region, product), N = R x S nodes, region-major.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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


Event = CapacityLoss | CapitalDestroyed | CapitalRecovers | Restriction
"""Everything that a run accepts, any number of each, overlapping at will."""


@dataclass(frozen=True)
class Masks:
    """Restrictions as factors on the cells of the table, which are the same for a group of buyers.

    group: (N,) group of each buyer, 0 where nothing is restricted; member: (L, G) restrictions by groups;
    sellers: (L, N). closed: (G, S) products that a group buys from restricted sellers alone; usual: (G, N)
    the sellers it buys a closed product from. kept, ordered: (L, steps + 1) as in Restriction.
    """

    group: NDArray[np.int64]
    member: Flags
    sellers: Flags
    closed: Flags
    usual: Flags
    kept: Array
    ordered: Array
    overlap: Overlap

    @classmethod
    def of(
        cls, restrictions: list[Restriction], Z: NDArray[np.floating], S: int, steps: int, *, overlap: Overlap
    ) -> Masks:
        """Group the buyers of any number of restrictions on a table Z (N, N) of S products."""
        N = Z.shape[0]
        buyers = np.array([r.buyers for r in restrictions], dtype=bool).reshape(-1, N)
        sellers = np.array([r.sellers for r in restrictions], dtype=bool).reshape(-1, N)
        choices = _choices(sellers, buyers, alike(restrictions), Z, S)
        # A first column of noughts makes "nothing restricted" the first group.
        key = np.c_[np.zeros(len(buyers) + S, dtype=np.int64), np.r_[buyers, choices.number]]
        groups, first, group = np.unique(key, axis=1, return_index=True, return_inverse=True)
        member, number = groups[: len(buyers)] > 0, groups[len(buyers) :].T
        usual = np.zeros((groups.shape[1], N), dtype=bool)
        for g, p in np.argwhere(number > 0):
            usual[g, p::S] = choices.sellers[p, first[g] - 1]
        empty = np.empty((0, 0))
        group = np.ascontiguousarray(group.ravel()[1:], dtype=np.int64)
        masks = cls(group, member, sellers, number > 0, usual, empty, empty, overlap)
        return masks.timed(restrictions, steps, overlap=overlap)

    def timed(self, restrictions: list[Restriction], steps: int, *, overlap: Overlap) -> Masks:
        """The same flows, restricted at other times or to another degree."""
        shape = (len(restrictions), steps + 1)
        kept = np.array([[r.kept(t) for t in range(steps + 1)] for r in restrictions]).reshape(shape)
        ordered = np.array([r.ordered(steps + 1) for r in restrictions]).reshape(shape)
        return replace(self, kept=kept, ordered=ordered, overlap=overlap)

    def passing(self, by_restriction: Array) -> Array:
        """Factors by group of buyers and seller, (G, N), from one factor for each restriction."""
        out = np.ones(self.usual.shape)
        for factor, sellers, member in zip(by_restriction, self.sellers, self.member, strict=True):
            here = np.ix_(member, sellers)
            if self.overlap == "strictest":
                out[here] = np.minimum(out[here], factor)
            elif self.overlap == "multiply":
                out[here] *= factor
            else:
                out[here] -= 1 - factor
        return np.maximum(out, 0.0) if self.overlap == "add" else out

    def turned(self, by_restriction: Array) -> Array:
        """The weight of orders, (G, N): that of `passing` over that of the most open usual seller.

        So orders in all fall by what the most open seller keeps: where a seller is free they move to it in
        full, and a ban on everybody is not undone by ordering more. It is continuous, and never rises with
        a stricter restriction.
        """
        weight = self.passing(by_restriction)
        G, S = self.closed.shape
        best = np.where(self.usual, weight, 0.0).reshape(G, -1, S).max(axis=1)
        best = np.where(self.closed & (best > 0), best, 1.0)
        over = np.tile(best, (1, weight.shape[1] // S))
        # Where nobody may sell anything no order is made; its weight only has to be a number.
        return np.where(np.tile(self.closed, (1, weight.shape[1] // S)) & ~self.usual, 1.0, weight / over)


def alike(restrictions: Sequence[Restriction]) -> tuple[int, ...]:
    """Number of each restriction's terms: those of one number keep the same on every day."""
    known: dict[tuple[float, ...], int] = {}
    terms = [(r.first, r.last, r.enforcement, r.leakage, r.share, r.resource_days) for r in restrictions]
    return tuple(known.setdefault(t, len(known)) for t in terms)


@dataclass(frozen=True)
class _Choices:
    """Sellers among whom orders move, where none is free.

    number: (S, N) 0 where a usual seller of the product is free, else a number for what the buyer can choose
    from; sellers: (product, buyer) -> (R,) flags of the usual sellers, one of each terms.
    """

    number: NDArray[np.int64]
    sellers: dict[tuple[int, int], Flags]


def _choices(
    sellers: Flags, buyers: Flags, terms: tuple[int, ...], Z: NDArray[np.floating], S: int
) -> _Choices:
    """Buyers that take a product from restricted sellers alone, by the terms they can choose from.

    Sellers under the same terms count as one, else each buyer would be a group of its own.
    """
    R, N = Z.shape[0] // S, Z.shape[0]
    number = np.zeros((S, N), dtype=np.int64)
    found: dict[tuple[int, int], Flags] = {}
    by_product = sellers.reshape(-1, R, S)
    unlike, of_buyer = np.unique(buyers, axis=1, return_inverse=True)
    classes = np.array(terms)[:, None] == np.arange(max(terms, default=0) + 1)
    for m, who in enumerate(unlike.T):
        columns = np.flatnonzero(of_buyer.ravel() == m)
        for p in np.flatnonzero(by_product[who].any(axis=(0, 1))):
            # (R, classes): which terms each seller of the product is under.
            under = by_product[who, :, p].T.astype(np.int64) @ classes[who] > 0
            patterns, pattern = np.unique(under, axis=0, return_inverse=True)
            bought = Z[p::S][:, columns] > 0
            there = np.array([bought[pattern.ravel() == k].any(axis=0) for k in range(len(patterns))])
            free = ~patterns.any(axis=1)
            shut = there.any(axis=0) & ~there[free].any(axis=0)
            kinds, kind = np.unique(there[:, shut], axis=1, return_inverse=True)
            number[p, columns[shut]] = kind.ravel() + 1
            for j, k in zip(columns[shut], kind.ravel(), strict=True):
                found[int(p), int(j)] = kinds[pattern.ravel(), k]
    return _Choices(number, found)
