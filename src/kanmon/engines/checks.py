"""The laws every engine must keep, as checks that anyone can run on an engine of their own.

    results = check_engine(engine, table, shock, draws)
    assert all(r.kept for r in results), [str(r) for r in results if not r.kept]

A law named in `engine.exemptions` is not run; its result carries the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws
from ..expose.records import Shock
from ..world.records import SplitTable
from .base import Engine, Outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

ROUNDING = 1e-12
"""Equalities, as a share of a year's value added."""
NOISE = 1e-9
"""What must be nought, as a share of a year's value added."""
REBOUND = 1e-4
"""Restocking after a stop may lift output above normal; monotony holds to 0.01 % of a year's value added."""
UNLIMITED_DAYS = 1e9


@dataclass(frozen=True)
class LawResult:
    """How an engine did on one law. worst: largest breach seen; limit: what is allowed; both in `unit`."""

    law: str
    kept: bool
    worst: float
    limit: float
    unit: str
    exempt: str = ""

    def __str__(self) -> str:
        if self.exempt:
            return f"{self.law}: exempt, {self.exempt}"
        verdict = "kept" if self.kept else "BROKEN"
        return f"{self.law}: {verdict}, {self.worst:.3g} {self.unit} (limit {self.limit:.3g})"


@dataclass(frozen=True)
class Case:
    """One engine on one case; `run` takes what the law changes."""

    engine: Engine
    table: SplitTable
    shock: Shock
    draws: Draws
    months: tuple[int, ...]
    twin: tuple[str, str] | None = None

    def run(self, table: SplitTable | None = None, shock: Shock | None = None) -> Outcome:
        """Run the engine with another table or shock."""
        return self.engine.run(table or self.table, shock or self.shock, self.draws, months=self.months)

    def buyers(self) -> list[int]:
        """Regions that buy from a throttled seller."""
        names = {b for leg in self.shock.legs for b in leg.buyers}
        return [self.table.regions.index(n) for n in sorted(names)]


def _result(law: str, worst: float, limit: float, unit: str = "of a year's value added") -> LawResult:
    return LawResult(law, bool(worst <= limit), float(worst), limit, unit)


def _softened(shock: Shock, by: Callable[[Array], Array]) -> Shock:
    legs = tuple(replace(leg, kept=by(leg.kept)) for leg in shock.legs)
    return replace(shock, legs=legs)


def _largest(outcome: Outcome, other: Array) -> float:
    """Largest daily difference in value added lost as a share of a day's value added."""
    gap = np.abs(outcome.va_lost_daily - other) / (outcome.va_year[:, None, :] / 365)
    return float(gap.max())


def no_shock_no_loss(case: Case) -> LawResult:
    """Where nothing is throttled nothing is lost."""
    quiet = case.run(shock=_softened(case.shock, np.ones_like))
    return _result("no_shock_no_loss", _largest(quiet, np.zeros(1)), NOISE)


def loss_within_output(case: Case) -> LawResult:
    """No region loses more than it makes."""
    out = case.run()
    share = out.va_lost_daily / (out.va_year[:, None, :] / 365)
    return _result("loss_within_output", float(share.max()) - 1, NOISE, "above a day's value added")


def _costs(case: Case, milder: Shock) -> float:
    """How much more the milder shock costs the buyers, or the world, as a share of a year's value added."""
    hard, mild = case.run(), case.run(shock=milder)
    more = (mild.va_lost_daily - hard.va_lost_daily).sum(axis=1)
    chosen = case.buyers()
    buyers = more[:, chosen].sum(axis=1) / hard.va_year[:, chosen].sum(axis=1)
    world = more.sum(axis=1) / hard.va_year.sum(axis=1)
    return float(max(buyers.max(), world.max()))


def larger_not_cheaper(case: Case) -> LawResult:
    """Half the shock never costs more."""
    milder = _softened(case.shock, lambda kept: (1 + kept) / 2)
    return _result("larger_not_cheaper", _costs(case, milder), REBOUND)


