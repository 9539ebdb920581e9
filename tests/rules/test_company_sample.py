"""The sample company's traps: verdicts derived by hand from the coverage rules, and why."""

from __future__ import annotations

import shutil
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kanmon.company import SAMPLE, spread
from kanmon.company.ledger import judge_ledger
from kanmon.company.lines import Asked, judge
from kanmon.company.network import network
from kanmon.company.read import read_company
from kanmon.company.records import Company, Line
from kanmon.company.watchlist import findings
from kanmon.core.draws import sobol
from kanmon.measure.load import find

FIRM = "Kakuu Motion Co., Ltd."


@cache
def sample() -> Company:
    return read_company(SAMPLE)


@cache
def lines(on: str = "2026-01-06") -> dict[tuple[str, str], Line]:
    company = sample()
    net, _ = network(company)
    asked = Asked((find("CN-2026-01"),), date.fromisoformat(on), "JPN", FIRM)
    return {(line.part, line.supplier): line for line in judge(company, net, asked).lines}


# part, supplier, verdict, layer, covered under all measures in force, covered with foreign content, why
TRAPS = [
    ("MSG-040", "C001", "licence", "direct", "yes", "yes", "Dy 1.2 %, notice 18/2025; every customer civil"),
    (
        "MSG-010",
        "C001",
        "review",
        "direct",
        "yes",
        "yes",
        "licence in any case; one customer's use is unknown",
    ),
    (
        "MSG-010",
        "V001",
        "not_covered",
        "foreign_content",
        "no",
        "yes",
        "made in VNM of CHN material: 61/2025",
    ),
    (
        "MSG-075",
        "J048",
        "review",
        "direct",
        "yes",
        "yes",
        "a trader at home sells goods that leave CHN first",
    ),
    ("MSG-150", "C005", "not_covered", "none", "no", "no", "supplier says no heavy rare earth; Nd, Pr only"),
    ("MSG-150", "P001", "not_covered", "none", "no", "no", "CHN material without a listed element"),
    ("MSG-500", "C005", "prohibited", "direct", "yes", "yes", "half goes to a party of the own control list"),
    ("MSG-AX", "C006", "prohibited", "direct", "yes", "yes", "SmCo, declared military end use: 1/2026"),
    ("MSG-AX", "U002", "not_covered", "none", "no", "no", "US made of US material: no link to the imposer"),
    ("MSG-BRK", "C023", "not_covered", "none", "no", "no", "ferrite with La and Sr: no entry"),
    ("MSG-HO", "C007", "review", "direct", "maybe", "maybe", "57/2025 is suspended; Dy, Tb not said absent"),
    ("MSG-PMP", "C007", "review", "direct", "maybe", "maybe", "bonded NdFeB: Dy, Tb not said absent"),
    ("MSG-TMB", "J001", "not_covered", "none", "no", "no", "Dy in it, but home made of home material"),
    ("MSG-TMB", "D002", "not_covered", "none", "no", "no", "Dy in it, German made of French material"),
    ("RAW-DYFE", "C003", "licence", "direct", "yes", "yes", "dysprosium-iron alloy, 18/2025"),
    ("RAW-DYFE", "M002", "not_covered", "none", "no", "no", "the same alloy of Malaysia"),
    ("RAW-NDPR", "C003", "not_covered", "none", "no", "no", "Nd and Pr are on no list"),
    ("RAW-TBF3", "J006", "licence", "direct", "yes", "yes", "trader at home, terbium fluoride of CHN"),
    ("RAW-WHA", "C014", "review", "direct", "maybe", "maybe", "heavy alloy; the limit of the entry is asked"),
    ("RAW-WC", "C013", "review", "direct", "maybe", "maybe", "tungsten carbide in a finished form"),
    (
        "MRO-GRPH",
        "C016",
        "review",
        "direct",
        "maybe",
        "maybe",
        "the clerk's code is not the entry's; words are",
    ),
    ("IRW-AX", "C024", "review", "direct", "maybe", "maybe", "germanium under an optics code"),
    ("SPR-GA", "C025", "review", "direct", "yes", "yes", "gallium metal: licence at least; use not told"),
    ("SPR-YO", "J055", "review", "direct", "yes", "yes", "yttrium oxide through a trader at home"),
    ("SPR-SB", "C017", "review", "direct", "yes", "yes", "antimony oxide; use not told"),
    ("MRO-DIAW", "C018", "not_covered", "none", "no", "no", "diamond wire: 55/2025 is suspended"),
    ("FAN-60", "C011", "not_covered", "none", "no", "no", "a finished article with traces"),
    ("LED-ENC", "J027", "review", "direct", "maybe", "maybe", "the catalogue prints this code for GaAs, GaN"),
    ("CLN-01", "J033", "not_covered", "none", "no", "no", "home-made solvent: no use brings it under a rule"),
    (
        "TAP-01",
        "K003",
        "not_covered",
        "none",
        "no",
        "no",
        "Korean tape, end use not told: no rule reaches it",
    ),
]


