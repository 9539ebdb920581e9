"""Which table a file is, which rows of it count, and which unit and money they are in: nothing is dropped
or counted twice without a word. By hand: P sells 10 a day and takes 2 MAG each.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from kanmon.app.cli import cli
from kanmon.company.cover import cover
from kanmon.company.lines import Asked, judge
from kanmon.company.mapping import guess
from kanmon.company.network import network
from kanmon.company.read import read_company
from kanmon.company.records import Company
from kanmon.core.errors import InputError
from kanmon.measure.load import find

ON = date(2026, 1, 6)
PLANT = {
    "parts.csv": "part,description,make_buy,unit,hs_code,cost\nP,Servo motor,M,EA,850152,\n"
    'MAG,"Sintered NdFeB magnet segment",B,EA,850511,500\nSCR,Steel screw M3,B,EA,731815,1\n',
    "bom.csv": "parent,child,quantity,uom\nP,MAG,2,EA\nP,SCR,8,EA\n",
    "inventory.csv": "part,unrestricted qty,uom,as of\nP,30,EA,2026-01-06\nMAG,200,EA,2026-01-06\n",
    "products.csv": "product,price,weekly demand,gross margin,currency\nP,1000,70,0.3,JPY\n",
    "sources.csv": "part,supplier,share,country of origin,content origin\nMAG,C1,1,CN,CN\nSCR,J1,1,JP,JP\n",
    "suppliers.csv": "supplier,name,country\nC1,Ningbo Magnet Co,CN\nJ1,Neji Co,JP\n",
}


def plant(folder: Path, without: tuple[str, ...] = (), **files: str) -> Company:
    """The plant with some files put in, replaced or left out; "__" in a name stands for a point."""
    every = PLANT | {name.replace("__", "."): text for name, text in files.items()}
    for name, text in every.items():
        if name not in without:
            (folder / name).write_text(text, encoding="utf-8")
    return read_company(folder, on=ON)


def days(company: Company, part: str = "MAG", share: float = 1.0) -> int | None:
    """Days of the firm if that share of an item's inflow stops."""
    return cover(network(company)[0], {part: share}, "in_force", 180).firm


def verdicts(company: Company) -> dict[tuple[str, str], str]:
    asked = Asked((find("CN-2026-01"),), ON, "JPN", "Some Firm")
    judged = judge(company, network(company)[0], asked)
    return {(line.part, line.supplier): line.verdict for line in judged.lines}


def told(company: Company) -> str:
    return "\n".join(str(p) for p in company.problems)


def test_lines_of_one_order_without_line_numbers_all_count(tmp_path: Path) -> None:
    orders = (
        "order,part,quantity,due date,status\n"
        "PO1,SCR,100,2026-01-10,cleared\nPO1,MAG,200,2026-01-10,cleared\n"
    )
    assert days(plant(tmp_path, open_orders__csv=orders)) == 23  # 3 of P, then (200 + 200) / 20
    text = (
        "order_id,name,product_id,product_qty,product_uom,price_unit,date_order,partner_id,state\n"
        "PO1,Steel screw,SCR,100,Units,1,2025-06-01,J1,purchase\n"
        "PO1,Dysprosium metal,DY,100,kg,50000,2025-06-01,C1,purchase\n"
        "PO1,Gallium metal,GA,5,kg,9,2025-06-01,C1,cancel\n"
    )
    ledger = plant(tmp_path, purchase_order_line__csv=text)["ledger"]
    assert ledger["description"].to_list() == ["Steel screw", "Dysprosium metal"]
    assert ledger["price"].to_list() == [1.0, 50000.0]  # a price, not the number it holds for


@pytest.mark.parametrize("table", ["inventory", "bom", "demand"])
def test_equal_lines_in_two_files_count_once(tmp_path: Path, table: str) -> None:
    text = (PLANT | {"demand.csv": "customer,product,weekly qty\nK1,P,70\n"})[f"{table}.csv"]
    copy = {f"{table}__csv": text, f"{table}_copy__csv": text.replace(",", "\t")}
    company = plant(tmp_path, **copy)
    assert days(company) == 13  # 3 of P, then 200 / 20
    assert "the same lines, counted once" in told(company)


def test_equal_lines_in_one_file_are_lots_and_both_count(tmp_path: Path) -> None:
    text = PLANT["inventory.csv"] + "MAG,200,EA,2026-01-06\n"
    assert days(plant(tmp_path, inventory__csv=text)) == 23
    # a second file with one of the two adds nothing; with a third it adds one
    one = "part\tunrestricted qty\tuom\tas of\n" + "MAG\t200\tEA\t2026-01-06\n"
    assert days(plant(tmp_path, inventory__csv=text, inventory2__csv=one)) == 23
    three = one + "MAG\t200\tEA\t2026-01-06\n" * 2
    assert days(plant(tmp_path, inventory__csv=text, inventory2__csv=three)) == 33


