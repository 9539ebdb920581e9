"""Rerouting with rationing: the equilibrium model of `sanction-simulator` as a peer beside our own.

Equations and source: kernels/rerouting.py. Its place among the other models: docs/static.md.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..core.errors import InputError, KanmonError, Problem
from ..kernels.rerouting import Network, NotSolvedError, Rerouted, network, reroute
from ..kernels.rerouting_blocks import PARTS, Work
from ..kernels.static import Cells
from .static import Base, Diagnostic, Reading, TradeCut, cells_of, severed

REROUTING = Reading(
    "rerouting",
    "output lost after the flows in scope moved to other sellers and buyers that already trade",
    "what is stopped finds other sellers within the year but for a share lost to friction, the same for"
    " every product; inputs and value added replace each other a little (elasticity 1/2)",
    "time, stocks, spare capacity, prices, a product inside its sector, and gains of third countries: margins"
    " only shrink, so nobody gains",
)
NAMED = 20
"""Rows that are named one by one."""
ROUNDING = 1e-9
"""Final use below nought by this share of output or less is rounding."""


@dataclass(frozen=True)
class Settings:
    """friction: share of what is stopped that is lost for good; leakage: share of the flows in scope that
    passes in spite of the restriction; rho, varrho: exponents between products, and between inputs and
    value added (elasticity 1 / (1 - exponent)). Defaults are the program's own.
    """

    friction: float = 0.3
    leakage: float = 0.1
    rho: float = -1.0
    varrho: float = -1.0


@dataclass(frozen=True, eq=False)
class Rerouting:
    """Result of one scenario: a diagnostic like the others, and the solution behind it.

    final_unserved: final use that is not served, USD million a year, world.
    """

    diagnostic: Diagnostic
    solution: Rerouted
    final_unserved: float


def arrange(base: Base) -> Network:
    """The table of a base by product, for any number of scenarios. InputError: negative final use."""
    final = base.factored.final
    low = final < -ROUNDING * base.factored.x.max()
    if low.any():
        S, worst = len(base.table.sectors), np.argsort(final)[: int(low.sum())]
        named = ", ".join(
            f"{base.table.regions[n // S]} {base.table.sectors[n % S]} {final[n]:,.4g}" for n in worst[:NAMED]
        )
        more = f" and {len(worst) - NAMED} more" if len(worst) > NAMED else ""
        raise InputError(
            Problem(
                f"final use of {len(worst)} rows is negative: {named}{more}",
                "table",
                "the model serves final use in proportion; it cannot be negative (stocks run down)",
                "move changes in stocks to output, or read the other models",
            )
        )
    scaled = base.factored
    return network(scaled.Z, scaled.per_column, scaled.x, final.clip(0.0), len(base.table.regions))


def rerouting(
    base: Base,
    scenarios: Sequence[Sequence[TradeCut]],
    settings: Settings | None = None,
    net: Network | None = None,
) -> tuple[Rerouting, ...]:
    """Solve a batch of scenarios, each a list of legs; a batch reads the table once for all.

    A leg's share times (1 - leakage) of each flow in scope is stopped. net: `arrange(base)`, where it is
    at hand. InputError lists what is wrong with legs and settings.
    """
    settings = settings or Settings()
    _check(settings)
    if not scenarios:
        raise InputError(Problem("no scenario is given", "scenarios", "nothing would be solved"))
    cuts = [
        cells_of(base.table, legs, lambda leg: 1.0 - leg.share * (1.0 - settings.leakage))
        for legs in scenarios
    ]
    net = net or arrange(base)
    try:
        found = reroute(net, cuts, settings.friction, settings.rho, settings.varrho, _in_threads)
    except NotSolvedError as fault:
        raise KanmonError(
            Problem(
                f"the rerouting model has no solution here: {fault}",
                why="a buyer with no other seller cannot be served what the friction leaves over",
                fix="allow some leakage, or raise the friction to 1",
            )
        ) from fault
    return tuple(_result(base, legs, one, net) for legs, one in zip(scenarios, found, strict=True))


def _in_threads(work: Work, parts: Sequence[range]) -> None:
    """Every part in a thread of its own as far as there are cores; the first error is raised."""
    with ThreadPoolExecutor(min(PARTS, os.cpu_count() or 1)) as pool:
        for _ in pool.map(work, parts):
            pass


def _result(base: Base, legs: Sequence[TradeCut], one: Rerouted, net: Network) -> Rerouting:
    whole: Cells = cells_of(base.table, legs, lambda leg: 1.0 - leg.share)
    diagnostic = Diagnostic(REROUTING, base.table, net.s - one.x, net.s, severed(base, whole))
    return Rerouting(diagnostic, one, float(((1.0 - one.fulfilled) * net.z).sum()))


def _check(settings: Settings) -> None:
    problems = [
        Problem(f"{name} of {value}", name, "it lies between 0 and 1")
        for name, value in (("friction", settings.friction), ("leakage", settings.leakage))
        if not 0 <= value <= 1
    ]
    problems += [
        Problem(f"{name} of {value}", name, "it lies below 0, so that the elasticity lies between 0 and 1")
        for name, value in (("rho", settings.rho), ("varrho", settings.varrho))
        if not (value < 0 and np.isfinite(value))
    ]
    if problems:
        raise InputError(problems)
