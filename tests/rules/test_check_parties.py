"""Lists of parties: a notice brings its own, and a list of which only a part is held clears nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kanmon.app.cli import cli
from kanmon.core.errors import InputError
from kanmon.measure import check_ahead
from kanmon.measure.check import check
from kanmon.measure.check_book import book

NOTICE = """
id = "CN-2030-DEMO"
title = "Control list: parties of a demo notice"
imposers = ["CHN"]
targets = ["SWE"]
announced = "2030-01-15"
re_export = "yes"

[[limb]]
id = "1"
text = "No export of dual-use items to the listed parties"
instrument = "listing"
effective = "2030-02-01"
end_user_scope = ["listed_parties"]

[[limb.item]]
phrase = "all dual-use items"

[[source]]
id = "gazette"
title = "Gazette"
date = "2030-01-15"
"""
PARTIES = """name,name_zh,list_type,country,date_removed,registration_number,source
Nordvik Optronics AB;Nordvik,诺德维克光电公司,control_list,SE,,,Gazette 2030-01-15
Fjellheim Radar AB,,control_list,SWE,2031-01-01,,Gazette 2030-01-15
"""
GALLIUM = {
    "item_description": "gallium metal 99.99 %",
    "hs_code": "8112929010",
    "content": "Ga 99.99 %",
    "origin_country": "CN",
    "exporter_country": "CN",
    "ship_from": "CN",
    "ship_to": "SE",
    "end_user": "Nordvik Optronics",
    "other_parties": "none",
    "end_use": "civil lighting",
    "date": "2030-03-01",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "cn-2030-demo"
    place.mkdir()
    (place / "measure.toml").write_text(NOTICE, "utf-8")
    (place / "parties.csv").write_text(PARTIES, "utf-8")
    return place


def answer(folder: Path | None, **cells: str) -> dict[str, Any]:
    (row,) = check([{**GALLIUM, **cells}], extra=[folder] if folder else []).rows()
    return row


def rules(row: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(c["measure"], c["rule"]): c["outcome"] for c in row["clauses"]}


@pytest.mark.parametrize(
    "name", ["NORDVIK OPTRONICS AB", "诺德维克光电公司", "Nordvik Optronics, Stockholm Branch"]
)
def test_a_notice_brings_its_parties(folder: Path, name: str) -> None:
    got = answer(folder, end_user=name)
    assert got["verdict"] == "prohibited"
    assert rules(got)["CN-2030-DEMO", "C1"] == "prohibited"
    assert answer(None, end_user=name)["verdict"] == "licence"


def test_others_and_ordinary_goods_are_not_met_by_it(folder: Path) -> None:
    assert answer(folder, end_user="Seto Lamps AB")["verdict"] == "licence"
    bolts = {"item_description": "steel bolts", "hs_code": "731815", "content": "steel"}
    assert answer(folder, **bolts)["verdict"] == "not_covered"


def test_a_removed_party_counts_until_its_day(folder: Path) -> None:
    assert answer(folder, end_user="Fjellheim Radar AB", date="2030-12-31")["verdict"] == "prohibited"
    after = answer(folder, end_user="Fjellheim Radar AB", date="2031-01-01")
    assert after["verdict"] != "prohibited"
    assert ("CN-2030-DEMO", "C1") not in rules(after)


def test_a_party_without_a_name_leaves_the_list_open(folder: Path) -> None:
    (folder / "parties.csv").write_text(PARTIES + ",,control_list,SE,,,one name is illegible\n", "utf-8")
    got = answer(folder, end_user="Seto Lamps AB")
    assert rules(got)["CN-2030-DEMO", "X2"] == "names_not_held"
    assert any("2 of 3 names held" in m for m in got["missing"])
    assert answer(folder, end_user="Seto Missile Systems AB")["verdict"] == "review"
    assert answer(folder, end_user="Nordvik Optronics AB")["verdict"] == "prohibited"


def test_a_listing_without_any_name_is_a_question(folder: Path) -> None:
    (folder / "parties.csv").unlink()
    got = answer(folder, end_user="Seto Lamps AB")
    assert (got["verdict"], rules(got)["CN-2030-DEMO", "X2"]) == ("review", "review")
    assert "no name held" in got["notes"][0]


def test_the_notice_of_which_one_name_in_fourteen_is_held() -> None:
    goods = {"ship_to": "DE", "date": "2026-08-01"}
    got = answer(None, **goods, end_user="Seto Lampen GmbH")
    assert rules(got)["CN-2026-30", "X2"] == "names_not_held"
    assert any("1 of 14 names held" in m for m in got["missing"])
    arms = answer(None, **goods, end_user="Musterstadt Defence Systems GmbH")
    assert arms["verdict"] == "review"
    before = answer(None, **{**goods, "date": "2026-07-23"}, end_user="Musterstadt Defence Systems GmbH")
    assert ("CN-2026-30", "X2") not in rules(before)


def test_every_listing_of_the_library_is_whole_or_known_as_a_part() -> None:
    assert {key: str(gap) for key, gap in book().unnamed.items()} == {
        "CN-2026-30": "1 of 14 names held",
        "US-2025-AFF": "no name held",
    }


def test_faults_of_the_list_are_named_at_once(folder: Path) -> None:
    (folder / "parties.csv").write_text(
        "name,list_type,country,date_listed\nA,blacklist,SE,2030-02-01\nB,control_list,Swedn,2030-13-01\n",
        "utf-8",
    )
    with pytest.raises(InputError) as fault:
        check([GALLIUM], extra=[folder])
    said = str(fault.value)
    for part in ("row 2, column list_type", "row 3, column country", "row 3, column date_listed"):
        assert part in said, said
    (folder / "parties.csv").write_text("names\nA\n", "utf-8")
    with pytest.raises(InputError, match="no column of names"):
        book([folder])


def test_screening_with_an_added_notice(folder: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("id,name\n1,Nordvik Optronics AB\n2,Fjellheim Radar AB\n", "utf-8")
    got = CliRunner().invoke(
        cli, ["screen", str(names), "--add", str(folder), "--on", "2031-06-01", "--json"]
    )
    assert got.exit_code == 0, got.output
    first, second = json.loads(got.stdout)
    assert (first["band"], first["measure"]) == ("match", "CN-2030-DEMO")
    assert (second["band"], second["date_removed"]) == ("none", "2031-01-01")
    without = CliRunner().invoke(cli, ["screen", str(names), "--json"])
    assert [row["band"] for row in json.loads(without.stdout)] == ["none", "none"]


def test_the_second_process_screens_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [
        "Nordvik Optronics AB",
        "Seto Lamps AB",
        "TDK",
        "Mitsubishi Heavy Industries",
        "三菱造船株式会社",
        "",
    ]
    rows = [{**GALLIUM, "id": str(k), "end_user": name} for k, name in enumerate(names)]
    here = list(check(rows, extra=[folder]).rows())
    monkeypatch.setattr(check_ahead, "WORTH_IT", 1)
    monkeypatch.setattr(check_ahead.os, "cpu_count", lambda: 2)
    there = list(check(rows, extra=[folder]).rows())
    assert there == here
    assert {row["verdict"] for row in there} >= {"prohibited", "licence"}