def test_the_last_count_of_an_item_and_place_counts(tmp_path: Path) -> None:
    text = PLANT["inventory.csv"] + "P,30,EA,2025-12-31\nMAG,240,EA,2025-12-31\n"
    company = plant(tmp_path, inventory__csv=text)
    assert days(company) == 13
    assert "2 stock lines are older counts" in told(company)
    text = (
        "part,plant,unrestricted qty,as of\nMAG,A,100,2026-01-06\nMAG,B,60,2025-12-31\nMAG,A,9,2025-12-31\n"
    )
    assert days(plant(tmp_path, inventory__csv=text)) == 8  # (100 + 60) / 20


@pytest.mark.parametrize(
    ("bom", "stock", "hand"),
    [("KG", "100000,G", 20), ("G", "100,KG", 20000), ("KG", "0.1,TO", 20), ("KG", "100,", 20)],
)
def test_an_item_without_a_unit_has_the_first_told(tmp_path: Path, bom: str, stock: str, hand: int) -> None:
    company = plant(
        tmp_path,
        ("parts.csv",),
        bom__csv=f"parent,child,quantity,uom\nP,DY,0.5,{bom}\n",
        inventory__csv=f"part,unrestricted qty,uom,as of\nDY,{stock},2026-01-06\n",
    )
    assert days(company, "DY") == (hand if hand < 180 else None)  # 100 kg or 100 g against 10 x 0.5 a day


def test_demand_in_another_unit(tmp_path: Path) -> None:
    parts = "part,description,make_buy,unit\nP,Paste,M,KG\nDY,Dysprosium metal,B,KG\n"
    company = plant(
        tmp_path,
        parts__csv=parts,
        bom__csv="parent,child,quantity,uom\nP,DY,0.5,KG\n",
        inventory__csv="part,unrestricted qty,uom,as of\nDY,100,KG,2026-01-06\n",
        products__csv="product,gross margin\nP,0.3\n",
        demand__csv="customer,product,weekly qty,uom,price\nK1,P,0.07,T,9000\n",
    )
    assert days(company, "DY") == 20  # 70 kg a week: 5 kg of DY a day
    assert company["demand"]["price"].to_list() == [9.0]  # a kilogram


@pytest.mark.parametrize(("unit", "hand"), [("TH", 103), ("千個", 103), ("DZ", 4), ("BOX", 3)])
def test_units_of_many_pieces_and_a_unit_not_known(tmp_path: Path, unit: str, hand: int) -> None:
    text = f"part,unrestricted qty,uom,as of\nP,30,EA,2026-01-06\nMAG,2,{unit},2026-01-06\n"
    company = plant(tmp_path, inventory__csv=text)
    assert days(company) == hand  # 2,000 / 20, 24 / 20, or none: a box holds nobody knows how many
    assert ("MAG is counted in EA, this line is in BOX" in told(company)) == (unit == "BOX")


def test_shares_from_the_ledger_in_one_unit(tmp_path: Path) -> None:
    head = "purch doc,line,posting date,vendor,material,quantity,order unit,country of origin\n"
    rows = "1,10,2025-06-01,C1,DY,9,{},CN\n2,10,2025-06-01,J1,DY,1000,KG,JP\n"
    parts = "part,description,make_buy,unit\nP,Servo motor,M,EA\nDY,Dysprosium metal,B,KG\n"
    company = plant(
        tmp_path, ("sources.csv",), parts__csv=parts, purchase_ledger__csv=head + rows.format("T")
    )
    assert company["sources"]["share"].to_list() == [0.9, 0.1]
    company = plant(
        tmp_path, ("sources.csv",), parts__csv=parts, purchase_ledger__csv=head + rows.format("DRUM")
    )
    assert company["sources"]["share"].to_list() == [None, None]
    assert "1 of them have no share: DY" in told(company)


