"""Default model: 1,024 draws of a year on two sizes of the embedded table."""

from row import Row
from shortage_case import LARGE, MIDDLE, seconds

DRAWS = 1024
LIMITS = ((MIDDLE, 60.0), (LARGE, 200.0))
"""Seconds on two quiet cores."""


def rows() -> list[Row]:
    found = []
    for (regions, detail), limit in LIMITS:
        industries, took = seconds(regions, detail=detail, draws=DRAWS)
        what = f"default model, {DRAWS:,} draws x 365 days, {industries} industries"
        found.append(Row(what, took, "s", limit, f"{1e3 * took / DRAWS:.0f} ms a draw and year"))
    return found
