"""The modelling part of a run: coverage to split table to shocks to outcomes, on one set of draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.draws import Draws, draw
from ..core.errors import MissingDataError, Problem
from ..engines.base import Outcome
from ..expose.records import Shock
from ..expose.shock import names_of, shock_parameters, shocks
from ..measure.measure import Coverage, Measure
from ..world.records import SplitTable
from ..world.split import split

if TYPE_CHECKING:
    from ..engines.sector import SectorEngine
    from ..world.world import World

RULES = ("contract_first", "contract_and_final", "proportional")
"""Rationing rules, the default first (method.md section 5, part 7)."""

RULE_DRAWS = 8
"""Draws for the rules beside the default one: the first points of the same net, enough for their median."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Model:
    """What the engine saw and said: one table, the shocks, and outcomes by scenario and rule."""

    engine: SectorEngine
    table: SplitTable
    draws: Draws
    shocks: tuple[Shock, ...]
    outcomes: dict[str, dict[str, Outcome]]


def chain(world: World, wanted: Sequence[str]) -> tuple[str, ...]:
    """The products to carve out: those wanted, what they are made of, and what is made of them."""
    found = set(wanted)
    while True:
        more = {i for p in found for i in world.products[p].inputs if i in world.products}
        more |= {p for p, card in world.products.items() if found & set(card.inputs)}
        if more <= found:
            return tuple(p for p in world.products if p in found)
        found |= more


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
) -> Model:
    """Cut the focus table, carve the covered products out, build the shocks and run them all."""
    from ..engines.sector import SectorEngine

    progress("cutting the focus table", 0.05)
    sides = (*measure.imposers, coverage.buyer)
    absent = world.missing_regions(sides)
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
    focus = world.focus(world.focus_regions(measure.imposers, [coverage.buyer]), detail=detail)
    draws = draw((*world.parameters, *shock_parameters(coverage)), count, seed)
    wanted = sorted({c.product for c in coverage.covered if c.product in world.products})
    progress("carving the covered products out of their sectors", 0.15)
    table = split(focus, world, draws, chain(world, wanted))
    found = shocks(
        coverage,
        table,
        draws,
        world.parameters,
        world.unsplit_share,
        days=days,
        names=names_of(world),
        all_buyers="all" in measure.targets,
    )
    engine = SectorEngine(world.parameters)
    outcomes: dict[str, dict[str, Outcome]] = {}
    small = min(count, RULE_DRAWS)
    for k, shock in enumerate(found):
        progress(f"running scenario {shock.scenario}", 0.2 + 0.5 * k / len(found))
        outcomes[shock.scenario] = {
            rule: engine.run(
                table if rule == RULES[0] else first_draws(table, small),
                shock if rule == RULES[0] else shock_first(shock, small),
                draws if rule == RULES[0] else draws.first(small),
                rationing=rule,  # type: ignore[arg-type]
                months=months,
            )
            for rule in RULES
        }
    return Model(engine, table, draws, found, outcomes)


def first_draws(table: SplitTable, count: int) -> SplitTable:
    """The first `count` versions of a split table (the same table when it is certain)."""
    from dataclasses import replace

    if table.draws <= count:
        return table
    return replace(
        table,
        Z=table.Z[:count],
        x=table.x[:count],
        final=table.final[:count],
        value_added=table.value_added[:count],
    )


def shock_first(shock: Shock, count: int) -> Shock:
    """The first `count` draws of a shock."""
    from dataclasses import replace

    legs = tuple(replace(leg, kept=leg.kept[:count], leak=leg.leak[:count]) for leg in shock.legs)
    extra = {key: value[:count] for key, value in shock.extra_stock_days.items()}
    return replace(shock, legs=legs, draws=min(count, shock.draws), extra_stock_days=extra)
