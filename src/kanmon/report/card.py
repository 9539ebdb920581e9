"""The findings as one card in the terminal: 80 columns, plain text in a pipe."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .format import amount
from .page import DataTable, Findings, Section, Tile
from .words import Axis, Brief, Cite, Code, Line, Name, Numbering, Part, Quote, Stamp, marks_text

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.style import Style
    from rich.text import Text

WIDTH = 80
"""Columns where the output is no terminal; a wider terminal is used up to MOST."""
MOST = 110
ROWS = 3
"""Rows of a section that the card shows; the report has them all."""

HIDDEN = {"stops": (4,), "helps": (2,), "claims": (3,)}
"""Columns of a section that only the report shows."""

LETTERS = {"measured": "m", "sourced": "s", "inferred": "i", "assumed": "a"}
COLOURS = {"figure": "bold", "ref": "dim", "code": "cyan", "said": "", "name": "", "axis": "", "date": ""}


def print_card(findings: Findings, console: Console | None = None, report: Path | None = None) -> None:
    """Print the card: headline, tiles, what stops, what helps, unknowns, then three next commands.

    Parameters
    ----------
    findings
        What `findings()` made of an assessment.
    console
        Where to print; by default standard output, without colour when that is no terminal.
    report
        Path of the HTML report, printed last but for the commands.
    """
    from rich.console import Console

    out = console or Console(highlight=False)
    if out.is_terminal:
        for part in card(findings, report):
            out.print(part, width=min(out.width, MOST), highlight=False, markup=False)
        return
    # Into a pipe: no colour, and no blanks that only fill the width.
    aside = Console(width=WIDTH, file=StringIO(), color_system=None, highlight=False)
    with aside.capture() as caught:
        for part in card(findings, report):
            aside.print(part, highlight=False, markup=False)
    for row in caught.get().splitlines():
        out.file.write(row.rstrip() + "\n")


def card(f: Findings, report: Path | None = None) -> list[RenderableType]:
    """The pieces of the card, top to bottom, as rich renderables."""
    from rich.text import Text

    gap = Text("")
    pieces: list[RenderableType] = [gap, head(f.measure_id, "code"), words(f.question, f.numbering)]
    if f.draft:
        pieces.append(words(f.draft, f.numbering))
    pieces += [words(f.headline, f.numbering), gap]
    for tile in f.tiles:
        pieces += _tile(tile, f.numbering)
    for name in ("claims", "stops", "helps", "unknowns"):
        section = f.section(name)
        if section:
            pieces += _section(section, f.numbering)
    pieces += [gap, _legend(f), *_end(f, report)]
    return pieces


def _kind(kind: str) -> Style:
    """A style that also says what kind of number the text is; the provenance test reads it."""
    from rich.style import Style

    return Style.parse(COLOURS[kind] or "none") + Style(meta={"kind": kind})


def head(title: str, kind: str = "") -> Text:
    """A heading line."""
    from rich.text import Text

    style: Any = "bold" if not kind else Text("", style="bold").style
    text = Text(title, style=style)
    if kind:
        text.stylize(_kind(kind))
    return text


def words(parts: Line, numbering: Numbering, *, marks: bool = True) -> Text:
    """A line as rich text; every number keeps the style of its kind."""
    from rich.text import Text

    text = Text()
    for part in parts:
        for piece, kind in _pieces(part, numbering, marks=marks):
            text.append(piece, _kind(kind) if kind else None)
    return text


def _pieces(part: Part, numbering: Numbering, *, marks: bool) -> list[tuple[str, str]]:
    if isinstance(part, str):
        return [(part, "")]
    if isinstance(part, Stamp):
        return [(part.text, "date")]
    if isinstance(part, Code):
        return [(part.text, "code")]
    if isinstance(part, Name):
        return [(part.text, "name")]
    if isinstance(part, Axis):
        return [(part.text, "axis")]
    if isinstance(part, Brief):
        return [(amount(part.figure, unit=False), "figure")]
    if isinstance(part, Quote):
        return [(f"\u201c{part.text}\u201d" if part.mark else part.text, "said")]
    reference = _reference(part, numbering) if marks else ""
    pieces = [] if isinstance(part, Cite) else [(amount(part), "figure")]
    return [*pieces, (f" {reference}", "ref")] if reference else pieces


def _reference(part: Any, numbering: Numbering) -> str:
    """'[a 1-3]': the basis by its letter, then source numbers of the report."""
    runs, more = numbering.marks(part.sources, limit=2)
    letter = LETTERS[part.basis] + " " if not isinstance(part, Cite) else ""
    return f"[{letter}{marks_text(runs, more=more)}]" if runs else ""


def _tile(tile: Tile, numbering: Numbering) -> list[RenderableType]:
    """Title on the left, content on the right; a table of the tile below."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2), expand=False)
    grid.add_column(width=10, no_wrap=False)
    grid.add_column(ratio=1)
    body = [words(tile.main, numbering), *(words(parts, numbering) for parts in tile.lines)]
    if tile.table:
        body = [words(parts, numbering) for parts in tile.lines]
    content = Text("\n").join(body)
    grid.add_row(Text(tile.brief or tile.title, style="bold"), content)
    pieces: list[RenderableType] = [grid]
    if tile.table:
        pieces.append(_table(tile.table, numbering, title=tile.title, indent=12))
    return [*pieces, Text("")]


