"""Days of cover by netting a bill of materials: the readable twin of netting.py, another way round.

The compiled twin simulates the joint draw day by day and nets single products cumulatively; here both
are done the other way, so that agreement says something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .netting import Netting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

NEVER = -1


def arrived(g: Netting, days: int) -> Floats:
    """Stock, receipts due and inflow up to the end of each day, (items, days)."""
    came = np.zeros((len(g.stock), days))
    for i in range(len(g.stock)):
        for k in range(g.due_first[i], g.due_first[i + 1]):
            if g.due_day[k] < days:
                came[i, max(0, g.due_day[k])] += g.due_quantity[k]
    inflow = g.inflow[:, None] * np.arange(1, days + 1)
    return np.asarray(g.stock[:, None] + np.cumsum(came, axis=1) + inflow)


def cover_alone(g: Netting, days: int) -> Ints:
    """Full days served of each product when it alone draws, by simulating every day; NEVER: all."""
    stop = np.full(len(g.product), NEVER, np.int64)
    came = arrived(g, days)
    for p, root in enumerate(g.product):
        have = np.zeros(len(g.stock))
        for day in range(days):
            have += came[:, day] - (came[:, day - 1] if day else 0.0)
            need = np.zeros(len(g.stock))
            need[root] = g.need[p] + (g.backlog[p] if day == 0 else 0.0)
            if _taken(g, have, need):
                stop[p] = day
                break
    return stop


def _taken(g: Netting, have: Floats, need: Floats) -> bool:
    """Serve one day's need from `have`, in place; True where a limited item lacks something."""
    for i in range(len(have)):
        lack = need[i] - have[i]
        have[i] = max(0.0, -lack)
        if lack <= g.slack[i] or need[i] <= 0.0:
            continue
        if g.limited[i]:
            return True
        if g.made[i]:
            edges = slice(g.first[i], g.first[i + 1])
            np.add.at(need, g.child[edges], g.quantity[edges] * lack)
    return False


def cover_jointly(g: Netting, days: int) -> Ints:
    """Full days served of each product when all draw at plan, by cumulative netting between stops.

    Needs up to each day follow from the days on which products stop; the first day on which a limited
    item's need exceeds what has arrived stops every product whose day's draw reaches that item.
    """
    stop = np.full(len(g.product), NEVER, np.int64)
    came = arrived(g, days)
    for _ in range(len(g.product) + 1):
        made, short = _netted(g, came, stop, days)
        failing = np.flatnonzero(short.any(axis=0))
        if len(failing) == 0:
            return stop
        day = int(failing[0])
        reaches = _reaches(g, made, short, day)
        hit = [p for p in range(len(stop)) if stop[p] == NEVER and reaches[g.product[p]]]
        if not hit:
            message = "a limited item is short, yet no running product draws on it"
            raise AssertionError(message)
        stop[hit] = day
    return stop


def _netted(g: Netting, came: Floats, stop: Ints, days: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Cumulative quantity made of each item, (items, days), and where a limited item is short."""
    need = np.zeros((len(g.stock), days))
    for p, root in enumerate(g.product):
        served = days if stop[p] == NEVER else int(stop[p])
        if served:
            need[root] += g.backlog[p] + g.need[p] * np.minimum(np.arange(1, days + 1), served)
    made = np.zeros_like(need)
    short = np.zeros(need.shape, dtype=bool)
    for i in range(len(g.stock)):
        lack = need[i] - came[i]
        lack[lack <= g.slack[i]] = 0.0
        if g.limited[i]:
            short[i] = (lack > 0) & (np.diff(need[i], prepend=0.0) > 0)
            made[i] = lack
        elif g.made[i]:
            made[i] = np.maximum.accumulate(lack)
            for k in range(g.first[i], g.first[i + 1]):
                need[g.child[k]] += g.quantity[k] * made[i]
    return made, short


def _reaches(g: Netting, made: Floats, short: NDArray[np.bool_], day: int) -> NDArray[np.bool_]:
    """Items whose making on `day` draws on a limited item that is short that day."""
    reaches = short[:, day].copy()
    before = made[:, day - 1] if day else np.zeros(len(made))
    for i in range(len(reaches) - 1, -1, -1):
        if g.made[i] and made[i, day] - before[i] > g.slack[i]:
            reaches[i] = bool(reaches[g.child[g.first[i] : g.first[i + 1]]].any())
    return reaches
