"""Amounts that cannot be, and costs that are not told: named, taken as unknown, never as nought."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from company_plant import TABLES, answered

from kanmon.report.company_card import company_card

PRODUCTS = "product,price,weekly demand,gross margin,currency\n"


@pytest.mark.parametrize(
    ("cells", "column"), [("1000,-70,0.3", "weekly need"), ("1000,1e300,0.3", "weekly need")]
)
def test_a_plan_that_cannot_be_leaves_the_days_open(cells: str, column: str, tmp_path: Path) -> None:
    found = answered(tmp_path, products=f"{PRODUCTS}P,{cells},JPY\n")
    one = found.scenario("in_force").possible
    assert (one.firm, one.unseen) == (None, ("P",))
    assert found.scenario("in_force").money_possible.open
    assert "0 or more; how much cannot be told" in " ".join(company_card(found, "in_force"))
    assert any(p.what.startswith(column) and "products.csv row 2" in p.where for p in found.problems)


def test_a_negative_price_counts_nothing_and_is_named(tmp_path: Path) -> None:
    found = answered(tmp_path, products=f"{PRODUCTS}P,-1000,70,0.3,JPY\n")
    m = found.scenario("in_force").money_possible
    assert (m.least, m.open, m.unpriced) == (0, True, ("P",))
    assert any("price -1000 cannot be" in p.what for p in found.problems)


def test_a_quantity_out_of_all_proportion_is_unknown(tmp_path: Path) -> None:
    found = answered(tmp_path, bom="parent,child,quantity\nP,MAG,1e200\nP,SCR,8\n")
    assert found.scenario("in_force").possible.unseen == ("P",)


def test_stock_of_an_item_without_a_cost_is_not_offered_for_nothing(tmp_path: Path) -> None:
    parts = TABLES["parts"].replace("850511,500", "850511,")
    options = (
        "option,part,kind,note,cost,unit premium,ready days,weekly capacity\n"
        "S,MAG,stock,buy 90 days,0,0,0,\nT,MAG,second source,JP,1000,0.2,10,140\n"
    )
    found = answered(tmp_path, ahead=True, parts=parts, options=options)
    lists = found.scenario("in_force").fixes
    assert not {o.name for one in lists for o in one.options} & {"S", "T", "stock MAG"}
    told = [p.what for p in found.problems]
    assert any("option S is not used" in text for text in told)
    assert any("option T is not used" in text for text in told)
    assert any("stock of 1 items is not offered: MAG" in text for text in told)
