"""A table that pymrio holds (`pymrio.parse_...`): its frames Z, Y and x, by their labels.

Anything with these attributes will do. Z: rows and columns of (region, sector); Y: rows of (region, sector),
columns of (region, category) or of anything else; x: one column. Labels decide, not the order.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import InputError, Problem
from ...core.source import Source
from .table import Table

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

Node = tuple[str, str]
NAME = "the pymrio system"


def from_frames(
    system: Any, *, year: int | None = None, unit: str = "USD million", dtype: DTypeLike = np.float64
) -> Table:
    """A Table from an object with frames Z, Y and x.

    year: of the flows; None takes `system.meta` or `system.year` where it states one. unit: of the flows,
    since pymrio keeps it as text of its own.

    Raises
    ------
    InputError : frames or labels that are missing or do not fit, numbers that are none, an unknown year.
    """
    from .checks import check_table, refusals

    nodes, problems = _nodes(system)
    found = _year(system) if year is None else year
    if found is None:
        problems.append(Problem("the year of the table is not known", NAME, fix="give year=2022"))
    if problems or nodes is None:
        raise InputError(problems)
    regions, sectors = (tuple(dict.fromkeys(n[k] for n in nodes)) for k in (0, 1))
    order = [(r, s) for r in regions for s in sectors]
    Z = _values(system.Z, order, order, dtype)
    labels = [_pair(c) for c in system.Y.columns]
    Y = np.ascontiguousarray(_rows(system.Y, order), dtype=dtype)
    x = _rows(system.x, order).sum(axis=1) if _has(system, "x") else Z.sum(axis=1) + Y.sum(axis=1)
    bad = [n for n, a in (("Z", Z), ("Y", Y), ("x", x)) if not np.isfinite(a).all()]
    if bad:
        why = "a missing number is not zero"
        raise InputError([Problem(f"{n} holds cells that are no numbers", NAME, why) for n in bad])
    for array in (Z, Y, x):
        array.setflags(write=False)
    digest = hashlib.sha256(Z.tobytes() + Y.tobytes() + x.tobytes()).hexdigest()
    title = f"table held by pymrio, {found}, sha256 {digest}"
    card = Source("table:pymrio", title, date=str(found), confidence="the user's table", sha256=digest)
    table = Table(
        regions, sectors, Z, x, x - Z.sum(axis=0, dtype=np.float64), int(found or 0), unit, card, digest,
        "pymrio", True, Y, tuple(labels), (), ("value added is output less inputs",),
    )  # fmt: skip
    checked = Table(**{**vars(table), "findings": check_table(table)})
    refusals(checked)
    return checked


def _has(system: Any, name: str) -> bool:
    return getattr(system, name, None) is not None


def _pair(label: Any) -> Node:
    """(region, name) of a label; a label without two levels belongs to no region."""
    if isinstance(label, tuple) and len(label) > 1:
        return str(label[0]), str(label[1])
    return "all", str(label[0] if isinstance(label, tuple) else label)


def _nodes(system: Any) -> tuple[list[Node] | None, list[Problem]]:
    """(region, sector) of the rows of Z, and every fault of the frames."""
    lacking = [n for n in ("Z", "Y") if not _has(system, n)]
    if lacking:
        fix = "run system.calc_all() first, or give an object with frames Z, Y and x"
        why = "flows and final demand are needed"
        return None, [Problem(f"there is no frame {n}", NAME, why, fix) for n in lacking]
    rows = [_pair(i) for i in system.Z.index]
    whole = set(rows)
    problems: list[Problem] = []
    if len(whole) != len(rows) or any(r == "all" for r, _ in rows):
        problems.append(Problem("rows of Z are not (region, sector), each once", NAME))
    sides = {"columns of Z": system.Z.columns, "rows of Y": system.Y.index}
    if _has(system, "x"):
        sides["rows of x"] = system.x.index
    for name, index in sides.items():
        other = {_pair(i) for i in index}
        gap = sorted(f"{r} {s}" for r, s in whole ^ other)
        if gap:
            more = f" and {len(gap) - 8} more" if len(gap) > 8 else ""
            problems.append(Problem(f"{name} differ from the rows of Z: {', '.join(gap[:8])}{more}", NAME))
    regions, sectors = ({n[k] for n in rows} for k in (0, 1))
    holes = sorted(f"{r} {s}" for r in regions for s in sectors if (r, s) not in whole)
    if holes:
        why = "each region has each sector"
        problems.append(Problem(f"{len(holes)} rows are missing: {', '.join(holes[:8])}", NAME, why))
    return rows, problems


def _places(index: Any, order: list[Node]) -> list[int]:
    at = {_pair(label): k for k, label in enumerate(index)}
    return [at[node] for node in order]


def _rows(frame: Any, order: list[Node]) -> NDArray[np.float64]:
    """The rows of a frame in an order of nodes, as numbers, (N, columns)."""
    values = np.asarray(frame.to_numpy(), dtype=np.float64)
    return values.reshape(len(values), -1)[_places(frame.index, order)]


def _values(frame: Any, rows: list[Node], columns: list[Node], dtype: DTypeLike) -> NDArray[Any]:
    """A square frame in an order of nodes."""
    values = np.asarray(frame.to_numpy())
    return np.ascontiguousarray(
        values[np.ix_(_places(frame.index, rows), _places(frame.columns, columns))], dtype=dtype
    )


def _year(system: Any) -> int | None:
    """The year that a system states of itself, in `year` or in the name or description of `meta`."""
    from .files import year_in

    stated = getattr(system, "year", None)
    if stated is not None:
        return int(stated)
    meta = getattr(system, "meta", None)
    texts = [str(getattr(meta, n, "")) for n in ("name", "description", "version")]
    return next((y for y in map(year_in, texts) if y is not None), None)
