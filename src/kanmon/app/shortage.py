"""A scenario of the user's on the shortage engine: words to restrictions, to a Shock, to outcomes.

Both doors, `kanmon sector shortage` and `kanmon.shortage`, come here. The pieces are those of an assessment:
the same focus table, products, parameters, draws, legs and engine; only the measure is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.draws import Draws, Uncertain, draw, extended, watched
from ..core.errors import InputError, Problem, nearest
from ..core.source import Source
from ..engines.ensemble import run_ensemble
from ..engines.extras import check_switches
from ..engines.shortage_scenario import ShortageScenario, read_shortage
from ..expose.restrictions import ALL, Built, Ground, Restriction, restrict
from ..expose.shock import names_of, shock_parameters
from ..world.icio import REST
from ..world.split import plan
from ..world.split_flows import flow_rows
from ..world.store import cached_points
from . import model
from .rows import gather, rows_by_scenario
from .run import DRAWS, SEED, check_numbers, silent
from .shortage_words import known

if TYPE_CHECKING:
    from ..engines.base import Outcome, Rationing
    from ..engines.sector import SectorEngine
    from ..expose.records import Shock
    from ..world.records import IOTable, SplitTable
    from ..world.tables.table import Table
    from ..world.world import World
    from .model import Progress

RULES: dict[str, Rationing] = {
    "a": "contract_first",
    "b": "contract_and_final",
    "c": "proportional",
}
"""Letter of a rationing rule (docs/method-sector.md, section 2, step 5) and its name."""
YEAR = 12


@dataclass(frozen=True)
class Shortage:
    """What a scenario was run on and what came of it; `shortage_frames` and `shortage_answer` read it.

    outcomes: by letter of the rationing rule. said: each restriction in words; joined: how restrictions on
    one flow were put together; idle: restrictions that stop nothing; notes: what else was made of the words.
    unknowns: draws of what the run read; parameters: those inputs with range, basis and source. rows: the
    rows of our tables behind them.
    """

    scenario: ShortageScenario
    months: tuple[int, ...]
    table: SplitTable
    shock: Shock
    draws: Draws
    outcomes: Mapping[str, Outcome]
    said: tuple[str, ...]
    joined: tuple[str, ...]
    idle: tuple[Restriction, ...]
    notes: tuple[str, ...]
    unknowns: Draws
    parameters: tuple[Uncertain, ...]
    rows: tuple[Source, ...]
    world: World
    without: tuple[str, ...] = ()
    """Parts of the model left out."""

    frames: str = "polars"
    """Kind of the frames given out: that of the frame that came in."""

    def losses(self) -> Any:
        """Value added lost by rule, region and month, a frame (`shortage_frames.losses`)."""
        return self._frame("losses")

    def daily(self) -> Any:
        """Value added lost on each day by rule and region, a frame."""
        return self._frame("daily")

    def sectors(self) -> Any:
        """Value added lost, first days and the binding input by rule, region and sector, a frame."""
        return self._frame("sectors")

    def flows(self) -> Any:
        """What of each restricted flow is normal, stopped and leaked, a frame."""
        return self._frame("flows")

    def margins(self) -> Any:
        """Least days of cover left by region, sector and restricted input, a frame."""
        return self._frame("margins")

    def inputs(self) -> Any:
        """Every uncertain input that the run read, with its range, basis and source, a frame."""
        return self._frame("inputs")

    def answer(self) -> dict[str, Any]:
        """The whole answer as JSON can hold it (`kanmon sector shortage --json`)."""
        from .shortage_answer import answer

        return answer(self)

    def write(self, folder: str | Path) -> dict[str, Path]:
        """Write the files of `kanmon sector shortage --out`; their paths by name."""
        from .shortage_files import write

        return write(self, Path(folder))

    def _frame(self, name: str) -> Any:
        from . import shortage_frames

        found = getattr(shortage_frames, name)(self)
        if self.frames != "pandas":
            return found
        from importlib import import_module

        # Not `to_pandas`, which needs pyarrow beside pandas.
        return import_module("pandas").DataFrame(found.to_dict(as_series=False))

    @property
    def main(self) -> Outcome:
        """The outcome of the first rule that was run: contracts first, unless others were asked for."""
        return next(iter(self.outcomes.values()))


def run_shortage(
    raw: Mapping[str, Any],
    *,
    world: World | None = None,
    table: Table | IOTable | None = None,
    regions: Sequence[str] | None = None,
    draws: int = DRAWS,
    days: int | None = None,
    rationing: str = ALL,
    without: Iterable[str] = (),
    seed: int = SEED,
    progress: Progress | None = None,
) -> Shortage:
    """Run the tables of a scenario (`engines.shortage_scenario.parse`); parameters as in `km.shortage`.

    Raises
    ------
    InputError
        The scenario, or what goes with it, cannot be used; lists every problem.
    """
    from ..engines.sector import SectorEngine
    from ..world.world import World

    tell = progress or silent
    tell("loading the world", 0.02)
    world, notes = _world(world or World.default(), table)
    faults: list[Problem] = []
    letters = _noted(faults, _letters, rationing) or ()
    off = _noted(faults, check_switches, without) or frozenset()
    _noted(faults, check_numbers, (YEAR,), draws)
    scenario = _noted(faults, lambda: read_shortage(raw, known(world), days=days))
    if scenario is not None:
        faults += _codes(world, scenario)
    named = _noted(faults, _regions, world, scenario, regions)
    if faults or scenario is None or named is None:
        raise InputError(faults)
    on, built = _built(world, scenario, named, draws, seed, tell)
    engine = SectorEngine(world.parameters, without=off)
    months = horizons(scenario.days)
    outcomes = {}
    for k, letter in enumerate(letters):
        share = model.within(tell, k / len(letters), (k + 1) / len(letters))
        outcomes[letter] = run_ensemble(
            engine, on.whole, built.shock, on.draws, rationing=RULES[letter], months=months, progress=share
        )
    return _gathered(world, engine, scenario, months, on, built, outcomes, notes)


def horizons(days: int) -> tuple[int, ...]:
    """Months that losses are counted over: 3, 6, 12 and whole years beyond, as far as the run goes."""
    asked = (3, 6, *range(YEAR, days // 28, YEAR))
    fits = tuple(m for m in asked if round(m * 365 / 12) <= days)
    return fits or (max(m for m in (1, 2) if round(m * 365 / 12) <= days),)


def _noted(faults: list[Problem], check: Any, *arguments: Any) -> Any:
    """The value of a check; None after noting its problems."""
    try:
        return check(*arguments)
    except InputError as fault:
        faults += fault.problems
        return None


def _letters(text: str) -> tuple[str, ...]:
    """Letters of the rationing rules asked for."""
    if text == ALL:
        return tuple(RULES)
    if text in RULES:
        return (text,)
    near = nearest(text, (*RULES, ALL)) or (*RULES, ALL)
    raise InputError(Problem(f"{text!r} is no rationing rule", "rationing", fix="a, b, c or all", near=near))


def _world(world: World, table: Table | IOTable | None) -> tuple[World, tuple[str, ...]]:
    """The world with the user's table in it, and what that table cannot tell apart."""
    if table is None:
        return world, ()
    from ..world.tables.into_world import into_world

    placed = into_world(world, table)
    return placed.world, placed.notes


