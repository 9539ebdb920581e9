"""ARIO: milliseconds a step against table size, against the memory read of the table, and against BoARIO.

python benchmarks/run.py ario

BoARIO 0.7.2 runs in an environment of its own, whose Python KANMON_BOARIO_PYTHON names;
without it those rows are left out. Times are the least of many steps, as the machine may be shared.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from numba import njit, prange

from row import Row

HERE = Path(__file__).parent
BOARIO = os.environ.get("KANMON_BOARIO_PYTHON", "")
SIZES = {500: (10, 50), 1000: (20, 50), 2000: (40, 50), 4000: (80, 50), 7987: (49, 163)}
MOST_MS = {(500, "f64"): 0.25, (4000, "f64"): 12.0, (7987, "f64"): 60.0, (7987, "f32"): 30.0}
LEAST_RATIO = {4000: 60.0, 7987: 90.0}
BOARIO_STEPS = {500: 60, 1000: 30, 2000: 12, 4000: 6, 7987: 4}
REPEATS = 3
TYPES = {"f64": np.float64, "f32": np.float32}
Arrays = dict[str, np.ndarray]


@njit(parallel=True, fastmath=True)
def read(Z: np.ndarray) -> float:
    """Sum of all cells: the least that a step can take."""
    out = np.zeros(Z.shape[0])
    for i in prange(Z.shape[0]):
        one = Z.dtype.type(0)
        for j in range(Z.shape[1]):
            one += Z[i, j]
        out[i] = one
    return out.sum()


@cache
def table(size: int) -> Arrays:
    """The first regions of the embedded table, or random cells at the size of EXIOBASE."""
    from kanmon.world.world import World

    R, S = SIZES[size]
    if size <= 4000:
        whole = World.default().table
        N = R * S
        Z, x = np.ascontiguousarray(whole.Z[:N, :N]), whole.x[:N]
        regions, sectors = np.array(whole.regions[:R]), np.array(whole.sectors)
    else:
        rng = np.random.default_rng(1)
        Z = rng.random((R * S, R * S))
        x = Z.sum(axis=0) * 2 + Z.sum(axis=1)
        regions, sectors = np.array([f"r{k:02}" for k in range(R)]), np.array([f"s{k:03}" for k in range(S)])
    return {"Z": Z, "x": x, "f": x - Z.sum(axis=1), "regions": regions, "sectors": sectors}


def least(do: Callable[[], object], times: int) -> float:
    """Milliseconds of the quickest of several runs."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        do()
        found.append(time.perf_counter() - begin)
    return min(found) * 1e3


@njit(fastmath=True)
def read_alone(Z: np.ndarray) -> float:
    """The same on one thread."""
    whole = 0.0
    for i in range(Z.shape[0]):
        one = Z.dtype.type(0)
        for j in range(Z.shape[1]):
            one += Z[i, j]
        whole += one
    return whole


def reading(Z: np.ndarray) -> float:
    """Least milliseconds of a read, on as many threads as a step of that size takes."""
    from kanmon.kernels.ario_fast import SMALL

    do = read_alone if len(Z) <= SMALL else read
    do(Z)
    return least(lambda: do(Z), 30)


