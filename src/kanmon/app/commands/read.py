"""kanmon read: a text as a draft measure, every field with the words it was read from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ...measure.reading import Reading


@click.command(epilog="Example: kanmon read report.txt --json")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def read(text: str, as_json: bool) -> None:
    """Draft a measure from a text file (- reads standard input).

    What the text does not say stays unknown; what the library adds stands apart, under matches.
    """
    from ...measure.load import library
    from ...measure.read import read as read_measure
    from ...measure.read import read_text, reading_json
    from ..tables import print_json

    content = click.get_text_stream("stdin").read() if text == "-" else read_text(Path(text))
    reading = read_measure(content, library())
    if as_json:
        print_json(reading_json(reading))
        return
    _print(reading)


def _print(reading: Reading) -> None:
    """The draft as a table of field, value and quoted words."""
    from ...measure.read import reading_json
    from ..tables import print_table, print_text

    if not reading.is_export_restriction:
        click.echo(f"Not an export restriction: {reading.why_not}")
        return
    quotes: dict[str, list[str]] = {}
    for span in reading.spans:
        quotes.setdefault(span.field, []).append(" ".join(span.quote.split()))
    fields = {k: v for k, v in reading_json(reading).items() if k not in {"matches", "spans", "items"}}
    rows = [(name, _words(value), _quoted(quotes.get(name, []))) for name, value in fields.items()]
    click.echo("Draft from the text alone:")
    print_table(("field", "value", "quoted words"), rows)
    items = reading.draft.items
    print_text(
        "Items",
        [f"{i.phrase} ({i.certainty}) {' '.join((*i.elements, *i.hs))}".rstrip() for i in items],
    )
    print_text("Matches in the library", [f"{m.measure} ({m.score:.2f}): {m.why}" for m in reading.matches])
    print_text("Claims", [f"{c.topic}: “{' '.join(c.quote.split())}”" for c in reading.claims])


def _words(value: object) -> str:
    """A value of the draft in one line."""
    if isinstance(value, list | tuple):
        return ", ".join(_words(v) for v in value) or "-"
    if isinstance(value, dict):
        return " ".join(str(v) for v in value.values() if v)
    return str(value) if value not in (None, "") else "-"


def _quoted(quotes: list[str]) -> str:
    return "; ".join(f"“{q}”" for q in dict.fromkeys(quotes)) or "-"
