"""The folder of a shortage run: frames as CSV, draws.parquet, answer.json, and run.json with their hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..world.lookups import content_hash
from . import shortage_frames
from .run_folder import write_folder, write_json

if TYPE_CHECKING:
    from .shortage import Shortage

TABLES = ("losses", "daily", "sectors", "flows", "margins", "unserved", "inputs")
"""Frames that are written as CSV under their names."""


def names() -> tuple[str, ...]:
    """Files of the folder, the manifest last."""
    return (*(f"{name}.csv" for name in TABLES), "draws.parquet", "answer.json", "run.json")


def write(run: Shortage, folder: Path, more: Mapping[str, Any] | None = None) -> dict[str, Path]:
    """Write all files of a run; their paths by name. `more`: what the manifest says beside the run itself."""
    files: dict[str, Callable[[Path], object]] = {}
    for name in TABLES:
        frame = getattr(shortage_frames, name)(run)
        # Without a restriction some tables have no column at all: an empty file says so.
        files[f"{name}.csv"] = frame.write_csv if frame.width else partial(Path.write_text, data="")
    files["draws.parquet"] = shortage_frames.draws(run).write_parquet
    files["answer.json"] = partial(write_json, content=run.answer())
    return write_folder(folder, files, manifest(run) | dict(more or {}))


def manifest(run: Shortage) -> dict[str, Any]:
    """What decides the result."""
    outcome = run.main
    scenario = json.dumps(repr(run.scenario))
    return {
        "program": f"kanmon {__version__}",
        "command": "sector shortage",
        "scenario": run.scenario.name,
        "scenario_read_sha256": hashlib.sha256(scenario.encode()).hexdigest(),
        "data_sha256": content_hash(run.world),
        "own_files": list(run.world.own_files),
        "table_source": run.world.table.source.id,
        "regions": list(run.table.regions),
        "products": list(run.table.products),
        "days": run.scenario.days,
        "months": list(outcome.months),
        "draws": run.draws.count,
        "seed": run.draws.seed,
        "rationing": list(run.outcomes),
        "without": list(run.without),
    }
