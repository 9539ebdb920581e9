"""Laws of the split: nothing is added or lost, nothing is negative, shares survive."""

from __future__ import annotations

import dataclasses
import re
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanmon.core.draws import Draws, draw
from kanmon.core.errors import InputError, MissingDataError
from kanmon.core.source import ASSUMPTION
from kanmon.world import IOTable, SplitTable, World
from kanmon.world.split import merge, split
from kanmon.world.split_columns import carve_columns
from kanmon.world.split_fit import buyer_scale, common_scale
from kanmon.world.split_flows import product_flows

DRAWS = 8
DOCUMENT = Path(__file__).parents[2] / "docs" / "data.md"


@pytest.fixture(scope="module")
def world() -> World:
    return World.default()


@pytest.fixture(scope="module")
def focus(world: World) -> IOTable:
    return world.focus(world.focus_regions(["CHN"], ["JPN"]))


@pytest.fixture(scope="module")
def draws(world: World) -> Draws:
    return draw(world.parameters, DRAWS)


@pytest.fixture(scope="module")
def table(focus: IOTable, world: World, draws: Draws) -> SplitTable:
    return split(focus, world, draws)


def rows(table: SplitTable, product: str, buyer: str) -> np.ndarray:
    """Purchases of a product in one region: (draws, sellers, users)."""
    R, n = len(table.regions), len(table.sectors)
    Z = table.Z.reshape(table.draws, R, n, R, n)
    return Z[:, :, table.sectors.index(product), table.regions.index(buyer)]


def share_of(table: SplitTable, product: str, seller: str, buyer: str) -> np.ndarray:
    use = rows(table, product, buyer).sum(axis=2)
    return use[:, table.regions.index(seller)] / use.sum(axis=1)


def one_draw(table: SplitTable, d: int) -> SplitTable:
    cut = {k: getattr(table, k)[d : d + 1] for k in ("Z", "x", "final", "value_added", "borrowed")}
    return dataclasses.replace(table, **cut)


