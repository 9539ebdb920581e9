"""kanmon company as a user meets it: the sample end to end, and what goes wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kanmon.app.cli import run
from kanmon.app.company_store import check_target
from kanmon.company import SAMPLE


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    out = tmp_path_factory.mktemp("company") / "answer"
    assert run(["company", "--sample", "--out", str(out)]) == 0
    return json.loads((out / "company.json").read_text("utf-8")), out


def test_the_sample_gives_every_file_and_leaves_nothing_aside(answer: tuple[dict, Path]) -> None:
    _, out = answer
    assert sorted(p.name for p in out.iterdir()) == [
        "company.html",
        "company.json",
        "company.xlsx",
        "mapping.toml",
    ]


def test_days_are_ordered_and_paths_lead_from_product_to_item(answer: tuple[dict, Path]) -> None:
    content, _ = answer
    for scenario in content["scenarios"]:
        for p in scenario["products"]:
            alone, jointly = p["alone"]["possible_lines"], p["jointly"]["possible_lines"]
            assert alone is None or (jointly is not None and jointly <= alone)
            if jointly is not None:
                assert p["path"][0] == p["product"]
                assert p["path"][-1] == p["binding"]
        days = [p["jointly"]["possible_lines"] for p in scenario["products"]]
        stops = [d for d in days if d is not None]
        assert scenario["firm_days"]["possible_lines"] == (min(stops) if stops else None)


def test_money_stands_in_the_right_order(answer: tuple[dict, Path]) -> None:
    content, _ = answer
    for scenario in content["scenarios"]:
        m = scenario["money"]["possible_lines"]
        assert 0 <= m["lost_least"] <= m["lost_greedy"] <= m["revenue_exposed"]
        band = scenario["money"]["lost_margin_band"]
        assert band["low"] <= band["mid"] <= band["high"]


def test_a_wider_scenario_stops_no_fewer_items(answer: tuple[dict, Path]) -> None:
    content, _ = answer
    items = {s["name"]: set(s["items_stopped"]["possible"]) for s in content["scenarios"]}
    assert items["in_force"] <= items["foreign_content"] <= items["feared"]


def test_the_workbook_keeps_the_users_rows_and_codes_as_text(answer: tuple[dict, Path]) -> None:
    import fastexcel

    _, out = answer
    book = fastexcel.read_excel(str(out / "company.xlsx"))
    assert {"Answer", "Sources", "Purchases", "Assumptions", "Evidence", "Questions"} <= set(book.sheet_names)
    sheet = book.load_sheet("Purchases", dtypes="string").to_polars()
    lines = (SAMPLE / "purchase_ledger.csv").read_text("utf-8").splitlines()
    assert sheet.columns[: len(lines[0].split(","))] == lines[0].split(",")
    assert sheet.height >= len(lines) - 1
    other = (SAMPLE / "purchase_ledger_sjis.csv").read_text("cp932").splitlines()
    assert book.load_sheet("Purchases 2", dtypes="string").to_polars().height >= len(other) - 1
    assert "5000100492" in sheet["purch_doc"].to_list()
    assert set(sheet["verdict"].drop_nulls().unique()) <= {"prohibited", "review", "licence", "not_covered"}


def test_every_wrong_option_is_named_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    command = ["company", str(tmp_path / "none"), "--measure", "XX-1", "--scenario", "worst", "--days", "x"]
    assert run([*command, "--tail", "2", "--budget", "a", "--on", "2026-13-01"]) == 2
    told = capsys.readouterr().err
    for word in ("XX-1", "worst", "--days", "--tail", "--budget", "--on", "no such folder"):
        assert word in told


def test_a_folder_that_cannot_be_used_is_refused_before_the_calculation(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("counted")

    monkeypatch.setattr("kanmon.company.answer.answer", never)
    firm = tmp_path / "firm"
    firm.mkdir()
    (firm / "parts.csv").write_bytes((SAMPLE / "parts.csv").read_bytes())
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "company.xlsx").write_text("mine", "utf-8")
    before = sorted(tmp_path.rglob("*"))
    for out in (firm, tmp_path / "file" / "below", tmp_path / "file", tmp_path / "other"):
        assert run(["company", str(firm), "--measure", "CN-2026-01", "--out", str(out)]) == 2
        assert "--out" in capsys.readouterr().err
    check_target(tmp_path / "new" / "below", firm)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_template_can_be_filled_and_is_never_overwritten(tmp_path: Path) -> None:
    assert run(["company", "--template", str(tmp_path / "firm")]) == 0
    assert (tmp_path / "firm" / "bom.csv").is_file()
    assert run(["company", "--template", str(tmp_path / "firm")]) == 2
