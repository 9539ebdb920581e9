"""The modelling part of a run: coverage to split table to shocks to outcomes, on one set of draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.draws import Draws, Key, draw, extended, watched
from ..core.errors import MissingDataError, Problem
from ..core.source import Source
from ..engines.base import Outcome
from ..engines.ensemble import run_ensemble
from ..engines.ensemble_parts import shock_part, table_part
from ..engines.episode import Fit, by_grade, fit, read_episodes, relevant
from ..engines.inputs import prepare
from ..expose.records import Shock
from ..expose.shock import names_of, shock_parameters, shocks, volume_parameters
from ..measure.measure import Coverage, Measure
from ..world.records import SplitTable
from ..world.split import plan
from ..world.store import cached_points
from .rows import gather, rows_by_scenario

if TYPE_CHECKING:
    from ..engines.sector import SectorEngine
    from ..world.records import IOTable
    from ..world.split_plan import SplitPlan
    from ..world.world import World

RULES = ("contract_first", "contract_and_final", "proportional")
"""Rationing rules, the default first (method.md section 5, part 7)."""

RESPONSE_DRAWS = 32
"""Draws a response is valued on: the first points of the net, paired with the same draws of doing nothing."""

RULE_DRAWS = 16
"""Draws for the rules beside the default one: the first points of the same net."""

FIT_DRAWS = 64
"""Draws weighed against a past episode: the first points of the net."""

WHOLE_DRAWS = 64
"""Versions of the split table held at once; of more draws, the versions are made chunk by chunk."""

REGIONS = 10
"""Named regions of the focus table beside the rest of the world: the cost of a run grows as its square."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class How:
    """How the draws are run; nothing of it changes a result. As in `engines.ensemble.run_ensemble`."""

    executor: Executor | None = None
    folder: Path | None = None


@dataclass(frozen=True)
class Model:
    """What the engine saw and said: one table, the shocks, and outcomes by scenario and rule.

    table: the versions of the first `WHOLE_DRAWS` draws.
    """

    engine: SectorEngine
    table: SplitTable
    draws: Draws
    shocks: tuple[Shock, ...]
    outcomes: dict[str, dict[str, Outcome]]
    fit: Fit | None = None
    """Weights of the first draws after a past episode of the same seller, buyer and goods."""

    rows: dict[str, tuple[Source, ...]] = field(default_factory=dict)
    """By scenario, the rows of our own tables that its figures rest on."""
    unknowns: dict[str, Draws] = field(default_factory=dict)
    """By scenario, the draws of what was read for it."""

    def fit_for(self, shock: Shock) -> Fit | None:
        """The weights, where the shock stops a product of the episode and they leave enough draws."""
        if self.fit is None or not self.fit.usable or shock.upper_bound_only:
            return None
        return self.fit if self.fit.episode.products & {leg.product for leg in shock.legs} else None


def chain(world: World, wanted: Sequence[str]) -> tuple[str, ...]:
    """The products to carve out: those wanted, what they are made of, and what is made of them."""
    found = set(wanted)
    while True:
        more = {i for p in found for i in world.products[p].inputs if i in world.products}
        more |= {p for p, card in world.products.items() if found & set(card.inputs)}
        if more <= found:
            return tuple(p for p in world.products if p in found)
        found |= more


@dataclass(frozen=True)
class Ground:
    """What the scenarios are run on: the split as a recipe, its first versions, the shocks by draw."""

    recipe: SplitPlan
    table: SplitTable
    draws: Draws
    shocks: tuple[Shock, ...]
    asked: frozenset[Key]
    """Parameters that the split and the shocks read."""

    @property
    def whole(self) -> SplitTable | SplitPlan:
        """All versions of the table: made already where they are few."""
        return self.table if self.recipe.draws <= WHOLE_DRAWS else self.recipe


def focus_of(world: World, measure: Measure, coverage: Coverage, *, detail: bool) -> IOTable:
    """The table of the sides, of their partners and of the sellers of the covered products."""
    absent = world.missing_regions((*measure.imposers, coverage.buyer))
    if absent:
        raise MissingDataError(
            [
                Problem(
                    f"the input-output table has no {code}",
                    where="embedded table",
                    why="the country is inside the rest of the world there",
                    fix="name another buyer with --buyer, or load a table that has it (kanmon data list)",
                )
                for code in absent
            ]
        )
    wanted = wanted_products(world, coverage)
    regions = world.focus_regions(measure.imposers, [coverage.buyer], cap=REGIONS, products=wanted)
    return world.focus(regions, detail=detail)


def wanted_products(world: World, coverage: Coverage) -> list[str]:
    """Covered products that stand in the catalogue."""
    return sorted({c.product for c in coverage.covered if c.product in world.products})


def ground(
    world: World, measure: Measure, coverage: Coverage, focus: IOTable, draws: Draws, days: int
) -> Ground:
    """Carve the covered products out of the focus table and build the shocks, on the draws given."""
    seen, asked = watched(draws)
    recipe = plan(focus, world, seen, chain(world, wanted_products(world, coverage)))
    table = recipe.table() if recipe.draws <= WHOLE_DRAWS else recipe.first(WHOLE_DRAWS)
    found = shocks(
        coverage,
        table,
        seen,
        world.parameters,
        world.unsplit_share,
        days=days,
        names=names_of(world),
        all_buyers="all" in measure.targets,
    )
    usable = () if contained(measure, focus.year) else found
    return Ground(recipe, table, draws, usable, frozenset(asked))


