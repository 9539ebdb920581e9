"""Sections below the first screen: timeline, dependence, map, coverage, duration, methods, data gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..core.source import unite
from ..expose.records import ProductExposure
from ..measure.measure import Coverage, Covered, Reason
from .assessment import Fitted, Loss
from .chart_loss import fan_chart, pairs_table, scenario_chart
from .chart_time import timeline_chart
from .chart_world import ATLAS, dependence_chart, map_chart, survival_chart
from .frame import Frame
from .page import Chart, Column, DataTable, Section
from .tiles import scope_words
from .words import Axis, Brief, Cite, Code, Line, Name, Part, joined, line, said

CHARTED = 6
"""Products with a chart of their own; all have a table."""


def timeline(f: Frame) -> Section | None:
    """Measures and responses by date."""
    chart = timeline_chart(f)
    return Section("timeline", f.s("sec_timeline"), charts=(chart,)) if chart else None


def dependence(f: Frame) -> Section | None:
    """The imposer's share through time in every definition, in total and by product, with all indicators."""
    charts: list[Chart] = []
    total = dependence_chart(f, "total", f.s("chart_total"), f.a.totals)
    if total:
        charts.append(total)
    for e in f.a.exposure:
        own = dependence_chart(f, f"share-{len(charts)}", e.name, e.series, wide=False)
        if own and len(charts) <= CHARTED:
            charts.append(own)
    tables = tuple((e.name, _indicators(e)) for e in f.a.exposure if e.figures)
    notes = [_disagreement(f, e) for e in f.a.exposure if e.disagreement]
    if not charts and not tables:
        return None
    return Section("dependence", f.s("sec_dependence"), (), tuple(charts), tables, tuple(notes), folded=True)


def _disagreement(f: Frame, e: ProductExposure) -> Line:
    sources = unite(*(g.sources for g in e.figures)) or f.record
    lead = () if e.disagreement.startswith(e.name) else (Name(f"{e.name}: "),)
    return line(*lead, said(e.disagreement, sources))


def _indicators(e: ProductExposure) -> DataTable:
    columns = (Column("indicator"), Column("figure"), Column("basis"), Column("note"))
    rows = tuple(
        (
            line(said(g.label, g.sources, beside=True)),
            line(g),
            line(g.basis),
            line(said(g.note, g.sources, beside=True)) if g.note else line(),
        )
        for g in e.figures
    )
    return DataTable(columns, rows)


def supply_map(f: Frame) -> Section | None:
    """Origins of the covered imports."""
    chart = map_chart(f)
    if chart is None:
        return None
    return Section("map", f.s("sec_map"), charts=(chart,), more=(line("Shapes: ", Cite((ATLAS,))),))


def duration(f: Frame) -> Section | None:
    """Conditional chance that the measure lasts, with sample and precedents."""
    d = f.a.duration
    if d is None:
        return None
    parts: list[Part] = ["Compared with past measures of the kind ", Name(d.kind.replace("_", " "))]
    chart = survival_chart(f, d)
    figures: list[tuple[str, object]] = [
        (f"{m} months more", g) for m, g in zip(d.months, d.survival, strict=False)
    ]
    if d.median_left_months:
        figures.append(("median time left", d.median_left_months))
    rows = tuple((line(Axis(name)) if name[0].isdigit() else line(name), line(g)) for name, g in figures)  # type: ignore[arg-type]
    table = DataTable((Column("asked"), Column("answer")), rows)
    more = [line(said(d.note, d.sources))] if d.note else []
    return Section(
        "duration",
        f.s("sec_duration"),
        (line(*parts, "."),),
        (chart,) if chart else (),
        (("", table),),
        tuple(more),
    )


