"""From a model run to an Assessment: every part of the report is called once, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..core.figure import Figure
from ..core.source import Source, unite
from ..engines.cost_push import cost_push
from ..expose.dependence import exposure, totals
from ..expose.duration import duration
from ..expose.price import price_rise
from ..expose.shock import left_out
from ..measure.measure import Coverage, Event, Measure, Status
from ..report.assessment import Assessment, PublishedRow, ScenarioResult
from ..report.claim_check import Evidence, check_claims
from ..report.published import published_rows
from ..report.summary import Money, scenario_result
from ..respond.best import rank, value
from ..respond.options import faster_resourcing, more_stock
from ..world.lookups import describe, gdp, label, row_source, symbols
from .model import RESPONSE_DRAWS, RULES, Model, Progress, contained, first_draws, shock_first, widest
from .what import Question

if TYPE_CHECKING:
    from ..expose.records import DurationResult, ProductExposure, Survival
    from ..respond.records import ResponseValue
    from ..world.world import World

STOCK_DAYS = 60
RESOURCING_FACTOR = 2.0


@dataclass(frozen=True)
class Asked:
    """What was asked and what follows from it before any modelling."""

    question: Question
    on: date
    on_note: str
    state: Status
    buyer: str
    buyer_note: str
    coverage: Coverage
    months: tuple[int, ...]
    events: tuple[Event, ...]
    manifest: dict[str, str]


def assessment(asked: Asked, world: World, model: Model, progress: Progress) -> Assessment:
    """Gather exposure, losses, costs, duration, responses, published figures and claims."""
    coverage, buyer = asked.coverage, asked.buyer
    products = sorted({c.product for c in coverage.covered if c.product})
    bare = sorted({code for c in coverage.covered if not c.product for code in c.hs})
    lasts = _duration(asked, world)
    survival = lasts.curve if lasts else None
    scenarios = _scenarios(asked, world, model, survival)
    progress("exposure and prices", 0.8)
    dependence = exposure(world, products, bare, buyer, coverage.seller)
    series = totals(world, _hs(world, products, bare), buyer, coverage.seller)
    push = _cost_push(world, model, products, buyer, coverage.seller)
    progress("responses on the same draws", 0.85)
    responses = _responses(model, world, buyer, survival)
    reading = asked.question.reading
    evidence = Evidence(coverage, dependence, series, scenarios, push)
    return Assessment(
        measure=asked.question.measure,
        on=asked.on,
        on_note=asked.on_note,
        status=asked.state,
        buyer=buyer,
        buyer_note=asked.buyer_note,
        seller=coverage.seller,
        coverage=coverage,
        exposure=dependence,
        totals=series,
        scenarios=scenarios,
        cost_push=push,
        duration=lasts,
        responses=responses,
        published=_published(world, model, buyer),
        timeline=asked.events,
        reading=reading,
        claims=check_claims(reading.claims, evidence) if reading else (),
        unknowns=_unknowns(
            coverage, scenarios, model, cut=contained(asked.question.measure, model.table.year)
        ),
        missing=_missing(world, asked.question.measure, coverage, dependence, model),
        assumptions=_assumptions(model),
        manifest=asked.manifest,
        sources=_sources(asked, model, dependence, lasts),
        rows=model.rows,
    )


def _scenarios(
    asked: Asked, world: World, model: Model, survival: Survival | None
) -> tuple[ScenarioResult, ...]:
    """The figures of every scenario."""
    name, words = partial(label, world), partial(describe, world, symbols=symbols(world))
    return tuple(
        scenario_result(
            shock,
            model.outcomes[shock.scenario],
            asked.buyer,
            _others(model, shock.scenario, asked.coverage.seller, asked.buyer),
            asked.months,
            model.unknowns[shock.scenario],
            survival,
            _money(world, asked.buyer, asked.on),
            name,
            words,
            model.fit_for(shock),
        )
        for shock in model.shocks
    )


def _published(world: World, model: Model, buyer: str) -> tuple[PublishedRow, ...]:
    """Published estimates beside ours."""
    return published_rows(
        world.loss_estimates.iter_rows(named=True),
        model.outcomes,
        {shock.scenario: frozenset(leg.product for leg in shock.legs) for shock in model.shocks},
        buyer,
        model.draws,
        partial(describe, world, symbols=symbols(world)),
        lambda row: row_source(row, "loss_estimates"),
        world.parts,
    )


def _sources(
    asked: Asked, model: Model, dependence: Sequence[ProductExposure], lasts: DurationResult | None
) -> tuple[Source, ...]:
    """Every source behind the run, once."""
    return unite(
        asked.question.measure.sources,
        *(r.sources for r in asked.coverage.reasons),
        *(f.sources for e in dependence for f in e.figures),
        *(s.sources for s in model.shocks),
        *(o.sources for by_rule in model.outcomes.values() for o in by_rule.values()),
        lasts.sources if lasts else (),
    )


def _hs(world: World, products: Sequence[str], bare: Sequence[str]) -> list[str]:
    """All HS codes of the covered products and lines."""
    return sorted({*bare, *(code for p in products for code in world.products[p].hs)})


def _duration(asked: Asked, world: World) -> DurationResult | None:
    """Survival of measures of this kind, given the days this one has lasted; None unless it holds."""
    measure, coverage, on = asked.question.measure, asked.coverage, asked.on
    if asked.state.state in {"lifted", "proposed"}:
        return None
    begun = measure.effective
    elapsed = max(0, (on - begun.day).days) if begun else 0
    kinds = [c.instrument for c in coverage.covered] or [limb.instrument for limb in measure.limbs]
    if not kinds:
        return None
    return duration(
        world.durations,
        kinds[0],
        elapsed,
        on,
        months=asked.months,
        senders=measure.imposers,
        targets=measure.targets,
        targeted="all" not in measure.targets,
    )


def _others(model: Model, scenario: str, seller: str, buyer: str, count: int = 5) -> list[str]:
    """The imposer and the third countries that lose most after the longest period."""
    outcome = model.outcomes[scenario][RULES[0]]
    last = max(outcome.months)
    rest = [r for r in outcome.regions if r not in (buyer, seller)]
    rest.sort(key=lambda r: -float(np.median(outcome.lost_share(r, last))))
    return [*([seller] if seller in outcome.regions else []), *rest[:count]]


def _money(world: World, buyer: str, on: date) -> Money | None:
    """Per cent of GDP in the buyer's money, from the sourced money table; None where it has no row."""
    found = gdp(world, buyer, on.year)
    if found is None:
        return None
    amount, unit, sources = found
    return Money(per_percent=amount / 100, unit=unit, sources=sources)


