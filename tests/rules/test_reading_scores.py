"""Reading, field by field: precision and recall on the half tuned on and on the half it was not.

A value of a field counts as right when the text says it, each at most once. Of phrases (goods, texts of
law) one may contain the other ("nickel ore", "raw nickel ore"). What the text does not say is empty; a
value said there is a false one, also in a text that reports no restriction at all.
`pytest -s tests/rules/test_reading_scores.py` prints the table.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kanmon.core.errors import InputError
from kanmon.measure.load import library
from kanmon.measure.read import read, reading_json

TEXTS = Path(__file__).parent / "texts"
LISTS = ("imposers", "targets", "instrument", "end_user_scope", "end_use_scope")
WORDS = ("announced", "effective", "status", "re_export")
PHRASES = ("stated", "possible", "legal_basis")
FIELDS = ("restriction", *LISTS, *WORDS, *PHRASES, "responses")


def _unknown(value: object) -> bool:
    return value in ("", "unknown")


def _as_list(value: Any) -> list[str]:
    given = value if isinstance(value, list) else [v.strip() for v in str(value).split(";")]
    return [str(v).lower() if isinstance(v, bool) else v for v in given if not _unknown(v)]


def expected_values(row: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a text says, every field a list; a field left out is one on which it says nothing."""
    said = {f: _as_list(row.get(f, [])) if f != "re_export" else [] for f in FIELDS[1:]}
    reach = row.get("re_export", "unknown")
    said["re_export"] = [] if reach == "unknown" else [str(reach).lower()]
    said["responses"] = [" ".join(r.split()[:2]) for r in said["responses"]]
    return {"restriction": ["yes"] if row["restriction"] else [], **said}


def values_read(text: str) -> dict[str, list[str]]:
    """What the reader answers, in the same form."""
    try:
        got = reading_json(read(text, library()))
    except InputError:
        return {f: [] for f in FIELDS}
    found = {f: [v for v in got[f] if not _unknown(v)] for f in LISTS}
    found |= {f: [str(got[f]).lower()] if not _unknown(got[f]) else [] for f in WORDS}
    found["restriction"] = ["yes"] if got["is_export_restriction"] else []
    found["legal_basis"] = _as_list(got["legal_basis"])
    for certainty in ("stated", "possible"):
        found[certainty] = [i["phrase"] for i in got["items"] if i["certainty"] == certainty]
    # Responses stay also where no export is restricted; they are judged only beside a measure.
    answers = got["responses"] if got["is_export_restriction"] else []
    found["responses"] = [f"{r['by']} {r['kind']}" for r in answers]
    return found


def _same(field: str, one: str, other: str) -> bool:
    a, b = " ".join(one.casefold().split()), " ".join(other.casefold().split())
    return a == b or (field in PHRASES and (a in b or b in a))


def right(field: str, said: list[str], found: list[str]) -> int:
    """How many values found are said by the text, one to one; equal ones are paired first."""
    left, hits = list(said), 0
    for value in sorted(found, key=lambda v: v not in said):
        pair = next((s for s in left if s == value), None) or next(
            (s for s in left if _same(field, s, value)), None
        )
        if pair is not None:
            left.remove(pair)
            hits += 1
    return hits


@cache
def texts(half: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """The texts of a half with what each says, by name."""
    if half == "tuned":
        rows = tomllib.loads((TEXTS / "expected.toml").read_text(encoding="utf-8"))
        old = {name: ((TEXTS / f"{name}.txt").read_text(encoding="utf-8"), row) for name, row in rows.items()}
        return old | _inline(sorted(TEXTS.glob("more_*.toml")))
    return _inline(sorted((TEXTS / "unseen").glob("*.toml")))


def _inline(files: list[Path]) -> dict[str, tuple[str, dict[str, Any]]]:
    rows = {k: v for f in files for k, v in tomllib.loads(f.read_text(encoding="utf-8")).items()}
    return {name: (row["text"].strip() + "\n", row) for name, row in rows.items()}


@cache
def answers(half: str) -> dict[str, tuple[dict[str, list[str]], dict[str, list[str]]]]:
    """(said, found) of every text of a half."""
    return {name: (expected_values(row), values_read(text)) for name, (text, row) in texts(half).items()}


@cache
def scores(half: str) -> dict[str, tuple[float, float, int, int]]:
    """Precision, recall, values said and values found of each field, and of all fields together."""
    table, total = {}, [0, 0, 0]
    for field in FIELDS:
        counts = [0, 0, 0]
        for said, found in answers(half).values():
            counts[0] += right(field, said[field], found[field])
            counts[1] += len(said[field])
            counts[2] += len(found[field])
        total = [t + c for t, c in zip(total, counts, strict=True)]
        table[field] = _score(counts)
    table["all"] = _score(total)
    return table


def _score(counts: list[int]) -> tuple[float, float, int, int]:
    hits, said, found = counts
    return (hits / found if found else 1.0, hits / said if said else 1.0, said, found)


def printed(half: str) -> str:
    """The table of a half as text."""
    lines = [
        f"\nreading, {half} half: {len(texts(half))} texts",
        "field            precision  recall   n said",
    ]
    lines += [f"{f:<16} {p:>9.2f} {r:>7.2f} {n:>8}" for f, (p, r, n, _) in scores(half).items()]
    return "\n".join(lines)


HALVES = ("tuned", "unseen")
FLOORS = {"tuned": (0.95, 0.95), "unseen": (0.85, 0.75)}
"""Least precision and recall over all fields; docs/reading.md has the figures of each half."""


@pytest.mark.parametrize("half", HALVES)
def test_precision_and_recall_stay_above_their_floors(half: str) -> None:
    sys.stdout.write(printed(half) + "\n")
    precision, recall, said, _ = scores(half)["all"]
    assert said > 100
    assert precision >= FLOORS[half][0]
    assert recall >= FLOORS[half][1]


def test_the_unseen_half_is_large_and_varied() -> None:
    rows = [row for _, row in texts("unseen").values()]
    assert len(rows) >= 40
    assert sum(not row["restriction"] for row in rows) >= 8
    assert len({c for row in rows for c in row.get("imposers", [])}) >= 10
