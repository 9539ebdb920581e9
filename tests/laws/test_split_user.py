"""A user's own products, flows and use shares: from files to a loss, and every fault told at once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kanmon import assess
from kanmon.app.cli import run
from kanmon.core.draws import draw
from kanmon.core.errors import InputError, MissingDataError
from kanmon.measure.files import load_file
from kanmon.world import World
from kanmon.world.split import merge, split
from kanmon.world.split_account import account, not_splittable
from kanmon.world.split_flows import product_flows
from kanmon.world.split_user import TEMPLATE

HEAD = "product,seller,buyer,user,unit,low,mid,high,source,note\n"
MEASURE = """\
id = "XX-TEST-VANADIUM"
title = "Licences for vanadium oxides"
imposers = ["CHN"]
targets = ["JPN"]
kind = "export ban"
instrument_name = "Notice 1"
confidence = "low"

[[limb]]
id = "1"
text = "Vanadium oxides may not be exported"
instrument = "ban"
effective = "2026-01-05"

[[limb.item]]
phrase = "vanadium oxides"
hs = ["282530"]
elements = ["V"]

[[source]]
publisher = "test"
date = "2026-01-05"
title = "test notice"
url = ""
id = "test"
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> World:
    file = tmp_path_factory.mktemp("own") / "mine.toml"
    file.write_text(TEMPLATE, "utf-8")
    return World.default().with_products(file)


def test_the_template_is_split_and_merges_back(own: World) -> None:
    assert "282530" not in {c for p in World.default().products.values() for c in (*p.hs, *p.trade_hs)}
    focus = own.focus(["CHN", "JPN"])
    table = split(focus, own, None, ["VANOX"])
    flows = product_flows(own, focus, None, ["VANOX"])["VANOX"][0]
    bought = own.trade.imports("JPN", ["282530"], [2022])["value_usd_m"].sum()
    assert flows[:, 1].sum() == pytest.approx(bought, rel=1e-9)
    assert "VANOX: defined in user file mine.toml" in table.notes
    np.testing.assert_allclose(merge(table, focus).Z, focus.Z, rtol=1e-9, atol=1e-9)
    steel = next(
        u for u in account(focus, own, None, ["VANOX"]).users if (u.buyer, u.user) == ("JPN", "C24A")
    )
    assert steel.asked_share == pytest.approx(0.8)
    assert steel.placed_share == pytest.approx(0.8, abs=0.03)


def test_an_invented_product_is_assessed_and_names_its_source(own: World, tmp_path: Path) -> None:
    file = tmp_path / "measure.toml"
    file.write_text(MEASURE, "utf-8")
    result = assess(load_file(file), buyer="JPN", months=(12,), draws=8, world=own)
    assert any(e.product == "VANOX" for e in result.exposure)
    losses = [f for s in result.scenarios for f in s.losses]
    assert losses
    values = [f.if_lasts.value for f in losses]
    assert all(v is not None and v >= 0 for v in values)
    assert max(f.if_lasts.high or 0.0 for f in losses) > 0
    assert any("user file mine.toml" in s.title for s in result.sources)
    assert "mine.toml:" in result.manifest["own_files"]


def test_own_flows_and_use_shares_stand_before_ours(tmp_path: Path) -> None:
    file = tmp_path / "flows.csv"
    file.write_text(
        HEAD + "MAG,CHN,JPN,,usd_m,400,400,400,customs,\n"
        "MAGH,,JPN,C29,use_share,0.1,0.2,0.3,survey,\nMAGH,,JPN,C26,use_share,0.7,0.8,0.9,survey,\n",
        "utf-8",
    )
    world = World.default().with_flows(file)
    focus = world.focus(["CHN", "JPN", "DEU"])
    ours = product_flows(World.default(), focus, None, ["MAG"])["MAG"][0]
    flows = product_flows(world, focus, None, ["MAG"])["MAG"][0]
    assert flows[0, 1] == 400
    changed = flows != ours
    changed[0, 1] = False
    assert not changed.any()
    found = account(focus, world, None, ["HREE", "LREE", "MAG"])
    japan = {u.user: u.asked_share for u in found.users if (u.product, u.buyer) == ("MAGH", "JPN")}
    assert japan["C29"] == pytest.approx(0.2)
    assert japan["C26"] == pytest.approx(0.8)
    of_magnets = [f for f in found.flows if (f.seller, f.buyer) == ("CHN", "JPN") and "MAG" in f.product]
    assert [f.product for f in of_magnets] == ["MAGH", "MAGL"]
    assert sum(f.asked for f in of_magnets) == pytest.approx(400)  # one customs code, counted once
    table = split(focus, world, None, ["HREE", "LREE", "MAG"])
    assert any("user file flows.csv: customs" in s.title for s in table.sources)


