"""Bad input of `kanmon check`: read rightly, or named with row and column; good rows are still decided."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from kanmon.app.cli import cli
from kanmon.core.errors import InputError
from kanmon.measure.check import check
from kanmon.measure.transaction import CellError, read_date, read_hs, read_names, read_text

HEAD = (
    "id,item_description,hs_code,content,origin_country,exporter_country,ship_from,ship_to,end_user,"
    "other_parties,end_use,date\n"
)
GOOD = "1,酸化ジスプロシウム,284690,Dy2O3 99.9%,中国,CN,CHN,JP,Seto,none,民生用,令和8年3月2日\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "gb18030"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    text = HEAD + GOOD
    path.write_bytes(
        text.replace("酸化ジスプロシウム", "氧化镝").encode(encoding)
        if encoding == "gb18030"
        else text.encode(encoding)
    )
    (row,) = check(path).rows()
    assert row["verdict"] == "licence", row


def test_separators_and_japanese_headers(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    names = "番号 品名 HSコード 成分 原産国 輸出者国 出荷国 仕向国 最終需要者 その他当事者 最終用途 日付"
    head = names.replace(" ", "\t")
    path.write_bytes((head + "\n" + GOOD.replace(",", "\t")).encode("cp932"))
    (row,) = check(path).rows()
    assert (row["id"], row["verdict"]) == ("1", "licence")


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("8505.11", "850511"),
        ("8.50511E+09", "850511"),
        ("８５０５１１", "850511"),
        ("HS: 2846 90", "284690"),
        ("850511000.0", "850511000"),
        ("30211", "030211"),
        ("1012100", "01012100"),
        ("", ""),
        ("n/a", ""),
    ],
)
def test_hs(cell: str, digits: str) -> None:
    assert read_hs(cell) == digits


@pytest.mark.parametrize("cell", ["8.5E+09", "85X5", "12", "12345678901234"])
def test_hs_that_cannot_be_read(cell: str) -> None:
    with pytest.raises(CellError):
        read_hs(cell)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-01-06", date(2026, 1, 6)),
        ("2026/1/6", date(2026, 1, 6)),
        ("２０２６．１．６", date(2026, 1, 6)),
        ("令和8年1月6日", date(2026, 1, 6)),
        ("R8.1.6", date(2026, 1, 6)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("H31.4.30", date(2019, 4, 30)),
        ("20260106", date(2026, 1, 6)),
        ("46028", date(2026, 1, 6)),
        ("6 January 2026", date(2026, 1, 6)),
        ("Jan 6, 2026", date(2026, 1, 6)),
        ("13.02.2026", date(2026, 2, 13)),
        ("2026-01-06T10:00:00", date(2026, 1, 6)),
        ("", None),
    ],
)
def test_dates(cell: str, day: date | None) -> None:
    assert read_date(cell) == day


@pytest.mark.parametrize("cell", ["2026-13-01", "03/04/2026", "soon", "R8.13.1"])
def test_dates_that_cannot_be_read(cell: str) -> None:
    with pytest.raises(CellError):
        read_date(cell)


def test_names_and_long_cells() -> None:
    assert read_names("A; B ；C") == ("A", "B", "C")
    assert read_names("none") == ("none",)
    assert read_names("") == ()
    with pytest.raises(CellError):
        read_text("x" * 10_000_000)


def test_bad_cells_are_named_and_the_rest_is_decided(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    long = "x" * 10_000_000
    rows = [
        GOOD,
        "2,Steel bolts,73XX,steel,CN,CN,CN,Jpan,Seto,none,civil,2026-13-01\n",
        f"3,{long},731815,steel,CN,CN,CN,JP,Seto,none,civil,2026-03-02\n",
        "3,Steel bolts,731815,steel,CN,CN,CN,JP,Seto,none,civil,2026-03-02\n",
    ]
    path.write_text(HEAD + "".join(rows), "utf-8")
    got = check(path)
    assert [r["verdict"] for r in got.rows()] == ["licence", "review", "review", "not_covered"]
    named = [str(p) for p in got.problems]
    for column, row in (("hs_code", 3), ("ship_to", 3), ("date", 3), ("item_description", 4)):
        assert any(f"row {row}" in p and f"column {column}" in p for p in named), (column, named)
    assert "stands in 2 rows" in str(got.notices[-1])


def test_a_line_with_too_many_cells_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + GOOD + "2,Steel, bolts,731815,s,CN,CN,CN,JP,Seto,none,civil,2026-03-02\n", "utf-8")
    got = check(path)
    assert [r["verdict"] for r in got.rows()] == ["licence", "review"]
    assert "row 3" in str(got.problems[0])


def test_numbers_from_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame(
        {
            "id": [1, 2],
            "item_description": ["Steel bolts", "Samarium cobalt magnet"],
            "hs_code": [731815.0, 8505111000.0],
            "content": ["steel", "Sm, Co"],
            "origin_country": ["CN", "CN"],
            "exporter_country": ["CN", "CN"],
            "ship_from": ["CN", "CN"],
            "ship_to": ["FR", "FR"],
            "end_user": ["A", "A"],
            "end_use": ["civil", "civil"],
            "date": [date(2026, 3, 2), date(2026, 3, 2)],
        }
    ).write_parquet(path)
    assert [r["verdict"] for r in check(path).rows()] == ["not_covered", "licence"]


def test_no_column_says_what_the_goods_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(InputError, match="no column says what the goods are"):
        check(path)
    with pytest.raises(InputError, match="no such file"):
        check(tmp_path / "b.csv")
    path.write_text("", "utf-8")
    with pytest.raises(InputError, match="empty"):
        check(path)


def test_the_command(tmp_path: Path) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "out.csv"
    path.write_text(HEAD + GOOD, "utf-8")
    got = CliRunner().invoke(cli, ["check", str(path), "--json", "--out", str(out)])
    assert got.exit_code == 0, got.output
    (row,) = json.loads(got.stdout)
    assert (row["id"], row["verdict"]) == ("1", "licence")
    assert pl.read_csv(out)["verdict"].to_list() == ["licence"]
    shown = CliRunner().invoke(cli, ["check", str(path)])
    assert "1 licence" in shown.stdout
    path.write_text(HEAD + GOOD.replace("284690", "28X"), "utf-8")
    bad = CliRunner().invoke(cli, ["check", str(path), "--json"])
    assert bad.exit_code == 2
    assert "column hs_code" in bad.stderr
    assert json.loads(bad.stdout)[0]["verdict"] == "licence"  # words and composition name it without the code


def test_duckdb_gives_the_same(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    from kanmon.measure.check_duckdb import check_file

    path, out = tmp_path / "a.csv", tmp_path / "out.parquet"
    rows = [
        GOOD,
        "2,Steel bolts,731815,steel,CN,CN,CN,JP,Seto,none,civil,2026-03-02\n",
        "3,Magnet,8505.11,,CN,,,,,,,\n",
    ]
    path.write_text(HEAD + "".join(rows), "utf-8")
    seen: list[float] = []
    written = check_file(path, out, progress=lambda _, done: seen.append(done))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    got = {row["id"]: row["verdict"] for row in pl.read_parquet(out).to_dicts()}
    assert got == {row["id"]: row["verdict"] for row in check(path).rows()}
    assert written.lines == 3
