"""kanmon screen: names of parties against the lists, in bands, with both strings and the rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..options import Faults, day

if TYPE_CHECKING:
    from ...core.errors import Problem
    from ...measure.check_parties import PartyLists
    from ...measure.parties import Hit
    from ...measure.screen_file import Row

MARKS = {"match": "● match", "review": "◐ review", "near": "○ near", "none": "· none"}
"""A sign and a word for each band, so that the band reads without colour."""
SHOWN_FAULTS = 20
SHOWN_ROWS = 200


@click.command(epilog="Example: kanmon screen suppliers.csv --json")
@click.argument("file")
@click.option("--on", metavar="DATE", help="Lists as of this day. Default: as last known here.")
@click.option("--add", "extra", multiple=True, metavar="FOLDER", help="One more notice with its parties.csv.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def screen(file: str, on: str | None, extra: tuple[str, ...], as_json: bool) -> None:
    """Screen the parties of a CSV or Parquet FILE (columns id, name; country, registration_number if known).

    match: the listed party; review: a person must look; near: of its group, or alike, not listed; none.
    """
    from ...measure.check_book import lists_with
    from ...measure.screen_file import read_rows, screen_rows
    from ..tables import print_json

    faults = Faults()
    when = faults.take(day, on)
    read = faults.take(read_rows, Path(file))
    lists = faults.take(lists_with, extra)
    faults.settle()
    if read is None or lists is None:
        raise AssertionError("settle() lets nothing unread pass")
    rows, problems = read
    hits = screen_rows(rows, lists.screener(), when)
    _warn(problems)
    if as_json:
        print_json([hit.row(row.id) for row, hit in zip(rows, hits, strict=True)])
        return
    _print(rows, hits, lists)


def _warn(problems: Sequence[Problem]) -> None:
    """Faults of single cells, on the error stream: the other rows are screened all the same."""
    for problem in problems[:SHOWN_FAULTS]:
        click.echo(f"kanmon: {problem}", err=True)
    if len(problems) > SHOWN_FAULTS:
        click.echo(f"kanmon: and {len(problems) - SHOWN_FAULTS} more faults of this kind", err=True)


def _print(rows: Sequence[Row], hits: Sequence[Hit], lists: PartyLists) -> None:
    """The rows that met something, heaviest first, then the counts and what the lists lack."""
    from ...measure.parties import BANDS
    from ..tables import print_table

    met = [(r, h) for r, h in zip(rows, hits, strict=True) if h.band != "none" or h.entity_id]
    met.sort(key=lambda pair: (-BANDS.index(pair[1].band), -pair[1].score))
    if met:
        print_table(
            ("id", "band", "listed as", "score", "why"),
            [
                (r.id, MARKS[h.band], h.entity_id or "-", f"{h.score:.2f}", h.reason)
                for r, h in met[:SHOWN_ROWS]
            ],
        )
    if len(met) > SHOWN_ROWS:
        click.echo(f"and {len(met) - SHOWN_ROWS} more rows; --json prints all")
    counts = Counter(h.band for h in hits)
    click.echo(
        "\n" + ", ".join(f"{counts[band]} {band}" for band in reversed(BANDS)) + f" of {len(rows)} rows"
    )
    held = lists.coverage()
    parties = ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in held["parties"].items())
    click.echo(f"Lists as of {held['as_of']}: {parties}. “none” is no clearance; not held here:")
    for gap in held["gaps"]:
        click.echo(f"  - {gap}")
