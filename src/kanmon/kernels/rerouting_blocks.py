"""Products of one block of the table with a few vectors, compiled, and how blocks are shared out.

BLAS does the same, but its threads wait for each other thousands of times in a solution; on a machine with
other work each wait can last a time slice (measured: 0.9 s became 16 s). Here the threads are Python's, each
takes whole products, and they meet once per pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

Vector = NDArray[np.float64]

PARTS = 4
"""Parts the products are dealt into, whatever the machine, so that sums come out the same everywhere."""
NUMBERS_NEAR = 4096
"""Numbers of the result kept in the nearest cache at a time."""


@njit(nogil=True, cache=True, fastmath={"contract"})
def spread(w: Vector, Z: Vector, out: Vector) -> None:
    """Out = w Z. w: (K, R), Z: (R, N), out: (K, N). Four rows for two results at a time save reads."""
    K, (R, N) = len(w), Z.shape
    width = max(NUMBERS_NEAR // max(K, 1), 64)
    fours, twos = R - R % 4, K - K % 2
    out[:] = 0.0
    for first in range(0, N, width):
        last = min(first + width, N)
        for i in range(0, fours, 4):
            for k in range(0, twos, 2):
                a, b, c, d = w[k, i], w[k, i + 1], w[k, i + 2], w[k, i + 3]
                e, f, g, h = w[k + 1, i], w[k + 1, i + 1], w[k + 1, i + 2], w[k + 1, i + 3]
                for j in range(first, last):
                    p, q, r, s = Z[i, j], Z[i + 1, j], Z[i + 2, j], Z[i + 3, j]
                    out[k, j] += a * p + b * q + c * r + d * s
                    out[k + 1, j] += e * p + f * q + g * r + h * s
            for k in range(twos, K):
                a, b, c, d = w[k, i], w[k, i + 1], w[k, i + 2], w[k, i + 3]
                for j in range(first, last):
                    out[k, j] += a * Z[i, j] + b * Z[i + 1, j] + c * Z[i + 2, j] + d * Z[i + 3, j]
        for i in range(fours, R):
            for k in range(K):
                for j in range(first, last):
                    out[k, j] += w[k, i] * Z[i, j]


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def gather(y: Vector, Z: Vector, out: Vector) -> None:
    """Out = y Z'. y: (K, N), Z: (R, N), out: (K, R). Four rows for two results at a time save reads."""
    K, (R, N) = len(y), Z.shape
    width = max(NUMBERS_NEAR // max(K, 1), 256)
    fours, twos = R - R % 4, K - K % 2
    out[:] = 0.0
    for first in range(0, N, width):
        last = min(first + width, N)
        for i in range(0, fours, 4):
            for k in range(0, twos, 2):
                a = b = c = d = e = f = g = h = 0.0
                for j in range(first, last):
                    u, v = y[k, j], y[k + 1, j]
                    p, q, r, s = Z[i, j], Z[i + 1, j], Z[i + 2, j], Z[i + 3, j]
                    a, b, c, d = a + u * p, b + u * q, c + u * r, d + u * s
                    e, f, g, h = e + v * p, f + v * q, g + v * r, h + v * s
                out[k, i], out[k, i + 1] = out[k, i] + a, out[k, i + 1] + b
                out[k, i + 2], out[k, i + 3] = out[k, i + 2] + c, out[k, i + 3] + d
                out[k + 1, i], out[k + 1, i + 1] = out[k + 1, i] + e, out[k + 1, i + 1] + f
                out[k + 1, i + 2], out[k + 1, i + 3] = out[k + 1, i + 2] + g, out[k + 1, i + 3] + h
            for k in range(twos, K):
                a = b = c = d = 0.0
                for j in range(first, last):
                    a += y[k, j] * Z[i, j]
                    b += y[k, j] * Z[i + 1, j]
                    c += y[k, j] * Z[i + 2, j]
                    d += y[k, j] * Z[i + 3, j]
                out[k, i], out[k, i + 1] = out[k, i] + a, out[k, i + 1] + b
                out[k, i + 2], out[k, i + 3] = out[k, i + 2] + c, out[k, i + 3] + d
        for i in range(fours, R):
            for k in range(K):
                a = 0.0
                for j in range(first, last):
                    a += y[k, j] * Z[i, j]
                out[k, i] += a


Work = Callable[[range], None]
Deal = Callable[[Work, Sequence[range]], None]
"""Calls the work for every part and returns when all are done: one after the other, or in threads."""


def in_turn(work: Work, parts: Sequence[range]) -> None:
    """Every part after the other."""
    for part in parts:
        work(part)


def parts_of(products: int) -> list[range]:
    """Products dealt like cards, since neighbours are alike in work."""
    return [range(p, products, PARTS) for p in range(min(PARTS, products))]
