"""`read_table`: find the format, read the file, check the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import InputError, Problem, nearest
from .arrays import ORDERS
from .checks import check_table, refusals
from .files import Files, files
from .table import Table, Wish

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

KINDS = ("icio", "wiod", "exiobase", "figaro", "eora", "plain")
"""Formats that can be read, each by the module of its name."""


def read_table(
    path: Path | str,
    *,
    kind: str | None = None,
    year: int | None = None,
    regions: Sequence[str] | None = None,
    dtype: DTypeLike = np.float64,
    order: str | None = None,
    unit: str | None = None,
    memory: int | None = None,
    check: bool = True,
) -> Table:
    """Read an input-output table from a file, folder or archive.

    Parameters
    ----------
    path : file (.csv, .txt, .npz, .parquet; .gz and .zip of text), or folder.
    kind : one of KINDS; None finds it from the content, and lists candidates where it is not sure.
    year : which year, where an archive holds several or no name states one.
    regions : economies to keep, the others summed into ROW while reading; None keeps all.
    dtype : float64 or float32, of flows and final demand.
    order : "country-major" or "sector-major", for arrays without labels only.
    unit : unit of a table of your own ("USD million").
    memory : bytes that may be used; None asks the machine.
    check : whether a table that an engine cannot run on is refused; findings are kept either way.

    Raises
    ------
    InputError : every problem of a kind at once: labels, cells, memory, or what the checks refuse.
    """
    source = files(path)
    _options(kind, order)
    wish = Wish(year, None if regions is None else tuple(regions), _real(dtype), order, unit, memory)
    found = _kind(source, kind)
    reader: Callable[[Files, Wish], Table] = getattr(import_module(f".{found}", __package__), f"read_{found}")
    table = reader(source, wish)
    if order is not None and source.path.suffix.lower() != ".npz":
        note = "the order stated (--order) was not needed: labels say what each row and column is"
        table = replace(table, notes=(*table.notes, note))
    table = replace(table, findings=check_table(table))
    if check:
        refusals(table)
    return table


def _options(kind: str | None, order: str | None) -> None:
    """InputError with every word that is none of the known ones."""
    asked = (("--kind", "format", kind, KINDS), ("--order", "order", order, ORDERS))
    problems = [
        Problem(
            f"no {what} is called {word!r}", where, f"there are {', '.join(valid)}", near=nearest(word, valid)
        )
        for where, what, word, valid in asked
        if word is not None and word not in valid
    ]
    if problems:
        raise InputError(problems)


def _kind(source: Files, kind: str | None) -> str:
    if kind is not None:
        return kind
    from .detect import detect

    return detect(source)


def _real(dtype: Any) -> np.dtype[Any]:
    found: np.dtype[Any] = np.dtype(dtype)
    if found not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise InputError(Problem(f"a table cannot be held as {found}", "dtype", fix="float64 or float32"))
    return found
