"""Assessment -> Findings: what the report says, in sentences and figures, without any layout."""

from __future__ import annotations

from collections.abc import Callable

from . import details, first_screen
from .assessment import Assessment
from .frame import Frame, strings
from .page import Column, Findings, Section
from .tiles import headline, tiles
from .words import Axis, Name, Numbering, line, part_figure, part_sources

FIRST: tuple[Callable[[Frame], Section | None], ...] = (
    first_screen.loss,
    first_screen.stops,
    first_screen.helps,
    first_screen.unknowns,
    first_screen.claims,
    first_screen.context,
)
BELOW: tuple[Callable[[Frame], Section | None], ...] = (
    details.timeline,
    details.dependence,
    details.supply_map,
    details.coverage,
    details.duration,
    details.scenarios,
    details.published,
    details.costs,
    details.missing,
    details.methods,
)


def findings(assessment: Assessment, lang: str = "en") -> Findings:
    """All findings of an assessment, sources and figures numbered in reading order.

    Parameters
    ----------
    assessment
        A finished run.
    lang
        Language of the frame (headings, tile titles, names of countries); sentences that come from
        data stay English, and the page says so.
    """
    f = Frame(assessment, lang, strings(lang))
    a = assessment
    found = Findings(
        lang=lang,
        strings=f.strings,
        title=a.measure.title,
        question=line(
            f.s("assessed_for"), " ", Name(f.country(a.buyer)), ", ", f.s("on"), " ", f.on, *_horizons(a)
        ),
        headline=headline(f),
        draft=line(f.s("draft")) if a.measure.origin == "draft" else line(),
        tiles=tiles(f),
        first=tuple(s for build in FIRST if (s := build(f))),
        below=tuple(s for build in BELOW if (s := build(f))),
        measure_id=a.measure.id,
        in_library=a.measure.origin == "library",
        buyer=a.buyer,
        on=a.on.isoformat(),
    )
    number(found)
    return found


def _horizons(a: Assessment) -> tuple[str | Axis, ...]:
    months = sorted({loss.months for s in a.scenarios for loss in s.losses})
    if not months:
        return ()
    return ("; ", Axis(", ".join(map(str, months))), " months")


def number(found: Findings) -> Numbering:
    """Give every figure and source its number, in reading order; later additions come after."""
    numbering = found.numbering
    for parts in found.lines():
        for part in parts:
            if figure := part_figure(part):
                numbering.figure(figure)
            for source in part_sources(part):
                numbering.source(source)
    for table in found.tables():
        for column in table.columns:
            _number_column(numbering, column)
    return numbering


def _number_column(numbering: Numbering, column: Column) -> None:
    for source in column.sources:
        numbering.source(source)
