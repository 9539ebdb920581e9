"""Bad input: each cell is read rightly or named with file, row and column; nothing good is lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from kanmon.app.cli import cli
from kanmon.company.cells import typed
from kanmon.company.fields import table_kinds
from kanmon.company.lines import Asked, judge
from kanmon.company.network import network
from kanmon.company.read import read_company
from kanmon.company.records import Company
from kanmon.core.errors import InputError
from kanmon.measure.load import find

ON = date(2026, 1, 6)


def put(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        raw = content.encode("utf-8") if isinstance(content, str) else content
        (folder / (name if "." in name else f"{name}.csv")).write_bytes(raw)
    return folder


def numbers(cells: list[str], kind: str = "free", table: str = "stock") -> tuple[list[float | None], int]:
    field = table_kinds()[table].field(kind)
    found, faults = typed(pl.Series(cells), pl.Series(range(2, 2 + len(cells))), field, "f column c")
    return found.to_list(), len(faults)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12,345", 12345.0),
        ("１２３", 123.0),
        ("123-", -123.0),
        ("(1,234)", -1234.0),
        ("△123", -123.0),
        ("▲5", -5.0),
        ("1'000", 1000.0),
        ("¥1,200", 1200.0),
        ("8.50511E+09", 8505110000.0),
        ("12345.0", 12345.0),
        ("1 234,56", 1234.56),
        ("1.234,56", 1234.56),
        ("1.234.567", 1234567.0),
        ("50%", 0.5),
        ("", None),
        ("-", None),
        ("NaN", None),
        ("#N/A", None),
    ],
)
def test_numbers_in_the_spellings_of_ledgers(cell: str, value: float | None) -> None:
    assert numbers([cell]) == ([value], 0)


@pytest.mark.parametrize("cell", ["inf", "1.2.3", "twelve", "1,2,3", "--5--", "5 EA"])
def test_what_is_no_number_is_named_and_unknown(cell: str) -> None:
    assert numbers([cell]) == ([None], 1)


def test_a_column_has_one_decimal_mark() -> None:
    assert numbers(["1.234,50", "2.000", "12,5"]) == ([1234.5, 2000.0, 12.5], 0)
    assert numbers(["12,5", "1.5"]) == ([12.5, None], 1)  # not fifteen
    assert numbers(["12,34,567"]) == ([1234567.0], 0)
    assert numbers(["1,234.50", "2,000", "12.5"]) == ([1234.5, 2000.0, 12.5], 0)
    values, faults = numbers(["1,234.50", "12,34.5,6", "7,5"])
    assert values == [1234.5, None, None]
    assert faults == 2


@given(st.integers(-(10**9), 10**9), st.sampled_from(["plain", "comma", "apostrophe", "brackets", "behind"]))
@settings(max_examples=60)
def test_every_spelling_of_a_whole_number_is_that_number(number: int, how: str) -> None:
    size = f"{abs(number):,}"
    spelt = {
        "plain": str(number),
        "comma": f"{number:,}",
        "apostrophe": f"{number:,}".replace(",", "'"),
        "brackets": f"({size})" if number < 0 else size,
        "behind": f"{size}-" if number < 0 else size,
    }[how]
    assert numbers([spelt])[0] == [float(number)]


def test_shares_per_cent_or_of_one_and_a_slip_of_one_cell() -> None:
    assert numbers(["60", "40"], "share", "sources") == ([0.6, 0.4], 1)  # read as per cent, and said
    assert numbers(["0.6", "40%"], "share", "sources") == ([0.6, 0.4], 0)
    assert numbers(["0.6", "1.05"], "share", "sources") == ([0.6, None], 1)  # one slip moves no other cell
    field = table_kinds()["bom"].field("scrap_rate")
    found, _ = typed(pl.Series(["0.5", "1"]), pl.Series([2, 3]), field, "stpo.csv column 'AUSCH'")
    assert found.to_list() == [0.005, 0.01]  # that system's scrap is in per cent


PARTS = (
    "part,description,unit,hs code,make buy\nA1,dysprosium iron alloy,KG,720299,B\n0042,bolt,EA,731815,B\n"
)
STOCK = "part,on hand,blocked,in inspection,uom,as of\nA1,10,3,2,KG,2026-01-06\n42.0,7,0,0,EA,2026-01-06\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_encodings_give_the_same_table(tmp_path: Path, encoding: str) -> None:
    text = "品目コード,品名,基本数量単位,HSコード\nＡ１,ｼﾞｽﾌﾟﾛｼｳﾑ㈱,㎏,７２０２．９９\n"
    company = read_company(put(tmp_path, parts=text.encode(encoding)), on=ON)
    row = company["parts"].row(0, named=True)
    assert (row["part"], row["description"], row["unit"], row["hs_code"]) == (
        "A1",
        "ジスプロシウム(株)",
        "KG",
        "720299",
    )


def test_gb18030_and_western_text(tmp_path: Path) -> None:
    put(tmp_path, parts="物料编码,物料描述,基本单位\nA1,镝铁合金,公斤\n".encode("gb18030"))
    put(tmp_path, Lieferanten="Lieferant;Name;Land\n7;Müller Größe GmbH;DE\n".encode("cp1252"))
    company = read_company(tmp_path, on=ON)
    assert company["parts"]["description"].to_list() == ["镝铁合金"]
    assert company["suppliers"]["name"].to_list() == ["Müller Größe GmbH"]


def test_era_dates_and_dates_that_can_be_two_days(tmp_path: Path) -> None:
    rows = ["R8.1.6", "令和8年1月6日", "2026/01/06", "20260106", "46028", "06.01.2026", "31.02.2026"]
    text = "part,quantity,due,status\n" + "".join(f"P{i},1,{d},open\n" for i, d in enumerate(rows))
    company = read_company(put(tmp_path, orders=text), on=ON)
    due = company["orders"]["due"].to_list()
    assert due[:5] == [ON] * 5
    assert due[5:] == [None, None]  # sixth of January or first of June; no such day
    assert sum("due" in p.where and "row" in p.where for p in company.problems) == 2


def test_keys_without_their_noughts_meet(tmp_path: Path) -> None:
    company = read_company(put(tmp_path, parts=PARTS, stock=STOCK))
    assert set(company["parts"]["part"]) == set(company["stock"]["part"]) == {"A1", "42"}
    cut = read_company(put(tmp_path, parts="part,description,unit\n1.23457E+11,bolt,EA\n"), on=ON)
    assert any("cut the digits" in p.why for p in cut.problems)


def book(path: Path, **sheets: list[list[object]]) -> xlsxwriter.Workbook:
    made = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        page = made.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                page.write(r, c, cell)
    return made


def test_workbook_with_titles_two_headers_totals_notes_hidden_and_empty_sheets(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [],
        ["在庫一覧", "", "", ""],
        ["出力日 2026/01/06"],
        ["品目コード", "在庫数量", "", "基準日"],
        ["", "利用可能在庫", "保留在庫", ""],
        ["A1", 10.0, 3, "2026-01-06"],
        [42.0, "1,200", "△5", 46028],
        ["合計", 1210, 8, ""],
        ["※保留在庫は出荷できません", "", "", ""],
    ]
    made = book(tmp_path / "在庫.xlsx", Sheet1=rows, old=[["品目コード", "在庫数量"], ["ZZ", 999]], empty=[])
    made.get_worksheet_by_name("old").hide()
    made.close()
    company = read_company(tmp_path)
    stock = company["stock"]
    assert stock.select("part", "free", "blocked", "row").rows() == [
        ("A1", 10.0, 3.0, 6),
        ("42", 1200.0, -5.0, 7),
    ]
    assert stock["as_of"].to_list() == [ON, ON]
    assert any("hidden" in p.what and "old" in p.where for p in company.problems)
    assert any("totals" in p.what for p in company.problems)
    assert any("note" in p.what for p in company.problems)


def test_merged_cells_give_their_text_to_keys_and_not_to_amounts(tmp_path: Path) -> None:
    made = book(
        tmp_path / "bom.xlsx",
        s=[["parent", "child", "qty per", "uom"], ["", "X", 2, "EA"], ["", "Y", "", "EA"]],
    )
    page = made.get_worksheet_by_name("s")
    page.merge_range("A2:A3", "TOP")
    page.merge_range("C2:C3", 2)
    made.close()
    bom = read_company(tmp_path, on=ON)["bom"]
    assert bom["parent"].to_list() == ["TOP", "TOP"]
    assert bom["quantity"].to_list() == [2.0, None]  # whether the 2 is for both or each is not told


def test_deleted_and_done_lines_price_per_and_signs(tmp_path: Path) -> None:
    text = (
        "EBELN,EBELP,BUDAT,LIFNR,MATNR,TXZ01,MENGE,MEINS,NETPR,PEINH,WAERS,LOEKZ\n"
        "45,10,2025-05-01,V1,A1,x,200,EA,50,100,JPY,\n"
        "45,20,2025-05-01,V1,A1,x,2000,EA,7,1000,JPY,\n"
        "45,30,2025-05-01,V1,A1,x,9,EA,9,1,JPY,L\n"
        "45,40,2025-05-01,V1,A1,x,4-,EA,5,0,JPY,\n"
    )
    company = read_company(put(tmp_path, **{"purchase ledger.csv": text}))
    ledger = company["ledger"]
    assert ledger["line"].to_list() == ["10", "20", "40"]
    assert ledger["price_per"].to_list() == [100.0, 1000.0, None]
    assert ledger["quantity"].to_list() == [200.0, 2000.0, -4.0]
    assert any("deleted" in p.what for p in company.problems)
    assert any("PEINH" in p.where and "row 5" in p.where for p in company.problems)


def test_units_clash_and_units_that_agree(tmp_path: Path) -> None:
    put(tmp_path, parts=PARTS, stock="part,on hand,uom,as of\nA1,500,G,2026-01-06\n42,3,KG,2026-01-06\n")
    put(
        tmp_path,
        orders="part,quantity,uom,due,status\nA1,2,T,2026-02-01,cleared\n42,5,ｹﾞ,2026-02-01,cleared\n",
    )
    company = read_company(tmp_path)
    assert company["stock"]["free"].to_list() == [0.5, None]
    assert company["orders"]["quantity"].to_list() == [2000.0, 5.0]
    assert any("counted in EA, this line is in KG" in p.what for p in company.problems)
    assert any("ゲ" in p.what for p in company.problems)
    assert any("stock lines have no usable quantity" in text for text in company.unseen)


def test_currencies(tmp_path: Path) -> None:
    put(tmp_path, fx="currency,rate,as of\nJPY,1,2026-01-06\nUSD,150,2026-01-06\n")
    put(tmp_path, parts="part,unit,cost,currency\nA,EA,2,USD\nB,EA,3,円\nC,EA,4,ABC\nD,EA,5,¥¥\nE,EA,6,\n")
    company = read_company(tmp_path, on=ON)
    assert company.currency == "JPY"
    # no rate, unreadable: unknown, never taken for the firm's money; blank: the firm's money
    assert company["parts"]["cost"].to_list() == [300.0, 3.0, None, None, 6.0]
    told = " ".join(str(p) for p in company.problems)
    assert "no rate for ABC" in told
    assert "¥¥" in told


def test_the_same_file_twice_and_rows_that_disagree(tmp_path: Path) -> None:
    put(tmp_path, stock=STOCK, **{"stock copy.csv": STOCK})
    more = "part,description,unit\nA1,another thing,EA\n"
    company = read_company(put(tmp_path, parts=PARTS, **{"parts2.csv": more}))
    assert company["stock"].height == 2
    assert any("stands twice" in p.what and "byte for byte" in p.why for p in company.problems)
    assert any("A1 stands twice and says something else" in p.what for p in company.problems)
    assert company["parts"].filter(pl.col("part") == "A1")["unit"].to_list() == ["KG"]


def test_empty_binary_and_other_files_stop_nothing(tmp_path: Path) -> None:
    put(tmp_path, stock=STOCK, bom=b"", parts=bytes(range(256)) * 40, sources="\n\n")
    put(tmp_path, **{"notes.pdf": b"%PDF", "demand.xlsx": b"PK\x03\x04 not a book", "orders.parquet": b"no"})
    company = read_company(tmp_path)
    assert company["stock"].height == 2
    told = " ".join(str(p) for p in company.problems)
    for name in ("bom.csv", "parts.csv", "sources.csv", "notes.pdf", "demand.xlsx", "orders.parquet"):
        assert name in told, name
    for word in ("bill of materials", "products", "sources", "item master", "content", "orders"):
        assert any(word in text for text in company.unseen), word


def test_a_folder_of_nothing_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no table of a firm"):
        read_company(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read_company(tmp_path / "none")


def test_a_quote_never_closed_and_a_line_too_long(tmp_path: Path) -> None:
    text = 'part,description,unit\nA,"5" pipe,EA\nB,"open,EA\nC,plain,EA\nD,a,b,EA\n'
    company = read_company(put(tmp_path, parts=text), on=ON)
    assert company["parts"]["part"].to_list() == ["A", "B", "C"]
    told = " ".join(str(p) for p in company.problems)
    assert "quote" in told
    assert "row 5" in told


def judged(company: Company) -> dict[str, tuple[str, str, str]]:
    net, _ = network(company)
    asked = Asked((find("CN-2026-01"),), ON, "JPN", "Some Firm")
    return {
        line.part: (line.verdict, line.covered["in_force"], line.covered["measure"])
        for line in judge(company, net, asked).lines
    }


def test_nothing_is_cleared_for_lack_of_knowledge(tmp_path: Path) -> None:
    parts = "part,description,hs code,make buy\nN1,,,B\nN2,bolt,731815,B\nN3,,,B\nN4,bolt,731815,B\n"
    sources = (
        "part,supplier,share,country of origin,content origin\nN3,V1,1,CHN,\nN4,V1,1,DEU,DEU\nN5,V1,1,,\n"
    )
    company = read_company(put(tmp_path, parts=parts, sources=sources), on=ON)
    found = judged(company)
    assert found["N1"] == ("review", "maybe", "maybe")  # no source, no origin, no description
    assert found["N2"] == ("review", "maybe", "maybe")  # no source: where it is made is not known
    assert found["N3"] == ("review", "maybe", "maybe")  # from the imposer, and what it is is not known
    assert found["N4"] == ("not_covered", "no", "no")
    assert found["N5"] == ("review", "maybe", "maybe")  # in no item master


def test_origin_of_the_content_not_told_is_a_question_in_its_layer(tmp_path: Path) -> None:
    parts = 'part,description,unit,hs code,make buy\nM,"NdFeB magnet, Dy 2 wt%",EA,850511,B\n'
    sources = "part,supplier,share,country of origin\nM,V1,1,VNM\n"
    content = "part,substance,mass share,basis\nM,Dy,2%,declared\nM,Nd,28%,declared\n"
    suppliers = "supplier,name,country\nV1,Song Mag JSC,VN\n"
    put(tmp_path, parts=parts, sources=sources, content=content, suppliers=suppliers)
    company = read_company(tmp_path, on=ON)
    net, _ = network(company)
    line = judge(company, net, Asked((find("CN-2026-01"),), ON, "JPN", "Some Firm")).lines[0]
    assert line.layer == "foreign_content"
    assert line.covered["foreign_content"] == "maybe"
    assert line.question == "From which country does the material in it come?"


def test_cycles_and_zero_quantities_are_named(tmp_path: Path) -> None:
    bom = "parent,child,quantity\nTOP,A,1\nA,B,1\nB,A,1\nTOP,C,0\nTOP,D,-1\nTOP,E,x\n"
    company = read_company(put(tmp_path, bom=bom), on=ON)
    net, faults = network(company)
    told = " ".join(str(p) for p in (*faults, *company.problems))
    assert "circle through 2 items" in told
    for item in ("C in TOP is 0", "D in TOP is -1", "E in TOP is missing"):
        assert item in told
    assert {"A", "B", "C", "D", "E"} <= set(net.unknown)


def run(folder: Path, *more: str) -> str:
    arguments = ["company", str(folder), "--measure", "CN-2026-01", "--home", "JPN", *more]
    result = CliRunner().invoke(cli, [*arguments, "--out", str(folder / "out")])
    assert result.exit_code == 0, result.output
    assert (folder / "out" / "company.json").is_file()
    return result.output


def test_a_folder_with_only_a_ledger(tmp_path: Path) -> None:
    text = (
        "posting date,vendor name,short text,quantity,net price,currency,country of origin,hs code\n"
        "2025-12-01,V,dysprosium metal,5,100,JPY,CN,280530\n"
        "2025-12-24,V,carton box,5,100,JPY,JP,481910\n"
    )
    output = run(put(tmp_path, **{"purchase ledger.csv": text}))
    company = read_company(tmp_path)
    assert company.stock_date == date(2025, 12, 24)
    assert any("no stock date" in said for said in company.unseen)
    assert "2025-12-24" in output


def test_items_without_a_source_have_those_of_the_purchases(tmp_path: Path) -> None:
    text = (
        "posting date,vendor,material,short text,quantity,country of origin,hs code\n"
        "2025-12-01,V1,DY,dysprosium metal,30,CN,280530\n"
        "2025-12-02,V1,DY,dysprosium metal,30,CN,280530\n"
        "2025-12-02,V2,DY,dysprosium metal,40,EE,280530\n"
        "2025-12-02,V3,BX,box,1,,481910\n"
    )
    suppliers = "supplier,name,country\nV1,One,CN\nV2,Two,EE\n"
    company = read_company(put(tmp_path, suppliers=suppliers, **{"purchase ledger.csv": text}))
    ways = company["sources"].select("part", "supplier", "origin", "share").rows()
    assert ways == [("DY", "V1", "CHN", 0.6), ("DY", "V2", "EST", 0.4), ("BX", "V3", None, 1.0)]
    assert any("items have no source" in p.what for p in company.problems)


def test_a_folder_with_only_parts_and_bom(tmp_path: Path) -> None:
    put(tmp_path, parts=PARTS, bom="parent,child,quantity\nTOP,A1,2\nTOP,0042,4\n")
    run(tmp_path)
    company = read_company(tmp_path)
    assert set(judged(company)) == {"A1", "42"}
    assert {verdict for verdict, *_ in judged(company).values()} == {"review"}


def test_missing_stock_date_is_said_and_can_be_given(tmp_path: Path) -> None:
    put(tmp_path, stock="part,on hand,uom\nA1,10,EA\n", parts=PARTS)
    assert any("no stock date" in said for said in read_company(tmp_path).unseen)
    given = read_company(tmp_path, on=ON)
    assert given.stock_date == ON
    assert not any("no stock date" in said for said in given.unseen)


def test_template_is_read_as_its_tables(tmp_path: Path) -> None:
    from kanmon.company.template import write_template

    folder = write_template(tmp_path / "empty")
    for name, kind in table_kinds().items():
        cells = ["1"] * len(kind.fields)
        with (folder / f"{name}.csv").open("a", encoding="utf-8") as file:
            file.write(",".join(cells) + "\n")
    company = read_company(folder, on=ON)
    assert {f.table for f in company.files} == set(table_kinds())
