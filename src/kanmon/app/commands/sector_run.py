"""kanmon sector run: a scenario of the user's on a table of the user's, day by day."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ... import __version__
from ...core.errors import InputError, Problem
from ..options import Faults, folder, whole

if TYPE_CHECKING:
    from ...engines.ario import ArioInput, ArioOutcome
    from ...engines.ario_scenario import ArioScenario

EMBEDDED = "default"
TOP = 10
STOP = 0.05
"""An industry has stopped when so much of its normal output is missing."""


@click.command(
    epilog="""\b
Examples:
  kanmon sector run scenario.toml --regions DEU,FRA,ITA --out run
  kanmon sector run scenario.toml --table icio2022.csv --single --steps 90 --json""",
)
@click.argument("scenario", metavar="SCENARIO.toml")
@click.option("--table", metavar="PATH", default=EMBEDDED, show_default=True, help="Input-output table.")
@click.option("--kind", metavar="FORMAT", help="Format of the table; default: found from its content.")
@click.option("--year", metavar="YEAR", help="Year of the table, where its file states none or several.")
@click.option("--order", metavar="ORDER", help="country-major or sector-major, for a table without labels.")
@click.option("--regions", metavar="LIST", help="Regions to keep, the others summed into ROW.")
@click.option("--steps", metavar="N", help="Days, in place of the scenario's.")
@click.option("--single", is_flag=True, help="Single precision: half the memory, 1e-6 apart.")
@click.option("--out", metavar="DIR", help="Folder for daily.csv, regions.csv, summary.json and run.json.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def run(
    scenario: str,
    table: str,
    kind: str | None,
    year: str | None,
    order: str | None,
    regions: str | None,
    steps: str | None,
    single: bool,
    out: str | None,
    as_json: bool,
) -> None:
    """Run the ARIO model on a scenario file: bans, lost capacity and lost capital, day by day."""
    from ...engines.ario import run_ario
    from ...engines.ario_scenario import read_scenario
    from ..progress import shown

    faults = Faults()
    text = faults.take(_text, scenario)
    days = None if steps is None else faults.take(whole, steps, "--steps", "--steps 365")
    if days is not None and days < 1:
        faults.problems.append(Problem(f"{days} days cannot be run", "--steps", fix="--steps 365"))
    wanted = None if year is None else faults.take(whole, year, "--year", "--year 2022")
    into = faults.take(folder, out)
    faults.settle()
    keep = None if regions is None else tuple(w.strip() for w in regions.split(",") if w.strip())
    with shown() as progress:
        progress("reading the table", 0.0)
        given, sha = _table(table, kind, wanted, order, keep, single=single)
        read = read_scenario(text or "", _labels(given), given.value_added, steps=days)
        found = run_ario(given, read, progress=progress)
    summary = _summary(given, read, found)
    if into is not None:
        from ..sector_files import write_run

        manifest = {
            "program": f"kanmon {__version__}",
            "command": "sector run",
            "scenario_sha256": hashlib.sha256((text or "").encode()).hexdigest(),
            "table": table if table == EMBEDDED else Path(table).name,
            "table_sha256": sha,
            "regions": list(keep or given.regions),
            "steps": read.steps,
            "precision": str(given.Z.dtype),
        }
        summary["files"] = [str(into / n) for n in ("daily.csv", "regions.csv", "summary.json", "run.json")]
        write_run(into, found, read, summary, manifest)
    if as_json:
        from ..tables import print_json

        print_json(summary)
        return
    _print(summary)


def _text(path: str) -> str:
    """The scenario file."""
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is not text in UTF-8"
        fix = "kanmon sector template prints one to start from"
        raise InputError(Problem(f"{path} cannot be read", "SCENARIO.toml", str(why), fix)) from None


def _table(
    path: str,
    kind: str | None,
    year: int | None,
    order: str | None,
    keep: tuple[str, ...] | None,
    *,
    single: bool,
) -> tuple[ArioInput, str]:
    """The table and the hash of its file; too large a table is refused before it is loaded."""
    import numpy as np

    from ...engines.ario import ArioInput

    dtype = np.dtype(np.float32 if single else np.float64)
    if path != EMBEDDED:
        from ...world.tables import read_table

        read = read_table(path, kind=kind, year=year, order=order, regions=keep, dtype=dtype)
        return ArioInput.of(read), read.sha256
    given = [name for name, v in (("--kind", kind), ("--year", year), ("--order", order)) if v is not None]
    if given:
        raise InputError(
            Problem("no table is given", ", ".join(given), "the embedded table is known", "--table PATH")
        )
    from ...world.sources import datasets
    from ...world.store import DEFAULT, file_hash
    from ...world.tables.memory import require
    from ...world.world import World

    world = World.default()
    require(4000, 1, np.dtype(np.float64), None, "the embedded table")
    found = world.table if keep is None else world.focus(keep, detail=True)
    made = ArioInput.of(found)
    if single:
        from dataclasses import replace

        made = replace(made, Z=made.Z.astype(np.float32))
    return made, file_hash(DEFAULT / datasets()["icio2022"].file)


def _labels(table: ArioInput) -> Any:
    from ...core.codes import country
    from ...engines.ario_fields import Labels

    def called(word: str) -> str | None:
        try:
            return country(word, "scenario")
        except InputError:
            return None

    return Labels(table.regions, table.sectors, called)


def _summary(table: ArioInput, scenario: ArioScenario, found: ArioOutcome) -> dict[str, Any]:
    """Losses by region and industry, first stops and margins; money in the table's unit."""
    import numpy as np

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
            "value_added_lost_pct_of_year": _share(by_region[:, k].sum(), year[k]),
            "output_lost_peak_pct": 100 * float(low[:, k].max()),
            "output_lost_peak_day": int(low[:, k].argmax()),
            "final_unserved": float(unserved[k]),
        }
        for k, region in enumerate(found.regions)
    ]
    stops, total, S = found.stops(STOP), va.sum(axis=0), len(found.sectors)
    industries = [
        {
            "region": found.regions[i // S],
            "sector": found.sectors[i % S],
            "value_added_lost": float(total[i]),
            "value_added_lost_pct_of_year": _share(total[i], table.value_added[i]),
            "first_day_5pct_lost": stops[i],
            "stock_margin": float(found.margin[i]) if np.isfinite(found.margin[i]) else None,
        }
        for i in np.argsort(-total, kind="stable")
        if found.normal[i] > 0
    ]
    least = int(np.argmin(np.where(found.normal > 0, found.margin, np.inf)))
    return {
        "scenario": scenario.name,
        "model": "ARIO, reference mode",
        "steps": scenario.steps,
        "unit": table.unit,
        "table_year": table.year,
        "value_added_lost": float(va.sum()),
        "final_unserved": float(unserved.sum()),
        "least_stock_margin": {
            "region": found.regions[least // S],
            "sector": found.sectors[least % S],
            "margin": float(found.margin[least]) if np.isfinite(found.margin[least]) else None,
        },
        "regions": sorted(rows, key=lambda row: -float(str(row["value_added_lost"]))),
        "industries": industries,
        "notes": list(found.notes),
        "assumptions": list(_assumptions()),
    }


def _assumptions() -> tuple[str, ...]:
    from ...engines.ario import ASSUMPTIONS

    return ASSUMPTIONS


def _share(part: float, of: float) -> float | None:
    return 100 * float(part) / float(of) if of > 0 else None


def _print(summary: dict[str, Any]) -> None:
    from ..tables import print_table, print_text

    unit, days = summary["unit"], summary["steps"]
    click.echo(f"{summary['scenario']}: {days} days, {summary['model']}, table of {summary['table_year']}\n")
    head = ("region", "value added lost", "% of a year", "output, worst day", "day", "final demand unserved")
    print_table(head, [_region(row) for row in summary["regions"][:TOP]])
    click.echo(f"\nMoney in {unit}. Industries that lose most:")
    head = ("region", "sector", "value added lost", "% of a year", "5 % down on day", "stock margin")
    print_table(head, [_industry(row) for row in summary["industries"][:TOP]])
    least = summary["least_stock_margin"]
    if least["margin"] is not None:
        click.echo(
            f"\nLeast stock margin: {least['margin']:.3f} ({least['region']} {least['sector']}); "
            "below 1 a stock limits output."
        )
    print_text("Notes", summary["notes"])
    print_text("What this run assumes", summary["assumptions"])
    print_text("Files", summary.get("files", ()))


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _region(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["region"],
        f"{row['value_added_lost']:,.1f}",
        _percent(row["value_added_lost_pct_of_year"]),
        f"-{row['output_lost_peak_pct']:.3f} %",
        str(row["output_lost_peak_day"]),
        f"{row['final_unserved']:,.1f}",
    )


def _industry(row: dict[str, Any]) -> tuple[str, ...]:
    day, margin = row["first_day_5pct_lost"], row["stock_margin"]
    return (
        row["region"],
        row["sector"],
        f"{row['value_added_lost']:,.1f}",
        _percent(row["value_added_lost_pct_of_year"]),
        "-" if day is None else str(day),
        "-" if margin is None else f"{margin:.3f}",
    )
