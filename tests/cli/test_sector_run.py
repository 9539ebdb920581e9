"""`kanmon sector run`: files, figures that hang together, and bad input named all at once."""

import hashlib
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kanmon.app.cli import run
from kanmon.engines.ario import ArioInput, run_ario
from kanmon.engines.ario_fields import Labels
from kanmon.engines.ario_scenario import TEMPLATE, read_scenario

REGIONS, SECTORS = ("AAA", "BBB"), ("farm", "steel", "cars")
BAN = """
name = "ban"
steps = 60
start = 2025-03-01
[parameters]
inventory_days = {{ default = 10, steel = 6 }}
[[restriction]]
seller = "AAA"
product = "steel"
buyer = ["BBB/cars"]
begin = 2025-03-06
end = {end}
leakage = 0.1
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    Z = rng.random((6, 6)) + 0.1
    np.savez(
        tmp_path / "t.npz",
        Z=Z,
        Y=Z.sum(axis=0)[:, None] + 5,
        x=Z.sum(axis=1) + Z.sum(axis=0) + 5,
        regions=np.array(REGIONS),
        sectors=np.array(SECTORS),
        order=np.array("country-major"),
        year=np.array(2020),
        unit=np.array("USD million"),
    )
    return tmp_path / "t.npz"


def own(table: Path, *more: str) -> list[str]:
    return ["--table", str(table), "--order", "country-major", "--year", "2020", *more]


def scenario(tmp_path: Path, text: str) -> str:
    (tmp_path / "s.toml").write_text(text, "utf-8")
    return str(tmp_path / "s.toml")


def test_the_files_and_the_summary_tell_the_same(
    tmp_path: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = scenario(tmp_path, BAN.format(end="2025-04-30")), tmp_path / "out"
    assert run(["sector", "run", file, *own(table), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    daily, regions = pl.read_csv(out / "daily.csv"), pl.read_csv(out / "regions.csv")
    assert daily.height == 60 * 6
    assert regions.height == 60 * 2
    assert daily["date"][-1] == "2025-04-29"
    assert told["value_added_lost"] == pytest.approx(daily["value_added_lost"].sum())
    assert told["value_added_lost"] == pytest.approx(regions["value_added_lost"].sum())
    assert told["regions"][0]["region"] == "BBB"
    assert told["value_added_lost"] > 0
    lost = {(r["region"], r["sector"]): r["value_added_lost"] for r in told["industries"]}
    assert max(lost, key=lost.__getitem__) == ("BBB", "cars")
    before = daily.filter(pl.col("day") < 5)
    assert before["output_lost"].abs().max() < 1e-9
    manifest = json.loads((out / "run.json").read_text("utf-8"))
    for name, sha in manifest["files_sha256"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == sha
    assert manifest["scenario_sha256"] == hashlib.sha256(Path(file).read_bytes()).hexdigest()
    assert not list(out.glob(".writing-*"))


def test_single_precision_and_steps(tmp_path: Path, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, found = scenario(tmp_path, BAN.format(end=59)), []
    for more in (["--single"], []):
        assert run(["sector", "run", file, *own(table, "--steps", "40", "--json"), *more]) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0]["steps"] == 40
    assert found[0]["value_added_lost"] == pytest.approx(found[1]["value_added_lost"], rel=1e-4)


def test_the_template_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = scenario(tmp_path, TEMPLATE.read_text("utf-8"))
    assert run(["sector", "run", file, "--regions", "DEU,FRA,ITA", "--steps", "60"]) == 0
    out = capsys.readouterr().out
    assert "Industries that lose most" in out
    assert "Least stock margin" in out


WRONG = """
steps = 30
stepz = 3
[parameters]
psi = 1.5
inventory_days = { stel = 4 }
[[restriction]]
seller = "AAB"
product = "stell"
buyer = "BBB/car"
begin = 20
end = 10
leakage = 1.2
share = nan
[[restriction]]
seller = "AAA"
product = "steel"
buyer = "BBB"
begin = 2025-01-01
[[restriction]]
seller = "AAA"
product = "steel"
buyer = "BBB"
begin = 3
enforcement = 0.5
[[capacity]]
region = "AAA"
sector = "cars"
begin = 99
[[capital]]
region = "AAA"
sector = "cars"
amount = 1e9
begin = 1
rebuilders = { farm = 0.5 }
"""


def test_every_fault_is_named_at_once(
    tmp_path: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sector", "run", scenario(tmp_path, WRONG), *own(table)]) == 2
    told = capsys.readouterr().err
    for words in (
        "no field is called 'stepz'",
        "psi is 1.5",
        "no sector 'stel'",
        "no region 'AAB'",
        "nearest: AAA",
        "no sector 'stell'",
        "no sector 'car'",
        "before it begins on day 20",
        "leakage is 1.2",
        "nan is not a number",
        "the run has no start",
        "contradict each other on days 3 to 29",
        "loss is missing",
        "day 99 lies outside the run",
        "of capital is more than there is",
        "the shares sum to 0.5",
    ):
        assert words in told, words


def test_overlap_that_is_stated_is_no_contradiction() -> None:
    two = "".join(
        f'[[restriction]]\nseller = "AAA"\nproduct = "all"\nbuyer = "all"\nbegin = 1\nenforcement = {e}\n'
        for e in (0.2, 0.5)
    )
    labels = Labels(REGIONS, SECTORS)
    read = read_scenario('steps = 9\n[parameters]\noverlap = "multiply"\n' + two, labels, np.ones(6))
    assert len(read.events) == 2
    assert read.parameters.overlap == "multiply"


def test_what_is_no_scenario_or_no_table(
    tmp_path: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sector", "run", str(tmp_path / "none.toml"), "--steps", "x"]) == 2
    told = capsys.readouterr().err
    assert "cannot be read" in told
    assert "'x' is not a whole number" in told
    assert run(["sector", "run", scenario(tmp_path, "steps = ="), *own(table)]) == 2
    assert "the scenario is not TOML" in capsys.readouterr().err
    assert run(["sector", "run", scenario(tmp_path, "steps = 3"), "--year", "2020"]) == 2
    assert "no table is given" in capsys.readouterr().err


def test_a_run_too_large_is_refused_before_it_begins(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kanmon.core.errors import InputError
    from kanmon.engines import ario

    monkeypatch.setattr(ario, "free_memory", lambda: 1000)
    given = ArioInput(
        REGIONS, SECTORS, np.ones((6, 6)), np.ones(6), np.full(6, 9.0), np.ones(6), "USD", 1, ()
    )
    read = read_scenario("steps = 9", Labels(REGIONS, SECTORS), given.value_added)
    with pytest.raises(InputError, match=r"GiB beside the table.*\n.*days of record.*\n.*--single"):
        run_ario(given, read)


def test_a_run_that_runs_away_says_so() -> None:
    Z = np.full((6, 6), 1.0)
    given = ArioInput(REGIONS, SECTORS, Z, np.full(6, 6.0), np.full(6, 12.0), np.full(6, 6.0), "USD", 1, ())
    text = (
        "steps = 300\n[parameters]\ninventory_days = 4\n[[restriction]]\n"
        'seller = "AAA"\nproduct = "steel"\nbuyer = "BBB"\nbegin = 2\nend = 60\n'
    )
    quiet = run_ario(given, read_scenario("steps = 9", Labels(REGIONS, SECTORS), given.value_added))
    wild = run_ario(given, read_scenario(text, Labels(REGIONS, SECTORS), given.value_added))
    assert not any("ran away" in note for note in quiet.notes)
    assert any("ran away" in note for note in wild.notes)
    assert wild.margin.min() < 1 < quiet.margin.min()
