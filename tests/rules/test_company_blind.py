"""What cannot be seen of a firm is said, and is no clearance; exports of German systems are seen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kanmon.company.answer import answer
from kanmon.company.lines import Asked
from kanmon.company.read import read_company
from kanmon.measure.load import find

ON = date(2026, 1, 6)
PARTS = "part,description,uom,make/buy\nTOP,motor,EA,M\nA1,magnet,EA,B\n0042,screw,EA,B\n"


def put(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def test_a_sharp_s_is_no_half_width_kana(tmp_path: Path) -> None:
    put(tmp_path, stpo="Material;Komponente;Menge;Ausschuß in %\nTOP;A1;2;5\n".encode("cp1252"))
    company = read_company(tmp_path, on=ON)
    assert company.files[0].encoding == "cp1252"
    assert company["bom"].select("parent", "child", "quantity", "scrap_rate").rows() == [
        ("TOP", "A1", 2.0, 0.05)
    ]


def test_one_common_word_makes_no_table(tmp_path: Path) -> None:
    """A sheet of which only "Material" is known would pass for a list of products without a need."""
    put(tmp_path, parts=PARTS, liste="Material;Menge A;Bemerkung\nA1;3;x\n")
    assert [f.table for f in read_company(tmp_path, on=ON).files] == ["parts"]


def test_without_a_bill_of_materials_no_stop_is_no_clearance(tmp_path: Path) -> None:
    put(tmp_path, parts=PARTS, products="product,weekly demand,price\nTOP,7,100\n")
    company = read_company(tmp_path, on=ON)
    found = answer(company, Asked((find("CN-2026-01"),), ON, "JPN", "Some Firm"))
    assert found.scenarios[0].possible.firm is None
    assert found.scenarios[0].possible.unseen == ("TOP",)


def test_items_whose_need_cannot_be_told_are_named_first(tmp_path: Path) -> None:
    bom = "parent,child,quantity\nTOP,A1,2\nA1,0042,1\n0042,A1,1\n"
    put(tmp_path, parts=PARTS, bom=bom, products="product,weekly demand,price\nTOP,7,100\n")
    found = answer(read_company(tmp_path, on=ON), Asked((find("CN-2026-01"),), ON, "JPN", "Some Firm"))
    assert "or a circle" in found.company.unseen[0]
