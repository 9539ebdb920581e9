"""kanmon assess: the whole answer for one measure, buyer and date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ... import __version__
from ..options import (
    PRODUCTS_HELP,
    Faults,
    day,
    folder,
    language,
    month_list,
    own_world,
    place,
    table_world,
    whole,
)

if TYPE_CHECKING:
    from ...report.assessment import Assessment
    from ..what import Question


@click.command(
    epilog="""\b
Examples:
  kanmon assess ID-2020-NICKEL
  kanmon assess RU-2022-GAS --buyer Germany --on 2023-03-01 --json
  kanmon assess report.txt --lang ja --out my-report""",
)
@click.argument("what")
@click.option("--buyer", metavar="COUNTRY", help="Whose losses: a code or a name. Default: the target.")
@click.option("--on", metavar="DATE", help="Date asked about, YYYY-MM-DD. Default: newest source date.")
@click.option("--months", metavar="LIST", default="3,6,12", show_default=True, help="Horizons in months.")
@click.option("--draws", metavar="N", default="64", show_default=True, help="Draws of the parameters.")
@click.option("--keep", metavar="DIR", help="Keep finished draws there. Default: till a long run ends.")
@click.option("--dask", metavar="ADDRESS", help="Run the draws on this Dask cluster (docs/ensembles.md).")
@click.option("--lang", metavar="LANG", default="en", show_default=True, help="Language of card and report.")
@click.option("--table", metavar="PATH", help="Your input-output table (docs/tables.md). Default: ours.")
@click.option("--kind", metavar="FORMAT", help="Format of the table; default: found from its content.")
@click.option("--year", metavar="YEAR", help="Year of the table, where its file states none or several.")
@click.option("--products", metavar="FILE", multiple=True, help=PRODUCTS_HELP)
@click.option("--flows", metavar="FILE", help="Flows and use shares of your own, one CSV (docs/split.md).")
@click.option("--out", metavar="DIR", help="Folder for report.html. Default: kanmon-report/<run>.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; files are written only with --out.")
def assess(
    what: str,
    buyer: str | None,
    on: str | None,
    months: str,
    draws: str,
    keep: str | None,
    dask: str | None,
    lang: str,
    table: str | None,
    kind: str | None,
    year: str | None,
    products: tuple[str, ...],
    flows: str | None,
    out: str | None,
    as_json: bool,
) -> None:
    """Assess an export restriction: coverage, dependence, losses, duration, responses.

    WHAT is the id of a measure in the library (see `kanmon measures list`), a measure file of
    your own (.toml or .json), or a text that reports a measure.
    """
    faults = Faults()
    question = faults.take(_resolve, what)
    buyer = faults.take(place, buyer, "--buyer")
    date = faults.take(day, on)
    horizons = faults.take(month_list, months)
    count = faults.take(whole, draws, "--draws", "--draws 64")
    lang = faults.take(language, lang) or lang
    target = faults.take(folder, out)
    of_year = None if year is None else faults.take(whole, year, "--year", "--year 2022")
    own = faults.take(table_world, table, kind, of_year)
    world = faults.take(own_world, products, flows, own)
    faults.take(_numbers, horizons, count)
    faults.settle()
    if question is None or horizons is None or count is None:
        raise AssertionError("settle() lets nothing unknown pass")
    if not as_json:
        click.echo(f"Kanmon {__version__}: assessing {question.measure.title}")
    from ..cluster import cluster
    from ..progress import shown
    from ..run import DRAWS
    from ..run import assess as run
    from ..store import draws_folder

    kept = Path(keep) if keep else None
    asked = (what, buyer, date, horizons, count, products, flows, table, kind, of_year)
    with cluster(dask) as pool, draws_folder(kept, asked, long=count > DRAWS) as kept, shown() as progress:
        result = run(
            question,
            buyer=buyer,
            on=date,
            months=horizons,
            draws=count,
            world=world,
            progress=progress,
            executor=pool,
            keep=kept,
        )
    _show(result, lang, target, as_json=as_json)


def _resolve(what: str) -> Question:
    from ..what import resolve

    return resolve(what)


def _numbers(horizons: tuple[int, ...] | None, count: int | None) -> None:
    """Bounds of what could be read; a value that could not be read has its own problem already."""
    from ..run import DRAWS, check_numbers

    check_numbers(horizons or (1,), DRAWS if count is None else count)


def _show(result: Assessment, lang: str, target: Path | None, *, as_json: bool) -> None:
    """Write the report folder and print the card, or print JSON."""
    from ..store import write

    paths = write(result, target, lang) if target or not as_json else {}
    if as_json:
        from ...report.json_out import assessment_json
        from ..tables import print_json

        print_json(assessment_json(result))
        return
    from ...report.card import print_card
    from ...report.findings import findings

    print_card(findings(result, lang), report=paths["report.html"])