@pytest.mark.parametrize(
    ("file", "header", "table"),
    [
        ("defects.csv", "Material,Defects last year", None),
        ("artikel_defekte.csv", "Material,Bezeichnung", None),
        ("在庫.csv", "品目,プラント,保管場所,員数不明,基準日", None),  # it says stock: no other table will do
        ("export.csv", "item,qty,uom", None),  # stock, orders or demand
        ("export.csv", "item code,vendor,country of origin,quota,lead time days", "sources"),
        ("PO_LINES_ALL.csv", "PO_NUMBER,LINE_NUM,ITEM_NUMBER,VENDOR_NAME,QUANTITY,CREATION_DATE", "ledger"),
        ("PO_LINES_ALL.csv", "PO_NUMBER,LINE_NUM,ITEM_NUMBER,VENDOR_ID,QUANTITY,NEED_BY_DATE", "orders"),
        ("Item Supplier.csv", "item_code,supplier,country_of_origin", "sources"),
        ("BOM.csv", "name,item,quantity,is_default", "bills"),
        ("Lagerbestandsliste.csv", "Material;Werk;Bestand;BME", "stock"),
        ("openOrders2026.csv", "order,part,open qty,due date", "orders"),
    ],
)
def test_which_table_a_file_is(file: str, header: str, table: str | None) -> None:
    found = guess(file, "", header.split(";" if ";" in header else ","))
    assert (found.table if found else None) == table


def test_a_file_that_lacks_what_its_table_needs_is_named_with_it(tmp_path: Path) -> None:
    company = plant(tmp_path, 在庫__csv="品目,プラント,保管場所,員数不明,基準日\nMAG,A,B,7,2026-01-06\n")
    assert days(company) == 13
    assert "its name says stock, and no column was found for free" in told(company)
    company = plant(tmp_path, artikel_defekte__csv="Material,Bezeichnung\nMAG,Reklamation 12\n")
    assert company["parts"].filter(pl.col("part") == "MAG")["unit"].to_list() == ["EA"]
    assert "artikel_defekte.csv" in told(company)


def test_oracle_yield_validity_places_and_purchases(tmp_path: Path) -> None:
    company = plant(
        tmp_path,
        ("bom.csv", "inventory.csv"),
        BOM_COMPONENTS_B__csv="ASSEMBLY_ITEM_NUMBER,COMPONENT_ITEM_NUMBER,COMPONENT_QUANTITY,"
        "COMPONENT_YIELD_FACTOR,DISABLE_DATE\nP,MAG,2,0.8,\nP,MAG,3,1,31-DEC-2020\n",
        MTL_ONHAND_QUANTITIES_DETAIL__csv="INVENTORY_ITEM_ID,ITEM_NUMBER,SUBINVENTORY_CODE,"
        "TRANSACTION_QUANTITY,TRANSACTION_UOM_CODE\n101,P,FG,30,EA\n102,MAG,RM,200,EA\n102,MAG,MRB,500,EA\n",
        PO_LINES_ALL__csv="PO_NUMBER,LINE_NUM,ITEM_NUMBER,VENDOR_NAME,QUANTITY,UNIT_MEAS_LOOKUP_CODE,"
        "UNIT_PRICE,CREATION_DATE,CANCEL_FLAG\n1,1,MAG,Ningbo,1000,EA,500,05-JAN-26,N\n2,1,MAG,X,9,EA,5,05-JAN-26,Y\n",
    )
    assert days(company) == 11  # 3 of P, then 200 against 10 x 2 / 0.8
    assert company["ledger"]["date"].to_list() == [date(2026, 1, 5)]
    for said in ("do not hold on 2026-01-06", "MRB", "deleted, done or cancelled"):
        assert said in told(company)


def test_erpnext_bills_open_orders_and_rejected_stock(tmp_path: Path) -> None:
    company = plant(
        tmp_path,
        ("bom.csv", "inventory.csv"),
        **{
            "BOM__csv": "name,item,quantity,is_default\nBOM-P-001,P,10,1\nBOM-P-002,P,1,0\n",
            "BOM Item__csv": "parent,item_code,qty,uom\nBOM-P-001,MAG,20,Nos\nBOM-P-002,MAG,99,Nos\n",
            "Bin__csv": "item_code,warehouse,actual_qty,stock_uom\n"
            "P,Stores - K,30,Nos\nMAG,Stores - K,200,Nos\nMAG,Rejected - K,500,Nos\n",
            "Purchase Order Item__csv": "parent,idx,item_code,qty,received_qty,uom,schedule_date,status\n"
            "PO-1,1,MAG,200,150,Nos,2026-01-10,in transit\n",
        },
    )
    assert days(company) == 15  # 3 of P, then (200 + 50) / 20 = 12.5
    for said in ("lines of other bills", "Rejected - K", "partly received"):
        assert said in told(company)


def test_erpnext_lines_without_their_bills_take_the_item_from_the_number(tmp_path: Path) -> None:
    files = {"BOM Item__csv": "parent,item_code,qty,uom\nBOM-P-001,MAG,2,Nos\n"}
    company = plant(tmp_path, ("bom.csv",), **files)
    assert company["bom"]["parent"].to_list() == ["P"]
    assert "name a bill and no parent" in told(company)


