"""Damaged and unusual files, in memory and through DuckDB: read rightly or named by row."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kanmon.core.errors import InputError
from kanmon.measure.check import check

HEAD = (
    "id,item_description,hs_code,content,origin_country,exporter_country,ship_from,ship_to,end_user,"
    "other_parties,end_use,date\n"
)
OXIDE = "1,酸化ジスプロシウム,284690,Dy2O3 99.9%,中国,CN,CHN,JP,Seto,none,民生用,令和８年３月２日\n"
BOLTS = "2,Steel bolts,731815,steel,CN,CN,CN,JP,Seto,none,civil,2026-03-02\n"
THIRD = OXIDE.replace("1,", "3,", 1)
LICENCE, CLEAR = ("1", "licence"), ("2", "not_covered")

FILES: dict[str, tuple[bytes, list[tuple[str, str]], list[str]]] = {
    "utf-16 without a mark": ((HEAD + OXIDE + BOLTS).encode("utf-16-be"), [LICENCE, CLEAR], []),
    "lone carriage returns": ((HEAD + OXIDE + BOLTS).replace("\n", "\r").encode(), [LICENCE, CLEAR], []),
    "tabs and blank lines": (
        (HEAD + OXIDE + "\n" + "," * 11 + "\n" + BOLTS).replace(",", "\t").encode("cp932"),
        [LICENCE, CLEAR],
        [],
    ),
    "semicolons": ((HEAD + OXIDE + BOLTS).replace(",", ";").encode(), [LICENCE, CLEAR], []),
    "title above the header": (("Purchases\n\n" + HEAD + OXIDE + BOLTS).encode(), [LICENCE, CLEAR], []),
    "accents of Western Europe": (
        (HEAD + BOLTS.replace("Seto", "Müller & Société Générale")).encode("cp1252"),
        [CLEAR],
        [],
    ),
    "zero bytes": (
        (HEAD + OXIDE + BOLTS.replace("Steel", "St\0eel") + "\0" * 40).encode(),
        [LICENCE, ("2", "review")],
        ["column item_description", "zero bytes only"],
    ),
    "two encodings in one file": (
        (HEAD + OXIDE).encode() + BOLTS.replace("Steel", "Stål").encode("cp1252"),
        [LICENCE, ("2", "review")],
        ["column item_description"],
    ),
    "a quote never closed": (
        (HEAD + OXIDE + BOLTS.replace("Steel", '"Steel') + THIRD).encode(),
        [LICENCE, CLEAR, ("3", "licence")],
        ["a quote is not closed", "row 3"],
    ),
    "a quote never closed in the last cell": (
        (HEAD + OXIDE + BOLTS.replace("2026-03-02", '"2026-03-02') + THIRD).encode(),
        [LICENCE, CLEAR, ("3", "licence")],
        ["a quote is not closed", "row 3"],
    ),
    "line breaks inside a cell": (
        (HEAD + OXIDE + BOLTS.replace("Steel bolts", '"Steel\nbolts"') + THIRD).encode(),
        [LICENCE, CLEAR, ("3", "licence")],
        [],
    ),
    "inches": (
        (HEAD + OXIDE + BOLTS.replace("Steel", 'Steel 3"') + THIRD).encode(),
        [LICENCE, CLEAR, ("3", "licence")],
        [],
    ),
    "too many cells": (
        (HEAD + OXIDE + BOLTS.strip() + ",x,y\n" + THIRD).encode(),
        [LICENCE, ("2", "review"), ("3", "licence")],
        ["14 cells under 12 columns", "row 3"],
    ),
    "a cell of 10 MB": (
        (HEAD + BOLTS.replace("Steel bolts", "x" * 10_000_000) + THIRD).encode(),
        [("2", "review"), ("3", "licence")],
        ["10,000,000 characters"],
    ),
    "an HS code cut by a spreadsheet": (
        (HEAD + OXIDE.replace("284690", "2.8E+09") + BOLTS).encode(),
        [LICENCE, CLEAR],
        ["column hs_code"],
    ),
}


@pytest.mark.parametrize("what", FILES)
def test_files_in_memory(tmp_path: Path, what: str) -> None:
    data, expected, named = FILES[what]
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    got = check(path)
    assert [(r["id"], r["verdict"]) for r in got.rows()] == expected
    said = " | ".join(map(str, got.problems))
    assert bool(said) == bool(named), said
    assert all(part in said for part in named), said


@pytest.mark.parametrize("what", FILES)
def test_files_through_duckdb(tmp_path: Path, what: str) -> None:
    pytest.importorskip("duckdb")
    from kanmon.measure.check_duckdb import check_file

    data, expected, named = FILES[what]
    path, out = tmp_path / "it's.csv", tmp_path / "out.parquet"
    path.write_bytes(data)
    got = check_file(path, out)
    assert sorted(pl.read_parquet(out).select("id", "verdict").rows()) == expected
    said = " | ".join(map(str, got.problems))
    assert bool(said) == bool(named), said
    assert all(part in said for part in named), said


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (HEAD.encode(), "no rows"),
        (b"PK\x03\x04" + bytes(range(256)), "workbook"),
        (bytes(range(256)) * 20, "not text"),
        (b"id,name\n1,Seto\n", "no column says what the goods are"),
    ],
)
def test_files_that_hold_nothing_to_decide(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=what):
        check(path)
    pytest.importorskip("duckdb")
    from kanmon.measure.check_duckdb import check_file

    with pytest.raises(InputError, match=what):
        check_file(path, tmp_path / "out.csv")


def test_duckdb_in_blocks_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines fall into blocks, and a cell with line breaks lies across the end of one."""
    pytest.importorskip("duckdb")
    from kanmon.measure import check_source
    from kanmon.measure.check_duckdb import check_file

    monkeypatch.setattr(check_source, "BLOCK", 5)
    rows = [
        BOLTS.replace("2,", f"{k:02},", 1).replace("Steel bolts", '"Steel\nbolts"' if k % 3 else "28X")
        for k in range(20)
    ]
    rows[12] = rows[12].strip() + ",too,many\n"
    path, out = tmp_path / "a.csv", tmp_path / "out.csv"
    path.write_text(HEAD + "".join(rows), "utf-8")
    got, whole = check_file(path, out), check(path)
    found = pl.read_csv(out, infer_schema=False).sort("id")
    assert dict(found.select("id", "verdict").rows()) == {r["id"]: r["verdict"] for r in whole.rows()}
    assert len(found) == 20
    (named,) = [str(p) for p in got.problems if "cells under" in str(p)]
    (same,) = [str(p) for p in whole.problems if "cells under" in str(p)]
    assert named == same


def test_columns_that_stand_twice_and_ids_that_lack(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD.replace("content", "hs_code") + OXIDE.replace("1,", ",", 1) + BOLTS, "utf-8")
    got = check(path)
    assert [r["id"] for r in got.rows()] == ["row 2", "2"]
    assert "2 columns stand for hs_code" in " | ".join(map(str, got.notices))
    pytest.importorskip("duckdb")
    from kanmon.measure.check_duckdb import check_file

    path.write_text(HEAD.removeprefix("id,") + OXIDE.removeprefix("1,"), "utf-8")
    with pytest.raises(InputError, match="no column has the ids"):
        check_file(path, tmp_path / "out.csv")