def test_merging_gives_the_table_back(table: SplitTable, focus: IOTable) -> None:
    R, S = len(focus.regions), len(focus.sectors)
    for d in range(DRAWS):
        whole = merge(one_draw(table, d), focus)
        np.testing.assert_allclose(whole.Z, focus.Z, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(whole.x, focus.x, rtol=1e-12)
        np.testing.assert_allclose(whole.final, focus.final, rtol=1e-9, atol=1e-6)
        cells = whole.Z.reshape(R, S, R, S)[focus.regions.index("CHN"), :, focus.regions.index("JPN")]
        assert cells.sum() == pytest.approx(117815.2536, rel=1e-9)
        assert cells[focus.sectors.index("C26")].sum() == pytest.approx(22426.8673, rel=1e-9)


def test_nothing_is_negative_and_products_add_value(table: SplitTable) -> None:
    for array in (table.Z, table.x, table.final, table.value_added):
        assert (array >= 0).all()
    n, K = len(table.sectors), len(table.products)
    x = table.x.reshape(DRAWS, -1, n)[..., -K:]
    added = table.value_added.reshape(DRAWS, -1, n)[..., -K:]
    assert (added[x > 0] >= 0.1 * x[x > 0] * (1 - 1e-9)).all()


def test_flows_before_balancing_equal_the_customs_total(world: World, focus: IOTable, draws: Draws) -> None:
    flows = product_flows(world, focus, draws, tuple(world.products))
    japan = focus.regions.index("JPN")
    abroad = np.arange(len(focus.regions)) != japan
    imports = (flows["HREE"] + flows["LREE"])[:, abroad, japan].sum(axis=1)
    published = world.trade.imports("JPN", ["280530", "2846"], [2022])["value_usd_m"].sum()
    assert published == pytest.approx(1087, abs=0.5)
    np.testing.assert_allclose(imports, published, rtol=1e-9)


def test_the_shares_that_decide_results(focus: IOTable, world: World) -> None:
    """China's share of Japan's use: heavy 95 %, magnets 18 %, light 41-45 %; the table of docs/data.md."""
    many = draw(world.parameters, 64, 20260106)
    table = split(focus, world, many)
    found = {k: share_of(table, k, "CHN", "JPN") for k in table.products}
    assert found["HREE"].mean() == pytest.approx(0.955, abs=0.01)
    assert found["MAGH"].mean() == pytest.approx(0.19, abs=0.02)
    assert found["MAGL"].mean() == pytest.approx(0.19, abs=0.02)
    assert found["LREE"].mean() == pytest.approx(0.45, abs=0.04)
    for product in ("HREE", "MAGH", "MAGL", "GA", "GE", "W", "GR", "SB"):
        row = world.lookup("share_CHN", product, "", "JPN")  # of both grades: that of MAG
        assert row is not None
        asked = many.values[row.key]
        np.testing.assert_allclose(found[product], asked, atol=0.03)
    printed = re.findall(r"(?m)^\| ([A-Z]+) \| C\w+ \| ([\d.]+) %", DOCUMENT.read_text("utf-8"))
    assert {k: float(v) for k, v in printed} == pytest.approx(
        {k: 100 * v.mean() for k, v in found.items()}, abs=0.5
    )


def test_magnets_buy_rare_earths_where_magnets_are_made(table: SplitTable) -> None:
    magnet = table.sectors.index("MAGH")
    for product in ("HREE", "LREE"):
        assert (rows(table, product, "JPN")[..., magnet].sum(axis=1) > 0).all()
    light = table.sectors.index("MAGL")
    assert (rows(table, "LREE", "JPN")[..., light].sum(axis=1) > 0).all()
    assert not rows(table, "HREE", "JPN")[..., light].any()
    R, n = len(table.regions), len(table.sectors)
    makes = table.x.reshape(DRAWS, R, n)[:, :, magnet].sum(axis=0) > 0
    for r in np.flatnonzero(~makes):
        assert not rows(table, "LREE", table.regions[r])[..., magnet].any()


def test_users_keep_their_shares(table: SplitTable, focus: IOTable, world: World, draws: Draws) -> None:
    """What the sources say of who uses a product holds in the table, though the cells beside are small."""
    magnet = table.sectors.index("MAGH")
    for product in ("HREE", "LREE"):
        use = rows(table, product, "JPN").sum(axis=1)
        found = use[:, magnet] / use.sum(axis=1)
        asked = draws.get("u_share", product, "MAGH", "JPN")
        np.testing.assert_allclose(found, asked, atol=0.03)
    cells = focus.Z.reshape(len(focus.regions), len(focus.sectors), len(focus.regions), len(focus.sectors))
    one = cells[focus.regions.index("CHN"), focus.sectors.index("C20"), focus.regions.index("JPN")][
        focus.sectors.index("C25")
    ]
    bought = sum(
        rows(table, k, "JPN")[:, focus.regions.index("CHN"), magnet].mean() for k in ("HREE", "LREE")
    )
    assert bought > 2 * one  # the parent's cell alone would not hold them


def test_a_small_seller_never_cuts_home_supply(world: World) -> None:
    """Myanmar's chemicals hardly reach China in the table: its flow is cut, China's own use is not."""
    focus = world.focus(["CHN", "JPN", "MMR"])
    found = split(focus, world, None, ["HREE", "LREE", "MAG"])
    flows = product_flows(world, focus, None, found.products)
    for product in ("HREE", "LREE"):
        home = rows(found, product, "CHN")[:, focus.regions.index("CHN")].sum(axis=1)
        np.testing.assert_allclose(home, flows[product][:, 0, 0], rtol=1e-9)
    cut = {row[:3]: row[3] for row in found.misfit}
    assert cut["HREE", "MMR", "CHN"] > 100
    np.testing.assert_allclose(merge(one_draw(found, 0), focus).Z, focus.Z, rtol=1e-9, atol=1e-9)


def test_magnets_do_not_buy_more_than_they_sell(table: SplitTable, focus: IOTable) -> None:
    """What is too much stays in its parent: the metal industry around the magnets needs no rare earths."""
    R, n = len(table.regions), len(table.sectors)
    Z, x = table.Z.reshape(DRAWS, R, n, R, n), table.x.reshape(DRAWS, R, n)
    ores = [table.sectors.index(k) for k in ("HREE", "LREE")]
    for grade in ("MAGH", "MAGL"):
        at = table.sectors.index(grade)
        bought = Z[..., at][:, :, ores].sum(axis=(1, 2))
        assert (bought <= 0.9 * x[:, :, at] + 1e-9).all()
    assert not Z[:, :, ores, :, table.sectors.index("C25")].any()
    assert not Z[:, :, ores[:1], :, table.sectors.index("MAGL")].any()  # not in the parent's mix either
    assert any(product == "LREE" for product, *_ in table.misfit)
    np.testing.assert_allclose(merge(table, focus).Z, focus.Z, rtol=1e-9, atol=1e-9)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3, 0.9]))
