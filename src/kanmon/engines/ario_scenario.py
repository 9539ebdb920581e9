"""A scenario of the user's for the ARIO engine: read from TOML, checked as a whole against a table."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..core.errors import InputError, Problem
from ..kernels.ario import ArioParameters
from ..kernels.ario_events import (
    CURVES,
    OVERLAPS,
    CapacityLoss,
    CapitalDestroyed,
    CapitalRecovers,
    Curve,
    Event,
    Restriction,
)
from .ario_fields import Fields, Labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

TEMPLATE = Path(__file__).with_name("ario_template.toml")
"""A scenario file with every field explained."""
MOST_STEPS = 36_500

TOP = ("name", "steps", "start", "parameters", "restriction", "capacity", "capital")
PARAMETERS = (
    *("inventory_days", "restock_days", "psi", "alpha_base", "alpha_max", "alpha_days"),
    *("order", "gates", "overlap"),
)
RESTRICTION = (
    *("name", "seller", "product", "buyer", "begin", "end", "enforcement", "leakage", "share"),
    "resource_days",
)
CAPACITY = ("name", "region", "sector", "loss", "begin", "duration", "recovery", "curve", "timing")
CAPITAL = (
    *("name", "region", "sector", "amount", "begin", "duration", "rebuilders", "rebuild_days", "factor"),
    *("recover", "recovery"),
)


@dataclass(frozen=True)
class ArioScenario:
    """What is to be run: daily steps, the date of the first (or None), parameters and events."""

    name: str
    steps: int
    start: date | None
    parameters: ArioParameters
    events: tuple[Event, ...]


def read_scenario(text: str, labels: Labels, value_added: Array, *, steps: int | None = None) -> ArioScenario:
    """Read a scenario file for a table.

    value_added: (N,) of a year, by which capital destroyed is shared out and limited. steps: in place of the
    file's own.

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
    reading = _Reading(top, labels, value_added, start, last)
    parameters = reading.parameters(top.part(raw.get("parameters", {}), "parameters"))
    events: list[Event] = []
    for kind, one in (
        ("restriction", reading.restriction),
        ("capacity", reading.capacity),
        ("capital", reading.capital),
    ):
        for where, entry in _entries(top, kind):
            events += one(top.part(entry, where))
    reading.contradictions(events, stated="overlap" in raw.get("parameters", {}))
    if top.problems:
        raise InputError(top.problems)
    return ArioScenario(top.text("name", "scenario"), count, start, parameters, tuple(events))


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


