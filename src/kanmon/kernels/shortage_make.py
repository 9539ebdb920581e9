"""Steps of the compiled shortage kernel: what industries wish to make, what limits them, whom they serve.

Equations and symbols: shortage_plain.py; how the arrays are kept: shortage_layout.py.

Constants are made of the arrays' own type (`dtype.type(1)`): a double among singles would halve the lanes.
Loops are short because the compiler gives up on lanes when one loop touches too many arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from .shortage_layout import LEAD, MOST, PHI
from .shortage_plain import AS_USUAL, Array, Ints

if TYPE_CHECKING:
    from collections.abc import Callable

# Only called from compiled code: without their Python wrappers the steps compile in half the time.
INNER: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
TINY = 1e-30
jit: Callable[..., Any] = njit(**INNER)
# Steps of steps become part of their caller: passing their arrays on would take seconds to compile.
flat: Callable[..., Any] = njit(inline="always", **INNER)


@jit
def spare_output(day: float, spare: Array, ramp: Array, g: Array) -> None:
    """Output that sellers can add, as a share of normal output; day counts from the stop."""
    for i in range(g.size):
        g[i] = spare[i] * min(1.0, max(0.0, day / ramp[i]))


@jit
def wished_output(
    C: Array, E: Array, final: Array, x: Array, spare: Array, x_opt: Array, level: Array, inverse_level: Array
) -> None:
    """Output wanted: demand within capacity; the same relative to normal output, and its inverse."""
    for i in range(x.size):
        demand, capacity = C[i] + final[i] + E[i], x[i] * (1.0 + spare[i])
        x_opt[i] = min(capacity, demand)
        level[i] = x_opt[i] / x[i] if x[i] > 0.0 else 1.0
        inverse_level[i] = 1.0 / max(level[i], TINY)


@jit
def thrifty_need(
    day: float, ramp: float, memory: float, most: Array, lead: Array, last_short: Array, need: Array,
    inverse_need: Array,
) -> None:  # fmt: skip
    """Need of a controlled input relative to normal use, and its inverse; on entry the buyers' output levels.

    A buyer short within its memory saves a share that grows from its lead time on; day counts from the stop.
    """
    one, nought, tiny = need.dtype.type(1), need.dtype.type(0), need.dtype.type(TINY)
    for q in range(need.size):
        saved = most[q] * min(one, max(nought, (day - lead[q]) / ramp))
        need[q] *= one - (saved if day - last_short[q] <= memory else nought)
    for q in range(need.size):
        inverse_need[q] = one / max(need[q], tiny)


@jit
def row_limit(stock: Array, scale: Array, inverse_need: Array, phi: Array, limit: Array) -> None:
    """Output limit that the stock of an input sets each buyer."""
    one = limit.dtype.type(1)
    for j in range(limit.size):
        limit[j] = one - phi[j] * (one - min(one, stock[j] * scale[j] * inverse_need[j]))


@jit
def lowest_two(p: float, limit: Array, L1: Array, L2: Array, binding: Array) -> None:
    """Keep the two lowest limits and the input that sets the lowest; p must not fall from call to call."""
    nought = limit.dtype.type(0)
    for j in range(limit.size):
        new, low, second = limit[j], L1[j], L2[j]
        # A maximum, as "p or what it was" would become a masked store, which is slow.
        binding[j] = max(binding[j], p if new < low else nought)
        L2[j] = low if new < low else min(second, new)
        L1[j] = min(low, new)


@jit
def add_fulfilment(stock: Array, scale: Array, inverse_need: Array, h: Array) -> None:
    """Add the share of today's need that a class of stocks can serve."""
    one = h.dtype.type(1)
    for q in range(h.size):
        h[q] += min(one, stock[q] * scale[q] * inverse_need[q])


@jit
def fulfilment(rows: float, day: float, short: float, h: Array, last_short: Array) -> None:
    """From the sum over classes to their mean; who is short today."""
    for q in range(h.size):
        h[q] /= rows
    never = h.dtype.type(-np.inf)
    for q in range(h.size):
        last_short[q] = max(last_short[q], day if h[q] < short else never)


@jit
def packed_limits(
    p: int, count: int, h: Array, phi: Array, column: Ints, L1: Array, L2: Array, binding: Array
) -> None:
    """Keep the two lowest limits, as lowest_two, by column of a controlled product."""
    one = h.dtype.type(1)
    for q in range(h.size):
        h[q] = one - phi[q] * (one - h[q])
    for q in range(count):
        if h[q] < one:
            j = column[p, q]
            if h[q] < L1[j]:
                L1[j], L2[j], binding[j] = h[q], L1[j], p
            elif h[q] < L2[j]:
                L2[j] = h[q]


