"""kanmon data: data sets with sources and licences, tables fetched and checked, what is intact."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import InputError, KanmonError, Problem, nearest

if TYPE_CHECKING:
    from ...world.sources import Dataset
    from ...world.tables import Table

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(invoke_without_command=True, epilog="Example: kanmon data verify")
@click.pass_context
def data(ctx: click.Context) -> None:
    """Data sets, their sources, licences and checksums; without a subcommand, `list`."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@data.command("list", epilog="Example: kanmon data list --json")
@click.option("--published", is_flag=True, help="What `get` can fetch from publishers instead.")
@json_option
def list_(published: bool = False, as_json: bool = False) -> None:
    """Every embedded data set with publisher, date and licence."""
    from ...world import fetch
    from ...world.sources import datasets
    from ..tables import plain, print_json, print_table

    if published:
        cards = fetch.downloads()
        if as_json:
            print_json([plain(card) | {"tried": False} for card in cards.values()])
            return
        print_table(
            ("name", "kind", "publisher", "licence", "title"),
            [(c.name, c.kind, c.publisher, c.licence, c.title) for c in cards.values()],
        )
        click.echo("\nNo address has been tried by this project: `get` says what to do where one fails.")
        return
    sets = datasets()
    if as_json:
        print_json([{"id": key, **plain(card)} for key, card in sets.items()])
        return
    rows = [
        (key, c.source.date, c.source.confidence, c.source.publisher, c.source.licence, c.source.title)
        for key, c in sets.items()
    ]
    print_table(("id", "date", "confidence", "publisher", "licence", "title"), rows)
    click.echo("\nTables that can be fetched from their publishers: kanmon data list --published")


@data.command(
    epilog="""\b
Examples:
  kanmon data get icio2022
  kanmon data get icio-2016-2022 --to tables""",
)
@click.argument("name", required=False)
@click.option("--to", metavar="DIR", help="Folder for a fetched file. Default: the user's data folder.")
@json_option
def get(name: str | None, to: str | None, as_json: bool) -> None:
    """Fetch a published table; of an embedded data set, say where it lies and how it was made.

    A fetch that was cut is continued; a file stands under its name only when it is whole and its
    checksum holds. Where the publisher's address fails, the way by hand is said.
    """
    from ...world import fetch
    from ...world.sources import datasets

    sets, cards = datasets(), fetch.downloads()
    if name is not None and name in cards:
        _fetched(name, to, as_json=as_json)
        return
    if name is not None and name not in sets:
        raise InputError(
            Problem(
                f"no data set is called {name!r}",
                where="NAME",
                why="it is neither in the package nor among the tables that can be fetched",
                fix="kanmon data list, kanmon data list --published",
                near=nearest(name, [*sets, *cards]),
            )
        )
    _embedded({name: sets[name]} if name else dict(sets), as_json=as_json)


def _fetched(name: str, to: str | None, *, as_json: bool) -> None:
    """Fetch one published file and say what came."""
    from ...world import fetch
    from ..progress import shown
    from ..tables import plain, print_json

    card = fetch.downloads()[name]
    folder = Path(to).expanduser() if to else fetch.default_folder()
    with shown() as progress:
        got = fetch.fetch(card, folder, progress)
    if as_json:
        told = {"state": got.state, "checked": got.checked, "tried": False}
        print_json(
            plain(card) | told | {"path": str(got.path), "sha256": got.sha256, "bytes": got.bytes},
        )
        return
    how = {"there": "is there already", "resumed": "was continued and is whole", "fetched": "was fetched"}
    click.echo(f"{card.file} {how[got.state]}: {got.path}")
    held = {"publisher": "as published", "first fetch": "as first fetched", "": "no published sum to compare"}
    click.echo(f"    sha256 {got.sha256} ({held[got.checked]}), {got.bytes:,} bytes")
    for text in (card.reported, f"{card.publisher}; {card.licence}", card.after):
        if text:
            click.echo(f"    {text}")
    if not card.after and card.kind != "trade":
        click.echo(f"    next: kanmon data check {got.path} --kind {card.kind}")


def _embedded(chosen: Mapping[str, Dataset], *, as_json: bool) -> None:
    """Where embedded data sets lie and how they were made."""
    from ...world.store import DEFAULT
    from ..tables import plain, print_json

    if as_json:
        print_json([{"id": k, "path": str(DEFAULT / c.file), **plain(c)} for k, c in chosen.items()])
        return
    for key, card in chosen.items():
        click.echo(f"{key}: {DEFAULT / card.file}")
        for text in (card.source.title, card.source.url, card.note):
            if text:
                click.echo(f"    {text}")
    click.echo("\nThese lie in the package: nothing needs to be fetched.")


