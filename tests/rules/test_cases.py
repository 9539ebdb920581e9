"""The cases of the library: given facts -> verdict. Prints a table by rule with the false clears."""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kanmon.measure.check import check
from kanmon.measure.load import LIBRARY
from kanmon.measure.verdict import VERDICTS


@cache
def cases() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path in sorted(Path(LIBRARY).glob("*/cases.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        for case in table["case"]:
            found.append((path.parent.name.upper(), {**case, "given": {**table["base"], **case["given"]}}))
    return found


@cache
def answers() -> list[dict[str, Any]]:
    rows = [{"id": str(k), **case["given"]} for k, (_, case) in enumerate(cases())]
    columns = sorted({name for row in rows for name in row})
    return list(check([{c: row.get(c, "") for c in columns} for row in rows]).rows())


@pytest.mark.parametrize("k", range(len(cases())))
def test_case(k: int) -> None:
    measure, case = cases()[k]
    got = answers()[k]
    said = [(c["measure"], c["rule"], c["outcome"], c["status"]) for c in got["clauses"]]
    assert got["verdict"] == case["verdict"], (measure, case["rule"], case["because"], said, got["notes"])


@pytest.mark.parametrize("k", range(len(cases())))
def test_the_rule_of_the_case_speaks(k: int) -> None:
    measure, case = cases()[k]
    if case["rule"] in {"look-alike", "facts", "route"} or case["verdict"] == "not_covered":
        return
    rules = {c["rule"] for c in answers()[k]["clauses"]}
    plain = {"G1", "G2"} | ({"I1"} if case["verdict"] == "licence" else set())
    assert rules & {case["rule"], *plain}, (measure, case["because"], rules)


def test_there_are_enough_cases_and_traps() -> None:
    assert len(cases()) >= 150
    assert sum(bool(case.get("trap")) for _, case in cases()) >= 40


def test_no_false_clear_and_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    false_clears = []
    for (measure, case), got in zip(cases(), answers(), strict=True):
        total[case["rule"]] += 1
        passed[case["rule"]] += got["verdict"] == case["verdict"]
        if got["verdict"] == "not_covered" and case["verdict"] != "not_covered":
            false_clears.append((measure, case["because"]))
    lines = [f"{'rule':<12}{'cases':>6}{'passed':>8}"]
    lines += [f"{rule:<12}{total[rule]:>6}{passed[rule]:>8}" for rule in sorted(total)]
    traps = sum(bool(case.get("trap")) for _, case in cases())
    whole = f"{'all':<12}{sum(total.values()):>6}{sum(passed.values()):>8}"
    lines.append(f"{whole}   traps {traps}, false clears {len(false_clears)}")
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert not false_clears


def test_verdicts_are_known_words() -> None:
    assert {case["verdict"] for _, case in cases()} <= set(VERDICTS)
