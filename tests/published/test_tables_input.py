"""What is wrong with a table file, all at once and in words of the command line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kanmon.app.cli import run
from kanmon.core.errors import InputError
from kanmon.world.tables import read_table

HEAD = "region,sector,DEU_mining,DEU_steel,FRA_mining,FRA_steel,DEU_households,FRA_households,x\n"
ROWS = (
    "DEU,mining,1,2,3,4,5,5,20\nDEU,steel,3,4,2,3,12,6,30\nFRA,mining,2,2,2,2,2,10,20\n"
    "FRA,steel,2,2,2,2,2,10,20\nVA,,12,20,11,9,,,\n"
)


def own(folder: Path, text: str = HEAD + ROWS, name: str = "own_2020.csv") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def by_sector(folder: Path, stated: str) -> Path:
    """A table of four economies and five sectors, most flows at home, its rows by sector."""
    rng = np.random.default_rng(2)
    R, S = 4, 5
    home = np.kron(np.eye(R), np.ones((S, S)))
    Z = rng.uniform(1, 2, (R * S, R * S)) * (1 + 20 * home)
    order = [r * S + s for s in range(S) for r in range(R)]
    Z = Z[np.ix_(order, order)]
    x = 2 * np.maximum(Z.sum(axis=0), Z.sum(axis=1))
    names = {"regions": np.array(list("ABCD")), "sectors": np.array([f"s{k}" for k in range(S)])}
    np.savez(folder / "t.npz", Z=Z, x=x, Y=x - Z.sum(axis=1), order=np.array(stated), year=2020, **names)  # type: ignore[arg-type]
    return folder / "t.npz"


def test_a_wrong_order_of_rows_is_refused(tmp_path: Path) -> None:
    assert read_table(by_sector(tmp_path, "sector-major")).flow("A", "A") > 0
    with pytest.raises(InputError, match=r"stay in their region.*other order(.|\n)*--order sector-major"):
        read_table(by_sector(tmp_path, "country-major"))
    found = read_table(by_sector(tmp_path, "country-major"), check=False).findings
    assert found[0].law == "order of rows"


def test_a_table_by_country_that_is_read_by_sector_is_refused(tmp_path: Path) -> None:
    path = by_sector(tmp_path, "sector-major")
    right = read_table(path)
    parts = {"regions": np.array(right.regions), "sectors": np.array(right.sectors)}
    np.savez(path, Z=right.Z, x=right.x, order=np.array("sector-major"), year=2020, **parts)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="order of rows"):
        read_table(path)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: p.write_bytes((HEAD + ROWS).encode("utf-16")), "UTF-16"),
        (lambda p: p.write_bytes(b""), "the file is empty"),
        (lambda p: p.write_bytes(os.urandom(3000)), "holds no text"),
        (lambda p: p.write_text("regoin" + (HEAD + ROWS)[6:], "utf-8"), "nearest: region"),
        (lambda p: p.mkdir(), "the folder is empty"),
    ],
)
def test_what_cannot_be_read_is_named(
    make: Callable[[Path], object], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "own_2020.csv")
    assert run(["data", "check", str(tmp_path / "own_2020.csv")]) == 2
    assert words in capsys.readouterr().err


def test_words_empty_cells_and_a_typed_nan_are_named_together(tmp_path: Path) -> None:
    text = HEAD + ROWS.replace("DEU,mining,1,", "DEU,mining,NaN,").replace(
        "FRA,mining,2,2,", "FRA,mining,abc,,"
    )
    with pytest.raises(InputError) as told:
        read_table(own(tmp_path, text))
    for words in ("'NaN' is not a number", "'abc' is not a number", "a cell is empty", "line 4, column 4"):
        assert words in str(told.value), words
    assert "line 6" not in str(told.value)


def test_rows_and_columns_that_do_not_fit_are_named_together(tmp_path: Path) -> None:
    text = (HEAD + ROWS).replace("FRA,steel", "FRA,steal").replace("DEU_households", "CCC_households")
    with pytest.raises(InputError) as told:
        read_table(own(tmp_path, text))
    for words in ("CCC_households", "rows without a column of their name: FRA steal"):
        assert words in str(told.value), words


def test_kind_and_order_that_nobody_knows_are_refused_together(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        read_table(own(tmp_path), kind="foo", order="country-mayor")
    for words in ("no format is called 'foo'", "--kind", "no order is called", "nearest: country-major"):
        assert words in str(told.value), words
    notes = read_table(own(tmp_path), order="country-major").notes
    assert any("was not needed" in note for note in notes)


def test_regions_may_be_names_in_any_case(tmp_path: Path) -> None:
    assert read_table(own(tmp_path), regions=["germany"]).regions == ("DEU", "ROW")
    assert read_table(own(tmp_path), regions=["fra", "Germany"]).regions == ("DEU", "FRA")
    with pytest.raises(InputError, match=r"'DEX'(.|\n)*nearest: DEU(.|\n)*'Frnc'"):
        read_table(own(tmp_path), regions=["DEX", "Frnc"])


def test_no_error_speaks_of_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = by_sector(tmp_path, "")
    no_year = own(tmp_path, name="mine.csv")
    off = own(tmp_path, (HEAD + ROWS).replace(",20\n", ",200\n"), "off_2020.csv")
    scenario = tmp_path / "s.toml"
    scenario.write_text("steps = 3\n", "utf-8")
    for more in (
        ["data", "check", str(path)],
        ["data", "check", str(no_year)],
        ["sector", "run", str(scenario), "--table", str(off)],
    ):
        assert run(more) == 2
        told = capsys.readouterr().err
        assert "fix:" in told
        for words in ("check=False", "order='", "year=2022", "kind=", "dtype=", "regions=["):
            assert words not in told, told
