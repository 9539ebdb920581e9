"""measures, data, expose: what they print, and the same as JSON."""

import json
from collections.abc import Callable
from datetime import date

import pytest

from kanmon.app.tables import width
from kanmon.measure.load import library
from kanmon.world.sources import datasets

from .conftest import Answer

Kanmon = Callable[..., Answer]


def test_list_holds_every_measure_once(kanmon: Kanmon) -> None:
    rows = json.loads(kanmon("measures", "list", "--json").out)
    assert [row["id"] for row in rows] == list(library())
    printed = kanmon("measures").out
    assert all(f"\n{name} " in printed for name in library())


def test_list_follows_the_date_and_the_country(kanmon: Kanmon) -> None:
    before = json.loads(kanmon("measures", "list", "--on", "2022-01-01", "--json").out)
    states = {row["id"]: row["status"]["state"] for row in before}
    assert states["RU-2022-GAS"] == "proposed"
    found = json.loads(kanmon("measures", "list", "--country", "Korea", "--json").out)
    assert {"JP-2019-KR3"} <= {row["id"] for row in found}
    assert "CN-2012-BANANA-PH" not in {row["id"] for row in found}


def test_show_is_complete(kanmon: Kanmon) -> None:
    measure = library()["CN-2026-01"]
    printed = " ".join(kanmon("measures", "show", "cn-2026-01").out.split())
    for limb in measure.limbs:
        assert limb.text in printed
    for response in measure.responses:
        assert response.text in printed
    for source in measure.sources:
        assert source.title in printed
    record = json.loads(kanmon("measures", "show", "cn-2026-01", "--json").out)
    assert len(record["limbs"]) == len(measure.limbs)
    assert record["announced"] == "2026-01-06"


def test_show_counts_listed_parties(kanmon: Kanmon) -> None:
    record = json.loads(kanmon("measures", "show", "CN-2026-11", "--json").out)
    assert len(record["parties"]) == 20
    assert record["parties"][0]["name_en"] in kanmon("measures", "show", "CN-2026-11").out


def test_timeline_has_measures_and_responses_in_order(kanmon: Kanmon) -> None:
    events = json.loads(kanmon("measures", "timeline", "--country", "Japan", "--json").out)
    days = [event["when"].removeprefix("about ") for event in events]
    months = [day[:7] for day in days]
    assert months == sorted(months)
    kinds = {event["kind"] for event in events if event["measure"] == "CN-2026-01"}
    assert {"effective", "protest", "demand_withdrawal"} <= kinds
    printed = kanmon("measures", "timeline", "--country", "Japan").out
    assert "→ protest" in printed
    assert "■ effective" in printed


def test_diff_finds_the_suspensions_of_november_2025(kanmon: Kanmon) -> None:
    changes = json.loads(kanmon("measures", "diff", "2025-11-01", "2025-12-01", "--json").out)
    assert {"CN-2025-55", "CN-2025-61"} <= {
        c["measure"] for c in changes if c["after"]["state"] == "suspended"
    }
    assert json.loads(kanmon("measures", "diff", "2025-11-01", "2025-11-01", "--json").out) == []


def test_plain_tables_are_aligned(kanmon: Kanmon) -> None:
    lines = [
        x for x in kanmon("measures", "list").out.splitlines() if x.startswith(("CN-", "RU-", "US-", "id "))
    ]
    starts = {
        width(line[: line.index(mark)])
        for line in lines
        for mark in ("status", *"●✓◐?○·")
        if mark in line[:24]
    }
    assert len(lines) > 20
    assert starts == {len(max(library(), key=len)) + 2}


def test_data_list_names_every_licence(kanmon: Kanmon) -> None:
    rows = json.loads(kanmon("data", "list", "--json").out)
    assert {row["id"] for row in rows} == set(datasets())
    assert all(row["source"]["licence"] and row["source"]["publisher"] for row in rows)
    assert "CC BY 4.0" in kanmon("data").out


def test_data_are_as_published(kanmon: Kanmon) -> None:
    answer = kanmon("data", "verify", "--json")
    assert answer.code == 0, answer.err
    assert {row["state"] for row in json.loads(answer.out)} == {"intact"}


def test_changed_data_are_found(kanmon: Kanmon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kanmon.world.store.file_hash", lambda _: "0" * 64)
    answer = kanmon("data", "verify")
    assert answer.code == 1
    assert "icio2022" in answer.err


def test_data_get_says_where(kanmon: Kanmon) -> None:
    row = json.loads(kanmon("data", "get", "icio2022", "--json").out)[0]
    assert row["path"].endswith(datasets()["icio2022"].file)


def test_expose_ranks_and_explains(kanmon: Kanmon) -> None:
    answer = json.loads(kanmon("expose", "--buyer", "Japan", "--top", "7", "--json").out)
    assert len(answer["ranking"]) == 7
    assert all(0 <= row["share_value"] <= 1 for row in answer["ranking"])
    assert answer["sources"]
    detail = json.loads(
        kanmon("expose", "--buyer", "JPN", "--seller", "CHN", "--product", "graphite", "--json").out
    )
    one = detail["exposure"][0]
    assert one["buyer"] == "JPN"
    assert all(figure["sources"] and figure["unit"] and figure["basis"] for figure in one["figures"])
    assert (
        "Through time" in kanmon("expose", "--buyer", "JPN", "--seller", "CHN", "--product", "graphite").out
    )


def test_expose_through_time_is_in_years_of_the_data(kanmon: Kanmon) -> None:
    detail = json.loads(kanmon("expose", "--buyer", "Germany", "--product", "280490", "--json").out)
    years = {year for series in detail["exposure"][0]["series"] for year in series["years"]}
    assert years
    assert max(years) <= date(2026, 12, 31).year
