"""Extraction, Ghosh and prices against reference figures, direct solutions and their own identities."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanmon.app.cli import run
from kanmon.core.errors import InputError
from kanmon.core.source import Source
from kanmon.engines.rerouting import rerouting
from kanmon.engines.static import Base, Diagnostic, TradeCut, cells_of, extraction, ghosh, prepare, price
from kanmon.kernels import static as kernel
from kanmon.world import IOTable, World

REFERENCE = Path(__file__).parent / "sector" / "static_methods_chn_jpn.csv"
SCOPES = {
    "all": (),
    "C24A_C24B": ("C24A", "C24B"),
    "C24B": ("C24B",),
    "C26": ("C26",),
    "C20": ("C20",),
    "B07_B08": ("B07", "B08"),
}
MODELS: list[Callable[[Base, list[TradeCut]], Diagnostic]] = [
    extraction,
    ghosh,
    lambda b, legs: price(b, legs, 0.3),
]


@pytest.fixture(scope="module")
def full() -> Base:
    return prepare(World.default().table)


def random_table(seed: int, R: int = 4, S: int = 5, inputs: float = 0.6) -> IOTable:
    """A table with some empty cells and one industry that makes nothing."""
    rng = np.random.default_rng(seed)
    Z = rng.gamma(0.5, 1.0, (R * S, R * S)) * (rng.random((R * S, R * S)) > 0.2)
    dead = int(rng.integers(R * S))
    Z[dead], Z[:, dead] = 0.0, 0.0
    x = np.maximum(Z.sum(axis=0) / inputs, Z.sum(axis=1)) * (1.0 + rng.random(R * S))
    names = tuple(f"R{k}" for k in range(R)), tuple(f"S{k}" for k in range(S))
    return IOTable(*names, Z, x, 2020, "USD million", Source("made", "made up for a test"))


def dense(
    table: IOTable, legs: list[TradeCut], value: Callable[[TradeCut], float]
) -> tuple[np.ndarray, np.ndarray]:
    """(A, factor on every cell) written out, with loops, for comparison."""
    A = np.divide(table.Z, table.x, out=np.zeros_like(table.Z), where=table.x > 0)
    factor = np.ones_like(A)
    for leg in legs:
        for seller in leg.sellers:
            for sector in leg.sectors or table.sectors:
                for buyer in leg.buyers:
                    for used_by in table.sectors:
                        if seller != buyer:
                            factor[table.node(seller, sector), table.node(buyer, used_by)] = value(leg)
    return A, factor


LEGS = {
    "few rows": [TradeCut(("R0",), ("R1", "R2"), ("S1",), 0.7)],
    "few columns": [TradeCut(("R0", "R2", "R3"), ("R1",), (), 1.0)],
    "both ways": [TradeCut(("R0",), ("R1",), ("S0", "S1"), 1.0), TradeCut(("R1",), ("R0",), ("S4",), 0.5)],
    "most of the table": [TradeCut(("R0", "R1", "R2"), ("R1", "R2", "R3"), (), 0.9)],
}


@pytest.mark.parametrize("scope", SCOPES)
def test_reference_figures(full: Base, scope: str) -> None:
    with REFERENCE.open(encoding="utf-8") as stream:
        wanted = {row["scope"]: row for row in csv.DictReader(stream)}[scope]
    legs = [TradeCut(("CHN",), ("JPN",), SCOPES[scope])]
    hem, supply, dear = (model(full, legs) for model in MODELS)
    top, rise = max(dear.by_sector("JPN").items(), key=lambda item: item[1][1])
    assert top == wanted["price30_jpn_max_sector"]
    found = {
        "severed_flow_usd_mn": hem.severed,
        "hem_world_loss": hem.total,
        "hem_chn_loss": hem.by_country()["CHN"][0],
        "hem_jpn_loss": hem.by_country()["JPN"][0],
        "hem_jpn_share": hem.by_country()["JPN"][1],
        "ghosh_world_loss": supply.total,
        "ghosh_chn_loss": supply.by_country()["CHN"][0],
        "ghosh_jpn_loss": supply.by_country()["JPN"][0],
        "ghosh_jpn_share": supply.by_country()["JPN"][1],
        "price30_jpn_output_weighted": dear.by_country()["JPN"][1],
        "price30_jpn_max": rise[1],
    }
    for name, value in found.items():
        assert value == pytest.approx(float(wanted[name]), rel=1e-8), name


def test_country_major_and_sector_major_are_not_confused(full: Base) -> None:
    table = full.table
    assert extraction(full, [TradeCut(("CHN",), ("JPN",))]).severed == pytest.approx(117.8e3, rel=1e-3)
    one = extraction(full, [TradeCut(("CHN",), ("JPN",), ("C26",))])
    assert one.severed == pytest.approx(22.43e3, rel=1e-3)
    worst = int(np.argmax(one.amount))
    assert (table.regions[worst // 50], table.sectors[worst % 50]) == ("CHN", "C26")
    assert full.capped == (("CYP", "H51"), ("ISL", "C21"))
    assert full.factored.x.sum() == pytest.approx(table.x.sum(), rel=3e-7)


def test_real_scope_against_a_solution_without_update(full: Base) -> None:
    """Sixty industries' rows through the update, and the residual of the changed system."""
    legs = [TradeCut(("CHN",), ("JPN",), ("C26", "C24B"))]
    one = extraction(full, legs)
    made = full.factored.x - one.amount
    asked = full.factored.Z @ (full.factored.per_column * made)
    cells = cells_of(full.table, legs, lambda _leg: 0.0)
    gone = full.factored.Z[np.ix_(cells.rows, cells.columns)] * full.factored.per_column[cells.columns]
    asked[cells.rows] -= gone @ made[cells.columns]
    assert np.abs(asked + full.factored.final - made).max() < 1e-7


