"""Money and fixes of a firm: bounds in the right order, nothing lost with ample stock, fixes never hurt."""

from __future__ import annotations

import importlib.util
import itertools
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from kanmon.company.bands import bands
from kanmon.company.fixes import Option, best_lists, first_stop, with_options
from kanmon.company.program import affected, least_lost
from kanmon.company.spread import Case, lasting
from kanmon.kernels.netting import NEVER, Netting, cover_jointly
from kanmon.measure.load import find

spec = importlib.util.spec_from_file_location("netting_cases", Path(__file__).parent / "test_netting.py")
assert spec is not None
assert spec.loader is not None
cases_of = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases_of)

DAYS = 56
seeds = st.integers(0, 2**32 - 1)


def greedy(g: Netting, margin: np.ndarray) -> float:
    stop, _ = cover_jointly(g, DAYS)
    gone = np.where(stop == NEVER, 0, DAYS - stop) * g.need + np.where(stop == 0, g.backlog, 0.0)
    return float((gone * margin).sum())


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_the_least_loss_is_at_most_what_all_lose_who_draw_until_they_stop(seed: int) -> None:
    g = cases_of.network(seed)
    margin = np.array([3.0, 1.0, 2.0])
    reach, lost = least_lost(g, margin, DAYS)
    least = float((lost * margin[reach.products][:, None]).sum())
    assert -1e-6 <= least <= greedy(g, margin) + 1e-5 * (1 + greedy(g, margin))


def test_scarce_stock_goes_where_it_earns_most() -> None:
    """Two products share 70 pieces; each sells 1 a day for 56 days: 42 of 112 must go, the poorer ones."""
    g = Netting(
        np.array([0, 1, 2, 2]),
        np.array([2, 2]),
        np.array([1.0, 1.0]),
        np.array([0, 1]),
        np.array([1.0, 1.0]),
        np.zeros(2),
        np.array([True, True, False]),
        np.array([False, False, True]),
        np.array([0.0, 0.0, 70.0]),
        np.zeros(3),
        np.zeros(4, np.int64),
        np.zeros(0, np.int64),
        np.zeros(0),
        np.full(3, 1e-8),
    )
    reach, lost = least_lost(g, np.array([5.0, 2.0]), DAYS)
    assert reach.products.tolist() == [0, 1]
    np.testing.assert_allclose(lost.sum(axis=1), [0.0, 42.0], atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_ample_stock_loses_nothing(seed: int) -> None:
    g = cases_of.network(seed)
    rich = g._replace(stock=np.full_like(g.stock, 1e6))
    _, lost = least_lost(rich, np.ones(3), DAYS)
    assert float(lost.sum()) < 1e-3


def option(g: Netting, item: int, cost: float, weekly: float, ready: int) -> Option:
    return Option(f"o{item}", item, "second_source", "", cost, 0.0, ready, weekly, 0.0, "user", "sourced")


@settings(max_examples=20, deadline=None)
@given(seeds)
@example(100_000_001)  # a gap as a share of sales bought what costs more than it saves
def test_a_larger_budget_never_loses_more_and_fixes_never_hurt(seed: int) -> None:
    g = cases_of.network(seed)
    limited = np.flatnonzero(g.limited)
    assume(len(limited) >= 2 and len(affected(g, DAYS).products))
    drawn = [Case(1.0, 1.0, 400, 0.5, 90), Case(0.9, 1.1, 40, 0.5, 90)]
    menu = [option(g, int(i), 5.0 + i, 50.0, 7 * k) for k, i in enumerate(limited[:3])]
    lists = best_lists(g, np.array([3.0, 1.0, 2.0]), menu, drawn, [0.0, 10.0, 100.0], DAYS)
    total = [x.loss_after + x.spent for x in lists]
    slack = 1e-3 * (1 + lists[0].loss_before)
    assert all(x.loss_after <= x.loss_before + slack for x in lists)
    assert all(later <= earlier + slack for earlier, later in itertools.pairwise(total))
    assert all(x.spent <= x.budget + 1e-6 for x in lists)


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(0, 40), st.floats(1, 100))
def test_an_option_never_brings_the_first_stop_forward(seed: int, ready: int, weekly: float) -> None:
    g = cases_of.network(seed)
    before = first_stop(g, DAYS)
    item = int(np.flatnonzero(g.limited)[0]) if g.limited.any() else 0
    after = first_stop(with_options(g, [replace(option(g, item, 1.0, weekly, ready))], DAYS), DAYS)
    assert (DAYS if after is None else after) >= (DAYS if before is None else before)


def licence(g: Netting, item: int, weekly: float) -> Option:
    return Option(f"l{item}", item, "licence", "", 0.0, 0.0, 9, 1.0, 0.0, "menu", "assumed", licensed=weekly)


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(0, DAYS), st.floats(0, 1))
def test_a_licence_that_is_given_never_costs_cover_or_money(seed: int, day: int, approval: float) -> None:
    g = cases_of.network(seed)
    drawn = [Case(1.0, 1.0, 40, approval, day), Case(0.9, 1.1, 400, approval, day)]
    applied = [licence(g, int(i), 30.0) for i in np.flatnonzero(g.limited)]
    margin = np.array([3.0, 1.0, 2.0])
    without, with_ = bands(g, margin, drawn, DAYS), bands(g, margin, drawn, DAYS, applied)
    for before, after in zip(without.firm_days, with_.firm_days, strict=True):
        assert (DAYS if after is None else after) >= (DAYS if before is None else before)
    # One unit of a licence frees stock that others draw on, so single products may lose; a refused one
    # (approval 0) changes nothing at all.
    if approval == 0:
        assert with_ == without


def test_a_licence_of_a_case_comes_on_its_day_for_its_share() -> None:
    o = licence(cases_of.network(1), 0, 70.0).drawn(Case(1.0, 1.0, 400, 0.25, 33))
    assert (o.ready, o.weekly) == (33, 17.5)


def test_a_stopped_product_goes_on_at_the_licensed_share_of_its_scarcest_item() -> None:
    """Ten pieces at 1 a day, then half the flow from day 20 of 56: 10 days lost in full, 36 at half."""
    g = Netting(
        np.array([0, 1, 1]),
        np.array([1]),
        np.array([1.0]),
        np.array([0]),
        np.array([1.0]),
        np.zeros(1),
        np.array([True, False]),
        np.array([False, True]),
        np.array([0.0, 10.0]),
        np.zeros(2),
        np.zeros(3, np.int64),
        np.zeros(0, np.int64),
        np.zeros(0),
        np.full(2, 1e-8),
    )
    found = bands(g, np.ones(1), [Case(1.0, 1.0, 400, 0.5, 20)], DAYS, [licence(g, 1, 7.0)])
    assert found.firm_days == (10, 10, 10)
    assert found.lost_margin[1] == 46.0 - 0.5 * 36


def test_the_end_of_the_stop_is_drawn_from_the_curve_of_its_kind() -> None:
    """Ranks go through the curve: the same rank never gives an earlier end for a later day asked about."""
    found = lasting([find("CN-2026-01")], date(2026, 1, 6), date(2026, 1, 6))
    assert found is not None
    ends = found.quantile(np.array([0.05, 0.5, 0.95]))
    assert ends.tolist() == [found.low, found.mid, found.high]
    assert 0 < found.low < found.mid < found.high
    later = lasting([find("CN-2026-01")], date(2026, 6, 6), date(2026, 6, 6))
    assert later is not None
    assert later.mid > 0
