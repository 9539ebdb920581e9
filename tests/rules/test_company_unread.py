"""A cell that bears on a quantity and cannot be read leaves it unknown, where a blank says nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kanmon.company.network import network
from kanmon.company.read import read_company


def test_a_receipt_that_cannot_be_read_leaves_open_what_is_still_to_come(tmp_path: Path) -> None:
    (tmp_path / "Purchase Order Item.csv").write_text(
        "parent,idx,item_code,qty,received_qty,uom,schedule_date,status\n"
        "PO-1,1,MAG,100,60,Nos,2026-01-10,To Receive\nPO-1,2,MAG,100,,Nos,2026-01-10,To Receive\n"
        "PO-1,3,MAG,100,about half,Nos,2026-01-10,To Receive\n",
        "utf-8",
    )
    company = read_company(tmp_path, on=date(2026, 1, 6))
    assert company["orders"]["quantity"].to_list() == [40.0, 100.0, None]
    assert any("about half" in p.what for p in company.problems)


def test_a_scrap_rate_that_cannot_be_read_leaves_the_need_open(tmp_path: Path) -> None:
    (tmp_path / "bom.csv").write_text(
        "parent,child,quantity,scrap_rate\nP,A,2,\nP,B,2,few\nP,C,2,0.1\n", "utf-8"
    )
    (tmp_path / "products.csv").write_text("product,weekly_need\nP,70\n", "utf-8")
    company = read_company(tmp_path, on=date(2026, 1, 6))
    assert dict(company["bom"].select("child", "quantity").rows()) == {"A": 2.0, "B": None, "C": 2.0}
    assert any("few" in p.what for p in company.problems)
    assert ("P", "B") in network(company)[0].lost
