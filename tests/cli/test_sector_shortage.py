"""`kanmon sector shortage`: files, figures with all they need, the template, bad input named all at once."""

import hashlib
import json
import re
import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import kanmon as km
from kanmon.app.cli import run
from kanmon.app.shortage_words import known
from kanmon.core.errors import InputError
from kanmon.engines.shortage_scenario import TEMPLATE
from kanmon.world.world import World

BAN = """
name = "ban"
start = 2026-03-01
days = 100
[[restriction]]
kind = "ban"
seller = "China"
product = ["Gallium", "C26"]
buyer = "Germany"
first = 2026-03-11
leakage = [0.1, 0.2, 0.4]
source = "Gazette of today"
basis = "sourced"
"""
QUICK = ("--draws", "8", "--regions", "CHN,DEU,USA")


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "s.toml").write_text(BAN, "utf-8")
    return str(tmp_path / "s.toml")


def test_files_and_answer_tell_the_same(
    tmp_path: Path, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(["sector", "shortage", file, *QUICK, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    manifest = json.loads((out / "run.json").read_text("utf-8"))
    for name, sha in manifest["files_sha256"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == sha
    assert {*manifest["files_sha256"], "run.json"} == {p.name for p in out.iterdir()}
    assert manifest["scenario_sha256"] == hashlib.sha256(BAN.encode()).hexdigest()
    assert {row["rule"] for row in told["losses"]} == {"a", "b", "c"}
    draws, losses = pl.read_parquet(out / "draws.parquet"), pl.read_csv(out / "losses.csv")
    (mine,) = [r for r in told["losses"] if (r["rule"], r["region"], r["months"]) == ("a", "DEU", 3)]
    of = (pl.col("rule") == "a") & (pl.col("region") == "DEU") & (pl.col("months") == 3)
    assert mine["mid"] == pytest.approx(draws.filter(of)["pct_gdp"].median())
    assert mine["high"] == pytest.approx(losses.filter(of)["pct_gdp_high"].item())
    daily = pl.read_csv(out / "daily.csv", try_parse_dates=True)
    assert daily.height == 3 * 100 * 4  # rules, days, regions with the rest
    assert daily.filter(pl.col("day") < 10)["usd_m_high"].abs().max() == 0
    assert str(daily.filter(pl.col("day") == 10)["date"][0]) == "2026-03-11"
    assert pl.read_csv(out / "sectors.csv").filter(of & (pl.col("sector") == "C26"))["usd_m_high"].item() > 0
    inputs = pl.read_csv(out / "inputs.csv")
    own = inputs.filter(pl.col("source") == "Gazette of today")
    assert own["symbol"].to_list() == ["l_max"]
    assert inputs["source"].null_count() == 0
    assert inputs["basis"].null_count() == 0


def figures(told: object) -> list[dict[str, object]]:
    """Every part of an answer that has a mid."""
    found = []
    if isinstance(told, dict):
        found += [told] if "mid" in told else []
        for value in told.values():
            found += figures(value)
    elif isinstance(told, list):
        for value in told:
            found += figures(value)
    return found


def test_every_figure_has_unit_range_basis_and_sources(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sector", "shortage", file, *QUICK, "--rationing", "a", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    known, found = {s["id"] for s in told["sources"]}, figures(told)
    assert len(found) > 60
    for g in found:
        assert g["unit"]
        assert g["basis"] in {"measured", "sourced", "inferred", "assumed"}
        assert g.get("source") or g["sources"]
        assert set(g.get("sources", ())) <= known
        if g["mid"] is not None and not g.get("exact"):
            assert g["low"] is not None or g["high"] is not None
    (buyer,) = told["buyers"]
    assert {"first_stop", "first_stop_by_sector", "binding", "margin"} <= buyer.keys()
    assert buyer["margin"][0]["mid"] <= buyer["margin"][-1]["mid"]
    assert all(f["leaked"]["high"] > 0 for f in told["flows"])
    assert {u["seller"] for u in told["final_demand_unserved"]} == {"CHN", "DEU", "USA", "ROW"}


def test_the_card_on_a_terminal(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sector", "shortage", file, *QUICK, "--days", "95", "--without", "thrift,restart_delay"]) == 0
    out = capsys.readouterr().out
    for words in (
        "ban: shortage model, 95 days, day 0 is 2026-03-01, 8 draws",
        "stops exports of Gallium and Computers, electronics, optics to DEU, day 10 to the end",
        "Rule c: all in proportion.",
        "Margin to the threshold",
        "of it leaked",
        "Switched off: no buyer saves",
        "uncertain inputs were read",
    ):
        assert words in " ".join(out.split()), words


def test_the_template_runs_and_names_every_field(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["sector", "shortage", "--template"]) == 0
    text = capsys.readouterr().out
    assert text == TEMPLATE.read_text("utf-8")
    from kanmon.engines import shortage_scenario as s

    fields = {*s.TOP, *s.COMMON, *(key for keys in s.SPECIAL.values() for key in keys)}
    assert not [f for f in fields if not re.search(rf"\b{f}\b", text)]
    assert {r["kind"] for r in tomllib.loads(text)["restriction"]} == set(s.KINDS)
    (tmp_path / "t.toml").write_text(text, "utf-8")
    assert run(["sector", "shortage", str(tmp_path / "t.toml"), "--draws", "8", "--rationing", "a"]) == 0
    assert "restriction 5 (slow port)" in capsys.readouterr().out
    assert run(["sector", "shortage", "--template", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["start"] == "2026-01-06"


WRONG = """
start = "soon"
days = 100
buyer = "DEU"
[[restriction]]
kind = "bann"
seller = "Chna"
product = ["GAX", "C2", "8505", "999999"]
buyer = "DEU"
share = [0.5, 0.2, 0.7]
enforcement = 1.2
leakage = nan
first = 40
last = 20
approval = 0.3
[[restriction]]
kind = "quota"
seller = "CHN"
product = "GA"
buyer = "CHN"
volume = 30
first = 2026-01-01
last = 500
[[restriction]]
kind = "licence"
seller = "CHN"
product = "GE"
buyer = "DEU"
approval = 0.3
[[restriction]]
kind = "licence"
seller = ["CHN", "USA"]
product = "GE"
buyer = "all"
first = 50
approval = 0.6
review_dais = 3
[[restriction]]
kind = "throttling"
seller = "CHN"
buyer = "DEU"
product = "W"
unit = "tonnes"
"""


def test_every_fault_is_named_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "w.toml").write_text(WRONG, "utf-8")
    words = ["sector", "shortage", str(tmp_path / "w.toml"), "--out", str(tmp_path / "out")]
    assert run([*words, "--draws", "2", "--rationing", "d", "--without", "thrif", "--regions", "Jpan"]) == 2
    told = " ".join(capsys.readouterr().err.split())
    for part in (
        "start is 'soon'",
        "no field is called 'buyer'",
        "kind is 'bann'",
        "nearest: ban",
        "no country or group 'Chna'",
        "nearest: CHN",
        "'GAX' is no product",
        "'C2' is no product",
        "HS 8505 has not six digits",
        "[0.5, 0.2, 0.7] is not in order",
        "enforcement is 1.2",
        "nan is not a number",
        "ends on day 20, before its first",
        "a ban has no approval",
        "CHN is seller and buyer",
        "unit is missing",
        "first is a date",
        "day 500 lies outside the run",
        "contradict each other from day 50",
        "no field is called 'review_dais'",
        "nearest: review_days",
        "nothing is throttled",
        "a throttling has no unit",
        "2 draws cannot be run",
        "'d' is no rationing rule",
        "'thrif' is no part",
        "no region 'Jpan'",
    ):
        assert part in told, part
    assert not (tmp_path / "out").exists()


def test_what_is_no_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sector", "shortage"]) == 2
    assert "no scenario is given" in capsys.readouterr().err
    assert run(["sector", "shortage", str(tmp_path / "no.toml"), "--draws", "x", "--year", "2020"]) == 2
    told = capsys.readouterr().err
    assert all(word in told for word in ("cannot be read", "'x' is not a whole number", "no table is given"))
    (tmp_path / "s.toml").write_text("days =", "utf-8")
    assert run(["sector", "shortage", str(tmp_path / "s.toml")]) == 2
    assert "the scenario is not TOML" in capsys.readouterr().err


def test_a_side_that_is_not_among_the_regions_and_a_code_without_a_flow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '[[restriction]]\nkind = "ban"\nseller = "CHN"\nproduct = "854231"\nbuyer = "DEU"\n'
    (tmp_path / "s.toml").write_text(text, "utf-8")
    assert run(["sector", "shortage", str(tmp_path / "s.toml"), "--regions", "CHN,USA"]) == 2
    told = capsys.readouterr().err
    assert "HS 854231 can be given no share of a flow" in told
    assert "DEU is not among them" in told


def test_a_table_without_the_sector_of_a_product(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng, regions, sectors = np.random.default_rng(1), ("CHN", "DEU"), ("B07", "C20", "C26")
    Z = rng.random((6, 6)) + 0.1
    np.savez(
        tmp_path / "t.npz",
        Z=Z,
        Y=Z.sum(axis=0)[:, None] + 5,
        x=Z.sum(axis=1) + Z.sum(axis=0) + 5,
        regions=np.array(regions),
        sectors=np.array(sectors),
        order=np.array("country-major"),
        year=np.array(2020),
        unit=np.array("USD million"),
    )
    text = '[[restriction]]\nkind = "ban"\nseller = "CHN"\nproduct = ["GA", "C26"]\nbuyer = "DEU"\n'
    (tmp_path / "s.toml").write_text(text, "utf-8")
    own = ("--table", str(tmp_path / "t.npz"), "--order", "country-major", "--year", "2020", "--draws", "8")
    assert run(["sector", "shortage", str(tmp_path / "s.toml"), *own]) == 2
    told = capsys.readouterr().err
    assert "GA has no place in this table" in told
    assert "no sector C24B" in told
    (tmp_path / "s.toml").write_text(text.replace('"GA", ', ""), "utf-8")
    assert run(["sector", "shortage", str(tmp_path / "s.toml"), *own, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["regions"] == ["CHN", "DEU"]


ROWS = {
    "kind": ["ban", "licence"],
    "seller": ["CHN", "CHN"],
    "product": ["GA;GE", "W"],
    "buyer": ["DEU", "DEU;FRA"],
    "first": [0, 30],
    "approval": [None, 0.3],
}
MORE = {"buyers": "DEU", "draws": 8, "rationing": "a", "days": 95, "regions": ["CHN", "DEU", "FRA"]}


def test_frames_come_out_as_they_went_in() -> None:
    found = km.shortage(pl.DataFrame(ROWS), **MORE)
    assert isinstance(found.losses(), pl.DataFrame)
    assert found.outcomes["a"].draws == 8
    listed = [
        {"kind": "ban", "seller": "CHN", "product": ["GA", "GE"], "buyer": "DEU"},
        {"kind": "licence", "seller": "CHN", "product": "W", "buyer": ["DEU", "FRA"], "first": 30},
    ]
    same = km.shortage([listed[0], listed[1] | {"approval": 0.3}], **MORE)
    assert same.losses().equals(found.losses())


def test_a_pandas_frame_gives_pandas_frames() -> None:
    pd = pytest.importorskip("pandas")
    found, same = (km.shortage(frame(ROWS), **MORE) for frame in (pd.DataFrame, pl.DataFrame))
    assert isinstance(found.losses(), pd.DataFrame)
    assert found.losses()["usd_m_mid"].tolist() == same.losses()["usd_m_mid"].to_list()


def test_a_thing_that_is_no_scenario_is_refused() -> None:
    with pytest.raises(InputError, match="int is no scenario"):
        km.shortage(3)


def test_a_product_that_stands_by_grade_means_all_its_grades() -> None:
    world = World.default()
    wholes = {p.grade_of for p in world.products.values() if p.grade_of}
    assert wholes
    for whole in wholes:
        grades = known(world).goods[whole.casefold()]
        assert len(grades) > 1
        assert grades == world.parts(whole)


def test_one_volume_serves_all_its_flows(tmp_path: Path) -> None:
    """A quota in money over many buyers lets through at most its volume in all."""
    scenario = """
name = "quota"
buyers = ["DEU"]
days = 365
[[restriction]]
kind = "quota"
seller = "CHN"
product = "W"
buyer = "all"
volume = 300
unit = "usd_m"
enforcement = 1
leakage = 0
"""
    run = km.shortage(scenario, draws=8, rationing="a")
    flows = run.flows()
    moved = (flows["normal_usd_m_mid"] - flows["stopped_usd_m_mid"]).sum()
    assert flows["buyer"].n_unique() > 5
    assert moved == pytest.approx(300, rel=0.05)


def test_nothing_stopped_keeps_its_columns() -> None:
    run = km.shortage(BAN.replace("leakage", "share = 0\nleakage"), draws=8, rationing="a")
    assert run.flows().is_empty()
    assert {"seller", "buyer", "stopped_usd_m_mid"} <= set(run.flows().columns)
    assert "days_mid" in run.margins().columns


def test_a_number_without_an_end_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.toml").write_text(BAN.replace("leakage =", "rush_days = inf\nleakage ="), "utf-8")
    assert run(["sector", "shortage", str(tmp_path / "s.toml"), "--json"]) == 2
    assert "rush_days has no end" in capsys.readouterr().err
