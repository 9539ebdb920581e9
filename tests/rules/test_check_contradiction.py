"""A declared nought that contradicts the good's own name clears nothing, nor does a name read in part."""

from __future__ import annotations

import polars as pl
import pytest

from kanmon.measure.check import check

ROUTE = {
    "origin_country": "CN",
    "exporter_country": "CN",
    "ship_from": "CN",
    "ship_to": "JP",
    "end_user": "Hakuba Robotics Co.",
    "other_parties": "none",
    "end_use": "civil industrial robots",
    "date": "2026-01-06",
}


def verdict(text: str, hs: str, content: str = "") -> tuple[str, str]:
    row = {"id": "1", "item_description": text, "hs_code": hs, "content": content, **ROUTE}
    one = check(pl.DataFrame([row])).decisions[0]
    return one.verdict, one.question


@pytest.mark.parametrize(
    ("text", "hs", "content"),
    [
        ("Tungsten powder 2um", "810110", "W 0 %"),
        ("Tungsten carbide powder", "284990", "W 0 %"),
        ("Gallium metal", "811292", "Ga 0 %"),
        ("powder lot 5, pressing grade", "810110", "W 0 %"),  # the HS line names it
        ("Sintered NdFeB magnet with dysprosium", "850511", "Dy 0 %; Tb 0 %"),
    ],
)
def test_a_declared_nought_against_the_name_is_a_question(text: str, hs: str, content: str) -> None:
    said, question = verdict(text, hs, content)
    assert said == "review"
    assert "which is right" in question


@pytest.mark.parametrize(
    ("text", "hs", "content"),
    [
        ("Sintered NdFeB magnet N42SH", "850511", "Dy 0 %; Tb 0 %"),
        ("NdFeB magnet, no dysprosium, no terbium", "850511", "Dy 0 %; Tb 0 %"),
        ("Polishing slurry", "340590", "W 0 %"),
    ],
)
def test_a_declared_nought_that_fits_the_name_clears(text: str, hs: str, content: str) -> None:
    assert verdict(text, hs, content)[0] == "not_covered"


@pytest.mark.parametrize(
    "text",
    ["Fe-Nd-B alloy flakes", "Fe-Nd-B alloy", "RE-Fe-B flakes", "Fe-B alloy flakes for casting", "FeNdB"],
)
def test_an_alloy_read_in_part_is_not_cleared_on_a_line_of_an_entry(text: str) -> None:
    assert verdict(text, "720299")[0] == "review"


def test_a_good_whose_whole_name_is_its_formula_is_cleared() -> None:
    assert verdict("La2O3 lanthanum oxide", "284690")[0] == "not_covered"
