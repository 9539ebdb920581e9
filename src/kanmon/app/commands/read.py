"""kanmon read: a text as a draft measure, every field with the words it was read from."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ...measure.reading import Reading

FIELDS = (
    "imposers",
    "targets",
    "instrument",
    "end_user_scope",
    "end_use_scope",
    "announced",
    "effective",
    "status",
    "re_export",
    "legal_basis",
    "responses",
)
"""Fields of the draft in the order they are printed; goods, matches and claims follow apart."""
LONGEST_QUOTE = 70


KEY = "KANMON_MODEL_KEY"
"""Environment variable of the key of a language model's service; sent only where it is set."""


@click.command(epilog="Example: kanmon read report.txt --json")
@click.argument("text")
@click.option("--model-url", metavar="URL", help="Let a language model at this address fill open fields.")
@click.option("--model", metavar="NAME", default="default", help="Name of the model at that address.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def read(text: str, model_url: str | None, model: str, as_json: bool) -> None:
    """Draft a measure from a text file (- reads standard input).

    What the text does not say stays unknown; what the library adds stands apart, under matches.
    Works offline. With --model-url the text is sent to that address (OpenAI-compatible); its answer
    fills only fields left open and is checked against the words of the text.
    """
    from ...measure.read import reading_json
    from ...measure.read_file import decode, read_text
    from ..tables import print_json
    from ..texts import read as read_with_library

    if text == "-":
        content = decode(sys.stdin.buffer.read(), Path("standard input"))
    else:
        content = read_text(text)
    reading = read_with_library(content)
    if model_url is not None:
        _with_model(content, reading, model_url, model, as_json=as_json)
        return
    if as_json:
        print_json(reading_json(reading))
        return
    _print(reading)


def _with_model(content: str, reading: Reading, url: str, model: str, *, as_json: bool) -> None:
    """The offline reading with what a model filled in, told apart from it."""
    import os

    from ...measure.read import reading_json
    from ...measure.read_model import fill
    from ..tables import print_json, print_text

    answer = fill(content, reading_json(reading), url, model, os.environ.get(KEY, ""))
    if as_json:
        print_json(answer.as_json())
        return
    _print(reading)
    print_text(f"Filled by the model {model}", [f"{k}: {', '.join(v)}" for k, v in answer.filled.items()])
    print_text("Where it differs", list(answer.differs))
    print_text("Refused", list(answer.refused))


def _print(reading: Reading) -> None:
    """The draft as a table of field, value and quoted words; then goods, matches and claims."""
    from ...measure.read import reading_json
    from ..tables import print_table, print_text

    if not reading.is_export_restriction:
        click.echo(f"Not an export restriction: {reading.why_not}")
        return
    record = reading_json(reading)
    quotes: dict[str, list[str]] = {}
    for span in reading.spans:
        quotes.setdefault(span.field.split(".")[0].split("[")[0], []).append(span.quote)
    rows = [(name, _words(record[name]), _quoted(quotes.get(name, []))) for name in FIELDS]
    click.echo(f"Draft from the text alone (language: {reading.language})\n")
    print_table(("field", "value", "quoted words"), rows)
    items = reading.draft.items
    print_text(
        "Goods",
        [f"{i.phrase} ({i.certainty}) {' '.join((*i.elements, *i.hs))}".rstrip() for i in items],
    )
    print_text("Matches in the library", [f"{m.measure} ({m.score:.2f}): {m.why}" for m in reading.matches])
    print_text("Claims", [f"{c.topic}: “{' '.join(c.quote.split())}”" for c in reading.claims])


def _words(value: object) -> str:
    """A value of the draft in one line."""
    if isinstance(value, list | tuple):
        return ", ".join(_words(v) for v in value) or "unknown"
    if isinstance(value, dict):
        return " ".join(str(v) for v in value.values() if v)
    return str(value) if value not in (None, "") else "unknown"


def _quoted(quotes: list[str]) -> str:
    """The words a field was read from, each once, shortened where they are long."""
    short = (textwrap.shorten(quote, LONGEST_QUOTE, placeholder=" …") for quote in quotes)
    return "; ".join(f"“{quote}”" for quote in dict.fromkeys(short)) or "-"