def longer_not_cheaper(case: Case) -> LawResult:
    """A shock that ends at half of the horizon never costs more."""

    def ended(kept: Array) -> Array:
        early = kept.copy()
        early[:, kept.shape[1] // 2 :] = 1.0
        return early

    return _result("longer_not_cheaper", _costs(case, _softened(case.shock, ended)), REBOUND)


def more_spare_not_dearer(case: Case) -> LawResult:
    """Half as much spare output again at every seller never costs the buyers more (if draws hold `spare`)."""
    more = {key: 1.5 * v if key[0] == "spare" else v for key, v in case.draws.values.items()}
    if not any(key[0] == "spare" and (v > 0).any() for key, v in more.items()):
        return LawResult(
            "more_spare_not_dearer", True, 0, REBOUND, "", exempt="the draws hold no spare output"
        )
    chosen, out = case.buyers(), case.run()
    other = replace(case, draws=replace(case.draws, values=more)).run()
    dearer = (other.va_lost_daily - out.va_lost_daily).sum(axis=1)[:, chosen].sum(axis=1)
    return _result(
        "more_spare_not_dearer", float((dearer / out.va_year[:, chosen].sum(axis=1)).max()), REBOUND
    )


def money_scales(case: Case) -> LawResult:
    """Twice the money, twice the loss."""
    table = case.table
    double = replace(
        table, Z=2 * table.Z, x=2 * table.x, final=2 * table.final, value_added=2 * table.value_added
    )
    out = case.run(table=double)
    return _result("money_scales", _largest(out, 2 * case.run().va_lost_daily), ROUNDING)


def permuted(table: SplitTable, regions: list[int], sectors: list[int]) -> SplitTable:
    """The same table with regions and sectors in another order."""
    S = len(table.sectors)
    order = np.array([r * S + s for r in regions for s in sectors])
    return replace(
        table,
        regions=tuple(table.regions[r] for r in regions),
        sectors=tuple(table.sectors[s] for s in sectors),
        products=tuple(sorted(table.products, reverse=True)),
        Z=np.ascontiguousarray(table.Z[:, order][:, :, order]),
        x=table.x[:, order],
        final=table.final[:, order],
        value_added=table.value_added[:, order],
    )


def order_does_not_matter(case: Case) -> LawResult:
    """Regions and sectors may stand in any order."""
    regions = list(reversed(range(len(case.table.regions))))
    turned = case.run(table=permuted(case.table, regions, list(reversed(range(len(case.table.sectors))))))
    # Sums in another order differ by rounding, which a year of days adds up.
    worst = _largest(turned, case.run().va_lost_daily[:, :, regions])
    return _result("order_does_not_matter", worst, NOISE)


def beside_a_stranger(table: SplitTable) -> SplitTable:
    """The table and, unconnected to it, a copy of itself under other region names."""
    D, N = table.Z.shape[0], table.Z.shape[1]
    Z = np.zeros((D, 2 * N, 2 * N))
    Z[:, :N, :N] = Z[:, N:, N:] = table.Z
    return replace(
        table,
        regions=(*table.regions, *(f"{r} apart" for r in table.regions)),
        Z=Z,
        x=np.concatenate([table.x, table.x], axis=1),
        final=np.concatenate([table.final, table.final], axis=1),
        value_added=np.concatenate([table.value_added, table.value_added], axis=1),
    )


def unconnected_untouched(case: Case) -> LawResult:
    """What has no link to the shock does not move, and does not move the rest."""
    R = len(case.table.regions)
    both = case.run(table=beside_a_stranger(case.table))
    day = both.va_year[:, None, R:] / 365
    stranger = float(np.abs(both.va_lost_daily[:, :, R:] / day).max())
    own = float(np.abs(both.va_lost_daily[:, :, :R] - case.run().va_lost_daily).max() / day.max())
    return _result("unconnected_untouched", max(stranger, own), NOISE)


def _bytes(outcome: Outcome) -> dict[str, bytes]:
    values = {f.name: getattr(outcome, f.name) for f in fields(outcome)}
    return {name: v.tobytes() for name, v in values.items() if isinstance(v, np.ndarray)}


def same_seed_same_bytes(case: Case) -> LawResult:
    """The same input gives the same bytes, again and with another number of threads."""
    first = _bytes(case.run())
    again = [_bytes(case.run())]
    threads = getattr(case.engine, "threads", None)
    if threads is not None:
        for count in (1, 2):
            case.engine.threads = count  # type: ignore[attr-defined]
            again.append(_bytes(case.run()))
        case.engine.threads = threads  # type: ignore[attr-defined]
    differing = {name for other in again for name in first if other[name] != first[name]}
    return _result("same_seed_same_bytes", len(differing), 0, f"arrays that differ {sorted(differing)}")


def _digest(case: Case) -> list[bytes]:
    arrays: Iterable[Array] = [
        case.table.Z,
        case.table.x,
        case.table.final,
        case.table.value_added,
        *(a for leg in case.shock.legs for a in (leg.kept, leg.leak)),
        *case.shock.extra_stock_days.values(),
        *case.draws.values.values(),
    ]
    return [np.asarray(a).tobytes() for a in arrays]


def inputs_unmodified(case: Case) -> LawResult:
    """Table, shock and draws are as they were."""
    before = _digest(case)
    case.run()
    changed = sum(a != b for a, b in zip(before, _digest(case), strict=True))
    return _result("inputs_unmodified", changed, 0, "arrays changed")


def unlimited_stock_saves(case: Case) -> LawResult:
    """With unlimited stocks of everything no output is lost for want of inputs."""
    many = np.full(case.draws.count, UNLIMITED_DAYS)
    every = {(r, s): many for r in case.table.regions for s in case.table.sectors}
    out = case.run(shock=replace(case.shock, extra_stock_days=every))
    return _result("unlimited_stock_saves", float((out.direct_va_lost / out.va_year).max()), NOISE)


def no_negative_stock(case: Case) -> LawResult:
    """No stock falls below nought."""
    margin = case.run().cover_margin
    lowest = float(np.nanmin(margin)) if np.isfinite(margin).any() else 0.0
    return _result("no_negative_stock", -lowest, 0.0, "days below nought")


def halved(table: SplitTable, sector: str, twin: str) -> SplitTable:
    """The table with one sector cut into two equal ones, the second called `twin`."""
    S, R = len(table.sectors), len(table.regions)
    s = table.sectors.index(sector)
    share = np.ones(S)
    share[s] = 0.5
    pick = np.array([r * (S) + k for r in range(R) for k in [*range(S), s]])
    part = np.tile(np.append(share, 0.5), R)
    Z = table.Z[:, pick][:, :, pick] * part[:, None] * part
    return replace(
        table,
        sectors=(*table.sectors, twin),
        Z=np.ascontiguousarray(Z),
        x=table.x[:, pick] * part,
        final=table.final[:, pick] * part,
        value_added=table.value_added[:, pick] * part,
    )


def merging_keeps_totals(case: Case) -> LawResult:
    """A sector and two equal halves of it give the same totals (needs `twin`: sector, name of the half)."""
    if case.twin is None:
        return LawResult("merging_keeps_totals", True, 0, ROUNDING, "", exempt="no twin was named")
    out = case.run(table=halved(case.table, *case.twin))
    return _result("merging_keeps_totals", _largest(out, case.run().va_lost_daily), NOISE)


LAWS: tuple[Callable[[Case], LawResult], ...] = (
    no_shock_no_loss,
    loss_within_output,
    larger_not_cheaper,
    longer_not_cheaper,
    more_spare_not_dearer,
    money_scales,
    order_does_not_matter,
    unconnected_untouched,
    same_seed_same_bytes,
    inputs_unmodified,
    unlimited_stock_saves,
    no_negative_stock,
    merging_keeps_totals,
)


def check_engine(
    engine: Engine,
    table: SplitTable,
    shock: Shock,
    draws: Draws,
    *,
    months: tuple[int, ...] = (3,),
    twin: tuple[str, str] | None = None,
    laws: Iterable[Callable[[Case], LawResult]] = LAWS,
) -> tuple[LawResult, ...]:
    """Run the laws on one case.

    Parameters
    ----------
    table, shock, draws, months
        A case that the engine can run; small ones do (30 nodes, 120 days, 2 draws).
    twin
        A sector and the name of a sector that the engine treats alike, for the law on merging.
    laws
        Some of LAWS, or laws of the caller's own.
    """
    case = Case(engine, table, shock, draws, months, twin)
    results = []
    for law in laws:
        reason = engine.exemptions.get(law.__name__)
        results.append(LawResult(law.__name__, True, 0.0, 0.0, "", exempt=reason) if reason else law(case))
    return tuple(results)
