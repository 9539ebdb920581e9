"""Exports as systems and people write them, against what comes out by hand (company/exports.toml)."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from kanmon.company.cover import cover
from kanmon.company.mapping import load, of_file, written
from kanmon.company.network import network
from kanmon.company.read import read_company

TABLE = Path(__file__).parent / "company" / "exports.toml"
CASES: list[dict[str, Any]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["case"]
ON = date(2026, 1, 6)


def put(folder: Path, case: dict[str, Any]) -> None:
    for name, text in case.get("files", {}).items():
        (folder / name).write_bytes(text.lstrip("\n").encode(case.get("encoding", "utf-8")))
    for name, sheets in case.get("books", {}).items():
        book = xlsxwriter.Workbook(str(folder / name))
        for title, rows in sheets.items():
            page = book.add_worksheet(title.removeprefix("hidden:"))
            for r, cells in enumerate(rows):
                for c, cell in enumerate(cells):
                    page.write(r, c, cell)
            if title.startswith("hidden:"):
                page.hide()
        book.close()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_an_export_comes_out_as_by_hand(tmp_path: Path, case: dict[str, Any]) -> None:
    put(tmp_path, case)
    company = read_company(tmp_path, on=ON)
    told = "\n".join(str(p) for p in company.problems)
    net, _ = network(company)
    assert cover(net, {case["item"]: 1.0}, "in_force", 180).firm == case["days"], told
    assert company.stock_date == ON
    for word in case["named"]:
        assert word in told, (word, told)
    # The mapping that is written out reads the same folder in the same way.
    file = tmp_path / "mapping.toml"
    file.write_text(written({f.path: of_file(f) for f in company.files}), encoding="utf-8")
    again = read_company(tmp_path, load(file), ON)
    assert all(again[table].equals(frame) for table, frame in company.frames.items())


def test_rows_that_name_a_supplier_are_laid_to_its_number(tmp_path: Path) -> None:
    files = {
        "res.partner.csv": "id,name,country_id,supplier_rank\n1,Ａcme Magnet  Co,China,1\n2,Neji Co,Japan,1\n"
        "3,Twin,Japan,1\n4,Twin,China,1\n",
        "purchase.order.line.csv": "order_id,product_id,partner_id,product_qty,price_unit,date_order\n"
        "PO1,MAG,acme magnet co,10,4,2025-12-05\nPO2,SCR,2,10,4,2025-12-05\nPO3,NUT,Twin,1,1,2025-12-05\n",
        "mrp.bom.line.csv": "parent_product_tmpl_id,product_id,product_qty,product_uom_id\nP,MAG,2,Units\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    company = read_company(tmp_path, on=ON)
    assert dict(company["sources"].select("part", "supplier").rows()) == {
        "MAG": "1",
        "SCR": "2",
        "NUT": "TWIN",
    }
    assert "1 rows were laid to a supplier by its name" in "\n".join(map(str, company.problems))
    assert company["bom"].select("parent", "child").rows() == [("P", "MAG")]


def test_the_suppliers_of_an_erpnext_item_are_its_sources(tmp_path: Path) -> None:
    text = "parent,supplier,supplier_part_no\nMAG,Acme,BM-7\n"
    (tmp_path / "Item Supplier.csv").write_text(text, encoding="utf-8")
    assert read_company(tmp_path, on=ON)["sources"].select("part", "supplier").rows() == [("MAG", "ACME")]
