"""The embedded tables against published values and their own checksums."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kanmon.core.draws import draw
from kanmon.core.errors import InputError, MissingDataError
from kanmon.world import REST, IOTable, World
from kanmon.world import store as store_module
from kanmon.world.products import read_products
from kanmon.world.sources import datasets
from kanmon.world.store import DEFAULT

SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture(scope="module")
def world() -> World:
    return World.default()


@pytest.fixture(scope="module")
def focus(world: World) -> IOTable:
    return world.focus(world.focus_regions(["CHN"], ["JPN"]))


def blocks(table: IOTable) -> np.ndarray:
    R, S = len(table.regions), len(table.sectors)
    return table.Z.reshape(R, S, R, S)


def test_every_embedded_file_has_a_card_and_its_checksum() -> None:
    cards = datasets()
    carded = {(DEFAULT / card.file).resolve() for card in cards.values()}
    assert carded >= {p.resolve() for p in DEFAULT.iterdir()}
    # A room below may hold a file that is made from one of these: it is carded and verified here as well.
    assert all(path.is_relative_to(DEFAULT.parents[1].resolve()) for path in carded)
    for key, card in cards.items():
        assert hashlib.sha256((DEFAULT / card.file).read_bytes()).hexdigest() == card.sha256, key
        assert card.source.licence, key


def test_full_table_is_country_major_with_the_published_flows(world: World) -> None:
    start = time.perf_counter()
    table = world.table
    assert time.perf_counter() - start < 20
    assert table.Z.shape == (4000, 4000)
    assert table.x.sum() == pytest.approx(192.419e6, rel=1e-5)
    assert table.Z.sum() == pytest.approx(99.249e6, rel=1e-5)
    assert (np.rint(table.Z * 1e4) == table.Z * 1e4).mean() > 0.9  # whole steps, up to one rounding
    china, japan = (slice(table.node(c, "A01"), table.node(c, "A01") + 50) for c in ("CHN", "JPN"))
    assert table.Z[china, japan].sum() == pytest.approx(117.8e3, rel=1e-3)
    assert table.Z[japan, china].sum() == pytest.approx(143.5e3, rel=1e-3)
    assert table.Z[table.node("CHN", "C26"), japan].sum() == pytest.approx(22.43e3, rel=1e-3)
    assert (table.final > -1e-6).all()
    assert (table.x == 0).sum() == 51
    with pytest.raises(ValueError):
        table.Z[0, 0] = 1.0


@pytest.mark.parametrize("detail", [False, True])
def test_a_focus_table_keeps_the_totals(world: World, detail: bool) -> None:
    regions = world.focus_regions(["CHN"], ["JPN"])
    table = world.focus(regions, detail=detail)
    assert table.regions == (*regions, REST)
    assert len(table.sectors) == (50 if detail else 25)
    assert table.x.sum() == pytest.approx(world.table.x.sum(), rel=1e-12)
    assert table.Z.sum() == pytest.approx(world.table.Z.sum(), rel=1e-12)
    china, japan = table.regions.index("CHN"), table.regions.index("JPN")
    cells = blocks(table)[china, :, japan]
    assert cells.sum() == pytest.approx(117815.2536, rel=1e-9)
    assert cells[table.sectors.index("C26")].sum() == pytest.approx(22426.8673, rel=1e-9)


def test_groups_keep_apart_every_sector_that_a_parameter_names(world: World, focus: IOTable) -> None:
    named = {p.key[2] for p in world.parameters if re.match(r"^C\d", p.key[2])}
    single = {g for g in focus.sectors if list(world.groups.group.values()).count(g) == 1} | {"C30"}
    assert named - {"C301", "C302T309"} <= single
    assert {p.parent for p in world.products.values()} <= single
    assert {"G", "H"} <= set(focus.sectors)
    assert all(s in world.groups.names for s in focus.sectors)


def test_focus_regions_hold_the_parties_and_stay_few(world: World) -> None:
    found = world.focus_regions(["CHN"], ["JPN"])
    assert found[:2] == ("CHN", "JPN")
    assert len(found) == 10
    assert {"USA", "KOR"} <= set(found)
    assert len(world.focus_regions(["EUR"], ["RUS"])) == 10
    assert "DEU" not in world.focus_regions(["EUR"], ["RUS"])
    assert world.missing_regions(["JPN", "QAT", "EUR"]) == ("QAT",)


def test_sellers_of_the_covered_products_stand_alone(world: World) -> None:
    found = world.focus_regions(["CHN"], ["JPN"], products=["HREE", "LREE", *world.parts("MAG")])
    assert found[:2] == ("CHN", "JPN")
    assert {"MMR", "MYS", "VNM", "THA"} <= set(found)
    assert len(found) == 10
    # One product is sold by fewer: the largest partners take the other places.
    assert {"BEL", "CAN"} <= set(world.focus_regions(["CHN"], ["JPN"], products=["GE"]))


def test_a_group_of_countries_is_one_region(world: World) -> None:
    table = world.focus(["EUR", "DEU", "USA"])
    assert table.regions == ("EUR", "DEU", "USA", REST)
    assert world.region_of(table.regions)("FRA") == "EUR"
    assert world.region_of(table.regions)("DEU") == "DEU"
    assert table.x.sum() == pytest.approx(world.focus(["USA"]).x.sum(), rel=1e-12)


def test_an_unknown_region_names_the_nearest(world: World) -> None:
    with pytest.raises(MissingDataError, match="QAT"):
        world.focus(["JPN", "QAT"])


def test_a_cached_focus_is_quick_and_survives_a_broken_cache(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(store_module, "cache_folder", lambda: tmp_path / "cache")
    first = world.focus(["JPN", "USA"])
    start = time.perf_counter()
    again = world.focus(["JPN", "USA"])
    assert time.perf_counter() - start < 0.5
    assert np.array_equal(first.Z, again.Z)
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert np.array_equal(world.focus(["JPN", "USA"]).Z, first.Z)
    blocked = tmp_path / "not a folder"
    blocked.write_text("")
    monkeypatch.setattr(store_module, "cache_folder", lambda: blocked / "cache")
    assert np.array_equal(world.focus(["JPN", "USA"]).Z, first.Z)


def test_trade_gives_the_published_imports(world: World) -> None:
    imports = world.trade.imports("JPN", ["280530", "2846"], [2022])
    assert imports["value_usd_m"].sum() == pytest.approx(1087, abs=0.5)
    china = imports.filter(pl.col("partner") == "CHN")
    assert china["value_usd_m"].sum() / imports["value_usd_m"].sum() == pytest.approx(0.600, abs=5e-4)
    assert china["quantity_t"].sum() / imports["quantity_t"].sum() == pytest.approx(0.589, abs=5e-4)
    assert world.trade.missing(["850511", "280530"]) == ("850511",)
    assert set(world.trade.years) == set(range(2000, 2025))


def test_unsplit_share_is_unknown_where_the_data_end(world: World) -> None:
    share = world.unsplit_share("CHN", "JPN", ["280530", "2846"])
    assert share == pytest.approx(651.85 / 8090, rel=0.01)
    assert world.unsplit_share("CHN", "JPN", ["850511"]) is None
    assert world.unsplit_share("QAT", "JPN", ["280530"]) is None
    assert world.parents_of(["850511"]) == ("C25",)


def test_parameters_and_how_one_is_found(world: World) -> None:
    found = world.parameters
    assert len({p.key for p in found}) == len(found)
    assert found.skipped == ("rule rationing",)
    own = world.lookup("phi", "MAG", "C29", "USA")
    assert own is not None
    assert own.mid == 0.35
    moved = world.lookup("phi", "MAG", "C28", "USA")
    assert moved is not None
    assert moved.note.startswith("transferred from JPN")
    assert moved.basis == "assumed"
    assert found.values("phi", "MAG", "C28", "USA", None) == pytest.approx([0.22 * 0.75])
    assert found.values("phi", "MAG", "C28", "JPN", None) == pytest.approx([0.22])
    both = [world.lookup("phi", "MAG", s, "JPN") for s in ("C30", "C301", "C302T309")]
    assert [b.mid for b in both if b] == [0.15] * 3
    magnets = world.lookup("phi", "HREE", "MAG", "JPN")
    assert magnets is not None
    assert magnets.mid == 0.6
    hot = world.lookup("phi", "MAGH", "C29", "USA")  # the country's row of the whole before another country's
    assert hot is not None
    assert hot.key == ("phi", "MAG", "C29", "USA")
    general = world.lookup("ramp", "W", "", "VNM")
    assert general is not None
    assert general.key[1] == "all controlled"
    assert world.lookup("spare", "W", "", "CHN") is None
    assert world.lookup("phi", "MAG", "C10T12", "JPN") is None
    drawn = draw(found, 8)
    assert np.array_equal(
        found.values("spare", "W", "", "VNM", drawn), drawn.get("spare", "W", "", "non-CHN")
    )


def test_bad_parameters_are_reported_all_at_once(tmp_path: Path) -> None:
    from kanmon.world.parameters import read_parameters

    lines = (DEFAULT / "parameters.csv").read_text("utf-8").splitlines()[:3]
    bad = lines[1].replace("0.35,0.6,0.85", "0.9,0.6,0.85")
    worse = lines[2].replace(",assumed,", ",guessed,")
    (tmp_path / "p.csv").write_text("\n".join([lines[0], bad, worse]), "utf-8")
    with pytest.raises(InputError) as caught:
        read_parameters(tmp_path / "p.csv", {})
    assert len(caught.value.problems) == 2
    assert "row 2" in caught.value.problems[0].where


def test_products(world: World, tmp_path: Path) -> None:
    assert tuple(world.products) == ("HREE", "LREE", "MAGH", "MAGL", "GA", "GE", "W", "GR", "SB")
    assert world.products["MAGH"].inputs == ("HREE", "LREE")
    assert world.products["MAGL"].inputs == ("LREE",)
    assert world.parts("MAG") == ("MAGH", "MAGL")
    assert world.products["MAGL"].hs == world.catalogue["MAG"].hs
    for product in world.products.values():
        assert not world.trade.missing(product.trade_hs), product.id
        held = set(zip(world.production["stage"], world.production["commodity"], strict=True))
        assert set(product.commodity) <= held, product.id
        assert set(product.end_use) <= set(world.end_use["commodity"]), product.id
    (tmp_path / "p.toml").write_text('[A]\nname = "a"\ninputs = ["B"]\n')
    with pytest.raises(InputError) as caught:
        read_products(tmp_path / "p.toml")
    assert len(caught.value.problems) == 6


def test_money_has_a_source_on_every_row(world: World) -> None:
    money = world.money
    for country in ("JPN", "USA", "CHN", "KOR", "DEU", "EMU"):
        rows = money.filter(pl.col("country") == country)
        assert rows.height == 14, country
        assert set(rows["year"]) == set(range(2019, 2026))
    assert money["source"].null_count() == 0
    known = money.filter(pl.col("source").str.contains("general knowledge"))
    assert set(known["confidence"]) == {"low"}
    assert set(known["basis"]) == {"assumed"}
    japan = money.filter((pl.col("country") == "JPN") & (pl.col("year") == 2022))
    rate = japan.filter(pl.col("metric") == "exchange_rate")["value"][0]
    gdp = japan.filter(pl.col("metric") == "gdp")["value"][0]
    assert gdp / rate == pytest.approx(4.2564e6, rel=1e-3)


def test_loss_estimates_hold_the_three_of_the_fund(world: World) -> None:
    rows = world.loss_estimates.filter(pl.col("author").str.starts_with("IMF"))
    assert dict(zip(rows["country"], rows["gdp_pct"].cast(pl.Float64), strict=True)) == {
        "JPN": -1.8,
        "USA": -1.5,
        "DEU": -1.2,
    }


def test_a_user_can_replace_a_part(world: World) -> None:
    own = dataclasses.replace(world, own_frames={"production": pl.DataFrame({"commodity": ["x"]})})
    assert own.production.height == 1
    assert own.episodes.height == world.episodes.height


@pytest.mark.skipif(not SHARED.exists(), reason="facts beside the checkout are absent")
@pytest.mark.parametrize(
    "name", ["production", "import_shares", "end_use", "episodes", "capacity", "durations"]
)
def test_embedded_facts_keep_every_row(world: World, name: str) -> None:
    facts = (SHARED / "facts" / f"{name}.csv").read_text("utf-8").splitlines()
    assert getattr(world, name).height == len(facts) - 1
