"""The shortage model of one draw, compiled: the same equations as shortage_plain.py, in one read of Z a day.

How it differs from the readable twin, and why the results agree to rounding:

* Orders factorise: O_ij = Z_ij k_ij (o_pj + e_pj g_i), so the order matrix is never stored. o is the share of
  usual orders, e the excess asked of sellers with spare output g. Only throttled cells have k != 1; rows
  and columns with such cells are worked out cell by cell.
* Stocks, needs and orders of (p, j) are kept relative to the normal purchase B_pj = sum_r Z_(r,p)j; those of
  controlled products for their buyers only (shortage_layout.py).
* A delivery share of exactly one leaves In_pj = o_pj B_pj; only rows that fall short are read a second time.

Every function is compiled without the global lock, so draws run in threads. Arrays are passed one by one:
bundles of arrays would compile ten times as slowly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from .shortage_layout import WANTED, B, Layout, layout, padded
from .shortage_make import (
    flat,
    input_limits,
    jit,
    make_up,
    ration,
    record_day,
    restart_limits,
    spare_output,
    wished_output,
)
from .shortage_orders import (
    caps,
    deliver_controlled,
    deliver_ordinary,
    deliver_throttled,
    demand_for,
    demand_ordinary,
    keep_least,
    mean_stock,
    packed_caps,
    place_orders,
    release_reserve,
    use_row,
    usual_orders,
    wanted_orders,
    wanted_services,
)
from .shortage_plain import Array, Ints, ShortageInput, ShortagePath

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = "68b8770254dc"
"""Digest of the files of steps. numba's cache of the kernel looks at this file only, so a change of a step
must change this file too (a test holds it)."""
NODES, BUFFERS = 22, 8
RATE_UP, RECAPTURE, RUNNING = 16, 17, 18
outer: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")


@jit
def _leave_throttled(k: Array, moves: Array, resource: Array, k_next: Array) -> None:
    """Usual orders leave cells through which less moves, and return to them, at the rate of re-sourcing."""
    for leg in range(k.shape[0]):
        for b in range(k.shape[1]):
            k_next[leg, b] = k[leg, b] + (moves[leg, b] - k[leg, b]) / resource[leg, b]


@jit
def _turn_day(g: Array, g_next: Array, k: Array, k_next: Array) -> None:
    """What was tomorrow's is today's."""
    for i in range(g.size):
        g[i] = g_next[i]
    for leg in range(k.shape[0]):
        for b in range(k.shape[1]):
            k[leg, b] = k_next[leg, b]


@flat
def _ordinary(
    p: int, first: int, Z: Array, planes: Array, rows: Array, level: Array, inverse_level: Array, fC: Array,
    fE: Array, f_own: Array, L1: Array, L2: Array, binding: Array, buffer: Array,
) -> None:  # fmt: skip
    """Deliveries and stocks of an ordinary good, and the orders for tomorrow."""
    inflow, used, cap, wish = buffer[0], buffer[1], buffer[2], buffer[3]
    deliver_ordinary(p, Z, planes[p], fC, fE, f_own, used, inflow)
    caps(cap.dtype.type(p), binding, L1, L2, cap, wish)
    use_row(rows[0, first], rows[1, first], level, inverse_level, inflow, cap, used)
    wanted_orders(planes[p], level, wish, rows[0, first], planes[p, WANTED])


@flat
def _controlled(
    p: int, n: int, ints: Ints, column: Ints, start: Ints, place: Ints, Z: Array, planes: Array, rows: Array,
    need: Array, inverse_need: Array, fC: Array, fE: Array, f_own: Array, L1: Array, L2: Array,
    binding: Array, g: Array, k: Array, moves: Array, touched: Ints, leg_of: Ints, day: int, release: Array,
    reserve: Array, excess: Ints, buffer: Array, wanted: Array, margin: Array,
) -> None:  # fmt: skip
    """Deliveries and stocks, by class, of a controlled product, and the orders wanted for tomorrow."""
    c, first, last = ints[0, p], ints[1, p], ints[2, p]
    inflow, used, cap, wish, held = (
        buffer[0, :n], buffer[1, :n], buffer[2, :n], buffer[3, :n], buffer[4, :n],
    )  # fmt: skip
    deliver_controlled(p, Z, planes, place, excess, g, fC, fE, f_own, used, inflow)
    deliver_throttled(
        p, touched, Z, planes, column, start, g, leg_of, k, moves, fC, fE, f_own, inflow
    )  # fmt: skip
    release_reserve(p, c, day, release, reserve, need, planes[p, B], start, inflow)
    packed_caps(p, ints[4, p], column, binding, L1, L2, cap, wish)
    for row in range(first, last):
        use_row(rows[0, row, :n], rows[1, row, :n], need, inverse_need, inflow, cap, used)
    mean_stock(first, last, rows[0], held)
    keep_least(held, margin)
    wanted_orders(planes[p], need, wish, held, wanted)


@flat
def _demand(
    p: int, ints: Ints, Z: Array, planes: Array, start: Ints, place: Ints, leg_of: Ints, k: Array,
    moves: Array, g: Array, excess: Ints, C: Array, E: Array, own: Array,
) -> None:  # fmt: skip
    """Contract and excess orders of product p that each seller can deliver; its own part of the former."""
    if ints[0, p] < 0:
        demand_ordinary(p, Z, planes[p, WANTED], C, E, own)
    else:
        demand_for(p, ints[3, p], Z, planes, start, place, leg_of, k, moves, g, excess, C, E, own)


@flat
def _first_orders(
    ints: Ints, Z: Array, planes: Array, start: Ints, place: Ints, leg_of: Ints, none: Ints, k: Array,
    moves: Array, g: Array, excess: Ints, C: Array, E: Array, own: Array, x: Array, final: Array,
) -> None:  # fmt: skip
    """Normal output x, of a year without throttled cells; then the normal orders under day 0's measures."""
    for turn in range(2):
        for p in range(ints.shape[1]):
            legs = leg_of if turn > 0 else none
            _demand(p, ints, Z, planes, start, place, legs, k, moves, g, excess, C, E, own)
        for i in range(leg_of.size):
            x[i] = x[i] if turn > 0 else C[i] + final[i]