@flat
def class_limits(
    p: int, ints: Ints, column: Ints, clock: Array, rows: Array, plane: Array, level: Array,
    last_short: Array, need: Array, inverse_need: Array, h: Array, L1: Array, L2: Array, binding: Array,
) -> None:  # fmt: skip
    """Need of a controlled input, and the limits that its classes of stock set."""
    n, count, first, last = h.size, ints[4, p], ints[1, p], ints[2, p]
    for q in range(count):
        need[q] = level[column[p, q]]
    thrifty_need(clock[0], clock[1], clock[2], plane[MOST], plane[LEAD], last_short, need, inverse_need)
    for q in range(n):
        h[q] = 0.0
    for row in range(first, last):
        add_fulfilment(rows[0, row, :n], rows[1, row, :n], inverse_need, h)
    fulfilment(h.dtype.type(last - first), clock[0], clock[3], h, last_short)
    packed_limits(p, count, h, plane[PHI], column, L1, L2, binding)


@jit
def input_limits(
    ints: Ints, column: Ints, clock: Array, rows: Array, planes: Array, level: Array, inverse_level: Array,
    last_short: Array, need: Array, inverse_need: Array, h: Array, L1: Array, L2: Array, binding: Array,
) -> None:  # fmt: skip
    """Needs of controlled inputs; the two lowest input limits and the binding input; who is short today.

    clock: day from the stop, ramp and memory of thrift in days, fulfilment below which a buyer is short.
    """
    for j in range(L1.size):
        L1[j], L2[j], binding[j] = 1.0, 1.0, 0.0
    for p in range(ints.shape[1]):
        c, first, n = ints[0, p], ints[1, p], ints[3, p]
        if first == ints[2, p]:
            continue
        if c < 0:
            row_limit(rows[0, first], rows[1, first], inverse_level, planes[p, PHI], h)
            lowest_two(h.dtype.type(p), h, L1, L2, binding)
        else:
            class_limits(
                p, ints, column, clock, rows, planes[p], level, last_short[c, :n], need[c, :n],
                inverse_need[c, :n], h[:n], L1, L2, binding,
            )  # fmt: skip


@jit
def served_share(amount: float, of: float) -> float:
    """Share of a demand that an amount serves; one where nothing is asked."""
    return min(1.0, max(amount, 0.0) / of) if of > 0.0 else 1.0


@jit
def ration(
    rule: int, C: Array, E: Array, final: Array, own: Array, x_opt: Array, L1: Array,
    fC: Array, fE: Array, fF: Array, f_own: Array,
) -> None:  # fmt: skip
    """Shares of contract, excess, final and own orders that each seller serves today."""
    for i in range(C.size):
        demand, x = C[i] + final[i] + E[i], x_opt[i] * L1[i]
        fC[i], f_own[i], fF[i], fE[i] = 1.0, 1.0, 1.0, 1.0
        if x >= demand:
            continue
        if rule == 2:
            f = served_share(x, demand)
            fC[i], f_own[i], fF[i], fE[i] = f, f, f, f
            continue
        if rule == 0:
            fC[i], fF[i] = served_share(x, C[i]), served_share(x - C[i], final[i])
            f_own[i] = fC[i]
        else:
            f_own[i] = served_share(x, own[i])
            fC[i] = served_share(x - own[i], C[i] + final[i] - own[i])
            fF[i] = fC[i]
        fE[i] = served_share(x - C[i] - final[i], E[i])


@jit
def restart_limits(rate: Array, running: Array, blame: Array, L1: Array, binding: Array) -> None:
    """A plant that stood runs up in steps; none of its inputs is then the one that binds.

    running: limit of the day before. blame: the input to which a loss is put down, the last one that bound.
    """
    one = L1.dtype.type(1)
    for j in range(L1.size):
        ready = min(one, running[j] + rate[j])
        if L1[j] > ready:
            L1[j], binding[j] = ready, -1.0
        else:
            blame[j] = binding[j]
    for j in range(L1.size):
        running[j] = L1[j]


@jit
def make_up(
    overtime: float, fade: float, level: Array, L1: Array, recapture: Array, waits: Array, again: Array
) -> None:
    """What is made up today of output that customers still wait for."""
    one, nought, usual = L1.dtype.type(1), L1.dtype.type(0), L1.dtype.type(AS_USUAL)
    for j in range(L1.size):
        made = level[j] * L1[j]
        waits[j] = waits[j] * fade + recapture[j] * max(nought, one - made)
        again[j] = min(waits[j], overtime) if min(L1[j], made) >= usual else nought
    for j in range(L1.size):
        waits[j] -= again[j]


@jit
def record_day(
    day: int, level: Array, L1: Array, fF: Array, blame: Array, again: Array, output: Array, served: Array,
    direct: Array, made_up: Array, by: Array,
) -> None:  # fmt: skip
    """Add the day to what the run gives."""
    for j in range(direct.size):
        output[day, j] = level[j] * L1[j] + again[j]
        served[j] += fF[j]
        made_up[j] += again[j]
        if L1[j] < 1.0:
            lost = level[j] * (1.0 - L1[j])
            direct[j] += lost
            by[int(blame[j]), j] += lost