@data.command(
    epilog="""\b
Examples:
  kanmon data check 2022_SML.csv
  kanmon data check my_table.npz --kind plain --order country-major --year 2019""",
)
@click.argument("file")
@click.option(
    "--kind", metavar="KIND", help="icio, wiod, exiobase, figaro, eora, plain. Default: by content."
)
@click.option("--year", metavar="YEAR", help="Which year, where the file's name does not say.")
@click.option("--order", metavar="ORDER", help="country-major or sector-major, for arrays without labels.")
@click.option("--regions", metavar="LIST", help="Economies kept, commas between; the others are summed.")
@click.option("--float32", is_flag=True, help="Half the memory: seven digits of each flow.")
@json_option
def check(
    file: str,
    kind: str | None,
    year: str | None,
    order: str | None,
    regions: str | None,
    float32: bool,
    as_json: bool,
) -> None:
    """Read an input-output table, check its laws, and name the worst cells.

    Exit code 2 where an engine cannot run on the table; warnings leave it 0.
    """
    from ...world.tables import read_table
    from ..options import Faults, whole

    faults = Faults()
    wanted = faults.take(whole, year, "--year", "--year 2022") if year else None
    faults.settle()
    names = [c.strip() for c in regions.split(",") if c.strip()] if regions else None
    dtype = "float32" if float32 else "float64"
    table = read_table(file, kind=kind, year=wanted, order=order, regions=names, dtype=dtype, check=False)
    _account(table, as_json=as_json)
    if any(f.severity == "refuse" for f in table.findings):
        raise click.exceptions.Exit(2)


def _account(table: Table, *, as_json: bool) -> None:
    """What was read and what is wrong with it."""
    from ..tables import plain, print_json, print_text

    sums = {
        "output": float(table.x.sum()),
        "flows": float(table.Z.sum(dtype="float64")),
        "final demand": None if table.final is None else float(table.final.sum(dtype="float64")),
        "value added": float(table.value_added.sum()),
    }
    if as_json:
        print_json(
            {
                "kind": table.kind,
                "seen_on_a_real_file": table.seen,
                "year": table.year,
                "unit": table.unit,
                "regions": list(table.regions),
                "sectors": list(table.sectors),
                "sums": sums,
                "source": plain(table.source),
                "sha256": table.sha256,
                "notes": list(table.notes),
                "findings": plain(table.findings),
                "usable": not any(f.severity == "refuse" for f in table.findings),
            }
        )
        return
    click.echo(f"{table.source.title}")
    size = f"{len(table.regions)} economies x {len(table.sectors)} sectors"
    click.echo(f"    {size}; {table.unit}; held in {table.Z.nbytes / 1e6:,.0f} MB")
    for name, total in sums.items():
        click.echo(f"    {name}: {'not in the file' if total is None else f'{total:,.0f}'}")
    print_text("Notes", table.notes)
    for finding in table.findings:
        print_text(f"{finding.severity}: {finding.text}", [str(c) for c in finding.worst])
    refused = [f for f in table.findings if f.severity == "refuse"]
    end = "An engine cannot run on this table." if refused else "An engine can run on this table."
    click.echo(f"\n{end} {len(refused)} refusals, {len(table.findings) - len(refused)} warnings.")


@data.command(epilog="Example: kanmon data verify")
@json_option
def verify(as_json: bool) -> None:
    """Compare each file's SHA-256 with its card; exit 1 when one differs."""
    from ...world.sources import datasets
    from ...world.store import DEFAULT, file_hash
    from ..tables import print_json, print_table

    found: list[dict[str, Any]] = []
    for key, card in datasets().items():
        path = DEFAULT / card.file
        held = file_hash(path) if path.is_file() else ""
        state = "intact" if held and held == card.sha256 else "changed" if held else "missing"
        found.append({"id": key, "file": card.file, "state": state, "sha256": held, "expected": card.sha256})
    if as_json:
        print_json(found)
    else:
        rows = [(f["id"], f["state"], f["sha256"], f["file"]) for f in found]
        print_table(("id", "state", "sha256", "file"), rows)
    bad = [f["id"] for f in found if f["state"] != "intact"]
    if bad:
        raise KanmonError(
            Problem(
                f"{len(bad)} of {len(found)} data sets are not as published: {', '.join(bad)}",
                where=str(DEFAULT),
                why="their checksum is not the one of their card",
                fix="install the package again",
            )
        )
