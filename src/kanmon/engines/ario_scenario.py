"""A scenario of the user's for the ARIO engine: read from TOML, checked as a whole against a table."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..core.errors import InputError, Problem
from ..kernels.ario import ArioParameters
from ..kernels.ario_events import OVERLAPS, Event
from .ario_entries import EventReader
from .ario_fields import Fields, Labels
from .ario_overlaps import Entry, FinalStop, final_events, meetings
from .ario_ranges import Ranges, read_ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

TEMPLATE = Path(__file__).with_name("ario_template.toml")
"""A scenario file with every field explained."""
MOST_STEPS = 36_500

TOP = ("name", "steps", "start", "parameters", "draws", "restriction", "capacity", "capital", "demand")
PARAMETERS = (
    *("inventory_days", "restock_days", "psi", "alpha_base", "alpha_max", "alpha_days"),
    *("order", "gates", "overlap"),
)


@dataclass(frozen=True)
class ArioScenario:
    """What is to be run: daily steps, the date of the first (or None), parameters and events.

    stops: restrictions that hold for final buyers; final_to: (N, R) final demand by destination, for them;
    their FinalDemand stands among the events. draws: ranges, None for one run. notes: what a reader of the
    result has to know about what was asked.
    """

    name: str
    steps: int
    start: date | None
    parameters: ArioParameters
    events: tuple[Event, ...]
    notes: tuple[str, ...] = ()
    draws: Ranges | None = None
    stops: tuple[FinalStop, ...] = ()
    final_to: Array | None = None


def read_scenario(
    text: str,
    labels: Labels,
    value_added: Array,
    *,
    steps: int | None = None,
    final: Array | None = None,
    final_to: Array | None = None,
) -> ArioScenario:
    """Read a scenario file for a table.

    value_added: (N,) of a year, by which capital destroyed is shared out and limited. steps: in place of the
    file's own. final, final_to: (N,) final demand and (N, R) the same by destination, for events on it.

    Raises
    ------
    InputError : the text is no TOML, or every field that is wrong, all at once.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        fix = "kanmon sector template prints a scenario that can be read"
        raise InputError(Problem("the scenario is not TOML", "scenario", str(fault), fix)) from None
    top = Fields(raw, "scenario")
    top.known(TOP)
    start = raw.get("start")
    if start is not None and type(start) is not date:
        top.wrong(f"start is {start!r}", "a date is needed", "start = 2025-01-01", key="start")
        start = None
    count = top.whole("steps", 365, 1) if steps is None else steps
    if count > MOST_STEPS:
        top.wrong(f"{count} steps", f"a hundred years are {MOST_STEPS}", "ask for fewer", key="steps")
        count = 1
    # A run cut short may leave events of the file's own days behind; others never happen by mistake.
    own = raw.get("steps", 365)
    last = max(count, own if isinstance(own, int) else 0) - 1
    reading = EventReader(top, labels, value_added, start, last, final, final_to)
    told = top.part(raw.get("parameters", {}), "parameters")
    parameters = read_parameters(told, labels)
    ranges = read_ranges(top.part(raw["draws"], "draws"), told) if "draws" in raw else None
    kinds = (
        ("restriction", reading.restriction),
        ("capacity", reading.capacity),
        ("capital", reading.capital),
        ("demand", reading.demand),
    )
    entries = [one(top.part(raw_one, at)) for kind, one in kinds for at, raw_one in _entries(top, kind)]
    notes = [*_outside(entries, count), *(note for e in entries for note in e.notes)]
    notes += meetings(entries, top, parameters.overlap, stated="overlap" in told.raw)
    if top.problems:
        raise InputError(top.problems)
    stops = tuple(stop for e in entries for stop in e.stops)
    events = [event for e in entries for event in e.events]
    if stops and final_to is not None:
        events += final_events(stops, final_to, parameters.overlap)
    name = top.text("name", "scenario")
    return ArioScenario(name, count, start, parameters, tuple(events), tuple(notes), ranges, stops, final_to)


def _outside(entries: Sequence[Entry], steps: int) -> list[str]:
    """What never happens within the run."""
    late = [e for e in entries if e.begins >= steps]
    if len(late) == len(entries):
        why = "the scenario holds none" if not entries else f"all begin after its last day, {steps - 1}"
        return [f"No event falls in the run: {why}. Nothing can be lost."]
    return [f"{e.where} begins on day {e.begins}, after the last day of the run, {steps - 1}" for e in late]


def _entries(top: Fields, kind: str) -> list[tuple[str, Any]]:
    """Every [[kind]] of the file with its place in messages."""
    entries = top.raw.get(kind, [])
    if not isinstance(entries, list):
        top.wrong(f"{kind} is no list of tables", fix=f"write [[{kind}]] above each", key=kind)
        return []
    named = [e.get("name") if isinstance(e, Mapping) else None for e in entries]
    return [
        (f"{kind} {number}" + (f" ({name})" if name else ""), entry)
        for number, (entry, name) in enumerate(zip(entries, named, strict=True), 1)
    ]


def read_parameters(f: Fields, labels: Labels) -> ArioParameters:
    """The [parameters] of a scenario."""
    f.known(PARAMETERS)
    base = f.number("alpha_base", 1.0, 1.0, 10.0)
    most = f.number("alpha_max", 1.25, 1.0, 10.0)
    if most < base:
        f.wrong(f"alpha_max is {most:g}, below alpha_base, {base:g}", "output at rest cannot exceed it")
    return ArioParameters(
        _by_product(f, labels, "inventory_days", 90.0, 0.0),
        _by_product(f, labels, "restock_days", 60.0, 1.0),
        psi=f.number("psi", 0.8, 0.0, 1.0),
        alpha_base=base,
        alpha_max=most,
        alpha_days=f.number("alpha_days", 365.0, 1.0),
        order=cast("Any", f.choice("order", "alt", ("alt", "noalt"))),
        gates=f.flag("gates", default=True),
        overlap=cast("Any", f.choice("overlap", "strictest", OVERLAPS)),
    )


def _by_product(f: Fields, labels: Labels, key: str, default: float, low: float) -> Array:
    """A number for all input products, or a table of `default` and products."""
    value = f.raw.get(key, default)
    out = np.full(len(labels.sectors), default)
    if not isinstance(value, Mapping):
        out[:] = f.checked(value, key, low, math.inf)
        return out
    for word, days in value.items():
        sector = labels.sector(word)
        number = f.checked(days, f"{key}.{word}", low, math.inf)
        if word == "default":
            out[[s not in value for s in labels.sectors]] = number
        elif sector is None:
            f.part({"sector": word}, f"{f.where}, {key}").sectors("sector", labels)
        else:
            out[labels.sectors.index(sector)] = number
    return out