@dataclass
class _Reading:
    """What the parts of a scenario are read against."""

    top: Fields
    labels: Labels
    value_added: Array
    start: date | None
    last: int

    def __post_init__(self) -> None:
        self.where: dict[int, str] = {}

    def parameters(self, f: Fields) -> ArioParameters:
        f.known(PARAMETERS)
        base = f.number("alpha_base", 1.0, 1.0, 10.0)
        most = f.number("alpha_max", 1.25, 1.0, 10.0)
        if most < base:
            f.wrong(f"alpha_max is {most:g}, below alpha_base, {base:g}", "output at rest cannot exceed it")
        return ArioParameters(
            self._by_product(f, "inventory_days", 90.0, 0.0),
            self._by_product(f, "restock_days", 60.0, 1.0),
            psi=f.number("psi", 0.8, 0.0, 1.0),
            alpha_base=base,
            alpha_max=most,
            alpha_days=f.number("alpha_days", 365.0, 1.0),
            order=cast("Any", f.choice("order", "alt", ("alt", "noalt"))),
            gates=f.flag("gates", default=True),
            overlap=cast("Any", f.choice("overlap", "strictest", OVERLAPS)),
        )

    def _by_product(self, f: Fields, key: str, default: float, low: float) -> Array:
        """A number for all input products, or a table of `default` and products."""
        value = f.raw.get(key, default)
        out = np.full(len(self.labels.sectors), default)
        if not isinstance(value, Mapping):
            out[:] = f.checked(value, key, low, math.inf)
            return out
        for word, days in value.items():
            sector = self.labels.sector(word)
            number = f.checked(days, f"{key}.{word}", low, math.inf)
            if word == "default":
                out[[s not in value for s in self.labels.sectors]] = number
            elif sector is None:
                f.part({"sector": word}, f"{f.where}, {key}").sectors("sector", self.labels)
            else:
                out[self.labels.sectors.index(sector)] = number
        return out

    def _days(self, f: Fields) -> tuple[int, int]:
        begin = f.day("begin", self.start, None, self.last)
        end = f.day("end", self.start, self.last, MOST_STEPS)
        if end < begin:
            f.wrong(
                f"it ends on day {end}, before it begins on day {begin}", fix="give a later end", key="end"
            )
        return begin, end

    def restriction(self, f: Fields) -> list[Event]:
        f.known(RESTRICTION)
        sellers, products = f.places("seller", self.labels), f.sectors("product", self.labels)
        buyers = f.industries("buyer", self.labels)
        begin, end = self._days(f)
        made = Restriction(
            self._flags({(r, s) for r in sellers for s in products}),
            self._flags(buyers),
            begin,
            end,
            f.number("enforcement", 1.0, 0.0, 1.0),
            f.number("leakage", 0.0, 0.0, 1.0),
            f.number("share", 1.0, 0.0, 1.0),
            f.number("resource_days", math.inf, 0.0),
        )
        self.where[id(made)] = f.where
        return [made]

    def capacity(self, f: Fields) -> list[Event]:
        f.known(CAPACITY)
        hit = self._hit(f)
        return [
            CapacityLoss(
                np.where(hit, f.number("loss", None, 0.0, 1.0), 0.0),
                f.day("begin", self.start, None, self.last),
                f.whole("duration", 1, 0),
                f.whole("recovery", 0, 0),
                cast("Curve", f.choice("curve", "linear", CURVES)),
                cast("Any", f.choice("timing", "exact", ("exact", "reference"))),
            )
        ]

    def capital(self, f: Fields) -> list[Event]:
        f.known(CAPITAL)
        hit = self._hit(f)
        amount = f.number("amount", None, 0.0)
        base = np.where(hit, np.maximum(self.value_added, 0.0), 0.0)
        if hit.any() and amount > 4 * base.sum():
            why = f"the industries hit have {4 * base.sum():,.6g}, four times a year's value added"
            f.wrong(f"{amount:,.6g} of capital is more than there is", why, key="amount")
        impact = amount * base / max(float(base.sum()), 1e-300)
        begin = f.day("begin", self.start, None, self.last)
        duration = f.whole("duration", 1, 0)
        if "recover" in f.raw:
            curve = cast("Curve", f.choice("recover", "linear", CURVES))
            return [CapitalRecovers(impact, begin, duration, f.whole("recovery", 1, 1), curve)]
        shares = self._rebuilders(f)
        days = f.number("rebuild_days", 60.0, 1.0)
        factor = f.number("factor", 1.0, 1e-6)
        return [CapitalDestroyed(impact, begin, duration, shares, days, factor)]

    def _rebuilders(self, f: Fields) -> Array:
        """Share of the rebuilding bought from each product, (S,)."""
        shares = np.zeros(len(self.labels.sectors))
        given = f.raw.get("rebuilders")
        if not isinstance(given, Mapping) or not given:
            f.wrong("rebuilders is missing", "somebody must rebuild", "rebuilders = { SECTOR = 1.0 }")
            return shares
        for word, share in given.items():
            one = f.part({"sector": word}, f"{f.where}, rebuilders").sectors("sector", self.labels)
            for sector in one:
                shares[self.labels.sectors.index(sector)] = f.checked(share, f"rebuilders.{word}", 0.0, 1.0)
        if abs(shares.sum() - 1) > 1e-9:
            f.wrong(
                f"the shares sum to {shares.sum():g}", "together they rebuild all of it", key="rebuilders"
            )
        return shares

    def _hit(self, f: Fields) -> NDArray[np.bool_]:
        regions, sectors = f.places("region", self.labels), f.sectors("sector", self.labels)
        return self._flags({(r, s) for r in regions for s in sectors})

    def _flags(self, nodes: set[tuple[str, str]]) -> NDArray[np.bool_]:
        return np.array([(r, s) in nodes for r in self.labels.regions for s in self.labels.sectors])

    def contradictions(self, events: Sequence[Event], *, stated: bool) -> None:
        """Note restrictions that say two things of the same flows on the same days.

        stated: the scenario says how overlapping restrictions go together, so there is nothing to ask.
        """
        limits = [e for e in events if isinstance(e, Restriction)]
        for one, two in combinations(() if stated else limits, 2):
            same = np.array_equal(one.sellers, two.sellers) and np.array_equal(one.buyers, two.buyers)
            days = max(one.first, two.first), min(one.last, two.last)
            if same and days[0] <= days[1] and one.kept(days[0]) != two.kept(days[0]):
                self.top.wrong(
                    f"{self.where[id(one)]} and {self.where[id(two)]} contradict each other on days "
                    f"{days[0]} to {days[1]}",
                    f"of the same flows one keeps {one.kept(days[0]):g}, the other {two.kept(days[0]):g}",
                    'end one before the other begins, or say under [parameters] overlap = "strictest" or '
                    '"multiply"',
                )