@pytest.mark.parametrize(
    ("part", "supplier", "verdict", "layer", "in_force", "foreign", "why"), TRAPS, ids=lambda v: str(v)[:24]
)
def test_trap(
    part: str, supplier: str, verdict: str, layer: str, in_force: str, foreign: str, why: str
) -> None:
    line = lines()[part, supplier]
    said = (line.verdict, line.layer, line.covered["in_force"], line.covered["foreign_content"])
    assert said == (verdict, layer, in_force, foreign), why


def test_open_lines_ask_and_settled_ones_do_not() -> None:
    for line in lines().values():
        if line.verdict == "review":
            assert line.question, line
        if line.verdict == "licence":
            assert line.measures
            assert line.source
        assert line.reason


def test_a_suspended_notice_is_named_and_comes_back_as_a_question() -> None:
    wire = lines()["MRO-DIAW", "C018"]
    assert "CN-2025-55" in wire.reason
    assert "suspended" in wire.reason
    after = lines("2026-11-24")
    assert after["MRO-DIAW", "C018"].verdict == "review"
    assert after["MSG-HO", "C007"].verdict == "review"


def test_own_list_by_script_and_band() -> None:
    found = {(f.role, f.code): f for f in findings(sample(), FIRM)}
    said = {key: (f.entry, f.band, f.kind) for key, f in found.items()}
    assert said["customer", "K04"] == ("W01", "match", "control_list")
    assert said["customer", "K05"] == ("W02", "match", "control_list")  # met in Japanese only
    assert found["customer", "K05"].name == "呉南造船株式会社"
    assert said["customer", "K15"] == ("W06", "match", "watch_list")  # met in Japanese only
    assert said["customer", "K11"][0] == "W08"
    assert said["supplier", "J003"] == ("W07", "match", "watch_list")
    assert said["supplier", "J002"][:2] == (
        "W10",
        "near",
    )  # another firm of a like name: asked, never a match
    assert ("supplier", "J037") not in found
    assert not [key for key in found if key[1] in {"K01", "K02", "K03", "K06", "K07", "C001", "J001"}]


def test_own_list_bites_on_listed_goods_only_and_says_whose_list_it_is() -> None:
    magnet = lines()["MSG-500", "C005"]
    assert "呉南造船株式会社" in magnet.reason
    assert "吴南造船株式会社" in magnet.reason
    assert "your own control list (watchlist_sample.csv)" in magnet.reason
    assert "K05" in magnet.question
    wire = lines()["RAW-WIRE1", "C012"]
    assert wire.verdict == "not_covered"
    assert "K05" in wire.reason  # told, although nothing of it is listed
    told = [p for p in sample().problems if "own control list" in p.what]
    assert any("K04" in p.what for p in told)


