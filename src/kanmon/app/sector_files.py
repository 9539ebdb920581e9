"""The folder of a run of `kanmon sector run`: written aside as a whole, then moved into place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .run_folder import MANIFEST, write_folder, write_json

if TYPE_CHECKING:
    import polars as pl

    from ..engines.ario import ArioOutcome
    from ..engines.ario_scenario import ArioScenario


def write_run(
    folder: Path, frames: Mapping[str, pl.DataFrame], summary: dict[str, Any], manifest: Mapping[str, Any]
) -> None:
    """Write frames by their file names, summary.json (which then names the files) and run.json.

    An interrupted run leaves the old files as they were; run.json, with the hashes of the others, moves last.
    """
    summary["files"] = [str(folder / name) for name in (*frames, "summary.json", MANIFEST)]
    files: dict[str, Callable[[Path], object]] = {name: frame.write_csv for name, frame in frames.items()}
    files["summary.json"] = partial(write_json, content=summary)
    write_folder(folder, files, manifest)


def frames_of_run(outcome: ArioOutcome, scenario: ArioScenario) -> dict[str, pl.DataFrame]:
    """The tables of one run by file name; stocks.csv where everything was kept."""
    found = {"daily.csv": daily(outcome, scenario), "regions.csv": regions(outcome, scenario)}
    return found if outcome.stocks is None else {**found, "stocks.csv": stocks(outcome)}


def daily(outcome: ArioOutcome, scenario: ArioScenario) -> pl.DataFrame:
    """One row a day and industry: output, value added, losses, final demand not served, all else kept."""
    import polars as pl

    steps, N = outcome.output.shape
    S = len(outcome.sectors)
    share = outcome.value_added_share
    return pl.DataFrame(
        {
            **days_of(scenario, steps, N),
            "region": np.tile(np.repeat(outcome.regions, S), steps),
            "sector": np.tile(np.array(outcome.sectors), steps * len(outcome.regions)),
            "output": outcome.output.ravel(),
            "output_lost": outcome.lost.ravel(),
            "value_added": (outcome.output * share).ravel(),
            "value_added_lost": (outcome.lost * share).ravel(),
            "final_unserved": outcome.final_unserved.ravel(),
            **{name: values.ravel() for name, values in outcome.extra.items()},
        }
    )


def stocks(outcome: ArioOutcome) -> pl.DataFrame:
    """One row an industry and input product with a stock: what is left of it after the last day."""
    import polars as pl

    assert outcome.stocks is not None
    S, N = outcome.stocks.shape
    frame = pl.DataFrame(
        {
            "region": np.repeat(np.repeat(outcome.regions, S), S),
            "sector": np.repeat(np.tile(np.array(outcome.sectors), N // S), S),
            "input": np.tile(np.array(outcome.sectors), N),
            "stock_at_end": outcome.stocks.T.ravel().astype(np.float64),
        }
    )
    return frame.filter(pl.col("stock_at_end").is_finite() & (pl.col("stock_at_end") > 0))


def regions(outcome: ArioOutcome, scenario: ArioScenario) -> pl.DataFrame:
    """One row a day and region."""
    import polars as pl

    steps, R = outcome.output.shape[0], len(outcome.regions)
    share = outcome.value_added_share
    return pl.DataFrame(
        {
            **days_of(scenario, steps, R),
            "region": np.tile(np.array(outcome.regions), steps),
            "output": outcome.by_region(outcome.output).ravel(),
            "output_lost": outcome.by_region(outcome.lost).ravel(),
            "value_added_lost": outcome.by_region(outcome.lost * share).ravel(),
            "final_unserved": outcome.by_region(outcome.final_unserved).ravel(),
        }
    )


def days_of(scenario: ArioScenario, steps: int, each: int) -> dict[str, Any]:
    """The day, and its date where the scenario has a start."""
    found: dict[str, Any] = {"day": np.repeat(np.arange(steps), each)}
    if scenario.start is not None:
        dates = [(scenario.start + timedelta(days=d)).isoformat() for d in range(steps)]
        found["date"] = np.repeat(np.array(dates), each)
    return found
