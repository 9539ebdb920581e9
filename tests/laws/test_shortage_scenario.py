"""Scenarios of a user's own on the default model: laws on random ones, sums by hand, the legs of `assess`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kanmon as km
from kanmon.app import model
from kanmon.app.run import find_coverage
from kanmon.app.shortage import run_shortage
from kanmon.app.what import resolve
from kanmon.core.draws import draw
from kanmon.engines.ensemble import run_ensemble
from kanmon.engines.sector import SectorEngine
from kanmon.expose.shock import shock_parameters
from kanmon.world import World

WIOD = Path(__file__).parents[3] / "shared" / "data" / "wiod2013"
REGIONS = ("CHN", "DEU", "FRA", "USA")
BUYERS = ("DEU", "FRA")
TOLERANCE = 1e-4
"""Of a year's value added: restocking after a stop may lift output above normal (engines/checks.py)."""
DAYS = 100


def run(*restrictions, table=None, regions=REGIONS, rationing="a", draws=8, **top):
    raw = {"name": "made", "buyers": list(BUYERS), "days": DAYS, "restriction": list(restrictions)} | top
    return run_shortage(raw, table=table, regions=regions, draws=draws, rationing=rationing)


def content(found):
    """What an outcome says, as bytes."""
    return {
        letter: [getattr(o, name).tobytes() for name in ("va_lost_daily", "cover_margin", "direct_va_lost")]
        for letter, o in found.outcomes.items()
    }


def ban(product="GA", **more):
    return {"kind": "ban", "seller": "CHN", "product": product, "buyer": "DEU"} | more


share = st.floats(0.05, 1.0).map(lambda v: round(v, 3))
triple = st.tuples(share, share, share).map(sorted)
value = st.one_of(share, triple)
EXTRA = {
    "ban": {},
    "licence": {"review_days": st.integers(0, 40), "approval": value},
    "quota": {"volume_share": value},
    "listing": {"buyer_share": value},
    "throttling": {"delay_days": st.integers(1, 40), "volume_share": value},
}


@st.composite
def restrictions(draw_):
    kind = draw_(st.sampled_from(sorted(EXTRA)))
    found = {
        "kind": kind,
        "seller": "CHN",
        "product": draw_(st.sampled_from(["GA", "GE", "C26", "C20"])),
        "buyer": draw_(st.sampled_from(["DEU", "FRA", "all"])),
        "first": draw_(st.integers(0, 60)),
    }
    if draw_(st.booleans()):
        found["last"] = found["first"] + draw_(st.integers(0, DAYS - 1 - found["first"]))
    for key, values in {"share": value, "enforcement": value, "leakage": value, **EXTRA[kind]}.items():
        if key in EXTRA[kind] or draw_(st.booleans()):
            found[key] = draw_(values)
    return found


few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(restrictions())
def test_a_restriction_that_keeps_everything_changes_nothing_to_the_last_bit(one):
    nothing = [
        ban("C29", enforcement=0.0, buyer="FRA", rush_days=[0, 10, 20]),
        ban("W", share=0, leakage=[0, 0.1, 0.5]),
        {"kind": "quota", "seller": "USA", "product": "SB", "buyer": "all", "volume_share": 1},
        {"kind": "quota", "seller": "USA", "product": "C20", "buyer": "all", "volume": 1e9, "unit": "usd_m"},
    ]
    alone, among = run(one), run(nothing[0], nothing[1], one, *nothing[2:], overlap="strictest")
    assert content(alone) == content(among)
    # The one made at random is the third; its own values may keep everything too.
    assert {r.name for r in among.idle} - {"restriction 3"} == {f"restriction {k}" for k in (1, 2, 4, 5)}
    assert alone.table.products == among.table.products


@few
@given(restrictions())
def test_days_before_the_start_are_untouched_and_losses_stay_within_output(one):
    o = run(one | {"rush_days": [0, 5, 20]}, rationing="c").main
    share = o.va_lost_daily / (o.va_year[:, None, :] / 365)
    # The row of a throttled seller is summed cell by cell: its last bit may differ.
    assert np.abs(share[:, : one["first"]]).max(initial=0.0) <= 1e-15
    assert share.max() <= 1 + 1e-9


