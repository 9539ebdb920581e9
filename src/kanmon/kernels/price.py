"""Leontief cost push: how a dearer input raises prices through the table. Linear, one solve."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cost_push(
    A: NDArray[np.float64], repriced: NDArray[np.bool_], rise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Price changes of all industries when the prices of some inputs are set from outside.

    dp = (I - A_d')^-1 A_m' dp_m (Leontief price model; Miller and Blair 2009, ch. 2.6), with A_m the
    rows of the repriced inputs and A_d the rest. No substitution and full pass-through are assumed,
    so this is a lower bound on the damage of a shortage and says nothing of rationing.

    Parameters
    ----------
    A
        (N, N) input coefficients, seller by buyer, of the industries whose prices may move; imports
        enter only where they are repriced.
    repriced
        (N,) rows whose price is set from outside.
    rise
        (N, K) relative price rise of the repriced rows, K cases at once; other rows are not read.

    Returns
    -------
    NDArray
        (N, K) relative price change of every industry; repriced rows keep their own rise.
    """
    free = ~repriced
    dp = np.where(repriced[:, None], rise, 0.0)
    direct = A[repriced][:, free].T @ rise[repriced]
    dp[free] = np.linalg.solve(np.eye(int(free.sum())) - A[np.ix_(free, free)].T, direct)
    return dp
