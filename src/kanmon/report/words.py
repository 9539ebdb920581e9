"""Text in which every number is typed: a Figure, a date, a code, a quotation - never a bare digit.

A `Line` is a tuple of parts. Plain text among them may hold no digit; `line()` refuses it. So a
number can reach a reader only as a part that says what it is and where it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..core.figure import Figure
from ..core.source import ASSUMPTION, Source

_DIGIT = re.compile(r"\d")
_DATE = re.compile(r"^(about )?\d{4}(-\d{2}){0,2}$")


@dataclass(frozen=True)
class Stamp:
    """A date as precise as it is known: 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD', perhaps with 'about'."""

    text: str

    def __post_init__(self) -> None:
        if not _DATE.match(self.text):
            raise ValueError(f"not a date: {self.text!r}")


@dataclass(frozen=True)
class Code:
    """An identifier: HS code, control entry, measure id, rule id, element, command."""

    text: str


@dataclass(frozen=True)
class Name:
    """A proper name from the data: title of a measure, industry, product, author, source."""

    text: str


@dataclass(frozen=True)
class Axis:
    """A point the figures are asked at: horizon in months, length of a run. Declared, not found."""

    text: str


@dataclass(frozen=True)
class Quote:
    """Words of a record, rule or text taken over as they are, with the sources they come from.

    mark: set in quotation marks (a text's own words) or as a statement of the record; beside: its
    reference marks stand beside it already (the figure it is the label of), and are not repeated.
    """

    text: str
    sources: tuple[Source, ...]
    mark: bool = False
    beside: bool = False

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError(f"words without a source: {self.text[:60]!r}")


@dataclass(frozen=True)
class Brief:
    """A figure in a table whose head names its unit: the number alone, linked to its full card."""

    figure: Figure


@dataclass(frozen=True)
class Cite:
    """Reference marks alone."""

    sources: tuple[Source, ...]


Part = str | Figure | Brief | Stamp | Code | Name | Axis | Quote | Cite
Line = tuple[Part, ...]


def line(*parts: Part) -> Line:
    """A line of typed parts; ValueError when plain text among them holds a digit."""
    for part in parts:
        if isinstance(part, str) and _DIGIT.search(part):
            raise ValueError(f"bare number in {part!r}: use a Figure, Stamp, Code, Name, Axis or Quote")
    return tuple(part for part in parts if part != "")


def said(text: str, sources: Iterable[Source], *, mark: bool = False, beside: bool = False) -> Quote:
    """Words of another room or record with their sources; an assumption of ours where it has none."""
    return Quote(text, tuple(sources) or (ASSUMPTION,), mark, beside)


def joined(items: Iterable[Part], between: str = ", ") -> Line:
    """Parts with a separator between them."""
    found: list[Part] = []
    for item in items:
        if found:
            found.append(between)
        found.append(item)
    return line(*found)


def part_sources(part: Part) -> tuple[Source, ...]:
    """The sources a part brings along."""
    if isinstance(part, Brief):
        return part.figure.sources
    return part.sources if isinstance(part, Figure | Quote | Cite) else ()


def part_figure(part: Part) -> Figure | None:
    """The figure a part shows, if it shows one."""
    if isinstance(part, Brief):
        return part.figure
    return part if isinstance(part, Figure) else None


def figures_in(lines: Iterable[Line]) -> Iterator[Figure]:
    """Every figure of some lines, in order."""
    for parts in lines:
        yield from (figure for part in parts if (figure := part_figure(part)))


@dataclass
class Numbering:
    """Numbers for sources and ids for figures, both in order of first use."""

    sources: dict[Source, int] = field(default_factory=dict)
    figures: dict[Figure, str] = field(default_factory=dict)

    def source(self, source: Source) -> int:
        """The number of a source; the next free one when it is new."""
        return self.sources.setdefault(source, len(self.sources) + 1)

    def figure(self, figure: Figure) -> str:
        """The id of a figure ('f1'); the next free one when it is new."""
        for source in figure.sources:
            self.source(source)
        return self.figures.setdefault(figure, f"f{len(self.figures) + 1}")

    def marks(self, sources: Iterable[Source], limit: int | None = 4) -> tuple[list[tuple[int, int]], bool]:
        """Runs of source numbers ((1, 3) for 1 to 3), at most `limit`, and whether some are left out."""
        numbers = sorted({self.source(s) for s in sources})
        runs: list[tuple[int, int]] = []
        for number in numbers:
            if runs and number == runs[-1][1] + 1:
                runs[-1] = (runs[-1][0], number)
            else:
                runs.append((number, number))
        return (runs, False) if limit is None else (runs[:limit], len(runs) > limit)


def marks_text(runs: Iterable[tuple[int, int]], *, more: bool) -> str:
    """'1-3, 7, …' for runs of source numbers."""
    parts = [str(a) if a == b else f"{a}-{b}" if b > a + 1 else f"{a}, {b}" for a, b in runs]
    return ", ".join([*parts, "…"] if more else parts)
