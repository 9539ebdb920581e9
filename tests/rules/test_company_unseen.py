"""What could not be seen never becomes "none within the horizon": it is named and widens the answer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from company_plant import TABLES, answered

from kanmon.company.answer import Answer
from kanmon.report.company_card import company_card
from kanmon.report.company_html import company_html
from kanmon.report.company_words import UNTOLD, stop


def told(found: Answer) -> str:
    return "\n".join(company_card(found, "in_force")) + company_html(found, "in_force")


def test_the_plant_as_it_is_stops_on_day_13(tmp_path: Path) -> None:
    one = answered(tmp_path).scenario("in_force")
    assert (one.possible.firm, one.possible.unseen) == (13, ())  # 30 motors, then 200 / 20
    assert one.money_possible.most == one.money_possible.greedy


def test_a_magnet_marked_as_made_is_judged_where_it_has_a_source(tmp_path: Path) -> None:
    parts = TABLES["parts"].replace('N42SH",B', 'N42SH",M')
    found = answered(tmp_path, parts=parts)
    one = found.scenario("in_force")
    assert {line.part for line in found.lines} == {"MAG", "SCR"}
    assert one.possible.firm == 13


def test_a_magnet_bought_and_made_counts_as_bought(tmp_path: Path) -> None:
    parts = TABLES["parts"].replace('N42SH",B', 'N42SH",M') + "NDP,NdPr metal,B,KG,280530,100\n"
    bom = TABLES["bom"] + "MAG,NDP,0.01,KG\n"
    found = answered(tmp_path, parts=parts, bom=bom)
    assert found.scenario("in_force").possible.firm == 13


@pytest.mark.parametrize("line", ["P,MAG,0,EA", "P,MAG,2,KG", "P,MAG,,EA"])
def test_a_bill_line_without_a_usable_quantity_leaves_the_days_open(line: str, tmp_path: Path) -> None:
    found = answered(tmp_path, bom=f"parent,child,quantity,uom\n{line}\nP,SCR,8,EA\n")
    one = found.scenario("in_force")
    assert one.possible.firm is None
    assert one.possible.unseen == ("P",)
    assert stop(None, one.possible.unseen) == UNTOLD
    assert one.bands.firm_days[0] == 0
    assert one.money_possible.least == 0
    assert one.money_possible.most == pytest.approx(1000 * 0.3 * 10 * 180)
    assert any("MAG in P" in text for text in found.company.unseen)
    assert "first stop cannot be told" in told(found)


def test_a_bill_line_of_a_free_screw_leaves_nothing_open(tmp_path: Path) -> None:
    found = answered(tmp_path, bom="parent,child,quantity,uom\nP,MAG,2,EA\nP,SCR,0,EA\n")
    assert found.scenario("in_force").possible.unseen == ()


def test_a_circle_above_a_stopped_item_leaves_the_days_open(tmp_path: Path) -> None:
    bom = "parent,child,quantity,uom\nP,A,1,EA\nA,B,1,EA\nB,A,1,EA\nB,MAG,2,EA\nP,SCR,8,EA\n"
    one = answered(tmp_path, bom=bom).scenario("in_force")
    assert (one.possible.firm, one.possible.unseen) == (None, ("P",))


def test_another_product_on_the_same_magnet_has_days_at_most(tmp_path: Path) -> None:
    bom = TABLES["bom"].replace("P,MAG,2", "P,MAG,0") + "Q,MAG,1,EA\n"
    products = TABLES["products"] + "Q,1000,70,0.3,JPY\n"
    one = answered(tmp_path, bom=bom, products=products).scenario("in_force")
    assert (one.possible.firm, one.possible.unseen) == (20, ("P", "Q"))  # 200 / 10, if P took none
    assert stop(20, one.possible.unseen) == "at most 20 days"


def test_a_product_without_a_bill_is_not_safe(tmp_path: Path) -> None:
    found = answered(tmp_path, products=TABLES["products"] + "Q,1000,70,0.3,JPY\n")
    one = found.scenario("in_force")
    q = next(p for p in one.possible.products if p.product == "Q")
    assert q.unseen
    assert q.jointly is None
    assert one.possible.firm == 13
    assert any("Q has neither" in text for text in found.company.unseen)
    assert "first stop at most 13 days" in told(found)


def test_without_any_product_nothing_is_promised(tmp_path: Path) -> None:
    found = answered(tmp_path, ("bom", "products"))
    one = found.scenario("in_force")
    assert one.possible.unseen
    assert one.bands.firm_days[0] == 0
    assert "none within the horizon" not in told(found)


def test_a_product_of_which_nobody_tells_how_many_are_sold(tmp_path: Path) -> None:
    found = answered(
        tmp_path, products="product,price,weekly demand,gross margin,currency\nP,1000,,0.3,JPY\n"
    )
    one = found.scenario("in_force")
    assert (one.possible.firm, one.possible.unseen) == (None, ("P",))


def test_lost_sales_count_where_a_margin_is_not_told(tmp_path: Path) -> None:
    products = "product,price,weekly demand,gross margin,currency\nP,1000,70,,JPY\nQ,1000,7,0.3,JPY\n"
    found = answered(tmp_path, bom=TABLES["bom"] + "Q,SCR,1,EA\n", products=products)
    m = found.scenario("in_force").money_possible
    assert m.greedy == pytest.approx((180 - 13) * 10 * 1000)
    assert m.by_sales == ("P",)
    assert m.by_day.sum() == pytest.approx(m.greedy)
    assert m.by_day[0, :13].sum() == 0
    assert m.by_day[0, 13] == pytest.approx(10_000)
