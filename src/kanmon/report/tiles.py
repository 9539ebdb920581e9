"""The headline sentence and the four tiles: covered, exposed, loss, time."""

from __future__ import annotations

import math

from ..core.figure import Figure
from ..core.source import unite
from ..measure.measure import Covered, Measure
from .frame import Frame
from .page import Column, DataTable, Tile
from .words import Axis, Brief, Line, Name, Part, Stamp, line, said

CHANCE_MONTHS = 12
"""The tile shows the chance that the measure lasts a year more."""


def headline(f: Frame) -> Line:
    """What was announced, by whom, against whom, since when, status on the date, and how sure."""
    measure = f.a.measure
    parts: list[Part] = [*f.countries(measure.imposers), ": ", Name(measure.title), ". "]
    if measure.announced:
        parts += ["Announced ", Stamp(str(measure.announced))]
    else:
        parts += ["Date of announcement unknown"]
    parts += [" against ", *f.countries(measure.targets)]
    if measure.effective:
        parts += [", with effect from ", Stamp(str(measure.effective))]
    parts += ["; on ", f.on, ": ", said(f.a.status.text, f.record)]
    parts += [". ", f.s("how_sure"), ": ", *_confidence(f, measure)]
    return line(*parts)


def _confidence(f: Frame, measure: Measure) -> Line:
    """The confidence of the record, the number of its sources, and whether it is a draft."""
    if measure.origin == "draft":
        return line("a draft read from the text, not checked against a notice")
    count = Figure(
        "sources behind the record",
        float(len(measure.sources)),
        "sources",
        "measured",
        f.record,
        exact=True,
    )
    if not measure.sources:
        return line("the record names no source")
    rated = measure.confidence or "not rated"
    return line(said(rated, f.record), " (confidence of the record), ", count)


def tiles(f: Frame) -> tuple[Tile, ...]:
    """The four tiles, in their order; each says 'unknown' where the data say nothing."""
    return (_covered(f), _exposed(f), _loss(f), _time(f))


def _covered(f: Frame) -> Tile:
    coverage = f.a.coverage
    codes = sorted({code for c in coverage.covered for code in c.hs})
    whole = {grade: e.product for e in f.a.exposure for grade, _ in e.grades}
    products = {whole.get(c.product, c.product) for c in coverage.covered if c.product}
    main: Line = (
        line(_count(f, "loaded control-list entries the measure meets", coverage.entries, "entries"))
        if coverage.entries
        else line("number of control-list entries: unknown")
    )
    lines = []
    if codes:
        lines.append(line(_count(f, "tariff lines covered in some scenario", len(codes), "HS lines")))
    if products:
        lines.append(line(_count(f, "covered products with data", len(products), "products")))
    who = sorted({scope for limb in f.a.measure.limbs for scope in limb.end_user_scope})
    uses = sorted({scope for limb in f.a.measure.limbs for scope in limb.end_use_scope} - {"all"})
    lines.append(line("end users meant: ", ", ".join(w.replace("_", " ") for w in who) or "unknown"))
    if uses:
        lines.append(line("end uses meant: ", ", ".join(w.replace("_", " ") for w in uses)))
    if coverage.parties:
        lines.append(line(_count(f, "listed parties loaded for it", coverage.parties, "listed parties")))
    return Tile("covered", f.s("tile_covered"), main, tuple(lines))


def _count(f: Frame, label: str, count: int, unit: str) -> Figure:
    return Figure(label, float(count), unit, "sourced", f.record, exact=True, note="loaded entries only")


def share_figure(f: Frame) -> Figure | None:
    """The imposer's share of the covered imports in the latest year: the range over definitions.

    Only definitions whose last year is within two years of the newest are compared: an old share
    is no other definition of today's.
    """
    totals = [s for s in f.a.totals if s.values]
    if not totals:
        return None
    newest = max(s.years[-1] for s in totals)
    recent = [s for s in totals if s.years[-1] >= newest - 2]
    last = [100 * s.values[-1] if s.unit == "share" else s.values[-1] for s in recent]
    return Figure(
        label=f"share of {f.a.seller} in covered imports of {f.a.buyer}, {newest}, range over definitions",
        value=None,
        unit="%",
        basis="measured" if all(s.basis == "measured" for s in recent) else "sourced",
        sources=unite(*(s.sources for s in recent)),
        low=min(last),
        high=max(last),
        note=f"{len(recent)} definitions: " + "; ".join(s.definition for s in recent),
    )


