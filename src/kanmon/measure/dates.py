"""Dates as well as they are known: "2019-07-04", "2019-07", "about 2019-07-04", with a remark."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from .measure import Precision, When

FORM = 'YYYY-MM-DD, YYYY-MM or "about YYYY-MM-DD", a remark in brackets may follow'
"""The date form, in words, for messages and documents."""

_WHEN = re.compile(r"^(about )?(\d{4})-(\d{2})(?:-(\d{2}))?(?: \((.*)\))?$")


def parse_when(value: object) -> When:
    """A date of a record; ValueError says the form where the text is not of it."""
    if isinstance(value, date):
        return When(value)
    found = _WHEN.match(str(value).strip())
    if found is None:
        raise ValueError(f"{value!r} is not a date of the form {FORM}")
    about, year, month, day, note = found.groups()
    precision: Precision = "about" if about else "day" if day else "month"
    try:
        first = date(int(year), int(month), int(day or 1))
    except ValueError as error:
        raise ValueError(f"{value!r} is not a date: {error}") from error
    return When(first, precision, note or "")


def last_day(when: When) -> date:
    """The last day that the date can mean: the end of the month where only the month is known."""
    if when.precision != "month":
        return when.day
    return when.day.replace(day=monthrange(when.day.year, when.day.month)[1])


def source_day(text: str) -> date | None:
    """The day of a source card ("2019-07-04", "2019-07"): the first day it can mean; None for less."""
    found = re.match(r"^(\d{4})-(\d{2})(?:-(\d{2}))?$", text.strip())
    if found is None:
        return None
    return date(int(found[1]), int(found[2]), int(found[3] or 1))
