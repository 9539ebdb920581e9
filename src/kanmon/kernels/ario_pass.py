"""The inner part of the compiled ARIO: one read of the table a step.

Orders factorise, O_ij = c_i k'_ij Z_ij q_pj, so they are never stored. While a tile of the table (the rows
of one product, some hundred buyers) is in the cache, it gives what arrives In_pj and the weight of orders
W_pj, then stock and q = Q / W of those buyers, then its part of the demand each seller meets tomorrow.
The table is read where it lies, region-major: a tile row is longer than a memory page, so nothing is gained
by sorting it by product first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit, prange

from .ario import GATE_ABSOLUTE, GATE_RELATIVE
from .ario_events import Array

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SEGMENT = 4096
"""Bytes of a tile's row: shorter ones leave the memory waiting (a third of the speed with half of it), longer
ones push a tile of 80 regions, a third of a megabyte, out of the cache before it is read again."""

INNER: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
# Sums may be taken in any order (lanes); nothing else is loosened.
sums: Callable[..., Any] = njit(fastmath={"reassoc", "contract", "nsz"}, **INNER)
exact: Callable[..., Any] = njit(**INNER)
whole: Callable[..., Any] = njit(parallel=True, cache=True, error_model="numpy")


@sums
def add_two(Z: Array, S: int, p: int, first: int, give: Array, ask: Array, In: Array, W: Array) -> None:
    """In_j = sum_r give_r Z_rj and W_j = sum_r ask_r Z_rj over the rows of product p; buyers from `first`."""
    for j in range(In.size):
        In[j], W[j] = 0.0, 0.0
    i, N, end = p, Z.shape[0], first + In.size
    # Rows are taken out first: an index that might be negative would keep the loop from using lanes.
    while i + 3 * S < N:
        k, l, m = i + S, i + 2 * S, i + 3 * S
        one, two = Z[i, first:end], Z[k, first:end]
        three, four = Z[l, first:end], Z[m, first:end]
        g1, g2, g3, g4 = give[i], give[k], give[l], give[m]
        a1, a2, a3, a4 = ask[i], ask[k], ask[l], ask[m]
        for j in range(In.size):
            In[j] += g1 * one[j] + g2 * two[j] + g3 * three[j] + g4 * four[j]
            W[j] += a1 * one[j] + a2 * two[j] + a3 * three[j] + a4 * four[j]
        i += 4 * S
    while i < N:
        row, g, a = Z[i, first:end], give[i], ask[i]
        for j in range(In.size):
            In[j] += g * row[j]
            W[j] += a * row[j]
        i += S


@sums
def add_rows(Z: Array, S: int, p: int, first: int, q: Array, weight: Array, demand: Array) -> None:
    """demand_i += weight_i sum_j Z_ij q_j over the rows of product p; buyers from `first`."""
    i, N, end = p, Z.shape[0], first + q.size
    while i + 3 * S < N:
        k, l, m = i + S, i + 2 * S, i + 3 * S
        one, two = Z[i, first:end], Z[k, first:end]
        three, four = Z[l, first:end], Z[m, first:end]
        a, b, c, d = 0.0, 0.0, 0.0, 0.0
        for j in range(q.size):
            a += one[j] * q[j]
            b += two[j] * q[j]
            c += three[j] * q[j]
            d += four[j] * q[j]
        demand[i] += weight[i] * a
        demand[k] += weight[k] * b
        demand[l] += weight[l] * c
        demand[m] += weight[m] * d
        i += 4 * S
    while i < N:
        row, a = Z[i, first:end], 0.0
        for j in range(q.size):
            a += row[j] * q[j]
        demand[i] += weight[i] * a
        i += S


@exact
def restock(
    days: float, restock_days: float, psi: float, least: float, update: bool, reorder: bool, In: Array,
    W: Array, a: Array, old: Array, q_old: Array, x: Array, wanted: Array, stock: Array, q: Array,
    Q: Array, most: Array,
) -> tuple[bool, bool]:  # fmt: skip
    """Stocks, orders by product and the output that stocks allow, for some buyers of one product.

    update, reorder: whether stocks move and gaps are reordered in this step; returns whether they would stay
    by the reference's comparison. least: an input whose share of output is no larger does not limit output.
    most: output that the stocks seen so far allow.
    """
    # Short loops over few arrays, without branches: the compiler gives up on lanes otherwise.
    n = In.size
    for j in range(n):
        In[j] *= q_old[j]
        Q[j] = a[j] * x[j]
    still, full = 0, 0
    for j in range(n):
        off = abs(In[j] - Q[j]) - GATE_RELATIVE * abs(Q[j])
        still += 1 if off > GATE_ABSOLUTE else 0
    if update:
        for j in range(n):
            stock[j] = old[j] + (In[j] - Q[j])
    else:
        for j in range(n):
            stock[j] = old[j]
    if np.isfinite(days):
        rate = 1.0 / restock_days
        for j in range(n):
            In[j] = days * a[j] * wanted[j]
        for j in range(n):
            off = abs(stock[j] - In[j]) - GATE_RELATIVE * abs(In[j])
            full += 1 if off > GATE_ABSOLUTE else 0
        if reorder:
            for j in range(n):
                gap = In[j] - stock[j]
                Q[j] += max(0.0, gap) * rate
        days *= psi
        if days > 0.0:
            for j in range(n):
                level = stock[j] / (days * a[j])
                In[j] = level if a[j] > least else np.inf
            for j in range(n):
                most[j] = min(most[j], In[j])
    for j in range(n):
        share = Q[j] / W[j]
        q[j] = share if W[j] > 0.0 else 0.0
    for j in range(n):
        Q[j] = q[j]
    return still == 0, full == 0


@whole
def one_pass(
    Z: Array, S: int, runs: NDArray[np.int64], masked: NDArray[np.bool_], a: Array, days: Array,
    restock_days: Array, psi: float, least: float, update: bool, reorder: bool, give: Array, ask: Array,
    meet: Array, x: Array, wanted: Array, old: Array, q_old: Array, stock: Array, q: Array, demand: Array,
    most: Array,
) -> tuple[bool, bool]:  # fmt: skip
    """One step of stocks and orders: see `restock` for what it does to each buyer.

    runs: (M, 3) first buyer, last + 1 and group of runs of buyers with one group; the first stands for all
    buyers and is used for products that are not masked. give, ask, meet: (G, N) weights of the sellers for
    what arrives, for orders, and for the demand of tomorrow. most: (threads, N) scratch; its first row gets
    the answer.
    """
    parts, width = most.shape[0], SEGMENT // Z.itemsize
    still, full = np.ones(parts, dtype=np.bool_), np.ones(parts, dtype=np.bool_)
    for part in prange(parts):
        In, W, Q = np.empty(width), np.empty(width), np.empty(width)
        most[part, :] = np.inf
        for p in range(S * part // parts, S * (part + 1) // parts):
            demand[p::S] = 0.0
            begin, stop = (1, runs.shape[0]) if masked[p] else (0, 1)
            for run in range(begin, stop):
                group = runs[run, 2]
                for first in range(runs[run, 0], runs[run, 1], width):
                    n = min(width, runs[run, 1] - first)
                    end = first + n
                    add_two(Z, S, p, first, give[group], ask[group], In[:n], W[:n])
                    one, two = restock(
                        days[p], restock_days[p], psi, least, update, reorder, In[:n], W[:n],
                        a[p, first:end], old[p, first:end], q_old[p, first:end], x[first:end],
                        wanted[first:end], stock[p, first:end], q[p, first:end], Q[:n],
                        most[part, first:end],
                    )  # fmt: skip
                    still[part] &= one
                    full[part] &= two
                    add_rows(Z, S, p, first, Q[:n], meet[group], demand)
    for part in range(1, parts):
        for j in range(x.size):
            most[0, j] = min(most[0, j], most[part, j])
    return bool(still.all()), bool(full.all())
