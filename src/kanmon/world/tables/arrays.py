"""Arrays in an npz read in blocks of rows, without ever holding the whole matrix twice."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np

from ...core.errors import InputError, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 256
ORDERS = ("country-major", "sector-major")


class ArrayFile:
    """An npz whose headers are read first and whose rows come in blocks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.archive = zipfile.ZipFile(path)
        except zipfile.BadZipFile as fault:
            raise InputError(Problem("not an npz file, or cut short", str(path), str(fault))) from None
        self.names = tuple(n.removesuffix(".npy") for n in self.archive.namelist())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.archive.close()

    def has(self, *names: str) -> bool:
        """Whether all these arrays are there."""
        return set(names) <= set(self.names)

    def first(self, *names: str) -> str | None:
        """The first of these arrays that is there."""
        return next((n for n in names if n in self.names), None)

    def require(self, *wanted: Sequence[str]) -> None:
        """InputError naming every group of arrays of which none is there."""
        lacking = [" or ".join(group) for group in wanted if self.first(*group) is None]
        if lacking:
            held = ", ".join(self.names)
            raise InputError(
                [
                    Problem(f"no array {n}", str(self.path), f"it holds {held}", f"save {n} in it")
                    for n in lacking
                ]
            )

    def load(self, name: str) -> NDArray[Any]:
        """A whole array; pickled objects are refused."""
        with self.archive.open(f"{name}.npy") as stream:
            return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))

    def texts(self, *names: str) -> tuple[str, ...]:
        """A list of words under the first of these names that is there."""
        name = self.first(*names)
        return tuple(str(v) for v in self.load(name)) if name else ()

    def text(self, name: str) -> str | None:
        """One word, or None."""
        return str(self.load(name)) if name in self.names else None

    def number(self, name: str) -> int | None:
        """One whole number, or None."""
        return int(self.load(name)) if name in self.names else None

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of an array from its header."""
        with self.archive.open(f"{name}.npy") as stream:
            return _header(stream)[0]

    def square(self, name: str) -> int:
        """Side of a square array; InputError otherwise."""
        shape = self.shape(name)
        if len(shape) != 2 or shape[0] != shape[1]:
            raise InputError(Problem(f"{name} has shape {shape}", str(self.path), "a table is square"))
        return shape[0]

    def rows(self, names: Sequence[str]) -> Iterator[tuple[int, list[NDArray[Any]]]]:
        """Blocks of rows of several arrays at once, vectors as one column; (first row, [blocks])."""
        counts = {n: self.shape(n)[0] for n in names}
        if len(set(counts.values())) > 1:
            text = ", ".join(f"{n} {c}" for n, c in counts.items())
            raise InputError(Problem(f"arrays of different length: {text}", str(self.path), "one row a node"))
        total = next(iter(counts.values()))
        with ExitStack() as stack:
            readers = [_Rows(stack.enter_context(self.archive.open(f"{n}.npy"))) for n in names]
            for first in range(0, total, ROWS):
                count = min(ROWS, total - first)
                yield first, [r.take(count) for r in readers]


class _Rows:
    """One array of an npz, row by row; a Fortran-ordered one is loaded whole."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        shape, fortran, self.dtype = _header(stream)
        self.width = int(np.prod(shape[1:], dtype=np.int64)) if len(shape) > 1 else 1
        self.whole: NDArray[Any] | None = None
        self.at = 0
        if fortran and len(shape) > 1:
            data = np.frombuffer(stream.read(), self.dtype)
            self.whole = data.reshape(shape, order="F")

    def take(self, count: int) -> NDArray[Any]:
        """The next rows, (count, width)."""
        if self.whole is not None:
            part = self.whole[self.at : self.at + count]
            self.at += count
            return np.asarray(part)
        size = count * self.width * self.dtype.itemsize
        return np.frombuffer(self.stream.read(size), self.dtype).reshape(count, self.width)


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(stream)
    if dtype.hasobject:
        raise InputError(Problem("the array holds Python objects", fix="save numbers or words"))
    return tuple(shape), bool(fortran), np.dtype(dtype)


def order_slots(
    regions: Sequence[str], sectors: Sequence[str], N: int, order: str | None, where: str
) -> list[tuple[str, str]]:
    """(region, sector) of each row of an array without labels, by the order that somebody stated."""
    problems = []
    if order not in ORDERS:
        problems.append(
            Problem(
                "the order of the rows is not stated" if order is None else f"no order is called {order!r}",
                where,
                "an array without labels does not say whether it runs by country or by sector",
                "--order country-major or --order sector-major, or arrays row_regions and row_sectors",
            )
        )
    if len(regions) * len(sectors) != N:
        problems.append(
            Problem(
                f"{len(regions)} regions x {len(sectors)} sectors are not {N} rows",
                where,
                "each region has each sector once",
            )
        )
    if problems:
        raise InputError(problems)
    if order == "country-major":
        return [(r, s) for r in regions for s in sectors]
    return [(r, s) for s in sectors for r in regions]
