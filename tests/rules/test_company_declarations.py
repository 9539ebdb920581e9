"""Material declarations become rows of one table: yes asks, no clears what it names, XML is read safely.

Layouts as described in public documents (declarations.toml); no real file was seen.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from kanmon.company.declarations import data
from kanmon.company.declarations_xml import parse, read_xml
from kanmon.company.lines import Asked, judge
from kanmon.company.network import network
from kanmon.company.read import read_company
from kanmon.company.records import Company, Line
from kanmon.core.errors import InputError
from kanmon.measure.load import find

ON = date(2026, 1, 6)


def workbook(
    path: Path,
    answers: dict[str, tuple[str, ...]],
    products: tuple[tuple[str, ...], ...] = (),
    scope: str = "B. Product (or List of Products)",
) -> None:
    """A declaration with questions 1 (and 2 where answered): mineral in column B, answer in column D."""
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Revision").write(0, 0, "version")
    page = book.add_worksheet("Declaration")
    page.write(7, 1, "Company Name (*):")
    page.write(7, 3, "Some Maker Inc.")
    page.write(8, 1, "Declaration Scope or Class (*):")
    page.write(8, 3, scope)
    page.write(20, 1, "Effective Date (*):")
    page.write(20, 3, "2025-11-05")
    row = 24
    for number in range(max((len(told) for told in answers.values()), default=0)):
        page.write(row, 1, f"{number + 1}) A question about the minerals? (*)")
        page.write(row, 3, "Answer")
        for mineral, told in answers.items():
            row += 1
            page.write(row, 1, f"{mineral} (*)")
            page.write(row, 3, told[number])
        row += 2
    page.write(row, 1, "3) Do you source from elsewhere?")
    page.write(row + 1, 1, "Tungsten (*)")
    page.write(row + 1, 3, "Yes")
    listed = book.add_worksheet("Product List")
    for column, name in enumerate(
        ("Manufacturer's Product Number (*)", "Manufacturer's Product Name", "Requestor Product Number")
    ):
        listed.write(4, column + 1, name)
    for place, cells in enumerate(products, start=5):
        for column, cell in enumerate(cells):
            listed.write(place, column + 1, cell)
    book.close()


def rows(company: Company) -> list[tuple[str, str, bool | None]]:
    return sorted(company["content"].select("part", "substance", "present").rows())


def firm(folder: Path, description: str, hs: str, extra: str = "") -> Path:
    text = f"part,description,hs code,make buy\nP1,{description},{hs},B\n{extra}"
    (folder / "parts.csv").write_text(text, encoding="utf-8")
    (folder / "sources.csv").write_text("part,supplier,share,country of origin\nP1,V1,1,CN\n", "utf-8")
    (folder / "suppliers.csv").write_text("supplier,name,country\nV1,Some Maker,CN\n", encoding="utf-8")
    return folder


def line(folder: Path) -> Line:
    company = read_company(folder, on=ON)
    net, _ = network(company)
    return judge(company, net, Asked((find("CN-2026-01"),), ON, "JPN", "Some Firm")).lines[0]


def test_yes_to_rare_earths_is_a_question_never_a_clearance(tmp_path: Path) -> None:
    firm(tmp_path, "rotor part", "850300")
    assert line(tmp_path).verdict == "not_covered"  # the words name an ordinary good
    workbook(tmp_path / "amrt.xlsx", {"Rare Earth Elements": ("Yes",), "Silver": ("No",)}, (("P1",),))
    company = read_company(tmp_path, on=ON)
    assert rows(company) == [("P1", "Ag", False), ("P1", "rare earth elements", True)]
    assert company["content"]["date"].to_list() == [date(2025, 11, 5)] * 2
    assert any("rare earth elements: yes" in p.what and "amrt.xlsx" in p.where for p in company.problems)
    asked = line(tmp_path)
    assert asked.verdict == "review"
    assert asked.question
    assert asked.content_basis == "declared"


def test_yes_is_no_proof_either(tmp_path: Path) -> None:
    workbook(tmp_path / "amrt.xlsx", {"Rare Earth Elements": ("Yes",)}, (("P1",),))
    firm(tmp_path, "NdFeB magnet", "850511")
    assert line(tmp_path).covered["in_force"] == "maybe"


def test_no_clears_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    firm(tmp_path, "NdFeB magnet ring", "850511")
    assert line(tmp_path).verdict == "review"
    workbook(tmp_path / "cmrt.xlsx", {"Tungsten": ("No", "No"), "Gold": ("No", "No")}, (("P1",),))
    assert line(tmp_path).verdict == "review"  # no tungsten says nothing of dysprosium
    workbook(tmp_path / "amrt.xlsx", {"Rare Earth Elements": ("No",)}, (("P1",),))
    assert line(tmp_path).verdict == "not_covered"  # Dy and Tb are among what it names


def test_another_document_that_says_yes_outweighs_a_no(tmp_path: Path) -> None:
    firm(tmp_path, "NdFeB magnet ring", "850511")
    workbook(tmp_path / "amrt.xlsx", {"Rare Earth Elements": ("No",)}, (("P1",),))
    (tmp_path / "content.csv").write_text(
        "part,substance,mass share,basis\nP1,Dy,1.5%,mill certificate\n", "utf-8"
    )
    assert line(tmp_path).verdict != "not_covered"


def test_used_but_not_remaining_is_no_and_unknown_is_left_open(tmp_path: Path) -> None:
    firm(tmp_path, "part", "850300")
    told = {"Tungsten": ("Yes", "No"), "Tin": ("Yes", "Yes"), "Gold": ("Unknown", ""), "Tantalum": ("No", "")}
    workbook(tmp_path / "cmrt.xlsx", told, (("P1",),))
    company = read_company(tmp_path, on=ON)
    assert rows(company) == [("P1", "Sn", True), ("P1", "Ta", False), ("P1", "W", False)]
    assert any("Au: neither yes nor no" in p.what for p in company.problems)


def test_the_requesters_own_number_goes_before_the_makers(tmp_path: Path) -> None:
    firm(tmp_path, "part", "850300")
    workbook(
        tmp_path / "emrt.xlsx", {"Cobalt": ("Yes", "Yes")}, (("XY-9", "thing", "P1"), ("XY-10", "thing", ""))
    )
    assert rows(read_company(tmp_path, on=ON)) == [("P1", "Co", True), ("XY-10", "Co", True)]


def test_a_declaration_for_a_whole_company_is_laid_to_no_part(tmp_path: Path) -> None:
    firm(tmp_path, "part", "850300")
    workbook(tmp_path / "amrt.xlsx", {"Rare Earth Elements": ("No",), "Zinc": ("Yes",)}, scope="A. Company")
    company = read_company(tmp_path, on=ON)
    assert company["content"].height == 0
    said = next(p for p in company.problems if "not by product" in p.what)
    assert "Zn" in said.why


IPC = """<?xml version="1.0" encoding="UTF-8"?>
<MainDeclaration xmlns="http://webstds.ipc.org/175x/2.0" version="2.0">
 <Product unitType="Each"><ProductID itemNumber="P1" itemName="magnet"/>
  <MaterialInfo><HomogeneousMaterialList>
   <HomogeneousMaterial name="magnet"><Amount value="20" UOM="g"/>
    <SubstanceCategoryList><SubstanceCategory name="Supplier">
     <Substance name="Dysprosium"><SubstanceID identity="7429-91-6" authority="CAS"/>
      <Concentration value="2.5"/></Substance>
     <Substance name="unnamed"><SubstanceID identity="7440-00-8" authority="CAS"/>
      <Amount value="5800" UOM="mg"/></Substance>
    </SubstanceCategory></SubstanceCategoryList>
   </HomogeneousMaterial>
   {more}
  </HomogeneousMaterialList></MaterialInfo></Product></MainDeclaration>"""


def test_xml_of_a_full_declaration(tmp_path: Path) -> None:
    (tmp_path / "P1.xml").write_text(IPC.replace("{more}", ""), encoding="utf-8")
    company = read_company(firm(tmp_path, "NdFeB magnet", "850511"), on=ON)
    found = company["content"].select("part", "substance", "cas", "grams_per_unit", "mass_share").rows()
    assert found == [("P1", "Dy", "7429-91-6", 0.5, 0.025), ("P1", "Nd", "7440-00-8", 5.8, None)]
    judged = line(tmp_path)
    assert judged.covered["in_force"] == "yes"
    assert judged.content_basis == "declared"


def test_a_share_of_one_of_several_materials_is_no_share_of_the_part() -> None:
    more = '<HomogeneousMaterial name="coating"><Amount value="1" UOM="g"/></HomogeneousMaterial>'
    said = read_xml(IPC.replace("{more}", more).encode(), "f.xml")
    assert [("mass_share" in row, row["grams_per_unit"]) for _, row in said.rows] == [
        (False, "0.5"),
        (False, "5.8"),
    ]


def test_xml_after_iec_62474_with_nested_parts(tmp_path: Path) -> None:
    text = """<d:Declaration xmlns:d="urn:x"><d:BusinessInfo><d:Response date="2025-10-01"/></d:BusinessInfo>
     <d:Product><d:ProductID number="TOP"/><d:ProductPart><d:ProductID number="P1"/>
      <d:Material name="alloy"><d:Substance><d:Name>Terbium</d:Name>
       <d:SubstanceID authority="CAS" identity="7440-27-9"/>
       <d:Mass value="0.2" unit="g"/></d:Substance></d:Material>
     </d:ProductPart></d:Product></d:Declaration>"""
    (tmp_path / "x.shai").write_text(text, encoding="utf-8")
    company = read_company(firm(tmp_path, "magnet", "850511"), on=ON)
    assert company["content"].select("part", "substance", "grams_per_unit").rows() == [("P1", "Tb", 0.2)]


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "other.txt">]>',
        '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;&x;">]>',
        '<!DOCTYPE a SYSTEM "http://example.invalid/a.dtd">',
    ],
)
def test_entities_and_document_types_are_refused(head: str, tmp_path: Path) -> None:
    text = f"<?xml version='1.0'?>{head}<a>&x;</a>"
    with pytest.raises(InputError, match="document type"):
        parse(text.encode(), "f.xml")
    (tmp_path / "bad.xml").write_text(text, encoding="utf-8")
    company = read_company(firm(tmp_path, "part", "850300"), on=ON)  # the other files are read
    assert any("document type" in p.what and "bad.xml" in p.where for p in company.problems)


@pytest.mark.parametrize("text", ["<a><b></a>", "no xml at all", "<a>" * 500, "<a/>"])
def test_broken_deep_and_strange_xml_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "bad.xml").write_text(text, encoding="utf-8")
    company = read_company(firm(tmp_path, "part", "850300"), on=ON)
    assert company["content"].height == 0
    assert any("bad.xml" in p.where for p in company.problems)


def test_registry_numbers_have_right_check_digits() -> None:
    for number in data()["cas"]:
        body = number.replace("-", "")
        digits = [int(d) for d in reversed(body[:-1])]
        assert sum(place * digit for place, digit in enumerate(digits, 1)) % 10 == int(body[-1]), number
