"""Parts of the sector engine that can be switched off, and the parameters of the last three of them.

Restart after a stop, output made up later, and how far lost orders cut services (method section 5, part 8).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..core.errors import InputError, Problem, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SWITCHES: dict[str, str] = {
    "spare_output": "no seller can add output",
    "thrift": "no buyer saves input per unit of output",
    "state_stocks": "state stocks stay shut",
    "spread_of_stocks": "all buyers of a product in a region hold the same days of stock",
    "private_stocks": "buyers of controlled products hold one day of stock",
    "restart_delay": "plants restart as soon as inputs are back",
    "recapture": "nothing is made up later",
    "upstream_share": "orders of services fall in proportion to output",
}
"""Parts by name, and what holds without them."""
SERVICES = "services as inputs"
MADE = "ordinary manufactured inputs"


class Known(Protocol):
    """A reader of parameters (`inputs.Reader`)."""

    def of(self, symbol: str, product: str, sector: str, country: str) -> Array | None:
        """Draws of one parameter, None where no row holds."""
        ...

    def first(self, *wishes: tuple[str, str, str, str], otherwise: float, say: str) -> Array:
        """The first that is known, else a constant remembered under the sentence `say`."""
        ...


def check_switches(without: Iterable[str]) -> frozenset[str]:
    """The parts to leave out; InputError names those that the engine does not have."""
    asked = frozenset(without)
    problems = [
        Problem(f"{name!r} is no part of the sector engine", where="without", near=nearest(name, SWITCHES))
        for name in sorted(asked - SWITCHES.keys())
    ]
    if problems:
        raise InputError(problems)
    return asked


def switched_off(arrays: dict[str, Array], without: frozenset[str]) -> dict[str, Array]:
    """Prepared arrays with the parts left out, named as in `Prepared`."""
    value = {
        "spare_output": ("spare", 0.0),
        "thrift": ("beta_max", 0.0),
        "state_stocks": ("state", 0.0),
        "spread_of_stocks": ("sigma", 0.0),
        "restart_delay": ("restart", 1.0),
        "recapture": ("recapture", 0.0),
        "upstream_share": ("upstream", 1.0),
    }
    chosen = dict(value[name] for name in sorted(without & value.keys()))
    return {name: np.full_like(a, chosen[name]) if name in chosen else a for name, a in arrays.items()}


def extras(
    regions: tuple[str, ...], sectors: tuple[str, ...], goods: NDArray[np.bool_], count: int, read: Known
) -> dict[str, Array]:
    """Restart (draws, S), upstream share (draws, S), recapture (draws, S, R), overtime and waiting (draws,).

    A parameter without a row leaves its part out: restart at once, services in proportion, nothing made up.
    """
    S, R = len(sectors), len(regions)
    restart, upstream, recapture = np.ones((count, S)), np.ones((count, S)), np.zeros((count, S, R))
    days = read.of("restart", MADE, "", "")
    for p, sector in enumerate(sectors):
        if goods[p]:
            restart[:, p] = 1.0 if days is None else np.maximum(days, 1.0)
            for r, region in enumerate(regions):
                found = read.of("recapture", sector, "", region)
                if found is None:
                    found = read.of("recapture", MADE, "", region)
                recapture[:, p, r] = 0.0 if found is None else np.clip(found, 0.0, 1.0)
        else:
            found = read.of("upstream_share", SERVICES, sector, "")
            upstream[:, p] = 1.0 if found is None else np.clip(found, 0.0, 1.0)
    some = bool(recapture.any())
    say_overtime, say_waiting = "overtime of a tenth of output", "customers who wait 60 days"
    overtime = (
        read.first(("overtime", MADE, "", ""), otherwise=0.1, say=f"{say_overtime} is assumed for")
        if some
        else np.zeros(count)
    )
    waiting = (
        read.first(("waiting", MADE, "", ""), otherwise=60.0, say=f"{say_waiting} are assumed for")
        if some
        else np.ones(count)
    )
    return {
        "restart": restart,
        "upstream": upstream,
        "recapture": recapture,
        "overtime": np.maximum(overtime, 0.0),
        "waiting": np.maximum(waiting, 1.0),
    }