@pytest.mark.parametrize("name", LEGS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_update_equals_direct_solution(name: str, seed: int) -> None:
    table, legs = random_table(seed), LEGS[name]
    base = prepare(table)
    A, kept = dense(table, legs, lambda leg: 1 - leg.share)
    eye, x = np.eye(len(table.x)), table.x
    v = 1.0 - A.sum(axis=0)
    np.testing.assert_allclose(
        x - extraction(base, legs).amount,
        np.linalg.solve(eye - A * kept, table.final),
        rtol=1e-11,
        atol=1e-11,
    )
    B = np.divide(A * x, x[:, None], out=np.zeros_like(A), where=x[:, None] > 0)
    np.testing.assert_allclose(
        x - ghosh(base, legs).amount, np.linalg.solve((eye - B * kept).T, v * x), rtol=1e-11, atol=1e-11
    )
    _, dear = dense(table, legs, lambda _leg: 1.3)
    p = np.linalg.solve((eye - A * dear).T, v)
    np.testing.assert_allclose(price(base, legs, 0.3).amount, x * (p - 1), rtol=1e-9, atol=1e-11)


@given(seed=st.integers(0, 10_000), name=st.sampled_from(sorted(LEGS)))
@settings(max_examples=25, deadline=None)
def test_duality_of_extraction_ghosh_and_price(seed: int, name: str) -> None:
    """y f = v x*, y the Ghosh index x*'/x; and Ghosh is the price model with inputs cheaper by the cut."""
    base, legs = prepare(random_table(seed)), LEGS[name]
    x, cells = base.factored.x, cells_of(base.table, legs, lambda leg: 1 - leg.share)
    index = np.divide(x - ghosh(base, legs).amount, x, out=np.zeros_like(x), where=x > 0)
    left = index @ base.factored.final
    right = base.factored.primary @ (x - extraction(base, legs).amount)
    assert left == pytest.approx(right, rel=1e-11)
    np.testing.assert_allclose((kernel.prices(base.factored, cells) * x), index * x, rtol=1e-12)
    little = [TradeCut(g.sellers, g.buyers, g.sectors, 1e-6) for g in legs]
    np.testing.assert_allclose(
        price(base, little, 1e-6).amount, ghosh(base, little).amount, atol=1e-9 * x.sum()
    )


@given(seed=st.integers(0, 10_000), name=st.sampled_from(sorted(LEGS)), part=st.floats(0.1, 0.9))
@settings(max_examples=25, deadline=None)
def test_splitting_a_sector_into_like_parts_changes_no_country(seed: int, name: str, part: float) -> None:
    table, legs = random_table(seed), LEGS[name]
    fine = split_last(table, part)
    wider = [
        TradeCut(g.sellers, g.buyers, (*g.sectors, "twin") if "S4" in g.sectors else g.sectors, g.share)
        for g in legs
    ]
    one, two = prepare(table), prepare(fine)
    for model in (*MODELS, lambda b, g: rerouting(b, [g])[0].diagnostic):
        coarse, split = model(one, legs).by_country(), model(two, wider).by_country()
        for region in table.regions:
            assert split[region] == pytest.approx(coarse[region], rel=1e-7, abs=1e-9)


def split_last(table: IOTable, part: float) -> IOTable:
    """The last sector of every region as two that buy and sell alike, `part` and the rest."""
    R, S = len(table.regions), len(table.sectors)
    weights = np.zeros((R, S + 1, R, S))
    for r in range(R):
        weights[r, np.arange(S), r, np.arange(S)] = 1.0
        weights[r, S - 1, r, S - 1], weights[r, S, r, S - 1] = part, 1.0 - part
    G = weights.reshape(R * (S + 1), R * S)
    sectors = (*table.sectors, "twin")
    return IOTable(table.regions, sectors, G @ table.Z @ G.T, G @ table.x, 2020, "USD million", table.source)


@given(seed=st.integers(0, 10_000), name=st.sampled_from(sorted(LEGS)))
@settings(max_examples=20, deadline=None)
def test_nothing_cut_nothing_lost_and_more_cut_never_less(seed: int, name: str) -> None:
    base = prepare(random_table(seed))
    legs = LEGS[name]
    for model in MODELS[:2]:
        none = model(base, [TradeCut(g.sellers, g.buyers, g.sectors, 0.0) for g in legs])
        half = model(base, [TradeCut(g.sellers, g.buyers, g.sectors, g.share / 2) for g in legs])
        whole = model(base, legs)
        slack = 1e-12 * base.factored.x.max()
        assert np.abs(none.amount).max() <= slack
        assert (half.amount >= -slack).all()
        assert (whole.amount >= half.amount - slack).all()


def test_overlap_takes_the_larger_cut_and_home_sales_stay() -> None:
    base = prepare(random_table(7))
    wide, narrow = TradeCut(("R0", "R1"), ("R1",), (), 0.4), TradeCut(("R0",), ("R1",), ("S2",), 0.9)
    Z, S = base.table.Z, 5
    wanted = 0.4 * Z[:S, S : 2 * S].sum() + 0.5 * Z[2, S : 2 * S].sum()
    assert extraction(base, [wide, narrow]).severed == pytest.approx(wanted)
    assert extraction(base, [narrow, wide]).severed == pytest.approx(wanted)


def test_inputs_above_the_cap_are_named_and_scaled() -> None:
    table = random_table(3)
    x = table.x.copy()
    j = int(np.argmax(x))
    x[j] = table.Z[:, j].sum() * 1.001
    base = prepare(IOTable(table.regions, table.sectors, table.Z, x, 2020, "USD million", table.source))
    assert base.capped == ((table.regions[j // 5], table.sectors[j % 5]),)
    assert base.factored.primary[j] == pytest.approx(0.02)
    A = table.Z * base.factored.per_column
    np.testing.assert_allclose(A @ base.factored.x + (x - table.Z.sum(axis=1)), base.factored.x, rtol=1e-10)


def test_every_fault_of_the_legs_is_listed_at_once() -> None:
    base = prepare(random_table(1))
    with pytest.raises(InputError) as caught:
        extraction(
            base,
            [TradeCut(("R9",), ("R1",), ("S8", "S1"), 1.5), TradeCut(("R2",), ("R2",), (), float("nan"))],
        )
    text = str(caught.value)
    assert len(caught.value.problems) == 5
    for part in ("R9", "S8", "1.5", "nan", "R2 is seller and buyer", "nearest"):
        assert part in text
    with pytest.raises(InputError, match="no price covers"):
        price(base, [TradeCut(base.table.regions, base.table.regions)], 1e4)
    with pytest.raises(InputError, match="price rise of nan"):
        price(base, [TradeCut(("R0",), ("R1",))], float("nan"))
    bad = base.table.Z.copy()
    bad[0, 0] = -1.0
    with pytest.raises(InputError, match="negative"):
        prepare(
            IOTable(base.table.regions, base.table.sectors, bad, base.table.x, 2020, "", base.table.source)
        )


@pytest.fixture
def own_table(tmp_path: Path) -> str:
    table = random_table(5, R=3, S=3)
    path = tmp_path / "own.npz"
    np.savez(
        path,
        Z=table.Z,
        x=table.x,
        regions=["DEU", "FRA", "POL"],
        sectors=["S0", "S1", "S2"],
        order="country-major",
        year=2020,
    )
    return str(path)


def test_command_on_a_table_of_ones_own(own_table: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "sector",
        "static",
        "--table",
        own_table,
        "--seller",
        "France",
        "--buyer",
        "DEU",
        "--sector",
        "s1",
    ]
    assert run(words) == 0
    text = capsys.readouterr().out
    for part in (
        "FRA -> industries of DEU: S1",
        "Why they differ",
        "does not see",
        "kanmon assess",
        "inferred",
    ):
        assert part in text
    assert run([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [m["model"] for m in found["models"]] == ["extraction", "ghosh", "price", "rerouting"]
    for one in found["models"]:
        assert sum(row["usd_m"] for row in one["by_country"]) == pytest.approx(one["world_usd_m"])
        assert one["counts"]
        assert one["assumes"]
        assert one["does_not_see"]


def test_command_lists_every_fault_at_once(own_table: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "--seller",
        "Frnce",
        "--buyer",
        "USA",
        "--sector",
        "S9",
        "--share",
        "2",
        "--price",
        "x",
        "--top",
        "0",
    ]
    assert run(["sector", "static", "--table", own_table, *words]) == 2
    said = capsys.readouterr().err
    assert "6 problems" in said
    for part in ("France", "the table lacks USA", "S9", "'2' cannot be used", "'x' cannot be used", "--top"):
        assert part in said