def _table(content: DataTable, numbering: Numbering, *, title: str = "", indent: int = 0) -> RenderableType:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", expand=True)
    for k, column in enumerate(content.columns):
        label = Text(column.label)
        if column.declared:
            label.stylize(_kind("axis"))
        table.add_column(label, ratio=3 if k == 0 else 2)
    for row in content.rows:
        table.add_row(*(words(cell, numbering) for cell in row))
    sources = [figure for row in content.rows for cell in row for figure in _briefs(cell)]
    foot = Text("")
    if sources:
        found = {s: None for figure in sources for s in figure.sources}
        runs, more = numbering.marks(found, limit=2)
        letter = LETTERS[sources[0].basis]
        foot = Text(f"{title} ").append(f"[{letter} {marks_text(runs, more=more)}]", _kind("ref"))
    from rich.console import Group

    return Padding(Group(foot, table) if sources else table, (0, 0, 0, indent))


def _briefs(cell: Line) -> list[Any]:
    return [part.figure for part in cell if isinstance(part, Brief)]


def _section(section: Section, numbering: Numbering) -> list[RenderableType]:
    """A section in short: its first rows, one line a row, and its first points."""
    from rich.padding import Padding
    from rich.text import Text

    lines: list[RenderableType] = [head(section.title)]
    whole = section.id == "claims"
    lines += [words(parts, numbering) for parts in section.lines if whole]
    for _, table in section.tables:
        for row in table.rows if whole else table.rows[:ROWS]:
            text = Text("- ")
            for k, cell in enumerate(row):
                if k in HIDDEN.get(section.id, ()) or not cell:
                    continue
                if k:
                    text.append("; ")
                    label = table.columns[k].label
                    text.append(f"{label}: ")
                text.append_text(words(cell, numbering))
            lines.append(Padding(text, (0, 0, 0, 2)))
    for parts in section.more[:ROWS]:
        lines.append(Padding(Text("- ").append_text(words(parts, numbering)), (0, 0, 0, 2)))
    return [*lines, Text("")]


def _legend(f: Findings) -> Text:
    from rich.text import Text

    names = ", ".join(f"{letter} {f.strings[name]}" for name, letter in LETTERS.items())
    return Text(f"[letter and numbers]: {names}; numbers are the sources listed in the report.", style="dim")


def _end(f: Findings, report: Path | None) -> list[RenderableType]:
    """Path of the report and three commands that go on from here."""
    from rich.text import Text

    lines: list[RenderableType] = []
    if report is not None:
        lines.append(Text(f"{f.strings['report_at']}: ").append(str(report), _kind("code")))
    lines.append(Text(f"{f.strings['next']}:"))
    commands = [f"kanmon measures timeline --country {f.buyer}", "kanmon why"]
    if f.in_library:
        again = f"kanmon assess {f.measure_id} --buyer {f.buyer} --on {f.on} --json"
        commands = [f"kanmon measures show {f.measure_id}", *commands[:1], again]
    for command in commands:
        lines.append(Text("  ").append(command, _kind("code")))
    return lines
