"""What every Shock must keep: shares in [0, 1], leakage once, scenarios apart, longer never stops less."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from shock_cases import CARD, NAMES, PARAMETERS, Rows, coverage, item, made, row, sample, table, unknown

from kanmon.core.errors import MissingDataError
from kanmon.core.figure import Figure
from kanmon.expose import paths
from kanmon.expose.shock import left_out, shock_parameters, shocks


def direct(leg):
    """What moves without leakage."""
    return leg.kept - leg.leak


share = st.floats(0, 1)
triple = st.tuples(share, share, share).map(lambda t: tuple(sorted(t)))
instrument = st.sampled_from(["ban", "licence", "listing", "quota", "other"])
scenario = st.sampled_from(["letter", "practice", "full_stop", "feared"])


@settings(max_examples=40, deadline=None)
@given(instrument, triple, scenario, st.one_of(st.none(), st.integers(0, 200)))
def test_kept_and_leak_are_shares_and_leak_is_counted_once(kind, affected, name, lasts):
    cover = coverage(item("P1", kind, affected, name), item("P2", kind, affected, name))
    (shock,) = made(cover, days=120, count=8, lasts=lasts)
    for leg in shock.legs:
        assert leg.kept.shape == leg.leak.shape == (8, 120)
        assert leg.kept.min() >= 0
        assert leg.kept.max() <= 1
        assert leg.leak.min() >= 0
        assert not leg.kept.flags.writeable
        # What moves directly and what leaks never make more than the old flow.
        assert direct(leg).min() >= -1e-12
        assert leg.kept.max() <= 1


def test_leakage_is_part_of_what_is_kept():
    (shock,) = made(coverage(item("P1")))
    leg = shock.legs[0]
    assert leg.leak.mean() > 0.05
    enforced = sample(coverage(item("P1"))).get("e_enforce", "all controlled", "", "BUY")
    np.testing.assert_allclose(leg.kept, 1 - enforced[:, None] + leg.leak, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(instrument, st.integers(0, 100), st.integers(0, 100))
def test_a_longer_measure_never_stops_less(kind, first, second):
    short, long = sorted((first, second))
    cover = coverage(item("P1", kind, scenario="practice"))
    (a,), (b,) = (made(cover, days=120, count=8, lasts=n) for n in (short, long))
    assert (b.legs[0].kept <= a.legs[0].kept + 1e-15).all()
    assert (a.legs[0].kept[:, short:] == 1).all()


@settings(max_examples=25, deadline=None)
@given(instrument, triple, st.floats(0, 1))
def test_reaching_more_purchases_never_stops_less(kind, affected, more):
    wider = tuple(a + more * (1 - a) for a in affected)
    small, large = (
        made(coverage(item("P1", kind, t, "letter")), days=100, count=8) for t in (affected, wider)
    )
    assert (large[0].legs[0].kept <= small[0].legs[0].kept + 1e-12).all()


def test_licence_stops_all_in_review_then_what_is_not_approved():
    cover = coverage(item("P1", "licence", scenario="practice"))
    (shock,) = made(cover)
    kept = direct(shock.legs[0])
    drawn = sample(cover)
    enforced = drawn.get("e_enforce", "all controlled", "", "BUY")
    approval = drawn.get("approval", "P1", "", "BUY")
    # 45 working days are 63 calendar days.
    np.testing.assert_allclose(kept[:, :63], np.repeat(1 - enforced[:, None], 63, axis=1), atol=1e-12)
    after = 1 - enforced * (1 - approval)
    np.testing.assert_allclose(kept[:, 63:], np.repeat(after[:, None], 302, axis=1), atol=1e-12)


def test_a_licence_never_stops_more_than_a_ban():
    (ban,), (licence,) = (made(coverage(item("P1", k, scenario="practice"))) for k in ("ban", "licence"))
    assert (licence.legs[0].kept >= ban.legs[0].kept - 1e-12).all()


def test_watch_listed_buyers_never_get_a_licence():
    watched = Rows(
        *PARAMETERS.rows, row("watch_share", "all controlled", 0.4, 0.4, 0.4, distribution="fixed")
    )
    cover = coverage(item("P1", "licence", scenario="practice"))
    (with_list,), (without,) = made(cover, parameters=watched), made(cover)
    drawn = sample(cover, watched)
    enforced, approval = (
        drawn.get("e_enforce", "all controlled", "", "BUY"),
        drawn.get("approval", "P1", "", "BUY"),
    )
    np.testing.assert_allclose(
        direct(with_list.legs[0])[:, -1], 1 - enforced * (1 - 0.6 * approval), rtol=1e-12
    )
    assert any("watch list" in text for text in without.assumptions)
    assert not any("watch list" in text for text in with_list.assumptions)


def test_scenarios_are_never_pooled_and_full_stop_overrides_the_instrument():
    cover = coverage(
        item("P1", "licence", (0.1, 0.2, 0.4), "letter"), item("P1", "licence"), item("P2", "licence")
    )
    letter, stop = made(cover)
    assert (letter.scenario, stop.scenario) == ("letter", "full_stop")
    assert [leg.product for leg in letter.legs] == ["P1"]
    assert [leg.product for leg in stop.legs] == ["P1", "P2"]
    assert stop.legs[0].instrument == "ban"
    assert (direct(stop.legs[0]) <= 0.1 + 1e-12).all()
    assert (letter.legs[0].kept >= 0.6 - 1e-12).all()


def test_what_is_feared_comes_on_top_of_what_is_handled_in_practice():
    cover = coverage(
        item("P1", "licence", scenario="practice"),
        item("P2", "ban", scenario="letter"),
        item("P2", "licence", scenario="feared"),
    )
    feared = next(s for s in made(cover) if s.scenario == "feared")
    assert {leg.product: leg.instrument for leg in feared.legs} == {"P2": "ban", "P1": "licence"}


def test_the_unknown_reach_has_a_dimension_of_its_own_and_is_common_to_products():
    cover = coverage(
        item("P1", affected=(0.1, 0.3, 0.8), scenario="letter"),
        item("P2", affected=(0.1, 0.3, 0.8), scenario="letter"),
    )
    keys = [p.key for p in shock_parameters(cover)]
    assert ("affected", "", "letter", "BUY") in keys
    assert len(keys) == len(set(keys))
    (shock,) = made(cover, count=64)
    first, second = (leg.kept[:, 0] for leg in shock.legs)
    np.testing.assert_array_equal(first, second)
    assert 1 - first.max() < 0.25
    assert 1 - first.min() > 0.6


def test_a_rank_gives_back_the_triangular_quantiles():
    cover = coverage(item("P1", affected=(0.1, 0.3, 0.8), scenario="letter"))
    rank = sample(cover, count=256).get("affected", "", "letter", "BUY")
    values = paths.from_rank((0.1, 0.3, 0.8), rank)
    assert values.mean() == pytest.approx((0.1 + 0.3 + 0.8) / 3, abs=2e-3)
    assert np.all(np.argsort(values) == np.argsort(rank))


def test_an_unknown_share_of_buyers_leaves_the_scenario_out_with_the_reason():
    cover = coverage(
        item("P1", affected=None, scenario="letter"), item("P1"), left_out=(("feared", "nothing feared"),)
    )
    assert [s.scenario for s in made(cover)] == ["full_stop"]
    reasons = dict(left_out(cover))
    assert set(reasons) == {"letter", "feared"}
    assert "unknown" in reasons["letter"]


def test_a_tax_stops_no_flow():
    cover = coverage(item("P1", "tax", scenario="letter"))
    assert made(cover) == ()
    assert "price" in dict(left_out(cover))["letter"]


def test_a_quota_without_volume_is_an_upper_bound():
    (shock,) = made(coverage(item("P1", "quota", scenario="letter")))
    assert shock.upper_bound_only
    assert (shock.legs[0].kept == 0).all()
    assert any("upper bound" in text for text in shock.assumptions)


def test_hs_lines_scale_the_parent_cell_and_their_values_add_up():
    def share_of(_seller, _buyer, hs):
        return (0.01, 0.02, 0.04) if hs == ("810110", "810194") else 0.25

    cover = coverage(item("", hs=("810110", "810194")), item("", hs=("853400",)), item("P1"))
    (shock,) = made(cover, share_of, count=64)
    kept = {leg.product: direct(leg) for leg in shock.legs}
    assert not shock.upper_bound_only
    assert kept["MET"].min() >= 0.96
    assert kept["MET"].max() <= 0.992
    assert kept["ELE"].min() >= 0.75
    assert kept["ELE"].max() <= 0.775 + 1e-12


def test_lines_without_data_are_named_and_never_hide_the_others():
    (shock,) = made(coverage(item("P1"), item("", hs=("853400",))))
    assert [leg.product for leg in shock.legs] == ["P1"]
    assert not shock.upper_bound_only
    assert any("853400" in text and "Not counted" in text for text in shock.assumptions)


def test_codes_of_a_carved_product_are_not_counted_in_its_sector_again():
    (shock,) = made(
        coverage(item("P1", hs=("810110",)), item("", hs=("810110", "810194"))),
        lambda *_: 0.1,
    )
    met = next(leg for leg in shock.legs if leg.product == "MET")
    assert 0.9 <= direct(met).min() < 0.91
    assert any("810110 belongs to P1" in text for text in shock.assumptions)
    assert any("810194: 0.1 of the flow" in text for text in shock.assumptions)


def test_codes_of_a_product_carved_out_but_not_covered_are_left_alone_too():
    cover = coverage(item("P1"), item("", hs=("810194",)))
    names = replace(NAMES, codes={"P2": ("810194",)})
    (shock,) = shocks(cover, table(), sample(cover), PARAMETERS, lambda *_: 0.1, names=names)
    assert [leg.product for leg in shock.legs] == ["P1"]


def test_a_table_younger_than_the_measure_is_said():
    (shock,) = made(coverage(item("P1")))
    assert any("missing from the baseline" in text for text in shock.assumptions)


def test_no_product_data_at_all_is_an_upper_bound_on_the_sector_cell():
    (shock,) = made(coverage(item("", "licence", hs=("853400",), scenario="practice")), unknown)
    assert shock.upper_bound_only
    (leg,) = shock.legs
    assert leg.product == "ELE"
    assert (leg.kept == 0).all()
    assert "Upper bound" in shock.what_is_stopped


def test_rush_before_the_date_is_days_of_stock_for_that_product_only():
    (shock,) = made(coverage(item("P1"), item("P2")))
    assert set(shock.extra_stock_days) == {("BUY", "P1")}
    days = shock.extra_stock_days[("BUY", "P1")]
    assert days.max() <= 0.5 * 365 / 12
    assert days.max() > days.min() >= 0


def test_goods_afloat_are_stock_by_the_share_of_the_seller():
    rows = Rows(*PARAMETERS.rows, row("afloat", "all controlled", 10, 10, 10, distribution="fixed"))
    cover, own = coverage(item("P2")), table()
    S, node = len(own.sectors), own.node("BUY", own.sectors[0])
    Z = own.Z.copy()
    Z[0, own.node("SEL", "P2"), node], Z[0, own.node("OTH", "P2"), node] = 3.0, 1.0
    assert node // S == own.regions.index("BUY")
    split = replace(own, Z=Z)
    (shock,) = shocks(cover, split, sample(cover, rows), rows, unknown, names=NAMES)
    np.testing.assert_allclose(shock.extra_stock_days[("BUY", "P2")], 7.5)


def test_all_destinations_meet_every_other_region_and_nothing_leaks():
    (shock,) = made(coverage(item("P1")), all_buyers=True)
    assert shock.legs[0].buyers == ("BUY", "OTH")
    assert (shock.legs[0].leak == 0).all()


def test_several_clauses_on_one_product_give_one_leg_with_the_widest_reach():
    narrow, wide = (
        item("P1", affected=(0.2,) * 3, scenario="letter"),
        item("P1", "licence", scenario="letter"),
    )
    (shock,) = made(coverage(narrow, wide))
    (alone,) = made(coverage(wide))
    (leg,) = shock.legs
    assert (leg.kept <= alone.legs[0].kept).all()
    assert (direct(leg)[:, -1] < 0.8 + 1e-9).all()


def test_the_sentence_names_goods_sides_and_day():
    (shock,) = made(coverage(item("P1"), item("P2")))
    assert shock.what_is_stopped == "Full stop: SEL stops exports of P1 and P2 to BUY from 2020-01-01."
    assert any("0.9-1-1" in text for text in shock.assumptions)
    assert shock.sources


def test_a_region_the_table_lacks_is_refused():
    cover = replace(coverage(item("P1")), buyer="XXX")
    with pytest.raises(MissingDataError, match="XXX"):
        shocks(cover, table(), sample(cover), PARAMETERS, unknown, names=NAMES)


def quota(low, mid, high):
    volume = Figure("volume", mid, "share", "sourced", (CARD,), low, high)
    return replace(item("P1", "quota", scenario="letter"), volume=volume)


def test_a_quota_lets_its_volume_through():
    full = Rows(row("e_enforce", "all controlled", 1, 1, 1), row("l_max", "P1", 0, 0, 0))
    (shock,) = made(coverage(quota(0.7, 0.7, 0.7)), parameters=full)
    np.testing.assert_allclose(shock.legs[0].kept, 0.7, rtol=0, atol=1e-15)
    assert not shock.upper_bound_only
    (blind,) = made(coverage(item("P1", "quota", scenario="letter")), parameters=full)
    assert blind.upper_bound_only
    assert (blind.legs[0].kept == 0).all()


def test_a_range_of_a_volume_is_drawn_behind_everything_else():
    from kanmon.core.draws import extended
    from kanmon.expose.shock import volume_parameters

    cover = coverage(quota(0.5, 0.6, 0.9))
    plain = sample(cover)
    drawn = extended(plain, len(plain.values), volume_parameters(cover))
    assert all(drawn.values[key] is plain.values[key] for key in plain.values)
    (shock,) = shocks(cover, table(), drawn, PARAMETERS, unknown, 365, names=NAMES)
    moves = drawn.get("volume_share", "P1", "letter", "BUY")
    assert 0.5 < moves.min() < moves.max() < 0.9
    enforced = drawn.get("e_enforce", "all controlled", "", "BUY")
    expected = 1 - enforced * (1 - moves)
    np.testing.assert_allclose(direct(shock.legs[0])[:, 9], expected, atol=1e-12)


def test_inputs_added_behind_others_change_none_of_them():
    from kanmon.core.draws import extended

    more = [row(f"own{k}", "", 0, 0.5, 1) for k in range(20)]
    plain = sample(coverage(item("P1")))
    few, many = (extended(plain, len(plain.values), more[:n]) for n in (5, 20))
    for key, values in few.values.items():
        assert (many.values[key] == values).all()
    columns = np.array([many.values[r.key] for r in more])
    assert np.abs(np.corrcoef(columns) - np.eye(20)).max() < 0.75  # 32 points of as many columns
