"""Sentences of a Shock: what is stopped, and which parameter ranges it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..core.draws import Uncertain
from ..core.figure import weakest

if TYPE_CHECKING:
    from ..measure.measure import Coverage, Covered
    from .case import Case, Handling

MEANING = {
    "e_enforce": "Share of a stopped flow that is really stopped",
    "approval": "Share of the old flow that is licensed after the review",
    "t_review": "Review of a licence, working days",
    "watch_share": "Share of purchases by watch-listed buyers",
    "l_max": "Leakage in the end, share of the stopped flow",
    "l_half": "Days until half of the leakage has come",
    "front_load": "Rush before the date, months of use",
    "afloat": "Goods under way on the date, days of the seller's sales",
    "rush_days": "Rush before the date, days of use",
    "share": "Goods meant, share of the flow",
    "buyer_share": "Listed firms, share of the purchases",
    "volume_share": "Share of the normal flow that may move",
    "volume": "Quota a year",
    "normal": "Normal flow a year, in the quota's unit",
    "delay": "Delay, days",
}

FEW = 4
"""HS codes that a sentence spells out beside products; more are counted."""

SCENARIO = {
    "letter": "By the letter",
    "practice": "As handled in practice",
    "full_stop": "Full stop",
    "feared": "What is feared",
}

VERB: dict[Handling, str] = {
    "ban": "stops exports of",
    "licence": "holds back for licences exports of",
    "listing": "stops, for listed parties, exports of",
    "quota": "sets a quota on exports of",
    "tax": "taxes exports of",
    "other": "restricts exports of",
    "throttling": "throttles exports of",
}


def parameters(rows: Iterable[Uncertain], label: Callable[[str], str]) -> tuple[str, ...]:
    """One sentence a symbol: range by product, weakest basis, and what was taken from another country."""
    by_symbol: dict[str, list[Uncertain]] = {}
    for row in rows:
        by_symbol.setdefault(row.key[0], []).append(row)
    return tuple(_sentence(symbol, found, label) for symbol, found in by_symbol.items())


def _sentence(symbol: str, rows: Sequence[Uncertain], label: Callable[[str], str]) -> str:
    spans = [
        f"{label(r.key[1])} " + (f"{r.mid:g}" if r.low == r.high else f"{r.low:g}-{r.mid:g}-{r.high:g}")
        for r in rows
    ]
    moved = dict.fromkeys(r.note.split(";")[0] for r in rows if r.note.startswith("transferred"))
    end = f"; {', '.join(moved)}" if moved else ""
    return f"{MEANING.get(symbol, symbol)}: {', '.join(spans)} ({weakest(*(r.basis for r in rows))}{end})."


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
    from .case import instrument_of

    label = case.names.label
    clauses = []
    for verb in dict.fromkeys(VERB[instrument_of(i, scenario)] for i in items):
        group = [i for i in items if VERB[instrument_of(i, scenario)] == verb]
        clauses.append(f"{verb} {_goods(group, label)}{_reach(group)}")
    to = "all destinations" if case.all_buyers else label(coverage.buyer)
    status = coverage.status
    begin = f" from {status.since}" if status.since and status.state in ("in_force", "announced") else ""
    end = f" for {case.lasts} days" if case.lasts is not None else ""
    said = f"{SCENARIO.get(scenario, scenario)}: {label(coverage.seller)} {', and '.join(clauses)} to {to}"
    bound = " Upper bound: no volumes are known." if upper_bound_only else ""
    return f"{said}{begin}{end}.{bound}"


def _goods(items: Sequence[Covered], label: Callable[[str], str]) -> str:
    """Products by name, then the HS lines: by code when they are few, else how many."""
    named = list(dict.fromkeys(label(i.product) for i in items if i.product))
    codes = list(dict.fromkeys(code for i in items if not i.product for code in i.hs))
    few = len(codes) <= FEW or not named
    lines = [f"HS {listed(codes, FEW + 2)}" if few else f"{len(codes)} HS lines"] if codes else []
    return listed([*named, *lines])


def _reach(items: Sequence[Covered]) -> str:
    """How much of the purchases is reached, where that is not all."""
    spans = [i.affected for i in items if i.affected is not None and i.affected[0] < 1]
    if not spans:
        return ""
    low, high = min(s[0] for s in spans), max(s[2] for s in spans)
    span = f"{low:.0%}" if low == high else f"{low:.0%} to {high:.0%}"
    return f" ({span} of purchases)"
