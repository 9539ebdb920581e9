"""Suppliers of whom only a name is known are screened by it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kanmon.company.read import read_company

ON = date(2026, 1, 6)


def test_a_key_that_is_a_name_and_a_name_of_the_purchases(tmp_path: Path) -> None:
    (tmp_path / "Item Supplier.csv").write_text(
        "item_code,supplier,country_of_origin\nMAG,Ningbo Magnet,China\nSCR,J-77,Japan\nNUT,㈱ネジ,Japan\n",
        "utf-8",
    )
    (tmp_path / "purchase ledger.csv").write_text(
        "posting date,vendor,vendor name,material,quantity\n2025-12-01,4711,Zibo Powder Co,DY,5\n", "utf-8"
    )
    (tmp_path / "suppliers.csv").write_text("supplier,name,country\nK1,Known Co,KR\n", "utf-8")
    company = read_company(tmp_path, on=ON)
    found = dict(company["suppliers"].select("supplier", "name").rows())
    assert found == {
        "K1": "Known Co",
        "NINGBO MAGNET": "NINGBO MAGNET",
        "(株)ネジ": "(株)ネジ",
        "4711": "Zibo Powder Co",
    }
    assert any("3 suppliers are known by name only" in p.what for p in company.problems)
