"""The ARIO model for many draws at once: draws are columns, the table is read once a step for all of them.

The same equations as ario.py without the reference's comparison of all cells (`gates`): sums over the table
become small products of matrices, block @ weights (ario_batch_pass.py). Batches run side by side; where there
are fewer batches than threads, the threads share out the products of a batch, so that the table still comes
from memory once a step and all lanes are used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .ario import RELEVANCE, ArioParameters
from .ario_batch_pass import batch_pass, produce_draws
from .ario_checks import check_draws
from .ario_events import (
    Array,
    CapacityLoss,
    CapitalDestroyed,
    CapitalRecovers,
    Event,
    Restriction,
)
from .ario_fast import Rebuilding
from .ario_masks import Masks, alike

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table = NDArray[np.floating]
    Draw = tuple[ArioParameters, Sequence[Event]]
    Share = Callable[[Callable[[int], None], range], Iterable[None]]


WIDEST = 64
"""Draws of a batch: more would push a tile out of the first cache, fewer would read the table more often."""


@dataclass(frozen=True)
class BatchPath:
    """What a batch of K draws gives, in the type of the table.

    production, final_undistributed: (steps, M, K) weighted sums over the nodes, per step; total: (N, K)
    production over the whole run; margin: (N, K) as in FastPath.
    """

    production: Table
    final_undistributed: Table
    total: Table
    margin: Table


@dataclass(frozen=True)
class _Runs:
    """Restrictions of every draw, and runs of buyers that are alike in all of them.

    They are the same for all batches, so that a batch sums in the same order whoever is in it. groups:
    (draws, G) group of each draw's own masks.
    """

    masks: list[Masks]
    groups: NDArray[np.int64]
    runs: NDArray[np.int64]
    masked: NDArray[np.bool_]

    @classmethod
    def of(cls, Z: Table, draws: Sequence[Draw], steps: int) -> _Runs:
        N, S = Z.shape[0], draws[0][0].inventory_days.size
        known: dict[tuple[int, ...], Masks] = {}
        masks = []
        for q, events in draws:
            limits = [e for e in events if isinstance(e, Restriction)]
            # Draws of one scenario share its flags: these are worked out once.
            key = (*(id(flags) for r in limits for flags in (r.sellers, r.buyers)), *alike(limits))
            if key not in known:
                known[key] = Masks.of(limits, Z, S, steps, overlap=q.overlap)
            masks.append(known[key].timed(limits, steps, overlap=q.overlap))
        unlike = {id(m.group): m.group for m in masks}
        none = np.zeros((len(unlike), 1), dtype=np.int64)
        table = np.c_[none, np.array(list(unlike.values()))]
        groups, group = np.unique(table, axis=1, return_inverse=True)
        group = group.ravel()[1:]
        edges = np.flatnonzero(np.diff(group)) + 1
        first, last = np.r_[0, edges], np.r_[edges, N]
        runs = np.r_[[[0, N, 0]], np.stack([first, last, group[first]], axis=1)]
        masked = [m.sellers.reshape(-1, N // S, S).any(axis=(0, 1)) for m in masks]
        row = {key: number for number, key in enumerate(unlike)}
        of_draw = groups[[row[id(m.group)] for m in masks]]
        return cls(masks, of_draw, np.ascontiguousarray(runs, dtype=np.int64), np.any(masked, axis=0))

    def part(self, here: slice) -> _Runs:
        """The same for some of the draws."""
        return replace(self, masks=self.masks[here], groups=self.groups[here])


class _Cells:
    """Factors of the restrictions of the draws of a batch, (G, N, K)."""

    def __init__(self, shared: _Runs, dtype: Any) -> None:
        self.masks, self.groups = shared.masks, shared.groups
        self.runs, self.masked = shared.runs, shared.masked
        shape = (self.groups.shape[1], self.masks[0].group.size, len(self.masks))
        self.turned, self.passing = np.ones(shape, dtype=dtype), np.ones(shape, dtype=dtype)
        for k, m in enumerate(self.masks):
            self.passing[:, :, k] = m.passing(m.kept[:, 0])[self.groups[k]]

    def advance(self, step: int) -> None:
        """Orders placed at the end of a step, and what of them is made the day after."""
        for k, m in enumerate(self.masks):
            if m.kept.size == 0:
                continue
            same = step > 0 and np.array_equal(m.ordered[:, step], m.ordered[:, step - 1])
            if same and np.array_equal(m.kept[:, step + 1], m.kept[:, step]):
                continue
            turned = m.turned(m.ordered[:, step])
            self.turned[:, :, k] = turned[self.groups[k]]
            self.passing[:, :, k] = np.minimum(m.passing(m.kept[:, step + 1]), turned)[self.groups[k]]


class _Batch:
    """A batch on its way; parts: products that `share` works out at the same time, as ranges."""

    def __init__(
        self, Z: Table, Y: Array, x: Array, draws: Sequence[Draw], shared: _Runs, parts: int, share: Share
    ) -> None:
        self.Z, self.K, self.N = Z.view(), len(draws), x.size
        self.Z.flags.writeable = False
        p, self.dtype = draws[0][0], Z.dtype
        S = self.S = p.inventory_days.size
        self.parts = [(S * part // parts, S * (part + 1) // parts) for part in range(parts)]
        self.share = share
        self.h, self.order_type, self.base = 1.0 / p.days_a_year, p.order, p.alpha_base
        bought = Z.reshape(-1, S, self.N).sum(axis=0, dtype=np.float64)
        self.X0 = (self.h * x).astype(self.dtype)
        self.Y0 = (self.h * (Y.sum(axis=1) if Y.ndim == 2 else Y)).astype(self.dtype)
        self.events = [events for _, events in draws]
        added = 4 * np.maximum(0.0, x - bought.sum(axis=0))
        self.capital = [added if q.capital is None else q.capital for q, _ in draws]
        self.rebuilds = [
            [Rebuilding(e, Z, bought) for e in events if isinstance(e, CapitalDestroyed)]
            for events in self.events
        ]
        self.cells = _Cells(shared, self.dtype)
        self.a = np.divide(bought, x, out=np.zeros_like(bought), where=x > 0).astype(self.dtype)
        self._parameters([q for q, _ in draws])
        self._start()

    def _parameters(self, every: list[ArioParameters]) -> None:
        def columns(values: list[Any]) -> Any:
            return np.ascontiguousarray(np.array(values, dtype=np.float64).T.astype(self.dtype))

        days = columns([np.where(q.inventory_days <= 1, 2.0, q.inventory_days) for q in every])
        self.stocked: NDArray[np.bool_] = np.isfinite(days)
        self.days = np.where(self.stocked, days, 0).astype(self.dtype)
        self.rate = columns([1.0 / q.restock_days for q in every])
        with np.errstate(divide="ignore"):
            self.inverse = 1 / (columns([q.psi for q in every]) * self.days)
        self.highest = columns([q.alpha_max for q in every])
        self.speed = columns([1.0 / q.alpha_days for q in every])

    def _start(self) -> None:
        S, N, K = self.S, self.N, self.K
        self.stock = (self.X0 * self.a)[:, :, None] * self.days[:, None, :]
        self.stock.transpose(0, 2, 1)[~self.stocked] = np.inf
        self.q = np.full((S, N, K), self.h, dtype=self.dtype)
        self.met, self.lost, self.rebuild = np.zeros((3, N, K), dtype=self.dtype)
        for first, last, group in self.cells.runs[1:]:
            rows = self.h * self.Z[:, first:last].sum(axis=1, dtype=np.float64)
            self.met += rows[:, None].astype(self.dtype) * self.cells.passing[group]
        self.most = np.full((len(self.parts), N, K), np.inf, dtype=self.dtype)
        for p in range(S):
            limits = self.a[p] > RELEVANCE * self.h
            level = self.stock[p, limits] / self.a[p, limits][:, None] * self.inverse[p]
            self.most[0, limits] = np.minimum(self.most[0, limits], level)
        self.alpha = np.full((N, K), self.base, dtype=self.dtype)
        self.produced = np.repeat(self.X0[:, None], K, axis=1)
        self.order = np.ones((N, K), dtype=self.dtype)
        self.served, self.wanted = np.empty((2, N, K), dtype=self.dtype)
        self.margin = np.full((N, K), np.inf, dtype=self.dtype)
        self.weights = np.empty((self.cells.passing.shape[0], N, 2 * K), dtype=self.dtype)
        self.both = np.empty((N, 2 * K), dtype=self.dtype)

    def _lose(self, step: int) -> None:
        """Share of capacity lost: the largest over the events of each draw."""
        self.lost[:] = 0
        for k, events in enumerate(self.events):
            found: list[tuple[Any, Array]] = [
                (slice(None), e.at(step)) for e in events if isinstance(e, CapacityLoss)
            ]
            missing: list[tuple[Any, Array]] = [
                (slice(None), e.at(step)) for e in events if isinstance(e, CapitalRecovers)
            ]
            missing += [(r.hit, r.lost) for r in self.rebuilds[k] if step >= r.event.occurrence]
            for where, lost in missing:
                capital = self.capital[k][where]
                share = np.divide(lost, capital, out=np.zeros(lost.size), where=lost > 0)
                found.append((where, share))
            for where, share in found:
                self.lost[where, k] = np.maximum(self.lost[where, k], np.minimum(share, 1.0))

    def step(self, step: int) -> None:
        """One day of all draws."""
        self._lose(step)
        self.rebuild[:] = 0
        for k, rebuilds in enumerate(self.rebuilds):
            for one in rebuilds:
                one.ask(step, self.rebuild[:, k])
        K = self.K
        give = self.weights[:, :, :K]
        np.multiply(self.cells.passing, self.order, out=give)
        produce_draws(
            step >= 2, self.base, self.highest, self.speed, self.X0, self.Y0, self.met, self.rebuild,
            self.lost, self.most[0], self.alpha, self.produced, self.served, self.wanted, self.order,
            self.margin, self.order_type == "alt",
        )  # fmt: skip
        give *= self.served
        for k, rebuilds in enumerate(self.rebuilds):
            for one in rebuilds:
                one.deliver(step, self.served[:, k])
        self.cells.advance(step)
        np.multiply(self.cells.turned, self.order, out=self.weights[:, :, K:])
        meet = self.cells.passing * self.order

        def products(part: int) -> None:
            batch_pass(
                self.Z, self.S, *self.parts[part], self.cells.runs, self.cells.masked, self.a,
                self.dtype.type(RELEVANCE * self.h), self.days, self.rate, self.inverse, self.weights, meet,
                self.produced, self.wanted, self.stock, self.q, self.met, self.most[part],
            )  # fmt: skip

        for _ in self.share(products, range(len(self.parts))):
            pass
        np.minimum.reduce(self.most, axis=0, out=self.most[0])


def ario_batch(
    Z: Table,
    Y: Array,
    x: Array,
    draws: Sequence[Draw],
    steps: int = 365,
    *,
    watch: Array | None = None,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> BatchPath:
    """Run ARIO for any number of draws, each with parameters and events of its own.

    Z, Y, x as in `ario`; Z single or double precision, which is the precision of everything inside. The
    draws share `order`, `alpha_base` and `days_a_year` of the first; `gates` must be off, as one draw's
    comparison would hold up another's. watch: (M, N) weights of the sums kept (default: each node).
    threads: used at once (default: all cores), by batches of their own or, where there are fewer batches, by
    the products of one; the result does not depend on it.
    progress: called with the share done, from any thread.
    """
    check_draws(Z, Y, x, draws, steps)
    _check(draws)
    Z = np.ascontiguousarray(Z)
    count = threads or os.cpu_count() or 1
    starts = range(0, len(draws), WIDEST)
    parts = min(draws[0][0].inventory_days.size, max(1, count // len(starts)))
    weights = None if watch is None else np.asarray(watch, dtype=Z.dtype)
    M = x.size if weights is None else weights.shape[0]
    production, unserved = np.empty((2, steps, M, len(draws)), dtype=Z.dtype)
    total, margin = np.zeros((2, x.size, len(draws)), dtype=Z.dtype)
    shared = _Runs.of(Z, draws, steps)
    done = [0] * len(starts)

    def one(number: int) -> None:
        here = slice(starts[number], starts[number] + WIDEST)
        batch = _Batch(Z, Y, x, draws[here], shared.part(here), parts, helpers.map if parts > 1 else map)
        made = np.zeros((batch.N, batch.K))
        for step in range(steps):
            batch.step(step)
            lost = np.maximum(batch.Y0, 0)[:, None] * (1 - batch.served)
            production[step, :, here] = batch.produced if weights is None else weights @ batch.produced
            unserved[step, :, here] = lost if weights is None else weights @ lost
            made += batch.produced
            done[number] += 1
            if progress is not None:
                progress(sum(done) / (steps * len(starts)))
        total[:, here], margin[:, here] = made, batch.margin

    # Batches wait for their parts, so that the two must not stand in one queue.
    with ThreadPoolExecutor(min(count, len(starts))) as pool, ThreadPoolExecutor(count) as helpers:
        for _ in pool.map(one, range(len(starts))):
            pass
    return BatchPath(production, unserved, total, margin)


def _check(draws: Sequence[Draw]) -> None:
    wrong = [k for k, (q, _) in enumerate(draws) if q.gates]
    first = draws[0][0]
    unlike = [
        k
        for k, (q, _) in enumerate(draws)
        if (q.order, q.alpha_base, q.days_a_year) != (first.order, first.alpha_base, first.days_a_year)
    ]
    if wrong or unlike:
        raise ValueError(f"draws with gates: {wrong}; with an order, base or year of their own: {unlike}")
