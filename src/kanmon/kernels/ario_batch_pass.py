"""The inner part of the batched ARIO: draws are lanes, a tile of the table serves all of them from the cache.

Small products of matrices (block @ weights) are written out here rather than given to BLAS, because what
happens to the stocks belongs between them while the tile is in the cache, and because BLAS with threads of
its own would fight with ours. Constants are made of the arrays' own type: a double among singles would halve
the lanes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import njit

from .ario_events import Array
from .ario_pass import INNER, exact

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

import numpy as np

# Only products and sums are fused: terms keep their order, so that a draw is the same to the last bit
# whether it stands in a full vector of lanes or in the rest of one.
fused: Callable[..., Any] = njit(fastmath={"contract"}, **INNER)
# Threads work on batches of their own, so that none waits for another: no loop is parallel.
free: Callable[..., Any] = njit(nogil=True, cache=True, error_model="numpy")

WIDTH = 128
"""Buyers of a tile: with 64 draws in single precision its sums and orders take 100 KB of the second cache."""


@fused
def arrivals(Z: Array, S: int, p: int, first: int, n: int, weights: Array, both: Array) -> None:
    """both_j = sum_r Z_rj weights_r over the rows of product p, for n buyers; weights (N, 2K)."""
    i, N, K = p, Z.shape[0], both.shape[1]
    for j in range(n):
        for k in range(K):
            both[j, k] = 0
    while i + 3 * S < N:
        r2, r3, r4 = i + S, i + 2 * S, i + 3 * S
        for half in range(n // 2):
            j, J = 2 * half, first + 2 * half
            a1, a2, a3, a4 = Z[i, J], Z[r2, J], Z[r3, J], Z[r4, J]
            b1, b2, b3, b4 = Z[i, J + 1], Z[r2, J + 1], Z[r3, J + 1], Z[r4, J + 1]
            for k in range(K):
                w1, w2, w3, w4 = weights[i, k], weights[r2, k], weights[r3, k], weights[r4, k]
                both[j, k] += a1 * w1 + a2 * w2 + a3 * w3 + a4 * w4
                both[j + 1, k] += b1 * w1 + b2 * w2 + b3 * w3 + b4 * w4
        for j in range(n - n % 2, n):
            J = first + j
            a1, a2, a3, a4 = Z[i, J], Z[r2, J], Z[r3, J], Z[r4, J]
            for k in range(K):
                both[j, k] += (
                    a1 * weights[i, k] + a2 * weights[r2, k] + a3 * weights[r3, k] + a4 * weights[r4, k]
                )
        i += 4 * S
    while i < N:
        for j in range(n):
            z = Z[i, first + j]
            for k in range(K):
                both[j, k] += z * weights[i, k]
        i += S


@fused
def demands(
    Z: Array, S: int, p: int, first: int, n: int, q: Array, weight: Array, sub: Array, met: Array
) -> None:
    """met_i += weight_i * sum_j Z_ij q_j over the rows of product p, for n buyers; q, weight, met (N, K).

    Two sellers and four buyers at a time; a last seller without a companion is done twice and kept once.
    """
    N, K, last = Z.shape[0], met.shape[1], first + n
    for i in range(p, N, 2 * S):
        r = i + S if i + S < N else i
        for k in range(K):
            sub[0, k] = 0
            sub[1, k] = 0
        J = first
        while last > J + 3:
            a1, a2, a3, a4 = Z[i, J], Z[i, J + 1], Z[i, J + 2], Z[i, J + 3]
            b1, b2, b3, b4 = Z[r, J], Z[r, J + 1], Z[r, J + 2], Z[r, J + 3]
            for k in range(K):
                q1, q2, q3, q4 = q[J, k], q[J + 1, k], q[J + 2, k], q[J + 3, k]
                sub[0, k] += a1 * q1 + a2 * q2 + a3 * q3 + a4 * q4
                sub[1, k] += b1 * q1 + b2 * q2 + b3 * q3 + b4 * q4
            J += 4
        while last > J:
            a1, b1 = Z[i, J], Z[r, J]
            for k in range(K):
                sub[0, k] += a1 * q[J, k]
                sub[1, k] += b1 * q[J, k]
            J += 1
        for k in range(K):
            met[i, k] += weight[i, k] * sub[0, k]
        if r > i:
            for k in range(K):
                met[r, k] += weight[r, k] * sub[1, k]


@exact
def restock_draws(
    first: int, n: int, least: float, a: Array, days: Array, rate: Array, inverse: Array, both: Array,
    x: Array, wanted: Array, s: Array, q: Array, most: Array,
) -> None:  # fmt: skip
    """Stocks, orders and the output that stocks allow, of one product and n buyers, in all draws.

    least: a smaller input per output `a` limits nothing; days, rate, inverse: goal in days, one over the days
    of restocking, one over psi and days; both: what arrives per unit of q, then the weight of orders.
    """
    K = x.shape[1]
    one, nought = x.dtype.type(1), x.dtype.type(0)
    for j in range(n):
        J, share = first + j, a[first + j]
        for k in range(K):
            use = share * x[J, k]
            s[J, k] += both[j, k] * q[J, k] - use
            q[J, k] = use
        for k in range(K):
            gap = days[k] * share * wanted[J, k] - s[J, k]
            q[J, k] += max(nought, gap) * rate[k]
        for k in range(K):
            W = both[j, K + k]
            value = q[J, k] / W
            q[J, k] = value if nought < W else nought
        if share > least:
            over = one / share
            for k in range(K):
                most[J, k] = min(most[J, k], s[J, k] * over * inverse[k])


@free
def batch_pass(
    Z: Array, S: int, begin: int, end: int, runs: NDArray[np.int64], masked: NDArray[np.bool_], a: Array,
    least: float, days: Array, rate: Array, inverse: Array, weights: Array, meet: Array, x: Array,
    wanted: Array, stock: Array, q: Array, met: Array, most: Array,
) -> None:  # fmt: skip
    """One step of stocks and orders of all draws for products begin to end - 1; runs, masked as in ario_pass.

    weights: (G, N, 2K) for what arrives and for orders; meet: (G, N, K) for the demand of tomorrow; days,
    rate, inverse: (S, K); stock, q: (S, N, K), in place; met, most: (N, K), the answer: what the sellers of
    these products meet, and the output that stocks of these products allow.
    """
    K = x.shape[1]
    both = np.empty((WIDTH, 2 * K), dtype=Z.dtype)
    sub = np.empty((2, K), dtype=Z.dtype)
    most[:] = np.inf
    for p in range(begin, end):
        met[p::S] = 0
        one, stop = (1, runs.shape[0]) if masked[p] else (0, 1)
        for run in range(one, stop):
            group = runs[run, 2]
            for first in range(runs[run, 0], runs[run, 1], WIDTH):
                n = min(WIDTH, runs[run, 1] - first)
                arrivals(Z, S, p, first, n, weights[group], both)
                restock_draws(
                    first, n, least, a[p], days[p], rate[p], inverse[p], both, x, wanted, stock[p], q[p],
                    most,
                )  # fmt: skip
                demands(Z, S, p, first, n, q[p], meet[group], sub, met)


@free
def produce_draws(
    late: bool, base: float, highest: Array, speed: Array, X0: Array, Y0: Array, met: Array, rebuild: Array,
    lost: Array, most: Array, alpha: Array, produced: Array, served: Array, wanted: Array, order: Array,
    margin: Array, alt: bool,
) -> None:  # fmt: skip
    """Demand, overproduction, capacity, output and the share of demand served: (N, K) arrays, in place.

    late: overproduction moves (from the third step on). order: capacity over normal output if `alt`.
    """
    one, nought = X0.dtype.type(1), X0.dtype.type(0)
    rest = X0.dtype.type(base)
    for i in range(X0.size):
        for k in range(highest.size):
            # Final demand below nought is a stock run down: it serves what is left once output is nought.
            demand = max(nought, met[i, k] + Y0[i] + rebuild[i, k])
            if late:
                scarcity = (demand - produced[i, k]) / demand if demand != nought else nought
                target = (highest[k] - alpha[i, k]) * scarcity
                if scarcity == nought:
                    target += rest - alpha[i, k]
                alpha[i, k] = max(one, alpha[i, k] + target * speed[k])
            full = (one - lost[i, k]) * alpha[i, k]
            capacity = X0[i] * full
            x = min(demand, capacity)
            if x > nought:
                margin[i, k] = min(margin[i, k], most[i, k] / x)
                x = max(nought, min(x, most[i, k]))
            f = x / demand if demand != nought else (one if Y0[i] < nought else nought)
            produced[i, k], served[i, k] = x, f
            wanted[i, k] = min(demand - rebuild[i, k] * f, capacity)
            if alt:
                order[i, k] = full if X0[i] > nought else one
