"""ARIO as an engine: a scenario of the user's on any table, day by day (reference mode; docs/sector.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import InputError, Problem
from ..world.tables.memory import GIB, SHARE, free_memory
from .ario_notes import REST_DAYS, at_rest, run_away
from .ario_table import ArioInput

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from ..kernels.ario_fast import FastPath
    from .ario_scenario import ArioScenario

    Array = NDArray[np.float64]

__all__ = ["ASSUMPTIONS", "ArioInput", "ArioOutcome", "room", "run_ario"]

ASSUMPTIONS = (
    "Reference mode: the equations and timing of BoARIO 0.7.2 (ARIO with inventories), restrictions added.",
    "Every input is essential: output stops with any stock, whatever its value.",
    "Restrictions stop sales to industries of other regions; to final buyers only where a scenario says so.",
    "All orders are served alike when a seller falls short; prices do not move.",
    "Value added moves with output of the same industry; final demand not served is lost.",
)
HALF_A_PLACE = float(np.finfo(np.float32).eps) / 2
"""Relative error of one number in single precision."""
EXTRA = ("capacity", "overproduction", "intermediate_demand", "rebuild_demand", "rebuild_production")
"""What `everything` keeps beside output and final demand not served, by its names in FastPath."""


@dataclass(frozen=True)
class ArioOutcome:
    """What a scenario did, by day and node (steps, N), money of the table a day.

    output, final_unserved: as run; normal: (N,) output of a normal day; value_added_share: (N,) value added
    per output; margin: (N,) lowest ratio over the run of the output that stocks allow to the output wanted.
    rest: output of the same run without events, in single precision only, where rounding moves it.
    extra: further quantities by name; stocks: (S, N) at the end, by input product and industry.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    output: NDArray[np.floating[Any]]
    final_unserved: NDArray[np.floating[Any]]
    normal: Array
    value_added_share: Array
    margin: Array
    notes: tuple[str, ...]
    rest: NDArray[np.floating[Any]] | None = None
    extra: Mapping[str, NDArray[np.floating[Any]]] = field(default_factory=dict)
    stocks: NDArray[np.floating[Any]] | None = None

    @cached_property
    def lost(self) -> Array:
        """Output lost against a day without events; below nought where an industry makes more."""
        usual = self.normal if self.rest is None else self.rest.astype(np.float64)
        return np.asarray(usual - self.output)

    @cached_property
    def noise(self) -> Array:
        """Value added over the run, by region, (R,), below which a loss may be rounding; nought in double.

        Half a unit in the last place of what is made, or what the run without events moves, if that is more.
        """
        if self.rest is None:
            return np.zeros(len(self.regions))
        moved = (self.normal - self.rest) * self.value_added_share
        made = self.rest.shape[0] * self.by_region(self.normal * self.value_added_share)
        return np.asarray(np.maximum(np.abs(self.by_region(moved).sum(axis=0)), HALF_A_PLACE * np.abs(made)))

    def by_region(self, values: NDArray[np.floating[Any]]) -> Array:
        """Sum the last axis over the sectors of each region."""
        shape = (*values.shape[:-1], len(self.regions), len(self.sectors))
        return np.asarray(values.reshape(shape).sum(axis=-1, dtype=np.float64))

    def stops(self, share: float) -> list[int | None]:
        """First day on which each node's output is that share or more below normal, or None."""
        short = self.lost >= share * self.normal
        short[:, self.normal <= 0] = False
        return [int(day) if short[day, i] else None for i, day in enumerate(short.argmax(axis=0))]


def room(nodes: int, sectors: int, steps: int, itemsize: int, *, everything: bool = False) -> None:
    """InputError where the run beside a loaded table needs more memory than is free."""
    records = 7 + (len(EXTRA) if everything else 0)
    need = nodes * (4 * sectors * 8 + sectors * itemsize + records * steps * itemsize)
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
    everything: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> ArioOutcome:
    """Run a scenario; dtype float32 converts a double-precision table first.

    everything: keep the quantities of EXTRA and the stocks at the end too.

    Raises
    ------
    InputError : too little memory, or the table does not stand still without events.
    """
    from ..kernels.ario_fast import ario_fast

    Z = table.Z if dtype is None else table.Z.astype(dtype, copy=False)
    single = Z.dtype.itemsize == 4
    room(table.x.size, len(table.sectors), scenario.steps, Z.itemsize, everything=everything)
    quiet = scenario.steps if single else min(scenario.steps, REST_DAYS)
    whole = quiet + scenario.steps

    def told(before: int) -> Callable[[int], None]:
        def tell(done: int) -> None:
            if progress is not None:
                name = f"day {done} of {scenario.steps}" if before else f"at rest, day {done} of {quiet}"
                progress(name, (before + done) / whole)

        return tell

    final = table.x - Z.sum(axis=1, dtype=np.float64) if Z is not table.Z else table.final
    given = (Z, final, table.x, scenario.parameters)
    rest = ario_fast(*given, [], quiet, threads=threads, progress=told(0))
    at_rest(table, rest.production, table.x / scenario.parameters.days_a_year)
    path = ario_fast(
        *given, scenario.events, scenario.steps, everything=everything, threads=threads, progress=told(quiet)
    )
    return _outcome(table, scenario, path, rest.production if single else None)


def _outcome(
    table: ArioInput, scenario: ArioScenario, path: FastPath, rest: NDArray[np.floating[Any]] | None
) -> ArioOutcome:
    normal = table.x / scenario.parameters.days_a_year
    share = np.divide(table.value_added, table.x, out=np.zeros(table.x.size), where=table.x > 0)
    margin = np.asarray(path.margin, dtype=np.float64)
    notes = [*scenario.notes, *run_away(table, scenario.events, path.production, normal, margin)]
    extra = {name: value for name in EXTRA if (value := getattr(path, name)) is not None}
    made = ArioOutcome(
        table.regions, table.sectors, path.production, path.final_undistributed, normal, share,
        margin, (), rest, extra, path.stock_final if extra else None,
    )  # fmt: skip
    if rest is not None:
        worst = int(made.noise.argmax())
        notes.append(
            f"single precision: value added lost below {made.noise[worst]:,.3g} {table.unit} over the run "
            f"({table.regions[worst]}; less in smaller regions) may be rounding"
        )
    return replace(made, notes=(*notes, *table.notes))
