"""An ensemble gives the same bytes whoever runs it, in whatever pieces, and however often it is stopped."""

import importlib.util
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pytest

from kanmon.core.draws import Draws
from kanmon.core.errors import InputError
from kanmon.engines.base import Outcome
from kanmon.engines.ensemble import Stopped, run_ensemble
from kanmon.engines.ensemble_store import fingerprint
from kanmon.engines.sector import SectorEngine

sys.path.insert(0, str(Path(__file__).parent))
import engine_cases as cases

COUNT, DAYS = 11, 40


def given(versions: int = COUNT):
    """A table with versions, a shock and parameters that differ by draw."""
    table = cases.table(3, versions=versions)
    shock = cases.shock(days=DAYS, draws=COUNT)
    kept = shock.legs[0].kept.copy()
    kept[:, 2:] = np.linspace(0, 0.6, COUNT)[:, None]
    shock = replace(shock, legs=(replace(shock.legs[0], kept=kept),))
    values = {
        ("phi", "ALPHA", "C29", "all"): np.linspace(0.2, 0.9, COUNT),
        ("n_private", "ALPHA", "", "all"): np.linspace(3, 30, COUNT),
    }
    return table, shock, Draws(COUNT, 0, values)


def run(executor: Executor | None = None, engine=None, versions: int = COUNT, **options) -> Outcome:
    table, shock, draws = given(versions)
    engine = engine or SectorEngine(cases.book(), threads=2)
    return run_ensemble(engine, table, shock, draws, months=(1,), executor=executor, **options)


def content(outcome: Outcome) -> dict:
    """Every field by content, so that a difference is named."""
    return {f.name: fingerprint(getattr(outcome, f.name)) for f in fields(outcome)}


@pytest.fixture(scope="module")
def whole() -> dict:
    """The same draws in one piece, without any ensemble."""
    table, shock, draws = given()
    return content(SectorEngine(cases.book(), threads=1).run(table, shock, draws, months=(1,)))


