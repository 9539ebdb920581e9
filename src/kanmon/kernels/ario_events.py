"""What can befall an economy in the ARIO model: capacity lost, capital destroyed, sellers that may not ship.

Timing is that of BoARIO 0.7.2 unless an event says otherwise; its recovery curves are published with it.
All arrays are by node i = (region, product), N = R x S nodes, region-major.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Curve = Literal["linear", "exponential", "exponential_scaled", "s_shaped"]
CURVES: tuple[Curve, ...] = ("linear", "exponential", "exponential_scaled", "s_shaped")

SCALE = 4.0
"""The scaled exponential falls as fast in a day as the plain one in so many."""
STEEPNESS = 1e-6
"""Slope of the middle of the s-shape; smaller is steeper."""
CAPACITY_DIGITS = 6
"""Decimals of a share of capacity lost while it recovers."""


def remaining(curve: Curve, days: int, tau: float) -> float:
    """Share of a loss that is left so many days into a recovery of length tau (days >= 1, tau > 2)."""
    if curve == "linear":
        return max(0.0, 1 - days / tau)
    if curve == "exponential":
        return float((1 - 1 / tau) ** days)
    if curve == "exponential_scaled":
        return float((1 - 1 / tau) ** (SCALE * days))
    exponent = (math.log(tau) - math.log(STEEPNESS)) / (math.log(tau) - math.log(2.0))
    return float(tau / (tau + STEEPNESS * days**exponent))


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
    sellers: (L, N). closed: (G, N) flows of a product that a group buys from restricted sellers alone: its
    orders have nowhere to go, so they stay. kept, ordered: (L, steps + 1) as in Restriction.
    """

    group: NDArray[np.int64]
    member: Flags
    sellers: Flags
    closed: Flags
    kept: Array
    ordered: Array
    strictest: bool

    @classmethod
    def of(
        cls, restrictions: list[Restriction], Z: NDArray[np.floating], S: int, steps: int, *, strictest: bool
    ) -> Masks:
        """Group the buyers of any number of restrictions on a table Z (N, N) of S products."""
        N = Z.shape[0]
        buyers = np.array([r.buyers for r in restrictions], dtype=bool).reshape(-1, N)
        sellers = np.array([r.sellers for r in restrictions], dtype=bool).reshape(-1, N)
        shut = _without_open_seller(sellers, buyers, Z, S)
        # A first column of noughts makes "nothing restricted" the first group.
        key = np.c_[np.zeros(len(buyers) + S, dtype=bool), np.r_[buyers, shut]]
        groups, group = np.unique(key, axis=1, return_inverse=True)
        empty = np.empty((0, 0))
        masks = cls(
            np.ascontiguousarray(group.ravel()[1:], dtype=np.int64),
            groups[: len(buyers)],
            sellers,
            np.tile(groups[len(buyers) :].T, N // S),
            empty,
            empty,
            strictest,
        )
        return masks.timed(restrictions, steps, strictest=strictest)

    def timed(self, restrictions: list[Restriction], steps: int, *, strictest: bool) -> Masks:
        """The same flows, restricted at other times or to another degree."""
        shape = (len(restrictions), steps + 1)
        kept = np.array([[r.kept(t) for t in range(steps + 1)] for r in restrictions]).reshape(shape)
        ordered = np.array([r.ordered(steps + 1) for r in restrictions]).reshape(shape)
        return replace(self, kept=kept, ordered=ordered, strictest=strictest)

    def passing(self, by_restriction: Array) -> Array:
        """Factors by group of buyers and seller, (G, N), from one factor for each restriction."""
        out = np.ones(self.closed.shape)
        for factor, sellers, member in zip(by_restriction, self.sellers, self.member, strict=True):
            here = np.ix_(member, sellers)
            out[here] = np.minimum(out[here], factor) if self.strictest else out[here] * factor
        return out

    def turned(self, by_restriction: Array) -> Array:
        """The same for the weight of orders, which cannot move where every seller is restricted."""
        return np.where(self.closed, 1.0, self.passing(by_restriction))


def _without_open_seller(sellers: Flags, buyers: Flags, Z: NDArray[np.floating], S: int) -> Flags:
    """(S, N): the buyer takes the product from restricted sellers alone."""
    R, N = Z.shape[0] // S, Z.shape[0]
    shut = np.zeros((S, N), dtype=bool)
    by_product = sellers.reshape(-1, R, S)
    columns = np.flatnonzero(buyers.any(axis=0))
    for p in np.flatnonzero(by_product.any(axis=(0, 1))):
        restricted = (by_product[:, :, p].T.astype(float) @ buyers[:, columns]) > 0
        bought = Z[p::S][:, columns] > 0
        shut[p, columns] = bought.any(axis=0) & ~(bought & ~restricted).any(axis=0)
    return shut
