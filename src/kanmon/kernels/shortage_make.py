"""Steps of the compiled shortage kernel: what industries wish to make, what limits them, whom they serve.

Equations and symbols: shortage_plain.py; how the arrays are kept: shortage.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import njit

from .shortage_plain import SHORT, Array, Ints

if TYPE_CHECKING:
    from collections.abc import Callable

# Only called from compiled code: without their Python wrappers the steps compile in half the time.
INNER: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
TINY = 1e-300
jit: Callable[..., Any] = njit(**INNER)


@jit
def spare_output(day: float, spare: Array, ramp: Array, g: Array) -> None:
    """Output that sellers can add, as a share of normal output; day counts from the stop."""
    for i in range(g.size):
        g[i] = spare[i] * min(1.0, max(0.0, day / ramp[i]))


@jit
def wished_output(
    C: Array, E: Array, final: Array, x: Array, spare: Array, x_opt: Array, level: Array
) -> None:
    """Output wanted: demand within capacity; the same relative to normal output."""
    for i in range(x.size):
        demand, capacity = C[i] + final[i] + E[i], x[i] * (1.0 + spare[i])
        x_opt[i] = min(capacity, demand)
        level[i] = x_opt[i] / x[i] if x[i] > 0.0 else 1.0


@jit
def thrifty_need(
    day: int, ramp: float, memory: int, most: Array, lead: Array, last_short: Array, level: Array,
    controlled: Ints, need: Array, inverse_need: Array,
) -> None:  # fmt: skip
    """Need of each controlled input (row 0: of the others) relative to normal use, and its inverse.

    A buyer short within its memory saves a share that grows from its lead time on; day counts from the stop.
    """
    N, S = level.size, controlled.size
    for j in range(N):
        need[0, j] = level[j]
        inverse_need[0, j] = 1.0 / max(level[j], TINY)
    for c in range(most.shape[0]):
        for b in range(N // S):
            begun = (day - lead[c, b]) / ramp
            saved = most[c, b] * (0.0 if begun < 0.0 else (min(begun, 1.0)))
            for n in range(S):
                j = b * S + n
                use = 1.0 - saved if day - last_short[c, j] <= memory else 1.0
                need[c + 1, j] = level[j] * use
                inverse_need[c + 1, j] = inverse_need[0, j] / max(use, TINY)


@jit
def input_limits(
    day: int, first: Ints, controlled: Ints, stock: Array, scale: Array, inverse_need: Array, phi: Array,
    h: Array, last_short: Array, L1: Array, L2: Array, binding: Array,
) -> None:  # fmt: skip
    """The two lowest input limits and the binding input of each buyer; who is short today."""
    N = L1.size
    for j in range(N):
        L1[j], L2[j], binding[j] = 1.0, 1.0, 0.0
    for p in range(controlled.size):
        c, rows = controlled[p], first[p + 1] - first[p]
        if rows == 0:
            continue
        for j in range(N):
            h[j] = 0.0
        for row in range(first[p], first[p + 1]):
            for j in range(N):
                h[j] += min(1.0, stock[row, j] * scale[row, j] * inverse_need[c + 1, j])
        mean = 1.0 * rows
        if c >= 0:
            for j in range(N):
                before = last_short[c, j]
                last_short[c, j] = day if h[j] / mean < SHORT else before
        for j in range(N):
            h[j] = 1.0 - phi[p, j] * (1.0 - h[j] / mean)
        for j in range(N):
            limit, low, second, before = h[j], L1[j], L2[j], binding[j]
            binding[j] = p if limit < low else before
            L2[j] = low if limit < low else min(second, limit)
            L1[j] = min(low, limit)


@jit
def list_limited(L1: Array, cap: Array, wish: Array, who: Ints) -> None:
    """List the buyers whose output is limited, who[0] of them; their limit bounds use and orders alike."""
    who[0] = 0
    for j in range(L1.size):
        cap[j], wish[j] = L1[j], L1[j]
        if L1[j] < 1.0:
            who[0] += 1
            who[who[0]] = j


@jit
def lift_binding(p: int, who: Ints, binding: Array, L1: Array, L2: Array, cap: Array, wish: Array) -> None:
    """Buyers whose binding input is p use it to the full and order up to their second limit."""
    for n in range(1, who[0] + 1):
        j = who[n]
        binds = binding[j] == p
        cap[j] = 1.0 if binds else L1[j]
        wish[j] = L2[j] if binds else L1[j]


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
def delivery_weights(fC: Array, fE: Array, g: Array, weights: Array) -> None:
    """Usual and excess orders left unserved (negative), and spare output served, of each seller."""
    for i in range(fC.size):
        weights[0, i], weights[1, i], weights[2, i] = fC[i] - 1.0, fE[i] - 1.0, g[i] * fE[i]


@jit
def record_day(
    day: int, level: Array, L1: Array, fF: Array, binding: Array, output: Array, served: Array, direct: Array,
    by: Array,
) -> None:  # fmt: skip
    """Add the day to what the run gives."""
    for j in range(level.size):
        output[day, j] = level[j] * L1[j]
        served[j] += fF[j]
        if L1[j] < 1.0:
            lost = level[j] * (1.0 - L1[j])
            direct[j] += lost
            by[int(binding[j]), j] += lost
