"""kanmon data: the embedded data sets with their sources and licences, and whether they are intact."""

from __future__ import annotations

from typing import Any

import click

from ...core.errors import InputError, KanmonError, Problem, nearest

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(invoke_without_command=True, epilog="Example: kanmon data verify")
@click.pass_context
def data(ctx: click.Context) -> None:
    """Data sets, their sources, licences and checksums; without a subcommand, `list`."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@data.command("list", epilog="Example: kanmon data list --json")
@json_option
def list_(as_json: bool = False) -> None:
    """Every embedded data set with publisher, date and licence."""
    from ...world.sources import datasets
    from ..tables import plain, print_json, print_table

    sets = datasets()
    if as_json:
        print_json([{"id": key, **plain(card)} for key, card in sets.items()])
        return
    rows = [
        (key, c.source.date, c.source.confidence, c.source.publisher, c.source.licence, c.source.title)
        for key, c in sets.items()
    ]
    print_table(("id", "date", "confidence", "publisher", "licence", "title"), rows)


@data.command(epilog="Example: kanmon data get icio2022")
@click.argument("name", required=False)
@json_option
def get(name: str | None, as_json: bool) -> None:
    """Where a data set lies on this machine and how it was made; nothing is fetched."""
    from ...world.sources import datasets
    from ...world.store import DEFAULT
    from ..tables import plain, print_json

    sets = datasets()
    if name is not None and name not in sets:
        raise InputError(
            Problem(
                f"no data set is called {name!r}",
                where="NAME",
                why="every data set of Kanmon is in the package; `get` says where",
                fix="kanmon data list",
                near=nearest(name, sets),
            )
        )
    chosen = {name: sets[name]} if name else dict(sets)
    if as_json:
        print_json([{"id": k, "path": str(DEFAULT / c.file), **plain(c)} for k, c in chosen.items()])
        return
    for key, card in chosen.items():
        click.echo(f"{key}: {DEFAULT / card.file}")
        for text in (card.source.title, card.source.url, card.note):
            if text:
                click.echo(f"    {text}")
    click.echo(
        "\nAll data are in the package: nothing needs to be fetched. Your own table or trade data are\n"
        "passed from Python (docs/guide.md, “Your own data”)."
    )


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
