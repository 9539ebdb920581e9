"""Words for a firm's days: a stop, none within the horizon, or what cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..company.money import Money

NONE = "none within the horizon"
UNTOLD = "cannot be told"
FIX_LOSS = (
    "The expected loss of a list of fixes is the mean of the least losses (stocks allotted best) over "
    "{cases} drawn cases, in which the stop may end. The loss under Money is of the files as they are, with "
    "no end, and its drawn cases let all draw until they stop; so the two differ."
)


def stop(day: int | None, unseen: Collection[str] | str = ()) -> str:
    """A day of a stop in words. unseen: what could not be seen; it may stop earlier."""
    if day is None:
        return UNTOLD if unseen else NONE
    return f"at most {days(day)}" if unseen else days(day)


def days(count: int) -> str:
    """A number of days with its unit."""
    return f"{count} day" if count == 1 else f"{count} days"


def between(early: int | None, late: int | None, unseen: Collection[str] | str = ()) -> str:
    """The days between which a first stop falls; None: not within the horizon."""
    if early is None:
        return stop(None, unseen)
    if late is None:
        return f"from {days(early)} on, {'how late ' + UNTOLD if unseen else 'or ' + NONE}"
    return f"{early} to {stop(late, unseen)}"


def stop_cell(day: int | None, unseen: Collection[str] | str = ()) -> int | str:
    """The same for a cell of a sheet: a number where there is a day."""
    return stop(day, unseen) if day is None else day


def short(day: int | None, unseen: Collection[str] | str = ()) -> str:
    """The same in the fewest signs, for a table on a terminal."""
    if day is None:
        return "cannot tell" if unseen else "none"
    return f"<= {day} d" if unseen else f"{day} d"


MILLION = 1e6


def amount(value: float) -> str:
    """An amount of money to three digits, in millions from a million on."""
    return f"{_figures(value / MILLION)} million" if abs(value) >= MILLION else _figures(value)


def span(low: float, high: float) -> str:
    """Two amounts as a range in the unit of the larger; one where three digits do not tell them apart."""
    if amount(low) == amount(high):
        return amount(high)
    if max(abs(low), abs(high)) < MILLION:
        return f"{_figures(low)} to {_figures(high)}"
    first = "less than 0.01" if 0 < low < MILLION / 100 else _figures(low / MILLION)
    return f"{first} to {_figures(high / MILLION)} million"


def loss(low: float, money: Money) -> str:
    """A loss from a low side to the high side of `money`, which may be open."""
    return f"{amount(low)} or more; how much {UNTOLD}" if money.open else span(low, money.most)


def _figures(value: float) -> str:
    """Three leading digits of a number; whole numbers from a hundred on."""
    size = abs(value)
    if size >= 100:
        digits = len(str(int(size))) - 3
        return f"{round(value, -digits):,.0f}"
    return f"{value:,.1f}" if size >= 10 else f"{value:,.3g}"


def lost(counts: str) -> str:
    """What a loss is counted in, in words that go before a figure."""
    return {
        "margin": "margin lost",
        "margin and lost sales": "margin lost (sales lost where no margin is told)",
        "revenue": "sales lost (no margins are told)",
    }[counts]
