"""The sector engine keeps the laws of engines/checks.py on random tables, and the checks can fail."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

import engine_cases as cases

from kanmon.core.errors import InputError
from kanmon.engines.base import Rationing
from kanmon.engines.checks import LAWS, Case, check_engine, loss_within_output, no_shock_no_loss
from kanmon.engines.sector import SectorEngine

RULES: tuple[Rationing, ...] = ("contract_first", "contract_and_final", "proportional")
SEEDS = st.integers(0, 10_000)


class OneRule(SectorEngine):
    """The engine with another rule than the default."""

    def __init__(self, rule: Rationing, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule

    def run(self, *args, **kwargs):
        return super().run(*args, **{**kwargs, "rationing": self.rule})


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@given(
    seed=SEEDS,
    kept=st.floats(0, 0.9),
    rule=st.sampled_from(RULES),
    product=st.sampled_from(["ALPHA", "C20"]),
    spare=st.sampled_from([0.05, 0.2, 1.0]),
)
@settings(max_examples=6, deadline=None, derandomize=True)
def test_laws(law, seed: int, kept: float, rule: Rationing, product: str, spare: float) -> None:
    engine = OneRule(rule, cases.book(), threads=2)
    shock = cases.shock(days=90, kept=kept, product=product)
    (result,) = check_engine(
        engine, cases.table(seed), shock, cases.draws(spare=spare), months=(2,), twin=("G", "G'"), laws=[law]
    )
    assert result.kept, str(result)
    assert not result.exempt


def test_the_cases_hurt() -> None:
    """A law about losses says nothing on cases without one."""
    out = SectorEngine(cases.book()).run(cases.table(0), cases.shock(), cases.draws(), months=(3,))
    assert out.lost_share("BUY", 3)[0] > 1e-3
    assert np.isfinite(out.first_day_5pct[0, 0]).any()


class Wrong(SectorEngine):
    """An engine that loses without a shock, and more than there is."""

    def run(self, *args, **kwargs):
        out = super().run(*args, **kwargs)
        return replace(out, va_lost_daily=out.va_lost_daily + out.va_year[:, None, :])


def test_checks_can_fail_and_exempt() -> None:
    engine = Wrong(cases.book())
    case = (cases.table(1), cases.shock(days=70), cases.draws())
    results = check_engine(engine, *case, months=(2,), laws=[no_shock_no_loss, loss_within_output])
    assert [r.kept for r in results] == [False, False]
    assert "BROKEN" in str(results[0])
    engine.exemptions = {"no_shock_no_loss": "it counts what would be lost anyway"}  # type: ignore[misc]
    results = check_engine(engine, *case, months=(2,), laws=[no_shock_no_loss])
    assert results[0].kept
    assert "anyway" in str(results[0])


def test_several_draws_same_bytes_whatever_the_threads() -> None:
    table, shock = cases.table(3, versions=6), cases.shock(days=70, draws=6)
    runs = [
        SectorEngine(cases.book(), threads=n).run(table, shock, cases.draws(6), months=(2,))
        for n in (1, 2, 5)
    ]
    for other in runs[1:]:
        assert other.va_lost_daily.tobytes() == runs[0].va_lost_daily.tobytes()
        assert other.binding_loss.tobytes() == runs[0].binding_loss.tobytes()
    assert len({runs[0].va_lost_daily[d].tobytes() for d in range(6)}) == 6


def test_fewer_draws_are_the_first_of_the_same() -> None:
    table, shock = cases.table(3, versions=4), cases.shock(days=70, draws=4)
    engine = SectorEngine(cases.book())
    few = engine.run(table, shock, cases.draws(2), months=(2,))
    many = engine.run(table, shock, cases.draws(4), months=(2,))
    assert np.array_equal(few.va_lost_daily, many.va_lost_daily[:2])


def test_extra_stock_delays_the_first_stop() -> None:
    engine, table, shock = SectorEngine(cases.book()), cases.table(0), cases.shock()
    plain = engine.run(table, shock, cases.draws(), months=(3,))
    more = engine.run(table, cases.with_stock(shock, 25), cases.draws(), months=(3,))
    first = [np.nan_to_num(out.first_day_1pct[0, 0], nan=np.inf).min() for out in (plain, more)]
    assert first[0] + 5 < first[1]
    assert more.lost("BUY", 3)[0] < 0.7 * plain.lost("BUY", 3)[0]
    left, before = more.cover_margin[0, 0, 0], plain.cover_margin[0, 0, 0]
    assert np.array_equal(np.isnan(left), np.isnan(before))
    assert (left[~np.isnan(left)] > before[~np.isnan(before)]).all()


def test_outcome_adds_up() -> None:
    table, shock = cases.table(0), cases.shock(days=91)
    out = SectorEngine(cases.book()).run(table, shock, cases.draws(), months=(1, 3))
    days = [round(m * 365 / 12) for m in (1, 3)]
    total = np.stack([out.va_lost_daily[:, :d].sum(axis=1) for d in days], axis=1)
    np.testing.assert_allclose(out.va_lost_sector.sum(axis=3), total, rtol=1e-12)
    assert out.direct_va_lost[0, 0] < total[0, 1, 0]
    assert out.products == ("ALPHA", "BETA")
    assert set(np.unique(out.binding)) <= set(range(-1, len(out.sectors)))
    c29, alpha = out.sectors.index("C29"), out.sectors.index("ALPHA")
    assert out.binding[0, 0, c29] == alpha
    assert out.binding_loss[0, 0, c29, 0] > 0
    assert out.cover_margin.shape == (1, 3, 2, 7)


def test_a_leg_on_an_unsplit_sector_counts_as_a_controlled_product() -> None:
    shock = cases.shock(product="C20")
    out = SectorEngine(cases.book()).run(cases.table(0), shock, cases.draws(), months=(3,))
    assert out.products == ("C20", "ALPHA", "BETA")
    assert out.lost("BUY", 3)[0] > 0
    assert any("C20" in text for text in out.assumptions)


def test_leakage_is_delivered_in_full_and_once() -> None:
    """Three tenths that leak arrive as three tenths: orders that left the cell do not shrink them."""
    table, shock = cases.table(0), cases.shock(days=400)
    leaking = cases.shock(days=400, kept=0.3)
    engine = SectorEngine(cases.book(spare=0, beta_max=0), without=("state_stocks", "upstream_share"))
    dry, some = (
        engine.outputs(table, s, cases.draws(), [("SEL", "ALPHA")])[0, -1, 0] for s in (shock, leaking)
    )
    node, to = table.node("SEL", "ALPHA"), slice(0, len(table.sectors))
    sold = table.Z[0, node, to].sum() / table.x[0, node]
    # Buyers that get something make more, and the seller sells a little more at home too.
    assert 0.3 <= (some - dry) / sold <= 0.36


def test_several_dated_restrictions_on_one_cell_and_on_several() -> None:
    """Where they overlap the stricter one holds; each ends on its own day."""
    table, base = cases.table(0), cases.shock(days=200)
    first, second = (
        cases.shock(200, 0.5, start=10, end=60).legs[0],
        cases.shock(200, 0.1, start=40, end=90).legs[0],
    )
    third = cases.shock(200, 0.0, product="BETA", start=80, end=120).legs[0]
    both = np.minimum(first.kept, second.kept)
    engine = SectorEngine(cases.book())
    run = [
        engine.run(table, replace(base, legs=legs), cases.draws(), months=(6,)).va_lost_daily
        for legs in [(first, second), (second, first), (replace(first, kept=both),), (first, second, third)]
    ]
    np.testing.assert_array_equal(run[0], run[1])
    np.testing.assert_array_equal(run[0], run[2])
    np.testing.assert_allclose(run[3][:, :80], run[0][:, :80], rtol=1e-9, atol=1e-15)
    assert run[3][:, 80:].sum() > run[0][:, 80:].sum()


@pytest.mark.parametrize(
    ("part", "dearer"),
    [
        ("spare_output", True),
        ("thrift", True),
        ("state_stocks", True),
        ("private_stocks", True),
        ("recapture", True),
        ("restart_delay", False),
        ("upstream_share", True),
    ],
)
def test_parts_switched_off_move_the_loss_the_way_they_should(part: str, dearer: bool) -> None:
    table, shock = cases.table(0), cases.shock(days=200, end=90)
    # A slow restart, so that it binds: stocks refill slowly too.
    whole = SectorEngine(cases.book(restart=150)).run(table, shock, cases.draws(), months=(6,))
    less = SectorEngine(cases.book(restart=150), without=[part]).run(table, shock, cases.draws(), months=(6,))
    gap = (less.va_lost_daily - whole.va_lost_daily).sum()
    assert gap > 0 if dearer else gap < 0
    assert any("Switched off" in text for text in less.assumptions)
    assert not any("Switched off" in text for text in whole.assumptions)


def test_runs_that_do_not_fit_are_refused_with_every_problem() -> None:
    table, shock = cases.table(0), cases.shock(days=60)
    leg = replace(shock.legs[0], seller="SELL", product="ALPA")
    with pytest.raises(InputError) as caught:
        SectorEngine(cases.book()).run(table, replace(shock, legs=(leg,)), cases.draws(3), months=(12,))
    text = str(caught.value)
    assert "SEL" in text
    assert "ALPHA" in text
    assert "horizon needs 365" in text
    bad = replace(shock, legs=(replace(shock.legs[0], kept=np.full((1, 60), np.nan)),))
    with pytest.raises(InputError, match="within 0 and 1"):
        SectorEngine(cases.book()).run(table, bad, cases.draws(), months=(1,))
    with pytest.raises(InputError, match="thrift"):
        SectorEngine(cases.book(), without=["thrifty"])
    case = Case(SectorEngine(cases.book()), replace(table, final=table.final * 2), shock, cases.draws(), (1,))
    with pytest.raises(InputError, match="balance"):
        case.run()
