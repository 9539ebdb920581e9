"""The answer of many draws of a scenario: every figure as its 5, 50 and 95 % point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from ..engines.ario_draws import BAND, band
from .ario_answer import TOP, common, ending, heading, percent, share
from .tables import money

if TYPE_CHECKING:
    import polars as pl

    from ..engines.ario import ArioInput
    from ..engines.ario_draws import ArioBands
    from ..engines.ario_scenario import ArioScenario

    Band = dict[str, Any]


@dataclass
class BandAnswer:
    """Many draws."""

    summary: dict[str, Any]
    found: ArioBands
    scenario: ArioScenario
    regions: tuple[str, ...]

    def write(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """Write regions.csv (bands by day), draws.csv (drawn and lost), summary.json and run.json."""
        from .sector_files import write_run

        regions = list(self.regions)
        frames = {
            "regions.csv": _by_day(self.found, self.scenario, regions),
            "draws.csv": _by_draw(self.found, regions),
        }
        write_run(folder, frames, self.summary, {**manifest, "draws": self.found.draws})

    def show(self) -> None:
        """Print the summary."""
        from .tables import print_table

        summary = self.summary
        heading(summary)
        head = ("region", "value added lost", "% of a year", "output, worst day", "final unserved")
        print_table(head, [_region(row) for row in summary["regions"][:TOP]])
        click.echo(f"\nMoney in {summary['unit']}. Industries that lose most:")
        of_industry = ("region", "sector", "value added lost", "% of a year")
        print_table(of_industry, [_industry(row) for row in summary["industries"][:TOP]])
        crossed, away = summary["draws_short_of_stock"], summary["draws_run_away"]
        click.echo(
            f"\nOf {summary['draws']} draws a stock limits output in {crossed}; in {away} output is still "
            "falling at the end."
        )
        ending(summary)


def summary_of_bands(table: ArioInput, scenario: ArioScenario, found: ArioBands) -> dict[str, Any]:
    """Bands by region and industry, those that lose most (at the middle) first."""
    from ..engines.ario import ASSUMPTIONS

    S, years = len(table.sectors), table.value_added.reshape(len(table.regions), -1).sum(axis=1)
    normal = table.x.reshape(years.size, S).sum(axis=1) / scenario.parameters.days_a_year
    lost = found.lost.sum(axis=0)
    worst = found.output_lost.max(axis=0) / np.where(normal > 0, normal, 1.0)[:, None]
    regions = [
        {
            "region": region,
            "value_added_lost": _band(lost[k]),
            "value_added_lost_pct_of_year": _shares(lost[k], years[k]),
            "output_lost_peak_pct": _band(100 * worst[k]),
            "final_unserved": _band(found.final_unserved[k]),
        }
        for k, region in enumerate(table.regions)
    ]
    middle = np.median(found.by_industry, axis=1)
    industries = [
        {
            "region": table.regions[i // S],
            "sector": table.sectors[i % S],
            "value_added_lost": _band(found.by_industry[i]),
            "value_added_lost_pct_of_year": _shares(found.by_industry[i], table.value_added[i]),
        }
        for i in np.argsort(-middle, kind="stable")
        if table.x[i] > 0
    ]
    short = (np.where((table.x > 0)[:, None], found.margin, np.inf).min(axis=0) < 1).sum()
    drawn = scenario.draws.ranges if scenario.draws is not None else {}
    return {
        **common(table, scenario, f"5 to 95 % of {found.draws} draws (low, mid, high; mid is the median)"),
        "draws": found.draws,
        "seed": scenario.draws.seed if scenario.draws is not None else None,
        "drawn": {name: list(values) for name, values in drawn.items()},
        "value_added_lost": _band(lost.sum(axis=0)),
        "final_unserved": _band(found.final_unserved.sum(axis=0)),
        "draws_short_of_stock": int(short),
        "draws_run_away": int(found.ran_away.sum()),
        "regions": sorted(regions, key=lambda row: -row["value_added_lost"]["mid"]),
        "industries": industries,
        "notes": list(found.notes),
        "assumptions": [
            *ASSUMPTIONS,
            "What is drawn is triangular between low, mid and high, independently.",
        ],
    }


def _band(values: Any) -> Band:
    return dict(zip(("low", "mid", "high"), band(values), strict=True))


def _shares(values: Any, of: float) -> Band:
    return {name: share(value, of) for name, value in _band(values).items()}


def _text(one: Band, word: Any) -> str:
    low, mid, high = (word(one[name]) for name in ("low", "mid", "high"))
    return f"{mid} ({low} to {high})"


def _region(row: Mapping[str, Any]) -> tuple[str, ...]:
    peak = {name: -value for name, value in row["output_lost_peak_pct"].items()}
    return (
        row["region"],
        _text(row["value_added_lost"], money),
        _text(row["value_added_lost_pct_of_year"], percent),
        _text(peak, lambda value: percent(value, "+")) + " %",
        _text(row["final_unserved"], money),
    )


def _industry(row: Mapping[str, Any]) -> tuple[str, ...]:
    lost, part = row["value_added_lost"], row["value_added_lost_pct_of_year"]
    return row["region"], row["sector"], _text(lost, money), _text(part, percent)


def _by_day(found: ArioBands, scenario: ArioScenario, regions: list[str]) -> pl.DataFrame:
    """One row a day and region: bands of value added and output lost."""
    import polars as pl

    from .sector_files import days_of

    steps, R, _ = found.lost.shape
    columns: dict[str, Any] = {
        **days_of(scenario, steps, R),
        "region": np.tile(np.array(regions), steps),
    }
    for name, values in (("value_added_lost", found.lost), ("output_lost", found.output_lost)):
        for word, part in zip(("p5", "p50", "p95"), np.quantile(values, BAND, axis=2), strict=True):
            columns[f"{name}_{word}"] = part.ravel()
    return pl.DataFrame(columns)


def _by_draw(found: ArioBands, regions: list[str]) -> pl.DataFrame:
    """One row a draw: what was drawn, value added lost by region and in all, and the least stock margin."""
    import polars as pl

    lost = found.lost.sum(axis=0)
    return pl.DataFrame(
        {
            "draw": np.arange(found.draws),
            **found.values,
            "value_added_lost": lost.sum(axis=0),
            **{f"value_added_lost_{region}": lost[k] for k, region in enumerate(regions)},
            "stock_margin": found.margin.min(axis=0),
            "ran_away": found.ran_away,
        }
    )
