"""Goods sold by grade or trade word: the grade tells what the name leaves out, or leaves it open."""

from __future__ import annotations

import pytest

from kanmon.measure.check import check

ROUTE = {
    "origin_country": "CN",
    "exporter_country": "CN",
    "ship_from": "CN",
    "ship_to": "JP",
    "end_user": "Yamada Foods KK",
    "other_parties": "none",
    "end_use": "civil: vending machines",
    "date": "2026-02-01",
}


def verdict(text: str, hs: str, content: str = "") -> str:
    row = {"id": "1", "item_description": text, "hs_code": hs, "content": content, **ROUTE}
    return check([row]).decisions[0].verdict


@pytest.mark.parametrize(
    ("text", "hs"),
    [
        ("Magnesium alloy WE43 billets", "810419"),
        ("WE54 magnesium rod", "810490"),
        ("Elektron 21 magnesium castings", "810490"),
        ("EV31A magnesium ingot", "810419"),
        ("镁合金 WE43 棒", "810490"),
        ("镁合金GW103K棒", "810490"),
        ("マグネシウム合金 VW63Z", "810419"),
        ("Magnesium casting alloy", "810419"),
        ("Mg-Y-Nd alloy ingot", "810419"),
        ("CuCrZr-Y rods", "740721"),
        ("Haynes 214 sheet", "750620"),
        ("Scalmalloy powder", "760310"),
        ("GGG substrate wafers", "382490"),
        ("GGG wafers", "381800"),
        ("TGG rods", "900190"),
        ("Gadoteric acid meglumine API", "293399"),
        ("Gadopentetic acid powder", "291529"),
        ("Gd-DTPA", "300630"),
        ("Gadobutrol solution", "300630"),
        ("ガドテリドール注射液", "300630"),
        ("Y-TZP zirconia dental blanks", "690919"),
    ],
)
def test_a_grade_or_trade_word_that_hides_an_element_clears_nothing(text: str, hs: str) -> None:
    assert verdict(text, hs) in {"review", "licence"}


@pytest.mark.parametrize(
    ("text", "hs", "content"),
    [
        ("Magnesium alloy AZ91D ingot", "810419", ""),
        ("AM60B magnesium alloy ingot", "810419", ""),
        ("Magnesium alloy housing for cameras", "810490", ""),
        ("Magnesium alloy billet", "810419", "Mg 90 %, Al 9 %, Zn 1 %"),
        ("Magnesium ingot 99.9%", "810411", ""),
        ("GGG-40 ductile iron castings", "732599", ""),
        ("GGG 50 pump casing", "732510", ""),
        ("Bracket WE43-1002", "732690", ""),
        ("Copper chromium zirconium rods", "740721", ""),
        ("アボガド", "080440", ""),
    ],
)
def test_plainly_free_goods_stay_free(text: str, hs: str, content: str) -> None:
    assert verdict(text, hs, content) == "not_covered"
