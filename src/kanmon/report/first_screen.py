"""Sections of the first screen: loss and drivers, what stops first, what helps, unknowns, claims, context."""

from __future__ import annotations

from ..core.figure import Figure, combined
from ..core.source import Source
from ..respond.records import ResponseValue
from .assessment import ScenarioResult
from .chart_loss import bottleneck_chart, driver_chart, fan_chart, sector_chart
from .frame import Frame
from .page import Column, DataTable, Section
from .words import Code, Line, Name, Part, Stamp, line, said


def loss(f: Frame) -> Section | None:
    """The fan of the widest scenario with published estimates in it, and what drives its width."""
    widest = f.widest
    if widest is None:
        return None
    charts = [fan_chart(f, widest, f.a.published)]
    if widest.drivers:
        charts.append(driver_chart(f, widest))
    return Section("loss", f.s("sec_loss"), charts=tuple(charts))


def stops(f: Frame) -> Section | None:
    """Sectors that stop first and the input that stops them, in the widest scenario."""
    widest = f.widest
    if widest is None or not (widest.bottlenecks or widest.sectors):
        return None
    charts = []
    if widest.sectors:
        charts.append(sector_chart(f, widest))
    if widest.bottlenecks:
        charts.append(bottleneck_chart(f, widest))
    tables = (("", _stop_table(widest)),) if widest.bottlenecks else ()
    opening = line("Scenario shown: ", Name(f.scenario(widest.name)), ". ", _first(widest))
    return Section("stops", f.s("sec_stops"), (opening,), tuple(charts), tables)


def _first(s: ScenarioResult) -> Part:
    ordered = [b for b in s.bottlenecks if b.first_stop.value is not None]
    if not ordered:
        return "No sector falls five per cent below its base in half of the draws within the run."
    first = min(ordered, key=lambda b: b.first_stop.value or 0.0)
    return Name(f"First in the middle of the draws: {first.sector}, for want of {first.product}.")


def _stop_table(s: ScenarioResult) -> DataTable:
    columns = (
        Column("industry"),
        Column("input that cuts it"),
        Column("first stop"),
        Column("output lost while it binds"),
        Column("how often it binds"),
    )
    rows = tuple(
        (
            line(Name(b.sector)),
            line(Name(b.product)),
            line(b.first_stop) if b.first_stop.known else line("not within the run"),
            line(b.output_lost),
            line(b.share_of_draws),
        )
        for b in s.bottlenecks
    )
    return DataTable(columns, rows)


def ratio(response: ResponseValue) -> Figure | None:
    """Expected loss avoided per unit of money; None where no source gives the cost."""
    cost, saved = response.cost, response.avoided_expected
    if cost is None or cost.unit != saved.unit:
        return None

    def per(top: float | None, bottom: float | None) -> float | None:
        return top / bottom if top is not None and bottom else None

    middle = per(saved.value, cost.value)
    # Best and worst case of the two ranges; a cost without a range is its own two ends.
    low = per(saved.low, cost.high if cost.high is not None else cost.value)
    high = per(saved.high, cost.low if cost.low is not None else cost.value)
    if middle is None and low is None and high is None:
        return None
    return combined(
        f"expected loss avoided per unit of money: {response.name}",
        "times its cost",
        (saved, cost),
        middle,
        low,
        high,
    )


def helps(f: Frame) -> Section | None:
    """Responses in the order they came (best first), each with the day it starts to help."""
    if not f.a.responses:
        return None
    columns = (
        Column("response"),
        Column("loss avoided, expected"),
        Column("cost"),
        Column("avoided per unit of money"),
        Column("starts to help after"),
    )
    rows = []
    for r in f.a.responses:
        per = ratio(r)
        rows.append(
            (
                line(said(r.sentence or r.name, r.avoided.sources)),
                line(r.avoided_expected),
                line(r.cost) if r.cost else line("no source gives a cost"),
                line(per) if per else line("unknown"),
                line(r.ready_days),
            )
        )
    best = f.a.responses[0]
    known = any(r.cost for r in f.a.responses)
    lead = (
        "Best first by loss avoided per unit of money"
        if known
        else "Best first by loss avoided, for no cost is known"
    )
    opening = line(
        f"{lead}; scenario: ",
        Name(f.scenario(best.scenario)),
        ". All responses meet the same draws, so their differences are not chance.",
    )
    return Section("helps", f.s("sec_helps"), (opening,), tables=(("", DataTable(columns, tuple(rows))),))


