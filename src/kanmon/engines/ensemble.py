"""Many draws of one shock: in chunks, on any executor, kept as they finish, the same bytes whatever the way.

A draw does not know of the others, so an ensemble is cut anywhere and run in any order, by threads, by
processes or on a cluster; the chunks are put together by their place and not by their time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..core.draws import Draws
from ..core.source import unite
from ..expose.records import Shock
from ..world.records import SplitTable
from .base import Engine, Outcome, Rationing
from .ensemble_parts import Common, Part, Recipe, common, part, run_part, sent
from .ensemble_store import Store, code_version, fingerprint

CHUNK = 16
"""Draws of a chunk: little memory and little to do again, and still small beside the work it carries."""

Progress = Callable[[str, float], None]


class Stopped(KeyboardInterrupt):
    """An ensemble that was interrupted; its text says what is kept and how to go on."""


def run_ensemble(
    engine: Engine,
    table: SplitTable | Recipe,
    shock: Shock,
    draws: Draws,
    *,
    rationing: Rationing = "contract_first",
    months: tuple[int, ...] = (3, 6, 12),
    executor: Executor | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
    chunk: int = CHUNK,
) -> Outcome:
    """Run all draws of a shock in chunks.

    Parameters
    ----------
    table
        A split table, or a recipe whose versions are made chunk by chunk (`world.split_plan`): the
        table of 1,024 draws would need a gigabyte at 363 industries.
    executor
        Any `concurrent.futures.Executor`: threads by default, a process pool, or what a Dask client
        gives (`client.get_executor()`). Its workers need the same versions as this program.
    folder
        Finished chunks are kept there. A later run with the same inputs and code takes them over; what
        is damaged, or comes of other inputs, is computed again.
    progress
        Called with a sentence and the share done, from the calling thread.
    chunk
        Draws at most per chunk.

    Raises
    ------
    Stopped
        Interrupted by the user; a KeyboardInterrupt.
    """
    if chunk < 1:
        raise ValueError(f"a chunk has at least one draw, not {chunk}")
    shared = common(engine, table, rationing, months)
    workers = getattr(engine, "threads", 1) if executor is None else None
    size = min(chunk, -(-draws.count // workers)) if workers else chunk
    run = _Run(draws.count, shock.scenario, Store(folder) if folder else None, progress)
    todo = []
    base = fingerprint(code_version(), shared) if folder else ""
    if run.store:
        run.store.open()
    for first in range(0, draws.count, size):
        last = min(draws.count, first + size)
        own = part(table, shock, draws, first, last)
        key = fingerprint(base, own) if folder else ""
        found = run.store.load(key) if run.store else None
        if found is None:
            todo.append((first, key, own))
        else:
            run.take(first, found)
    with _workers(executor, workers) as pool:
        _work(run, pool, shared, todo)
    return run.outcome()


@contextmanager
def _workers(executor: Executor | None, threads: int | None) -> Iterator[Executor]:
    """The user's executor, which stays theirs, or threads of our own."""
    if executor is not None:
        yield executor
        return
    with ThreadPoolExecutor(max_workers=threads) as own:
        yield own


def _work(run: _Run, pool: Executor, shared: Common, todo: list[tuple[int, str, Part]]) -> None:
    """Run the chunks that are not there yet; after a fault or an interruption keep what is finished."""
    with sent(shared, pool) as parcel:
        waiting: dict[Future[Outcome], tuple[int, str]] = {}
        try:
            for first, key, own in todo:
                waiting[pool.submit(run_part, parcel, own)] = first, key
            for future in as_completed(tuple(waiting)):
                first, key = waiting[future]
                outcome = future.result()
                waiting.pop(future)
                run.keep(first, key, outcome)
        except BaseException as fault:
            for future in waiting:
                future.cancel()
            for future, (first, key) in waiting.items():
                if future.done() and not future.cancelled() and future.exception() is None:
                    run.keep(first, key, future.result())
            if isinstance(fault, KeyboardInterrupt):
                raise Stopped(run.stopped()) from None
            fault.add_note(run.stopped())
            raise


@dataclass
class _Run:
    """The outcome as it fills up, chunk by chunk, in any order."""

    count: int
    scenario: str
    store: Store | None
    progress: Progress | None
    arrays: dict[str, Any] = field(default_factory=dict)
    parts: dict[int, dict[str, Any]] = field(default_factory=dict)
    done: int = 0

    def keep(self, first: int, key: str, outcome: Outcome) -> None:
        """A chunk that has just been computed."""
        if self.store:
            self.store.save(key, outcome)
        self.take(first, outcome)

    def take(self, first: int, outcome: Outcome) -> None:
        """Put a chunk in its place."""
        given = {f.name: getattr(outcome, f.name) for f in fields(outcome)}
        for name in [n for n, value in given.items() if isinstance(value, np.ndarray)]:
            rows = given.pop(name)
            if name not in self.arrays:
                self.arrays[name] = np.empty((self.count, *rows.shape[1:]), rows.dtype)
            self.arrays[name][first : first + rows.shape[0]] = rows
        self.parts[first] = given
        self.done += outcome.draws
        if self.progress:
            self.progress(f"{self.scenario}: {self.done:,} of {self.count:,} draws", self.done / self.count)

    def outcome(self) -> Outcome:
        """All chunks together; those facts that a chunk may lack are united in the order of draws."""
        ordered = [self.parts[first] for first in sorted(self.parts)]
        same = dict(ordered[0])
        texts = dict.fromkeys(text for given in ordered for text in given["assumptions"])
        same |= {"assumptions": tuple(texts), "sources": unite(*(given["sources"] for given in ordered))}
        return Outcome(**same, **self.arrays)

    def stopped(self) -> str:
        """What is kept of a run that ends here, and how to go on."""
        done = f"stopped after {self.done:,} of {self.count:,} draws of scenario {self.scenario}"
        if not self.store:
            return f"{done}; nothing is kept"
        return f"{done}; they are kept in {self.store.folder}: the same command goes on from there"
