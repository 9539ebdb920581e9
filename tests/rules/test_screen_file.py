"""The file of `kanmon screen` and the command: encodings, headers, faults of cells, output."""

import json
from pathlib import Path

import polars as pl
import pytest

import kanmon
from kanmon.app import cli
from kanmon.core.errors import InputError
from kanmon.measure.parties import default_screener
from kanmon.measure.screen_file import read_rows, screen_rows

TEXT = """id,name,country,registration_number
1,株式会社三菱プレシジョン,日本,
2,白山商事株式会社,JP,
3,カワサキ機工所,JPN,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "parties.csv"
    path.write_bytes(TEXT.encode(encoding))
    rows, faults = read_rows(path)
    assert not faults
    assert [r.query.name for r in rows] == ["株式会社三菱プレシジョン", "白山商事株式会社", "カワサキ機工所"]
    assert rows[0].query.country == "JPN"
    assert [h.band for h in screen_rows(rows, default_screener())][:2] == ["match", "none"]


def test_chinese_encoding(tmp_path: Path) -> None:
    path = tmp_path / "parties.csv"
    path.write_bytes("id,name\n1,三菱电机软件株式会社\n2,苏州恒达机械有限公司\n".encode("gb18030"))
    rows, _ = read_rows(path)
    assert [h.band for h in screen_rows(rows, default_screener())] == ["match", "none"]


def test_header_in_any_case_with_other_columns_and_semicolons(tmp_path: Path) -> None:
    path = tmp_path / "parties.csv"
    path.write_text("Town; NAME ;Registration Number;ID\nTokyo;TDK Corp.;;a\n", "utf-8")
    rows, faults = read_rows(path)
    assert (rows[0].id, rows[0].query.name, faults) == ("a", "TDK Corp.", [])


def test_parquet_reads_like_csv(tmp_path: Path) -> None:
    path = tmp_path / "parties.parquet"
    pl.DataFrame({"id": [1, 2], "name": ["TDK Corp.", None], "registration_number": [None, 3]}).write_parquet(
        path
    )
    rows, faults = read_rows(path)
    assert [r.id for r in rows] == ["1", "2"]
    assert rows[1].stop == "the name is empty"
    assert len(faults) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"key,names\n1,TDK\n", ["column 'id' is missing", "column 'name' is missing"]),
        (b"id,name,name\n1,TDK,x\n", ["'name' stands 2 times"]),
        (b"id,name\n", ["no rows"]),
        (b"", ["empty"]),
        (b"\x00\x01\x02\xff\xfe\x00", ["binary"]),
    ],
)
def test_faults_of_the_file_stop_it_all_at_once(tmp_path: Path, content: bytes, words: list[str]) -> None:
    path = tmp_path / "parties.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_rows(path)
    for word in words:
        assert word in str(caught.value)


def test_no_file_and_no_parquet(tmp_path: Path) -> None:
    broken = tmp_path / "x.parquet"
    broken.write_bytes(b"PAR0")
    for path in (tmp_path / "absent.csv", tmp_path, broken):
        with pytest.raises(InputError):
            read_rows(path)


def test_faults_of_cells_are_named_and_the_others_screened(tmp_path: Path) -> None:
    path = tmp_path / "parties.csv"
    long = "x" * 2_000_000
    path.write_text(
        f'id,name,country,registration_number\n1,TDK,JP,\n1,,JP,\n2,"{long}",,\n3,Acme,Atlantis,9.0124E+12\n4,a,b,c,d\n',
        "utf-8",
    )
    rows, faults = read_rows(path)
    text = "\n".join(map(str, faults))
    for piece in (
        "id '1' stands twice",
        "row 3, column name",
        "row 4, column name",
        "row 5, column country",
        "lost its digits",
        "row 6",
    ):
        assert piece in text
    hits = screen_rows(rows, default_screener())
    assert [h.band for h in hits] == ["match", "review", "review", "none", "none"]
    assert len(hits[2].query) < 100


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "parties.csv"
    path.write_text("id,name\n1,TDK Corp.\n2,Acme\n3,\n", "utf-8")
    assert cli.run(["screen", str(path), "--json"]) == 0
    out, err = capsys.readouterr()
    rows = json.loads(out)
    assert [(r["id"], r["query"], r["band"]) for r in rows] == [
        ("1", "TDK Corp.", "match"),
        ("2", "Acme", "none"),
        ("3", "", "review"),
    ]
    assert rows[0]["entity_id"] == "CN-WL-20260224-12"
    assert rows[1]["entity_id"] is None
    for key in ("matched_name", "score", "reason"):
        assert key in rows[0]
    assert "row 4, column name" in err
    assert cli.run(["screen", str(path), "--on", "2026-01-01"]) == 0
    out, _ = capsys.readouterr()
    assert "0 match, 1 review, 0 near, 2 none of 3 rows" in out
    assert "no clearance" in out


def test_command_names_every_fault_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "parties.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    assert cli.run(["screen", str(path), "--on", "soon"]) == 2
    err = capsys.readouterr().err
    assert "3 problems" in err
    assert "'soon' is not a date" in err


def test_python_takes_a_name_names_or_a_frame() -> None:
    assert kanmon.screen("TDK Corp.").band == "match"
    assert [h.band for h in kanmon.screen(["TDK Corp.", "Acme"], on="2026-01-01")] == ["none", "none"]
    frame = pl.DataFrame({"name": ["TDK Corp.", "Acme", None], "country": ["JP", None, None]})
    given = kanmon.screen(frame)
    assert given["band"].to_list() == ["match", "none", "review"]
    assert given.columns[:2] == ["name", "country"]
    with pytest.raises(InputError, match="column 'name'"):
        kanmon.screen(pl.DataFrame({"x": [1]}))


def test_columns_by_other_names_and_a_quote_never_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('番号\t会社名\n1\t"三菱造船株式会社\n2\tToyota\n', "utf-8")
    rows, faults = read_rows(path)
    assert [(r.id, r.query.name) for r in rows] == [("1", "三菱造船株式会社"), ("2", "Toyota")]
    (fault,) = map(str, faults)
    assert "a quote is not closed" in fault
    assert "row 2" in fault