def cost(found):
    """Loss of the buyers over the run as a share of a year's value added, (draws,)."""
    o = found.main
    at = [o.regions.index(b) for b in BUYERS]
    return o.va_lost_daily[:, :, at].sum(axis=(1, 2)) / o.va_year[:, at].sum(axis=1)


@few
@given(restrictions())
def test_longer_and_larger_are_not_cheaper(one):
    longer = {k: v for k, v in one.items() if k != "last"}
    # As long as leakage of the one does not depend on the other, more enforcement stops more.
    larger = {k: v for k, v in longer.items() if k not in ("share", "enforcement")} | {"enforcement": 1.0}
    milder = larger | {"enforcement": 0.5}
    assert (cost(run(one)) <= cost(run(longer)) + TOLERANCE).all()
    assert (cost(run(milder)) <= cost(run(larger)) + TOLERANCE).all()


def test_without_a_restriction_nothing_is_lost():
    found = run(rationing="all")
    for outcome in found.outcomes.values():
        assert (outcome.va_lost_daily == 0).all()
        assert (outcome.final_unserved == 0).all()
    assert found.answer()["what_is_stopped"] == ["Nothing is stopped."]
    quiet = run(ban(enforcement=0), rationing="a")
    assert (quiet.main.va_lost_daily == 0).all()
    assert quiet.shock.legs == ()


def test_the_order_of_restrictions_of_fixed_values_does_not_matter():
    one, two = ban("GA", enforcement=0.7, leakage=0.1), ban("C26", first=30, share=0.2)
    assert content(run(one, two)) == content(run(two, one))


# --- sums by hand ----------------------------------------------------------------------------------


def kept(found, product="GA", buyer="DEU"):
    (leg,) = [g for g in found.shock.legs if g.product == product and buyer in g.buyers]
    return leg.kept


WHOLE = {"enforcement": 1.0, "leakage": 0.0}


def test_quotas_by_hand():
    quota = {"kind": "quota", "seller": "CHN", "buyer": "DEU", **WHOLE}
    of = {"product": "GA", "unit": "tonnes", "volume": 30, "normal": 120}
    found = run(quota | of, quota | {"product": "GE", "volume_share": 0.4, "enforcement": 0.5, "first": 10})
    assert (kept(found) == 0.25).all()
    np.testing.assert_allclose(kept(found, "GE")[:, 10:], 0.7, rtol=0, atol=1e-15)
    assert (kept(found, "GE")[:, :10] == 1).all()
    assert not found.shock.upper_bound_only
    blind = run(quota | {"product": "GA"})
    assert blind.shock.upper_bound_only
    assert (kept(blind) == 0).all()
    assert blind.losses()["usd_m_mid"].is_null().all()
    assert blind.losses()["usd_m_high"].max() > 0


def test_a_quota_in_money_is_held_against_the_flow_of_the_table():
    quota = {"kind": "quota", "seller": "CHN", "buyer": "DEU", "product": "C26", "unit": "usd_m", **WHOLE}
    found = run(quota | {"volume": 5000})
    flow = found.table.sold("C26")[:, found.table.regions.index("CHN"), found.table.regions.index("DEU")]
    assert flow.min() > 5000
    np.testing.assert_allclose(kept(found, "C26")[:, 0], np.full(8, 5000 / flow), rtol=1e-12)
    assert run(quota | {"volume": 1e7}).shock.legs == ()


def test_different_goods_add_up_and_of_the_same_the_strictest_holds():
    part = {"goods": "lasers", "share": 0.3}
    other = {"goods": "lenses", "share": 0.2, "first": 20}
    found = run(ban("C26", **part, **WHOLE), ban("C26", **other, **WHOLE))
    np.testing.assert_allclose(kept(found, "C26")[0, [0, 40]], [0.7, 0.5], atol=1e-15)
    assert "add up" in found.joined[0]
    licence = {"kind": "licence", "seller": "CHN", "product": "GA", "buyer": "DEU", **WHOLE}
    found = run(licence | {"review_days": 10, "approval": 0.5}, ban(share=0.8, **WHOLE))
    np.testing.assert_allclose(kept(found)[0, [0, 13, 14, 50]], [0, 0, 0.2, 0.2], atol=1e-12)
    assert "the strictest holds" in found.joined[0]
    assert len(found.answer()["what_is_stopped"]) == 2


