"""What counts as stock and as on its way, by numbers: each case is worked out by hand in its comment."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kanmon.company.cover import cover
from kanmon.company.network import network
from kanmon.company.read import read_company
from kanmon.company.records import Company, Network

ON = date(2026, 1, 6)
PARTS = "part,description,uom,make buy\nTOP,motor,EA,M\nA,magnet,EA,B\nK,powder,KG,B\n"
BOM = "parent,child,quantity,uom\nTOP,A,2,EA\nTOP,K,500,G\n"
PRODUCTS = "product,price,weekly demand\nTOP,100,70\n"  # 10 a day: 20 of A and 5 kg of K


def firm(folder: Path, stock: str, orders: str = "", **more: str) -> Company:
    files = {"parts": PARTS, "bom": BOM, "products": PRODUCTS, "stock": stock, **more}
    if orders:
        files["open orders"] = "order,line,part,supplier,quantity,uom,due,status\n" + orders
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_company(folder, on=ON)


def held(net: Network, part: str) -> float:
    return float(net.stock[net.items.index(part)])


def days(company: Company, part: str, share: float = 1.0) -> int | None:
    net, _ = network(company)
    return cover(net, {part: share}, "in_force", 180).item_days[part]


HEAD = "part,plant,location,unrestricted,blocked,in inspection,uom,as of\n"


def test_blocked_and_inspected_stock_is_out(tmp_path: Path) -> None:
    company = firm(tmp_path, HEAD + "A,P1,L1,100,900,900,EA,2026-01-06\n")
    net, _ = network(company)
    assert held(net, "A") == 100.0
    assert days(company, "A") == 5  # 100 / 20


def test_stock_of_all_plants_and_places_is_one(tmp_path: Path) -> None:
    rows = "A,P1,L1,100,0,0,EA,2026-01-06\nA,P1,L2,40,0,0,EA,2026-01-06\nA,P2,L1,60,0,0,EA,2026-01-06\n"
    company = firm(tmp_path, HEAD + rows)
    assert held(network(company)[0], "A") == 200.0
    assert days(company, "A") == 10


def test_units_of_stock_bom_and_orders_are_those_of_the_item(tmp_path: Path) -> None:
    stock = "part,on hand,uom,as of\nK,20000,G,2026-01-06\nA,1000,EA,2026-01-06\n"
    company = firm(tmp_path, stock, "O1,1,K,V1,0.01,T,2026-01-08,cleared\n")
    net, _ = network(company)
    assert held(net, "K") == 20.0  # kg
    assert net.receipt_quantity.tolist() == [10.0]  # kg
    assert net.plan[net.items.index("K")] == pytest.approx(5.0)  # 10 a day x 500 g
    assert days(company, "K") == 6  # 20 kg for days 0 to 3, 10 kg from day 2: 30 / 5


def test_only_cleared_orders_count_and_an_overdue_one_counts_at_once(tmp_path: Path) -> None:
    stock = "part,on hand,uom,as of\nA,100,EA,2026-01-06\n"
    orders = (
        "O1,1,A,V1,40,EA,2025-12-20,cleared\n"  # overdue: day 0
        "O2,1,A,V1,60,EA,2026-01-10,cleared\n"  # day 4
        "O3,1,A,V1,9000,EA,2026-01-08,open\n"  # has not left
        "O4,1,A,V1,9000,EA,2026-01-08,\n"  # not told
    )
    company = firm(tmp_path, stock, orders)
    net, _ = network(company)
    assert sorted(zip(net.receipt_day.tolist(), net.receipt_quantity.tolist(), strict=True)) == [
        (0, 40.0),
        (4, 60.0),
    ]
    assert days(company, "A") == 10  # (100 + 40 + 60) / 20
    assert any("1 orders on their way were due before day 0" in text for text in company.unseen)
    assert any("1 of 4 orders do not tell whether they have left" in text for text in company.unseen)


def test_an_order_that_comes_too_late_does_not_lengthen_cover(tmp_path: Path) -> None:
    stock = "part,on hand,uom,as of\nA,100,EA,2026-01-06\n"
    company = firm(tmp_path, stock, "O1,1,A,V1,500,EA,2026-01-12,cleared\n")  # day 6; empty after day 4
    assert days(company, "A") == 5


def test_stock_of_several_days_the_last_is_day_0(tmp_path: Path) -> None:
    stock = "part,on hand,uom,as of\nA,100,EA,2026-01-01\nK,50,KG,2026-01-06\n"
    company = firm(tmp_path, stock)
    assert company.stock_date == ON
    assert any("several days (2026-01-01 to 2026-01-06)" in p.what for p in company.problems)


def test_unknown_and_negative_stock_is_no_stock(tmp_path: Path) -> None:
    stock = "part,on hand,uom,as of\nA,n/a,EA,2026-01-06\nK,5-,KG,2026-01-06\n"
    company = firm(tmp_path, stock)
    net, _ = network(company)
    assert held(net, "A") == held(net, "K") == 0.0
    assert days(company, "A") == 0
    assert any("1 of 2 stock lines have no usable quantity" in text for text in company.unseen)


def test_another_source_that_goes_on_stretches_cover(tmp_path: Path) -> None:
    stock = "part,on hand,uom,as of\nA,100,EA,2026-01-06\n"
    company = firm(tmp_path, stock)
    assert days(company, "A", 0.5) == 10  # 20 a day against 100 and 10 a day: 20 n = 100 + 10 n
