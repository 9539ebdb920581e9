"""kanmon assess and why, once through the program: first line, card, files, JSON, explained figures."""

import contextlib
import hashlib
import io
import json
import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kanmon import __version__
from kanmon.app import store
from kanmon.app.cli import run
from kanmon.app.figures import addressed
from kanmon.app.run import assess
from kanmon.core.figure import BASES, Figure
from kanmon.report.assessment import Assessment
from kanmon.world.store import DEFAULT
from kanmon.world.world import World

from .conftest import Answer

Kanmon = Callable[..., Answer]
WORDS = ["assess", "cn-2026-01", "--draws", "8", "--months", "3"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """One run on the founding case, with as few draws as are allowed."""
    folder = tmp_path_factory.mktemp("assess") / "report"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
        return folder, shown([*WORDS, "--out", str(folder)])


@pytest.fixture(scope="module")
def result() -> Assessment:
    """The same question asked from Python."""
    return assess("CN-2026-01", draws=8, months=(3,))


def shown(words: list[str]) -> Answer:
    """One command line with what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(words)
    return Answer(code, out.getvalue(), err.getvalue())


def test_first_line_card_and_path(made: tuple[Path, Answer]) -> None:
    folder, answer = made
    assert answer.code == 0, answer.err
    first = answer.out.splitlines()[0]
    assert first.startswith(f"Kanmon {__version__}: assessing Dual-use items to Japan")
    assert "report.html" in answer.out.replace("\n", "")
    assert answer.err == "", "nothing but the answer in a pipe"
    assert sorted(p.name for p in folder.iterdir()) == [
        "assessment.json",
        "figures.json",
        "report.html",
        "run.json",
    ]


def test_json_holds_the_contract(made: tuple[Path, Answer]) -> None:
    result = json.loads((made[0] / "assessment.json").read_text("utf-8"))
    names = {
        "measure",
        "on",
        "scenarios",
        "coverage",
        "exposure",
        "duration",
        "responses",
        "published",
        "sources",
    }
    assert names <= set(result)
    for scenario in result["scenarios"]:
        assert {"name", "what_is_stopped", "losses", "first_stop_days", "sectors", "bottlenecks"} <= set(
            scenario
        )
        for loss in scenario["losses"]:
            assert {"buyer", "months", "metric", "low", "mid", "high", "unit", "basis"} <= set(loss)
            assert loss["metric"] in {"value_added_lost_if_lasts", "value_added_lost_expected"}


def test_same_question_same_bytes_from_both_doors(
    made: tuple[Path, Answer], result: Assessment, tmp_path: Path
) -> None:
    store.write(result, tmp_path / "again")
    for name in ("assessment.json", "figures.json", "run.json", "report.html"):
        assert (tmp_path / "again" / name).read_bytes() == (made[0] / name).read_bytes(), name


def test_json_is_all_that_is_printed(
    made: tuple[Path, Answer], result: Assessment, kanmon: Kanmon, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kanmon.app.run.assess", lambda *_, **__: result)
    answer = kanmon(*WORDS, "--json")
    assert answer.out == (made[0] / "assessment.json").read_text("utf-8")
    assert list(room.iterdir()) == [], "no files without --out"


def test_every_figure_has_an_address(made: tuple[Path, Answer], result: Assessment) -> None:
    found = dict(addressed(result))
    assert len(found) == count(result)
    book = json.loads((made[0] / "figures.json").read_text("utf-8"))
    assert list(book["figures"]) == list(found)
    for entry in book["figures"].values():
        assert entry["unit"]
        assert entry["basis"] in BASES
        assert entry["sources"]
        assert all(book["sources"][key]["title"] for key in entry["sources"])
        numbers = [entry[k] for k in ("low", "value", "high") if entry[k] is not None]
        assert all(math.isfinite(n) for n in numbers)


def count(thing: Any) -> int:
    """Figures inside a record, by brute force, leaving out what the engine holds."""
    if isinstance(thing, Figure):
        return 1
    if isinstance(thing, tuple):
        return sum(count(item) for item in thing)
    if is_dataclass(thing) and (
        isinstance(thing, Assessment) or type(thing).__module__.startswith("kanmon.")
    ):
        return sum(
            count(getattr(thing, f.name)) for f in fields(thing) if f.name not in {"outcomes", "shock"}
        )
    return 0


def test_why_lists_and_explains(made: tuple[Path, Answer]) -> None:
    folder = ["--run", str(made[0])]
    listed = shown(["why", *folder])
    assert listed.code == 0
    book = json.loads((made[0] / "figures.json").read_text("utf-8"))
    assert all(address in listed.out for address in book["figures"])
    address = next(a for a in book["figures"] if a.split(".")[0] in book["scenarios"])
    explained = shown(["why", address, *folder]).out
    for title in ("What is stopped", "Because of", "Computed by", "Assuming", "Sources"):
        assert f"\n{title}\n" in explained
    whole = json.loads(shown(["why", address, "--json", *folder]).out)[address]
    assert whole["sources"]
    assert whole["scenario"]["draws"] == 8
    unknown = shown(["why", "no", "such", "figure", *folder])
    assert unknown.code == 2


def test_an_interrupted_write_leaves_the_old_files(
    result: Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(result, tmp_path / "report")
    before = {p.name: p.read_bytes() for p in (tmp_path / "report").iterdir()}

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kanmon.report.html.write_html", fail)
    with pytest.raises(KeyboardInterrupt):
        store.write(result, tmp_path / "report")
    assert {p.name: p.read_bytes() for p in (tmp_path / "report").iterdir()} == before


def test_one_card_stands_for_a_table_and_why_lists_its_rows(
    made: tuple[Path, Answer], result: Assessment
) -> None:
    book = json.loads((made[0] / "figures.json").read_text("utf-8"))
    loss = next(a for a in book["figures"] if "losses" in a and a.endswith("if_lasts"))
    cited = book["figures"][loss]["sources"]
    assert {"parameters", "flows"} <= set(cited)
    assert not [key for key in cited if book["sources"][key]["part_of"]], "rows are cited one by one"
    shock_rows = [s for shock in result.scenarios for s in shock.shock.sources if s.part_of]
    assert not shock_rows
    for table in ("parameters", "flows"):
        card = book["sources"][table]
        with (DEFAULT / f"{table}.csv").open("rb") as stream:
            assert card["sha256"] == hashlib.file_digest(stream, "sha256").hexdigest()
        keys = {key for s in book["scenarios"].values() for key in s["rows"]}
        rows = [key for key in keys if book["sources"][key]["part_of"] == table]
        assert f": {len(rows)} rows used" in card["title"]
        assert len(rows) > 20
    explained = shown(["why", loss, "--run", str(made[0])]).out
    scenario = loss.split(".", maxsplit=1)[0]
    for key in book["scenarios"][scenario]["rows"]:
        assert f"- {key}:"[:60] in explained, key


def test_a_table_of_the_users_own_is_read_named_and_hashed(tmp_path: Path) -> None:
    """Its source is printed, its hash stands in the manifest, and faults come all at once."""
    cut = World.default().focus(["CHN", "JPN", "USA"], detail=True)
    file = tmp_path / "mine.npz"
    arrays = {"Z": cut.Z, "x": cut.x, "regions": np.array(cut.regions), "sectors": np.array(cut.sectors)}
    np.savez(file, order="country-major", year=2022, unit="USD million", **arrays)  # type: ignore[arg-type]
    answer = shown([*WORDS, "--table", str(file), "--out", str(tmp_path / "out")])
    assert answer.code == 0, answer.err
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    run_file = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert run_file["own_files"] == f"mine.npz:{digest}"
    found = json.loads((tmp_path / "out" / "assessment.json").read_text("utf-8"))
    assert any(f"from mine.npz, sha256 {digest}" in s["title"] for s in found["sources"])
    assert "mine.npz" in (tmp_path / "out" / "report.html").read_text("utf-8")
    assert any(m["missing"] == "the input-output table" for m in found["missing"])
    wrong = shown([*WORDS, "--table", str(tmp_path / "none.csv"), "--buyer", "Nowhere", "--flows", "no.csv"])
    assert wrong.code == 2
    assert all(words in wrong.err for words in ("none.csv", "Nowhere", "no.csv"))
