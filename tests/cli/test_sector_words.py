"""`kanmon sector static` and `split`: what is left out is said, and bad words are named together."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kanmon.app.cli import run
from kanmon.app.tables import money


def table(folder: Path) -> Path:
    """Two economies whose final demand is negative in two rows: stocks run down."""
    rng = np.random.default_rng(4)
    Z = rng.uniform(1, 2, (6, 6)) + np.kron(np.eye(2), np.full((3, 3), 4.0))
    x = Z.sum(axis=1) + 8
    x[[1, 4]] = Z[[1, 4]].sum(axis=1) - 2
    x = np.maximum(x, Z.sum(axis=0) * 0.9)
    final = x - Z.sum(axis=1)
    np.savez(
        folder / "t.npz", Z=Z, Y=final[:, None], x=x, regions=np.array(["AAA", "BBB"]), year=2020,
        sectors=np.array(["s1", "s2", "s3"]), order=np.array("country-major"), unit=np.array("USD million"),
    )  # fmt: skip
    assert (final < 0).sum() == 2
    return folder / "t.npz"


def test_static_gives_three_models_and_the_reason_for_the_fourth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["sector", "static", "--seller", "aaa", "--buyer", "BBB", "--table", str(table(tmp_path))]
    assert run(asked) == 0
    out = capsys.readouterr().out
    assert "rerouting is left out. final use of 2 rows is negative: " in " ".join(out.split())
    assert "AAA s2" in out
    assert "BBB s2" in out
    assert run([*asked, "--kind", "plain", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [m["model"] for m in told["models"]] == ["extraction", "ghosh", "price"]
    assert "cannot be negative" in told["rerouting"]["why"]


def test_static_on_some_regions_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["sector", "static", "--seller", "Chile", "--buyer", "DEU", "--regions", "chl,Germany", "--json"]
    assert run(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert [m["model"] for m in told["models"]][-1] == "rerouting"
    assert {c["country"] for c in told["models"][0]["by_country"]} == {"CHL", "DEU", "ROW"}


def test_a_default_is_suggested_for_its_own_option(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["sector", "static", "--seller", "CHL", "--buyer", "DEU", "--leakage", "-1", "--share", "x"]
    assert run(asked) == 2
    told = capsys.readouterr().err
    assert "--leakage 0.1" in told
    assert "--share 1.0" in told


def test_split_names_products_and_sides_with_all_other_faults(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["sector", "split", "--imposer", "DEU", "--buyer", "Germany", "--product", "MAQ", "--draws", "0"]
    assert run(asked) == 2
    told = capsys.readouterr().err
    for words in ("DEU is seller and buyer", "MAQ is no product", "nearest: MAG", "0 draws cannot be split"):
        assert words in told, words


def test_money_is_printed_to_what_can_be_read() -> None:
    assert [money(v) for v in (0.0, -0.0, 1e-12, 0.31234, 12.345, 1234.56, -2e6)] == [
        "0", "0", "0", "0.3123", "12.35", "1,234.6", "-2,000,000.0",
    ]  # fmt: skip


def test_drivers_are_printed_in_lines_that_fit_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    """Names of unknowns are sentences; they stand below the table, wrapped."""
    from kanmon.app.commands import sector_drivers

    row = {
        "unknown": "share of output that cannot be made without it " * 5,
        "mu_star": 0.1, "low": 0.05, "high": 0.2, "mu": 1.0, "sigma": 0.1, "strongest_in": 0.7,
        "range": {"low": 0.1, "mid": 0.2, "high": 0.3, "unit": "share", "basis": "assumed"},
    }  # fmt: skip
    found = SimpleNamespace(
        measure="M", scenario="s", unknowns=[1, 2], screening=SimpleNamespace(trajectories=4),
        loss=SimpleNamespace(label="lost", low=0.1, high=0.3, value=0.2, basis="assumed"),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sector_drivers, "_rows", lambda _found, _world: [row, row])
        sector_drivers._print(found, None)  # type: ignore[arg-type]
    told = capsys.readouterr().out.splitlines()
    table = [line for line in told if line.startswith(("rank", "1   ", "2   "))]
    assert len(table) == 3
    assert max(map(len, table)) <= 110
    assert any("Unknowns by rank" in line for line in told)
