"""What a reader of an ARIO run has to know: whether it stands still at rest, and whether it ran away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import InputError, Problem
from ..kernels.ario_events import CapacityLoss, CapitalRecovers, Event, FinalDemand, Restriction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .ario_table import ArioInput

    Array = NDArray[np.float64]

AT_REST = {8: 1e-6, 4: 1e-4}
"""Part of a region's output by which a run without events may move, by bytes of a flow."""
REST_DAYS = 30
"""Days of that run in double precision: a table that is not at rest moves on the first."""
TAIL = 30
"""Days over which output must still be falling, and after the last event, to speak of a run-away."""
DOWN, FALLING = 0.01, 1e-4
"""Parts of normal output: how low it has to be at the end, and by how much lower than before the tail."""
STUCK = 0.5
"""Below this part of normal output, a region that does not recover has run away too: it fell before."""
SHOWN = 4


def ends(event: Event) -> int:
    """Last step on which an event itself takes something away; rebuilding may go on after it."""
    if isinstance(event, Restriction | FinalDemand):
        return event.last
    last = event.occurrence + event.duration
    if isinstance(event, CapacityLoss):
        return last + event.recovery + (-1 if event.timing == "exact" else 2)
    return last + event.recovery if isinstance(event, CapitalRecovers) else last


def at_rest(table: ArioInput, output: NDArray[np.floating[Any]], normal: Array) -> None:
    """InputError where a run without events, output (days, N), leaves normal output (N,) a day."""
    shape = (len(table.regions), len(table.sectors))
    made = output.reshape(-1, *shape).sum(axis=2, dtype=np.float64)
    usual = normal.reshape(shape).sum(axis=1)
    moved = np.abs(made - usual) / np.where(usual > 0, usual, 1.0)
    limit = AT_REST[table.Z.dtype.itemsize]
    if moved.max(initial=0.0) > limit:
        day, region = np.unravel_index(int(moved.argmax()), moved.shape)
        raise InputError(
            Problem(
                f"without any event the output of {table.regions[region]} moves by "
                f"{100 * moved.max():.3g} % by day {day}",
                "table, parameters",
                f"a loss is read against a run that stands still to within {100 * limit:g} %",
                "lower psi or longer inventory_days, or mend the table: kanmon data check FILE",
            )
        )


def run_away(
    table: ArioInput, events: Sequence[Event], output: NDArray[np.floating[Any]], normal: Array, margin: Array
) -> list[str]:
    """Notes on regions whose output is still falling at the end while stocks limit some of their industries.

    output: (steps, N); normal, margin: (N,) output of a normal day and least stock margin.
    """
    steps, shape = output.shape[0], (len(table.regions), len(table.sectors))
    if steps <= TAIL or not events:
        return []
    usual = normal.reshape(shape).sum(axis=1)
    now, before = (
        output[day].reshape(shape).sum(axis=1, dtype=np.float64) / np.where(usual > 0, usual, 1.0)
        for day in (-1, -1 - TAIL)
    )
    short = ((margin < 1) & (normal > 0)).reshape(shape)
    stuck = (now < STUCK) & (before - now > -FALLING)
    falling = (usual > 0) & (1 - now > DOWN) & ((before - now > FALLING) | stuck) & short.any(axis=1)
    if not falling.any():
        return []
    worst = sorted(np.flatnonzero(falling), key=lambda k: now[k])
    named = ", ".join(f"{table.regions[k]} -{100 * (1 - now[k]):.1f} %" for k in worst[:SHOWN])
    more = f" and {len(worst) - SHOWN} more" if len(worst) > SHOWN else ""
    where = f"{named}{more}; stocks limited {int(short[falling].sum())} of their industries"
    still = f"output still falls or stays down: {where}"
    if max(ends(event) for event in events) >= steps - TAIL:
        return [f"When the run ends, with events in force, {still}. More is lost later."]
    return [
        (
            f"The run ran away: {TAIL} days and more after the last event {still}. In this mode every input "
            "is essential and final buyers keep their share while stocks fall; read it as 'the threshold was "
            "crossed', not as a forecast (docs/sector.md)."
        )
    ]
