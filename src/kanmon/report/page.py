"""What a report says, without any layout: lines, tiles, tables and charts. Read by card and HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..core.figure import Basis, Figure
from ..core.source import Source
from .words import Line, Numbering, figures_in


@dataclass(frozen=True)
class Column:
    """One column of a table. A column of plain numbers carries unit, basis and sources for all of them.

    kind: "text" for lines, "number" for plain numbers with this card, "axis" for the declared grid
    (years, days) against which the numbers stand.
    """

    label: str
    kind: str = "text"
    unit: str = ""
    basis: Basis | str = ""
    sources: tuple[Source, ...] = ()
    declared: bool = False
    """The label itself names a point of the declared grid ("12 months")."""

    def __post_init__(self) -> None:
        if self.kind == "number" and not (self.unit and self.basis and self.sources):
            raise ValueError(f"number column {self.label!r} needs unit, basis and sources")


@dataclass(frozen=True)
class DataTable:
    """Columns and rows; a cell is a Line in text columns, a number (or None) in the others."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Chart:
    """A chart: what it shows in a sentence, the Vega-Lite spec, alt text, and the table behind it."""

    id: str
    title: str
    sentence: Line
    alt: str
    spec: dict[str, Any]
    table: DataTable
    wide: bool = True
    legend: tuple[tuple[str, str, str], ...] = ()
    """(colour, "bar" or "dot", meaning), set in text so that it wraps on a narrow screen."""


@dataclass(frozen=True)
class Tile:
    """One of the four tiles: a key figure, and lines that qualify it."""

    id: str
    title: str
    main: Line
    lines: tuple[Line, ...] = ()
    table: DataTable | None = None
    brief: str = ""
    """A shorter title for the card, where the title itself is long."""


@dataclass(frozen=True)
class Section:
    """A headed part of the page: opening lines, charts, tables and closing lines."""

    id: str
    title: str
    lines: tuple[Line, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[tuple[str, DataTable], ...] = ()
    """(caption, table)"""
    more: tuple[Line, ...] = ()
    """Set as a list."""
    folded: bool = False
    """Long tables that open on demand; print shows those that are open."""


@dataclass(frozen=True)
class Findings:
    """The whole report in reading order, with the strings of its language and its numbering.

    first: the sections of the first screen; below: the deeper ones; numbering holds every source and
    figure used, in order of first appearance; the card prints parts of the same content.
    """

    lang: str
    strings: dict[str, str]
    title: str
    question: Line
    headline: Line
    draft: Line
    tiles: tuple[Tile, ...]
    first: tuple[Section, ...]
    below: tuple[Section, ...]
    measure_id: str
    in_library: bool
    buyer: str
    on: str
    numbering: Numbering = field(default_factory=Numbering)

    def section(self, name: str) -> Section | None:
        """A section by id; None where the data gave it no content."""
        return next((s for s in (*self.first, *self.below) if s.id == name), None)

    def tables(self) -> Iterator[DataTable]:
        """Every table, in reading order."""
        yield from (tile.table for tile in self.tiles if tile.table)
        for section in (*self.first, *self.below):
            for chart in section.charts:
                yield chart.table
            yield from (table for _, table in section.tables)

    def lines(self) -> Iterator[Line]:
        """Every line, in reading order; cells of tables follow their section."""
        yield from (self.question, self.headline, self.draft)
        for tile in self.tiles:
            yield tile.main
            yield from tile.lines
            yield from _cells(tile.table)
        for section in (*self.first, *self.below):
            yield from section.lines
            for chart in section.charts:
                yield chart.sentence
                yield from _cells(chart.table)
            for _, table in section.tables:
                yield from _cells(table)
            yield from section.more

    def figures(self) -> Iterator[Figure]:
        """Every figure shown, in reading order."""
        return figures_in(self.lines())


def _cells(table: DataTable | None) -> Iterator[Line]:
    if table is None:
        return
    for row in table.rows:
        for column, cell in zip(table.columns, row, strict=True):
            if column.kind == "text" and cell:
                yield cell