def _codes(world: World, scenario: ShortageScenario) -> list[Problem]:
    """HS codes whose share of a sector's flow nothing tells."""
    return [
        Problem(
            f"HS {code} can be given no share of a flow",
            f"{r.name}, product",
            "no product that can be carved out holds it, and the loaded trade data lack it",
            "name its sector, with share = its part of the sector's flow",
        )
        for r in scenario.restrictions
        for code in r.hs
        if world.trade.missing((code,)) or not world.parents_of((code,))
    ]


def _regions(
    world: World, scenario: ShortageScenario | None, asked: Sequence[str] | None
) -> tuple[str, ...] | None:
    """Regions that stand alone in the table: those asked for, else None."""
    names = known(world)
    found, problems = [], []
    for word in asked or ():
        label = names.region(word)
        if label is None:
            near = nearest(word, names.regions)
            problems.append(Problem(f"the table has no region {word!r}", "regions", near=near))
        else:
            found.append(label)
    if asked is not None and not problems and scenario is not None:
        lacking = [r for r in _sides(scenario) if r not in found and r != REST]
        why = "a seller, a buyer and a region reported stand alone in the table"
        problems += [Problem(f"{r} is not among them", "regions", why, f"add {r}") for r in lacking]
    if problems:
        raise InputError(problems)
    return tuple(found)


def _sides(scenario: ShortageScenario) -> tuple[str, ...]:
    """Every region that the scenario names."""
    sides = [w for r in scenario.restrictions for w in (*r.sellers, *r.buyers) if w != ALL]
    return tuple(dict.fromkeys((*sides, *scenario.buyers)))


def _built(
    world: World, scenario: ShortageScenario, named: tuple[str, ...], count: int, seed: int, tell: Progress
) -> tuple[model.Ground, Built]:
    """Table, draws and Shock. Restrictions that stop nothing decide nothing: not even what is carved out."""
    active = [r for r in scenario.restrictions if not r.idle]
    never = [r for r in scenario.restrictions if r.idle]
    while True:
        on, built = _once(world, scenario, active, named, count, seed, tell)
        if not built.idle:
            return on, replace(built, idle=tuple(never))
        never += [r for r in active if r.name in {i.name for i in built.idle}]
        active = [r for r in active if r not in never]


