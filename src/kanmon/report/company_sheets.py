"""Rows of the plain sheets of the workbook for one firm: answer, products, items, fixes, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .company_card import WORDS

if TYPE_CHECKING:
    from ..company.answer import Answer

Row = tuple[Any, ...]
NONE = "none within the horizon"


def _days(day: int | None) -> int | str:
    return NONE if day is None else day


def summary_rows(answer: Answer, main: str) -> list[Row]:
    """What a manager reads first; what could not be seen comes before every figure."""
    rows: list[Row] = [("what", "value", "low", "high", "unit", "basis")]
    rows += [("we could not see", text, "", "", "", "") for text in answer.company.unseen]
    rows += [
        ("firm", answer.asked.firm, "", "", "", "user"),
        ("measures", ", ".join(m.id for m in answer.asked.measures), "", "", "", "user"),
        ("day of the rules", answer.asked.on.isoformat(), "", "", "", "user"),
        ("stock date", answer.company.stock_date.isoformat(), "", "", "", "user's files"),
        ("horizon", answer.days, "", "", "days", "user"),
        ("scenario told here", f"{main}: {WORDS[main]}", "", "", "", ""),
    ]
    return rows + _stops(answer) + _amounts(answer, main)


def _stops(answer: Answer) -> list[Row]:
    return [
        (
            f"days to the first stop: {WORDS[s.scenario]}",
            answer.first_stop(s.possible.firm, NONE),
            answer.first_stop(s.possible.firm, NONE),
            answer.first_stop(s.certain.firm, NONE),
            "days",
            "exact on the files; low with open questions counted, high with certain lines only",
        )
        for s in answer.scenarios
    ]


def _amounts(answer: Answer, main: str) -> list[Row]:
    """Days and money of the scenario told, over the drawn cases and on the files as they are."""
    one, unit = answer.scenario(main), answer.company.currency or "unknown currency"
    low, mid, high = one.bands.firm_days
    lost, m = one.bands.lost_margin, one.money_possible
    what = "lost margin" if m.in_margin else "lost revenue (margins not known)"
    drawn, exact = "assumed: sheet Assumptions", "exact on the files"
    stop = "days to the first stop, drawn cases, licences applied for"
    within = "days to the first stop if orders on their way are part of their sources' flow"
    refused: list[Row] = []
    if one.unlicensed:
        early, middle, late = (_days(d) for d in one.unlicensed.firm_days)
        least, mean, most = one.unlicensed.lost_margin
        refused = [
            ("days to the first stop, drawn cases, no licence", middle, early, late, "days", drawn),
            (f"{what}, drawn cases, no licence", mean, least, most, unit, drawn),
        ]
    return [
        (within, answer.first_stop(one.cautious, NONE), "", "", "days", exact),
        (
            stop,
            _days(mid),
            _days(low),
            _days(high),
            "days",
            drawn,
        ),
        (f"{what}, stocks allotted best to all draw until they stop", "", m.least, m.greedy, unit, exact),
        (f"{what}, drawn cases, licences applied for", lost[1], lost[0], lost[2], unit, drawn),
        *refused,
        ("revenue exposed (overstates: see docs)", m.exposed, "", "", unit, exact),
    ]


def product_rows(answer: Answer, main: str) -> list[Row]:
    """Days of cover of every product."""
    one = answer.scenario(main)
    sure = {p.product: one.certain.like(p) for p in one.possible.products}
    return [
        (
            "product",
            "days jointly",
            "days alone",
            "days jointly, certain lines only",
            "item that runs out",
            "path from product to item",
        ),
        *(
            (
                p.product,
                _days(p.jointly),
                _days(p.alone),
                _days(s.jointly if (s := sure[p.product]) else None),
                p.binding_jointly or p.binding_alone,
                " > ".join(p.path),
            )
            for p in one.possible.products
        ),
    ]


def item_rows(answer: Answer, main: str) -> list[Row]:
    """Every item of which something stops: share, days, and what its relief would give."""
    one = answer.scenario(main)
    relief = {r.item: r for r in one.relief}
    items = sorted(one.shares_possible, key=lambda i: (one.possible.item_days.get(i) or 10**6, i))
    return [
        (
            "item",
            "share that stops, certain lines",
            "share that stops, with open questions",
            "days the item lasts",
            "first stop of the firm if it came without limit",
        ),
        *(
            (
                item,
                one.shares_certain.get(item, 0.0),
                one.shares_possible[item],
                _days(one.possible.item_days.get(item)),
                _days(relief[item].firm_days) if item in relief else "",
            )
            for item in items
        ),
    ]


def fix_rows(answer: Answer, main: str) -> list[Row]:
    """The best list for each budget, one row an option."""
    unit = answer.company.currency
    head: Row = (
        f"budget ({unit})",
        "option",
        "kind",
        "what",
        f"cost ({unit})",
        "ready day",
        "expected loss without",
        "expected loss with",
        "first stop without (days)",
        "first stop with (days)",
        "days of cover per million",
        "figures from",
    )
    rows: list[Row] = [head]
    for fix in answer.scenario(main).fixes:
        told = (
            fix.loss_before,
            fix.loss_after,
            _days(fix.days_before),
            _days(fix.days_after),
            fix.days_per_million,
        )
        proven = "" if fix.proven else " (search cut off: not proven best)"
        rows += [
            (fix.budget, o.name, o.kind, o.note, o.cost, o.ready, *told, f"{o.given}, {o.basis}{proven}")
            for o in fix.options
        ] or [(fix.budget, "nothing is worth its cost", "", "", 0.0, "", *told, "")]
    return rows


def assumption_rows(answer: Answer) -> list[Row]:
    """What is assumed where the files do not tell."""
    return [
        ("assumption", "low", "mid", "high", "unit", "basis", "source", "confidence"),
        *(
            (n, u.low, u.mid, u.high, u.unit, u.basis, u.source.title, u.source.confidence)
            for n, u in answer.assumptions.items()
        ),
    ]


def evidence_rows(answer: Answer) -> list[Row]:
    """Files with their hashes, and the measures with the dates of their sources."""
    rows: list[Row] = [("kind", "name", "date", "what", "sha256 or address")]
    rows += [
        (
            "file",
            f.path,
            answer.company.stock_date.isoformat(),
            f"{f.table}, {f.rows} rows, {f.encoding}",
            f.sha256,
        )
        for f in answer.company.files
    ]
    rows += [("measure", m.id, s.date, s.title, s.url) for m in answer.asked.measures for s in m.sources]
    named = sorted({m for line in answer.lines for m in line.measures})
    rows += [("measure met by a line", name, "", "", "") for name in named]
    return rows
