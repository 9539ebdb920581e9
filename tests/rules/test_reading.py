"""Reading texts: every field against what the text says, in three languages."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest

from kanmon.measure.load import library
from kanmon.measure.read import MATCH_NEEDED, read, read_text, reading_json

TEXTS = Path(__file__).parent / "texts"
EXPECTED = tomllib.loads((TEXTS / "expected.toml").read_text(encoding="utf-8"))
SEED = Path(__file__).parents[2].parent / "shared" / "seed.txt"
RESTRICTIONS = sorted(name for name, row in EXPECTED.items() if row["restriction"])
OTHERS = sorted(name for name, row in EXPECTED.items() if not row["restriction"])


@cache
def reading(name):
    path = SEED if name == "seed" else TEXTS / f"{name}.txt"
    return read(read_text(path), library())


@cache
def as_json(name):
    return reading_json(reading(name))


def test_every_text_has_its_expectation():
    assert {p.stem for p in TEXTS.glob("*.txt")} == set(EXPECTED)
    assert len(RESTRICTIONS) >= 12
    assert len(OTHERS) >= 3


@pytest.mark.parametrize("name", RESTRICTIONS)
def test_fields_of_a_restriction(name):
    got, want = as_json(name), EXPECTED[name]
    read_off = {
        **{k: got[k] for k in ("announced", "effective", "status", "re_export", "legal_basis")},
        **{
            k: sorted(got[k])
            for k in ("imposers", "targets", "instrument", "end_user_scope", "end_use_scope")
        },
        "stated": sorted(i["phrase"] for i in got["items"] if i["certainty"] == "stated"),
        "possible": sorted(i["phrase"] for i in got["items"] if i["certainty"] == "possible"),
        "responses": sorted(
            " ".join(filter(None, (r["by"], r["kind"], r["date"]))) for r in got["responses"]
        ),
        "match": got["matches"][0]["measure"] if got["matches"] else "",
    }
    assert got["is_export_restriction"]
    assert got["why_not"] == ""
    misses = set(want.get("misses", ()))
    want = {k: sorted(v) if isinstance(v, list) else v for k, v in want.items() if k in read_off}
    assert {k for k in want if read_off[k] != want[k]} == misses


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_a_restriction_says_why(name):
    got = as_json(name)
    assert not got["is_export_restriction"]
    assert EXPECTED[name]["why_not"] in got["why_not"]
    assert got["items"] == got["instrument"] == got["imposers"] == got["matches"] == []
    assert (got["status"], got["announced"], got["effective"]) == ("unknown", "", "")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_quote_is_cut_from_the_text(name):
    found = reading(name)
    for span in (*found.spans, *found.claims):
        assert found.text[span.start : span.end] == span.quote != ""
    fields = {s.field for s in found.spans}
    if found.draft.imposers:
        assert "imposers" in fields
    for i, item in enumerate(found.draft.items):
        quotes = [s.quote for s in found.spans if s.field == f"items[{i}]"]
        assert quotes == [item.phrase]


@pytest.mark.parametrize("name", ["cn_us_ban_2024", "zh_announcement_2026"])
def test_reading_is_deterministic_and_offline(name, monkeypatch):
    import socket

    monkeypatch.setattr(socket, "socket", None)
    text = read_text(TEXTS / f"{name}.txt")
    assert reading_json(read(text, library())) == reading_json(read(text, library()))


def test_the_library_adds_nothing_to_the_draft():
    text = read_text(TEXTS / "cn_gallium_2023.txt")
    alone, beside = read(text), read(text, library())
    assert alone.draft == beside.draft
    assert alone.matches == ()
    assert alone.draft.origin == "draft"


def test_relative_dates_stay_empty():
    found = read("China said on Tuesday that it will ban exports of gallium to Japan from next month.")
    assert (found.announced, found.effective) == ("", "")


@pytest.mark.skipif(not SEED.exists(), reason="seed text stands beside the checkout only")
class TestSeed:
    def test_fields(self):
        got = as_json("seed")
        assert got["is_export_restriction"]
        assert (got["imposers"], got["targets"], got["instrument"]) == (["CHN"], ["JPN"], ["ban"])
        items = {i["phrase"]: i for i in got["items"]}
        assert {p: i["certainty"] for p, i in items.items()} == {
            "dual-use items": "stated",
            "advanced materials and components": "stated",
            "rare earth elements": "possible",
        }
        assert items["rare earth elements"]["elements"] == ["rare earths"]
        assert [(r["by"], r["kind"], r["date"]) for r in got["responses"]] == [
            ("JPN", "protest", ""),
            ("JPN", "demand_withdrawal", ""),
        ]

    def test_what_the_text_does_not_say_stays_unknown(self):
        got = as_json("seed")
        assert (got["announced"], got["effective"], got["legal_basis"]) == ("", "", "")
        assert got["re_export"] == "unknown"
        assert got["end_user_scope"] == got["end_use_scope"] == ["unknown"]

    def test_it_is_recognised_with_a_clear_margin(self):
        matches = reading("seed").matches
        assert matches[0].measure == "CN-2026-01"
        assert matches[0].score >= 0.65
        runner_up = matches[1].score if len(matches) > 1 else MATCH_NEEDED
        assert matches[0].score - runner_up >= 0.15
        assert "same imposer" in matches[0].why

    def test_claims(self):
        topics = {c.topic: c.quote for c in reading("seed").claims}
        assert "advanced materials" in next(
            c.quote for c in reading("seed").claims if c.topic == "covers" and "advanced" in c.quote
        )
        assert "no evidence" in topics["misuse_evidence"]
        assert "heavily dependent" in topics["dependence"]
        assert topics["diversification"] == topics["dependence"]
        assert "raise costs" in topics["costs"]
        assert "disrupt" in topics["disruption"]
        assert "decoupling" in topics["decoupling"]
        assert "trade norms" in topics["trade_norms"]
        assert "rare earth" in topics["feared_coverage"]
