"""States on a date, boundary days included, and the timeline."""

from datetime import date

import pytest

from kanmon.measure.dates import parse_when
from kanmon.measure.load import find, library
from kanmon.measure.measure import Limb
from kanmon.measure.status import status
from kanmon.measure.timeline import diff, timeline


@pytest.mark.parametrize(
    ("name", "on", "state"),
    [
        ("CN-2026-01", "2026-01-05", "proposed"),
        ("CN-2026-01", "2026-01-06", "in_force"),
        ("CN-2026-01", "2026-11-23", "in_force"),
        ("CN-2023-23", "2023-07-31", "announced"),
        ("CN-2023-23", "2023-08-01", "in_force"),
        ("CN-2025-57", "2025-11-06", "announced"),
        ("CN-2025-57", "2025-11-07", "suspended"),
        ("CN-2025-57", "2025-11-08", "suspended"),
        ("CN-2025-57", "2026-11-09", "suspended"),
        ("CN-2025-57", "2026-11-10", "unknown"),
        ("CN-2025-61", "2025-10-09", "in_force"),
        ("CN-2025-61", "2025-12-01", "suspended"),
        ("CN-2025-18", "2025-11-10", "in_force"),
        ("CN-2024-46", "2026-01-01", "in_force"),
        ("CN-2025-72", "2026-11-26", "in_force"),
        ("CN-2025-72", "2026-11-27", "lifted"),
        ("CN-2026-RE-JP", "2026-03-01", "in_force"),
        ("CN-2026-RE-JP", "2026-08-24", "unknown"),
        ("CN-2026-HELIUM", "2026-07-20", "unknown"),
        ("JP-2019-KR3", "2019-07-03", "announced"),
        ("JP-2019-KR3", "2023-03-22", "in_force"),
        ("JP-2019-KR3", "2023-03-23", "lifted"),
        ("CN-2010-REQUOTA", "2010-07-15", "unknown"),
        ("CN-2010-REQUOTA", "2010-08-01", "in_force"),
        ("CN-2010-REQUOTA", "2015-05-31", "unknown"),
        ("CN-2010-REQUOTA", "2015-06-01", "lifted"),
        ("US-2025-AFF", "2026-11-09", "suspended"),
        ("US-2025-AFF", "2026-11-10", "unknown"),
    ],
)
def test_state_on_a_day(name, on, state):
    assert status(find(name), date.fromisoformat(on)).state == state


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2025-11-08", "in_force"),
        ("2025-11-09", "suspended"),
        ("2026-11-26", "suspended"),
        ("2026-11-27", "unknown"),
    ],
)
def test_clause_two_is_suspended_while_clause_one_holds(on, state):
    limbs = {limb.id: limb for limb in find("CN-2024-46").limbs}
    day = date.fromisoformat(on)
    assert status(limbs["2a"], day).state == status(limbs["2b"], day).state == state
    assert status(limbs["1"], day).state == "in_force"
    assert status(find("CN-2024-46"), day).state == "in_force"


def test_words_name_the_day_and_the_reach_of_the_sources():
    assert "unknown since 2026-11-10" in status(find("CN-2025-57"), date(2026, 11, 23)).text
    assert "not repealed" in status(find("CN-2025-57"), date(2026, 6, 1)).text
    held = status(find("CN-2026-01"), date(2026, 11, 23))
    assert held.since == date(2026, 1, 6)
    assert "newest source of 2026-01-16" in held.text
    early = status(find("CN-2026-01"), date(2025, 6, 1))
    assert early.since is None
    assert early.text.startswith("not yet announced")


def test_no_date_means_unknown_not_in_force():
    assert status(Limb("1", "x", "ban", None), date(2026, 1, 1)).state == "unknown"
    open_end = Limb("1", "x", "ban", parse_when("2020-01-01"), suspended_from=parse_when("2021-01-01"))
    assert status(open_end, date(2030, 1, 1)).state == "suspended"


def test_timeline_of_one_country_has_measures_and_responses_in_order():
    events = timeline(library(), "JPN")
    days = [event.when.day for event in events]
    assert days == sorted(days)
    case = [(e.kind, e.actor) for e in events if e.measure == "CN-2026-01" and e.when.day == date(2026, 1, 6)]
    assert case == [("effective", "CHN"), ("protest", "JPN"), ("demand_withdrawal", "JPN")]
    measures = {event.measure for event in events}
    assert {"CN-2025-18", "CN-2026-11", "CN-2010-RE-JP", "JP-2019-KR3", "CN-2025-SEAFOOD-JP"} <= measures
    assert not {"CN-2016-THAAD-KR", "CN-2025-01", "RU-2022-GAS"} & measures
    assert all(event.sources for event in events)


def test_timeline_knows_blocs_and_its_end():
    german = {event.measure for event in timeline(library(), "DEU")}
    assert {"CN-2026-30", "CN-2026-20", "RU-2022-GAS"} <= german
    short = timeline(library(), until=date(2011, 1, 1))
    assert {e.measure for e in short} == {"CN-2010-RE-JP", "CN-2010-REQUOTA", "CN-2010-SALMON-NO"}
    assert max(e.when.day for e in short) <= date(2011, 1, 1)


def test_a_measure_suspended_before_its_day_never_takes_effect():
    events = [e for e in timeline(library()) if e.measure == "CN-2025-57" and e.kind == "effective"]
    assert [e.text for e in events if "suspended" in e.text] == [e.text for e in events] != []


def test_the_same_response_stands_once():
    answers = [e for e in timeline(library()) if e.text == "Busan meeting 2025-10-30"]
    assert len(answers) == 1


def test_diff_shows_limbs_that_changed():
    changes = {
        (c.measure, c.limb): (c.before.state, c.after.state)
        for c in diff(library(), date(2025, 11, 6), date(2025, 11, 9))
    }
    assert changes["CN-2024-46", "2a"] == ("in_force", "suspended")
    assert changes["CN-2025-57", "1"] == ("announced", "suspended")
    assert ("CN-2025-18", "licence") not in changes
    assert diff(library(), date(2026, 1, 1), date(2026, 1, 1)) == ()