def _once(
    world: World,
    scenario: ShortageScenario,
    active: list[Restriction],
    named: tuple[str, ...],
    count: int,
    seed: int,
    tell: Progress,
) -> tuple[model.Ground, Built]:
    """One pass over the restrictions that are left."""
    tell("cutting the focus table", 0.05)
    wanted = sorted({g for r in active for g in r.goods if g in world.products})
    sellers = dict.fromkeys(s for r in active for s in r.sellers if s not in (ALL, REST))
    buyers = dict.fromkeys(b for r in active for b in r.buyers if b not in (ALL, REST))
    buyers |= dict.fromkeys(b for b in scenario.buyers if b != REST)
    named = named or world.focus_regions(sellers, buyers, cap=model.REGIONS, products=wanted)
    groups = set(world.groups.group.values())
    detail = any(g not in world.products and g not in groups for r in active for g in r.goods)
    focus = world.focus(named, detail=detail)
    first = (*world.parameters, *shock_parameters(_anchor(scenario)))
    own = [row for r in active for row in r.own.values() if row.high > row.low]
    plain = draw(first, count, seed, cached_points)
    seen, asked = watched(extended(plain, len(first), own, cached_points))
    tell("carving the restricted products out of their sectors", 0.1)
    recipe = plan(focus, world, seen, model.chain(world, wanted))
    table = recipe.table() if recipe.draws <= model.WHOLE_DRAWS else recipe.first(model.WHOLE_DRAWS)
    ground = Ground(
        table=table,
        draws=seen,
        parameters=world.parameters,
        unsplit_share=world.unsplit_share,
        names=names_of(world),
        days=scenario.days,
        anchor=scenario.buyers[0],
    )
    built = restrict(scenario.name, [_rows(world, table, r) for r in active], ground)
    drawn = replace(seen, values=dict(seen.values))
    return model.Ground(recipe, table, drawn, (built.shock,), frozenset(asked)), built


def _anchor(scenario: ShortageScenario) -> Any:
    """A coverage that names the buyer whose ranks of the unknown are drawn."""
    from datetime import date

    from ..measure.measure import Coverage, Status

    buyer = scenario.buyers[0]
    return Coverage(scenario.name, date.min, buyer, "", Status("in_force", None, ""), (), ())


def _rows(world: World, table: SplitTable, r: Restriction) -> Restriction:
    """The restriction on the rows of this table.

    A group is its sectors where the table has those; with a whole sector goes all that was carved out of it.
    """
    goods: dict[str, None] = {}
    for g in r.goods:
        own = [g] if g in table.sectors else [s for s in table.sectors if world.groups.group.get(s) == g]
        goods |= dict.fromkeys(own)
        if not r.part and "share" not in r.own:
            goods |= dict.fromkeys(p for p in table.products if table.parents[p] in own)
    return replace(r, goods=tuple(goods))


def _gathered(
    world: World,
    engine: SectorEngine,
    scenario: ShortageScenario,
    months: tuple[int, ...],
    on: model.Ground,
    built: Built,
    outcomes: dict[str, Outcome],
    notes: tuple[str, ...],
) -> Shortage:
    """All that the answer rests on, with one source card for each of our tables."""
    shock = built.shock
    rows = rows_by_scenario((shock,), {shock.scenario: outcomes})[shock.scenario]
    read = model.unknowns(engine, on, shock)
    table, (shock,), by_scenario = gather(world, on.table, (shock,), {shock.scenario: outcomes})
    return Shortage(
        scenario=scenario,
        months=months,
        table=table,
        shock=shock,
        draws=on.draws,
        outcomes=by_scenario[shock.scenario],
        said=built.said,
        joined=built.joined,
        idle=built.idle,
        notes=(*notes, *scenario.notes),
        unknowns=read,
        parameters=_inputs(world, scenario, built, read, on.table),
        rows=rows,
        world=world,
        without=tuple(sorted(engine.without)),
    )


def _inputs(
    world: World, scenario: ShortageScenario, built: Built, read: Draws, table: SplitTable
) -> tuple[Uncertain, ...]:
    """Every uncertain input that the run read: parameters, flows of what was carved out, its own values."""
    idle = {r.name for r in built.idle}
    found = {row.key: row for r in scenario.restrictions if r.name not in idle for row in r.own.values()}
    every = (*world.parameters, *shock_parameters(_anchor(scenario)))
    found |= {row.key: row for row in every if row.key in read.values}
    found |= {row.range.key: row.range for k in table.products for row in flow_rows(world, k)}
    return tuple(found.values())
