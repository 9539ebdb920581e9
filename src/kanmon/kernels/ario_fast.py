"""The ARIO model compiled: the same equations as ario.py, one read of the table a step, no order matrix.

The reference compares ALL cells before it moves stocks or reorders. That is known only at the end of a pass,
so a pass assumes the answer of the step before and is repeated where it was wrong (a handful of times a run).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import get_num_threads, set_num_threads
from numpy.typing import NDArray

from .ario import RELEVANCE, ArioParameters
from .ario_batch_pass import produce_draws
from .ario_checks import check_arrays
from .ario_events import (
    Array,
    CapacityLoss,
    CapitalDestroyed,
    CapitalRecovers,
    Event,
    Restriction,
    final_demand,
)
from .ario_masks import Masks
from .ario_pass import one_pass

Table = NDArray[np.floating]

SMALL = 2000
"""Nodes up to which one thread is faster than waking a second one."""
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def alone(threads: int | None = None) -> Iterator[None]:
    """Keep other threads out of parallel loops, which two of them must not enter, and set their width."""
    with _ONE_AT_A_TIME:
        before = get_num_threads()
        set_num_threads(threads or before)
        try:
            yield
        finally:
            set_num_threads(before)


@dataclass(frozen=True)
class FastPath:
    """What a run gives, time first, (steps, N), per step, in double precision whatever the table.

    production; final_undistributed: final demand that a producer could not serve (in the table's precision,
    being a difference already); the rest as in ArioPath,
    None unless asked for. margin: (N,) lowest ratio, over the run, of the output that stocks allow to the
    output wanted; below 1 stocks limit output. stock_final: (S, N).
    """

    production: Array
    final_undistributed: Array
    margin: Array
    stock_final: Array
    capacity: Array | None = None
    overproduction: Array | None = None
    intermediate_demand: Array | None = None
    rebuild_demand: Array | None = None
    rebuild_production: Array | None = None
    passes: int = 0


class Rebuilding:
    """One capital event on its way, kept for damaged industries and rebuilding sellers alone."""

    def __init__(self, event: CapitalDestroyed, Z: Table, bought: Array) -> None:
        S = event.rebuilders.size
        self.event, self.hit = event, np.flatnonzero(event.impact)
        self.sellers = np.flatnonzero(np.tile(event.rebuilders > 0, Z.shape[0] // S))
        product = self.sellers % S
        flows = Z[np.ix_(self.sellers, self.hit)].astype(np.float64)
        among = bought[np.ix_(product, self.hit)]
        shares = np.divide(flows, among, out=flows, where=among > 0)
        impact = np.asarray(event.impact, dtype=np.float64)[self.hit]
        self.lost = impact
        self.remaining = event.factor * impact * (shares * event.rebuilders[product][:, None])
        self.asked = np.zeros_like(self.remaining)

    def ask(self, step: int, demand: Table) -> None:
        """Add the rebuilding asked for in this step to the demand of the sellers."""
        if step >= self.event.occurrence + self.event.duration:
            self.asked = self.remaining / self.event.tau
            demand[self.sellers] += self.asked.sum(axis=1)

    def deliver(self, step: int, served: Table) -> None:
        """Take what was delivered off what remains."""
        if step >= self.event.occurrence + self.event.duration:
            left = self.remaining - self.asked * served[self.sellers][:, None]
            self.remaining = np.maximum(np.round(left, self.event.digits), 0.0)
            self.lost = self.remaining.sum(axis=0) / self.event.factor


class _Cells:
    """The factors of restrictions on the sellers' weights, worked out again only when they change."""

    def __init__(self, masks: Masks, S: int) -> None:
        self.masks = masks
        self.masked = masks.sellers.reshape(-1, masks.group.size // S, S).any(axis=(0, 1))
        edges = np.flatnonzero(np.diff(masks.group)) + 1
        first, last = np.r_[0, edges], np.r_[edges, masks.group.size]
        runs = np.stack([first, last, masks.group[first]], axis=1)
        self.runs = np.ascontiguousarray(np.r_[[[0, masks.group.size, 0]], runs], dtype=np.int64)
        self.turned = np.ones(masks.usual.shape)
        self.passing = np.minimum(masks.passing(masks.kept[:, 0]), 1.0)

    def advance(self, step: int) -> tuple[Array, Array]:
        """What orders placed at the end of a step weigh, and what of them is made the day after, (G, N)."""
        m = self.masks
        before = max(0, step - 1)
        same = step > 0 and np.array_equal(m.ordered[:, step], m.ordered[:, before])
        if not (same and np.array_equal(m.kept[:, step + 1], m.kept[:, step])):
            self.turned = m.turned(m.ordered[:, step])
            self.passing = np.minimum(m.passing(m.kept[:, step + 1]), self.turned)
        return self.turned, self.passing


class _Run:
    """A run on its way: constants, state and the record."""

    def __init__(
        self, Z: Table, Y: Array, x: Array, p: ArioParameters, events: Sequence[Event], steps: int
    ) -> None:
        self.p, self.h, self.steps = p, 1.0 / p.days_a_year, steps
        self.S, self.N = p.inventory_days.size, x.size
        # One compiled form serves tables that may be written and those that may not.
        self.Z = np.ascontiguousarray(Z).view()
        self.Z.flags.writeable = False
        self.X0 = np.ascontiguousarray(self.h * x)
        self.Y0 = np.ascontiguousarray(self.h * (Y.sum(axis=1) if Y.ndim == 2 else Y))
        bought = Z.reshape(-1, self.S, self.N).sum(axis=0, dtype=np.float64)
        capital = 4 * np.maximum(0.0, x - bought.sum(axis=0)) if p.capital is None else p.capital
        self.events, self.capital = events, capital
        self.rebuilds = [Rebuilding(e, Z, bought) for e in events if isinstance(e, CapitalDestroyed)]
        limits = [e for e in events if isinstance(e, Restriction)]
        self.cells = _Cells(Masks.of(limits, Z, self.S, steps, overlap=p.overlap), self.S)
        self.a = np.divide(bought, x, out=bought, where=x > 0).astype(Z.dtype, copy=False)
        self.a[:, x <= 0] = 0.0
        self.days = np.where(p.inventory_days <= 1, 2.0, p.inventory_days)
        self._start()

    def _start(self) -> None:
        S, N, h = self.S, self.N, self.h
        with np.errstate(invalid="ignore"):
            self.stock = self.X0 * self.a * self.days[:, None]
        self.stock[np.isnan(self.stock)] = np.inf
        self.spare = np.empty_like(self.stock)
        self.q, self.q_spare = np.full((2, S, N), h, dtype=self.Z.dtype)
        self.met = self._first_demand()
        # One column: the compiled form is that of a batch.
        self.alpha, self.order = np.full((N, 1), self.p.alpha_base), np.ones((N, 1))
        self.produced, self.margin = self.X0[:, None].copy(), np.full((N, 1), np.inf)
        self.lost, self.rebuild, self.served, self.wanted = np.zeros((4, N, 1))
        self.highest, self.speed = np.array([self.p.alpha_max]), np.array([1.0 / self.p.alpha_days])
        self.most = np.empty((1 if N <= SMALL else min(S, get_num_threads()), N))
        self.most[0] = self._first_limit()
        self.still, self.full = self.p.gates, self.p.gates
        self.passes = 0

    def _first_demand(self) -> Array:
        met = np.zeros(self.N)
        for first, last, group in self.cells.runs[1:]:
            rows = self.Z[:, first:last].sum(axis=1, dtype=np.float64)
            met += self.h * rows * self.cells.passing[group]
        return met

    def _first_limit(self) -> Array:
        """Output that the first stocks allow."""
        need = self.p.psi * np.where(np.isfinite(self.days), self.days, 0.0)[:, None] * self.a
        need[self.a <= RELEVANCE * self.h] = 0.0
        most = np.divide(self.stock, need, out=np.full_like(need, np.inf, dtype=float), where=need > 0)
        return np.asarray(most.min(axis=0))

    def _lose(self, step: int, delta: Array) -> None:
        """Share of capacity lost: the largest over events, (N,)."""
        delta[:] = 0.0
        missing: list[tuple[Any, Array]] = []
        for event in self.events:
            if isinstance(event, CapacityLoss):
                np.maximum(delta, event.at(step), out=delta)
            elif isinstance(event, CapitalRecovers):
                missing.append((slice(None), event.at(step)))
        missing += [(r.hit, r.lost) for r in self.rebuilds if step >= r.event.occurrence]
        for where, lost in missing:
            share = np.divide(lost, self.capital[where], out=np.zeros(lost.size), where=lost > 0)
            delta[where] = np.minimum(1.0, np.maximum(delta[where], share))

    def step(self, step: int) -> dict[str, Table]:
        """One day; what it gives by the names of FastPath, overwritten on the next."""
        rebuild, lost = self.rebuild[:, 0], self.lost[:, 0]
        if self.rebuilds:
            rebuild[:] = 0.0
        for one in self.rebuilds:
            one.ask(step, rebuild)
        self._lose(step, lost)
        intermediate, served = self.met, self.served[:, 0]
        final, stopped = final_demand(self.Y0, self.events, step, self.h)
        give = self.order[:, 0] * self.cells.passing
        produce_draws(
            step >= 2, self.p.alpha_base, self.highest, self.speed, self.X0, final, intermediate[:, None],
            self.rebuild, self.lost, self.most[0][:, None], self.alpha, self.produced, self.served,
            self.wanted, self.order, self.margin, self.p.order == "alt",
        )  # fmt: skip
        give *= served
        for one in self.rebuilds:
            one.deliver(step, served)
        turned, passing = self.cells.advance(step)
        order = self.order[:, 0]
        self._pass(give, order * turned, order * passing)
        return {
            "production": self.produced[:, 0],
            "final_undistributed": np.maximum(final, 0.0) * (1 - served) + stopped,
            "intermediate_demand": intermediate,
        }

    def more(self) -> dict[str, Table]:
        """The other quantities of the day just done."""
        rebuild, alpha = self.rebuild[:, 0], self.alpha[:, 0]
        return {
            "capacity": self.X0 * (1 - self.lost[:, 0]) * alpha,
            "overproduction": alpha,
            "rebuild_demand": rebuild,
            "rebuild_production": rebuild * self.served[:, 0],
        }

    def _pass(self, give: Array, ask: Array, meet: Array) -> None:
        """Read the table; again where the comparison of all cells came out otherwise than assumed."""
        p, met = self.p, np.empty(self.N)
        least = RELEVANCE * self.h
        while True:
            still, full = one_pass(
                self.Z, self.S, self.cells.runs, self.cells.masked, self.a, self.days, p.restock_days,
                p.psi, least, not self.still, not self.full, give, ask, meet, self.produced[:, 0],
                self.wanted[:, 0], self.stock, self.q, self.spare, self.q_spare, met, self.most,
            )  # fmt: skip
            self.passes += 1
            if not p.gates or (still == self.still and full == self.full):
                break
            # The comparison of goals means something only once stocks moved as they should.
            self.still, self.full = still, full if still == self.still else self.full
        self.stock, self.spare = self.spare, self.stock
        self.q, self.q_spare = self.q_spare, self.q
        self.met = met


EXTRA = (
    "capacity",
    "overproduction",
    "intermediate_demand",
    "rebuild_demand",
    "rebuild_production",
)


def ario_fast(
    Z: Table,
    Y: Array,
    x: Array,
    parameters: ArioParameters,
    events: Sequence[Event],
    steps: int = 365,
    *,
    everything: bool = False,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> FastPath:
    """Run ARIO for a number of daily steps; arguments as in `ario`, results equal to it within rounding.

    Z may be single or double precision; it is read where it lies, never written, and copied only if its rows
    are not contiguous. Sums and the record of output are in double precision, quotients and what is not
    served in the type of the table. everything: keep the record of all quantities. threads: at most so many
    (default: all); the result does not depend on it. progress: called with the number of steps done.
    """
    check_arrays(Z, Y, x, parameters, events, steps)
    run = _Run(Z, Y, x, parameters, events, steps)
    names = ("production", "final_undistributed", *(EXTRA if everything else ()))
    # Losses are differences of output, so that its digits count; what is not served is a difference already.
    kinds = {"final_undistributed": Z.dtype}
    record: dict[str, Any] = {name: np.empty((steps, run.N), dtype=kinds.get(name)) for name in names}
    most = min(run.most.shape[0], threads or run.most.shape[0])
    run.most = run.most[:most]
    with alone(most):
        for step in range(steps):
            found = run.step(step)
            if everything:
                found |= run.more()
            for name in names:
                record[name][step] = found[name]
            if progress is not None:
                progress(step + 1)
    return FastPath(**record, margin=run.margin[:, 0], stock_final=run.stock, passes=run.passes)