def _cost_push(
    world: World, model: Model, products: Sequence[str], buyer: str, seller: str
) -> tuple[tuple[str, Figure], ...]:
    """Price rise of each carved-out product pushed through the table: the buyer's mean, then top sectors."""
    carved = [p for p in products if p in model.table.products]
    if not carved:
        return ()
    rises = {p: price_rise(world, p, buyer, seller, model.draws) for p in carved}
    return cost_push(model.table, buyer, rises, partial(label, world))


def _responses(
    model: Model, world: World, buyer: str, survival: Survival | None
) -> tuple[ResponseValue, ...]:
    """Two responses on the widest scenario with content, valued on the same draws."""
    shock = widest(model.shocks)
    if shock is None:
        return ()
    count = min(model.draws.count, RESPONSE_DRAWS)
    base = model.outcomes[shock.scenario][RULES[0]].first(count)
    options = (
        more_stock(STOCK_DAYS, world.parameters, buyer),
        faster_resourcing(RESOURCING_FACTOR),
    )
    table, small, draws = first_draws(model.table, count), shock_first(shock, count), model.draws.first(count)
    valued = [value(model.engine, table, small, draws, base, option, buyer, survival) for option in options]
    return rank(valued)


def _unknowns(
    coverage: Coverage, scenarios: Sequence[ScenarioResult], model: Model, *, cut: bool
) -> tuple[tuple[str, str], ...]:
    """What we do not know and what would settle it: open questions of coverage, then the drivers."""
    found = []
    if cut:
        why = f"the table of {model.table.year} already contains the measure: load one of a year before it"
        found.append(("the loss", why))
    found += [("whom the measure reaches", question) for question in coverage.questions]
    found += [(f"scenario {name}", reason) for name, reason in left_out(coverage)]
    seen: set[str] = set()
    for scenario in scenarios:
        for driver, _ in scenario.drivers[:3]:
            if driver not in seen:
                seen.add(driver)
                found.append((driver, "a measured value would narrow the band more than most others"))
    return tuple(found)


def _missing(
    world: World, measure: Measure, coverage: Coverage, dependence: Sequence[ProductExposure], model: Model
) -> tuple[tuple[str, str], ...]:
    """What the embedded data do not reach and how to load it."""
    found = [("the input-output table", note) for note in world.table_notes]
    found += [(e.name, text) for e in dependence for text in e.missing]
    found += [("carved-out products", note) for note in model.table.notes]
    found += [
        (
            f"{seller} to {buyer}, {product}",
            f"USD {amount:.0f} million a year did not fit in the parent sector",
        )
        for product, seller, buyer, amount in model.table.misfit
        if amount >= 1
    ]
    if contained(measure, model.table.year):
        found.append(
            (
                f"losses: the table of {model.table.year} already contains the measure",
                "load a table of a year before it began: World(own_table=...)",
            )
        )
    if not coverage.covered:
        found.append(
            ("covered goods", "the record names no goods: add items with HS codes to a measure file")
        )
    return tuple(dict.fromkeys(found))


def _assumptions(model: Model) -> tuple[str, ...]:
    """Every assumption of shocks and outcomes, once, in order."""
    texts = [t for s in model.shocks for t in s.assumptions]
    texts += [t for by_rule in model.outcomes.values() for o in by_rule.values() for t in o.assumptions]
    if model.fit is not None:
        texts.append(model.fit.sentence())
    return tuple(dict.fromkeys(texts))
