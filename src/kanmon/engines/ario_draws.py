"""A scenario as often as its [draws] say, the draws together in the batched kernel."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..kernels.ario_events import FinalDemand
from .ario import HALF_A_PLACE, room
from .ario_notes import REST_DAYS, at_rest, run_away
from .ario_ranges import drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..kernels.ario import ArioParameters
    from ..kernels.ario_events import Event
    from .ario_scenario import ArioScenario
    from .ario_table import ArioInput

    Array = NDArray[np.float64]
    Drawn = list[tuple[ArioParameters, list[Event]]]

BAND = (0.05, 0.5, 0.95)
WIDEST = 64
"""Draws that the kernel holds at once, a thread."""


@dataclass(frozen=True)
class ArioBands:
    """What K draws of a scenario did, money of the table.

    lost: (steps, R, K) value added lost a day by region; output_lost: (steps, R, K) the same of output;
    final_unserved: (R, K) over the run; by_industry: (N, K) value added lost over the run; margin: (N, K)
    least stock margin; ran_away: (K,) whether output still falls at the end. values: (K,) of what was drawn.
    """

    lost: Array
    output_lost: Array
    final_unserved: Array
    by_industry: Array
    margin: Array
    ran_away: NDArray[np.bool_]
    values: dict[str, Array]
    notes: tuple[str, ...]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.margin.shape[1])


@dataclass(frozen=True)
class _Made:
    """(steps, 2R, K) weighted production and final demand not served; (N, K) total output, margin."""

    production: NDArray[np.floating[Any]]
    unserved: NDArray[np.floating[Any]]
    total: NDArray[np.floating[Any]]
    margin: NDArray[np.floating[Any]]


def run_draws(
    table: ArioInput, scenario: ArioScenario, *, progress: Callable[[str, float], None] | None = None
) -> ArioBands:
    """Run every draw of a scenario. Raises InputError as `run_ario` does."""
    from ..kernels.ario_fast import ario_fast

    assert scenario.draws is not None
    R, N, S = len(table.regions), table.x.size, len(table.sectors)
    threads = os.cpu_count() or 1
    wide = min(WIDEST * threads, scenario.draws.count)
    room(N, S * (1 + wide // 3), scenario.steps, table.Z.itemsize)
    quiet = replace(scenario.parameters, gates=False)
    normal = table.x / quiet.days_a_year
    rest = ario_fast(table.Z, table.final, table.x, quiet, [], min(scenario.steps, REST_DAYS))
    at_rest(table, rest.production, normal)
    share = np.divide(table.value_added, table.x, out=np.zeros(N), where=table.x > 0)
    one = np.kron(np.eye(R), np.ones(S))
    watch = np.concatenate([one * share, one])
    # A last draw without events says what rounding alone does.
    draws: Drawn = [*drawn(scenario), (quiet, [])]
    made = _run(table, draws, scenario.steps, watch, progress)
    usual = made.production[:, :, -1:].astype(np.float64)
    lost = usual - made.production[:, :, :-1]
    total = made.total[:, -1:].astype(np.float64) - made.total[:, :-1]
    margin = made.margin.astype(np.float64)
    away = [
        bool(run_away(table, scenario.events, _as_nodes(table, made, k), normal, margin[:, k]))
        for k in range(len(draws) - 1)
    ]
    notes = [*scenario.notes, "every change counts: the comparison of all cells (gates) is off in draws"]
    if table.Z.dtype.itemsize == 4:
        made_of = scenario.steps * watch[:R] @ normal
        noise = np.maximum(np.abs(usual[:, :R, 0].sum(axis=0) - made_of), HALF_A_PLACE * np.abs(made_of))
        worst = int(noise.argmax())
        notes.append(
            f"single precision: value added lost below {noise[worst]:,.3g} {table.unit} over the run "
            f"({table.regions[worst]}; less in smaller regions) may be rounding"
        )
    return ArioBands(
        lost[:, :R], lost[:, R:], made.unserved[:, R:, :-1].sum(axis=0, dtype=np.float64),
        total * share[:, None], margin[:, :-1], np.array(away),
        scenario.draws.values(), (*notes, *table.notes),
    )  # fmt: skip


def _as_nodes(table: ArioInput, made: _Made, k: int) -> Array:
    """Output of a draw by region, laid on the first sector of each: all that a run-away is judged by."""
    R, S = len(table.regions), len(table.sectors)
    output = np.zeros((made.production.shape[0], R, S))
    output[:, :, 0] = made.production[:, R:, k]
    return output.reshape(-1, R * S)


def _run(
    table: ArioInput,
    draws: Drawn,
    steps: int,
    watch: Array,
    progress: Callable[[str, float], None] | None,
) -> _Made:
    """The draws in batches, or one by one where final demand moves, which a batch cannot hold."""
    name = f"{len(draws) - 1} draws"
    if not any(isinstance(e, FinalDemand) for _, events in draws for e in events):
        from ..kernels.ario_batch import ario_batch

        def tell(done: float) -> None:
            if progress is not None:
                progress(name, done)

        path = ario_batch(table.Z, table.final, table.x, draws, steps, watch=watch, progress=tell)
        return _Made(path.production, path.final_undistributed, path.total, path.margin)
    from ..kernels.ario_fast import ario_fast

    M, N, K = watch.shape[0], table.x.size, len(draws)
    found = _Made(*np.empty((2, steps, M, K)), *np.empty((2, N, K)))
    for k, (parameters, events) in enumerate(draws):
        one = ario_fast(table.Z, table.final, table.x, parameters, events, steps)
        found.production[:, :, k] = one.production @ watch.T
        found.unserved[:, :, k] = one.final_undistributed @ watch.T
        found.total[:, k] = one.production.sum(axis=0, dtype=np.float64)
        found.margin[:, k] = one.margin
        if progress is not None:
            progress(name, (k + 1) / K)
    return found


def band(values: Array) -> tuple[float, float, float]:
    """5, 50 and 95 % quantiles of values by draw, (K,)."""
    low, mid, high = np.quantile(values, BAND)
    return float(low), float(mid), float(high)
