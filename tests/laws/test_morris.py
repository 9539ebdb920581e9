"""Morris screening on functions whose effects are known."""

import numpy as np
import pytest

from kanmon.core.draws import Uncertain, watched
from kanmon.core.source import Source
from kanmon.engines.morris import draws_at, effects, screening, trajectories

SOURCE = Source("test", "a test")


def screened(function, unknowns: int, count: int = 10, seed: int = 3):
    points = trajectories(unknowns, count, seed)
    return screening(points, function(points))


def test_each_trajectory_moves_every_unknown_once_by_the_same_step() -> None:
    points = trajectories(7, 6, seed=2)
    assert points.shape == (6, 8, 7)
    assert np.isin(np.round(points * 3, 12), [0, 1, 2, 3]).all()
    moves = np.diff(points, axis=1)
    assert ((np.abs(moves) > 1e-9).sum(axis=2) == 1).all()
    assert ((np.abs(moves) > 1e-9).sum(axis=1) == 1).all()
    assert np.abs(moves).max(axis=2) == pytest.approx(2 / 3)
    assert moves.sum(axis=(0, 1)) == pytest.approx(0), "up as often as down"


def test_an_additive_function_gives_its_own_coefficients() -> None:
    weights = np.array([5.0, -2.0, 0.0, 0.5])
    found = screened(lambda x: x @ weights + 7, 4)
    assert found.mu_star == pytest.approx(np.abs(weights))
    assert found.mu == pytest.approx(weights)
    assert found.sigma == pytest.approx(0, abs=1e-12)
    assert found.low == pytest.approx(found.high)
    assert found.order.tolist() == [0, 1, 3, 2]
    assert found.first.tolist() == [1.0, 0, 0, 0]


def test_an_interaction_shows_in_sigma_and_cancels_in_mu() -> None:
    points = trajectories(3, 400, seed=1)
    found = screening(points, (points[..., 0] - 0.5) * (points[..., 1] - 0.5) + points[..., 2])
    # The effect of one is the other's distance from the middle: 1/2 or 1/6 either way.
    assert found.mu[:2] == pytest.approx(0, abs=0.06)
    assert found.mu_star[:2] == pytest.approx(1 / 3, abs=0.03)
    assert found.sigma[:2] == pytest.approx(np.sqrt((1 / 4 + 1 / 36) / 2), abs=0.03)
    assert found.sigma[2] == pytest.approx(0, abs=1e-12)


def morris_1991(x):
    """The twenty inputs of Morris (1991), section 4; small coefficients at their signs."""
    w = 2 * (x - 0.5)
    for i in (2, 4, 6):
        w[..., i] = 2 * (1.1 * x[..., i] / (x[..., i] + 0.1) - 0.5)
    first = np.array([20.0] * 10 + [(-1.0) ** i for i in range(11, 21)])
    pairs = np.array([[-15.0 if max(i, j) < 6 else (-1.0) ** (i + j) for j in range(20)] for i in range(20)])
    y = w @ first + np.einsum("...i,ij,...j->...", w, np.triu(pairs, 1), w)
    for i in range(5):
        for j in range(i + 1, 5):
            for k in range(j + 1, 5):
                y = y - 10 * w[..., i] * w[..., j] * w[..., k]
                for m in range(k + 1, 4):
                    y = y + 5 * w[..., i] * w[..., j] * w[..., k] * w[..., m]
    return y


def test_the_inputs_of_morris_separate_as_in_the_paper() -> None:
    found = screened(morris_1991, 20, count=20)
    assert set(found.order[:10].tolist()) == set(range(10))
    # Inputs 8 to 10 are strong and nearly linear; 1 to 6 owe much of their effect to others.
    assert found.mu[7:10] == pytest.approx(40, abs=8)
    assert found.sigma[7:10].max() < found.sigma[:6].min() / 2
    assert (found.low <= found.mu_star).all()
    assert (found.mu_star <= found.high).all()
    assert found.first.sum() == pytest.approx(1)


def test_too_few_are_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        trajectories(0, 4)
    with pytest.raises(ValueError, match="at least"):
        trajectories(3, 1)


def test_effects_follow_the_unknown_and_not_the_order() -> None:
    points = trajectories(2, 4, seed=5)
    assert effects(points, 3 * points[..., 1]) == pytest.approx(np.tile([0.0, 3.0], (4, 1)))


def uncertain(name: str, low: float, mid: float, high: float) -> Uncertain:
    return Uncertain((name, "", "", ""), low, mid, high, "triangular", "days", "assumed", SOURCE)


def test_points_become_draws_within_the_ranges_and_the_rest_is_held() -> None:
    points = trajectories(2, 4)
    moved = (uncertain("a", 0, 1, 4), uncertain("b", 5, 6, 7))
    draws = draws_at(points, moved, {("a", "", "", ""): 1.0, ("c", "", "", ""): 9.0}, 1)
    assert draws.count == 12
    assert not draws.streams
    assert len(np.unique(draws.get("a").round(9))) == 4
    assert 0 < draws.get("a").min() < draws.get("a").max() < 4
    assert (draws.get("c") == 9).all()


def test_watched_draws_tell_what_was_read() -> None:
    draws, read = watched(draws_at(trajectories(1, 2), (uncertain("a", 0, 1, 2),), {}, 1))
    assert not read
    draws.values.get(("b", "", "", ""))
    draws.get("a")
    assert read == {("a", "", "", ""), ("b", "", "", "")}
    assert np.array_equal(draws.first(2).get("a"), draws.get("a")[:2])


def test_the_drivers_of_a_measure_are_found_and_named(monkeypatch) -> None:
    from kanmon.app import drivers
    from kanmon.app.what import resolve
    from kanmon.world.lookups import describe, symbols
    from kanmon.world.world import World

    world, whole = World.default(), drivers._uncertain

    def few(world, coverage):
        """All at their middle but one stock and one flow."""
        found = dict(whole(world, coverage))
        stock = next(k for k in found if k[0] == "n_private" and k[3] == "JPN" and found[k].high > 100)
        flow = next(k for k in found if k[0] == "flow")
        return {
            k: u if k in (stock, flow) else Uncertain(k, u.mid, u.mid, u.mid, *FIXED)
            for k, u in found.items()
        }

    FIXED = ("fixed", "", "assumed", SOURCE)
    monkeypatch.setattr(drivers, "_uncertain", few)
    found = drivers.drivers(resolve("CN-2026-01"), world, count=2)
    names = [describe(world, u.key, symbols(world)) for u in found.unknowns]
    assert len(names) == 2
    assert any(n.startswith("flow of ") and " from " in n for n in names)
    stock = next(k for k, u in enumerate(found.unknowns) if u.key[0] == "n_private")
    assert found.screening.mu[stock] < 0, "more stock, less loss"
    assert found.loss.low > 0
    again = drivers.drivers(resolve("CN-2026-01"), world, count=2)
    assert np.array_equal(again.screening.mu, found.screening.mu)
