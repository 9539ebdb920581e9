"""Biproportional balancing of the flows of one product after some of them were cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rerouting_blocks import Vector, gather, spread

Index = NDArray[np.int64]

MARGIN_ERROR = 1e-11
STEPS = 200
SLOW = 0.2
"""A step that leaves more than this share of the error asks for a fresh Jacobian."""
RIDGE = 1e-10
"""Added to the scaled Jacobian: (u, v) and (a u, v / a) give the same flows, so it is singular."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Cells cut in one product: Z[rows, columns] becomes Z[rows, columns] * kept. rows: regions."""

    rows: Index
    columns: Index
    kept: Vector


def pairs(Z: Vector) -> Vector:
    """Z diag(1 / column sums) Z' of one product, (R, R): the part of Jacobians that no scenario changes."""
    spent = Z.sum(axis=0)
    return _product(np.divide(Z, spent, out=np.zeros_like(Z), where=spent > 0), Z)


def balance(
    Z: Vector, common: Vector, pieces: Sequence[Piece], friction: float
) -> tuple[Vector, Vector, NDArray[np.int64], Vector]:
    """Scale u_i K_ij v_j to the margins that the cut leaves, for several scenarios at once.

    The columns are met exactly at every step; Newton's method in log u meets the rows, with the Jacobian
    of the first step while that serves. Z: (R, N) flows of the product; common: (R, R), its `pairs`.
    Returns u (K, R), v (K, N), steps (K,), and the largest relative error of a row margin (K,), infinite
    where a margin cannot be met.
    """
    K, (R, N) = len(pieces), Z.shape
    bought, sold = Z.sum(axis=0), Z.sum(axis=1)
    c, g = np.tile(bought, (K, 1)), np.tile(sold, (K, 1))
    kernels, changes = [], []
    for k, piece in enumerate(pieces):
        block = Z[:, piece.columns]
        change = np.zeros_like(block)
        change[piece.rows] = block[piece.rows] * (piece.kept - 1.0)
        c[k, piece.columns] = np.maximum(bought[piece.columns] + friction * change.sum(axis=0), 0.0)
        g[k] = np.maximum(sold + friction * change.sum(axis=1), 0.0)
        kernels.append(block + change)
        changes.append(change)
    u, v, d = np.ones((K, R)), np.ones((K, N)), np.zeros((K, R))
    q, reached = np.empty((K, N)), np.empty((K, R))
    steps, error, last = np.zeros(K, dtype=np.int64), np.full(K, np.inf), np.full(K, np.inf)
    floor = 1e-12 * sold.sum() / R
    jacobians = _first_jacobians(Z, common, c, pieces, kernels)
    for step in range(1, STEPS + 1):
        spread(u, Z, q)
        for k, piece in enumerate(pieces):
            q[k, piece.columns] = u[k] @ kernels[k]
        v = np.divide(c, q, out=np.ones_like(c), where=q > 0)
        gather(v, Z, reached)
        for k, piece in enumerate(pieces):
            reached[k] += changes[k] @ v[k, piece.columns]
        gap = g - u * reached
        error = np.max(np.abs(gap) / (g + floor), axis=1)
        error[np.any((q <= 0) & (c > 0), axis=1)] = np.inf
        steps[last > MARGIN_ERROR] = step
        if np.all((error <= MARGIN_ERROR) | ~np.isfinite(error)):
            break
        for k in range(K):
            if step > 1 and error[k] > max(SLOW * last[k], MARGIN_ERROR):
                jacobians[k] = _jacobian(Z, pieces[k], kernels[k], u[k], v[k], c[k])
            d[k] = _solve(jacobians[k], gap[k])
        u *= np.exp(np.clip(d, -1.0, 1.0))
        last = error
    return u, v, steps, error


def _first_jacobians(
    Z: Vector, common: Vector, c: Vector, pieces: Sequence[Piece], kernels: Sequence[Vector]
) -> list[Vector]:
    """Jacobians at u = 1: that of the uncut table, computed once, and the columns that differ."""
    made = []
    for k, piece in enumerate(pieces):
        J, kernel = piece.columns, kernels[k]
        q = kernel.sum(axis=0)
        v = np.divide(c[k, J], q, out=np.ones_like(q), where=q > 0)
        weight = np.divide(v, q, out=np.zeros_like(q), where=q > 0)
        before = Z[:, J]
        bought = before.sum(axis=0)
        inverse = np.divide(1.0, bought, out=np.zeros_like(bought), where=bought > 0)
        changed = common - _product(before * inverse, before) + _product(kernel * weight, kernel)
        reached = Z.sum(axis=1) - before.sum(axis=1) + kernel @ v
        made.append(np.diag(reached) - changed)
    return made


def _jacobian(Z: Vector, piece: Piece, kernel: Vector, u: Vector, v: Vector, c: Vector) -> Vector:
    """Derivative of the row sums by log u: diag(row sums) - P diag(1 / c) P', P the scaled flows."""
    flows = Z.copy()
    flows[:, piece.columns] = kernel
    flows *= u[:, None] * v
    inverse = np.divide(1.0, c, out=np.zeros_like(c), where=c > 0)
    return np.diag(flows.sum(axis=1)) - _product(flows * inverse, flows)


def _product(left: Vector, right: Vector) -> Vector:
    """Product left right' without BLAS: the blocks run in threads of our own."""
    out = np.empty((len(left), len(right)))
    gather(np.ascontiguousarray(left), np.ascontiguousarray(right), out)
    return out


def _solve(jacobian: Vector, gap: Vector) -> Vector:
    """Newton step in log u, scaled by the diagonal so that small sellers count like large ones."""
    diagonal = np.diag(jacobian)
    scale = np.divide(1.0, np.sqrt(np.maximum(diagonal, 0.0)), out=np.zeros_like(gap), where=diagonal > 0)
    scaled = jacobian * scale[:, None] * scale
    scaled[np.diag_indices_from(scaled)] += RIDGE + (scale == 0)
    return np.asarray(scale * np.linalg.solve(scaled, scale * gap))