def test_the_account_adds_up(own: World) -> None:
    focus = own.focus(["CHN", "JPN", "MMR"])
    found = account(focus, own, None, ["HREE", "LREE", "MAG"])
    table = split(focus, own, None, ["HREE", "LREE", "MAG"])
    for row in found.flows:
        assert row.placed + row.lost == pytest.approx(row.asked)
        assert 0 <= row.elsewhere <= row.placed + 1e-9
    n = len(table.sectors)
    assert sum(f.placed for f in found.flows) == pytest.approx(table.x.reshape(-1, n)[:, -4:].sum())
    assert table.borrowed is not None
    assert sum(f.elsewhere for f in found.flows) == pytest.approx(table.borrowed.sum())
    lost = {(f.product, f.seller, f.buyer): f.lost for f in found.flows if f.lost > 0.05}
    assert lost == pytest.approx({row[:3]: row[3] for row in table.misfit})


def problems(load: object, text: str, path: Path) -> list[str]:
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        load(path)  # type: ignore[operator]
    return [f"{p.what} [{p.where}]" for p in caught.value.problems]


def test_every_fault_of_a_file_of_products(tmp_path: Path) -> None:
    text = TEMPLATE.replace('parent = "C20"', 'parent = "C2O"').replace("[0.01, 0.05, 0.15]", "[0.2, 0.1, 2]")
    text = text.replace('trade_hs = ["282530"]', 'trade_hs = ["999999"]').replace("spare =", "spair =")
    text = text.replace("private_days = [20, 50, 90]", 'private_days = "many"').replace(
        "elements =", "elemens ="
    )
    told = "\n".join(problems(World.default().with_products, text, tmp_path / "p.toml"))
    for words in ("C2O", "0.2, 0.1, 2", "999999", "spair", "'many'", "elements", "elemens"):
        assert words in told, words
    assert problems(World.default().with_products, "a = 1\n", tmp_path / "p.toml")
    assert problems(World.default().with_products, "[A\n", tmp_path / "p.toml")


def test_every_fault_of_a_file_of_flows(tmp_path: Path) -> None:
    text = (
        HEAD + "MAGG,CHN,JPN,,usd_m,1,2,3,,\nMAG,CHN,JPX,,usd_m,3,2,1,,\nMAG,CHN,JPN,C29,usd,x,2,3,,\n"
        "MAGL,,JPN,C29,use_share,0.6,0.7,0.8,,\nMAGL,,JPN,C999,use_share,0.6,0.7,0.8,,\n"
        "MAG,,JPN,C29,use_share,0.6,0.7,0.8,,\n"
    )
    told = problems(World.default().with_flows, text, tmp_path / "f.csv")
    for words in (
        "MAGG",
        "JPX",
        "[3.0, 2.0, 1.0]",
        "'usd'",
        "'x'",
        "C999",
        "add up to 1.4",
        "stands in grades",
    ):
        assert any(words in line for line in told), words
    assert any("row 3" in line for line in told)
    told = problems(World.default().with_flows, "product,seller\nMAG,CHN\n", tmp_path / "f.csv")
    assert len([line for line in told if "is missing" in line]) == 6


