"""Headers of five systems and four languages are recognised; a mapping goes out, is edited, comes back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kanmon.company.mapping import SheetMapping, guess, load, written
from kanmon.company.read import read_company
from kanmon.core.errors import InputError

# file name, header, table, some fields with their columns
LINES = (Path(__file__).parent / "company" / "headers.txt").read_text(encoding="utf-8").splitlines()
HEADERS = [[cell.strip() for cell in line.split("|")] for line in LINES if not line.startswith("#")]


@pytest.mark.parametrize(("file", "header", "table", "told"), HEADERS, ids=[row[0] for row in HEADERS])
def test_header(file: str, header: str, table: str, told: str) -> None:
    fields = dict(pair.strip().split("=", maxsplit=1) for pair in told.split(";"))
    columns = header.split(";" if ";" in header else ",")
    read = guess(file, "", columns)
    assert read is not None, "not recognised"
    assert read.table == table
    assert {name: read.columns.get(name) for name in fields} == fields


def test_a_header_that_is_no_tables_is_left_alone() -> None:
    assert guess("weather.csv", "", ["town", "sunshine", "rain"]) is None


def folder(path: Path) -> Path:
    (path / "teile.csv").write_text("Kennung;Text;Ware\nA1;magnet;850511\nB2;bolt;731815\n", encoding="utf-8")
    (path / "stock.csv").write_text("part,on hand,blocked,as of\nA1,5,2,2026-01-06\n", encoding="utf-8")
    return path


def test_mapping_out_edited_and_back(tmp_path: Path) -> None:
    first = read_company(folder(tmp_path))
    assert any("teile.csv" in p.where for p in first.problems)  # not used, and said so
    assert first["stock"]["free"].to_list() == [5.0]
    told = written({f.path: SheetMapping(f.table, f.mapping, f.system) for f in first.files})
    edited = told.replace('free = "on hand"', 'free = "blocked"')
    edited += '\n["teile.csv"]\ntable = "parts"\npart = "Kennung"\ndescription = "Text"\nhs_code = "Ware"\n'
    file = tmp_path / "mapping.toml"
    file.write_text(edited, encoding="utf-8")
    again = read_company(tmp_path, load(file))
    assert again["stock"]["free"].to_list() == [2.0]
    assert again["parts"]["part"].to_list() == ["A1", "B2"]
    assert again["parts"]["hs_code"].to_list() == ["850511", "731815"]
    # Written once more and read once more, it says the same.
    file.write_text(
        written({f.path: SheetMapping(f.table, f.mapping, f.system) for f in again.files}), "utf-8"
    )
    assert read_company(tmp_path, load(file))["parts"].equals(again["parts"])


def test_a_mapping_that_leaves_a_file_out(tmp_path: Path) -> None:
    file = folder(tmp_path) / "mapping.toml"
    file.write_text('["stock.csv"]\ntable = ""\n["teile.csv"]\ntable = "parts"\npart = "Kennung"\n', "utf-8")
    company = read_company(tmp_path, load(file), date(2026, 1, 6))
    assert company["stock"].height == 0
    assert any("no stock" in text for text in company.unseen)


def test_faults_of_a_mapping_are_listed_together(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text('["a.csv"]\ntable = "partz"\n["b.csv"]\ntable = "parts"\nsupplierr = "x"\n', "utf-8")
    with pytest.raises(InputError) as caught:
        load(file)
    assert len(caught.value.problems) == 2
    file.write_text('["stock.csv"]\ntable = "stock"\npart = "part"\nfree = "no such"\n', "utf-8")
    with pytest.raises(InputError, match="no such"):
        read_company(folder(tmp_path), load(file))
