"""Every figure of an assessment under an address, with what `kanmon why` needs to explain it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from ..core.figure import Figure

if TYPE_CHECKING:
    from ..core.source import Source
    from ..measure.measure import Reason
    from ..report.assessment import Assessment, ScenarioResult

NAMED_BY = {
    "ScenarioResult": ("name",),
    "Loss": ("buyer", "months"),
    "Fitted": ("months",),
    "Bottleneck": ("region", "sector", "product"),
    "ProductExposure": ("product", "name"),
    "ResponseValue": ("name",),
    "PublishedRow": ("author", "scenario"),
    "ClaimRow": ("topic",),
    "Limb": ("id",),
    "Figure": ("label",),
}
"""Record in a list -> the fields that tell it from its neighbours."""

PARTS = ("exposure", "scenarios", "cost_push", "duration", "responses", "published", "claims", "measure")
"""Parts of an assessment that hold figures, in the order of the report."""


def figure_book(assessment: Assessment) -> dict[str, Any]:
    """Content of figures.json: figures by address, the scenarios behind them, sources by id."""
    book: dict[str, Any] = {
        "measure": assessment.measure.id,
        "buyer": assessment.buyer,
        "on": assessment.on.isoformat(),
        "figures": {},
        "scenarios": {s.name: _scenario(assessment, s) for s in assessment.scenarios},
        "sources": {},
    }
    for address, figure in addressed(assessment):
        book["figures"][address] = {
            "label": figure.label,
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "exact": figure.exact,
            "unit": figure.unit,
            "basis": figure.basis,
            "note": figure.note,
            "sources": [source.id for source in figure.sources],
        }
        for source in figure.sources:
            _card(book, source)
    for rows in assessment.rows.values():
        for source in rows:
            _card(book, source)
    return book


def _card(book: dict[str, Any], source: Source) -> None:
    """Put the card of a source into the book."""
    book["sources"][source.id] = {f.name: getattr(source, f.name) for f in fields(source)}


def addressed(assessment: Assessment) -> Iterator[tuple[str, Figure]]:
    """Figures of an assessment with addresses such as "full_stop.losses.deu-12.if_lasts", each once."""
    seen: dict[str, int] = {}
    for part in PARTS:
        for steps, figure in _walk(getattr(assessment, part), ()):
            address = ".".join(steps if part == "scenarios" else (part, *steps))
            seen[address] = seen.get(address, 0) + 1
            yield (address if seen[address] == 1 else f"{address}-{seen[address]}"), figure


def _walk(thing: Any, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Figure]]:
    """Every figure inside a record, with the names on the way to it."""
    if isinstance(thing, Figure):
        yield steps, thing
    elif isinstance(thing, tuple | list):
        for item in thing:
            yield from _walk(_second(item), (*steps, *_name(item)))
    elif is_dataclass(thing):
        for field in fields(thing):
            # Outcomes and shocks are what figures are made from; they hold arrays, not figures.
            if field.name not in {"outcomes", "shock"}:
                yield from _walk(getattr(thing, field.name), (*steps, field.name))


def _second(item: Any) -> Any:
    """The figure of a (label, figure) pair; anything else as it is."""
    return item[1] if _is_pair(item) else item


def _is_pair(item: Any) -> bool:
    return isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)


def _name(item: Any) -> tuple[str, ...]:
    """How an item of a list is called in an address."""
    if _is_pair(item):
        return (slug(item[0]),)
    names = [str(getattr(item, field)) for field in NAMED_BY.get(type(item).__name__, ())]
    return (slug("-".join(dict.fromkeys(n for n in names if n))),) if names else ()


def slug(text: str) -> str:
    """A text as one word of an address: lower case, dots and spaces as hyphens."""
    return re.sub(r"[^\w]+", "-", text.casefold()).strip("-")


def _scenario(assessment: Assessment, result: ScenarioResult) -> dict[str, Any]:
    """How the figures of one scenario came about: clauses, shock, engine, draws, assumptions."""
    reasons = [r for c in assessment.coverage.scenario(result.name) for r in c.reasons]
    outcome = result.outcomes[0] if result.outcomes else None
    assumed = [*result.shock.assumptions, *(outcome.assumptions if outcome else ())]
    return {
        "what_is_stopped": result.shock.what_is_stopped,
        "clauses": _clauses(reasons),
        "engine": outcome.engine if outcome else "",
        "rationing": outcome.rationing if outcome else "",
        "draws": outcome.draws if outcome else 0,
        "assumptions": list(dict.fromkeys(assumed)),
        "rows": [source.id for source in assessment.rows.get(result.name, ())],
    }


def _clauses(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Rules that applied, each once with its published text and all it led to."""
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for r in reasons:
        found.setdefault((r.measure, r.rule, r.text), {})[r.outcome] = None
    return [
        {"measure": measure, "rule": rule, "text": text, "outcomes": list(outcomes)}
        for (measure, rule, text), outcomes in found.items()
    ]
