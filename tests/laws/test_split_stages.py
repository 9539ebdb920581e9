"""The set of stages: compounds and metals are the product divided, ores feed metals, nothing is added."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kanmon.app.shortage_words import known
from kanmon.core.draws import draw
from kanmon.core.errors import InputError
from kanmon.world import World
from kanmon.world.split import merge, split
from kanmon.world.split_account import account
from kanmon.world.split_flows import product_flows
from kanmon.world.split_user import TEMPLATE

RARE = ("HREEC", "HREEM", "LREEC", "LREEM")


@pytest.fixture(scope="module")
def staged() -> World:
    return World.default().with_products("stages")


def test_compounds_and_metals_are_the_product_in_every_draw(staged: World) -> None:
    focus = staged.focus(["CHN", "JPN", "VNM", "MMR"])
    draws = draw(staged.parameters, 16, 3)
    whole = product_flows(World.default(), focus, draws, ["HREE", "LREE"])
    parts = product_flows(staged, focus, draws, RARE)
    for name in ("HREE", "LREE"):
        np.testing.assert_allclose(
            parts[name + "C"] + parts[name + "M"], whole[name], rtol=1e-9, atol=1e-9 * whole[name].max()
        )
    metals = staged.trade.imports("JPN", ["280530"], [2022])["value_usd_m"].sum()
    abroad = [r for r, code in enumerate(focus.regions) if code != "JPN"]
    sold = parts["HREEM"] + parts["LREEM"]
    np.testing.assert_allclose(sold[:, abroad, 1].sum(axis=1), metals, rtol=1e-9)
    assert min(flow.min() for flow in parts.values()) >= 0


def test_the_stages_merge_back_and_nothing_is_negative(staged: World) -> None:
    focus = staged.focus(["CHN", "JPN", "VNM"])
    table = split(focus, staged, draw(staged.parameters, 4, 5))
    np.testing.assert_allclose(merge(table, focus).Z, focus.Z, rtol=1e-9, atol=1e-9 * focus.Z.max())
    for values in (table.Z, table.final, table.value_added):
        assert values.min() >= 0
    assert any(s.title.startswith("product set stages") for s in table.sources)


def test_each_stage_goes_into_the_next(staged: World) -> None:
    inputs = {k: set(p.inputs) & set(staged.products) for k, p in staged.products.items()}
    assert inputs["LREEM"] == {"LREEC"}
    assert inputs["HREEM"] == {"HREEC"}
    assert inputs["MAGL"] == {"LREEM"}
    assert inputs["MAGH"] == {"LREEM", "HREEM", "HREEC"}
    assert (inputs["W"], inputs["SB"]) == ({"WORE"}, {"SBORE"})
    order = list(staged.products)
    assert all(order.index(i) < order.index(k) for k, found in inputs.items() for i in found)
    focus = staged.focus(["CHN", "JPN", "VNM"])
    table = split(focus, staged)
    n = len(table.sectors)
    Z = table.Z[0].reshape(len(table.regions), n, len(table.regions), n)
    x = table.x[0].reshape(len(table.regions), n)
    at = table.sectors.index
    for stage, made in (("LREEC", "LREEM"), ("LREEM", "MAGL"), ("WORE", "W"), ("SBORE", "SB")):
        bought = Z[:, at(stage), :, at(made)].sum(axis=0)
        assert bought[0] > 0  # China
        assert (bought <= 0.9 * x[:, at(made)] + 1e-9).all()
    users = account(focus, staged).users
    vietnam = {u.user: u.asked_share for u in users if (u.product, u.buyer) == ("LREEC", "VNM")}
    assert vietnam["LREEM"] == pytest.approx(0.9)


def test_what_a_stage_does_not_say_is_that_of_the_whole(staged: World) -> None:
    ours = World.default()
    for symbol in ("n_private", "n_state", "l_max", "beta_max", "approval"):
        row, whole = (w.lookup(symbol, k, "", "JPN") for w, k in ((staged, "HREEM"), (ours, "HREE")))
        assert row is not None
        assert whole is not None
        assert (row.low, row.mid, row.high, row.source) == (whole.low, whole.mid, whole.high, whole.source)
    words = known(staged)
    assert words.goods["hree"] == ("HREEC", "HREEM")
    assert "hree" not in words.absent
    one = staged.with_products("one-grade")
    assert "LREEM" in one.products["MAG"].inputs
    assert "LREE" not in one.products


def test_a_product_named_as_a_user_is_made_from_yours(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(TEMPLATE.replace("C20 = [0.0, 0.01, 0.03]", "W = [0.1, 0.2, 0.3]"), "utf-8")
    world = World.default().with_products(file)
    assert world.products["W"].inputs == ("VANOX",)
    assert next(iter(world.products)) == "VANOX"
    file.write_text(TEMPLATE.replace("inputs = []", 'grade_of = "W"'), "utf-8")
    with pytest.raises(InputError, match="grade_of"):
        World.default().with_products(file)
