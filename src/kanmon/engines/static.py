"""Static diagnostics of a trade restriction: hypothetical extraction, Ghosh, Leontief prices.

Each sees one side only and none decides; side by side they bracket what a fixed-proportions table can
say. Equations: kernels/static.py; how to read the figures: docs/static.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import InputError, Problem, nearest
from ..kernels.static import Cells, Factored, factor
from ..kernels.static import extraction as extracted_output
from ..kernels.static import ghosh as ghosh_output
from ..kernels.static import prices as leontief_prices
from ..world.records import IOTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

CAP = 0.98
"""Largest share of intermediate inputs in output; some published columns spend more than they make."""


@dataclass(frozen=True)
class TradeCut:
    """Sales that are cut: of `sectors` (empty: all) by `sellers` to the industries of `buyers`.

    share: part of each flow in scope that is cut, 0 to 1. Sales inside one region are never in scope.
    """

    sellers: tuple[str, ...]
    buyers: tuple[str, ...]
    sectors: tuple[str, ...] = ()
    share: float = 1.0


@dataclass(frozen=True)
class Reading:
    """What a model counts, and what stands behind the count: its label in every table."""

    name: str
    counts: str
    assumes: str
    blind: str


@dataclass(frozen=True, eq=False)
class Diagnostic:
    """Result of one model on one scope.

    amount: (N,) USD million a year by node (region * S + sector): output lost, or for prices the rise of
    the cost of output. output: (N,) output before, so that amount / output is a share. severed: flow in
    scope that is cut (for prices: repriced), USD million a year.
    """

    reading: Reading
    table: IOTable
    amount: NDArray[np.float64]
    output: NDArray[np.float64]
    severed: float

    @property
    def total(self) -> float:
        """Sum over the world, USD million a year."""
        return float(self.amount.sum())

    def by_country(self) -> dict[str, tuple[float, float]]:
        """(USD million a year, share of output) of each region, in the order of the table."""
        R = len(self.table.regions)
        lost, made = self.amount.reshape(R, -1).sum(axis=1), self.output.reshape(R, -1).sum(axis=1)
        share = np.divide(lost, made, out=np.zeros(R), where=made > 0)
        return {c: (float(lost[k]), float(share[k])) for k, c in enumerate(self.table.regions)}

    def by_sector(self, region: str) -> dict[str, tuple[float, float]]:
        """(USD million a year, share of output) of each sector of a region."""
        S = len(self.table.sectors)
        own = slice(self.table.regions.index(region) * S, (self.table.regions.index(region) + 1) * S)
        lost, made = self.amount[own], self.output[own]
        share = np.divide(lost, made, out=np.zeros(S), where=made > 0)
        return {s: (float(lost[k]), float(share[k])) for k, s in enumerate(self.table.sectors)}


@dataclass(frozen=True, eq=False)
class Base:
    """A table factorised once; every scope after that costs a small update."""

    table: IOTable
    factored: Factored

    @property
    def capped(self) -> tuple[tuple[str, str], ...]:
        """(region, sector) of the columns whose inputs were cut to the cap."""
        S = len(self.table.sectors)
        found = np.flatnonzero(self.factored.capped)
        return tuple((self.table.regions[n // S], self.table.sectors[n % S]) for n in found)


EXTRACTION = Reading(
    "extraction",
    "output no longer needed, because the flows in scope are no longer bought and final use stays",
    "fixed proportions; the buyer does without the input and makes as much as before",
    "the buyer's shortage: it charges the sellers, their suppliers, and buyers only as suppliers of those",
)
GHOSH = Reading(
    "ghosh",
    "output that can no longer be made, because sales shrink with the inputs that arrive",
    "primary inputs stay and each industry sells in fixed shares; whatever is made is bought",
    "which input is essential, and the sellers' lost sales: it charges the buyers and their customers",
)
PRICE = Reading(
    "price",
    "rise of the cost of output, because the flows in scope are dearer",
    "quantities stay; every industry passes its costs on in full; wages and profits stay",
    "shortage: nothing stops, and nobody changes supplier",
)


def prepare(table: IOTable, cap: float = CAP) -> Base:
    """Factorise a table. InputError where the table or the cap cannot be used.

    Columns that spend more than `cap` of their output on inputs are scaled down to it and output is
    solved again; `Base.capped` names them.
    """
    problems = []
    if not 0 < cap < 1:
        problems.append(Problem(f"a cap of {cap} on intermediate inputs", "cap", "it lies between 0 and 1"))
    for name, array in (("Z", table.Z), ("x", table.x)):
        if not np.isfinite(array).all() or (array < 0).any():
            problems.append(
                Problem(
                    f"{name} holds values that are negative or not numbers",
                    "table",
                    "flows and output are amounts of money",
                    "repair the table; the readers of tables name the worst cells",
                )
            )
    if problems:
        raise InputError(problems)
    return Base(table, factor(table.Z, table.x, cap))


def extraction(base: Base, legs: Sequence[TradeCut]) -> Diagnostic:
    """Hypothetical extraction of the flows in scope. InputError names everything wrong with the legs."""
    cells = cells_of(base.table, legs, lambda leg: 1.0 - leg.share)
    lost = base.factored.x - extracted_output(base.factored, cells)
    return Diagnostic(EXTRACTION, base.table, lost, base.factored.x, severed(base, cells))


def ghosh(base: Base, legs: Sequence[TradeCut]) -> Diagnostic:
    """The same flows taken out of the supply-side model. InputError as in `extraction`."""
    cells = cells_of(base.table, legs, lambda leg: 1.0 - leg.share)
    lost = base.factored.x - ghosh_output(base.factored, cells)
    return Diagnostic(GHOSH, base.table, lost, base.factored.x, severed(base, cells))


def price(base: Base, legs: Sequence[TradeCut], rise: float) -> Diagnostic:
    """Cost push of the flows in scope becoming dearer by `rise` (0.3 is 30 %); `share` is not read.

    InputError also where the rise is not a number of 0 or more, or so large that no price covers costs.
    """
    if not (math.isfinite(rise) and rise >= 0):
        raise InputError(Problem(f"a price rise of {rise}", "rise", "a share of 0 or more; 0.3 is 30 %"))
    cells = cells_of(base.table, legs, lambda _leg: 1.0 + rise)
    prices = leontief_prices(base.factored, cells)
    if not (prices > 0).all():
        raise InputError(
            Problem(
                f"at a price rise of {rise:g} no price covers the costs of every industry",
                "rise",
                "the dearer inputs feed on themselves without end",
                "take a smaller rise",
            )
        )
    x = base.factored.x
    repriced = _flows(base, cells)[cells.factor > 1.0].sum() if rise > 0 else 0.0
    return Diagnostic(PRICE, base.table, x * (prices - 1.0), x, float(repriced))


def severed(base: Base, cells: Cells) -> float:
    """Flow that is cut, USD million a year."""
    return float((_flows(base, cells) * (1.0 - cells.factor)).sum())


def _flows(base: Base, cells: Cells) -> NDArray[np.float64]:
    scale = base.factored.per_column * base.factored.x
    return np.asarray(base.factored.Z[np.ix_(cells.rows, cells.columns)] * scale[cells.columns])


def cells_of(table: IOTable, legs: Sequence[TradeCut], value: Callable[[TradeCut], float]) -> Cells:
    """The cells of several legs with the factor that `value` gives; where legs overlap, the one farthest
    from 1 holds. InputError lists every unknown name and every share out of range.
    """
    _check(table, legs)
    S = len(table.sectors)
    parts = []
    for leg in legs:
        sectors = np.array([table.sectors.index(s) for s in leg.sectors or table.sectors])
        rows = np.concatenate([table.regions.index(r) * S + sectors for r in leg.sellers])
        columns = np.concatenate([table.regions.index(r) * S + np.arange(S) for r in leg.buyers])
        parts.append((np.unique(rows), np.unique(columns), value(leg)))
    rows = np.unique(np.concatenate([p[0] for p in parts]))
    columns = np.unique(np.concatenate([p[1] for p in parts]))
    change = np.ones((len(rows), len(columns)))
    for part_rows, part_columns, wanted in parts:
        where = np.ix_(np.searchsorted(rows, part_rows), np.searchsorted(columns, part_columns))
        farther = np.abs(wanted - 1.0) > np.abs(change[where] - 1.0)
        change[where] = np.where(farther, wanted, change[where])
    change[rows[:, None] // S == columns // S] = 1.0
    return Cells(rows, columns, change)


def _check(table: IOTable, legs: Sequence[TradeCut]) -> None:
    problems = [] if legs else [Problem("no leg is given", "legs", "nothing would be cut")]
    for leg in legs:
        named = (("sellers", leg.sellers, table.regions), ("buyers", leg.buyers, table.regions))
        for where, given, valid in (*named, ("sectors", leg.sectors, table.sectors)):
            problems += [
                Problem(
                    f"{name} is not in the table",
                    where,
                    f"the table holds {len(valid)} {'sectors' if where == 'sectors' else 'regions'}",
                    "write a label of the table",
                    nearest(name, valid),
                )
                for name in dict.fromkeys(given)
                if name not in valid
            ]
            if not given and where != "sectors":
                problems.append(Problem(f"no {where} are given", where, "flows run between two sides"))
        if not 0 <= leg.share <= 1:
            problems.append(Problem(f"a share of {leg.share}", "share", "it lies between 0 and 1"))
        if leg.sellers and set(leg.sellers) == set(leg.buyers) and len(set(leg.sellers)) == 1:
            problems.append(
                Problem(
                    f"{leg.sellers[0]} is seller and buyer",
                    "sellers, buyers",
                    "sales inside one region are no exports",
                    "name another buyer",
                )
            )
    if problems:
        raise InputError(problems)