class Backwards(Executor):
    """Runs everything at once when asked for a result, the last thing first."""

    def __init__(self):
        self.todo = []

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        self.todo.append((future, fn, args, kwargs))
        if len(self.todo) == -(-COUNT // 2):
            threading.Thread(target=self._run).start()
        return future

    def _run(self):
        for future, fn, args, kwargs in reversed(self.todo):
            future.set_running_or_notify_cancel()
            future.set_result(fn(*args, **kwargs))


@pytest.mark.parametrize("chunk", [1, 2, 4, 100])
def test_any_size_of_chunk_gives_the_same_bytes(whole, chunk) -> None:
    assert content(run(chunk=chunk)) == whole


def test_any_order_of_chunks_gives_the_same_bytes(whole) -> None:
    assert content(run(Backwards(), chunk=2)) == whole


def test_processes_give_the_same_bytes_as_threads(whole) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert content(run(pool, chunk=3)) == whole
        one = content(run(pool, versions=1, chunk=3))
    assert one == content(run(versions=1))
    assert one != whole


def test_a_chunk_of_no_draws_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one draw"):
        run(chunk=0)


def test_progress_counts_all_draws_once() -> None:
    seen = []
    run(chunk=4, progress=lambda text, share: seen.append((text, share)))
    assert seen[-1] == (f"test: {COUNT} of {COUNT} draws", 1.0)
    assert [share for _, share in seen] == sorted(share for _, share in seen)


# --- kept chunks ------------------------------------------------------------------------------------


@dataclass
class Counting:
    """The sector engine; counts the draws it runs, or is interrupted at the first."""

    inner: SectorEngine
    most: int = 1
    name = "counting"
    assumptions = ()
    exemptions = {}  # noqa: RUF012 - as the protocol has it

    def run(self, table, shock, draws, **options):
        if not self.most:
            raise KeyboardInterrupt
        RAN.append(draws.count)
        return self.inner.run(table, shock, draws, **options)


RAN: list[int] = []


def counted(folder: Path, plain: bool = False) -> tuple[Outcome, int]:
    """A run with kept chunks of two draws on one thread, and how many draws it computed."""
    RAN.clear()
    engine = Counting(SectorEngine(cases.book(), threads=1, plain=plain))
    with ThreadPoolExecutor(1) as pool:
        outcome = run(pool, engine, chunk=2, folder=folder)
    return outcome, sum(RAN)


def test_an_interrupted_run_goes_on_and_gives_the_same_bytes(tmp_path, whole) -> None:
    with pytest.raises(Stopped, match=rf"after 4 of {COUNT} draws .*kept in .*goes on") as stop:
        interrupted(tmp_path)
    assert isinstance(stop.value, KeyboardInterrupt)
    outcome, computed = counted(tmp_path)
    assert computed == COUNT - 4
    assert content(outcome) == whole
    assert counted(tmp_path)[1] == 0


def interrupted(folder: Path) -> None:
    """A run in which the third chunk is hit by an interruption."""
    RAN.clear()

    class Hit(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            return super().submit(hit, fn, *args, **kwargs)

    def hit(fn, *args):
        if len(RAN) == 2:
            raise KeyboardInterrupt
        return fn(*args)

    engine = Counting(SectorEngine(cases.book(), threads=1))
    with Hit(1) as pool:
        run(pool, engine, chunk=2, folder=folder)


def test_a_run_without_a_folder_says_that_nothing_is_kept() -> None:
    with pytest.raises(Stopped, match="nothing is kept"):
        run(engine=Counting(SectorEngine(cases.book()), most=0))


@pytest.mark.parametrize("harm", ["cut", "flip", "swap", "empty"])
def test_a_damaged_chunk_is_computed_again(tmp_path, whole, harm) -> None:
    counted(tmp_path)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 6
    damage(files, harm)
    outcome, computed = counted(tmp_path)
    # Files are named by content, so the first one may be the last chunk, of one draw.
    assert computed in {1, 2}
    assert content(outcome) == whole
    assert counted(tmp_path)[1] == 0


def damage(files: list[Path], harm: str) -> None:
    one = files[0].read_bytes()
    if harm == "cut":
        files[0].write_bytes(one[: len(one) // 2])
    elif harm == "empty":
        files[0].write_bytes(b"")
    elif harm == "swap":
        files[0].write_bytes(files[1].read_bytes())
    else:
        with np.load(files[0]) as stored:
            arrays = {name: stored[name] for name in stored.files}
        arrays["va_lost_daily"][0, -1, 0] += 1e-9
        with files[0].open("wb") as stream:
            np.savez(stream, **arrays)


def test_chunks_of_other_inputs_are_not_taken(tmp_path) -> None:
    counted(tmp_path)
    assert counted(tmp_path, plain=True)[1] == COUNT
    (tmp_path / "notes.txt").write_text("mine")
    counted(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_used_is_named(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write to"):
        counted(tmp_path / "file" / "below")


SCRIPT = """
import sys
sys.path.insert(0, {here!r})
import test_ensemble as t
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
folder = Path({folder!r})
class Slow(ThreadPoolExecutor):
    def submit(self, fn, /, *args):
        def slow(*args):
            import time
            time.sleep(0.2 * (len(list(folder.glob("*.npz"))) > 1) * 100)
            return fn(*args)
        return super().submit(slow, *args)
with Slow(1) as pool:
    t.run(pool, t.SectorEngine(t.cases.book(), threads=1), chunk=2, folder=folder)
"""


def test_a_run_killed_without_warning_goes_on(tmp_path, whole) -> None:
    script = SCRIPT.format(here=str(Path(__file__).parent), folder=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", script]) as program:
        end = time.monotonic() + 60
        while len(list(tmp_path.glob("*.npz"))) < 2 and time.monotonic() < end:
            assert program.poll() is None
            time.sleep(0.02)
        os.kill(program.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")}
    assert 2 <= len(kept) < 6
    assert content(run(chunk=2, folder=tmp_path)) == whole
    after = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")}
    assert len(after) == 6
    # What was there is taken over as it is.
    assert {path: after[path] for path in kept} == kept


# --- a cluster --------------------------------------------------------------------------------------


@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="the extra 'dask' is not there")
def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(whole) -> None:
    import dask
    from distributed import Client, LocalCluster

    quiet = {"distributed.logging.distributed": "error", "distributed.worker.daemon": False}
    with dask.config.set(quiet), LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster, Client(cluster) as client:  # fmt: skip
        pids = list(client.run(os.getpid).values())
        lost = []

        def lose(_text: str, _share: float) -> None:
            if not lost:
                lost.append(pids[0])
                os.kill(pids[0], signal.SIGTERM)

        found = content(run(client.get_executor(), chunk=1, progress=lose))
        assert lost
        assert found == whole


def test_a_worker_of_another_version_is_refused(monkeypatch) -> None:
    from kanmon.engines import ensemble_parts

    class Foreign(Executor):
        def submit(self, fn, /, *args, **kwargs):
            future: Future = Future()
            versions = iter(["other"])
            monkeypatch.setattr(ensemble_parts, "code_version", lambda: next(versions))
            try:
                future.set_result(fn(*args, **kwargs))
            except RuntimeError as fault:
                future.set_exception(fault)
            return future

    with pytest.raises(RuntimeError, match="another version of kanmon"):
        run(Foreign())


# --- fingerprints -----------------------------------------------------------------------------------


def test_a_fingerprint_is_of_content_and_not_of_objects() -> None:
    table, shock, draws = given()
    assert fingerprint(table, shock, draws) == fingerprint(*given())
    assert fingerprint(draws) != fingerprint(replace(draws, seed=1))
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint(1) != fingerprint(1.0) != fingerprint("1")
    assert fingerprint(np.zeros(2)) != fingerprint(np.zeros((2, 1)))
    assert fingerprint(SectorEngine(cases.book(), threads=1)) == fingerprint(
        SectorEngine(cases.book(), threads=2)
    )
    with pytest.raises(TypeError, match="fingerprint"):
        fingerprint(object())
