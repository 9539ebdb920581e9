"""kanmon sector run: a scenario of the user's on a table of the user's, day by day."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ... import __version__
from ...core.errors import InputError, Problem
from ..options import EMBEDDED, Faults, embedded_regions, folder, refuse_table_words, whole

if TYPE_CHECKING:
    from ...engines.ario import ArioInput


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
@click.option(
    "--single", is_flag=True, help="Single precision: half the memory; its rounding is printed and taken off."
)
@click.option("--out", metavar="DIR", help="Folder for daily.csv, regions.csv, summary.json and run.json.")
@click.option("--everything", is_flag=True, help="In --out also capacity, orders, rebuilding and stocks.")
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
    everything: bool,
    as_json: bool,
) -> None:
    """Run the ARIO model on a scenario file: bans, lost capacity and lost capital, day by day."""
    from ...engines.ario_scenario import read_scenario
    from ..ario_answer import answered
    from ..progress import shown

    faults = Faults()
    text = faults.take(_text, scenario)
    days = None if steps is None else faults.take(whole, steps, "--steps", "--steps 365")
    if days is not None and days < 1:
        faults.problems.append(Problem(f"{days} days cannot be run", "--steps", fix="--steps 365"))
    wanted = None if year is None else faults.take(whole, year, "--year", "--year 2022")
    into = faults.take(folder, out)
    if everything and out is None:
        faults.problems.append(Problem("there is no folder to write to", "--everything", fix="--out DIR"))
    faults.settle()
    keep = None if regions is None else tuple(w.strip() for w in regions.split(",") if w.strip())
    with shown() as progress:
        progress("reading the table", 0.0)
        given, sha = _table(table, kind, wanted, order, keep, single=single)
        read = read_scenario(
            text or "", _labels(given), given.value_added, steps=days, final=given.final,
            final_to=given.final_to,
        )  # fmt: skip
        answer = answered(given, read, everything=everything, progress=progress)
    if into is not None:
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
        answer.write(into, manifest)
    if as_json:
        from ..tables import print_json

        print_json(answer.summary)
        return
    answer.show()


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
    refuse_table_words(kind, year, order)
    from ...world.sources import datasets
    from ...world.store import DEFAULT, file_hash
    from ...world.tables.memory import require
    from ...world.world import World

    world, card = World.default(), datasets()["icio2022"]
    require(4000, 1, dtype, None, "the embedded table")
    if keep is None:
        from ...world.icio import read_icio

        found = read_icio(DEFAULT / card.file, world.sources["icio2022"], dtype)
    else:
        found = world.focus(embedded_regions(world, keep), detail=True)
    return ArioInput.of(found, dtype), file_hash(DEFAULT / card.file)


def _labels(table: ArioInput) -> Any:
    from ...core.codes import country
    from ...engines.ario_fields import Labels

    def called(word: str) -> str | None:
        try:
            return country(word, "scenario")
        except InputError:
            return None

    return Labels(table.regions, table.sectors, called)