@settings(max_examples=40, deadline=None)
def test_rooms_are_never_overdrawn(seed: int, slack: float) -> None:
    """Own parts fit the parents' cells, borrowed parts the others', and a buyer's scale is one number."""
    rng = np.random.default_rng(seed)
    want = rng.exponential(1.0, (2, 3, 3, 2)) * (rng.random((2, 3, 3, 2)) < 0.8)
    room = rng.exponential(1.0, (2, 3, 3, 2))
    scale = buyer_scale(want, room, slack)
    assert ((scale >= 0) & (scale <= 1)).all()
    lost = np.maximum(want * scale[:, None, :, None] - room, 0).sum(axis=(1, 3))
    total = want.sum(axis=(1, 3))
    home = np.stack([want[:, b, b].sum(axis=1) for b in range(3)], axis=1)
    scaled = home <= 0.5 * total
    assert (lost[scaled] <= slack * (scale * total)[scaled] + 1e-9).all()
    assert (scale[~scaled] == 1).all()


def test_misfit_is_reported(table: SplitTable, world: World, focus: IOTable, draws: Draws) -> None:
    flows = product_flows(world, focus, draws, table.products)
    asked = sum(float(f.mean(axis=0).sum()) for f in flows.values())
    lost = sum(amount for *_, amount in table.misfit)
    n, K = len(table.sectors), len(table.products)
    placed = table.x.reshape(DRAWS, -1, n)[..., -K:].sum() / DRAWS
    assert lost + placed == pytest.approx(asked, rel=1e-3)
    assert 0 < lost < 0.05 * asked


def test_the_same_seed_gives_the_same_bytes_and_nets_nest(
    table: SplitTable, focus: IOTable, world: World, draws: Draws
) -> None:
    again = split(focus, world, draws)
    assert again.Z.tobytes() == table.Z.tobytes()
    np.testing.assert_allclose(split(focus, world, draws.first(4)).Z, table.Z[:4], rtol=1e-12, atol=1e-12)


def test_sixty_four_draws_are_quick(focus: IOTable, world: World) -> None:
    many = draw(world.parameters, 64, 20260106)
    split(focus, world, many.first(2))
    start = time.process_time()
    found = split(focus, world, many)
    assert found.Z.shape == (64, 374, 374)
    assert time.process_time() - start < 3  # about 0.5 s on an idle core


def test_detail_splits_too(world: World) -> None:
    focus = world.focus(["CHN", "JPN"], detail=True)
    found = split(focus, world, None)
    assert found.draws == 1
    np.testing.assert_allclose(merge(found, focus).Z, focus.Z, rtol=1e-9, atol=1e-9)
    assert (found.value_added.reshape(-1, len(found.sectors))[:, -8:] >= 0).all()


def test_parties_inside_the_rest_still_count(world: World) -> None:
    """Without Japan as a region, its magnets are part of the rest's purchases."""
    focus = world.focus(["CHN", "USA"])
    with_japan = world.focus(["CHN", "USA", "JPN"])
    china = focus.regions.index("CHN")
    apart = product_flows(world, with_japan, None, ("MAG",))["MAG"][0, china]
    whole = product_flows(world, focus, None, ("MAG",))["MAG"][0, china]
    assert whole.sum() == pytest.approx(apart.sum(), rel=1e-9)


def test_a_product_without_flows_is_named_not_invented(focus: IOTable, world: World) -> None:
    bismuth = dataclasses.replace(world.products["GA"], id="BI", hs=("810600",))
    more = World(own_products={**world.products, "BI": bismuth})
    found = split(focus, more, None)
    assert "BI" not in found.products
    assert any(note.startswith("BI is not splittable") and "810600" in note for note in found.notes)
    with pytest.raises(MissingDataError, match="810600"):
        split(focus, more, None, ["BI"])
    with pytest.raises(InputError, match="MAGG"):
        split(focus, world, None, ["MAGG"])


def test_one_product_alone(focus: IOTable, world: World, draws: Draws) -> None:
    found = split(focus, world, draws, ["GA"])
    assert found.sectors == (*focus.sectors, "GA")
    np.testing.assert_allclose(merge(found, focus).Z, focus.Z, rtol=1e-9, atol=1e-9)


def test_no_product_returns_the_table(focus: IOTable, world: World) -> None:
    found = split(focus, world, None, [])
    assert np.array_equal(found.Z[0], focus.Z)