def scenarios(f: Frame) -> Section | None:
    """Every scenario: what is stopped, losses in both metrics, other places, other rules, its own fan."""
    if not f.a.scenarios:
        return None
    charts = [c for c in (scenario_chart(f),) if c]
    widest = f.widest
    for k, s in enumerate(f.a.scenarios):
        if s.losses and s is not widest:
            charts.append(fan_chart(f, s, key=f"-{k}"))
    lines = tuple(
        line(Name(f.scenario(s.name)), ": ", said(s.shock.what_is_stopped, s.shock.sources))
        for s in f.a.scenarios
    )
    own = [(s.name, loss) for s in f.a.scenarios for loss in s.losses]
    others = [(s.name, loss) for s in f.a.scenarios for loss in s.other_losses]
    tables = [("", _losses(f, own))] if own else []
    if others:
        tables.append(("Imposer and third countries", _losses(f, others)))
    if weighed := [(s.name, one) for s in f.a.scenarios for one in s.fitted]:
        tables.append(("Draws weighed against a past episode", _weighed(f, weighed)))
    left = tuple(
        line("left out: ", Name(f.scenario(name)), " - ", said(why, f.record))
        for name, why in f.a.coverage.left_out
    )
    return Section("scenarios", f.s("sec_scenarios"), lines, tuple(charts), tuple(tables), left)


def _losses(f: Frame, pairs: list[tuple[str, Loss]]) -> DataTable:
    columns = (
        Column(f.s("scenario")),
        Column("place"),
        Column(f.s("months")),
        Column(f"{f.s('if_lasts')}, % of GDP"),
        Column("in money"),
        Column("of which by missing inputs alone, % of GDP"),
        Column(f"{f.s('expected')}, % of GDP"),
    )
    rows = tuple(
        (
            line(f.scenario(name)),
            line(Name(f.country(loss.buyer))),
            line(Axis(str(loss.months))),
            line(Brief(loss.if_lasts)),
            line(loss.money),
            line(Brief(loss.direct)),
            line(Brief(loss.expected)),
        )
        for name, loss in pairs
    )
    return DataTable(columns, rows)


def _weighed(f: Frame, pairs: list[tuple[str, Fitted]]) -> DataTable:
    columns = (
        Column(f.s("scenario")),
        Column(f.s("months")),
        Column("draws as they are, % of GDP"),
        Column("draws weighed, % of GDP"),
    )
    rows = tuple(
        (
            line(f.scenario(name)),
            line(Axis(str(one.months))),
            line(Brief(one.plain)),
            line(Brief(one.weighed)),
        )
        for name, one in pairs
    )
    return DataTable(columns, rows)


def costs(f: Frame) -> Section | None:
    """Price rises pushed through the table."""
    if not f.a.cost_push:
        return None
    opening = line("Price rises of the covered products pushed through the table of inputs, all passed on.")
    return Section("costs", f.s("sec_costs"), (opening,), tables=(("", pairs_table("where", f.a.cost_push)),))


def published(f: Frame) -> Section | None:
    """Published estimates beside ours and the assumptions of ours that come nearest."""
    if not f.a.published:
        return None
    columns = (
        Column("who"),
        Column("when"),
        Column("what is stopped"),
        Column("theirs"),
        Column("ours"),
        Column("nearest"),
    )
    rows = tuple(
        (
            line(Name(r.author)),
            line(Name(r.date)),
            line(said(r.scenario, r.theirs.sources)),
            line(r.theirs),
            line(r.ours) if r.ours else line("-"),
            line(said(r.nearest, r.ours.sources if r.ours else r.theirs.sources)),
        )
        for r in f.a.published
    )
    opening = line("Theirs and ours stand side by side; neither is a check of the other.")
    return Section("published", f.s("sec_published"), (opening,), tables=(("", DataTable(columns, rows)),))


def coverage(f: Frame) -> Section | None:
    """What is covered in each scenario, by which clause, and the questions that are open."""
    c = f.a.coverage
    tables = []
    if c.covered:
        tables.append(("", _covered(f, c)))
    reasons = dict.fromkeys((*c.reasons, *(r for x in c.covered for r in x.reasons)))
    if reasons:
        tables.append(("Rules applied", _rules(tuple(reasons))))
    more = tuple(line("open: ", said(q, f.record)) for q in c.questions)
    opening = line("Status on ", f.on, ": ", said(c.status.text, f.record), ".")
    return Section("coverage", f.s("sec_coverage"), (opening,), tables=tuple(tables), more=more)


