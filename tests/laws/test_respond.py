"""What responses must keep: same draws, nothing changed in place, never a larger loss."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from shock_cases import (
    CARD,
    NAMES,
    PARAMETERS,
    REGIONS,
    SECTORS,
    Rows,
    coverage,
    item,
    made,
    row,
    sample,
    table,
    unknown,
)

from kanmon.core.figure import Figure
from kanmon.engines.base import Outcome
from kanmon.expose.records import Survival
from kanmon.expose.shock import shocks
from kanmon.respond.best import days_left, expected, rank, value
from kanmon.respond.options import earlier_thrift, faster_resourcing, more_stock
from kanmon.respond.records import ResponseValue
from kanmon.world.records import SplitTable
from kanmon.world.world import World

COVER = coverage(item("P1"), item("P2"))


class OneStock:
    """A plain engine: the buyer loses what neither arrives, nor is in stock, nor is bought elsewhere."""

    name = "one stock"
    assumptions = ()

    def __init__(self):
        self.exemptions = {}
        self.seen = []

    def run(self, table, shock, draws, *, rationing="contract_first", months=(3, 6, 12)):
        self.seen.append((shock, draws))
        lost = np.zeros((shock.draws, shock.days, len(REGIONS)))
        elsewhere = 1 - np.exp(
            -np.arange(shock.days) / draws.get("tau_resource", "all controlled", "", "all")[:, None]
        )
        for leg in shock.legs:
            missing = (1 - leg.kept) * (1 - 0.3 * elsewhere)
            stock = shock.extra_stock_days.get(("BUY", leg.product), np.zeros(shock.draws))
            short = np.clip(np.cumsum(missing, axis=1) - stock[:, None], 0, None)
            lost[:, :, 1] += np.diff(short, axis=1, prepend=0)
        n, d, s = len(REGIONS), shock.draws, len(SECTORS)
        none = np.full((d, n, s), np.nan)
        return Outcome(
            "one stock", shock.scenario, rationing, REGIONS, SECTORS, table.products, months, lost,
            np.zeros((d, len(months), n, s)), np.full((d, n), 1e4), none, none, np.full((d, n, s), -1),
            np.zeros((d, n, s, 2)), np.zeros((d, n, 2, s)), np.zeros((d, n)), np.zeros((d, n)),
            shock.upper_bound_only, (), (CARD,),
        )  # fmt: skip


def setting(count=16):
    (shock,) = made(COVER, count=count)
    return OneStock(), shock, sample(COVER, count=count)


def survival(level=0.5):
    days = np.array([0.0, 100.0, 101.0, 400.0])
    share = np.array([1.0, 1.0, level, level])
    return Survival(100, days, share, share * 0.8, np.minimum(1, share * 1.2))


def responses():
    return [more_stock(60, PARAMETERS, "BUY"), faster_resourcing(2.0), earlier_thrift(2.0)]


@pytest.mark.parametrize("response", responses(), ids=lambda r: r.name)
def test_a_response_never_raises_the_loss_of_any_draw(response):
    engine, shock, draws = setting()
    base = engine.run(table(), shock, draws)
    helped = engine.run(table(), *response.apply(shock, draws))
    for months in (3, 6, 12):
        assert (helped.lost("BUY", months) <= base.lost("BUY", months) + 1e-9).all()


@pytest.mark.parametrize("response", responses(), ids=lambda r: r.name)
def test_nothing_is_changed_in_place(response):
    _, shock, draws = setting()
    stock = {k: v.copy() for k, v in shock.extra_stock_days.items()}
    values = {k: v.copy() for k, v in draws.values.items()}
    kept = [leg.kept.copy() for leg in shock.legs]
    response.apply(shock, draws)
    assert stock.keys() == shock.extra_stock_days.keys()
    assert all((stock[k] == v).all() for k, v in shock.extra_stock_days.items())
    assert all((values[k] == v).all() for k, v in draws.values.items())
    assert all((a == leg.kept).all() for a, leg in zip(kept, shock.legs, strict=True))


def test_the_response_runs_on_the_same_draws_and_rule():
    engine, shock, draws = setting()
    base = engine.run(table(), shock, draws, rationing="proportional", months=(6,))
    found = value(engine, table(), shock, draws, base, more_stock(60, PARAMETERS, "BUY"), "BUY", None)
    _, used = engine.seen[-1]
    assert used is draws
    helped = engine.run(table(), *more_stock(60, PARAMETERS, "BUY").apply(shock, draws))
    paired = base.lost("BUY", 6) - helped.lost("BUY", 6)
    assert found.avoided.value == pytest.approx(np.median(paired), rel=1e-12)
    assert found.avoided_expected.value == found.avoided.value
    assert found.in_time is None


def test_more_stock_adds_to_what_is_already_held_for_every_stopped_product():
    _, shock, draws = setting()
    with_stock, _ = more_stock(60, PARAMETERS, "BUY").apply(shock, draws)
    rush = shock.extra_stock_days[("BUY", "P1")]
    np.testing.assert_allclose(with_stock.extra_stock_days[("BUY", "P1")], rush + 60)
    np.testing.assert_allclose(with_stock.extra_stock_days[("BUY", "P2")], 60)


def test_no_stock_of_a_whole_sector_where_products_are_known():
    (shock,) = made(coverage(item("P1"), item("", hs=("853400",))), lambda *_: 0.02)
    with_stock, _ = more_stock(60, PARAMETERS, "BUY").apply(shock, sample(COVER))
    assert {leg.product for leg in shock.legs} == {"P1", "ELE"}
    assert set(with_stock.extra_stock_days) == {("BUY", "P1")}


def test_faster_resourcing_divides_its_times_and_leaves_the_rest():
    _, shock, draws = setting()
    _, fast = faster_resourcing(4.0).apply(shock, draws)
    for key, before in draws.values.items():
        factor = 4.0 if key[0] in ("tau_resource", "ramp") else 1.0
        np.testing.assert_array_equal(fast.values[key], before / factor)
    assert fast.count == draws.count


def test_cost_of_stock_is_use_of_those_days_and_unknown_parts_leave_only_a_bound():
    stock = more_stock(73, PARAMETERS, "BUY")
    (one,) = made(coverage(item("P1")))
    cost = stock.cost(one)
    assert (cost.low, cost.value, cost.high) == pytest.approx((18, 20, 24))
    (two,) = made(COVER)
    assert stock.cost(two).value is None
    assert stock.cost(two).low == pytest.approx(18)
    assert "P2" in stock.cost(two).note
    (other,) = made(coverage(item("P2")))
    assert stock.cost(other) is None
    assert faster_resourcing(2.0).cost(one) is None


def test_expected_loss_is_the_daily_loss_times_the_chance_that_it_still_holds():
    engine, shock, draws = setting()
    outcome = engine.run(table(), shock, draws)
    daily = outcome.va_lost_daily[:, :, 1]
    got = expected(outcome, "BUY", 12, survival())
    np.testing.assert_allclose(got, daily[:, :100].sum(axis=1) + 0.5 * daily[:, 100:].sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(
        expected(outcome, "BUY", 12, survival(1.0)), outcome.lost("BUY", 12), rtol=1e-12
    )


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 1), st.sampled_from([1, 3, 6, 12]))
def test_expected_loss_lies_between_nothing_and_the_loss_if_it_lasts(level, months):
    engine, shock, draws = setting(count=8)
    outcome = engine.run(table(), shock, draws)
    got = expected(outcome, "BUY", months, survival(level))
    assert (got >= 0).all()
    assert (got <= outcome.lost("BUY", months) + 1e-9).all()


def test_days_left_is_the_sum_of_the_curve():
    assert days_left(survival(), 365, (CARD,)).value == pytest.approx(100 + 0.5 * 265)


def test_every_figure_has_range_basis_and_source():
    engine, shock, draws = setting()
    base = engine.run(table(), shock, draws)
    found = value(engine, table(), shock, draws, base, faster_resourcing(2.0), "BUY", survival())
    assert found.avoided.low <= found.avoided.value <= found.avoided.high
    assert found.avoided_expected.value <= found.avoided.value
    assert found.ready_days.low < found.ready_days.value < found.ready_days.high
    assert found.in_time is True
    assert all(f.sources and f.unit for f in (found.avoided, found.avoided_expected, found.ready_days))


def test_an_upper_bound_has_no_mid_value():
    engine = OneStock()
    (shock,) = made(coverage(item("P1", "quota", scenario="letter")), count=8)
    draws = sample(COVER, count=8)
    base = engine.run(table(), shock, draws)
    found = value(engine, table(), shock, draws, base, more_stock(60, PARAMETERS, "BUY"), "BUY", None)
    assert found.avoided.value is None
    assert found.avoided.high > 0
    assert found.per_cost is None


def figure(number):
    return Figure("x", number, "USD million", "assumed", (CARD,), exact=True)


def valued(name, saved, per_cost, *, in_time):
    per = None if per_cost is None else figure(per_cost)
    return ResponseValue(name, "", "s", figure(saved), figure(saved), None, figure(0), per, None, in_time)


def test_rank_puts_what_comes_too_late_last_and_money_first():
    late = valued("late", 900, 90.0, in_time=False)
    dear, cheap = valued("dear", 800, 1.0, in_time=True), valued("cheap", 10, 5.0, in_time=True)
    small, large = valued("small", 1, None, in_time=None), valued("large", 2, None, in_time=None)
    order = [v.name for v in rank([late, small, dear, large, cheap])]
    assert order == ["cheap", "dear", "large", "small", "late"]


@pytest.mark.parametrize("make", [lambda: more_stock(0, PARAMETERS, "BUY"), lambda: faster_resourcing(0.5)])
def test_a_response_that_makes_things_worse_is_refused(make):
    with pytest.raises(ValueError, match=r"above 0|below 1"):
        make()


def random_table(seed):
    """Three regions, three sectors and two products; every industry buys a little of everything."""
    rng = np.random.default_rng(seed)
    n = len(REGIONS) * len(SECTORS)
    Z = rng.uniform(1, 20, (n, n))
    products = [r * len(SECTORS) + s for r in range(len(REGIONS)) for s in (3, 4)]
    Z[products] *= 0.02
    Z[:, products] *= 0.02
    final = rng.uniform(50, 100, n)
    final[products] = 0.0
    x = np.maximum(Z.sum(axis=1) + final, 1.3 * Z.sum(axis=0))
    final = x - Z.sum(axis=1)
    return SplitTable(
        REGIONS, ("C24B", "C26", "C29", "P1", "P2"), ("P1", "P2"), {"P1": "C24B", "P2": "C24B"}, Z[None],
        x[None], final[None], (x - Z.sum(axis=0))[None], 2022, (), (), (CARD,),
    )  # fmt: skip


class EngineRows(Rows):
    """The same parameters with what the sector engine asks besides."""

    def scale(self, symbol, product, country):
        return None


ENGINE_PARAMETERS = EngineRows(
    *PARAMETERS.rows,
    *(row(s, "all controlled", *v) for s, v in {
        "phi": (0.2, 0.5, 0.8), "n_private": (20, 40, 60), "beta_max": (0.05, 0.1, 0.2),
        "beta_lead": (60, 150, 300), "spare": (0.02, 0.1, 0.2),
    }.items()),
)  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_on_the_sector_engine_no_response_raises_the_loss(seed):
    from kanmon.engines.sector import SectorEngine

    split = random_table(seed)
    drawn = sample(COVER, ENGINE_PARAMETERS, count=4)
    (shock,) = shocks(COVER, split, drawn, ENGINE_PARAMETERS, unknown, 183, names=NAMES)
    engine = SectorEngine(ENGINE_PARAMETERS)
    base = engine.run(split, shock, drawn, months=(6,))
    assert base.lost_share("BUY", 6).max() > 1e-4
    for response in (more_stock(60, ENGINE_PARAMETERS, "BUY"), faster_resourcing(2.0), earlier_thrift(2.0)):
        helped = engine.run(split, *response.apply(shock, drawn), months=(6,))
        year = base.va_year[:, 1]
        assert (helped.direct_va_lost[:, 1] <= base.direct_va_lost[:, 1] + 1e-9 * year).all()
        # In all, home makers of the product lose the rush of orders that the shortage brought them.
        assert (helped.lost("BUY", 6) <= base.lost("BUY", 6) + 5e-4 * year).all()


def test_the_use_of_a_grade_is_its_share_of_that_of_the_whole():
    known = World.default().parameters
    for whole in set(known.grades.values()):
        both = known.use_value(whole, "JPN")
        parts = [known.use_value(grade, "JPN") for grade, of in known.grades.items() if of == whole]
        assert both.mid == pytest.approx(sum(part.mid for part in parts))
        assert all(part.low < part.mid < part.high for part in parts)
        assert known.use_value(whole, "USA") is None
