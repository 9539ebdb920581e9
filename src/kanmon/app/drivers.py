"""Which unknown drives the loss: Morris screening of everything that a run of one measure reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws, Uncertain
from ..core.errors import MissingDataError, Problem
from ..core.figure import Figure
from ..core.spread import spread
from ..engines.ensemble import run_ensemble
from ..engines.morris import Screening, draws_at, screening, trajectories
from ..expose.shock import shock_parameters
from ..measure.load import newest_source_date
from ..world.split_flows import flow_rows
from .model import Progress, chain, focus_of, ground, unknowns, wanted_products, widest
from .run import find_coverage, silent

if TYPE_CHECKING:
    from ..core.draws import Key
    from ..expose.records import Shock
    from ..measure.measure import Coverage
    from ..world.world import World
    from .model import Ground
    from .what import Question

DAYS = 365


@dataclass(frozen=True)
class Drivers:
    """What was screened: the unknowns in the order of `screening`, and whose loss they move.

    loss: value added lost in the buyer over the run's months, over all points of the screening.
    """

    measure: str
    scenario: str
    buyer: str
    on: date
    months: int
    unknowns: tuple[Uncertain, ...]
    screening: Screening
    loss: Figure


def drivers(
    question: Question,
    world: World,
    *,
    buyer: str | None = None,
    on: date | None = None,
    months: int = 12,
    count: int = 8,
    seed: int = 1,
    progress: Progress | None = None,
) -> Drivers:
    """Screen everything uncertain that the widest scenario of a measure reads, flows included.

    count: trajectories. Mixes of users that are drawn around the parent sector's sales are held there.
    MissingDataError where no scenario has a loss with a middle value.
    """
    from ..engines.sector import SectorEngine

    tell = progress or silent
    day = on or newest_source_date()
    who, _, coverage = find_coverage(question, buyer, day, world)
    focus = focus_of(world, question.measure, coverage, detail=False)
    days = max(DAYS, -(-months * 365 // 12))
    engine = SectorEngine(world.parameters)
    known = _uncertain(world, coverage)
    tell("finding out what the run reads", 0.02)
    middle = {u.key: u.mid for u in known.values()}
    at_mid = Draws(1, seed, {k: np.array([v]) for k, v in middle.items()}, streams=False)
    start = ground(world, question.measure, coverage, focus, at_mid, days)
    shock = _shock(start, question.measure.id)
    read = set(unknowns(engine, start, shock).values) & set(known)
    moved = tuple(known[key] for key in sorted(read) if known[key].high > known[key].low)
    points = trajectories(len(moved), count, seed)
    draws = draws_at(points, moved, middle, seed)
    tell(f"preparing {draws.count:,} runs of {len(moved)} unknowns", 0.04)
    whole = ground(world, question.measure, coverage, focus, draws, days)
    shock = _shock(whole, question.measure.id)
    outcome = run_ensemble(
        engine,
        whole.whole,
        shock,
        draws,
        months=(months,),
        progress=lambda step, share: tell(step, 0.1 + 0.9 * share),
    )
    loss = outcome.lost_share(who, months) * 100
    found = screening(points, loss.reshape(points.shape[:2]), seed)
    label = f"value added lost in {who} after {months} months, at the points of the screening"
    figure = spread(label, "% of GDP", loss, outcome.sources)
    return Drivers(question.measure.id, shock.scenario, who, day, months, moved, found, figure)


def _uncertain(world: World, coverage: Coverage) -> Mapping[Key, Uncertain]:
    """Every distribution that a run could read: parameters, those of the clauses, rows of flows."""
    found = {u.key: u for u in (*world.parameters, *shock_parameters(coverage))}
    for product in chain(world, wanted_products(world, coverage)):
        for row in flow_rows(world, product):
            found[row.range.key] = row.range
    return found


def _shock(on: Ground, measure: str) -> Shock:
    shock = widest(on.shocks)
    if shock is None:
        raise MissingDataError(
            Problem(
                "no scenario of this measure has a loss with a middle value",
                where=measure,
                why="no covered product has data, or the table already contains the measure",
                fix="kanmon assess says what is missing",
            )
        )
    return shock
