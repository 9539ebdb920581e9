"""From the labels of a file to places in a country-major table, and the adding up of blocks of rows.

Labels decide: whether the file is ordered by country or by sector never matters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...core.codes import country
from ...core.errors import InputError, Problem, nearest
from .memory import require
from .table import Wish

if TYPE_CHECKING:
    from numpy.typing import NDArray

INDUSTRY, FINAL, OUTPUT, PRIMARY, DROP = "industry", "final", "output", "primary", "drop"
REST = "ROW"
SHOWN = 8
SKIP, OUTPUT_ROW = -1, -2


class Slot(NamedTuple):
    """What one label of a file is: part, region, and the sector, category or name of the row."""

    part: str
    region: str = ""
    name: str = ""


@dataclass(frozen=True)
class Axis:
    """The labels along one side of a file, as written, and what each is."""

    labels: tuple[str, ...]
    slots: tuple[Slot, ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, Slot]]) -> Axis:
        """An axis from (label, slot) pairs."""
        made = tuple(pairs)
        return cls(tuple(p[0] for p in made), tuple(p[1] for p in made))


@dataclass
class Grid:
    """Places of the file's rows and columns in the table, and the arrays being filled.

    row_at: node, N + k for the k-th primary row, -2 for output, or -1; col_at: node, N + f for the
    f-th final column, N + F for output, or -1.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    finals: tuple[tuple[str, str], ...]
    primaries: tuple[str, ...]
    rows: Axis
    cols: Axis
    row_at: NDArray[np.int64]
    col_at: NDArray[np.int64]
    Z: NDArray[np.floating[Any]]
    Y: NDArray[np.floating[Any]]
    x: NDArray[np.float64]
    x_row: NDArray[np.float64]
    primary: NDArray[np.float64]
    absent: list[tuple[str, str]] = field(default_factory=list)
    absent_count: int = 0

    def add(self, first: int, block: NDArray[np.floating[Any]]) -> None:
        """Add a block of whole rows of the file, the first of them being row `first` of it."""
        targets = self.row_at[first : first + len(block)]
        self._note_absent(first, block, targets)
        N, F = len(self.x), len(self.finals)
        for k in np.flatnonzero(targets != SKIP):
            row = np.bincount(self._into, weights=block[k][self._used], minlength=N + F + 1)
            if targets[k] == OUTPUT_ROW:
                self.x_row += row[:N]
            elif targets[k] >= N:
                self.primary[targets[k] - N] += row[:N]
            else:
                self.Z[targets[k]] += row[:N].astype(self.Z.dtype, copy=False)
                self.Y[targets[k]] += row[N : N + F].astype(self.Y.dtype, copy=False)
                self.x[targets[k]] += row[N + F]

    @cached_property
    def _used(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.col_at != SKIP)

    @cached_property
    def _into(self) -> NDArray[np.int64]:
        return self.col_at[self._used]

    def has(self, part: str, side: str) -> bool:
        """Whether the rows or the columns hold a part."""
        return any(s.part == part for s in getattr(self, side).slots)

    def _note_absent(self, first: int, block: NDArray[np.floating[Any]], targets: NDArray[np.int64]) -> None:
        """Remember cells without a number that count, by the file's own labels."""
        if np.isfinite(block.sum()):
            return
        N = len(self.x)
        where = ~np.isfinite(block) & (targets != SKIP)[:, None] & (self.col_at != SKIP)[None, :]
        # Primary rows and the output row may be empty under final demand: those cells are not read.
        where &= ((targets >= 0) & (targets < N))[:, None] | (self.col_at < N)[None, :]
        self.absent_count += int(where.sum())
        for k, j in np.argwhere(where)[: max(0, SHOWN - len(self.absent))]:
            self.absent.append((self.rows.labels[first + k], self.cols.labels[j]))


