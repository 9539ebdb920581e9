"""The JSON of `kanmon assess`: the contract of design.md, with additional keys beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from ..core.figure import Figure
from ..core.source import Source, unite
from ..expose.records import DurationResult, ProductExposure, Series
from ..measure.measure import Covered, Event, Limb, Measure, Reason, Response
from .assessment import Assessment, Loss, ScenarioResult
from .first_screen import ratio
from .tiles import import_value, share_figure

Json = dict[str, Any]


def figure(g: Figure | None) -> Json | None:
    """Low, mid, high, unit, basis and ids of sources of a figure; null when there is none."""
    if g is None:
        return None
    return {
        "label": g.label,
        "low": g.low,
        "mid": g.value,
        "high": g.high,
        "exact": g.exact,
        "unit": g.unit,
        "basis": g.basis,
        "sources": ids(g.sources),
        "note": g.note,
    }


def ids(sources: Sequence[Source]) -> list[str]:
    """Ids of sources, each once, in order."""
    return list(dict.fromkeys(s.id for s in sources))


def assessment_json(a: Assessment) -> Json:
    """The whole assessment as JSON can hold it; keys in a fixed order, unknown numbers null, never NaN."""
    from .frame import Frame, strings

    f = Frame(a, "en", strings("en"))
    return {
        "measure": a.measure.id,
        "on": a.on.isoformat(),
        "on_note": a.on_note,
        "buyer": a.buyer,
        "buyer_note": a.buyer_note,
        "seller": a.seller,
        "status": {"state": a.status.state, "since": _day(a.status.since), "text": a.status.text},
        "record": _measure(a.measure),
        "scenarios": [_scenario(s) for s in a.scenarios],
        "coverage": _coverage(a),
        "exposure": [_exposure(e) for e in a.exposure],
        "exposure_total": {
            "share": figure(share_figure(f)),
            "imports": figure(import_value(f)),
            "series": [_series(s) for s in a.totals],
        },
        "cost_push": [{"where": where, **(figure(g) or {})} for where, g in a.cost_push],
        "duration": _duration(a.duration),
        "responses": _responses(a),
        "published": _published(a),
        "timeline": [_event(e) for e in a.timeline],
        "reading": _reading(a),
        "claims": _claims(a),
        "unknowns": [{"unknown": what, "settled_by": how} for what, how in a.unknowns],
        "missing": [{"missing": what, "load": how} for what, how in a.missing],
        "assumptions": list(a.assumptions),
        "manifest": dict(a.manifest),
        "sources": [_source(s) for s in every_source(a)],
    }


def _responses(a: Assessment) -> list[Json]:
    """What each response is worth."""
    return [
        {
            "name": r.name,
            "sentence": r.sentence,
            "scenario": r.scenario,
            "avoided": figure(r.avoided),
            "avoided_expected": figure(r.avoided_expected),
            "cost": figure(r.cost),
            "avoided_per_unit_of_money": figure(ratio(r)),
            "ready_days": figure(r.ready_days),
        }
        for r in a.responses
    ]


def _published(a: Assessment) -> list[Json]:
    """Published estimates beside ours."""
    return [
        {
            "author": r.author,
            "date": r.date,
            "scenario": r.scenario,
            "months": r.months,
            "theirs": figure(r.theirs),
            "ours": figure(r.ours),
            "nearest": r.nearest,
        }
        for r in a.published
    ]


def _claims(a: Assessment) -> list[Json]:
    """Each assertion of the text and what we hold against it."""
    return [
        {
            "quote": c.quote,
            "topic": c.topic,
            "ours": figure(c.ours),
            "answer": c.answer,
            "verdict": c.verdict,
        }
        for c in a.claims
    ]


def every_source(a: Assessment) -> tuple[Source, ...]:
    """All sources named anywhere in the assessment, each once."""
    from .findings import findings

    return unite(a.sources, tuple(findings(a).numbering.sources))


def _source(s: Source) -> Json:
    return {
        "id": s.id,
        "title": s.title,
        "publisher": s.publisher,
        "date": s.date,
        "url": s.url,
        "licence": s.licence,
        "confidence": s.confidence,
        "sha256": s.sha256,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _loss(loss: Loss) -> list[Json]:
    """Two rows a horizon, one for each metric; they are never mixed."""
    base = {"buyer": loss.buyer, "months": loss.months}
    if_lasts = {**base, "metric": "value_added_lost_if_lasts", **(figure(loss.if_lasts) or {})}
    if_lasts["money"] = figure(loss.money)
    if_lasts["direct"] = figure(loss.direct)
    if_lasts["draws_error"] = loss.draws_error
    return [if_lasts, {**base, "metric": "value_added_lost_expected", **(figure(loss.expected) or {})}]


def _scenario(s: ScenarioResult) -> Json:
    first = figure(s.first_stop) or {}
    return {
        "name": s.name,
        "what_is_stopped": s.shock.what_is_stopped,
        "upper_bound_only": s.shock.upper_bound_only,
        "fitted": [
            {"months": f.months, "plain": figure(f.plain), "weighed": figure(f.weighed)} for f in s.fitted
        ],
        "draws": s.shock.draws,
        "losses": [row for loss in s.losses for row in _loss(loss)],
        "other_losses": [row for loss in s.other_losses for row in _loss(loss)],
        "first_stop_days": {**first, "sector": s.first_stop_sector or None},
        "sectors": [{"sector": name, **(figure(g) or {})} for name, g in s.sectors],
        "bottlenecks": [
            {
                "region": b.region,
                "sector": b.sector,
                "input": b.product,
                "output_lost": figure(b.output_lost),
                "first_stop_days": figure(b.first_stop),
                "binds_in": figure(b.share_of_draws),
            }
            for b in s.bottlenecks
        ],
        "by_rule": [{"rationing": rule, **(figure(g) or {})} for rule, g in s.by_rule],
        "drivers": [{"unknown": name, **(figure(g) or {})} for name, g in s.drivers],
        "fan": _fan(s),
        "assumptions": list(s.shock.assumptions),
        "sources": ids(s.shock.sources),
    }


def _fan(s: ScenarioResult) -> Json:
    """Cumulative loss by day as columns: 5 %, median, 95 % of the draws; ends alone for an upper bound."""
    bound = s.shock.upper_bound_only
    sources = unite(*(o.sources for o in s.outcomes))
    return {
        "unit": "% of GDP",
        "basis": "assumed",
        "sources": ids(sources),
        "days": list(s.fan_days),
        "low": None if bound else [_number(lo) for lo, _, _ in s.fan],
        "mid": None if bound else [_number(mid) for _, mid, _ in s.fan],
        "high": [_number(hi) for _, _, hi in s.fan],
    }


def _number(value: float) -> float | None:
    """A finite number; null for what is not known."""
    return float(value) if math.isfinite(value) else None


def _reason(r: Reason) -> Json:
    return {
        "measure": r.measure,
        "rule": r.rule,
        "status": r.status.text,
        "outcome": r.outcome,
        "reason": r.text,
        "source": ids(r.sources),
    }


def _covered(c: Covered) -> Json:
    affected = None
    if c.affected is not None:
        low, mid, high = c.affected
        sources = ids(unite(*(r.sources for r in c.reasons)))
        affected = {
            "low": low,
            "mid": mid,
            "high": high,
            "unit": "share",
            "basis": "assumed",
            "sources": sources,
        }
    return {
        "scenario": c.scenario,
        "product": c.product or None,
        "hs": list(c.hs),
        "instrument": c.instrument,
        "affected": affected,
        "certainty": c.certainty,
        "clauses": [_reason(r) for r in c.reasons],
    }


def _coverage(a: Assessment) -> Json:
    c = a.coverage
    return {
        "status": c.status.text,
        "entries": c.entries or None,
        "parties": c.parties or None,
        "covered": [_covered(x) for x in c.covered],
        "clauses": [_reason(r) for r in c.reasons],
        "left_out": [{"scenario": name, "why": why} for name, why in c.left_out],
        "questions": list(c.questions),
    }


def _series(s: Series) -> Json:
    return {
        "label": s.label,
        "definition": s.definition,
        "unit": s.unit,
        "basis": s.basis,
        "sources": ids(s.sources),
        "years": list(s.years),
        "values": [_number(v) for v in s.values],
    }


def _exposure(e: ProductExposure) -> Json:
    keys = ("partner", "share_value", "share_weight", "usd_m", "tonnes")
    sources = ids(unite(*(s.sources for s in e.series), *(g.sources for g in e.figures)))
    return {
        "product": e.product,
        "name": e.name,
        "buyer": e.buyer,
        "seller": e.seller,
        "hs": list(e.hs),
        "figures": [figure(g) for g in e.figures],
        "series": [_series(s) for s in e.series],
        "partners": {
            "year": e.partners_year,
            "basis": "measured",
            "units": {"share_value": "share", "share_weight": "share", "usd_m": "USD million", "tonnes": "t"},
            "sources": sources,
            "rows": [dict(zip(keys, (p[0], *(_number(v) for v in p[1:])), strict=True)) for p in e.partners],
        },
        "disagreement": e.disagreement,
        "missing": list(e.missing),
        "grades": [{"product": key, "name": name} for key, name in e.grades],
    }


def _duration(d: DurationResult | None) -> Json | None:
    if d is None:
        return None
    return {
        "kind": d.kind,
        "elapsed_days": d.elapsed_days,
        "months": list(d.months),
        "survival": [figure(g) for g in d.survival],
        "median_left_months": figure(d.median_left_months),
        "sample": d.sample,
        "ended": d.ended,
        "precedents": [dict(zip(("what", "start", "end", "source"), p, strict=True)) for p in d.precedents],
        "sources": ids(d.sources),
        "note": d.note,
    }


def _event(e: Event) -> Json:
    return {
        "date": str(e.when),
        "kind": e.kind,
        "by": e.actor,
        "target": e.target,
        "measure": e.measure,
        "text": e.text,
        "sources": ids(e.sources),
    }


def _response(r: Response) -> Json:
    return {
        "by": r.by,
        "kind": r.kind,
        "date": str(r.when) if r.when else None,
        "text": r.text,
        "sources": ids(r.sources),
    }


def _limb(limb: Limb) -> Json:
    def text(when: object) -> str | None:
        return str(when) if when else None

    return {
        "id": limb.id,
        "text": limb.text,
        "instrument": limb.instrument,
        "handling": limb.handling,
        "end_user_scope": list(limb.end_user_scope),
        "end_use_scope": list(limb.end_use_scope),
        "effective": text(limb.effective),
        "suspended_from": text(limb.suspended_from),
        "suspended_until": text(limb.suspended_until),
        "ended": text(limb.ended),
        "unknown_since": text(limb.unknown_since),
        "sources": ids(limb.sources),
    }


def _measure(m: Measure) -> Json:
    return {
        "id": m.id,
        "title": m.title,
        "origin": m.origin,
        "imposers": list(m.imposers),
        "targets": list(m.targets),
        "announced": str(m.announced) if m.announced else None,
        "effective": str(m.effective) if m.effective else None,
        "legal_basis": m.legal_basis,
        "reasons_given": m.reasons_given,
        "limbs": [_limb(limb) for limb in m.limbs],
        "responses": [_response(r) for r in m.responses],
        "related": list(m.related),
        "confidence": m.confidence,
        "sources": ids(m.sources),
    }


def _reading(a: Assessment) -> Json | None:
    r = a.reading
    if r is None:
        return None
    return {
        "language": r.language,
        "is_export_restriction": r.is_export_restriction,
        "why_not": r.why_not,
        "status": r.status,
        "announced": r.announced,
        "effective": r.effective,
        "matches": [{"measure": m.measure, "why": m.why, "score": m.score} for m in r.matches],
        "draft": _measure(r.draft),
        "spans": [{"field": s.field, "start": s.start, "end": s.end, "quote": s.quote} for s in r.spans],
    }
