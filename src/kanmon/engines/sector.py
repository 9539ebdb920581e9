"""The sector engine: a shortage spreads through an input-output table day by day, draw by draw."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..core.draws import Draws
from ..core.source import unite
from ..expose.records import Shock
from ..world.records import SplitTable
from .base import Outcome, Rationing
from .extras import SWITCHES, check_switches
from .inputs import CLASSES, ParameterBook, Prepared, check_run, prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..kernels.shortage_plain import ShortageInput, ShortagePath

    Array = NDArray[np.float64]

RULES: dict[Rationing, int] = {"contract_first": 0, "contract_and_final": 1, "proportional": 2}
THRIFT_RAMP_DAYS = 120.0
"""Days from the begin of thrift to its full effect (note on beta_lead in parameters.csv)."""
THRIFT_MEMORY_DAYS = 30
"""A buyer short within so many days is thrifty (method, section 5, part 8)."""
MOST_COVER = 1e6
"""Days; a larger stock is as good as unlimited and would only cost digits."""

ASSUMPTIONS = (
    "Prices do not clear the market within the horizon: buyers are rationed by quantity.",
    (
        "Buyers of a controlled product fall into five classes of equal use with different stocks that they "
        "do not share; deliveries are shared equally between the classes."
    ),
    "Stock goals rest on normal output; stock added for the stop is not refilled and not run down early.",
    (
        "Orders leave a throttled seller gradually, and what may still move is delivered in full. Controlled "
        "goods that usual sellers cannot give are asked of sellers with spare output that are not throttled "
        "themselves, of nobody where there is none; other goods of any usual seller with idle capacity."
    ),
    "Spare output of a seller is a share of what it sells to others than the one that stops its exports.",
    "Goods of ISIC sections A to C are stored, services are not; no plant stops for want of a service.",
    "A seller does not make what it may not ship.",
    "Only the output that cannot be made without an input stops when that input runs out.",
    (
        "A plant that stood runs up in steps once inputs are back. Some customers wait for what was lost: it "
        "is made up by overtime when the plant runs as usual, from inputs already there; the rest is lost."
    ),
    "Orders of services follow only a share of the fall in a buyer's output: contracts and overheads run on.",
)


class SectorEngine:
    """Daily shortage model: stock classes, cell masks, re-sourcing, rationing (docs/method-sector.md).

    parameters: a `ParameterBook`. threads: draws run at once (default: the cores at hand, at most 8); the
    result does not depend on it. plain: use the readable NumPy twin instead of the compiled one.
    table_dtype: float32 runs the compiled twin in single precision, twice as many industries at once.
    without: parts of the model left out, by the names of `extras.SWITCHES`.
    """

    name = "sector"
    assumptions: ClassVar[tuple[str, ...]] = ASSUMPTIONS
    exemptions: ClassVar[dict[str, str]] = {}

    def __init__(
        self,
        parameters: ParameterBook,
        *,
        threads: int | None = None,
        plain: bool = False,
        table_dtype: type = np.float64,
        without: Iterable[str] = (),
    ) -> None:
        self.parameters = parameters
        self.without = check_switches(without)
        self.threads = threads or min(8, os.cpu_count() or 1)
        self.plain = plain
        self.table_dtype = table_dtype

    def warm(self) -> None:
        """Compile the kernel ahead of the first run, seconds on a fresh machine; a thread may do it."""
        if not self.plain:
            from ..kernels.shortage import warm

            warm(self.table_dtype)

    def run(
        self,
        table: SplitTable,
        shock: Shock,
        draws: Draws,
        *,
        rationing: Rationing = "contract_first",
        months: tuple[int, ...] = (3, 6, 12),
        progress: Callable[[str, float], None] | None = None,
    ) -> Outcome:
        """Run all draws of a shock on a table.

        Parameters
        ----------
        table
            Its Z has one version, or at least one per draw.
        shock
            Legs whose product is a split product or any other sector of the table, for at least as many days
            as the longest of `months`. Days beyond the horizon are run too (va_lost_daily holds them).
        draws
            Sampled parameters; one that they lack is used at its mid value in every draw.
        rationing
            Who is served first: contracts, then final demand, then excess orders ("contract_first");
            contracts and final demand alike, own industry first ("contract_and_final"); all alike
            ("proportional").
        progress
            Called with a sentence and the share done, from the calling thread.

        Raises
        ------
        InputError
            Table, shock, draws and months do not fit together.
        """
        check_run(table, shock, draws, months)
        given = prepare(table, shock, draws, self.parameters, self.without)
        kernel = self._kernel()
        sheet = _Sheet(table, shock, given, draws.count, months)

        def one(draw: int) -> int:
            sheet.keep(draw, kernel(_input(table, shock, given, draw, RULES[rationing])))
            return draw

        with ThreadPoolExecutor(max_workers=self.threads) as pool:
            for done, _ in enumerate(pool.map(one, range(draws.count)), start=1):
                if progress is not None:
                    progress(f"{shock.scenario}: draw {done} of {draws.count}", done / draws.count)
        return Outcome(
            engine=self.name,
            scenario=shock.scenario,
            rationing=rationing,
            regions=table.regions,
            sectors=table.sectors,
            products=given.structure.controlled,
            months=months,
            upper_bound_only=shock.upper_bound_only,
            assumptions=(*self.assumptions, *self._left_out(), *shock.assumptions, *given.assumptions),
            sources=unite(table.sources, shock.sources, given.sources),
            **sheet.arrays,
        )

    def outputs(
        self,
        table: SplitTable,
        shock: Shock,
        draws: Draws,
        nodes: Sequence[tuple[str, str]],
        rationing: Rationing = "contract_first",
    ) -> Array:
        """Daily output of some (region, sector) as a share of normal, (draws, days, nodes)."""
        at = [table.node(region, sector) for region, sector in nodes]
        given = prepare(table, shock, draws, self.parameters, self.without)
        kernel, rule = self._kernel(), RULES[rationing]

        def one(draw: int) -> Array:
            return np.asarray(kernel(_input(table, shock, given, draw, rule)).output[:, at])

        with ThreadPoolExecutor(max_workers=self.threads) as pool:
            return np.stack(list(pool.map(one, range(draws.count))))

    def _kernel(self) -> Callable[[ShortageInput], ShortagePath]:
        """The twin asked for."""
        if self.plain:
            from ..kernels.shortage_plain import shortage_plain

            return shortage_plain
        from ..kernels.shortage import shortage

        return partial(shortage, dtype=self.table_dtype)

    def _left_out(self) -> tuple[str, ...]:
        """What holds without the parts switched off."""
        return tuple(f"Switched off: {SWITCHES[name]}." for name in sorted(self.without))


def _version(array: Array, draw: int) -> Array:
    """The version of a draw; the only one where the data are certain."""
    return np.asarray(array[draw if array.shape[0] > 1 else 0])


def _kept(table: SplitTable, shock: Shock, draw: int) -> tuple[NDArray[np.int64], Array]:
    """Sellers of throttled flows, (L,), and the share that arrives by buyer region and day, (L, R, days)."""
    by_node: dict[int, Array] = {}
    for leg in shock.legs:
        node = table.node(leg.seller, leg.product)
        share = by_node.setdefault(node, np.ones((len(table.regions), shock.days)))
        arrives = _version(leg.kept, draw)
        for buyer in leg.buyers:
            row = share[table.regions.index(buyer)]
            # Two measures on one flow: the stricter one holds.
            np.minimum(row, np.clip(arrives[: shock.days], 0.0, 1.0), out=row)
    nodes = np.array(sorted(by_node), dtype=np.int64)
    kept = np.array([by_node[n] for n in nodes]).reshape(nodes.size, len(table.regions), shock.days)
    return nodes, kept


def _outside(table: SplitTable, shock: Shock, Z: Array, final: Array) -> Array:
    """Share of each node's sales that do not go to industries of the sellers that stop, (N,).

    What a seller delivers to the imposer is feed for the next stage there: its spare output is a share of
    what it sells to the others.
    """
    stopping = {leg.seller for leg in shock.legs}
    to = np.repeat([region in stopping for region in table.regions], len(table.sectors))
    fed = Z[:, to].sum(axis=1)
    fed[to] = 0.0
    sales = Z.sum(axis=1) + final
    return np.asarray(1.0 - np.divide(fed, sales, out=np.zeros_like(sales), where=sales > 0))


def _covers(given: Prepared, extra: Array, draw: int) -> tuple[Array, Array, Array]:
    """Normal cover (S, R), cover of each stock row on day 0 and its working stock, (P, R), days."""
    from scipy.special import ndtri

    s = given.structure
    rows = given.goal[draw][s.product]
    z = ndtri((np.arange(CLASSES) + 0.5) / CLASSES)
    for k, product in enumerate(s.controlled):
        p = s.sectors.index(product)
        weight = np.exp(given.sigma[draw, k] * z)
        rows[s.first[p] : s.first[p + 1]] *= (weight / weight.mean())[:, None]
    rows = np.clip(rows, 1.0, MOST_COVER)
    # A working stock above the normal stock of a class would be a shortage without a shock.
    working = np.clip(given.working[draw][s.product], 1.0, rows)
    goal = np.zeros_like(given.goal[draw])
    for p in np.flatnonzero(s.goods).tolist():
        goal[p] = rows[s.first[p] : s.first[p + 1]].mean(axis=0)
    return goal, rows + extra[s.product], working


def _input(table: SplitTable, shock: Shock, given: Prepared, draw: int, rule: int) -> ShortageInput:
    """The arrays of one draw."""
    from ..kernels.shortage_plain import ShortageInput

    s = given.structure
    S, R = len(s.sectors), len(s.regions)
    Z, final = _version(table.Z, draw), np.maximum(0.0, _version(table.final, draw))
    extra = np.zeros((S, R))
    for (region, product), days in shock.extra_stock_days.items():
        many = float(_version(np.atleast_1d(days), draw))
        extra[s.sectors.index(product), s.regions.index(region)] = min(max(many, 0.0), MOST_COVER)
    goal, cover, working = _covers(given, extra, draw)
    buys_goods = np.tile(s.goods, R)
    phi = np.where(s.goods[:, None] & buys_goods, given.phi_ordinary[draw], 0.0)
    phi[s.index >= 0] = given.phi[draw]
    phi = np.where(Z.reshape(R, S, R * S).sum(axis=0) > 0, phi, 0.0)
    nodes, kept = _kept(table, shock, draw)
    stopped = np.flatnonzero((kept < 1.0).any(axis=(0, 1)))
    return ShortageInput(
        Z=Z,
        final=final,
        added=_version(table.value_added, draw),
        first=s.first,
        controlled=s.index,
        phi=np.clip(phi, 0.0, 1.0),
        goal=goal,
        extra=extra,
        restock=given.restock[draw],
        cover=cover,
        working=working,
        spare=np.maximum(0.0, given.spare[draw]) * _outside(table, shock, Z, final),
        ramp=given.ramp[draw],
        leg_node=nodes,
        kept=kept,
        resource=given.resource[draw][s.index[nodes % S]].reshape(nodes.size, R),
        beta_max=np.clip(given.beta_max[draw], 0.0, 1.0),
        beta_lead=given.beta_lead[draw],
        state=np.maximum(0.0, given.state[draw]),
        release=given.release[draw],
        stop=int(stopped[0]) if stopped.size else shock.days,
        days=shock.days,
        rule=rule,
        thrift_ramp=THRIFT_RAMP_DAYS,
        thrift_memory=THRIFT_MEMORY_DAYS,
        restart=np.tile(given.restart[draw], R),
        upstream=given.upstream[draw],
        recapture=given.recapture[draw].T.reshape(-1),
        overtime=float(given.overtime[draw]),
        waiting=float(given.waiting[draw]),
    )


class _Sheet:
    """The arrays of an Outcome, filled draw by draw; each draw writes its own rows only."""

    def __init__(
        self, table: SplitTable, shock: Shock, given: Prepared, draws: int, months: tuple[int, ...]
    ) -> None:
        R, S, K = len(table.regions), len(table.sectors), len(given.structure.controlled)
        self.table, self.shape, self.months = table, (R, S), months
        self.products = np.flatnonzero(given.structure.index >= 0)
        self.arrays: dict[str, Any] = {
            "va_lost_daily": np.empty((draws, shock.days, R)),
            "va_lost_sector": np.empty((draws, len(months), R, S)),
            "va_year": np.empty((draws, R)),
            "first_day_1pct": np.empty((draws, R, S)),
            "first_day_5pct": np.empty((draws, R, S)),
            "binding": np.empty((draws, R, S), dtype=np.int64),
            "binding_loss": np.empty((draws, R, S, K)),
            "cover_margin": np.empty((draws, R, K, S)),
            "direct_va_lost": np.empty((draws, R)),
            "final_unserved": np.empty((draws, R)),
        }

    def keep(self, draw: int, path: ShortagePath) -> None:
        """Reduce the path of a draw to what the Outcome holds."""
        a, (R, S) = self.arrays, self.shape
        added = _version(self.table.value_added, draw)
        lost = (1.0 - path.output) * (added / 365.0)
        a["va_lost_daily"][draw] = lost.reshape(-1, R, S).sum(axis=2)
        for m, month in enumerate(self.months):
            a["va_lost_sector"][draw, m] = lost[: round(month * 365 / 12)].sum(axis=0).reshape(R, S)
        a["va_year"][draw] = added.reshape(R, S).sum(axis=1)
        for name, share in (("first_day_1pct", 0.01), ("first_day_5pct", 0.05)):
            below = path.output <= 1.0 - share
            day = np.where(below.any(axis=0), below.argmax(axis=0), np.nan)
            a[name][draw] = day.reshape(R, S)
        most = path.binding.argmax(axis=0)
        a["binding"][draw] = np.where(path.binding.max(axis=0) > 0, most, -1).reshape(R, S)
        a["binding_loss"][draw] = np.moveaxis(path.binding[self.products].reshape(-1, R, S) / 365.0, 0, 2)
        a["cover_margin"][draw] = path.margin.reshape(-1, R, S).swapaxes(0, 1)
        # What was made up came first out of what was lost for want of inputs.
        direct = np.maximum(0.0, path.direct - path.made_up)
        a["direct_va_lost"][draw] = (direct * added / 365.0).reshape(R, S).sum(axis=1)
        final = np.maximum(0.0, _version(self.table.final, draw))
        unserved = final * (path.output.shape[0] - path.served) / 365.0
        a["final_unserved"][draw] = unserved.reshape(R, S).sum(axis=1)
