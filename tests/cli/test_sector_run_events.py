"""What events of a scenario mean, what the answer has to say of them, and runs by the hundred."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from kanmon.app.cli import run
from kanmon.core.errors import InputError
from kanmon.engines.ario import ArioInput, run_ario
from kanmon.engines.ario_draws import run_draws
from kanmon.engines.ario_fields import Labels
from kanmon.engines.ario_scenario import ArioScenario, read_scenario
from kanmon.world.tables import read_table

SHARED = Path(__file__).parents[3] / "shared" / "data" / "wiod2013"
SMALL = Path(__file__).parents[1] / "published" / "sector" / "a_pymrio_test_table.npz"
REGIONS, SECTORS = ("AAA", "BBB", "CCC"), ("farm", "steel")
BAN = '[[restriction]]\nseller = "AAA"\nproduct = "steel"\nbuyer = "BBB"\nbegin = 3\nend = 40\n'


def given(**more: Any) -> ArioInput:
    """A balanced table with final demand by destination."""
    rng = np.random.default_rng(3)
    Z = rng.uniform(1, 3, (6, 6))
    to = rng.uniform(1, 4, (6, 3)) + Z.sum(axis=0)[:, None] / 3
    x = Z.sum(axis=1) + to.sum(axis=1)
    made = {"final_to": to, **more}
    return ArioInput(
        REGIONS, SECTORS, Z, to.sum(axis=1), x, x - Z.sum(axis=0), "USD million", 2020, (), "a test", **made
    )


def read(text: str, table: ArioInput | None = None, **more: Any) -> ArioScenario:
    table = table or given()
    labels = Labels(table.regions, table.sectors)
    return read_scenario(text, labels, table.value_added, final=table.final, final_to=table.final_to, **more)


def lost(text: str, table: ArioInput | None = None) -> float:
    table = table or given()
    return float(run_ario(table, read(text, table)).lost.sum())


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the WIOD tables beside the checkout")
def test_a_published_table_that_misses_its_output_stands_still() -> None:
    """Rows off by rounding and stocks run down made Greece lose 28 % and Cyprus 67 % of nothing."""
    table = ArioInput.of(read_table(SHARED / "wiod2010.npz"))
    assert (table.final < 0).any()
    assert any("differs from the table's own by 59,411" in note for note in table.notes)
    labels = Labels(table.regions, table.sectors)
    found = run_ario(table, read_scenario("steps = 365", labels, table.value_added))
    assert np.abs(found.lost).max() < 1e-9 * table.x.max()
    assert found.margin[table.x > 0].min() == pytest.approx(1.25)
    assert np.abs(found.final_unserved).max() < 1e-9 * table.x.max()


def test_a_table_that_does_not_stand_still_is_refused() -> None:
    table = given(final_to=None)
    off = ArioInput(**{**vars(table), "final": table.final * 0.9})
    with pytest.raises(InputError, match=r"without any event the output of \w+ moves"):
        run_ario(off, read("steps = 9", off))


def test_an_export_restriction_does_not_cover_sales_at_home() -> None:
    head = "steps = 60\n[parameters]\ninventory_days = 5\n"
    named, whole = BAN.replace('"BBB"', '["BBB", "CCC"]'), BAN.replace('"BBB"', '"all"')
    assert lost(head + whole) == lost(head + named)
    assert lost(head + whole + "domestic = true\n") > 1.02 * lost(head + whole)
    every = BAN.replace('"BBB"', '"all"').replace('"AAA"', '"all"')
    for event in read(head + every).events:
        regions = [flags.reshape(3, 2).any(axis=1) for flags in (event.sellers, event.buyers)]
        assert not (regions[0] & regions[1]).any()
    with pytest.raises(InputError, match=r"AAA is seller and buyer.*\n.*at home.*\n.*domestic = true"):
        read(BAN.replace('"BBB"', '"AAA"'))


def test_the_run_away_of_the_reference_case_is_told() -> None:
    t = np.load(SMALL)
    regions, sectors = (tuple(str(v) for v in t[k]) for k in ("regions", "sectors"))
    Z, x = t["Z"], t["x"]
    table = ArioInput(regions, sectors, Z, x - Z.sum(axis=1), x, x - Z.sum(axis=0), "", 2020, ())
    text = (
        '[[capital]]\nregion = "reg1"\nsector = "manufactoring"\namount = 2e7\nbegin = 5\nduration = 10\n'
        "rebuilders = { construction = 0.6, manufactoring = 0.4 }\nrebuild_days = 60\n"
    )
    for steps, down in ((365, 84.6), (600, 90.6)):
        notes = run_ario(table, read(text, table, steps=steps)).notes
        assert any("ran away" in note and f"reg1 -{down} %" in note for note in notes), notes
    assert not any("ran away" in n for n in run_ario(table, read(text, table, steps=30)).notes)
    lasting = "steps = 45\n[parameters]\ninventory_days = 5\n" + BAN.replace("end = 40\n", "")
    own = given()
    assert any("with events in force" in note for note in run_ario(own, read(lasting, own)).notes)


def test_restrictions_that_meet_in_part_are_asked_about() -> None:
    wider = BAN.replace('"BBB"', '["BBB", "CCC"]') + "leakage = 0.5\n"
    slower = BAN + "resource_days = 60\n"
    for other in (wider, slower):
        with pytest.raises(InputError, match=r"restriction 1 and restriction 2 contradict.*3 to 40"):
            read(BAN + other)
        told = read('[parameters]\noverlap = "strictest"\n' + BAN + other).notes
        assert any("meet on days 3 to 40, at 2 pairs of industries" in note for note in told)
    assert any(
        "keeps 0, the other 0.5, together 0 (" in n for n in read(_rule("strictest") + BAN + wider).notes
    )
    assert any("meet" in note for note in read(BAN + BAN).notes)
    apart = BAN.replace("begin = 3\nend = 40", "begin = 41\nend = 50")
    assert not any("meet" in note for note in read(BAN + apart + "leakage = 0.5\n").notes)


def _rule(overlap: str) -> str:
    return f'steps = 60\n[parameters]\ninventory_days = 5\noverlap = "{overlap}"\n'


def test_goods_apart_within_one_sector_add_up() -> None:
    shares = [BAN + f"share = {s}\n" for s in (0.2, 0.3)]
    for rule, kept in (("strictest", 0.7), ("multiply", 0.56), ("add", 0.5)):
        text = _rule(rule)
        alone = BAN + f"share = {1 - kept}\n"
        assert lost(text + shares[0] + shares[1]) == pytest.approx(lost(text + alone), rel=1e-9)
        assert any(f"together {kept:g} ({rule})" in n for n in read(text + shares[0] + shares[1]).notes)


def test_capacity_lost_twice_is_told() -> None:
    one = '[[capacity]]\nregion = "AAA"\nsector = "steel"\nloss = 0.2\nbegin = 5\nduration = 10\n'
    note = next(n for n in read(one + one).notes if "larger share of capacity lost holds" in n)
    assert "hit the same industry on days 5 to 14" in note
    assert not any("capacity lost holds" in n for n in read(one + one.replace("= 5", "= 15")).notes)


def test_a_run_in_which_nothing_happens_says_so() -> None:
    assert "No event falls in the run: the scenario holds none." in read("").notes[0]
    late = read("steps = 60\n" + BAN, steps=3).notes
    assert any("all begin after its last day, 2" in note for note in late)
    two = "steps = 60\n" + BAN + BAN.replace("begin = 3", "begin = 30") + "leakage = 0.5\n"
    two = two.replace("end = 40", "end = 20", 1)
    assert any("restriction 2 begins on day 30, after the last day" in n for n in read(two, steps=9).notes)


@pytest.mark.parametrize("kind", ["capacity", "capital"])
def test_a_recovery_too_short_for_its_curve_is_refused(kind: str) -> None:
    text = f'[[{kind}]]\nregion = "AAA"\nsector = "steel"\nbegin = 5\nrecovery = 2\n'
    text += 'loss = 0.2\ncurve = "s_shaped"\n' if kind == "capacity" else 'amount = 1\nrecover = "s_shaped"\n'
    with pytest.raises(InputError, match=r"s_shaped cannot recover in 2 days.*\n.*it takes 3 or more"):
        read(text)
    assert read(text.replace("recovery = 2", "recovery = 3")).events


def test_numbers_without_an_end_are_refused_with_the_rest() -> None:
    text = '[[capital]]\nregion = "AAA"\nsector = "steel"\namount = inf\nbegin = 5\n'
    text += "rebuilders = { steel = 1.0 }\n"
    with pytest.raises(InputError, match="more than there is"):
        read(text + BAN.replace("end = 40", "end = 1"))


def test_single_precision_takes_its_own_rounding_off() -> None:
    table = given()
    single = ArioInput.of(_as_io(table), np.float32)
    text = "steps = 120\n" + BAN + "share = 1e-4\n"
    double = run_ario(table, read(text, table))
    found = run_ario(single, read(text, single))
    gap = np.abs(found.by_region(found.lost * found.value_added_share).sum(axis=0))
    gap -= np.abs(double.by_region(double.lost * double.value_added_share).sum(axis=0))
    assert (np.abs(gap) <= found.noise).all()
    assert (found.noise < 1e-6 * table.value_added.sum()).all()
    assert any("may be rounding" in note for note in found.notes)
    assert np.abs(run_ario(single, read("steps = 120", single)).lost).max() == 0


def _as_io(table: ArioInput) -> Any:
    from kanmon.core.source import ASSUMPTION
    from kanmon.world.records import IOTable

    return IOTable(table.regions, table.sectors, table.Z, table.x, 2020, "USD million", ASSUMPTION)


def test_final_sales_stop_where_the_table_knows_their_destination() -> None:
    table = given()
    head = "steps = 60\n[parameters]\ninventory_days = 90\n"
    rules = ("", "final = true\nleakage = 0.25\n")
    found = [run_ario(table, read(head + BAN + more, table)) for more in rules]
    node = 1  # AAA steel
    per_day = table.final_to[node, 1] / 365 * 0.75  # type: ignore[index]
    assert found[0].final_unserved[20].sum() < 0.1 * per_day
    assert found[1].final_unserved[20, node] == pytest.approx(per_day, rel=0.02)
    assert found[1].final_unserved[50].sum() < found[1].final_unserved[20].sum()
    two = _rule("add") + 2 * (BAN + "final = true\nshare = 0.3\n")
    both = run_ario(table, read(two, table))
    assert both.final_unserved[20, node] == pytest.approx(table.final_to[node, 1] / 365 * 0.6, rel=0.1)  # type: ignore[index]
    with pytest.raises(InputError, match="does not say where final demand is"):
        read(BAN + "final = true\n", given(final_to=None))


def test_final_demand_that_falls_is_not_unserved() -> None:
    table = given()
    text = 'steps = 20\n[[demand]]\nregion = "AAA"\nsector = "steel"\nchange = -0.5\nbegin = 3\nend = 9\n'
    found = run_ario(table, read(text, table))
    assert found.lost[3, 1] == pytest.approx(0.5 * table.final[1] / 365)
    assert np.abs(found.final_unserved).max() < 1e-9
    only = run_ario(table, read(text + 'destination = "BBB"\n', table))
    assert only.lost[3, 1] == pytest.approx(0.5 * table.final_to[1, 1] / 365)  # type: ignore[index]


DRAWS = """
[draws]
count = 24
inventory_days = [4, 6, 20]
psi = [0.7, 0.8, 0.9]
leakage = [0.0, 0.1, 0.3]
"""


def test_draws_are_runs_of_their_own_numbers() -> None:
    table = given()
    scenario = read("steps = 60\n" + BAN + DRAWS, table)
    bands = run_draws(table, scenario)
    assert bands.draws == 24
    assert ((bands.values["leakage"] >= 0) & (bands.values["leakage"] <= 0.3)).all()
    for k in (0, 17):
        one = {n: float(v[k]) for n, v in bands.values.items()}
        text = (
            f"steps = 60\n[parameters]\ngates = false\ninventory_days = {one['inventory_days']}\n"
            f"psi = {one['psi']}\n{BAN}leakage = {one['leakage']}\n"
        )
        alone = run_ario(table, read(text, table))
        by_region = alone.by_region(alone.lost * alone.value_added_share)
        assert bands.lost[:, :, k] == pytest.approx(by_region, abs=1e-12 * table.x.max())
        assert bands.margin[:, k] == pytest.approx(alone.margin)
    final = run_draws(table, read("steps = 60\n" + BAN + "final = true\n" + DRAWS, table))
    assert (final.final_unserved.sum(axis=0) > bands.final_unserved.sum(axis=0)).all()


def test_ranges_that_cannot_be_drawn_are_named_at_once() -> None:
    text = "[parameters]\ninventory_days = { default = 9, steel = 3 }\n[draws]\ncount = 1\npsy = 1\n"
    text += "psi = [0.9, 0.8, 0.7]\nleakage = [0, 1]\nshare = [0, 0.5, 1.5]\ninventory_days = [1, 2, 3]\n"
    with pytest.raises(InputError) as told:
        read(text)
    for words in (
        "1 is not a whole number of 2 or more",
        "no field is called 'psy'",
        "does not rise",
        "[0, 1] is no range",
        "share is 1.5",
        "inventory_scale = [0.5, 1, 2]",
    ):
        assert words in str(told.value), words


@pytest.fixture
def file(tmp_path: Path) -> Path:
    table = given()
    np.savez(
        tmp_path / "t.npz", Z=table.Z, Y=table.final_to, x=table.x, regions=np.array(REGIONS),  # type: ignore[arg-type]
        sectors=np.array(SECTORS), order=np.array("country-major"), year=np.array(2020),
        unit=np.array("USD million"), final_regions=np.array(REGIONS), categories=np.array(["use"] * 3),
    )  # fmt: skip
    return tmp_path / "t.npz"


def test_draws_on_the_command_line(tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.toml").write_text("steps = 60\n" + BAN + DRAWS, "utf-8")
    asked = ["sector", "run", str(tmp_path / "s.toml"), "--table", str(file)]
    for more in ([], ["--single"]):
        assert run([*asked, *more, "--out", str(tmp_path / "out"), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        one = told["regions"][0]["value_added_lost"]
        assert one["low"] <= one["mid"] <= one["high"]
        days = pl.read_csv(tmp_path / "out" / "regions.csv")
        assert days.height == 60 * 3
        assert (days["value_added_lost_p5"] <= days["value_added_lost_p95"]).all()
        draws = pl.read_csv(tmp_path / "out" / "draws.csv")
        assert draws["value_added_lost"].median() == pytest.approx(told["value_added_lost"]["mid"], rel=1e-4)
    assert run(asked) == 0
    out = capsys.readouterr().out
    assert "Range: 5 to 95 % of 24 draws" in out
    assert "Of 24 draws a stock limits output in" in out
    assert "Basis: inferred from" in out


def test_everything_is_written_where_asked(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "s.toml").write_text("steps = 20\n" + BAN + "final = true\n", "utf-8")
    asked = ["sector", "run", str(tmp_path / "s.toml"), "--table", str(file), "--everything"]
    assert run(asked) == 2
    assert "no folder to write to" in capsys.readouterr().err
    assert run([*asked, "--out", str(tmp_path / "out")]) == 0
    daily = pl.read_csv(tmp_path / "out" / "daily.csv")
    assert {"capacity", "overproduction", "intermediate_demand", "rebuild_demand"} <= set(daily.columns)
    assert (daily["capacity"] >= daily["output"] - 1e-9).all()
    stocks = pl.read_csv(tmp_path / "out" / "stocks.csv")
    assert stocks.height == 6 * 2
    assert "stocks.csv" in json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["files_sha256"]