def case(t: Arrays, *, gates: bool = True, loss: float = 0.2, days: float = 90.0) -> tuple:
    from kanmon.kernels.ario import ArioParameters
    from kanmon.kernels.ario_events import CapacityLoss

    S = len(t["sectors"])
    hit = np.where(np.arange(len(t["x"])) == S // 2, loss, 0.0)
    p = ArioParameters(np.full(S, days), np.full(S, 60.0), gates=gates)
    return p, [CapacityLoss(hit, 1, 90, 30)]


def our_steps(t: Arrays, dtype: type, steps: int) -> tuple[float, float, float]:
    """Least milliseconds of a step, of a read of the table just after, and seconds of 365 steps or fewer."""
    from kanmon.kernels.ario_fast import ario_fast

    Z = t["Z"].astype(dtype)
    p, events = case(t)
    ario_fast(Z, t["f"], t["x"], p, events, 3)
    best, bound, whole = np.inf, np.inf, np.inf
    for _ in range(REPEATS):
        marks = [time.perf_counter()]
        ario_fast(
            Z, t["f"], t["x"], p, events, steps, progress=lambda _, m=marks: m.append(time.perf_counter())
        )
        whole = min(whole, marks[-1] - marks[0])
        best = min(best, float(np.diff(marks)[1:].min()) * 1e3)
        bound = min(bound, reading(Z))
    return best, bound, whole


def boario(size: int) -> float | None:
    """Least milliseconds of a step of BoARIO after its first."""
    if not BOARIO or size not in BOARIO_STEPS:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.npz"
        np.savez(path, **table(size))
        done = subprocess.run(
            [BOARIO, str(HERE / "boario_steps.py"), str(path), str(BOARIO_STEPS[size])],
            capture_output=True,
            text=True,
            check=True,
        )
    return min(json.loads(done.stdout.splitlines()[-1])["steps"][2:]) * 1e3


def single_rows() -> list[Row]:
    found = []
    for size in SIZES:
        theirs = boario(size)
        if theirs is not None:
            found.append(Row(f"BoARIO, {size} industries, a step", theirs, "ms"))
        for kind, dtype in TYPES.items():
            steps = 365 if size <= 4000 else 30
            ours, bound, whole = our_steps(table(size), dtype, steps)
            name = f"ARIO, {size} industries, {kind}"
            note = f"{ours / bound:.2f} x the read of the table, {bound:.3g} ms"
            found.append(Row(f"{name}, a step", ours, "ms", MOST_MS.get((size, kind)), note))
            if size == 4000:
                found.append(Row(f"{name}, 365 days", whole, "s", 5.0))
            if theirs is not None and kind == "f64":
                most = LEAST_RATIO.get(size)
                note = f"{theirs / ours:.0f} times as fast"
                found.append(
                    Row(f"{name}, share of BoARIO's time", ours / theirs, "", most and 1 / most, note)
                )
    return found


MEMORY = """
import sys
import numpy as np
sys.path.insert(0, {here!r})
from bench_ario import case, peak
from kanmon.kernels.ario_fast import ario_fast
N, S = {size}, {sectors}
small = dict(sectors=range(S), x=np.ones(4 * S), f=np.full(4 * S, 0.5))
p, events = case(small)
ario_fast(np.full((4 * S, 4 * S), 0.01, dtype=np.{dtype}), small["f"], small["x"], p, events, 3)
before = peak()
Z = np.random.default_rng(1).random((N, N), dtype=np.{dtype})
x = Z.sum(axis=0, dtype=float) * 2 + Z.sum(axis=1, dtype=float)
p, events = case(dict(sectors=range(S), x=x))
ario_fast(Z, x - Z.sum(axis=1, dtype=float), x, p, events, 365)
print((peak() - before) / Z.nbytes)
"""


def peak() -> int:
    """Most bytes that this process has held since it began (its parent's are not counted)."""
    rows = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines())
    return int(rows["VmHWM"].split()[0]) * 1024


def memory_rows() -> list[Row]:
    R, S = SIZES[7987]
    found = []
    for kind, dtype in TYPES.items():
        text = MEMORY.format(here=str(HERE), size=R * S, sectors=S, dtype=dtype.__name__)
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
        what = f"ARIO, 7987 industries, {kind}, 365 days: peak memory over the table"
        found.append(Row(what, float(done.stdout), "", 1.3))
    return found


def batch(t: Arrays, count: int, steps: int) -> float:
    """Milliseconds a draw and step in single precision; what is done once is subtracted."""
    from kanmon.kernels.ario_batch import ario_batch

    rng = np.random.default_rng(1)
    draws = [case(t, gates=False, loss=0.2 * rng.random(), days=rng.uniform(30, 90)) for _ in range(count)]
    Z, watch = t["Z"].astype(np.float32), np.ones((1, len(t["x"])))

    def run(days: int) -> float:
        return least(lambda: ario_batch(Z, t["f"], t["x"], draws, days, watch=watch), 2)

    run(1)
    return (run(1 + steps) - run(1)) / steps / count


def batch_rows() -> list[Row]:
    from kanmon.world.world import World

    found = []
    for count in (1, 4, 16, 64, 128):
        ms = batch(table(4000), count, max(4, 12 * 16 // count))
        limit = 1.5 if count == 64 else None
        found.append(
            Row(f"ARIO, 4000 industries, {count} draws at once, f32, a draw and step", ms, "ms", limit)
        )
    world = World.default()
    regions = world.focus_regions([world.table.regions[0]], [world.table.regions[-1]], cap=12)
    cut = world.focus(regions, detail=True)
    t = {"Z": cut.Z, "x": cut.x, "f": cut.final, "sectors": np.array(cut.sectors)}
    begin = time.perf_counter()
    from kanmon.kernels.ario_batch import ario_batch

    rng = np.random.default_rng(1)
    draws = [case(t, gates=False, loss=0.2 * rng.random(), days=rng.uniform(30, 90)) for _ in range(1024)]
    ario_batch(t["Z"].astype(np.float32), t["f"], t["x"], draws, 365, watch=np.ones((1, len(cut.x))))
    what = f"ARIO, focus table of {len(cut.x)}, 1,024 draws x 365 days"
    found.append(Row(what, time.perf_counter() - begin, "s", 60.0))
    return found


def rows() -> list[Row]:
    return [*single_rows(), *memory_rows(), *batch_rows()]
