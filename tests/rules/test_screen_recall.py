# ruff: noqa: T201  (the tables are there to be read)
"""How many variants of listed names are found, by script and kind, at what rate of false alarms.

`pytest -s tests/rules/test_screen_recall.py` prints the table.
"""

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from screen_variants import KINDS, Case, cases, unrelated

from kanmon.measure.parties import Hit, default_screener

SCRIPTS = ("Latin", "kanji", "kana", "simplified", "traditional")
FALSE_ALARMS = 0.01
FLOORS = {"typo": 0.85, "scan": 0.95, "spacing": 0.97, "punctuation": 0.98}
"""Lowest recall by kind; 0.99 for the others. A sign lost in a name of three signs is another name."""


@pytest.fixture(scope="module")
def met() -> list[tuple[Case, Hit]]:
    made = cases(seed=20)
    return list(zip(made, default_screener().screen_many([c.query for c in made]), strict=True))


def found(case: Case, hit: Hit) -> bool:
    return hit.band in {"match", "review"} and case.entity in (hit.entity_id, *hit.also)


def test_recall_by_script_and_kind(met: list[tuple[Case, Hit]]) -> None:
    asked, right, sure = Counter(), Counter(), Counter()
    for case, hit in met:
        cell = case.kind, case.script
        asked[cell] += 1
        right[cell] += found(case, hit)
        sure[cell] += found(case, hit) and hit.band == "match"
    print(
        f"\nrecall (match or review), in brackets match alone\n{'':14}" + "".join(f"{s:>24}" for s in SCRIPTS)
    )
    low = []
    for kind in ("as listed", *KINDS):
        line = f"{kind:14}"
        for script in SCRIPTS:
            cell = kind, script
            if not asked[cell]:
                line += f"{'-':>24}"
                continue
            share = right[cell] / asked[cell]
            line += f"{share:10.1%} ({sure[cell] / asked[cell]:4.0%}) n={asked[cell]:4}"
            if share < FLOORS.get(kind, 0.99):
                low.append((kind, script, share))
        print(line)
    total = sum(right.values()) / sum(asked.values())
    print(f"all {total:.2%} of {sum(asked.values())}")
    assert not low
    assert total >= 0.97


def test_listed_names_are_matches_of_themselves(met: list[tuple[Case, Hit]]) -> None:
    wrong = [(c, h.band) for c, h in met if c.kind == "as listed" and (h.band != "match" or not found(c, h))]
    assert not wrong


def test_false_alarms_on_unrelated_names() -> None:
    names = unrelated()
    hits = default_screener().screen_many(names)
    # The invented names hold one that is listed: a check that the count can rise.
    alarms = [(h.query, h.matched_name) for h in hits if h.band in {"match", "review"}]
    near = sum(h.band == "near" for h in hits)
    print(f"\n{len(alarms)} alarms and {near} near on {len(names)} unrelated names: {alarms}")
    assert len(names) > 1500
    assert len(alarms) / len(names) <= FALSE_ALARMS
    assert any("General Dynamics" in query for query, _ in alarms)


def test_unlisted_companies_of_the_same_groups_are_never_a_match() -> None:
    """Real companies beside the listed ones: sisters, parents, names alike (general knowledge)."""
    names = (Path(__file__).parent / "group_companies.txt").read_text("utf-8").splitlines()
    hits = default_screener().screen_many(names)
    bands = Counter(h.band for h in hits)
    print(f"\n{len(names)} unlisted companies beside listed ones: {dict(bands)}")
    assert not [h.query for h in hits if h.band == "match"]
    assert bands["review"] <= 0.03 * len(names)
    assert bands["near"] >= 0.5 * len(names)
