"""What a shipment that meets nothing was checked against: whose rules are loaded on the day."""

from __future__ import annotations

from datetime import date, timedelta

from kanmon.measure.check import check
from kanmon.measure.verdict import Decision


def decision(text: str, hs: str, start: str, end: str, on: str, origin: str = "") -> Decision:
    row = {
        "id": "1",
        "item_description": text,
        "hs_code": hs,
        "origin_country": origin or start,
        "exporter_country": start,
        "ship_from": start,
        "ship_to": end,
        "end_user": "Yamada Foods KK",
        "other_parties": "none",
        "end_use": "civil: batteries",
        "date": on,
    }
    return check([row]).decisions[0]


def test_a_country_without_rules_here_is_not_cleared_by_another_list() -> None:
    said = decision("Cobalt hydroxide", "282200", "CD", "CN", "2025-03-01")
    assert said.verdict == "not_covered"
    assert [n for n in said.notes if n.startswith("no rules of the country that it leaves are loaded")]
    assert not any("about 700" in note for note in said.notes)


def test_a_country_with_some_rules_here_has_them_named() -> None:
    said = decision("Palm oil", "151110", "ID", "JP", "2022-05-01")
    assert said.verdict == "not_covered"
    assert any("of the rules of IDN only ID-2020-NICKEL is loaded" in note for note in said.notes)
    assert not any("about 700" in note for note in said.notes)


def test_before_any_rule_of_the_country_none_is_said_to_be_loaded() -> None:
    said = decision("Palm oil", "151110", "ID", "JP", "2008-05-01")
    assert any(note.startswith("no rules of the country") for note in said.notes)


def test_the_list_that_is_loaded_is_named_for_goods_of_its_country() -> None:
    said = decision("Office chair", "940139", "CN", "JP", "2026-02-01")
    assert any("loaded entries of about 700" in note for note in said.notes)
    assert not any(note.startswith("no rules") for note in said.notes)
    abroad = decision("Office chair", "940139", "VN", "JP", "2026-02-01", origin="CN")
    assert any("loaded entries of about 700" in note for note in abroad.notes)
    assert any(note.startswith("no rules of the country") for note in abroad.notes)


def test_a_table_of_many_days_says_it_day_by_day() -> None:
    days = [str(date(2013, 12, 1) + timedelta(days=k)) for k in range(100)]
    one = {
        "item_description": "Palm oil",
        "hs_code": "151110",
        "origin_country": "ID",
        "exporter_country": "ID",
        "ship_from": "ID",
        "ship_to": "JP",
        "end_user": "Yamada Foods KK",
        "other_parties": "none",
        "end_use": "civil: food",
    }
    many = list(check([{"id": day, "date": day, **one} for day in days]).rows())
    assert len({tuple(row["notes"]) for row in many}) == 2
    for row in (many[0], many[-1]):
        assert (
            next(iter(check([{**one, "id": row["id"], "date": row["id"]}]).rows()))["notes"] == row["notes"]
        )
