"""Where a good was made decides its layer; what is lacking is named; a grade asks and never clears."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from company_plant import TABLES, answered

from kanmon.company.answer import Answer
from kanmon.company.grades import guess
from kanmon.company.records import Line

LEDGER = (
    "purch doc,line,posting date,vendor,material,short text,quantity,order unit,net price,currency,origin\n"
)
CIVIL = {
    "customers": "customer,name,country,sector,end use\nK1,Hakuba Robotics Co.,JP,robots,civil\n",
    "demand": "customer,product,weekly qty\nK1,P,70\n",
}


def line(found: Answer, part: str) -> Line:
    return next(one for one in found.lines if one.part == part)


def housing(tmp_path: Path, origin: str, content: str, text: str = "Aluminium housing") -> Answer:
    parts = TABLES["parts"] + f"HSG,{text},B,EA,,100\n"
    bom = TABLES["bom"] + "P,HSG,1,EA\n"
    sources = TABLES["sources"] + f"HSG,J1,1,{origin},{content}\n"
    return answered(tmp_path, parts=parts, bom=bom, sources=sources, **CIVIL)


def test_a_home_made_housing_without_a_customs_code_does_not_stop_the_plant(tmp_path: Path) -> None:
    found = housing(tmp_path, "JP", "JP")
    one = line(found, "HSG")
    assert (one.verdict, one.layer, one.covered["in_force"]) == ("not_covered", "none", "no")
    assert "no loaded measure reaches it" in one.reason
    assert found.scenario("in_force").possible.firm == 13


@pytest.mark.parametrize("origin", ["JP", "MY"])
def test_metal_of_a_third_country_is_never_direct(origin: str, tmp_path: Path) -> None:
    one = line(housing(tmp_path, origin, origin, "Dysprosium metal"), "HSG")
    assert (one.verdict, one.layer) == ("not_covered", "none")


def test_content_that_is_not_told_stays_a_question_of_content(tmp_path: Path) -> None:
    one = line(housing(tmp_path, "MY", "", "Dysprosium metal"), "HSG")
    assert (one.layer, one.covered["in_force"], one.covered["foreign_content"]) == (
        "foreign_content",
        "no",
        "maybe",
    )
    assert one.question.startswith("From which country")


@pytest.mark.parametrize("origin", ["CN", ""])
def test_what_lacks_for_a_good_of_the_imposer_is_named(origin: str, tmp_path: Path) -> None:
    one = line(housing(tmp_path, origin, "", "Gehaeuse"), "HSG")
    assert one.verdict == "review"
    assert one.layer == "direct"
    assert "not cleared, since it is not known" in one.reason
    assert "nothing in the loaded measures meets it" not in one.reason


def test_the_ledger_tells_content_of_the_imposer_in_goods_made_elsewhere(tmp_path: Path) -> None:
    sources = TABLES["sources"].replace("MAG,C1,1,CN,CN", "MAG,J1,1,JP,CN")
    rows = "1,10,2025-05-05,J1,MAG,magnet segment,1,EA,1,JPY,JP\n2,10,2025-05-05,J1,SCR,screw,1,EA,1,JPY,JP\n"
    found = answered(tmp_path, sources=sources, purchase_ledger=LEDGER + rows)
    assert found.ledger is not None
    told = {row["part"]: row for row in found.ledger.lines.iter_rows(named=True)}
    assert (told["MAG"]["verdict"], told["MAG"]["layer"]) == ("not_covered", "foreign_content")
    assert told["MAG"]["reason"].startswith("made in JPN, holds material from CHN")
    assert told["SCR"]["layer"] == "none"
    assert found.ledger.held[0] == 1


def test_a_grade_is_a_guess_that_never_clears(tmp_path: Path) -> None:
    parts = TABLES["parts"].replace("segment with dysprosium, N42SH", "segment N42SH")
    one = line(answered(tmp_path, ("material_content",), parts=parts), "MAG")
    assert (one.content_basis, one.verdict, one.covered["in_force"]) == (
        "guessed_from_grade",
        "review",
        "maybe",
    )
    assert "Guess from grade N42SH" in one.reason
    plain = parts.replace("N42SH", "N42")
    assert line(answered(tmp_path, ("material_content",), parts=plain), "MAG").verdict == "review"


def test_a_grade_counts_only_beside_a_magnet() -> None:
    assert "likely, 1 to 5 %" in guess("Magnet ring N42SH", "")
    assert guess("Screw N42SH", "731815") == ""
    assert guess("Magnet ring NMX-S49F", "850511") == ""
    assert "N48H" in guess("焼結マグネット N48H 瓦型", "")