def unknowns(engine: SectorEngine, on: Ground, shock: Shock) -> Draws:
    """The draws of those parameters only that the split, the shocks or the engine read for this shock."""
    one, asked = watched(on.draws.first(1))
    prepare(first_draws(on.table, 1), shock_first(shock, 1), one, engine.parameters, engine.without)
    read = on.asked | asked
    return replace(on.draws, values={k: v for k, v in on.draws.values.items() if k in read})


def build(
    world: World,
    measure: Measure,
    coverage: Coverage,
    *,
    count: int,
    seed: int,
    days: int,
    months: tuple[int, ...],
    detail: bool,
    progress: Progress,
    how: How | None = None,
) -> Model:
    """Cut the focus table, carve the covered products out, build the shocks and run them all."""
    from ..engines.sector import SectorEngine

    progress("cutting the focus table", 0.05)
    focus = focus_of(world, measure, coverage, detail=detail)
    first = (*world.parameters, *shock_parameters(coverage))
    draws = draw(first, count, seed, cached_points)
    draws = extended(draws, len(first), volume_parameters(coverage), cached_points)
    progress("carving the covered products out of their sectors", 0.1)
    on = ground(world, measure, coverage, focus, draws, days)
    engine = SectorEngine(world.parameters)
    main = widest(on.shocks)
    outcomes: dict[str, dict[str, Outcome]] = {}
    for k, shock in enumerate(on.shocks):
        tell = within(progress, k / len(on.shocks), (k + 1) / len(on.shocks))
        outcomes[shock.scenario] = {RULES[0]: _run(engine, on, shock, months, tell, how or How())}
        if shock is main:
            outcomes[shock.scenario] |= _other_rules(engine, on.table, shock, draws, months)
    progress("weighing the draws against a past episode", LAST)
    weights = _weighed(world, coverage, on.table, draws, on.shocks)
    rows = rows_by_scenario(on.shocks, outcomes)
    read = {shock.scenario: unknowns(engine, on, shock) for shock in on.shocks}
    table, found, outcomes = gather(world, on.table, on.shocks, outcomes)
    return Model(engine, table, draws, found, outcomes, weights, rows, read)


FIRST, LAST = 0.15, 0.7
"""Shares of a run done when the scenarios begin, and when they end."""


def within(progress: Progress, start: float, end: float) -> Progress:
    """Progress of one part of the scenarios as progress of the whole run."""
    width = LAST - FIRST
    return lambda step, share: progress(step, FIRST + width * (start + (end - start) * share))


def _run(
    engine: SectorEngine,
    on: Ground,
    shock: Shock,
    months: tuple[int, ...],
    progress: Progress,
    how: How,
) -> Outcome:
    """One scenario, all draws."""
    return run_ensemble(
        engine,
        on.whole,
        shock,
        on.draws,
        months=months,
        executor=how.executor,
        folder=how.folder,
        progress=progress,
    )


def _weighed(
    world: World, coverage: Coverage, table: SplitTable, draws: Draws, found: Sequence[Shock]
) -> Fit | None:
    """Weights of the first draws after the episode that the data hold for these goods; None without one."""
    products = {leg.product for shock in found for leg in shock.legs}
    episodes = [by_grade(e, world.parts) for e in read_episodes(world.data_file("fit_episodes"))]
    episode = relevant(episodes, table, coverage.seller, coverage.buyer, products)
    if episode is None:
        return None
    small = min(draws.count, FIT_DRAWS)
    return fit(episode, first_draws(table, small), draws.first(small), world.parameters)


def contained(measure: Measure, year: int) -> bool:
    """Whether the flows of the table's year were already cut by the measure.

    A ban or a cut of supply that began by that year has taken its goods out of the table: what is left
    of the flow says nothing of the loss, neither a figure nor a bound. A licence leaves flows in place.
    """
    cut = [limb for limb in measure.limbs if limb.instrument in {"ban", "quota", "other"} and limb.effective]
    return any(limb.effective is not None and limb.effective.day.year <= year for limb in cut)


def widest(found: Sequence[Shock]) -> Shock | None:
    """The shock whose rationing rules and responses are compared: the full stop, else the last."""
    usable = [shock for shock in found if not shock.upper_bound_only]
    full = [shock for shock in usable if shock.scenario == "full_stop"]
    return next(iter(full or usable[::-1]), None)


def _other_rules(
    engine: SectorEngine, table: SplitTable, shock: Shock, draws: Draws, months: tuple[int, ...]
) -> dict[str, Outcome]:
    """The same shock under the other rationing rules, on the first points of the same net."""
    small = min(draws.count, RULE_DRAWS)
    part = first_draws(table, small), shock_first(shock, small), draws.first(small)
    return {
        rule: engine.run(*part, rationing=rule, months=months)  # type: ignore[arg-type]
        for rule in RULES[1:]
    }


def first_draws(table: SplitTable, count: int) -> SplitTable:
    """The first `count` versions of a split table (the same table when it has no more)."""
    return table if table.draws <= count else replace(table_part(table, 0, count), sales=None)


def shock_first(shock: Shock, count: int) -> Shock:
    """The first `count` draws of a shock."""
    return shock_part(shock, 0, min(count, shock.draws))
