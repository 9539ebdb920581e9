"""One case of the default model at any size: a full stop of every product, draws x days x industries."""

import time
from datetime import date

DAYS = 365
SELLER, BUYER = "CHN", "JPN"
SMALL, MIDDLE, LARGE = (3, False), (10, False), (10, True)
SIZES = (SMALL, (6, False), MIDDLE, (7, True), LARGE)
"""Named regions beside the rest, and whether all sectors stand apart instead of groups of them."""


def case(regions: int, *, detail: bool, draws: int):
    """(engine, table or recipe, shock, draws, industries)."""
    from kanmon.app.model import WHOLE_DRAWS
    from kanmon.core.draws import draw
    from kanmon.engines.sector import SectorEngine
    from kanmon.expose.restrictions import Ground, Restriction, restrict
    from kanmon.expose.shock import names_of, shock_parameters
    from kanmon.measure.measure import Coverage, Status
    from kanmon.world.split import plan
    from kanmon.world.world import World

    world = World.default()
    goods = tuple(world.products)
    focus = world.focus(world.focus_regions([SELLER], [BUYER], cap=regions, products=goods), detail=detail)
    whom = Coverage("case", date.min, BUYER, SELLER, Status("in_force", None, ""), (), ())
    drawn = draw((*world.parameters, *shock_parameters(whom)), draws, 1)
    recipe = plan(focus, world, drawn)
    table = recipe.table() if draws <= WHOLE_DRAWS else recipe.first(WHOLE_DRAWS)
    names = names_of(world)
    ground = Ground(table, drawn, world.parameters, world.unsplit_share, names, DAYS, BUYER)
    ban = Restriction("full stop", (SELLER,), table.products, (), (BUYER,), "ban")
    shock = restrict("full stop", [ban], ground).shock
    engine = SectorEngine(world.parameters)
    return engine, table if draws <= WHOLE_DRAWS else recipe, shock, drawn, table.Z.shape[1]


def seconds(regions: int, *, detail: bool, draws: int) -> tuple[int, float]:
    """(industries, seconds of the run): contracts first, all cores, kernel compiled ahead."""
    from kanmon.engines.ensemble import run_ensemble

    engine, table, shock, drawn, industries = case(regions, detail=detail, draws=draws)
    engine.warm()
    begin = time.perf_counter()
    run_ensemble(engine, table, shock, drawn)
    return industries, time.perf_counter() - begin