def test_sales_at_home_are_never_met_and_what_is_afloat_is_stock():
    found = run(ban("GA", seller="all", buyer="all", goods_afloat_days=10, rush_days=5, **WHOLE))
    assert all(leg.seller not in leg.buyers for leg in found.shock.legs)
    bought = found.table.sold("GA")[0, :, found.table.regions.index("DEU")]
    abroad = 1 - bought[found.table.regions.index("DEU")] / bought.sum()
    assert found.shock.extra_stock_days[("DEU", "GA")][0] == pytest.approx(5 + 10 * abroad)


def test_what_is_carved_out_of_a_sector_goes_with_the_whole_sector():
    found = run(ban("HREE", buyer="FRA"), ban("C20", **WHOLE))
    mine = {leg.product for leg in found.shock.legs if "DEU" in leg.buyers}
    assert {"C20", "HREE", "LREE"} <= mine
    part = run(ban("HREE", buyer="FRA"), ban("C20", share=0.5, **WHOLE))
    assert {leg.product for leg in part.shock.legs if "DEU" in leg.buyers} == {"C20"}


def test_an_hs_code_is_the_products_that_hold_it_or_a_share_of_its_sector():
    world = World.default()
    product = next(p for p in world.products.values() if p.id == "GA")
    found = run(ban(product.hs[0]))
    assert "GA" in {leg.product for leg in found.shock.legs}
    assert any(product.hs[0] in note for note in found.notes)


# --- the same legs as an assessment -----------------------------------------------------------------


@cache
def full_stop():
    """The full stop of the founding case: products that stand apart, table, shock and outcome."""
    world, question = World.default(), resolve("CN-2026-01")
    buyer, _, coverage = find_coverage(question, None, date(2026, 8, 24), world)
    goods = tuple(c for c in coverage.scenario("full_stop") if c.product in world.products)
    coverage = replace(coverage, covered=goods)
    focus = model.focus_of(world, question.measure, coverage, detail=False)
    drawn = draw((*world.parameters, *shock_parameters(coverage)), 8, 1)
    on = model.ground(world, question.measure, coverage, focus, drawn, 365)
    (shock,) = on.shocks
    outcome = run_ensemble(SectorEngine(world.parameters), on.whole, shock, on.draws)
    return question.measure, buyer, goods, outcome


def test_the_full_stop_of_the_founding_case_is_the_same_from_a_scenario_file():
    measure, buyer, goods, outcome = full_stop()
    names = ", ".join(f'"{c.product}"' for c in goods)
    text = (
        f'name = "full stop"\n[[restriction]]\nkind = "ban"\nseller = "{measure.imposers[0]}"\n'
        f'product = [{names}]\nbuyer = "{buyer}"\n'
    )
    found = km.shortage(text, draws=8, rationing="a").main
    assert found.regions == outcome.regions
    assert found.sectors == outcome.sectors
    for name in ("va_lost_daily", "va_lost_sector", "first_day_5pct", "cover_margin", "final_unserved"):
        np.testing.assert_array_equal(getattr(found, name), getattr(outcome, name), err_msg=name)


# --- another table ----------------------------------------------------------------------------------


@pytest.mark.skipif(not WIOD.exists(), reason="the real tables are not beside the checkout")
def test_on_a_wiod_table():
    from kanmon.world.tables import read_table

    table = read_table(WIOD / "wiod2011.npz")
    found = run(ban("C26", **WHOLE), ban("HREE", first=30), table=table)
    assert found.table.year == table.io.year
    assert (cost(found) > 0).all()
    assert {leg.product for leg in found.shock.legs} >= {"HREE"}
    quiet = run(table=table)
    assert (quiet.main.va_lost_daily == 0).all()
