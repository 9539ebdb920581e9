"""A six-digit code that is none of the day's HS edition counts as not given; no valid code is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kanmon.measure.check import check, check_one
from kanmon.measure.check_book import book
from kanmon.measure.hs_codes import edition_turns, editions, unknown_in
from kanmon.measure.load import items
from kanmon.measure.transaction import Transaction
from kanmon.measure.verdict import Decision

ROUTE = {
    "origin_country": "CN",
    "exporter_country": "CN",
    "ship_from": "CN",
    "ship_to": "JP",
    "end_user": "Yamada Foods KK",
    "other_parties": "none",
    "end_use": "civil: vending machines",
}


def decision(text: str, hs: str, on: str = "2026-02-01") -> Decision:
    return check([{"id": "1", "item_description": text, "hs_code": hs, "date": on, **ROUTE}]).decisions[0]


@pytest.mark.parametrize(
    ("text", "hs"),
    [
        ("Metal ingots", "999999"),
        ("Metal ingots", "123456"),
        ("Metal ingots 4N5", "811291"),  # retired; held gallium, germanium, indium
        ("Unwrought metal", "811230"),  # retired; germanium
        ("Sputter target", "382490"),  # retired in 2017
        ("Substrate wafers", "382490"),
        ("Inorganic compound", "285100"),
        ("Optocoupler", "8541.40.00"),  # retired in 2022
    ],
)
def test_a_code_that_is_none_counts_as_not_given_and_is_named(text: str, hs: str) -> None:
    said = decision(text, hs)
    assert said.verdict == "review"
    assert "hs_code" in said.missing or said.question
    assert any(note.startswith(f"HS {hs.replace('.', '')[:6]} is ") for note in said.notes)


@pytest.mark.parametrize(
    ("text", "hs", "on"),
    [
        ("Metal shelf brackets", "830250", "2026-02-01"),
        ("Optocoupler", "854149", "2026-02-01"),  # new in 2022
        ("Optocoupler", "854140", "2019-05-01"),  # in force then
        ("Optocoupler", "854140", "2021-12-31"),
        ("Office chair", "940130", "2026-02-01"),  # retired in 2022, and the words settle it
        ("Knitted things", "611190", "2026-02-01"),
        ("Knitted things", "611199", "2026-02-01"),  # no such code; the chapter settles it
        ("Garden tool handles", "123456", "2012-05-01"),  # the edition of the day is not held
        ("Garden tool handles", "123456", "2028-01-01"),
    ],
)
def test_what_is_valid_on_the_day_or_not_known_to_be_wrong_is_not_punished(
    text: str, hs: str, on: str
) -> None:
    assert decision(text, hs, on).verdict == "not_covered"


def test_a_day_whose_edition_is_not_held_is_said() -> None:
    said = decision("Garden tool handles", "123456", "2012-05-01")
    assert any("could not be looked up" in note for note in said.notes)
    said = decision("Optocoupler", "854149")
    assert not any("could not be looked up" in note for note in said.notes)


def test_every_line_that_an_entry_prints_is_known() -> None:
    printed = book().goods.by_hs6
    assert all(not unknown_in(code, printed) for item in items() for code in item.hs6)


def test_editions_follow_each_other() -> None:
    first, *rest = editions()
    assert len(first.codes) > 5000
    for one, other in zip((first, *rest), rest, strict=False):
        assert one.end == other.start
    assert edition_turns() >= {date(2017, 1, 1), date(2022, 1, 1)}


def test_one_shipment_and_a_table_of_many_days_agree() -> None:
    days = [str(date(2021, 6, 1) + timedelta(days=k)) for k in range(0, 400, 2)]
    base = {"item_description": "Optocoupler", "hs_code": "854140", **ROUTE}
    rows = [{"id": day, "date": day, **base} for day in days]
    got = {row["id"]: row["verdict"] for row in check(rows).rows()}
    assert {day for day, verdict in got.items() if verdict == "review"} == {d for d in days if d >= "2022"}
    one = Transaction(
        item_description="Optocoupler",
        hs_code="854140",
        origin_country="CHN",
        exporter_country="CHN",
        ship_from="CHN",
        ship_to="JPN",
        end_user="Yamada Foods KK",
        other_parties=("none",),
        end_use="civil: vending machines",
    )
    for day in (days[0], days[-1]):
        assert check_one(one, date.fromisoformat(day)).verdict == got[day]
