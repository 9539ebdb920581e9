"""What a run of ARIO can be given: every fault of tables, parameters and events at once, as a ValueError."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .ario_events import (
    OVERLAPS,
    CapacityLoss,
    CapitalDestroyed,
    Event,
    FinalDemand,
    Restriction,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .ario import ArioParameters

Found = Iterator[str]


def check_arrays(
    Z: Any, Y: Any, x: Any, parameters: ArioParameters, events: Sequence[Event], steps: int
) -> None:
    """ValueError naming all that a run cannot use; Z (N, N), Y (N,) or (N, C), x (N,), events by node.

    Values of events are checked when they are made; here it is their shapes against the table.
    """
    refuse([*_table(Z, Y, x), *_parameters(parameters, x), *_events(events, parameters, x), *_steps(steps)])


def check_draws(Z: Any, Y: Any, x: Any, draws: Sequence[tuple[ArioParameters, Any]], steps: int) -> None:
    """The same for many draws; faults of a draw are named by its number."""
    faults = [*_table(Z, Y, x), *_steps(steps)]
    if not draws:
        faults.append("no draw is given")
    for k, (p, events) in enumerate(draws):
        faults += [f"draw {k}: {fault}" for fault in (*_parameters(p, x), *_events(events, p, x))]
        if any(isinstance(e, FinalDemand) for e in events):
            faults.append(f"draw {k}: one final demand holds for a batch; run this by ario_fast")
    refuse(faults)


def refuse(faults: Sequence[str]) -> None:
    """ValueError with every fault on a line of its own; nothing when there is none."""
    if faults:
        raise ValueError("ARIO cannot run:\n" + "\n".join(f"- {fault}" for fault in faults))


def _steps(steps: Any) -> Found:
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 1:
        yield f"steps is {steps!r}, not a whole number of 1 or more"


def _table(Z: Any, Y: Any, x: Any) -> Found:
    arrays = {"Z": Z, "Y": Y, "x": x}
    strange = [n for n, a in arrays.items() if not isinstance(a, np.ndarray) or a.dtype.kind != "f"]
    if strange:
        yield f"{', '.join(strange)}: no array of numbers with a decimal point (np.asarray(..., dtype=float))"
        return
    N = x.size
    for name, array, good in (
        ("x", x, x.ndim == 1),
        ("Z", Z, Z.shape == (N, N)),
        ("Y", Y, Y.ndim in (1, 2) and Y.shape[0] == N),
    ):
        if not good:
            yield f"{name} has shape {array.shape}, where x has {x.shape}: x (N,), Z (N, N), Y (N,) or (N, C)"
    for name, array in arrays.items():
        # A sum by rows finds what is no number without an array of flags as large as the table.
        sums = array.sum(axis=1, dtype=np.float64) if array.ndim == 2 else array
        bad = np.flatnonzero(~np.isfinite(sums))
        if bad.size:
            yield f"{name} holds NaN or infinity in {bad.size} rows, the first being {bad[0]}"
    if (x < 0).any():
        yield f"x is negative at {int((x < 0).sum())} nodes, the first being {int(np.argmax(x < 0))}"


def _parameters(p: ArioParameters, x: Any) -> Found:
    S, N = np.size(p.inventory_days), np.size(x)
    days = {"inventory_days": (p.inventory_days, 0.0), "restock_days": (p.restock_days, 1.0)}
    for name, (value, low) in days.items():
        if not isinstance(value, np.ndarray) or value.ndim != 1:
            yield f"{name} is {type(value).__name__} {np.shape(value)}: an array (S,), a number a product"
        elif not (value >= low).all():
            yield f"{name} holds values below {low:g} or NaN"
        elif value.size != S:
            yield f"{name} has {value.size} products, inventory_days has {S}"
    if S == 0 or N % S:
        yield f"{N} nodes are no whole number of regions of {S} products"
    if p.capital is not None and (np.shape(p.capital) != (N,) or not (np.asarray(p.capital) >= 0).all()):
        yield f"capital has shape {np.shape(p.capital)} or values below nought; (N,) = ({N},) is needed"
    for name, low in (
        ("psi", 0.0), ("alpha_base", 1.0), ("alpha_max", p.alpha_base), ("alpha_days", 1.0),
        ("days_a_year", 1.0),
    ):  # fmt: skip
        value = getattr(p, name)
        most = 1.0 if name == "psi" else np.inf
        if not (low <= value <= most and (np.isfinite(value) or name == "alpha_days")):
            yield f"{name} is {value!r}; it must be {low:g} or more" + (
                ", 1 at most" if name == "psi" else ""
            )
    if p.order not in ("alt", "noalt"):
        yield f"order is {p.order!r}; it is alt or noalt"
    if p.overlap not in OVERLAPS:
        yield f"overlap is {p.overlap!r}; it is one of {', '.join(OVERLAPS)}"


def _events(events: Sequence[Event], p: ArioParameters, x: Any) -> Found:
    N = np.size(x)
    for k, event in enumerate(events):
        kind = type(event).__name__
        parts: dict[str, NDArray[Any]]
        if isinstance(event, Restriction):
            parts = {"sellers": event.sellers, "buyers": event.buyers}
        elif isinstance(event, FinalDemand):
            parts = {"change": event.change}
        else:
            parts = {"loss": event.loss} if isinstance(event, CapacityLoss) else {"impact": event.impact}
        for name, array in parts.items():
            if array.shape != (N,):
                yield f"event {k} ({kind}): {name} has shape {array.shape}; (N,) = ({N},) is needed"
        S = np.size(p.inventory_days)
        if isinstance(event, CapitalDestroyed) and event.rebuilders.shape != (S,):
            yield f"event {k} ({kind}): rebuilders has shape {event.rebuilders.shape}; (S,) = ({S},)"
