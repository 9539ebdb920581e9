"""Sentences of a Shock: what is stopped, and which parameter ranges it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..core.draws import Uncertain

if TYPE_CHECKING:
    from ..measure.measure import Coverage, Covered, Instrument
    from .legs import Case

MEANING = {
    "e_enforce": "Share of a stopped flow that is really stopped",
    "approval": "Share of the old flow that is licensed after the review",
    "t_review": "Review of a licence, working days",
    "watch_share": "Share of purchases by watch-listed buyers",
    "l_max": "Leakage in the end, share of the stopped flow",
    "l_half": "Days until half of the leakage has come",
    "front_load": "Rush before the date, months of use",
}

SCENARIO = {
    "letter": "By the letter",
    "practice": "As handled in practice",
    "full_stop": "Full stop",
    "feared": "What is feared",
}

VERB: dict[Instrument, str] = {
    "ban": "stops exports of",
    "licence": "holds back for licences exports of",
    "listing": "stops, for listed parties, exports of",
    "quota": "sets a quota on exports of",
    "tax": "taxes exports of",
    "other": "restricts exports of",
}


def parameter(row: Uncertain, label: Callable[[str], str]) -> str:
    """One parameter with its range, basis and source."""
    symbol, product, _, country = row.key
    what = MEANING.get(symbol, symbol)
    whom = ", ".join(label(p) for p in (product, country) if p)
    span = f"{row.mid:g}" if row.low == row.high else f"{row.low:g}-{row.mid:g}-{row.high:g}"
    moved = f"; {row.note.split(';')[0]}" if row.note.startswith("transferred") else ""
    return f"{what} ({whom}): {span} ({row.basis}; {row.source.title}{moved})."


def thing(item: Covered, label: Callable[[str], str]) -> str:
    """A covered item by name, or by its codes."""
    if item.product:
        return label(item.product)
    return "HS " + ", ".join(item.hs)


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names in a sentence: commas and a last "and"; a count stands for those beyond `most`."""
    shown = list(dict.fromkeys(names))
    if len(shown) > most:
        shown = [*shown[:most], f"{len(shown) - most} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def what_is_stopped(
    coverage: Coverage, scenario: str, items: Sequence[Covered], case: Case, *, upper_bound_only: bool
) -> str:
    """The scenario in one sentence: who stops what for whom, from when, how widely."""
    from .legs import instrument_of

    label = case.names.label
    clauses = []
    for verb in dict.fromkeys(VERB[instrument_of(i, scenario)] for i in items):
        group = [i for i in items if VERB[instrument_of(i, scenario)] == verb]
        clauses.append(f"{verb} {listed([thing(i, label) for i in group])}{_reach(group)}")
    to = "all destinations" if case.all_buyers else label(coverage.buyer)
    status = coverage.status
    begin = f" from {status.since}" if status.since and status.state in ("in_force", "announced") else ""
    end = f" for {case.lasts} days" if case.lasts is not None else ""
    said = f"{SCENARIO.get(scenario, scenario)}: {label(coverage.seller)} {', and '.join(clauses)} to {to}"
    bound = " Upper bound: no volumes are known." if upper_bound_only else ""
    return f"{said}{begin}{end}.{bound}"


def _reach(items: Sequence[Covered]) -> str:
    """How much of the purchases is reached, where that is not all."""
    spans = [i.affected for i in items if i.affected is not None and i.affected[0] < 1]
    if not spans:
        return ""
    low, high = min(s[0] for s in spans), max(s[2] for s in spans)
    span = f"{low:.0%}" if low == high else f"{low:.0%} to {high:.0%}"
    return f" ({span} of purchases)"
