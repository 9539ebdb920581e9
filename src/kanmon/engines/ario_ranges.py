"""Ranges of a scenario's numbers, for runs by the hundred: the [draws] of a scenario file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.draws import Uncertain, draw
from ..core.source import ASSUMPTION
from ..kernels.ario_events import Event, FinalDemand, Restriction
from .ario_fields import Fields
from .ario_overlaps import FinalStop, final_events

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..kernels.ario import ArioParameters
    from .ario_scenario import ArioScenario

DAYS = ("inventory_days", "restock_days")
SCALES = {"inventory_scale": "inventory_days", "restock_scale": "restock_days"}
BOUNDS: dict[str, tuple[float, float]] = {
    "inventory_days": (0.0, math.inf),
    "restock_days": (1.0, math.inf),
    "inventory_scale": (1e-3, 1e3),
    "restock_scale": (1e-3, 1e3),
    "psi": (0.0, 1.0),
    "alpha_max": (1.0, 10.0),
    "alpha_days": (1.0, math.inf),
    "enforcement": (0.0, 1.0),
    "leakage": (0.0, 1.0),
    "share": (0.0, 1.0),
    "resource_days": (0.0, math.inf),
}
"""What may be drawn, and its bounds."""
TERMS = ("enforcement", "leakage", "share", "resource_days")
MOST = 4096


@dataclass(frozen=True)
class Ranges:
    """Low, mid and high of what is drawn (triangular), how often, and the seed."""

    count: int
    seed: int
    ranges: Mapping[str, tuple[float, float, float]]

    def values(self) -> dict[str, NDArray[np.float64]]:
        """(count,) values of each by scrambled Sobol points."""
        asked = [
            Uncertain((name, "", "", ""), low, mid, high, "triangular", "", "assumed", ASSUMPTION)
            for name, (low, mid, high) in self.ranges.items()
        ]
        found = draw(asked, self.count, self.seed)
        return {name: found.get(name) for name in self.ranges}


def read_ranges(f: Fields, parameters: Fields) -> Ranges:
    """The [draws] of a scenario; faults are noted in f."""
    f.known(("count", "seed", *BOUNDS))
    count, seed = f.whole("count", 64, 2), f.whole("seed", 1, 0)
    if count > MOST:
        f.wrong(f"{count} draws", f"{MOST:,} are the most", "ask for fewer", key="count")
    ranges = {name: _range(f, name) for name in BOUNDS if name in f.raw}
    for name in DAYS:
        if name in ranges and isinstance(parameters.raw.get(name), Mapping):
            scale = name.replace("days", "scale")
            f.wrong(
                f"{name} differs by product under [parameters]",
                "one range of days would make the products alike",
                f"{scale} = [0.5, 1, 2], which multiplies the days of each product",
                key=name,
            )
    if not ranges:
        f.wrong("nothing is drawn", f"there are {', '.join(BOUNDS)}", "psi = [0.7, 0.8, 0.9]")
    return Ranges(min(count, MOST), seed, ranges)


def _range(f: Fields, name: str) -> tuple[float, float, float]:
    """[low, mid, high] within the bounds of a name, in rising order."""
    value: Any = f.raw[name]
    low, high = BOUNDS[name]
    if not isinstance(value, list) or len(value) != 3:
        f.wrong(f"{value!r} is no range", "low, mid and high", f"{name} = [low, mid, high]", key=name)
        return low, low, low
    a, b, c = (f.checked(v, name, low, high) for v in value)
    if not a <= b <= c or not math.isfinite(c):
        f.wrong(f"{value} does not rise, or has no end", "low <= mid <= high", f"{name} = [low, mid, high]")
    return a, b, c


def drawn(scenario: ArioScenario) -> list[tuple[ArioParameters, list[Event]]]:
    """Parameters and events of each draw; draws share the flags of events, which are worked out once."""
    assert scenario.draws is not None
    values = scenario.draws.values()
    out = []
    for k in range(scenario.draws.count):
        one = {name: float(array[k]) for name, array in values.items()}
        terms = {name: one[name] for name in TERMS if name in one}
        events: list[Event] = [
            replace(e, **terms) if isinstance(e, Restriction) else e  # type: ignore[arg-type]
            for e in scenario.events
            if not (isinstance(e, FinalDemand) and e.stopped)
        ]
        if scenario.stops and scenario.final_to is not None:
            stops = [FinalStop(replace(s.terms, **terms), s.regions) for s in scenario.stops]  # type: ignore[arg-type]
            events += final_events(stops, scenario.final_to, scenario.parameters.overlap)
        out.append((_parameters(scenario.parameters, one), events))
    return out


def _parameters(p: ArioParameters, one: Mapping[str, float]) -> ArioParameters:
    """The parameters of a draw. Gates are off: one draw's comparison would hold up another's."""
    made = replace(p, gates=False, **{n: one[n] for n in ("psi", "alpha_max", "alpha_days") if n in one})  # type: ignore[arg-type]
    for name in DAYS:
        if name in one:
            made = replace(made, **{name: np.full_like(getattr(p, name), one[name])})
    for name, of in SCALES.items():
        if name in one:
            low = 1.0 if of == "restock_days" else 0.0
            made = replace(made, **{of: np.maximum(getattr(made, of) * one[name], low)})
    return made