def grid(rows: Axis, cols: Axis, wish: Wish, where: str, also: Sequence[Problem] = ()) -> Grid:
    """Lay the labels out; InputError with every label that is twice there, missing or unpaired.

    The order of regions and sectors is that of their first appearance among the rows. also: faults that the
    reader found among the labels.
    """
    held = tuple(dict.fromkeys(s.region for s in rows.slots if s.part == INDUSTRY))
    wanted = None if wish.regions is None else frozenset(_called(w, held) for w in wish.regions)
    problems = [*also, *_label_problems(rows, cols, where), *_region_problems(held, wanted, where)]
    if problems:
        raise InputError(problems)

    def kept(region: str) -> str:
        return region if wanted is None or region in wanted else REST

    made = [s for s in rows.slots if s.part == INDUSTRY]
    sectors = tuple(dict.fromkeys(s.name for s in made))
    regions = tuple(dict.fromkeys(kept(s.region) for s in made))
    if wanted is not None and REST in regions:
        regions = (*(r for r in regions if r != REST), REST)
    finals = tuple(dict.fromkeys((kept(s.region), s.name) for s in cols.slots if s.part == FINAL))
    primaries = tuple(dict.fromkeys(s.name for s in rows.slots if s.part == PRIMARY))
    N, F, S = len(regions) * len(sectors), len(finals), len(sectors)
    region_at, sector_at = _numbered(regions), _numbered(sectors)
    final_at, primary_at = _numbered(finals), _numbered(primaries)

    def node(slot: Slot) -> int:
        return region_at[kept(slot.region)] * S + sector_at[slot.name]

    def row(slot: Slot) -> int:
        if slot.part == PRIMARY:
            return N + primary_at[slot.name]
        return node(slot) if slot.part == INDUSTRY else OUTPUT_ROW if slot.part == OUTPUT else SKIP

    def col(slot: Slot) -> int:
        if slot.part == FINAL:
            return N + final_at[kept(slot.region), slot.name]
        return node(slot) if slot.part == INDUSTRY else N + F if slot.part == OUTPUT else SKIP

    dtype = np.dtype(wish.dtype)
    require(N, F, dtype, wish.memory, where)
    return Grid(
        regions,
        sectors,
        finals,
        primaries,
        rows,
        cols,
        np.array([row(s) for s in rows.slots], dtype=np.int64),
        np.array([col(s) for s in cols.slots], dtype=np.int64),
        np.zeros((N, N), dtype),
        np.zeros((N, F), dtype),
        np.zeros(N),
        np.zeros(N),
        np.zeros((len(primaries), N)),
    )


def _numbered(things: Sequence[Any]) -> dict[Any, int]:
    return {thing: k for k, thing in enumerate(things)}


def _label_problems(rows: Axis, cols: Axis, where: str) -> list[Problem]:
    """Labels that stand twice; rows without their column; regions that lack some of the sectors."""
    problems = []
    for side, axis in (("row", rows), ("column", cols)):
        used = [n for n, s in zip(axis.labels, axis.slots, strict=True) if s.part != DROP]
        twice = [label for label, count in Counter(used).items() if count > 1]
        if twice:
            problems.append(_of(f"{len(twice)} {side} labels stand twice", twice, where, "each label once"))
    across = {(s.region, s.name) for s in cols.slots if s.part == INDUSTRY}
    down = {(s.region, s.name) for s in rows.slots if s.part == INDUSTRY}
    for lonely, text in ((down - across, "rows without a column"), (across - down, "columns without a row")):
        if lonely:
            names = sorted(f"{r} {n}" for r, n in lonely)
            problems.append(_of(f"{len(names)} {text} of their name", names, where, "a square table"))
    if not down:
        problems.append(
            Problem("no row is an industry of an economy", where, "nothing to read", "check --kind")
        )
    regions, sectors = ({p[k] for p in down} for k in (0, 1))
    holes = sorted(f"{r} {s}" for r in regions for s in sectors if (r, s) not in down)
    if holes and not problems:
        why = f"{len(regions)} economies x {len(sectors)} sectors should all have a row"
        problems.append(_of(f"{len(holes)} rows are missing", holes, where, why))
    return problems


def _called(word: str, held: Sequence[str]) -> str:
    """The economy that a word means: as the table writes it, in any case, or by its name; else the word."""
    by_fold = {r.casefold(): r for r in (*held, REST)}
    if word in held or word.casefold() in by_fold:
        return word if word in held else by_fold[word.casefold()]
    try:
        code = country(word, "--regions")
    except InputError:
        return word
    return code if code in held else word


def _region_problems(held: Sequence[str], wanted: frozenset[str] | None, where: str) -> list[Problem]:
    why = f"it holds {', '.join(sorted(held)[:12])}{' ...' if len(held) > 12 else ''}"
    return [
        Problem(f"the table has no economy {word!r}", f"--regions, {where}", why, "", nearest(word, held))
        for word in sorted((wanted or frozenset()) - {*held, REST})
    ]


def _of(what: str, names: Sequence[str], where: str, why: str) -> Problem:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return Problem(f"{what}: {', '.join(names[:SHOWN])}{more}", where, why, "mend the labels of the file")