def test_sap_heads_in_two_files(tmp_path: Path) -> None:
    company = plant(
        tmp_path,
        ("bom.csv",),
        MAST__csv="MATNR,WERKS,STLNR\nP,HM01,00000042\n",
        STKO__csv="STLNR,BMENG\n42,100\n",
        STPO__csv="STLNR,IDNRK,MENGE,MEINS,DATUV\n42,MAG,200,ST,20200101\n",
    )
    assert company["bom"].select("parent", "child", "quantity").rows() == [("P", "MAG", 2.0)]
    assert days(company) == 13


def test_odoo_names_behind_codes_and_places_outside(tmp_path: Path) -> None:
    company = plant(
        tmp_path,
        ("bom.csv", "inventory.csv", "sources.csv"),
        **{
            "mrp.bom.line__csv": "bom_id,product_tmpl_id,product_id,product_qty,product_uom_id\n"
            "1,[P] Servo motor,[MAG] Sintered magnet,2,Units\n",
            "product.supplierinfo__csv": "partner_id,product_id,delay\nC1,[MAG] Sintered magnet,30\n",
            "stock.quant__csv": "product_id,location_id,quantity\n[P] Servo motor,WH/Stock,30\n"
            "[MAG] Sintered magnet,WH/Stock,200\n[MAG] Sintered magnet,Partners/Vendors,-5000\n",
        },
    )
    assert days(company) == 13
    assert "outside the firm" in told(company)


def test_sources_without_a_supplier_stay(tmp_path: Path) -> None:
    text = "part,supplier,share,country of origin,content origin\nMAG,,0.8,CN,CN\nMAG,J1,0.2,JP,JP\n"
    company = plant(tmp_path, sources__csv=text)
    assert verdicts(company)["MAG", ""] == "review"
    assert days(company, share=0.8) == 16  # 30 of P; 20 n = 260 + 4 n
    text = "part,supplier,share,country of origin\nMAG,,0.5,CN\nMAG,,0.5,CN\n"
    assert plant(tmp_path, sources__csv=text)["sources"].height == 2  # two that are not named, not one twice


CONTENT = "part,supplier,substance,mass_share,basis\n"


def test_presence_outweighs_nought_of_the_same_good(tmp_path: Path) -> None:
    rows = (
        "MAG,,Dy,0 %,mill certificate\nMAG,,Tb,0 %,mill certificate\nMAG,,Dysprosium,3.1 %,mill certificate\n"
    )
    company = plant(tmp_path, material_content__csv=CONTENT + rows)
    assert verdicts(company)["MAG", "C1"] == "review"
    assert "Dy stands at nought here and as present in another row" in told(company)


def test_a_certificate_holds_for_its_suppliers_good_only(tmp_path: Path) -> None:
    sources = "part,supplier,share,country of origin,content origin\nMAG,C1,0.8,CN,CN\nMAG,C2,0.2,CN,CN\n"
    rows = "".join(
        f"MAG,C2,{e},{s} %,mill certificate\n" for e, s in (("Dy", 0), ("Tb", 0), ("Nd", 29), ("Fe", 70))
    )
    found = verdicts(plant(tmp_path, sources__csv=sources, material_content__csv=CONTENT + rows))
    assert found["MAG", "C1"] == "review"
    assert found["MAG", "C2"] == "not_covered"
    nobodys = CONTENT + rows.replace("C2", "")
    found = verdicts(plant(tmp_path, sources__csv=sources, material_content__csv=nobodys))
    assert {found["MAG", "C1"], found["MAG", "C2"]} == {"review"}  # whose good it is on is not told
    found = verdicts(plant(tmp_path, material_content__csv=nobodys))
    assert found["MAG", "C1"] == "not_covered"  # the only source


def test_money_of_demand_options_and_item_master(tmp_path: Path) -> None:
    company = plant(
        tmp_path,
        fx_rates__csv="currency,rate\nJPY,1\nUSD,150\n",
        parts__csv="MATNR,MAKTX,BESKZ,MEINS,STPRS,PEINH,WAERS\nP,Servo motor,E,ST,,,JPY\n"
        "MAG,magnet,F,ST,500000,1000,JPY\n",
        demand__csv="customer,product,weekly qty,unit price,currency\nK1,P,70,10,USD\n",
        mitigation_options__csv="option id,part,kind,one off cost (USD),ready days\nO1,MAG,stock,1000,0\n",
    )
    assert company["parts"]["cost"].to_list() == [None, 500.0]
    assert company["demand"]["price"].to_list() == [1500.0]
    assert company["options"]["cost"].to_list() == [150000.0]


