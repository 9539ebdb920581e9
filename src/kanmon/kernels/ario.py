"""The ARIO model of sector losses, exactly as BoARIO 0.7.2 steps it (`ARIOPsiModel`); readable NumPy twin.

Written from the published equations (Hallegatte 2008, 2013; Guan et al. 2020; equations with symbols in
docs/method-sector.md, section 1). i = (region r, product p) is a supplier, j a buyer, N = R x S nodes,
region-major. Yearly flows enter; every flow inside is per step (one day).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from .ario_checks import check_arrays
from .ario_events import (
    Array,
    CapacityLoss,
    CapitalDestroyed,
    CapitalRecovers,
    Event,
    Overlap,
    Restriction,
    final_demand,
)
from .ario_masks import Masks

# The reference compares all cells with these tolerances before it touches stocks or stock gaps.
GATE_ABSOLUTE = 1e-8
GATE_RELATIVE = 1e-5
# An input counts only if a year's purchases exceed this share of a day's output (the reference's rule).
RELEVANCE = 1e-5


@dataclass(frozen=True)
class ArioParameters:
    """Parameters of a run: days for durations, shares otherwise.

    inventory_days, restock_days: (S,) by input product, infinite stocks allowed; capital: (N,) productive
    capital, by default four times a year's value added. gates: leave stocks and stock gaps alone where ALL
    cells agree within the reference's tolerances, as the reference does; without them every change counts.
    overlap: of several restrictions on one flow the strictest holds, or what they keep is multiplied, or
    what they cut is added (for goods apart within one sector).
    """

    inventory_days: Array
    restock_days: Array
    psi: float = 0.8
    alpha_base: float = 1.0
    alpha_max: float = 1.25
    alpha_days: float = 365.0
    order: Literal["alt", "noalt"] = "alt"
    days_a_year: float = 365.0
    capital: Array | None = None
    gates: bool = True
    overlap: Overlap = "strictest"


@dataclass
class ArioPath:
    """What a run gives, time first: (steps, N) each, per step; stock_final is (S, N)."""

    production: Array
    capacity: Array
    overproduction: Array
    intermediate_demand: Array
    final_undistributed: Array
    rebuild_demand: Array
    rebuild_production: Array
    stock_final: Array

    @classmethod
    def empty(cls, steps: int, products: int, nodes: int) -> ArioPath:
        """Arrays to be filled."""
        a, b, c, d, e, f, g = np.empty((7, steps, nodes))
        return cls(a, b, c, d, e, f, g, np.empty((products, nodes)))


@dataclass
class _Rebuilding:
    """One capital event on its way: what is lost and what remains to be rebuilt."""

    event: CapitalDestroyed
    shares: Array
    lost: Array
    remaining: Array = field(init=False)

    def __post_init__(self) -> None:
        self.remaining = self.event.factor * self.event.impact * self.shares

    def started(self, step: int) -> bool:
        return step >= self.event.occurrence + self.event.duration

    def demand(self, step: int) -> Array:
        """Rebuilding asked for in this step, (N, N): supplier by damaged industry."""
        return self.remaining / self.event.tau if self.started(step) else np.zeros_like(self.remaining)

    def deliver(self, step: int, delivered: Array) -> None:
        if self.started(step):
            left = np.round(self.remaining - delivered, self.event.digits)
            self.remaining = np.maximum(left, 0.0)
            self.lost = self.remaining.sum(axis=0) / self.event.factor


class _Economy:
    """The constants of a run, worked out once from the table."""

    def __init__(self, Z: Array, Y: Array, x: Array, p: ArioParameters) -> None:
        self.S, self.N = p.inventory_days.size, x.size
        self.R = self.N // self.S
        h = 1.0 / p.days_a_year
        self.X0, self.Z0 = h * x, h * Z
        self.Y0 = h * (Y.sum(axis=1) if Y.ndim == 2 else Y)
        A = np.divide(Z, x, out=np.zeros_like(Z), where=x > 0)
        self.a = self.by_product(A)
        self.relevant = self.by_product(Z) > RELEVANCE * self.X0
        # The reference turns stocks of one day or less into two.
        days = np.where(p.inventory_days <= 1, 2.0, p.inventory_days)
        self.days = days[:, None]
        with np.errstate(invalid="ignore"):
            stock = self.X0 * self.a * self.days
        self.stock0 = np.where(np.isnan(stock), np.inf, stock)
        self.finite = np.isfinite(self.days)
        self.finite_days = np.where(self.finite, self.days, 0.0)
        added = 4 * np.maximum(0.0, x - Z.sum(axis=0))
        self.capital = added if p.capital is None else p.capital

    def by_product(self, flows: Array) -> Array:
        """Sum (N, N) over the regions of the supplier: (S, N)."""
        return np.asarray(flows.reshape(self.R, self.S, self.N).sum(axis=0))

    def to_suppliers(self, by_product: Array) -> Array:
        """Repeat (S, N) over the regions of the supplier: (N, N)."""
        return np.tile(by_product, (self.R, 1))

    def rebuilding(self, event: CapitalDestroyed) -> _Rebuilding:
        """Spread the rebuilding over suppliers as the damaged industry buys each product today."""
        bought = self.to_suppliers(self.by_product(self.Z0))
        among = np.divide(self.Z0, bought, out=np.zeros_like(self.Z0), where=bought > 0)
        shares = among * np.tile(event.rebuilders, self.R)[:, None]
        return _Rebuilding(event, shares, np.asarray(event.impact, dtype=float))


def _capacity_loss(
    step: int, economy: _Economy, events: Sequence[Event], rebuilds: list[_Rebuilding]
) -> Array:
    """Share of capacity lost: the largest over events, (N,)."""
    delta = np.zeros(economy.N)
    missing = [r.lost for r in rebuilds if step >= r.event.occurrence]
    for event in events:
        if isinstance(event, CapacityLoss):
            delta = np.maximum(delta, event.at(step))
        elif isinstance(event, CapitalRecovers):
            missing.append(event.at(step))
    for lost in missing:
        share = np.divide(lost, economy.capital, out=np.zeros(economy.N), where=lost > 0)
        delta = np.maximum(delta, share)
    return np.minimum(delta, 1.0)


def overproduce(alpha: Array, demand: Array, before: Array, p: ArioParameters) -> Array:
    """Overproduction capacity moves with NEW demand against the output of the step BEFORE."""
    scarcity = np.divide(demand - before, demand, out=np.zeros_like(demand), where=demand != 0)
    alpha = (
        alpha
        + (p.alpha_max - alpha) * scarcity / p.alpha_days
        + (p.alpha_base - alpha) * (scarcity == 0) / p.alpha_days
    )
    return np.maximum(alpha, 1.0)


def _produce(economy: _Economy, stock: Array, wanted: Array, psi: float) -> Array:
    """Output of each industry given its stocks: it falls once a stock is below psi times its goal."""
    need = psi * economy.finite_days * economy.a * wanted
    limiting = economy.relevant & (need != 0)
    ratio = np.divide(stock, need, out=np.ones_like(need), where=limiting)
    # A stock drawn down to nought can fall below it by rounding; output cannot.
    return np.asarray(wanted * np.clip(ratio.min(axis=0), 0.0, 1.0))


def _close(a: Array, b: Array) -> bool:
    """Whether all cells agree within the reference's tolerances (infinite cells agree)."""
    with np.errstate(invalid="ignore"):
        gap = np.abs(a - b)
        return bool(np.all((gap <= GATE_ABSOLUTE + GATE_RELATIVE * np.abs(b)) | (a == b)))