def test_a_product_without_flows_says_what_to_load(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(TEMPLATE.replace('"bilateral"', '"tonnes_x_unit_value"', 1), "utf-8")
    world = World.default().with_products(file)
    with pytest.raises(MissingDataError, match="282530"):
        split(world.focus(["CHN", "JPN"]), world, None, ["VANOX"])


def test_the_command_shows_the_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sector", "split", "--template"]) == 0
    file = tmp_path / "mine.toml"
    file.write_text(capsys.readouterr().out, "utf-8")
    base = [
        "sector",
        "split",
        "--imposer",
        "China",
        "--buyer",
        "Japan",
        "--products",
        str(file),
        "--draws",
        "8",
    ]
    assert run([*base, "--product", "VANOX"]) == 0
    shown = capsys.readouterr().out
    assert "VANOX by seller and buyer" in shown
    assert "user file mine.toml" in shown
    assert run([*base, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"HREE", "MAGH", "MAGL", "VANOX"} <= set(found["parents"])
    assert run(["sector", "split", "--buyer", "Nowhere", "--draws", "0", "--flows", "none.csv"]) == 2
    told = capsys.readouterr().err
    for words in ("--imposer is missing", "Nowhere", "0 draws", "none.csv"):
        assert words in told


def test_the_set_of_further_products_fits_and_names_itself() -> None:
    world = World.default().with_products("more")
    focus = world.focus(["CHN", "JPN"])
    table = split(focus, world, None, ["BI", "LI", "CO"])
    np.testing.assert_allclose(merge(table, focus).Z, focus.Z, rtol=1e-9, atol=1e-9)
    flows = product_flows(world, focus, None, table.products)
    for name in table.products:
        bought = world.trade.imports("JPN", world.products[name].trade_hs, [2022])["value_usd_m"].sum()
        abroad = [r for r, code in enumerate(focus.regions) if code != "JPN"]
        assert flows[name][0, abroad, 1].sum() == pytest.approx(bought, rel=1e-9)
    assert any(s.title.startswith("product set more") for s in table.sources)


def test_the_grades_together_are_the_magnets() -> None:
    """Heavy rare earths go to the hot grade only; those of the grades add up to one code's."""
    world, one = World.default(), World.default().with_products("one-grade")
    assert "MAG" not in world.products
    assert tuple(one.products) == ("HREE", "LREE", "MAG", "GA", "GE", "W", "GR", "SB")
    assert one.lookup("phi", "HREE", "MAG", "JPN") is not None
    assert "products_one-grade.toml" in one.own_files[0]
    focus = world.focus(["CHN", "JPN", "DEU"])
    found = account(focus, world, None, ["HREE", "LREE", "MAG"])
    users = {(u.product, u.user): u.asked_share for u in found.users if u.buyer == "JPN"}
    assert users["HREE", "MAGH"] == pytest.approx(0.8)
    assert ("HREE", "MAGL") not in users
    assert users["LREE", "MAGH"] + users["LREE", "MAGL"] == pytest.approx(0.7)
    for user in ("C29", "C28", "C27", "C26"):
        whole = 0.6 * users["MAGH", user] + 0.4 * users["MAGL", user]
        ours = world.lookup("u_share", "MAG", user, "JPN")
        assert ours is not None
        assert whole == pytest.approx(ours.mid, abs=0.01)
    draws = draw(world.parameters, 16, 3)
    whole_flow = product_flows(one, focus, draws, ["MAG"])["MAG"]
    grades = product_flows(world, focus, draws, ["MAGH", "MAGL"])
    np.testing.assert_allclose(grades["MAGH"] + grades["MAGL"], whole_flow, rtol=1e-12)
    share = draws.get("grade_share", "MAGH", "", "JPN")
    np.testing.assert_allclose(grades["MAGH"][:, :, 1], share[:, None] * whole_flow[:, :, 1], rtol=1e-12)
    table = split(focus, world, None, ["HREE", "LREE", "MAG"])
    assert table.products == ("HREE", "LREE", "MAGH", "MAGL")
    np.testing.assert_allclose(merge(table, focus).Z, focus.Z, rtol=1e-9, atol=1e-9)


def test_a_product_of_the_users_own_takes_the_place_of_a_whole_or_of_its_grades(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    for head in ("[MAG]", '[MINE]\nreplaces = ["MAG"]', '[MINE]\nreplaces = ["MAGH", "MAGL"]'):
        file.write_text(
            TEMPLATE.replace("[VANOX]", head, 1).replace("VANOX", head[1:-1].split("]")[0]), "utf-8"
        )
        world = World.default().with_products(file)
        assert {"MAGH", "MAGL"}.isdisjoint(world.catalogue)
        assert ("MAG" in world.catalogue) == (head == "[MAG]")
        assert world.lookup("n_private", "MAGH", "", "JPN") is None
    hot = '[MAGH]\nreplaces = ["MAGH"]\n'
    file.write_text(hot, "utf-8")
    with pytest.raises(InputError, match="lacks"):
        World.default().with_products(file)


def test_what_cannot_be_split_says_what_to_load() -> None:
    told = not_splittable(World.default())
    assert len(told) >= 4
    assert all("load: " in line and "HS " in line for line in told)