def test_without_the_own_list_the_same_line_is_a_question_not_a_ban(tmp_path: Path) -> None:
    for file in SAMPLE.glob("*.csv"):
        if not file.name.startswith(("watchlist", "purchase")):
            shutil.copy(file, tmp_path)
    company = read_company(tmp_path)
    net, _ = network(company)
    asked = Asked((find("CN-2026-01"),), company.stock_date, "JPN", FIRM)
    found = {(line.part, line.supplier): line for line in judge(company, net, asked).lines}
    # The customer's name speaks of a shipyard and its use is mixed: a red flag of the open clause.
    assert found["MSG-500", "C005"].verdict == "review"
    assert found["MSG-500", "C005"].covered["in_force"] == "yes"


def test_the_cp932_ledger_says_the_same_line_by_line(tmp_path: Path) -> None:
    def alone(name: str) -> Company:
        folder = tmp_path / name.split(".", maxsplit=1)[0]
        folder.mkdir()
        for file in SAMPLE.glob("*.csv"):
            if not file.name.startswith("purchase") or file.name == name:
                shutil.copy(file, folder)
        return read_company(folder)

    one, other = alone("purchase_ledger.csv"), alone("purchase_ledger_sjis.csv")
    assert next(f for f in other.files if f.table == "ledger").encoding == "cp932"
    assert not [p for p in other.problems if "sjis" in p.where]
    values = ["document", "line", "date", "supplier", "part", "quantity", "unit", "price", "price_per"]
    values += ["currency", "value", "hs_code", "origin", "terms"]
    key = ["document", "line"]
    wide, narrow = one["ledger"].select(values), other["ledger"].select(values)
    assert narrow.height == 600
    same = wide.join(narrow.select(key), on=key, how="semi")
    assert same.sort(key).equals(narrow.sort(key))
    answers = []
    for company in (one, other):
        net, _ = network(company)
        asked = Asked((find("CN-2026-01"),), company.stock_date, "JPN", FIRM)
        judged = judge_ledger(company, asked, net)
        assert judged is not None
        answers.append(judged.lines.select(*key, "verdict", "measures", "own_value"))
    both = answers[1].join(answers[0], on=key, how="left", suffix=" other")
    differ = both.filter(
        (pl.col("verdict") != pl.col("verdict other")) | (pl.col("measures") != pl.col("measures other"))
    )
    assert differ.height == 0, differ
    assert both["own_value"].equals(both["own_value other"])


def test_the_same_lines_in_two_files_are_counted_once() -> None:
    company = sample()
    assert company["ledger"].height == 7348
    assert any("600 lines stand in purchase_ledger.csv too" in p.what for p in company.problems)


def test_ledger_totals_are_not_all_questions() -> None:
    company = sample()
    net, _ = network(company)
    asked = Asked((find("CN-2026-01"),), company.stock_date, "JPN", FIRM)
    judged = judge_ledger(company, asked, net)
    assert judged is not None
    count = {verdict: number for verdict, (number, _) in judged.totals.items()}
    assert sum(count.values()) == 7348
    assert count["not_covered"] > 6000
    assert count["prohibited"] > 0
    assert count["licence"] > 0


def test_blank_cells_of_the_ledger_are_filled_from_the_master_or_asked() -> None:
    company = sample()
    net, _ = network(company)
    asked = Asked((find("CN-2026-01"),), company.stock_date, "JPN", FIRM)
    judged = judge_ledger(company, asked, net)
    assert judged is not None
    blank = judged.lines.filter(pl.col("origin").is_null())
    said = blank.group_by("part", "supplier").agg(pl.col("verdict").unique()).rows()
    of = {(part, supplier): verdicts for part, supplier, verdicts in said}
    assert of["MSG-040", "C002"] == ["licence"]
    assert of["MSG-AX", "C006"] == ["prohibited"]
    assert of["MSG-AX", "U002"] == ["not_covered"]
    assert of["MSG-075", "J048"] == ["review"]  # a trader: origin from the sources
    assert any("laid to an item by their text" in p.what for p in company.problems)
    # Nothing is cleared whose origin or item stays unknown.
    unknown = judged.lines.filter(pl.col("part").is_null() & pl.col("origin").is_null())
    assert set(unknown["verdict"]) <= {"review"}


def test_the_points_kept_are_those_of_sobol() -> None:
    assert np.array_equal(spread._points(*spread.HELD), sobol(*spread.HELD))