def unknowns(f: Frame) -> Section | None:
    """What is not known and what would settle it, as a list."""
    if not f.a.unknowns:
        return None
    run = tuple(dict.fromkeys(g.sources[0] for s in f.a.scenarios for _, g in s.drivers)) or f.record
    asked = {*f.a.coverage.questions, *(why for _, why in f.a.coverage.left_out)}
    items = tuple(
        line(said(what, f.record, beside=True), " - ", said(settle, f.record if settle in asked else run))
        for what, settle in f.a.unknowns
    )
    return Section("unknowns", f.s("sec_unknowns"), more=items)


def claims(f: Frame) -> Section | None:
    """Each assertion of the text: the quote, our figure or 'not measurable', and the verdict."""
    reading = f.a.reading
    if reading is None or not f.a.claims:
        return None
    text = (text_source(f),)
    columns = (Column("the text says"), Column("our figure"), Column("verdict"), Column("why"))
    rows = tuple(
        (
            line(said(c.quote, text, mark=True)),
            line(c.ours) if c.ours else line("not measurable"),
            line(f.strings.get(c.verdict, c.verdict)),
            line(said(c.answer, c.ours.sources if c.ours else f.record)),
        )
        for c in f.a.claims
    )
    opening: list[Part] = ["The text is taken at its word; our figure stands beside it."]
    if reading.matches:
        best = reading.matches[0]
        opening += [
            " Recognised as ",
            Code(best.measure),
            ": ",
            said(best.why, text),
            ", match score ",
            _score(best.score, text),
        ]
    return Section("claims", f.s("sec_claims"), (line(*opening),), tables=(("", DataTable(columns, rows)),))


def _score(score: float, sources: tuple[Source, ...]) -> Figure:
    return Figure(
        "match of the text with the library record", score * 100, "%", "inferred", sources, exact=True
    )


def text_source(f: Frame) -> Source:
    """The card of the text that was read."""
    reading = f.a.reading
    title = (
        " ".join(reading.text.strip().split("\n", 1)[0].split())[:120]
        if reading and reading.text.strip()
        else "text"
    )
    return Source(id="text", title=f"The text given: {title}", confidence="as reported")


def context(f: Frame) -> Section | None:
    """What each side says, attributed and dated; the legal basis; earlier cases. Never judged."""
    m = f.a.measure
    sources = m.sources
    imposers = f.countries(m.imposers)
    lines: list[Line] = []
    for lead, text in (
        ("reasons given", m.reasons_given),
        ("trigger as reported", m.trigger_as_reported),
        ("legal basis", m.legal_basis),
        ("exemptions", m.exemptions),
    ):
        if text:
            lines.append(line(*imposers, ", ", lead, ": ", said(text, sources)))
    for r in m.responses:
        when: Part = Stamp(str(r.when)) if r.when else "date unknown"
        kind = "" if r.kind == "other" else f", {r.kind.replace('_', ' ')}"
        lines.append(line(Name(f.country(r.by)), ", ", when, kind, ": ", said(r.text, r.sources or sources)))
    if m.outcome:
        lines.append(line("outcome on record: ", said(m.outcome, sources)))
    lines += _earlier(f)
    lines += _lengths(f)
    return Section("context", f.s("sec_context"), more=tuple(lines)) if lines else None


def _earlier(f: Frame, count: int = 6) -> list[Line]:
    """The latest earlier measures between the two sides, newest first."""
    sides = {*f.a.measure.imposers, f.a.buyer}
    begun = f.a.measure.announced or f.a.measure.effective
    seen: dict[str, Line] = {}
    for event in sorted(f.a.timeline, key=lambda e: e.when.day, reverse=True):
        own = event.kind in {"announced", "effective"} and event.measure != f.a.measure.id
        between = set(event.actor.split("+")) & sides and set(event.target.split("+")) & sides
        before = begun is None or event.when.day < begun.day
        if own and between and before and event.measure not in seen:
            seen[event.measure] = line(
                "earlier between the two: ",
                Code(event.measure),
                ", ",
                Stamp(str(event.when)),
                ", ",
                said(event.text, event.sources),
            )
    return list(seen.values())[:count]


def _lengths(f: Frame) -> list[Line]:
    """Recorded lengths of measures of this kind, from the duration data."""
    duration = f.a.duration
    if duration is None:
        return []
    return [
        line(
            "recorded length: ",
            said(
                f"{what}, {start} to {end}",
                tuple(s for s in duration.sources if s.title == title) or duration.sources[:1],
            ),
        )
        for what, start, end, title in duration.precedents[:6]
    ]
