"""How much memory a table needs and how much there is, asked before anything is loaded."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ...core.errors import InputError, Problem

GIB = 1 << 30
SHARE = 0.8
"""Part of the free memory that a table may take: an engine needs room beside it."""


def free_memory() -> int | None:
    """Bytes that may be had now, by the system and by a container's limit; None where nobody says."""
    found = [n for n in (_meminfo(), _container()) if n is not None]
    if not found and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    return min(found) if found else None


def _meminfo() -> int | None:
    path = Path("/proc/meminfo")
    if not path.exists():
        return None
    rows = dict(line.split(":", 1) for line in path.read_text("ascii").splitlines() if ":" in line)
    return int(rows["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in rows else None


def _container() -> int | None:
    folder = Path("/sys/fs/cgroup")
    try:
        limit, used = ((folder / n).read_text("ascii").strip() for n in ("memory.max", "memory.current"))
        return int(limit) - int(used) if limit.isdigit() else None
    except OSError:
        return None


def require(nodes: int, finals: int, dtype: np.dtype[np.generic], memory: int | None, where: str) -> int:
    """Bytes that the table takes; InputError where that is more than may be used, with the ways out."""
    need = nodes * (nodes + finals) * dtype.itemsize
    have = free_memory() if memory is None else memory
    if have is not None and need > SHARE * have:
        single = "--single (data check: --float32) halves it; " if dtype.itemsize > 4 else ""
        raise InputError(
            Problem(
                f"the table needs {need / GIB:.2f} GiB, {have / GIB:.2f} GiB are free",
                where=where,
                why=f"{nodes:,} industries x {nodes + finals:,} columns of {dtype.itemsize} bytes; "
                f"at most {SHARE:.0%} of free memory is taken, an engine needs room beside the table",
                fix=f"{single}--regions A,B keeps the economies you name and sums the others while reading",
            )
        )
    return need
