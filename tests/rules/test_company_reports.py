"""Figures of the reports: range, unit, basis; evidence with dates; the same answer gives the same bytes."""

from __future__ import annotations

import hashlib
import sys
import time
from dataclasses import replace
from pathlib import Path

import fastexcel
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from company_plant import TABLES, answered

from kanmon.company.answer import Answer
from kanmon.company.ledger_bulk import BulkAnswer
from kanmon.report import company_xlsx
from kanmon.report.company_card import company_card
from kanmon.report.company_json import company_json
from kanmon.report.company_sheets import evidence_rows, money_rows
from kanmon.report.company_words import amount, span
from kanmon.report.company_xlsx import write_workbook

LEDGER = (
    "purch doc,line,posting date,vendor,material,short text,quantity,order unit,net price,currency,origin\n"
    "1,10,2025-05-05,J1,SCR,steel screw,1,EA,1,JPY,JP\n"
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    head = "option,part,kind,note,cost,unit premium,ready days,weekly capacity\n"
    options = f"{head}T,MAG,second source,JP,1000,0.2,10,140\n"
    return answered(tmp_path_factory.mktemp("plant"), options=options, purchase_ledger=LEDGER)


def test_amounts_of_a_small_plant_are_not_rounded_to_nought() -> None:
    assert span(0, 16_700) == "0 to 16,700"
    assert span(0, 1_670_000) == "0 to 1.67 million"
    assert amount(2_738_000_000) == "2,740 million"
    assert amount(0.4) == "0.4"
    assert span(15_100_000, 15_120_000) == "15.1 million"


def test_every_loss_in_json_has_range_unit_and_basis(found: Answer) -> None:
    one = company_json(found)["scenarios"][0]
    for money in (one["money"]["certain_lines"]["lost"], one["money"]["possible_lines"]["lost"]):
        assert money["low"] <= money["high"]
        assert money["unit"] == "JPY"
        assert money["basis"]
        assert money["source"]
    for product in one["products"]:
        assert {"low", "high", "unit", "basis", "at_most"} <= product.keys()
    assert one["fixes"]
    for fix in one["fixes"]:
        assert fix["unit"] == fix["expected_loss"]["unit"] == "JPY"
        assert fix["expected_loss"]["basis"]


def test_the_loss_of_the_fixes_is_explained_beside_it(found: Answer) -> None:
    assert "mean of the least losses" in " ".join(company_card(found, "in_force"))


def test_money_by_day_is_the_greedy_bound_and_by_week_the_programme(found: Answer) -> None:
    head, whole, best, *rows = money_rows(found, "in_force")
    assert head[3:] == ("all products (JPY)", "P")
    days = [row for row in rows if row[2] == "all draw until they stop"]
    weeks = [row for row in rows if row[2] == "stocks allotted best"]
    assert (len(days), len(weeks)) == (180, 26)
    assert sum(row[3] for row in days) == pytest.approx(whole[3])
    assert sum(row[3] for row in weeks) == pytest.approx(best[3])
    assert next(row[0] for row in days if row[3] > 0) == 14  # 13 full days are served


def test_evidence_tells_date_and_address_of_measures_and_lists(found: Answer) -> None:
    rows = evidence_rows(found)
    measures = [row for row in rows if row[0].startswith("measure")]
    assert {"CN-2026-01"} <= {row[1] for row in measures}
    assert all(row[3] for row in measures)
    assert any(row[2] and row[4] for row in measures)
    lists = [row for row in rows if row[0] == "list of parties"]
    assert lists
    assert all(row[2] for row in lists)


def test_the_workbook_is_the_same_in_every_run_and_names_its_columns(found: Answer, tmp_path: Path) -> None:
    seen = set()
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(found, "in_force", tmp_path / name)
        seen.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
        time.sleep(2.1)  # the clock of an archive counts in steps of two seconds
    assert len(seen) == 1
    sheet = fastexcel.read_excel(str(tmp_path / "a.xlsx")).load_sheet("Sources", dtypes="string").to_polars()
    screw = sheet.filter(sheet["part"] == "SCR")
    assert screw["content known from"].to_list() == ["not told"]
    assert screw["layer"].to_list() == ["none"]
    assert "confidence" not in sheet.columns
    assert TABLES["sources"].splitlines()[0].split(",") == sheet.columns[:5]


def test_lines_beyond_a_sheet_go_to_a_further_one(
    found: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company_xlsx, "ROWS", 3)
    write_workbook(found, "in_force", tmp_path / "a.xlsx")
    book = fastexcel.read_excel(tmp_path / "a.xlsx")
    whole = {"Sources": TABLES["sources"].count("\n") - 1, "Assumptions": len(found.assumptions)}
    for name, rows in whole.items():
        sheets = [one for one in book.sheet_names if one.rstrip(" 0123456789") == name]
        frames = [book.load_sheet(one, dtypes="string").to_polars() for one in sheets]
        assert len(sheets) == -(-rows // 3)
        assert sheets[0] == name
        assert sheets[1:2] in ([], [f"{name} 2"])
        assert all(frame.columns == frames[0].columns for frame in frames)
        assert sum(frame.height for frame in frames) == rows


def test_a_ledger_in_a_stream_is_told_by_item(found: Answer, tmp_path: Path) -> None:
    totals = {"review": 2, "not_covered": 3}
    one = BulkAnswer(Path("big-verdicts.parquet"), 5, totals, (), {("MAG", "review"): 2})
    some = replace(found, streamed=(one,))
    assert "big-verdicts.parquet" in "\n".join(company_card(some, "in_force"))
    write_workbook(some, "in_force", tmp_path / "a.xlsx")
    sheet = fastexcel.read_excel(tmp_path / "a.xlsx").load_sheet("Large ledgers").to_polars()
    assert "big-verdicts.parquet" in str(sheet.row(0))
    assert sheet.row(2)[1:3] == ("MAG", "review")
