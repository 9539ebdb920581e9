"""Days of cover: two independent computations agree exactly; laws a buyer would expect."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kanmon.kernels import netting, netting_plain
from kanmon.kernels.netting import NEVER, Netting

DAYS = 60


def network(seed: int, items: int = 14, products: int = 3) -> Netting:
    """A random bill of materials: products first, children after parents, leaves bought."""
    rng = np.random.default_rng(seed)
    first, child, quantity = [0], [], []
    made = np.zeros(items, dtype=bool)
    for i in range(items):
        below = np.arange(max(i + 1, products), items)
        if len(below) and (i < products or rng.random() < 0.5):
            chosen = rng.choice(below, size=min(len(below), int(rng.integers(1, 4))), replace=False)
            made[i] = True
            child.extend(int(c) for c in chosen)
            quantity.extend(float(q) for q in rng.integers(1, 9, len(chosen)) / 4)
        first.append(len(child))
    limited = ~made & (rng.random(items) < 0.6)
    stock = np.where(rng.random(items) < 0.7, rng.integers(0, 400, items), 0).astype(float)
    inflow = np.where(limited & (rng.random(items) < 0.3), rng.integers(0, 9, items) / 7, 0.0)
    due_of = np.sort(rng.integers(0, items, 8))
    due_first = np.searchsorted(due_of, np.arange(items + 1)).astype(np.int64)
    due_day = np.concatenate(
        [np.sort(rng.integers(0, DAYS, due_first[i + 1] - due_first[i])) for i in range(items)]
    ).astype(np.int64)
    due_quantity = rng.integers(1, 90, 8).astype(float)
    return Netting(
        np.array(first, np.int64),
        np.array(child, np.int64),
        np.array(quantity, float),
        np.arange(products, dtype=np.int64),
        rng.integers(1, 40, products) / 7,
        np.where(rng.random(products) < 0.3, rng.integers(0, 50, products), 0).astype(float),
        made,
        limited,
        stock,
        inflow,
        due_first,
        due_day,
        due_quantity,
        netting.rounding(stock, inflow, due_first, due_quantity, DAYS),
    )


def days_of(stop: np.ndarray) -> np.ndarray:
    return np.where(stop == NEVER, DAYS, stop)


seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=300, deadline=None)
@given(seeds)
def test_day_simulation_and_cumulative_netting_agree_exactly(seed: int) -> None:
    g = network(seed)
    np.testing.assert_array_equal(netting.cover_alone(g, DAYS)[0], netting_plain.cover_alone(g, DAYS))
    np.testing.assert_array_equal(netting.cover_jointly(g, DAYS)[0], netting_plain.cover_jointly(g, DAYS))


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_alone_is_never_shorter_than_jointly(seed: int) -> None:
    g = network(seed)
    assert np.all(days_of(netting.cover_alone(g, DAYS)[0]) >= days_of(netting.cover_jointly(g, DAYS)[0]))


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(0, 13), st.floats(0, 500))
def test_more_stock_never_brings_the_first_stop_forward(seed: int, item: int, more: float) -> None:
    g = network(seed)
    stock = g.stock.copy()
    stock[item] += more
    richer = g._replace(stock=stock)
    assert (
        days_of(netting.cover_jointly(richer, DAYS)[0]).min()
        >= days_of(netting.cover_jointly(g, DAYS)[0]).min()
    )
    assert np.all(days_of(netting.cover_alone(richer, DAYS)[0]) >= days_of(netting.cover_alone(g, DAYS)[0]))


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_without_limited_items_nothing_stops(seed: int) -> None:
    g = network(seed)
    free = g._replace(limited=np.zeros_like(g.limited))
    assert np.all(netting.cover_jointly(free, DAYS)[0] == NEVER)
    assert np.all(netting.cover_alone(free, DAYS)[0] == NEVER)


def test_hand_computed_cover() -> None:
    """7 motors a week, 2 magnets each, 20 magnets, 10 motors in stock, 4 magnets due on day 3.

    10 days from finished motors, then 24 magnets for 12 more: 22 full days.
    """
    g = Netting(
        np.array([0, 1, 1]),
        np.array([1]),
        np.array([2.0]),
        np.array([0]),
        np.array([1.0]),
        np.array([0.0]),
        np.array([True, False]),
        np.array([False, True]),
        np.array([10.0, 20.0]),
        np.array([0.0, 0.0]),
        np.array([0, 0, 1]),
        np.array([3]),
        np.array([4.0]),
        np.array([1e-8, 1e-8]),
    )
    assert netting.cover_alone(g, DAYS)[0].tolist() == [22]
    assert netting.cover_jointly(g, DAYS)[0].tolist() == [22]
    assert netting.cover_jointly(g, DAYS)[1].tolist() == [1]
