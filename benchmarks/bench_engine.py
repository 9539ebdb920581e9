"""Sector engine: milliseconds a draw and year, cold compilation, distance of the twins."""

import os
import subprocess
import sys
import tempfile
import time

import numpy as np

from row import Row

SELLER, BUYER = "CHN", "JPN"
DRAWS, DAYS = 16, 365
COLD = """
import time
from kanmon.kernels.shortage import warm
begin = time.perf_counter()
warm()
print(time.perf_counter() - begin)
"""


def cold_compile() -> float:
    """Seconds to compile the kernel in a process with an empty cache."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, "-c", COLD],
            env={**os.environ, "NUMBA_CACHE_DIR": cache},
            capture_output=True,
            text=True,
            check=True,
        )
    return float(done.stdout)


def rows() -> list[Row]:
    from kanmon.core.draws import draw
    from kanmon.engines.inputs import prepare
    from kanmon.engines.sector import SectorEngine, _input
    from kanmon.expose.records import Leg, Shock
    from kanmon.kernels.shortage import shortage
    from kanmon.kernels.shortage_plain import shortage_plain
    from kanmon.world.world import World

    world = World.default()
    draws = draw(world.parameters, DRAWS, 1)
    table = world.split(world.focus(world.focus_regions([SELLER], [BUYER])), draws)
    kept = np.zeros((DRAWS, DAYS))
    legs = tuple(Leg(SELLER, p, (BUYER,), kept, kept) for p in ("HREE", "LREE", *world.parts("MAG")))
    shock = Shock("full_stop", "rare earths and magnets", legs, DAYS, DRAWS, {}, False, (), ())
    case = _input(table, shock, prepare(table, shock, draws, world.parameters), 3, 0)
    shortage(case._replace(days=2))
    begin = time.process_time()
    for _ in range(5):
        fast = shortage(case)
    per_year = (time.process_time() - begin) / 5 * 1e3
    short = case._replace(days=40)
    gap = float(np.abs(shortage(short).output - shortage_plain(short).output).max())
    engine = SectorEngine(world.parameters)
    begin = time.perf_counter()
    engine.run(table, shock, draws)
    wall = (time.perf_counter() - begin) / DRAWS * 1e3
    nodes = fast.output.shape[1]
    return [
        Row(f"shortage kernel, {nodes} nodes, 365 days, one thread", per_year, "ms"),
        Row(f"sector engine, {engine.threads} threads, a draw and year", wall, "ms"),
        Row("shortage kernel, compilation with an empty cache", cold_compile(), "s"),
        Row("shortage kernel against its readable twin, 40 days", gap, "", 1e-12),
    ]
