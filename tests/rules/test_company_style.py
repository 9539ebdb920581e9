"""How a file writes numbers, days, shares and countries: told by the whole file, else unknown and named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from kanmon.company.cells import typed
from kanmon.company.fields import table_kinds
from kanmon.company.mapping import load
from kanmon.company.read import read_company
from kanmon.company.records import Company

ON = date(2026, 1, 6)


def read(folder: Path, mapping: str = "", **files: str) -> Company:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    if mapping:
        (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    return read_company(folder, load(folder / "mapping.toml") if mapping else None, ON)


GERMAN = "Material;Frei verwendbar;Basismengeneinheit\n"


@pytest.mark.parametrize(
    ("text", "free"),
    [
        (GERMAN + "A;0,500;KG\nB;12,000;KG\n", [0.5, 12.0]),  # no thousand starts with a nought
        (GERMAN + "A;1.200;ST\nB;12,000;ST\n", [1200.0, 12.0]),  # header and semicolons
        ("Material\tFrei verwendbar\tGesperrt\nA\t12,000\t0,5\n", [12.0]),  # another column settles it
        ("MATNR\tLABST\tSPEME\nA\t12,000\t0,5\nB\t1.500\t0\n", [12.0, 1500.0]),
        ('part,on hand,blocked\nA,"12,000",0.5\n', [12000.0]),
        ('part,on hand,blocked\nA,"12,000",0\nB,1.200,0\n', [12000.0, 1.2]),  # commas part the cells
        ("part;on hand;blocked\nA;12,000;0\n", [12.0]),
        ("品目コード,利用可能在庫,保留在庫\nA,１２．５００,0\n", [12.5]),
    ],
)
def test_the_file_tells_the_decimal_mark(tmp_path: Path, text: str, free: list[float]) -> None:
    company = read(tmp_path, stock__csv=text)
    assert company["stock"]["free"].to_list() == free


def test_where_nothing_tells_the_cell_is_unknown_and_the_mapping_settles_it(tmp_path: Path) -> None:
    text = "MATNR\tLABST\tSPEME\nA\t12,000\t0\nB\t7\t0\nC\t1.200\t0\n"
    company = read(tmp_path, stock__csv=text)
    assert company["stock"]["free"].to_list() == [None, 7.0, None]
    told = [p for p in company.problems if "LABST" in p.where]
    assert [p.where.rsplit(", ", 1)[1] for p in told] == ["row 2", "row 4"]
    assert all("decimal" in p.why for p in told)
    mapping = '["stock.csv"]\ntable = "stock"\npart = "MATNR"\nfree = "LABST"\ndecimal = ","\n'
    assert read(tmp_path, mapping)["stock"]["free"].to_list() == [12.0, 7.0, 1200.0]


def test_numbers_of_a_workbook_stand_as_they_are_and_texts_by_its_language(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "Bestand.xlsx"))
    page = book.add_worksheet("s")
    rows: list[list[object]] = [
        ["Material", "Frei verwendbar", "Gesperrt", "In Qualitätsprüfung", "Werk"],
        ["A", 12.5, "1.200", 1.125, "HM"],
        ["B", 1.125, "0,500", 7, "HM"],
    ]
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            page.write(r, c, cell)
    book.close()
    company = read(tmp_path)
    assert company["stock"]["free"].to_list() == [12.5, 1.125]
    assert company["stock"]["blocked"].to_list() == [1200.0, 0.5]
    # a number 1.125, or the text of eleven hundred: only the user can tell
    assert company["stock"]["inspection"].to_list() == [None, 7.0]
    assert any("In Qualitätsprüfung" in p.where and "row 2" in p.where for p in company.problems)


@pytest.mark.parametrize(
    ("head", "cells", "found"),
    [
        ("Lieferdatum", ["06.01.2026", "25.01.2026"], [ON, date(2026, 1, 25)]),
        ("Lieferdatum", ["06.01.2026"], [ON]),
        ("Lieferdatum", ["06.01.26", "31. Dez. 2025"], [ON, date(2025, 12, 31)]),
        ("due", ["05-JAN-26", "5 Jan 2026"], [date(2026, 1, 5)] * 2),
        ("due", ["01/06/2026", "01/25/2026"], [ON, date(2026, 1, 25)]),
        ("due", ["26/01/06"], [ON]),  # 2006 and month 26 are out
        ("納期", ["26/01/06", "26/02/03"], [ON, date(2026, 2, 3)]),
        ("due", ["25.01.26"], [None]),  # 2025 or 2026
        ("due", ["06.01.2026"], [None]),  # January or June
        ("due", ["06.01.2026", "32.01.2026"], [None, None]),
    ],
)
def test_days_in_the_order_of_their_column_or_language(
    tmp_path: Path, head: str, cells: list[str], found: list[date | None]
) -> None:
    names = {"Lieferdatum": "Einkaufsbeleg;Material;Offene Menge", "納期": "発注番号;品目コード;発注残数"}
    text = names.get(head, "order;part;open qty") + f";{head}\n"
    text = text.replace(";", ",") + "".join(f"{i},A,1,{cell}\n" for i, cell in enumerate(cells))
    company = read(tmp_path, orders__csv=text)
    assert company["orders"]["due"].to_list() == found
    named = [p for p in company.problems if head in p.where]
    assert len(named) == found.count(None)


def test_a_day_of_another_column_settles_the_order(tmp_path: Path) -> None:
    text = "purch doc,posting date,vendor,material,quantity\n1,06.01.2026,V,A,1\n2,13.01.2026,V,A,1\n"
    ledger = read(tmp_path, ledger__csv=text)["ledger"]
    assert ledger["date"].to_list() == [ON, date(2026, 1, 13)]


@pytest.mark.parametrize(
    ("head", "cells", "found", "notes"),
    [
        ("Ausschuss", ["1", "0,5"], [0.01, 0.005], 0),
        ("Komponentenausschuss in %", ["2"], [0.02], 0),
        ("scrap", ["1", "0.5"], [0.01, 0.005], 1),  # no line loses all of it: per cent, and said
        ("scrap rate", ["0.02", "0"], [0.02, 0.0], 0),
        ("scrap rate", ["0.5"], [0.5], 1),  # half of it: said, since it may be per cent
    ],
)
def test_scrap(head: str, cells: list[str], found: list[float], notes: int) -> None:
    field = table_kinds()["bom"].field("scrap_rate")
    value, faults = typed(pl.Series(cells), pl.Series([2, 3][: len(cells)]), field, f"b column {head!r}")
    assert value.to_list() == found
    assert len(faults) == notes


def test_a_yield_in_per_cent(tmp_path: Path) -> None:
    bom = read(tmp_path, bom__csv="parent,child,quantity,yield\nP,A,2,80\nP,B,2,100\n")["bom"]
    assert bom["quantity"].to_list() == [2.5, 2.0]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Made in China", "CHN"),
        ("中国製", "CHN"),
        ("ﾁｭｳｺﾞｸ", "CHN"),
        ("Product of Vietnam", "VNM"),
        ("日本製", "JPN"),
        ("ドイツ産", "DEU"),
        ("Made in Nowhere", None),
    ],
)
def test_where_a_good_was_made(cell: str, code: str | None) -> None:
    field = table_kinds()["sources"].field("origin")
    value, faults = typed(pl.Series([cell]), pl.Series([2]), field, "s column 'origin'")
    assert value.to_list() == [code]
    assert bool(faults) == (code is None)


def test_a_row_with_a_cell_too_many_is_not_read_and_given_back(tmp_path: Path) -> None:
    text = "part,on hand,blocked\nA,1,0\nB,2,0,moved\nC,3,0\n"
    company = read(tmp_path, stock__csv=text)
    assert company["stock"]["part"].to_list() == ["A", "C"]
    back = company.originals["stock.csv"]
    assert back.filter(pl.col("row") == 3).row(0)[:4] == ("B", "2", "0", "moved")
    assert any("4 cells under 3 columns" in p.what and "row 3" in p.where for p in company.problems)
