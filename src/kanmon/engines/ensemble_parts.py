"""The draws of a run as chunks that stand alone: what each needs, cut out, sent, and run anywhere."""

from __future__ import annotations

import copy
import hashlib
import pickle
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..core.draws import Draws
from ..expose.records import Shock
from ..world.records import SplitTable
from .base import Engine, Outcome, Rationing
from .ensemble_store import code_version

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class Frame(Protocol):
    """What all versions of a table share; it makes the versions of a chunk from their amounts."""

    def table(self, amounts: Any) -> SplitTable:
        """The versions whose amounts these are."""
        ...


class Recipe(Protocol):
    """A table whose versions, N * N numbers a draw, are made only where and while they are needed."""

    @property
    def draws(self) -> int:
        """Number of versions."""
        ...

    @property
    def frame(self) -> Frame:
        """What all versions share, sent to a worker once."""
        ...

    def amounts(self, first: int, last: int) -> Any:
        """What the versions first to last - 1 do not share; small, sent with each chunk."""
        ...


@dataclass(frozen=True)
class Common:
    """What all chunks of a run share. table: the only version, the frame of a recipe, or None."""

    engine: Engine
    table: SplitTable | Frame | None
    rationing: Rationing
    months: tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """One chunk: its own versions (or their amounts, or None), its draws of the shock and the parameters."""

    table: Any
    shock: Shock
    draws: Draws


@dataclass(frozen=True)
class Sent:
    """`Common` on its way to another process: pickled, in the message or in a file of this machine."""

    digest: str
    code: str
    content: bytes | None
    path: Path | None


def common(
    engine: Engine, table: SplitTable | Recipe, rationing: Rationing, months: tuple[int, ...]
) -> Common:
    """What all chunks share. Chunks run side by side, so the engine itself runs its draws one by one."""
    alone = copy.copy(engine)
    if hasattr(alone, "threads"):
        alone.threads = 1
    shared: SplitTable | Frame | None
    if isinstance(table, SplitTable):
        shared = table if table.draws == 1 else None
    else:
        shared = table.frame
    return Common(alone, shared, rationing, months)


def part(table: SplitTable | Recipe, shock: Shock, draws: Draws, first: int, last: int) -> Part:
    """The draws first to last - 1 of a run."""
    own: Any
    if isinstance(table, SplitTable):
        own = None if table.draws == 1 else table_part(table, first, last)
    else:
        own = table.amounts(first, last)
    return Part(own, shock_part(shock, first, last), draws.part(first, last))


def table_part(table: SplitTable, first: int, last: int) -> SplitTable:
    """Versions first to last - 1 of a split table (the same table when it has only one)."""
    if table.draws == 1:
        return table
    cut = slice(first, last)
    return replace(
        table,
        Z=table.Z[cut],
        x=table.x[cut],
        final=table.final[cut],
        value_added=table.value_added[cut],
        borrowed=None if table.borrowed is None else table.borrowed[cut],
        bought=table.buyers,
    )


def shock_part(shock: Shock, first: int, last: int) -> Shock:
    """Draws first to last - 1 of a shock (arrays of one draw hold for all)."""

    def cut(array: Array) -> Array:
        return array if array.shape[0] == 1 else array[first:last]

    legs = tuple(replace(leg, kept=cut(leg.kept), leak=cut(leg.leak)) for leg in shock.legs)
    extra = {key: cut(np.atleast_1d(days)) for key, days in shock.extra_stock_days.items()}
    return replace(shock, legs=legs, draws=last - first, extra_stock_days=extra)


def run_part(shared: Common | Sent, own: Part) -> Outcome:
    """Run one chunk; the function that an executor calls, here or in another process."""
    given = shared if isinstance(shared, Common) else _opened(shared)
    table = given.table if own.table is None else own.table
    if not isinstance(table, SplitTable):
        table = given.table.table(own.table)  # type: ignore[union-attr]
    return given.engine.run(table, own.shock, own.draws, rationing=given.rationing, months=given.months)


@contextmanager
def sent(shared: Common, executor: Executor) -> Iterator[Common | Sent]:
    """The common part as it reaches the workers of an executor.

    Threads share it; processes of this machine read one file, once each; others, which may see no file
    of ours, get it with every chunk and unpack it once each.
    """
    if isinstance(executor, ThreadPoolExecutor):
        yield shared
        return
    content = pickle.dumps(shared)
    digest = hashlib.sha256(content).hexdigest()
    if not isinstance(executor, ProcessPoolExecutor):
        yield Sent(digest, code_version(), content, None)
        return
    with TemporaryDirectory(prefix="kanmon-") as folder:
        path = Path(folder) / "common.pickle"
        path.write_bytes(content)
        yield Sent(digest, code_version(), None, path)


def _opened(parcel: Sent) -> Common:
    """The common part in a worker, which must run the very code that sent it."""
    if parcel.code != code_version():
        raise RuntimeError(
            "this worker has another version of kanmon, of its libraries or of the machine than the program "
            "that sent the work: install the same on all"
        )
    return _unpacked(parcel)


@lru_cache(maxsize=2)
def _unpacked(parcel: Sent) -> Common:
    content = parcel.path.read_bytes() if parcel.path else parcel.content or b""
    if hashlib.sha256(content).hexdigest() != parcel.digest:
        raise RuntimeError("the work was damaged on its way to this worker")
    found = pickle.loads(content)
    if not isinstance(found, Common):
        raise TypeError(f"a worker was sent {type(found).__name__}")
    return found
