"""Digits, ranges, bounds and units of printed figures."""

import pytest

from kanmon.core.figure import Figure
from kanmon.core.source import ASSUMPTION
from kanmon.report.format import amount, plain


def figure(unit, value=None, low=None, high=None, basis="assumed"):
    exact = value is not None and low is None and high is None
    return Figure("x", value, unit, basis, (ASSUMPTION,), low, high, exact=exact)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (figure("% of GDP", 0.4321, 0.1234, 0.987), "0.12 to 0.99 % of GDP, mid 0.43"),
        (figure("% of GDP", None, None, 3.14), "at most 3.1 % of GDP"),
        (figure("days", 52.0, 31.0, None), "at least 31 days, mid 52"),
        (figure("days"), "unknown"),
        (figure("% of GDP", 2e-5, 1e-5, 3e-5), "below 0.001 % of GDP"),
        (figure("% of GDP", 0.0, 0.0, 0.0), "0 % of GDP"),
        (figure("% of GDP", 0.01, -2e-9, 0.05), "0.000 to 0.050 % of GDP, mid 0.010"),
        (figure("%", 45.0, 44.9, 45.1), "44.9 to 45.1 %, mid 45"),
        (figure("share", 0.4567, basis="measured"), "45.7 %"),
        (figure("USD million", 12345.0, 9876.0, 20000.0), "USD 9.9 to 20 billion, mid 12"),
        (
            figure("JPY billion at the GDP of 2025", 1852.0, 390.0, 5208.0),
            "JPY 0.39 to 5.2 trillion at the GDP of 2025, mid 1.9",
        ),
        (figure("entries", 1234.0, basis="sourced"), "1,234 entries"),
        (figure("rank correlation", -0.5, -0.65, -0.32), "-0.65 to -0.32, mid -0.50"),
        (figure("days", 9.996, 9.0, 12.0), "9.0 to 12 days, mid 10"),
    ],
)
def test_amount(given, text) -> None:
    assert amount(given) == text


def test_without_unit_the_number_alone() -> None:
    assert amount(figure("% of GDP", 0.43, 0.12, 0.98), unit=False) == "0.12 to 0.98, mid 0.43"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.4567, "share", "45.7"),
        (1234567.0, "t", "1,234,567"),
        (float("nan"), "t", "unknown"),
        (0.0, "t", "0"),
    ],
)
def test_cells(value, unit, text) -> None:
    assert plain(value, unit) == text