@st.composite
def economies(draw_value: st.DrawFn) -> tuple[IOTable, float]:
    R, S = draw_value(st.integers(1, 3)), draw_value(st.integers(2, 3))
    rng = np.random.default_rng(draw_value(st.integers(0, 2**32 - 1)))
    Z = rng.exponential(1.0, (R * S, R * S)) * (rng.random((R * S, R * S)) < 0.8)
    base = np.maximum(Z.sum(axis=0), Z.sum(axis=1))
    x = base * (1 + rng.random(R * S)) + draw_value(st.sampled_from([0.0, 0.01, 1.0]))
    table = IOTable(
        tuple(f"R{r}" for r in range(R)),
        tuple(f"S{s}" for s in range(S)),
        Z,
        x,
        2022,
        "USD million",
        ASSUMPTION,
    )
    return table, draw_value(st.floats(0, 1))


@given(economies(), st.integers(1, 3), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_columns_conserve_and_stay_positive(economy: tuple[IOTable, float], K: int, seed: int) -> None:
    """Whatever the rows took (up to whole cells), columns add up and no value added turns negative."""
    focus, size = economy
    R, S = len(focus.regions), len(focus.sectors)
    rng = np.random.default_rng(seed)
    parents = rng.integers(0, S, K)
    Z = np.zeros((1, R, S + K, R, S + K))
    Z[:, :, :S, :, :S] = focus.Z.reshape(R, S, R, S)
    for k, p in enumerate(parents):
        for j in range(S):
            took = Z[:, :, p, :, j] * rng.random((R, R)) * size
            Z[:, :, p, :, j] -= took
            # Half of what the first product's parent buys of the others goes into that product's own column.
            inside = took * 0.5 if k and j == parents[0] else 0 * took
            Z[:, :, S + k, :, j] += took - inside
            Z[:, :, S + k, :, S] += inside
    bought, most = Z[..., S].sum(axis=(1, 2)), 0.9 * Z[:, :, S].sum(axis=(2, 3))
    keep = np.minimum(1.0, most / np.maximum(bought, 1e-300))  # as within_output leaves it
    for k, p in enumerate(parents):
        Z[:, :, p, :, parents[0]] += Z[:, :, S + k, :, S] * (1 - keep[:, None])
        Z[:, :, S + k, :, S] *= keep[:, None]
    x = carve_columns(Z, focus, [int(p) for p in parents], 0.1)
    assert (Z >= -1e-12).all()
    whole = Z.sum(axis=0)
    columns = whole.sum(axis=(0, 1))
    for j in range(S):
        mine = [j, *(S + k for k, p in enumerate(parents) if p == j)]
        before = focus.Z.sum(axis=0).reshape(R, S)[:, j]
        np.testing.assert_allclose(columns[:, mine].sum(axis=1), before, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(x[0][:, mine].sum(axis=1), focus.x.reshape(R, S)[:, j], rtol=1e-9)
    assert (x[0] - columns >= -1e-9).all()


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.2))
@settings(max_examples=100, deadline=None)
def test_common_scale_is_the_largest_that_fits(seed: int, slack: float) -> None:
    rng = np.random.default_rng(seed)
    want = rng.exponential(1.0, (1, 6)) * (rng.random((1, 6)) < 0.8)
    room = rng.exponential(1.0, (1, 6)) * (rng.random((1, 6)) < 0.8)
    c = float(common_scale(want, room, slack)[0])

    def lost(scale: float) -> float:
        return float(np.maximum(scale * want - room, 0).sum() - slack * scale * want.sum())

    assert 0 <= c <= 1
    assert lost(c) <= 1e-9
    if 0 < c < 1:
        assert lost(c * 1.001) > 0


def test_a_users_own_flows_are_used(focus: IOTable, world: World) -> None:
    doubled = world.flows.with_columns([pl.col(c) * 2 for c in ("low", "mid", "high")]).filter(
        pl.col("unit") == "usd_m"
    )
    once = dataclasses.replace(world, own_frames={"flows": world.flows.filter(pl.col("unit") == "usd_m")})
    twice = dataclasses.replace(world, own_frames={"flows": doubled})
    usa = focus.regions.index("USA")
    a, b = (product_flows(v, focus, None, ("MAG",))["MAG"][0, :, usa] for v in (once, twice))
    np.testing.assert_allclose(b, 2 * a)
