"""Readable text of card, page and JSON keys, held against files. KANMON_UPDATE_GOLDEN=1 writes them anew."""

import importlib.util
import os
import re
from html import unescape
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from kanmon.core.errors import InputError
from kanmon.report.card import print_card
from kanmon.report.findings import findings
from kanmon.report.html import render_html, write_html
from kanmon.report.json_out import assessment_json

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def assessment():
    spec = importlib.util.spec_from_file_location("sample", HERE / "sample.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.sample()


def held(name: str, text: str) -> None:
    """The text equals the golden file; with KANMON_UPDATE_GOLDEN set the file is written instead."""
    path = HERE / name
    text = text.rstrip() + "\n"
    if os.environ.get("KANMON_UPDATE_GOLDEN"):
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text, f"{name} differs; look, then set KANMON_UPDATE_GOLDEN=1"


def page_text(html: str) -> str:
    """Visible text of the page, one line a block, without scripts and style."""
    html = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    html = re.sub(r"</(td|th)>", " | ", html)
    html = re.sub(r"</?(p|h\d|li|tr|section|figcaption|summary|title|br)\b[^>]*>", "\n", html)
    lines = (" ".join(unescape(re.sub(r"<[^>]+>", "", row)).split()) for row in html.split("\n"))
    return "\n".join(row for row in lines if row)


def keys(thing, path="") -> set[str]:
    if isinstance(thing, dict):
        return {path} | {k for key, value in thing.items() for k in keys(value, f"{path}.{key}")}
    if isinstance(thing, list):
        return {path} | {k for value in thing for k in keys(value, f"{path}[]")}
    return {path}


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_card(assessment, lang) -> None:
    out = StringIO()
    console = Console(file=out, width=80, highlight=False)
    print_card(findings(assessment, lang), console, Path("kanmon-report/report.html"))
    assert "\x1b" not in out.getvalue(), "colour in a pipe"
    assert out.getvalue().rstrip().endswith("--json")
    held(f"card.{lang}.txt", out.getvalue())


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_page(assessment, lang) -> None:
    held(f"page.{lang}.txt", page_text(render_html(findings(assessment, lang))))


def test_json_keys(assessment) -> None:
    held("keys.txt", "\n".join(sorted(k for k in keys(assessment_json(assessment)) if k)))


def test_json_holds_the_contract(assessment) -> None:
    found = assessment_json(assessment)
    assert {
        "measure",
        "on",
        "scenarios",
        "coverage",
        "exposure",
        "duration",
        "responses",
        "published",
        "sources",
    } <= set(found)
    assert found["measure"] == "XX-2026-01"
    full = next(s for s in found["scenarios"] if s["name"] == "full_stop")
    assert {"name", "what_is_stopped", "losses", "first_stop_days", "sectors", "bottlenecks"} <= set(full)
    assert [(row["months"], row["metric"]) for row in full["losses"]][:2] == [
        (3, "value_added_lost_if_lasts"),
        (3, "value_added_lost_expected"),
    ]
    for row in full["losses"]:
        assert row["low"] <= row["mid"] <= row["high"]
        assert row["unit"]
        assert row["basis"]
        assert row["sources"]
    known = {s["id"] for s in found["sources"]}
    assert {i for s in found["scenarios"] for row in s["losses"] for i in row["sources"]} <= known


def test_an_upper_bound_has_no_middle_anywhere(assessment) -> None:
    found = assessment_json(assessment)
    bound = next(s for s in found["scenarios"] if s["name"] == "feared")
    assert bound["upper_bound_only"]
    assert {row["mid"] for row in bound["losses"]} == {None}
    assert bound["fan"]["mid"] is None
    chart = next(c for c in findings(assessment).section("scenarios").charts if c.title == "feared extension")
    assert all(row[1] is None and row[2] is None for row in chart.table.rows)


def test_same_assessment_same_page(assessment) -> None:
    assert render_html(findings(assessment)) == render_html(findings(assessment))


def test_a_failed_write_leaves_the_old_page(assessment, tmp_path, monkeypatch) -> None:
    path = write_html(findings(assessment), tmp_path / "report.html")
    before = path.read_bytes()

    def broken(self, target):
        raise OSError(f"no room for {target}")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="no room"):
        write_html(findings(assessment, "ja"), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_text_of_the_data_cannot_become_markup(assessment) -> None:
    from dataclasses import replace

    title = "</script><script>alert(1)</script> <b>&"
    html = render_html(findings(replace(assessment, measure=replace(assessment.measure, title=title))))
    assert "<script>alert" not in html
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in html


def test_an_unknown_language_names_the_known_ones(assessment) -> None:
    with pytest.raises(InputError, match="nearest: en, ja"):
        findings(assessment, "fr")
