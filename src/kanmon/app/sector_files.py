"""The folder of a run of `kanmon sector run`: written aside as a whole, then moved into place."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import InputError, Problem

if TYPE_CHECKING:
    import polars as pl

    from ..engines.ario import ArioOutcome
    from ..engines.ario_scenario import ArioScenario


def write_run(
    folder: Path, outcome: ArioOutcome, scenario: ArioScenario, summary: Any, manifest: Mapping[str, Any]
) -> dict[str, Path]:
    """Write daily.csv, regions.csv, summary.json and run.json; returns their paths by name.

    An interrupted run leaves the old files as they were; run.json, with the hashes of the others, moves last.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    except OSError as fault:
        raise InputError(
            Problem(f"{folder} cannot be written: {fault.strerror}", "--out", fix="name another folder")
        ) from fault
    try:
        daily(outcome, scenario).write_csv(aside / "daily.csv")
        regions(outcome, scenario).write_csv(aside / "regions.csv")
        _json(aside / "summary.json", summary)
        made = sorted(aside.iterdir())
        hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in made}
        _json(aside / "run.json", {**manifest, "files_sha256": hashes})
        paths = {}
        for file in [*made, aside / "run.json"]:
            file.replace(folder / file.name)
            paths[file.name] = folder / file.name
        return paths
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


def daily(outcome: ArioOutcome, scenario: ArioScenario) -> pl.DataFrame:
    """One row a day and industry: output, value added, what of each is lost, final demand not served."""
    import polars as pl

    steps, N = outcome.output.shape
    S = len(outcome.sectors)
    share = outcome.value_added_share
    return pl.DataFrame(
        {
            **_days(scenario, steps, N),
            "region": np.tile(np.repeat(outcome.regions, S), steps),
            "sector": np.tile(np.array(outcome.sectors), steps * len(outcome.regions)),
            "output": outcome.output.ravel(),
            "output_lost": outcome.lost.ravel(),
            "value_added": (outcome.output * share).ravel(),
            "value_added_lost": (outcome.lost * share).ravel(),
            "final_unserved": outcome.final_unserved.ravel(),
        }
    )


def regions(outcome: ArioOutcome, scenario: ArioScenario) -> pl.DataFrame:
    """One row a day and region."""
    import polars as pl

    steps, R = outcome.output.shape[0], len(outcome.regions)
    share = outcome.value_added_share
    return pl.DataFrame(
        {
            **_days(scenario, steps, R),
            "region": np.tile(np.array(outcome.regions), steps),
            "output": outcome.by_region(outcome.output).ravel(),
            "output_lost": outcome.by_region(outcome.lost).ravel(),
            "value_added_lost": outcome.by_region(outcome.lost * share).ravel(),
            "final_unserved": outcome.by_region(outcome.final_unserved).ravel(),
        }
    )


def _days(scenario: ArioScenario, steps: int, each: int) -> dict[str, Any]:
    """The day, and its date where the scenario has a start."""
    found: dict[str, Any] = {"day": np.repeat(np.arange(steps), each)}
    if scenario.start is not None:
        dates = [(scenario.start + timedelta(days=d)).isoformat() for d in range(steps)]
        found["date"] = np.repeat(np.array(dates), each)
    return found
