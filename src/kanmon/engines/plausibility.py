"""Our sector model beside published estimates: which named switches of ours lead to theirs.

Nothing is fitted here. Each estimate is run as it is described, on the ranges of the parameters, once as the
model stands and once with each switch; the switch whose median lies nearest is named, with its band.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.draws import Draws, draw
from ..core.errors import InputError, Problem, nearest
from ..core.figure import Figure
from ..core.source import Source, unite
from ..core.spread import spread
from ..expose.records import Leg, Shock
from ..expose.shock import names_of, shock_parameters, shocks
from ..measure.measure import Coverage, Covered, Status
from ..world.records import SplitTable
from .base import Outcome, Rationing
from .sector import SectorEngine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..world.world import World

EVERY = "all"
PERCENT, BILLION = "% of GDP", "USD billion"
REGIONS = 10
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Switch:
    """A named change of the model; the first of the list changes nothing."""

    name: str
    without: tuple[str, ...] = ()
    leakage: bool = True
    rationing: Rationing = "contract_first"


@dataclass(frozen=True)
class Estimate:
    """A published loss and what was stopped for it. value: per cent of GDP or USD billion, positive."""

    author: str
    date: str
    scenario: str
    country: str
    months: int
    seller: str
    products: tuple[str, ...]
    stopped: float
    value: float
    unit: str
    note: str
    source: Source


@dataclass(frozen=True)
class Comparison:
    """An estimate, ours as the model stands, and the switch that comes nearest. below: share of our draws."""

    estimate: Estimate
    theirs: Figure
    ours: Figure
    below: Figure
    nearest: str
    nearest_ours: Figure
    by_switch: tuple[tuple[str, Figure], ...]


def read_plausibility(
    path: Path, estimates: Iterable[Mapping[str, Any]]
) -> tuple[tuple[Switch, ...], tuple[Estimate, ...]]:
    """Switches, and estimates found in loss_estimates.csv; InputError names those that are not there."""
    with path.open("rb") as stream:
        raw = tomllib.load(stream)
    rows = list(estimates)
    switches = tuple(Switch(**{**s, "without": tuple(s.get("without", ()))}) for s in raw["switch"])
    found, problems = [], []
    for wish in raw["compare"]:
        keys = [k for k in ("author", "date", "country", "products", "months") if k in wish]
        fitting = [row for row in rows if all(str(row[k]) == str(wish[k]) for k in keys)]
        if len(fitting) != 1:
            text = f"{len(fitting)} published rows for {', '.join(str(wish[k]) for k in keys)}"
            authors = nearest(str(wish["author"]), {str(r["author"]) for r in rows})
            problems.append(Problem(text, path.name, fix="name one row of loss_estimates.csv", near=authors))
            continue
        found.append(_estimate(wish, fitting[0]))
    if problems:
        raise InputError(problems)
    return switches, tuple(found)


def _estimate(wish: Mapping[str, Any], row: Mapping[str, Any]) -> Estimate:
    percent = row["gdp_pct"] not in (None, "")
    name = str(row["author"])
    return Estimate(
        author=name,
        date=str(row["date"]),
        scenario=str(row["scenario"]),
        country=str(row["country"]),
        months=int(row["months"]),
        seller=wish["seller"],
        products=tuple(wish.get("of", str(row["products"]).split())),
        stopped=float(wish.get("stopped", 1.0)),
        value=abs(float(row["gdp_pct"] if percent else row["loss_billion_usd"])),
        unit=PERCENT if percent else BILLION,
        note=wish["note"],
        source=Source(
            f"estimate-{name.split(' ', maxsplit=1)[0]}-{row['date']}-{row['country']}".lower(),
            str(row["source"]),
            url=str(row["url"] or ""),
            date=str(row["date"]),
            confidence=str(row["confidence"]),
        ),
    )


def compare(
    world: World,
    switches: Sequence[Switch],
    estimates: Sequence[Estimate],
    *,
    count: int,
    seed: int = 1,
    progress: Progress | None = None,
) -> tuple[Comparison, ...]:
    """Run every estimate with every switch; estimates that share a shock share its runs."""
    groups: dict[tuple[object, ...], list[Estimate]] = {}
    for e in estimates:
        place = () if e.seller == EVERY else (e.country,)
        groups.setdefault((e.seller, e.products, e.stopped, *place), []).append(e)
    done: dict[Estimate, Comparison] = {}
    for k, mine in enumerate(groups.values()):
        case = _Case.made(world, mine, count, seed)
        outcomes = []
        for n, switch in enumerate(switches):
            if progress:
                progress(f"{mine[0].author}: {switch.name}", (k + n / len(switches)) / len(groups))
            outcomes.append(case.run(world, switch, max(e.months for e in mine)))
        for e in mine:
            done[e] = _comparison(e, switches, outcomes)
    return tuple(done[e] for e in estimates)


@dataclass(frozen=True)
class _Case:
    """A table, draws and the shock of estimates that share it."""

    table: SplitTable
    draws: Draws
    shock: Shock

    @classmethod
    def made(cls, world: World, mine: Sequence[Estimate], count: int, seed: int) -> _Case:
        """Cut and carve the table, draw the parameters, build the shock."""
        e = mine[0]
        wanted = _chain(world, e.products)
        buyers = sorted({one.country for one in mine})
        # Where everyone sells less, the largest sellers stand in as imposers for the choice of regions.
        imposers = () if e.seller == EVERY else (e.seller,)
        regions = world.focus_regions(imposers, buyers, cap=REGIONS, products=wanted)
        coverage = _coverage(world, e)
        draws = draw((*world.parameters, *shock_parameters(coverage)), count, seed)
        table = world.split(world.focus(regions), draws, wanted)
        if e.seller == EVERY:
            return cls(table, draws, _everywhere(world, e, table))
        (shock,) = shocks(
            coverage, table, draws, world.parameters, world.unsplit_share, names=names_of(world)
        )
        return cls(table, draws, shock)

    def run(self, world: World, switch: Switch, months: int) -> Outcome:
        """The outcome with one switch."""
        legs = self.shock.legs
        if not switch.leakage:
            legs = tuple(replace(leg, kept=leg.kept - leg.leak, leak=np.zeros_like(leg.leak)) for leg in legs)
        engine = SectorEngine(world.parameters, without=switch.without, table_dtype=np.float32)
        shock = replace(self.shock, legs=legs)
        return engine.run(self.table, shock, self.draws, rationing=switch.rationing, months=(months,))


def _coverage(world: World, e: Estimate) -> Coverage:
    """What was stopped, as coverage of a measure without a name; of a product in grades, all grades."""
    from datetime import date

    reach = (e.stopped, e.stopped, e.stopped)
    stopped = [part for p in e.products for part in world.parts(p)]
    items = tuple(Covered("full_stop", p, (), "ban", reach, "stated", ()) for p in stopped)
    status = Status("in_force", None, e.scenario)
    return Coverage(e.scenario, date.max, e.country, e.seller, status, items, ())


def _everywhere(world: World, e: Estimate, table: SplitTable) -> Shock:
    """Every seller of the products, at home too, delivers less by the share stopped."""
    days = round(e.months * 365 / 12)
    kept, none = np.full((1, days), 1.0 - e.stopped), np.zeros((1, days))
    stopped = [part for p in e.products for part in world.parts(p)]
    legs = tuple(Leg(r, p, table.regions, kept, none) for r in table.regions for p in stopped)
    return Shock("full_stop", e.scenario, legs, days, 1, {}, False, (), ())


def _chain(world: World, products: Sequence[str]) -> list[str]:
    """The products and those made of them or that they are made of, in the order of the catalogue."""
    found = {part for p in products for part in world.parts(p)}
    found |= {i for p in found for i in world.products[p].inputs if i in world.products}
    found |= {p for p, card in world.products.items() if found & set(card.inputs)}
    return [p for p in world.products if p in found]


def _loss(outcome: Outcome, e: Estimate) -> NDArray[np.float64]:
    """Our loss in the unit of theirs, (draws,)."""
    if e.unit == BILLION:
        return outcome.lost(e.country, e.months) / 1e3
    return outcome.lost_share(e.country, e.months) * 100


def _comparison(e: Estimate, switches: Sequence[Switch], outcomes: Sequence[Outcome]) -> Comparison:
    label = f"{e.scenario}, {e.country}, {e.months} months"
    losses = [_loss(o, e) for o in outcomes]
    figures = [
        spread(f"{label}: {s.name}", e.unit, v, unite(o.sources, (e.source,)))
        for s, v, o in zip(switches, losses, outcomes, strict=True)
    ]
    n = int(np.argmin([abs(float(np.median(v)) - e.value) for v in losses]))
    below = Figure(
        f"{label}: share of our draws below theirs", float((losses[0] < e.value).mean() * 100), "% of draws",
        "assumed", outcomes[0].sources, exact=True,
    )  # fmt: skip
    theirs = Figure(f"{e.author}: {label}", e.value, e.unit, "sourced", (e.source,), exact=True)
    pairs = tuple((s.name, f) for s, f in zip(switches, figures, strict=True))
    return Comparison(e, theirs, figures[0], below, switches[n].name, figures[n], pairs)
