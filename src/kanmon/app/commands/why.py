"""kanmon why: how a figure of the last run came about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ...core.errors import InputError, Problem, nearest

BASES = {
    "measured": "measured: counted in the data named below",
    "sourced": "sourced: taken from the publication named below",
    "inferred": "inferred: computed from other figures",
    "assumed": "assumed: at least one input is an assumption of this program",
}
FILE = "figures.json"
MOST_NAMED = 6
"""Outcomes of one rule that are named; the JSON has them all."""


@click.command(
    epilog="""\b
Examples:
  kanmon why
  kanmon why full_stop losses --json""",
)
@click.argument("figure", nargs=-1)
@click.option("--run", "folder", metavar="DIR", help="Folder of a run. Default: the last run.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def why(figure: tuple[str, ...], folder: str | None, as_json: bool) -> None:
    """Explain a figure of the last run: range, basis, clauses, assumptions, sources.

    FIGURE is an address or some words of it. Without one, every figure of the run is listed.
    """
    from ..tables import print_json

    book = _book(folder)
    found = _chosen(book, figure)
    if as_json:
        print_json({address: _whole(book, address) for address in found})
    elif len(found) == 1 and figure:
        _explain(book, found[0])
    else:
        _list(book, found)


def _book(folder: str | None) -> dict[str, Any]:
    """figures.json of the run named, or of the last one."""
    from ..store import last_run

    path = (Path(folder) if folder else last_run()) / FILE
    try:
        book: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise InputError(
            Problem(
                f"no figures of a run in {path.parent}",
                where="--run" if folder else "the last run",
                why=f"{FILE} cannot be read there ({type(fault).__name__})",
                fix="kanmon assess writes a run's folder; name that folder",
            )
        ) from None
    return book


def _chosen(book: dict[str, Any], words: tuple[str, ...]) -> list[str]:
    """Addresses that are the words, else all whose address or label holds every word."""
    figures = book["figures"]
    asked = ".".join(words).casefold()
    if asked in figures:
        return [asked]
    found = [
        address
        for address, figure in figures.items()
        if all(word.casefold() in f"{address} {figure['label']}".casefold() for word in words)
    ]
    if not found:
        raise InputError(
            Problem(
                f"no figure of the run is called {' '.join(words)!r}",
                where="FIGURE",
                why=f"the run of {book['measure']} for {book['buyer']} holds {len(figures)} figures",
                fix="kanmon why lists them all",
                near=nearest(asked, figures),
            )
        )
    return found


def _whole(book: dict[str, Any], address: str) -> dict[str, Any]:
    """One figure with its scenario and sources written out."""
    figure = book["figures"][address]
    return {
        **figure,
        "scenario": book["scenarios"].get(address.split(".", maxsplit=1)[0]),
        "sources": [book["sources"][key] for key in figure["sources"]],
        "rows": _rows(book, address),
    }


def _rows(book: dict[str, Any], address: str) -> list[dict[str, Any]]:
    """Rows behind the tables that a figure cites: of its scenario, or of all where it belongs to none."""
    cited = set(book["figures"][address]["sources"])
    own = book["scenarios"].get(address.split(".", maxsplit=1)[0])
    keys = dict.fromkeys(key for s in ([own] if own else book["scenarios"].values()) for key in s["rows"])
    return [card for key in keys for card in [book["sources"][key]] if card["part_of"] in cited]


def _list(book: dict[str, Any], found: list[str]) -> None:
    from ..tables import print_table

    rows = [(a, _range(f), f["unit"], f["basis"], f["label"]) for a in found for f in [book["figures"][a]]]
    print_table(("figure", "value (range)", "unit", "basis", "what it is"), rows)
    click.echo(f"\n{len(rows)} figures of {book['measure']} for {book['buyer']} on {book['on']}.")
    click.echo(f"One in full: kanmon why {found[0]}")


def _explain(book: dict[str, Any], address: str) -> None:
    """Print one figure from result back to sources."""
    from ..tables import print_text

    whole = _whole(book, address)
    click.echo(f"{whole['label']}: {_range(whole)} {whole['unit']}")
    lines = [BASES[whole["basis"]]]
    lines.append("exact: it has no range" if whole["exact"] else "range: low to high as in the report")
    print_text(address, [*lines, *([whole["note"]] if whole["note"] else [])])
    scenario = whole["scenario"]
    if scenario:
        engine = f"{scenario['engine']}, rationing {scenario['rationing']}, {scenario['draws']} draws"
        print_text("What is stopped", [scenario["what_is_stopped"]])
        print_text("Because of", [_clause(clause) for clause in scenario["clauses"]])
        print_text("Computed by", [engine])
        print_text("Assuming", scenario["assumptions"])
    print_text("Sources", [_card(s) for s in whole["sources"]])
    for table in dict.fromkeys(row["part_of"] for row in whole["rows"]):
        rows = [row for row in whole["rows"] if row["part_of"] == table]
        print_text(f"Rows of {table} used ({len(rows)})", [f"{row['id']}: {_card(row)}" for row in rows])


def _card(source: dict[str, Any]) -> str:
    """A source on one line."""
    digest = f"sha256 {source['sha256']}" if source["sha256"] else ""
    parts = (source["title"], source["publisher"], source["date"], source["url"], source["licence"], digest)
    return " | ".join(filter(None, parts))


def _clause(clause: dict[str, Any]) -> str:
    """A rule with its published text and what it led to."""
    outcomes = clause["outcomes"]
    more = f" … and {len(outcomes) - MOST_NAMED} more" if len(outcomes) > MOST_NAMED else ""
    led_to = "; ".join(outcomes[:MOST_NAMED])
    return f"{clause['measure']}, rule {clause['rule']}: {clause['text']} Here: {led_to}{more}"


def _range(figure: dict[str, Any]) -> str:
    """Value and range in one cell."""
    value = "unknown" if figure["value"] is None else f"{figure['value']:,.4g}"
    low, high = figure["low"], figure["high"]
    if low is None and high is None:
        return value
    ends = " to ".join("?" if end is None else f"{end:,.4g}" for end in (low, high))
    return ends if figure["value"] is None else f"{value} ({ends})"
