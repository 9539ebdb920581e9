"""Hypothetical extraction, its supply-side (Ghosh) twin and Leontief prices: one factorisation for all.

With A_ij = Z_ij / x_j and B_ij = Z_ij / x_i, B = diag(x)^-1 A diag(x); so (I - B) is (I - A) in other
units and one LU factorisation of (I - A)' serves the three models (Miller and Blair 2009, ch. 2, 12;
Dietzenbacher 1997 on the likeness of the Ghosh and the price model). The cells in scope lie in few rows
and columns, so each scenario is a low-rank change of the factorised matrix (Woodbury identity).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Index = NDArray[np.int64]

LOW_RANK = 4
"""The update is used up to a rank of N / LOW_RANK; beyond, a fresh factorisation costs no more."""


@dataclass(frozen=True, eq=False)
class Factored:
    """A table ready for the static models.

    Z: (N, N) flows as given. per_column: (N,), Z * per_column are the input coefficients A. x: (N,)
    output that solves x = A x + final. capped: (N,) columns whose intermediate share was cut to the cap.
    lu: LU factors of (I - A)'.
    """

    Z: Vector
    per_column: Vector
    x: Vector
    final: Vector
    capped: NDArray[np.bool_]
    lu: tuple[Any, Any]

    @property
    def primary(self) -> Vector:
        """Primary inputs (value added) per unit of output, (N,)."""
        return np.asarray(1.0 - self.Z.sum(axis=0) * self.per_column)


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells changed together: A[rows, columns] becomes A[rows, columns] * factor. factor: (rows, columns)."""

    rows: Index
    columns: Index
    factor: Vector


def factor(Z: Vector, x: Vector, cap: float = 0.98) -> Factored:
    """Factorise a table once.

    cap: largest share of intermediate inputs in output; the columns above it are scaled down and output
    is solved again, so that primary inputs are positive everywhere and (I - A) can be inverted.
    Industries without output have no coefficients. Z: (N, N), x: (N,), same money.
    """
    used = Z.sum(axis=0)
    share = np.divide(used, x, out=np.zeros_like(used), where=x > 0)
    capped = share > cap
    per_column = np.divide(1.0, x, out=np.zeros_like(x), where=x > 0)
    per_column[capped] *= cap / share[capped]
    final = x - Z.sum(axis=1)
    lu = _factors(Z, per_column, None)
    made = x.copy() if not capped.any() else np.asarray(_solve(lu, final))
    return Factored(Z, per_column, made, final, capped, lu)


def extraction(base: Factored, cells: Cells) -> Vector:
    """Hypothetical extraction: output x* = (I - A*)^-1 f with final use f as before, (N,)."""
    return _changed(base, cells, base.final, transposed=False)


def ghosh(base: Factored, cells: Cells) -> Vector:
    """Supply side: x*' = va' (I - B*)^-1 with primary inputs va as before, (N,).

    In the units of A: y solves (I - A*)' y = va / x, and x* = x y.
    """
    return base.x * _changed(base, cells, base.primary, transposed=True)


def prices(base: Factored, cells: Cells) -> Vector:
    """Leontief prices p = (I - A*')^-1 v, 1 before the change; factor 1.3 is a rise of 30 %, (N,).

    Where the inputs have become so dear that no price covers the costs, some entry is not positive.
    """
    return _changed(base, cells, base.primary, transposed=True)


def _changed(base: Factored, cells: Cells, right: Vector, *, transposed: bool) -> Vector:
    """Solve (I - A*) y = right, or its transpose, by update or afresh."""
    I, J = cells.rows, cells.columns
    if min(len(I), len(J)) == 0:
        return np.asarray(_solve(base.lu, right, transposed=transposed))
    if min(len(I), len(J)) * LOW_RANK > len(base.x):
        return np.asarray(_solve(_factors(base.Z, base.per_column, cells), right, transposed=transposed))
    # I - A* = M + E_I C E_J' with C the coefficients taken out of A. Then, with G = E_J' M^-1 E_I,
    # y = M^-1 (r - E_I C (1 + G C)^-1 E_J' M^-1 r); the transposed system swaps I and J.
    C = base.Z[np.ix_(I, J)] * base.per_column[J] * (1.0 - cells.factor)
    first = _solve(base.lu, right, transposed=transposed)
    if len(I) <= len(J):
        G = _solve(base.lu, _unit(I, len(right)))[J]
    else:
        G = _solve(base.lu, _unit(J, len(right)), transposed=True)[I].T
    if transposed:
        I, J, C, G = J, I, C.T, G.T
    if len(I) <= len(J):
        weight = np.linalg.solve(np.eye(len(I)) + C @ G, C @ first[J])
    else:
        weight = C @ np.linalg.solve(np.eye(len(J)) + G @ C, first[J])
    changed = right.copy()
    changed[I] -= weight
    return np.asarray(_solve(base.lu, changed, transposed=transposed))


def _unit(index: Index, size: int) -> Vector:
    columns = np.zeros((size, len(index)), order="F")
    columns[index, np.arange(len(index))] = 1.0
    return columns


def _factors(Z: Vector, per_column: Vector, cells: Cells | None) -> tuple[Any, Any]:
    """LU of (I - A)': the transpose of a C-ordered array is what LAPACK takes without a copy."""
    from scipy.linalg import lu_factor

    A = Z * -per_column
    if cells is not None:
        A[np.ix_(cells.rows, cells.columns)] *= cells.factor
    A[np.diag_indices_from(A)] += 1.0
    factors: tuple[Any, Any] = lu_factor(A.T, overwrite_a=True, check_finite=False)
    return factors


def _solve(lu: tuple[Any, Any], right: Vector, *, transposed: bool = False) -> Vector:
    from scipy.linalg import lu_solve

    return np.asarray(lu_solve(lu, right, trans=0 if transposed else 1, check_finite=False))