def _order(
    economy: _Economy,
    stock: Array,
    wanted: Array,
    produced: Array,
    capacity: Array,
    turned: Array,
    p: ArioParameters,
) -> Array:
    """Orders for the next step, (N, N): what was used plus part of the stock gap.

    turned: (N, N) weight that buyers still give each flow (1 without restrictions). Orders are given as if
    it were 1 in each cell: the caller multiplies by what is made and delivered of them.
    """
    goal = economy.finite_days * economy.a * wanted
    reached = np.where(economy.finite, stock, 0.0)
    gap = np.zeros_like(goal)
    if not (p.gates and _close(reached, goal)):
        gap = np.maximum(0.0, goal - reached) / p.restock_days[:, None]
    quantity = gap + economy.a * produced
    weight = economy.Z0
    if p.order == "alt":
        ratio = np.divide(capacity, economy.X0, out=np.ones(economy.N), where=economy.X0 > 0)
        weight = economy.Z0 * ratio[:, None]
    total = economy.by_product(weight * turned)
    factor = np.divide(quantity, total, out=np.zeros_like(total), where=total > 0)
    return weight * economy.to_suppliers(factor)


def ario(
    Z: Array,
    Y: Array,
    x: Array,
    parameters: ArioParameters,
    events: Sequence[Event],
    steps: int = 365,
) -> ArioPath:
    """Run ARIO for a number of daily steps.

    Z: (N, N) yearly sales of i to industry j; Y: (N,) or (N, C) yearly final demand; x: (N,) yearly gross
    output; all in one money unit, nodes region-major with products sorted alike in every region.

    Raises
    ------
    ValueError : all that is wrong with arrays, parameters and events, at once.
    """
    check_arrays(Z, Y, x, parameters, events, steps)
    p = parameters
    economy = _Economy(Z, Y, x, p)
    restrictions = [e for e in events if isinstance(e, Restriction)]
    masks = Masks.of(restrictions, Z, economy.S, steps, overlap=p.overlap)
    turned = np.ones(masks.usual.shape)
    rebuilds = [economy.rebuilding(e) for e in events if isinstance(e, CapitalDestroyed)]
    stock, orders = economy.stock0.copy(), economy.Z0
    alpha = np.full(economy.N, p.alpha_base)
    produced = economy.X0
    path = ArioPath.empty(steps, economy.S, economy.N)
    for step in range(steps):
        delta = _capacity_loss(step, economy, events, rebuilds)
        passing = orders * np.minimum(masks.passing(masks.kept[:, step]), turned)[masks.group].T
        asked = [r.demand(step) for r in rebuilds]
        rebuild = sum((a.sum(axis=1) for a in asked), start=np.zeros(economy.N))
        intermediate = passing.sum(axis=1)
        final, stopped = final_demand(economy.Y0, events, step, 1.0 / p.days_a_year)
        # Final demand below nought is a stock run down: it serves what is left once output is nought.
        demand = np.maximum(intermediate + final + rebuild, 0.0)
        if step >= 2:
            alpha = overproduce(alpha, demand, produced, p)
        capacity = economy.X0 * (1 - delta) * alpha
        produced = _produce(economy, stock, np.minimum(demand, capacity), p.psi)
        served = np.divide(produced, demand, out=1.0 * (final < 0), where=demand != 0)

        inflow = economy.by_product(passing * served[:, None])
        use = economy.a * produced
        if not (p.gates and _close(inflow, use)):
            stock = stock + (inflow - use)
        for event, one in zip(rebuilds, asked, strict=True):
            event.deliver(step, one * served[:, None])
        rebuilt = rebuild * served

        path.production[step], path.capacity[step] = produced, capacity
        path.overproduction[step], path.intermediate_demand[step] = alpha, intermediate
        path.final_undistributed[step] = np.maximum(final, 0.0) * (1 - served) + stopped
        path.rebuild_demand[step], path.rebuild_production[step] = rebuild, rebuilt
        turned = masks.turned(masks.ordered[:, step])
        wanted = np.minimum(demand - rebuilt, capacity)
        orders = _order(economy, stock, wanted, produced, capacity, turned[masks.group].T, p)
    path.stock_final = stock
    return path
