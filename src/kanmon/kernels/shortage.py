"""The shortage model of one draw, compiled: the same equations as shortage_plain.py, in one read of Z a day.

How it differs from the readable twin, and why the results agree to rounding:

* Orders factorise: O_ij = Z_ij k_ij (o_pj + e_pj g_i + f_pj), so the order matrix is never stored. o is the
  share of usual orders, e the excess asked of sellers with spare output g, f the excess asked of all usual
  sellers where none has any; `orders` holds o, f, e in this order. Only throttled cells have k != 1;
  their rows and columns are worked out cell by cell.
* Stocks, needs and orders of (p, j) are kept relative to the normal purchase B_pj = sum_r Z_(r,p)j.
* A delivery share of exactly one leaves In_pj = o_pj B_pj; only rows that fall short are read a second time.
* A product whose usual orders are all exactly one needs no read at all: its row sums are the normal ones.

Every function is compiled without the global lock, so draws run in threads. Arrays are passed one by one:
bundles of arrays would compile ten times as slowly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from .shortage_make import (
    delivery_weights,
    input_limits,
    lift_binding,
    list_limited,
    ration,
    record_day,
    spare_output,
    thrifty_need,
    wished_output,
)
from .shortage_orders import (
    deliver,
    deliver_throttled,
    demand_for,
    least_cover,
    leave_throttled,
    place_orders,
    place_plain_orders,
    release_reserve,
    turn_day,
    use_stock,
    usual_orders,
    wanted_orders,
    wanted_services,
)
from .shortage_plain import Array, Ints, ShortageInput, ShortagePath

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = "0adcc4ccec4f"
"""Digest of the two files of steps. numba's cache of the kernel looks at this file only, so a change of a
step must change this file too (a test holds it)."""
LANES = 16
outer: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")


@outer
def _run(
    Z: Array, sums: Array, final: Array, spare: Array, ramp: Array, phi: Array, first: Ints, controlled: Ints,
    rules: Array, stock: Array, scale: Array, kept: Array, resource: Array, thrift: Array, reserve: Array,
    scalars: Ints, thrift_ramp: float, node: Array, weights: Array, need: Array, inverse_need: Array,
    B: Array, inverse: Array, orders: Array, inflow: Array, excess: Ints, touched: Ints, leg_of: Ints,
    k: Array, k_next: Array, last_short: Array, who: Ints,
    output: Array, direct: Array, served: Array, by: Array, margin: Array,
) -> None:  # fmt: skip
    """All days of a draw. node holds C and own orders of day 0 in its first rows."""
    stop, days, rule, memory = scalars[0], scalars[1], scalars[2], scalars[3]
    S = controlled.size
    C, own, E, x, x_opt, level = node[0], node[1], node[2], node[3], node[4], node[5]
    L1, L2 = node[6], node[7]
    fC, fE, fF, f_own, g, g_next = node[8], node[9], node[10], node[11], node[12], node[13]
    held, usual, wanted, cap, wish, weight = node[14], node[15], node[16], node[17], node[18], node[19]
    binding = node[20]
    for day in range(days):
        moves, tomorrow = kept[day], kept[min(day + 1, days - 1)]
        wished_output(C, E, final, x, g, x_opt, level)
        thrifty_need(
            day - stop, thrift_ramp, memory, thrift[0], thrift[1], last_short, level, controlled, need,
            inverse_need,
        )  # fmt: skip
        input_limits(
            day - stop, first, controlled, stock, scale, inverse_need, phi, held, last_short, L1, L2, binding
        )
        list_limited(L1, cap, wish, who)
        ration(rule, C, E, final, own, x_opt, L1, fC, fE, fF, f_own)
        record_day(day, level, L1, fF, binding, output, served, direct, by)
        delivery_weights(fC, fE, g, weights)
        # Orders for tomorrow leave throttled cells and rest on tomorrow's spare output.
        spare_output(day + 1 - stop, spare, ramp, g_next)
        leave_throttled(k, moves, resource, k_next)
        # One read of the rows of p serves its deliveries, its orders and tomorrow's demand for it.
        for p in range(S):
            c, goods = controlled[p], first[p + 1] > first[p]
            if goods:
                deliver(p, Z, inverse, orders, excess, weights, f_own, wanted, inflow)
                deliver_throttled(p, touched, Z, inverse, orders, g, leg_of, k, moves, fC, fE, f_own, inflow)
                if c >= 0:
                    release_reserve(p, c, day - stop, thrift[2], reserve, need, B, inflow)
                lift_binding(p, who, binding, L1, L2, cap, wish)
                use_stock(
                    p, c, first[p], first[p + 1], stock, scale, need, inverse_need, inflow, cap, wanted, held
                )
                wanted_orders(p, c, rules, need, wish, held, wanted)
            else:
                wanted_services(need, L1, wanted)
            if c >= 0:
                least_cover(c, held, margin)
                usual_orders(p, Z, inverse, touched, leg_of, k_next, usual)
                place_orders(p, Z, B, inverse, leg_of, k_next, g_next, wanted, usual, weight, orders, excess)
            else:
                place_plain_orders(p, inverse, wanted, orders, excess)
            demand_for(p, Z, sums, leg_of, k_next, tomorrow, orders, g_next, excess, C, E, own)
        turn_day(g, g_next, k, k_next)


def _table(d: ShortageInput, dtype: type) -> tuple[Array, Array, Array]:
    """Z as (product, region of seller, buyer), rows padded with noughts to whole vector lanes; B; 1 / B."""
    S, N, R = d.controlled.size, d.final.size, d.goal.shape[1]
    Z: Array = np.zeros((S, R, -(-N // LANES) * LANES), dtype=dtype)
    Z[:, :, :N] = d.Z.reshape(R, S, N).transpose(1, 0, 2)
    B = Z.sum(axis=1, dtype=np.float64)
    return Z, B, np.divide(1.0, B, out=np.zeros_like(B), where=B > 0)


def _legs(d: ShortageInput) -> tuple[Ints, Ints]:
    """Whether product p is throttled for buyers in region b, (S, R); the leg of each node or -1, (N,)."""
    S, N, R = d.controlled.size, d.final.size, d.goal.shape[1]
    touched, leg_of = np.zeros((S, R), dtype=np.int64), np.full(N, -1, dtype=np.int64)
    for leg, i in enumerate(d.leg_node):
        leg_of[i] = leg
        touched[i % S] |= d.kept[leg].min(axis=1) < 1.0
    return touched, leg_of


def _day_0(d: ShortageInput, Z: Array) -> tuple[Array, Array]:
    """Row sums of the table read, (N,); node buffers with contract, own and normal output of day 0."""
    S, N, R = d.controlled.size, d.final.size, d.goal.shape[1]
    cells = Z[:, :, :N].transpose(1, 0, 2).reshape(N, N).astype(np.float64)
    sums, node = cells.sum(axis=1), np.zeros((21, N))
    node[0], node[1], node[3] = sums, np.diag(cells), sums + d.final
    for leg, i in enumerate(d.leg_node):
        moves = d.kept[leg, :, 0]
        node[0, i] = cells[i].reshape(R, S).sum(axis=1) @ moves
        node[1, i] *= moves[i // S]
    return sums, node


def shortage(d: ShortageInput, dtype: type = np.float64) -> ShortagePath:
    """Run one draw for d.days days; the compiled twin of `shortage_plain`, releasing the global lock.

    dtype: float32 halves the bytes of the table that a day reads; sums and stocks stay in float64.
    """
    S, N, (K, R) = d.controlled.size, d.final.size, d.state.shape
    Z, B, inverse = _table(d, dtype)
    touched, leg_of = _legs(d)
    reserve = d.state * B[d.controlled >= 0, :N].reshape(K, R, S).sum(axis=2)
    path = ShortagePath(
        output=np.empty((d.days, N)),
        direct=np.zeros(N),
        served=np.zeros(N),
        binding=np.zeros((S, N)),
        margin=np.full((K, N), np.inf),
    )
    sums, node = _day_0(d, Z)
    _run(
        Z,
        sums,
        *(np.array(a) for a in (d.final, d.spare, d.ramp, d.phi, d.first, d.controlled)),
        np.repeat(np.stack([d.goal, d.goal + d.extra, 1.0 / d.restock], axis=1), S, axis=2),
        np.repeat(d.cover, S, axis=1),
        np.repeat(1.0 / d.working, S, axis=1),
        np.ascontiguousarray(np.moveaxis(d.kept, 2, 0)),
        np.array(d.resource),
        np.stack([d.beta_max, d.beta_lead, d.release]),
        reserve,
        np.array([d.stop, d.days, d.rule, d.thrift_memory]),
        float(d.thrift_ramp),
        node,
        np.zeros((3, N)),
        np.ones((K + 1, N)),
        np.ones((K + 1, N)),
        B,
        inverse,
        np.stack([np.ones_like(B), np.zeros_like(B), np.zeros_like(B)]),
        np.zeros_like(B),
        np.zeros((S, 2), dtype=np.int64),
        touched,
        leg_of,
        np.ones(d.resource.shape),
        np.ones(d.resource.shape),
        np.full((K, N), -np.inf),
        np.zeros(N + 1, dtype=np.int64),
        path.output,
        path.direct,
        path.served,
        path.binding,
        path.margin,
    )
    margin = np.where(B[d.controlled >= 0, :N] > 0, path.margin, np.nan)
    return path._replace(margin=margin)


def warm(dtype: type = np.float64) -> None:
    """Compile the kernel, or load it from numba's cache, by running the smallest case there is.

    It takes seconds on a fresh machine: call it in a thread while data load.
    """
    one = np.ones((1, 2))
    tiny = ShortageInput(
        Z=np.ones((2, 2)), final=np.ones(2), added=np.ones(2), first=np.array([0, 1]),
        controlled=np.array([0]), phi=one, goal=one, extra=0 * one, restock=one, cover=one, working=one,
        spare=np.zeros(2),
        ramp=np.ones(2), leg_node=np.array([0]), kept=np.ones((1, 2, 1)), resource=one, beta_max=one,
        beta_lead=one, state=one, release=one, stop=0, days=1, rule=0, thrift_ramp=1.0, thrift_memory=1,
    )  # fmt: skip
    shortage(tiny, dtype)
