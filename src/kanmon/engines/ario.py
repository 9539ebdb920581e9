"""ARIO as an engine: a scenario of the user's on any table, day by day (reference mode; docs/sector.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import InputError, Problem
from ..world.records import IOTable
from ..world.tables.memory import GIB, SHARE, free_memory

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from ..kernels.ario_fast import FastPath
    from ..world.tables import Table
    from .ario_scenario import ArioScenario

    Array = NDArray[np.float64]

ASSUMPTIONS = (
    "Reference mode: the equations and timing of BoARIO 0.7.2 (ARIO with inventories), restrictions added.",
    "Every input is essential: output stops with any stock, whatever its value.",
    "Restrictions stop intermediate sales; final demand has no buyer's country in this model.",
    "All orders are served alike when a seller falls short; prices do not move.",
    "Value added moves with output of the same industry; final demand not served is lost.",
)
RUN_AWAY = 0.5
"""Output of all industries below this part of normal at the end, and falling, is called a run-away."""


@dataclass(frozen=True)
class ArioInput:
    """A table as the engine takes it: flows and output a year, final demand and value added by node.

    notes: what was changed or is wrong but bearable.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    Z: NDArray[np.floating[Any]]
    final: Array
    x: Array
    value_added: Array
    unit: str
    year: int
    notes: tuple[str, ...]

    @classmethod
    def of(cls, table: Table | IOTable) -> ArioInput:
        """From a table; final demand below nought (stocks drawn down) is set to nought and noted."""
        if isinstance(table, IOTable):
            final, notes = table.final, []
        else:
            final = table.io.final if table.final is None else table.final.sum(axis=1, dtype=np.float64)
            notes = [f"{f.law}: {f.text}" for f in table.findings]
        low = final < -1e-9 * np.maximum(table.x, 1.0)
        if low.any():
            worst = int(np.argmin(final))
            place = (
                f"{table.regions[worst // len(table.sectors)]} {table.sectors[worst % len(table.sectors)]}"
            )
            notes.append(
                f"final demand of {int(low.sum())} sellers is negative ({final[low].sum():,.6g} {table.unit} "
                f"in all, most at {place}: {final[worst]:,.6g}); it counts as none"
            )
        return cls(
            table.regions, table.sectors, table.Z, np.maximum(final, 0.0), table.x, table.value_added,
            table.unit, table.year, tuple(notes),
        )  # fmt: skip


@dataclass(frozen=True)
class ArioOutcome:
    """What a scenario did, by day and node (steps, N), money of the table a day.

    output, final_unserved: as run; normal: (N,) output of a normal day; value_added_share: (N,) value added
    per output; margin: (N,) lowest ratio over the run of the output that stocks allow to the output wanted.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    output: NDArray[np.floating[Any]]
    final_unserved: NDArray[np.floating[Any]]
    normal: Array
    value_added_share: Array
    margin: Array
    notes: tuple[str, ...]

    @cached_property
    def lost(self) -> Array:
        """Output lost against a normal day; below nought where an industry makes more."""
        return np.asarray(self.normal - self.output)

    def by_region(self, values: NDArray[np.floating[Any]]) -> Array:
        """Sum the last axis over the sectors of each region."""
        shape = (*values.shape[:-1], len(self.regions), len(self.sectors))
        return np.asarray(values.reshape(shape).sum(axis=-1, dtype=np.float64))

    def stops(self, share: float) -> list[int | None]:
        """First day on which each node's output is that share or more below normal, or None."""
        short = self.lost >= share * self.normal
        short[:, self.normal <= 0] = False
        return [int(day) if short[day, i] else None for i, day in enumerate(short.argmax(axis=0))]


def room(nodes: int, sectors: int, steps: int, itemsize: int) -> None:
    """InputError where the run beside a loaded table needs more memory than is free."""
    need = nodes * (4 * sectors * 8 + sectors * itemsize + 6 * steps * itemsize)
    have = free_memory()
    if have is not None and need > SHARE * have:
        raise InputError(
            Problem(
                f"the run needs {need / GIB:.2f} GiB beside the table, {have / GIB:.2f} GiB are free",
                where="steps, table",
                why=f"{nodes:,} industries x {steps:,} days of record and {sectors} stocks an industry",
                fix="fewer --steps, --regions A,B (the others are summed), or --single",
            )
        )


def run_ario(
    table: ArioInput,
    scenario: ArioScenario,
    *,
    dtype: DTypeLike | None = None,
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> ArioOutcome:
    """Run a scenario; dtype float32 converts a double-precision table first."""
    from ..kernels.ario_fast import ario_fast

    Z = table.Z if dtype is None else table.Z.astype(dtype, copy=False)
    room(table.x.size, len(table.sectors), scenario.steps, Z.itemsize)

    def told(done: int) -> None:
        if progress is not None:
            progress(f"day {done} of {scenario.steps}", done / scenario.steps)

    path = ario_fast(
        Z, table.final, table.x, scenario.parameters, scenario.events, scenario.steps,
        threads=threads, progress=told,
    )  # fmt: skip
    return _outcome(table, scenario, path)


def _outcome(table: ArioInput, scenario: ArioScenario, path: FastPath) -> ArioOutcome:
    normal = table.x / scenario.parameters.days_a_year
    share = np.divide(table.value_added, table.x, out=np.zeros(table.x.size), where=table.x > 0)
    world = path.production.sum(axis=1, dtype=np.float64) / max(float(normal.sum()), 1e-300)
    notes = list(table.notes)
    if world[-1] < RUN_AWAY and world[-1] <= world[-min(30, len(world))]:
        notes.append(
            f"The run ran away: all output ends at {100 * world[-1]:.1f} % of normal and does not recover. "
            "In this mode every input is essential and final buyers keep their share while stocks fall; "
            "read it as 'the threshold was crossed', not as a forecast (docs/sector.md)."
        )
    return ArioOutcome(
        table.regions, table.sectors, path.production, path.final_undistributed, normal, share,
        np.asarray(path.margin, dtype=np.float64), tuple(notes),
    )  # fmt: skip
