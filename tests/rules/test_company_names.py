"""Suppliers known by name only are screened by it; places are told by the words of their names."""

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


def test_places_by_whole_words(tmp_path: Path) -> None:
    """A store called after partners is the firm's own; the system's place of that name is not."""
    (tmp_path / "stock.csv").write_text(
        "part,location,unrestricted\nA,Partners hall,5\nA,Partners/Vendors,-90\nA,Scrap yard,7\n"
        "A,Scraper room,3\n",
        "utf-8",
    )
    stock = read_company(tmp_path, on=ON)["stock"]
    assert stock["location"].to_list() == ["Partners hall", "Scrap yard", "Scraper room"]
    assert stock["free"].to_list() == [5.0, 0.0, 3.0]
    assert stock["blocked"].to_list() == [None, 7.0, None]