@outer
def _run(
    Z: Array, planes: Array, rows: Array, ints: Ints, column: Ints, start: Ints, place: Ints, clock: Array,
    final: Array, spare: Array, ramp: Array, kept: Array, resource: Array, release: Array, reserve: Array,
    upstream: Array, scalars: Ints, node: Array, buffer: Array, need: Array, inverse_need: Array,
    excess: Ints, touched: Ints, leg_of: Ints, none: Ints, k: Array, k_next: Array, last_short: Array,
    output: Array, direct: Array, made_up: Array, served: Array, by: Array, margin: Array,
) -> None:  # fmt: skip
    """All days of a draw. node, buffer: by seller or buyer, by column of the product at hand."""
    stop, days, rule, S = scalars[0], scalars[1], scalars[2], touched.shape[0]
    C, own, E, x, x_opt, level, inverse_level = node[0], node[1], node[2], node[3], node[4], node[5], node[6]
    L1, L2, fC, fE, fF, f_own = node[7], node[8], node[9], node[10], node[11], node[12]
    g, g_next, binding = node[13], node[14], node[15]
    rate, recapture, running, blame, waits, again = (
        node[RATE_UP], node[RECAPTURE], node[RUNNING], node[19], node[20], node[21],
    )  # fmt: skip
    usual, wanted, weight = buffer[5], buffer[6], buffer[7]
    _first_orders(ints, Z, planes, start, place, leg_of, none, k, kept[0], g, excess, C, E, own, x, final)
    for day in range(days):
        moves, tomorrow = kept[day], kept[min(day + 1, days - 1)]
        clock[0] = day - stop
        wished_output(C, E, final, x, g, x_opt, level, inverse_level)
        input_limits(
            ints, column, clock, rows, planes, level, inverse_level, last_short, need, inverse_need,
            buffer[0], L1, L2, binding,
        )  # fmt: skip
        restart_limits(rate, running, blame, L1, binding)
        make_up(clock[4], clock[5], level, L1, recapture, waits, again)
        ration(rule, C, E, final, own, x_opt, L1, fC, fE, fF, f_own)
        record_day(day, level, L1, fF, blame, again, output, served, direct, made_up, by)
        # Orders for tomorrow leave throttled cells and rest on its spare output.
        spare_output(day + 1 - stop, spare, ramp, g_next)
        _leave_throttled(k, moves, resource, k_next)
        # One read of the rows of p serves its deliveries, its orders and tomorrow's demand for it.
        for p in range(S):
            c, n = ints[0, p], ints[3, p]
            if ints[1, p] == ints[2, p]:
                wanted_services(upstream[p], level, L1, planes[p, WANTED])
            elif c < 0:
                _ordinary(
                    p, ints[1, p], Z, planes, rows, level, inverse_level, fC, fE, f_own, L1, L2, binding,
                    buffer,
                )  # fmt: skip
            else:
                _controlled(
                    p, n, ints, column, start, place, Z, planes, rows, need[c, :n], inverse_need[c, :n],
                    fC, fE, f_own, L1, L2, binding, g, k, moves, touched, leg_of, day - stop, release,
                    reserve, excess, buffer, wanted[:n], margin[c, :n],
                )  # fmt: skip
                usual_orders(p, n, Z, planes, touched, start, leg_of, k_next, usual)
                place_orders(
                    p, Z, planes, start, leg_of, k_next, tomorrow, g_next, wanted[:n], usual, weight, excess
                )
            _demand(p, ints, Z, planes, start, place, leg_of, k_next, tomorrow, g_next, excess, C, E, own)
        _turn_day(g, g_next, k, k_next)