def import_value(f: Frame) -> Figure | None:
    """Value of the covered imports over the products whose partners are loaded, latest year of each."""
    loaded = [e for e in f.a.exposure if e.partners and e.figures]
    values = [p[3] for e in loaded for p in e.partners if not math.isnan(p[3])]
    if not values:
        return None
    years = sorted({e.partners_year for e in loaded if e.partners_year})
    return Figure(
        label=f"imports of the covered products by {f.a.buyer}, {years[0]} to {years[-1]}"
        if years
        else "imports",
        value=sum(values),
        unit="USD million",
        basis="measured",
        sources=unite(*(s.sources for e in loaded for s in e.series))
        or unite(*(s.sources for s in f.a.totals)),
        exact=True,
        note="sum over products with loaded partners; products without are left out",
    )


def _exposed(f: Frame) -> Tile:
    share, value = share_figure(f), import_value(f)
    main = line(share) if share else line("share of the covered imports: unknown")
    lines = [line("from ", Name(f.country(f.a.seller)), ", over all loaded definitions")] if share else []
    if value:
        lines.append(line("covered imports a year: ", value))
    tops = [
        figure
        for e in f.a.exposure
        for figure in e.figures
        if figure.label.startswith("share of imports") and figure.known
    ]
    best = max(tops, key=lambda g: g.low or g.value or 0.0, default=None)
    owner = next((e for e in f.a.exposure if best in e.figures), None)
    if best and owner:
        lines.append(line("highest: ", Name(owner.name), ", ", best))
    return Tile("exposed", f.s("tile_exposed"), main, tuple(lines))


def _loss(f: Frame) -> Tile:
    """Rows are scenarios, columns horizons; bands are never pooled over scenarios."""
    widest = f.widest
    if widest is None:
        return Tile("loss", f.s("tile_loss"), line("unknown: no scenario could be run"))
    months = [loss.months for loss in widest.losses]
    columns = (
        Column(f.s("scenario")),
        *(Column(f"{m} {f.s('months')}", declared=True) for m in months),
    )
    rows = tuple(
        (line(f.scenario(s.name)), *(line(Brief(loss.if_lasts)) for loss in s.losses))
        for s in f.a.scenarios
        if s.losses
    )
    last = widest.losses[-1]
    main = line(last.if_lasts)
    lines = (
        line(Name(f.scenario(widest.name)), ", ", Axis(str(last.months)), " months; in money ", last.money),
    )
    return Tile("loss", f.s("tile_loss"), main, lines, DataTable(columns, rows), f.s("tile_loss_brief"))


def _time(f: Frame) -> Tile:
    stops = [
        line(Name(f.scenario(s.name)), _where(s.first_stop_sector), ": ", s.first_stop)
        for s in f.a.scenarios
        if s.first_stop.known
    ]
    never = [f.scenario(s.name) for s in f.a.scenarios if not s.first_stop.known]
    if never:
        stops.append(line("no sector stops within the run: ", Name(", ".join(never))))
    duration = f.a.duration
    lead = f.widest
    main = (
        line("first stop: ", lead.first_stop) if lead and lead.first_stop.known else line("first stop: none")
    )
    if not f.a.scenarios:
        main = line("unknown: no scenario could be run")
    lines = list(stops)
    if duration and duration.survival:
        pick = min(range(len(duration.months)), key=lambda k: abs(duration.months[k] - CHANCE_MONTHS))
        lines.append(
            line(
                "chance that it holds ",
                Axis(str(duration.months[pick])),
                " months more: ",
                duration.survival[pick],
            )
        )
    else:
        lines.append(line("chance that it lasts: unknown"))
    return Tile("time", f.s("tile_time"), main, tuple(lines))


def _where(sector: str) -> Part:
    return Name(f" ({sector})") if sector else ""


def scope_words(c: Covered) -> Line:
    """The share of the buyer's purchases a clause reaches, as a phrase."""
    sources = unite(*(r.sources for r in c.reasons))
    if c.affected is None or not sources:
        return line("unknown")
    low, mid, high = (100 * v for v in c.affected)
    figure = Figure(
        label=f"share of purchases the clause reaches, {c.product or ', '.join(c.hs)}, {c.scenario}",
        value=mid,
        unit="%",
        basis="assumed",
        sources=sources,
        low=low,
        high=high,
    )
    return line(figure)
