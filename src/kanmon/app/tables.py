"""Tables and JSON on standard output: set by rich on a terminal, aligned plain text in a pipe."""

from __future__ import annotations

import json
import math
import sys
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from shutil import get_terminal_size
from typing import Any

import click

SHORT = 12
"""Cells up to this width are never broken over two lines."""


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their column names; the last column takes the room that is left."""
    if sys.stdout.isatty():
        _on_terminal(columns, rows)
        return
    lines = [columns, *rows]
    widths = [max(width(line[k]) for line in lines) for k in range(len(columns))]
    for line in lines:
        cells = [cell + " " * (widths[k] - width(cell)) for k, cell in enumerate(line)]
        click.echo("  ".join(cells).rstrip())


def _on_terminal(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for k, name in enumerate(columns):
        widest = max(width(line[k]) for line in [columns, *rows])
        least = min(widest, 2 * SHORT) if k == len(columns) - 1 else None
        table.add_column(name, overflow="fold", no_wrap=widest <= SHORT or k == 0, min_width=least)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def width(text: str) -> int:
    """Columns a text takes on a terminal: full-width characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def money(value: float) -> str:
    """An amount: a decimal above 1,000, four significant digits below it, as tables differ in size."""
    if abs(value) >= 1000:
        return f"{value:,.1f}"
    text = f"{value:.4g}"
    return "0" if float(text) == 0 or abs(value) < 1e-9 else text


def print_json(content: Any) -> None:
    """Print one JSON document; NaN is refused, names in their own script are kept."""
    click.echo(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False))


def plain(thing: Any) -> Any:
    """A record as JSON can hold it: dates as text, records as objects, what is not known as null."""
    from datetime import date

    from ..measure.measure import When

    if isinstance(thing, When | date):
        return str(thing)
    if is_dataclass(thing):
        return {f.name: plain(getattr(thing, f.name)) for f in fields(thing)}
    if isinstance(thing, Mapping):
        return {str(key): plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [plain(value) for value in thing]
    if isinstance(thing, float) and not math.isfinite(thing):
        return None
    return thing


def print_text(title: str, lines: Sequence[str]) -> None:
    """A heading and its lines, indented and wrapped to the width of the terminal; nothing without lines."""
    if not lines:
        return
    click.echo(f"\n{title}")
    room = min(get_terminal_size().columns, 110)
    for line in lines:
        click.echo(
            textwrap.fill(
                line,
                room,
                initial_indent="  - ",
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
