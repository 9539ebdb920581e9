"""A ledger judged in a stream gives every line the verdict that it gets in memory."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from kanmon.company import SAMPLE, ledger_bulk
from kanmon.company.ledger import judge_ledger
from kanmon.company.ledger_bulk import judge_ledger_file
from kanmon.company.lines import Asked
from kanmon.company.mapping import SheetMapping
from kanmon.company.network import network
from kanmon.company.read import read_company
from kanmon.core.errors import InputError
from kanmon.measure.load import find

ASKED = Asked((find("CN-2026-01"),), date(2026, 1, 6), "JPN", "sample")


def test_stream_and_memory_agree_line_by_line(tmp_path: Path) -> None:
    company = read_company(SAMPLE)
    net, _ = network(company)
    source = tmp_path / "purchase_ledger.parquet"
    rows = pl.read_csv(SAMPLE / "purchase_ledger.csv", infer_schema=False).filter(pl.col("material") != "")
    rows.write_parquet(source)
    answer = judge_ledger_file(source, tmp_path / "out.parquet", company, ASKED, net)
    whole = judge_ledger(company, ASKED, net)
    assert whole is not None
    want = whole.lines.filter(pl.col("file") == "purchase_ledger.csv").select(
        "document", "line", want="verdict"
    )
    got = pl.read_parquet(tmp_path / "out.parquet").select(
        document=pl.col("purch_doc"), line=pl.col("item").str.strip_chars(), got="verdict"
    )
    assert answer.lines == rows.height
    both = got.join(want, on=["document", "line"], how="inner")
    assert both.height > 0.95 * rows.height
    assert both.filter(pl.col("want") != pl.col("got")).height == 0


def test_a_large_ledger_of_a_folder_is_left_to_the_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("parts.csv", "bom.csv", "inventory.csv", "purchase_ledger.csv"):
        (tmp_path / name).write_bytes((SAMPLE / name).read_bytes())
    monkeypatch.setattr(ledger_bulk, "LARGE", 500_000)
    company = read_company(tmp_path)
    assert [p.name for p in company.large_ledgers] == ["purchase_ledger.csv"]
    assert company["ledger"].height == 0
    assert any("in a stream" in str(p) for p in company.problems)


def test_a_file_without_the_columns_of_a_ledger_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"a": ["1"]}).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(InputError, match="no column for"):
        ledger_bulk.mapping_of(tmp_path / "x.parquet")


def test_a_mapping_holds_for_a_large_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("parts.csv", "bom.csv", "inventory.csv"):
        (tmp_path / name).write_bytes((SAMPLE / name).read_bytes())
    frame = pl.read_csv(SAMPLE / "purchase_ledger.csv", infer_schema=False)
    frame.rename({"short_text": "zz9", "material": "zz8"}).with_columns(material=pl.lit("SM-500")).write_csv(
        tmp_path / "purchase_ledger.csv"
    )
    monkeypatch.setattr(ledger_bulk, "LARGE", 500_000)
    ((path, guessed),) = read_company(tmp_path).large_ledgers.items()
    assert guessed.columns["part"] == "material"
    columns = {**guessed.columns, "part": "zz8", "description": "zz9"}
    company = read_company(tmp_path, {path.name: SheetMapping("ledger", columns, "mapping file")})
    read = company.large_ledgers[path]
    answer = judge_ledger_file(
        path, tmp_path / "out.parquet", company, ASKED, network(company)[0], given=read
    )
    assert len({item for item, _ in answer.by_item}) > 100
    assert sum(answer.by_item.values()) == answer.lines == frame.height
    assert not read_company(tmp_path, {path.name: SheetMapping("", {}, "mapping file")}).large_ledgers
    wrong = {path.name: SheetMapping("ledger", {**columns, "part": "zz7"}, "mapping file")}
    with pytest.raises(InputError, match="zz7"):
        read_company(tmp_path, wrong)


def test_a_large_ledger_that_breaks_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    head = b"purch_doc,item,posting_date,vendor,material,short_text,quantity,net_price\n"
    line = "1,10,2025-01-01,V,M,磁石,1,1\n"
    path.write_bytes(head + 3 * line.encode() + line.encode("cp932"))
    with pytest.raises(InputError, match="UTF-8"):
        judge_ledger_file(path, tmp_path / "out.parquet", read_company(SAMPLE), ASKED)
    assert [one.name for one in tmp_path.iterdir()] == ["ledger.csv"]