def test_prices_for_another_unit_than_the_lines(tmp_path: Path) -> None:
    text = (
        "EBELN,EBELP,BEDAT,LIFNR,MATNR,TXZ01,MENGE,MEINS,NETPR,PEINH,BPRME,WAERS\n"
        "1,10,20250601,C1,DY,Dysprosium metal,10,KG,0.4,1,G,JPY\n"
        "2,10,20250601,C1,DY,Dysprosium metal,10,KG,400,1,KG,JPY\n"
        "3,10,20250601,C1,DY,Dysprosium metal,10,ST,400,1,KG,JPY\n"
    )
    company = plant(tmp_path, purchase_ledger__csv=text)
    assert company["ledger"]["price"].to_list() == [400.0, 400.0, None]
    assert "1 lines without a known value" in told(company)


def test_a_total_in_a_column_that_is_not_read(tmp_path: Path) -> None:
    head = "Buyer,purch doc,line,posting date,vendor,material,short text,quantity,net value,currency\n"
    rows = "Sato,2,10,2025-06-01,C1,MAG,magnet,100,9000,JPY\nTotal,,,,,,,100,9000,\n,,,,,,,100,9000,JPY\n"
    company = plant(tmp_path, purchase_ledger__csv=head + rows)
    assert company["ledger"]["value"].sum() == 9000
    assert "lines left out: totals" in told(company)
    keep = head + "Sato,2,10,2025-06-01,TOTAL,MAG,magnet,100,9000,JPY\n"  # a firm of that name
    assert plant(tmp_path, purchase_ledger__csv=keep)["ledger"].height == 1


def test_what_serves_nothing_is_named(tmp_path: Path) -> None:
    company = plant(
        tmp_path,
        open_orders__csv="order,line,part,quantity,due date,status\nPO1,1,MAG-X,200,2026-01-10,cleared\n",
        demand__csv="customer,product,weekly qty\nK1,PX,70\n",
        inventory2__csv="part,unrestricted qty,as of\nMAG1,7,2026-01-06\n",
    )
    for said in ("1 rows of orders", "MAG-X", "1 rows of demand", "PX", "1 rows of stock", "MAG1"):
        assert said in told(company)


def test_stock_that_may_hold_the_blocked_and_shares_that_miss_one(tmp_path: Path) -> None:
    company = plant(
        tmp_path,
        inventory__csv="part,on hand,blocked,uom,as of\nMAG,200,150,EA,2026-01-06\nP,3,0,EA,2026-01-06\n",
        sources__csv="part,supplier,share,country of origin\nMAG,C1,0.1,CN\nMAG,C2,0.1,JP\nSCR,J1,1,JP\n",
    )
    assert "'on hand' counts as free in 1 lines" in told(company)
    assert "shares of MAG sum to 0.2" in told(company)
    assert "shares of SCR" not in told(company)


def test_folders_below_and_earlier_answers_are_named_and_never_read(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    company = plant(tmp_path)
    assert "1 folders in it were not read" in told(company)
    out = tmp_path.parent / f"{tmp_path.name}-out"
    again = [
        ["company", str(tmp_path), "--measure", "CN-2026-01", "--out", str(place)]
        for place in (out, tmp_path)
    ]
    first = CliRunner().invoke(cli, again[0])
    assert first.exit_code == 0, first.output
    assert CliRunner().invoke(cli, again[0]).exit_code == 0  # an answer replaces an answer
    among = CliRunner().invoke(cli, again[1])
    assert among.exit_code != 0
    assert "among the firm's files" in str(among.exception)
    for name in ("company.json", "company.xlsx"):
        shutil.copy(out / name, tmp_path)
    poisoned = read_company(tmp_path)
    assert {f.path for f in poisoned.files} == set(PLANT)
    assert "an earlier run" in told(poisoned)


def test_a_workbook_of_the_user_is_not_replaced(tmp_path: Path) -> None:
    inside, out = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    out.mkdir()
    plant(inside)
    (out / "company.xlsx").write_bytes(b"mine")
    run = CliRunner().invoke(cli, ["company", str(inside), "--measure", "CN-2026-01", "--out", str(out)])
    assert run.exit_code != 0
    assert "would be replaced" in str(run.exception)
    assert (out / "company.xlsx").read_bytes() == b"mine"


def test_a_folder_of_answers_alone_holds_no_tables(tmp_path: Path) -> None:
    (tmp_path / "company.json").write_text('{"company":1,"measures":1,"stock_date":1,"lines":1}', "utf-8")
    (tmp_path / "company.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match="earlier run"):
        read_company(tmp_path)
