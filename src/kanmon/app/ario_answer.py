"""What `kanmon sector run` answers: one run, or the band of many, as a summary, on screen and in files."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click
import numpy as np

from ..core.errors import InputError, Problem
from .tables import money

if TYPE_CHECKING:
    from ..engines.ario import ArioInput, ArioOutcome
    from ..engines.ario_scenario import ArioScenario

    Progress = Callable[[str, float], None]

TOP = 10
STOP = 0.05
"""An industry has stopped when so much of its normal output is missing."""
ONE = "one run of the scenario's own numbers, without a range; [draws] in the scenario gives one"


class Answer(Protocol):
    """A result that can be printed and written."""

    summary: dict[str, Any]

    def show(self) -> None:
        """Print it."""

    def write(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Write it to a folder; the summary then names the files."""


def answered(
    table: ArioInput, scenario: ArioScenario, *, everything: bool, progress: Progress | None
) -> Answer:
    """Run a scenario once, or as often as its [draws] say."""
    if scenario.draws is not None:
        if everything:
            fault = "a scenario with draws keeps no quantities of single days"
            why, fix = "there would be a set of them for each draw", "leave out --everything, or [draws]"
            raise InputError([Problem(fault, "--everything", why, fix)])
        from ..engines.ario_draws import run_draws
        from .ario_bands import BandAnswer, summary_of_bands

        bands = run_draws(table, scenario, progress=progress)
        return BandAnswer(summary_of_bands(table, scenario, bands), bands, scenario, table.regions)
    from ..engines.ario import run_ario

    found = run_ario(table, scenario, everything=everything, progress=progress)
    return RunAnswer(summary_of_run(table, scenario, found), found, scenario)


def common(table: ArioInput, scenario: ArioScenario, reach: str) -> dict[str, Any]:
    """What every summary begins with; reach: what the range of the figures is."""
    return {
        "scenario": scenario.name,
        "model": "ARIO, reference mode",
        "steps": scenario.steps,
        "unit": table.unit,
        "table_year": table.year,
        "range": reach,
        "basis": "inferred",
        "source": table.source,
    }


@dataclass
class RunAnswer:
    """One run."""

    summary: dict[str, Any]
    found: ArioOutcome
    scenario: ArioScenario

    def write(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Write daily.csv, regions.csv, summary.json, run.json, and stocks.csv where they were kept."""
        from .sector_files import frames_of_run, write_run

        frames = frames_of_run(self.found, self.scenario)
        write_run(folder, frames, self.summary, manifest)

    def show(self) -> None:
        """Print the summary."""
        from .tables import print_table

        summary = self.summary
        heading(summary)
        head = ("region", "value added lost", "% of a year", "output, worst day", "day", "final unserved")
        print_table(head, [_region(row) for row in summary["regions"][:TOP]])
        click.echo(f"\nMoney in {summary['unit']}. Industries that lose most:")
        head = ("region", "sector", "value added lost", "% of a year", "5 % down on day", "stock margin")
        print_table(head, [_industry(row) for row in summary["industries"][:TOP]])
        least = summary["least_stock_margin"]
        if least["margin"] is not None:
            click.echo(
                f"\nLeast stock margin: {least['margin']:.3f} ({least['region']} {least['sector']}); "
                "below 1 a stock limits output."
            )
        ending(summary)


def heading(summary: Mapping[str, Any]) -> None:
    """Name of the scenario, days, model and table."""
    days = f"{summary['steps']} days, {summary['model']}, table of {summary['table_year']}"
    click.echo(f"{summary['scenario']}: {days}\n")


def ending(summary: Mapping[str, Any]) -> None:
    """Notes, assumptions, files, and what stands behind the figures."""
    from .tables import print_text

    print_text("Notes", summary["notes"])
    print_text("What this run assumes", summary["assumptions"])
    print_text("Files", summary.get("files", ()))
    click.echo(f"\nRange: {summary['range']}")
    click.echo(f"Basis: {summary['basis']} from {summary['source'] or 'the table given'}")


def summary_of_run(table: ArioInput, scenario: ArioScenario, found: ArioOutcome) -> dict[str, Any]:
    """Losses by region and industry, first stops and margins; money in the table's unit."""
    from ..engines.ario import ASSUMPTIONS

    va = found.lost * found.value_added_share
    by_region = found.by_region(va)
    year = found.by_region(table.value_added)
    unserved = found.by_region(found.final_unserved).sum(axis=0)
    normal = found.by_region(found.normal)
    low = found.by_region(found.lost) / np.where(normal > 0, normal, 1.0)
    rows = [
        {
            "region": region,
            "value_added_lost": float(by_region[:, k].sum()),
            "value_added_lost_pct_of_year": share(by_region[:, k].sum(), year[k]),
            "output_lost_peak_pct": 100 * float(low[:, k].max()),
            "output_lost_peak_day": int(low[:, k].argmax()),
            "final_unserved": float(unserved[k]),
        }
        for k, region in enumerate(found.regions)
    ]
    least = int(np.argmin(np.where(found.normal > 0, found.margin, np.inf)))
    S = len(found.sectors)
    return {
        **common(table, scenario, ONE),
        "value_added_lost": float(va.sum()),
        "final_unserved": float(unserved.sum()),
        "least_stock_margin": {
            "region": found.regions[least // S],
            "sector": found.sectors[least % S],
            "margin": number(found.margin[least]),
        },
        "rounding": {r: float(n) for r, n in zip(found.regions, found.noise, strict=True) if n},
        "regions": sorted(rows, key=lambda row: -float(str(row["value_added_lost"]))),
        "industries": _industries(table, found, va.sum(axis=0)),
        "notes": list(found.notes),
        "assumptions": list(ASSUMPTIONS),
    }


def _industries(table: ArioInput, found: ArioOutcome, total: Any) -> list[dict[str, Any]]:
    """One entry a live industry, those that lose most first."""
    stops, S = found.stops(STOP), len(found.sectors)
    return [
        {
            "region": found.regions[i // S],
            "sector": found.sectors[i % S],
            "value_added_lost": float(total[i]),
            "value_added_lost_pct_of_year": share(total[i], table.value_added[i]),
            "first_day_5pct_lost": stops[i],
            "stock_margin": number(found.margin[i]),
        }
        for i in np.argsort(-total, kind="stable")
        if found.normal[i] > 0
    ]


def number(value: Any) -> float | None:
    """A number for JSON, None where it is infinite."""
    return float(value) if math.isfinite(value) else None


def share(part: float, of: float) -> float | None:
    """Per cent, None where there is no whole."""
    return 100 * float(part) / float(of) if of > 0 else None


def percent(value: float | None, sign: str = "") -> str:
    """A share in per cent; sign "+" shows which way it goes. Nought has no sign."""
    if value is None:
        return "-"
    text = f"{value:{sign}.3f}"
    return "0.000" if float(text) == 0 else text


def _region(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["region"],
        money(row["value_added_lost"]),
        percent(row["value_added_lost_pct_of_year"]),
        f"{percent(-row['output_lost_peak_pct'], '+')} %",
        str(row["output_lost_peak_day"]),
        money(row["final_unserved"]),
    )


def _industry(row: dict[str, Any]) -> tuple[str, ...]:
    day, margin = row["first_day_5pct_lost"], row["stock_margin"]
    return (
        row["region"],
        row["sector"],
        money(row["value_added_lost"]),
        percent(row["value_added_lost_pct_of_year"]),
        "-" if day is None else str(day),
        "-" if margin is None else f"{margin:.3f}",
    )
