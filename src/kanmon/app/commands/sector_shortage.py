"""kanmon sector shortage: restrictions of the user's on the default model, day by day, with ranges."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import InputError, Problem
from ..options import EMBEDDED, PRODUCTS_HELP, Faults, folder, own_world, refuse_table_words, whole

if TYPE_CHECKING:
    from ...world.tables.table import Table
    from ..shortage import Shortage


@click.command(
    epilog="""\b
Examples:
  kanmon sector shortage --template
  kanmon sector shortage scenario.toml --out run
  kanmon sector shortage scenario.toml --table my.csv --year 2011 --draws 256 --rationing a --json""",
)
@click.argument("scenario", metavar="SCENARIO.toml", required=False)
@click.option("--table", metavar="PATH", default=EMBEDDED, show_default=True, help="Input-output table.")
@click.option("--kind", metavar="FORMAT", help="Format of the table; default: found from its content.")
@click.option("--year", metavar="YEAR", help="Year of the table, where its file states none or several.")
@click.option("--order", metavar="ORDER", help="country-major or sector-major, for a table without labels.")
@click.option("--regions", metavar="LIST", help="Regions that stand alone. Default: those that matter.")
@click.option("--products", metavar="FILE", multiple=True, help=PRODUCTS_HELP)
@click.option("--flows", metavar="FILE", help="Flows and use shares of your own, one CSV (docs/split.md).")
@click.option("--draws", metavar="N", default="64", show_default=True, help="Draws of the unknowns.")
@click.option("--days", metavar="N", help="Days, in place of the scenario's.")
@click.option("--rationing", metavar="RULE", default="all", show_default=True, help="a, b, c or all.")
@click.option("--without", metavar="LIST", help="Parts of the model left out, such as thrift,spare_output.")
@click.option("--template", is_flag=True, help="Print a scenario with every field explained, and stop.")
@click.option("--out", metavar="DIR", help="Folder for the tables, answer.json and run.json.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def shortage(
    scenario: str | None,
    table: str,
    kind: str | None,
    year: str | None,
    order: str | None,
    regions: str | None,
    products: tuple[str, ...],
    flows: str | None,
    draws: str,
    days: str | None,
    rationing: str,
    without: str | None,
    template: bool,
    out: str | None,
    as_json: bool,
) -> None:
    """Run bans, licences, quotas, listings and delays of your own on the default (shortage) model.

    Rationing: a contracts are served first, then final demand; b both alike; c all in proportion. The rule
    moves the loss by a factor of about three, so all of them run unless one is named.
    """
    if template:
        _template(as_json=as_json)
        return
    from ..progress import shown
    from ..shortage import run_shortage

    faults = Faults()
    text = faults.take(_text, scenario)
    count = faults.take(whole, draws, "--draws", "--draws 64")
    length = None if days is None else faults.take(whole, days, "--days", "--days 365")
    wanted = None if year is None else faults.take(whole, year, "--year", "--year 2022")
    into = faults.take(folder, out)
    world = faults.take(own_world, products, flows)
    own = faults.take(_table, table, kind, wanted, order)
    raw = None if text is None else faults.take(_parsed, text)
    faults.settle()
    if world is None or raw is None or count is None:
        raise AssertionError("settle() lets nothing unknown pass")
    with shown() as progress:
        found = run_shortage(
            raw,
            world=world,
            table=own,
            regions=None if regions is None else _list(regions),
            draws=count,
            days=length,
            rationing=rationing,
            without=_list(without or ""),
            progress=progress,
        )
    files = [] if into is None else _write(found, into, text or "", table, own)
    if as_json:
        from ..tables import print_json

        print_json(found.answer() | ({"files": files} if files else {}))
        return
    from ..shortage_print import show

    show(found, files)


def _write(found: Shortage, into: Path, text: str, table: str, own: Table | None) -> list[str]:
    """The files of the run; their paths."""
    from ..shortage_files import write

    more = {
        "scenario_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "table": table if own is None else Path(table).name,
        "table_sha256": None if own is None else own.sha256,
    }
    return [str(path) for path in write(found, into, more).values()]


def _template(*, as_json: bool) -> None:
    import tomllib

    from ...engines.shortage_scenario import TEMPLATE
    from ..tables import plain, print_json

    text = TEMPLATE.read_text("utf-8")
    if as_json:
        print_json(plain(tomllib.loads(text)))
    else:
        click.echo(text, nl=False)


def _text(path: str | None) -> str:
    """The scenario file."""
    from ..shortage_door import read_text

    if path is None:
        fix = "kanmon sector shortage --template > scenario.toml"
        raise InputError(Problem("no scenario is given", "SCENARIO.toml", "a file says what is stopped", fix))
    return read_text(Path(path), "SCENARIO.toml")


def _parsed(text: str) -> dict[str, Any]:
    from ...engines.shortage_scenario import parse

    return parse(text)


def _table(path: str, kind: str | None, year: int | None, order: str | None) -> Table | None:
    """The user's table; None for the embedded one."""
    if path != EMBEDDED:
        from ...world.tables import read_table

        return read_table(path, kind=kind, year=year, order=order)
    refuse_table_words(kind, year, order)
    return None


def _list(text: str) -> Sequence[str]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