def _legs(d: ShortageInput) -> tuple[Ints, Ints]:
    """Whether product p is throttled for buyers in region b, (S, R); the leg of each node or -1, (N,)."""
    S, N, R = d.controlled.size, d.final.size, d.goal.shape[1]
    touched, leg_of = np.zeros((S, R), dtype=np.int64), np.full(N, -1, dtype=np.int64)
    for leg, i in enumerate(d.leg_node):
        leg_of[i] = leg
        touched[i % S] |= d.kept[leg].min(axis=1) < 1.0
    return touched, leg_of


def _reserve(d: ShortageInput) -> Array:
    """State stocks in days of use times the region's normal purchases, (K, R)."""
    S, N, (K, R) = d.controlled.size, d.final.size, d.state.shape
    bought = d.Z.reshape(R, S, N).sum(axis=0)[d.controlled >= 0]
    return np.asarray(d.state * bought.reshape(K, R, S).sum(axis=2))


def _clock(d: ShortageInput, short: float, dtype: type) -> Array:
    """Days from the stop; ramp and memory of thrift; who is short; overtime, daily share that waits on."""
    values = [0.0, d.thrift_ramp, d.thrift_memory, short, d.overtime, 1.0 - 1.0 / d.waiting]
    return np.array(values, dtype=dtype)


def _nodes(d: ShortageInput, W: int, dtype: type) -> Array:
    """Arrays by node, with the rates of running up and of making up, and plants that run."""
    node: Array = np.zeros((NODES, W), dtype=dtype)
    node[RATE_UP] = padded(1.0 / d.restart, W, dtype, fill=1.0)
    node[RECAPTURE] = padded(d.recapture, W, dtype)
    node[RUNNING] = 1.0
    return node


def _by_node(margin: Array, d: ShortageInput, at: Layout) -> Array:
    """Least cover by column to (K, N) by node; NaN where a node does not buy the product."""
    out = np.full((margin.shape[0], d.final.size), np.nan)
    for p in np.flatnonzero(d.controlled >= 0):
        n = at.ints[4, p]
        out[d.controlled[p], at.column[p, :n]] = margin[d.controlled[p], :n]
    return out


def shortage(d: ShortageInput, dtype: type = np.float64) -> ShortagePath:
    """Run one draw for d.days days; the compiled twin of `shortage_plain`, releasing the global lock.

    dtype: float32 works on singles throughout, twice as many at once; what is summed over days stays double.
    """
    N, S, K = d.final.size, d.controlled.size, d.state.shape[0]
    at = layout(d, dtype)
    W = at.Z.shape[2]
    touched, leg_of = _legs(d)
    path = ShortagePath(
        output=np.empty((d.days, N)),
        direct=np.zeros(N),
        made_up=np.zeros(N),
        served=np.zeros(N),
        binding=np.zeros((S, N)),
        margin=np.full((K, W), np.inf, dtype=dtype),
    )
    _run(
        *at[:7],
        _clock(d, at.short, dtype),
        padded(d.final, W, dtype),
        padded(d.spare, W, dtype),
        padded(d.ramp, W, dtype, fill=1.0),
        np.ascontiguousarray(np.moveaxis(d.kept, 2, 0), dtype=dtype),
        d.resource.astype(dtype),
        np.array(d.release),
        _reserve(d),
        d.upstream.astype(dtype),
        np.array([d.stop, d.days, d.rule]),
        _nodes(d, W, dtype),
        np.zeros((BUFFERS, W), dtype=dtype),
        np.ones((K, W), dtype=dtype),
        np.ones((K, W), dtype=dtype),
        np.zeros(S, dtype=np.int64),
        touched,
        leg_of,
        np.full_like(leg_of, -1),
        np.ones(d.resource.shape, dtype=dtype),
        np.ones(d.resource.shape, dtype=dtype),
        np.full((K, W), -np.inf, dtype=dtype),
        path.output,
        path.direct,
        path.made_up,
        path.served,
        path.binding,
        path.margin,
    )
    return path._replace(margin=_by_node(path.margin, d, at))


def warm(dtype: type = np.float64) -> None:
    """Compile the kernel, or load it from numba's cache, by running the smallest case there is.

    It takes seconds on a fresh machine: call it in a thread while data load.
    """
    one = np.ones((1, 2))
    tiny = ShortageInput(
        Z=np.ones((2, 2)), final=np.ones(2), added=np.ones(2), first=np.array([0, 1]),
        controlled=np.array([0]), phi=one, goal=one, extra=0 * one, restock=one, cover=one, working=one,
        spare=np.zeros(2), ramp=np.ones(2), leg_node=np.array([0]), kept=np.ones((1, 2, 1)), resource=one,
        beta_max=one, beta_lead=one, state=one, release=one, stop=0, days=1, rule=0, thrift_ramp=1.0,
        thrift_memory=1, restart=np.ones(2), upstream=np.ones(1), recapture=np.zeros(2), overtime=0.0,
        waiting=30.0,
    )  # fmt: skip
    shortage(tiny, dtype)
