"""kanmon data check: the account, the worst cells, the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kanmon.app.cli import run

HEAD = "region,sector,AAA_s,BBB_s,AAA_hh,BBB_hh,x\n"
GOOD = HEAD + "AAA,s,1,2,3,4,10\nBBB,s,3,4,2,3,12\n"
BAD = HEAD + "AAA,s,1,2,3,4,10\nBBB,s,30,4,2,3,39\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "own_2020.csv"
    path.write_text(GOOD)
    return path


def test_a_good_table(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "check", str(table)]) == 0
    out = capsys.readouterr().out
    assert "2 economies x 1 sectors" in out
    assert "An engine can run on this table. 0 refusals, 0 warnings." in out


def test_the_same_as_json(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "check", str(table), "--json", "--regions", "AAA", "--float32"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["regions"] == ["AAA", "ROW"]
    assert made["sums"]["output"] == 22
    assert made["usable"] is True
    assert made["seen_on_a_real_file"] is True
    assert len(made["sha256"]) == 64


def test_a_bad_table_is_shown_and_refused(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table.write_text(BAD)
    assert run(["data", "check", str(table)]) == 2
    out = capsys.readouterr().out
    assert "refuse: 1 industries buy more than they produce, by up to 21 USD million" in out
    assert "AAA s: 10, gap 21" in out
    assert "An engine cannot run on this table." in out
    assert run(["data", "check", str(table), "--json"]) == 2
    made = json.loads(capsys.readouterr().out)
    assert made["usable"] is False
    assert made["findings"][0]["worst"][0]["region"] == "AAA"


def test_what_was_never_seen_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "flatfile_eu-ic-io_ind-by-ind_24ed_2022.csv"
    lines = ["refArea,rowIi,counterpartArea,colIi,obsValue"]
    for a in ("DE", "FR"):
        lines += [f"{a},A01,{b},{c},{v}" for b in ("DE", "FR") for c, v in (("A01", 2), ("P3_S14", 3))]
    lines += [f"W2,B2A3G,{b},A01,6" for b in ("DE", "FR")]
    path.write_text("\n".join(lines) + "\n")
    assert run(["data", "check", str(path), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["kind"] == "figaro"
    assert made["seen_on_a_real_file"] is False
    assert any("not been run on a real file" in note for note in made["notes"])
    assert made["regions"] == ["DEU", "FRA"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--kind", "figro"], "nearest: figaro"),
        (["--year", "soon"], "not a whole number"),
        (["--regions", "QQQ"], "no economy 'QQQ'"),
    ],
)
def test_bad_words(table: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "check", str(table), *words]) == 2
    assert said in capsys.readouterr().err


def test_published_tables_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "list", "--published", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"icio", "wiod", "exiobase", "figaro"} <= {row["kind"] for row in rows}
    assert not any(row["tried"] for row in rows)
    assert run(["data", "list", "--published"]) == 0
    assert "No address has been tried" in capsys.readouterr().out