def _rules(reasons: Sequence[Reason]) -> DataTable:
    """One row a rule of a measure: its explanation once, then every outcome it gave, with the status."""
    groups: dict[tuple[str, str, str], list[Reason]] = {}
    for r in reasons:
        groups.setdefault((r.measure, r.rule, r.text), []).append(r)
    rows = []
    for (measure, rule, text), alike in groups.items():
        sources = unite(*(r.sources for r in alike))
        states = dict.fromkeys(r.status.text for r in alike)
        outcomes = dict.fromkeys(r.outcome.replace("_", " ") for r in alike)
        rows.append(
            (
                line(Code(measure)),
                line(Code(rule)),
                joined((said(t, sources, beside=True) for t in states), "; "),
                joined((said(t, sources, beside=True) for t in outcomes), "; "),
                line(said(text, sources)),
            )
        )
    heads = ("measure", "rule", "status on the date", "outcome", "explanation")
    return DataTable(tuple(Column(h) for h in heads), tuple(rows))


def _covered(f: Frame, c: Coverage) -> DataTable:
    heads = (
        f.s("scenario"),
        "product",
        "tariff codes",
        "instrument",
        "share of purchases reached",
        "certainty",
        "rules",
    )
    rows = tuple(
        (
            line(f.scenario(x.scenario)),
            line(Name(_product_name(f, x))),
            joined(Code(code) for code in x.hs) or line("not itemised"),
            line(x.instrument),
            scope_words(x),
            line(x.certainty),
            joined(Code(rule) for rule in dict.fromkeys(r.rule for r in x.reasons)),
        )
        for x in _grouped(c.covered)
    )
    return DataTable(tuple(Column(h) for h in heads), rows)


def _grouped(covered: Sequence[Covered]) -> list[Covered]:
    """Tariff lines without a product that the same clauses reach alike, joined into one row."""
    groups: dict[tuple[object, ...], list[Covered]] = {}
    for k, x in enumerate(covered):
        rules = tuple(dict.fromkeys(r.rule for r in x.reasons))
        alike = (x.scenario, x.instrument, x.affected, x.certainty, rules) if not x.product else (k,)
        groups.setdefault(alike, []).append(x)
    return [
        replace(
            xs[0],
            hs=tuple(sorted({code for x in xs for code in x.hs})) if len(xs) > 1 else xs[0].hs,
            reasons=tuple(dict.fromkeys(r for x in xs for r in x.reasons)),
        )
        for xs in groups.values()
    ]


def _product_name(f: Frame, x: Covered) -> str:
    """Name of a product as exposure gives it, else its id; 'tariff lines' where there is none."""
    if not x.product:
        return "tariff lines"
    names = {e.product: e.name for e in f.a.exposure}
    names |= {key: name for e in f.a.exposure for key, name in e.grades}
    return names.get(x.product, x.product)


def missing(f: Frame) -> Section | None:
    """What the loaded data do not reach, and how to load it."""
    if not f.a.missing:
        return None
    items = tuple(
        line(said(what, f.record, beside=True), " - ", said(how, f.record)) for what, how in f.a.missing
    )
    return Section("missing", f.s("sec_missing"), more=items)


def methods(f: Frame) -> Section:
    """Engine, rules of rationing, every assumption, and the settings that give the same report again."""
    outcomes = [o for s in f.a.scenarios for o in s.outcomes]
    sources = unite(*(o.sources for o in outcomes), *(s.shock.sources for s in f.a.scenarios)) or f.record
    engines = sorted({o.engine for o in outcomes})
    lines: list[Line] = []
    if engines:
        lines.append(
            line(
                "Engine: ",
                Name(", ".join(engines)),
                ". Ranges leave out the lowest and the highest twentieth of draws.",
            )
        )
    lines.append(line("Date asked about: ", f.on, " (", said(f.a.on_note, f.record), ")."))
    lines.append(line("Buyer: ", Name(f.country(f.a.buyer)), " (", said(f.a.buyer_note, f.record), ")."))
    more = tuple(line(said(text, sources)) for text in f.a.assumptions)
    rows = tuple((line(Code(k)), line(Code(v))) for k, v in f.a.manifest.items())
    table = ("Settings of this run", DataTable((Column("setting"), Column("value")), rows))
    return Section("methods", f.s("sec_methods"), tuple(lines), tables=(table,) if rows else (), more=more)
