"""Rows of the plain sheets of the workbook for one firm: answer, products, items, fixes, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..company.program import WEEK
from .company_card import WORDS
from .company_words import UNTOLD, lost, stop, stop_cell

if TYPE_CHECKING:
    from ..company.answer import Answer
    from ..company.money import Money

Row = tuple[Any, ...]
COLUMNS = 2_000
"""Products with a column of their own in sheet Money; a sheet holds 16,384 columns."""


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
            stop(s.possible.firm, s.possible.unseen) if s.possible.unseen else stop_cell(s.possible.firm),
            0 if s.possible.unseen else stop_cell(s.possible.firm),
            stop_cell(s.certain.firm, s.certain.unseen),
            "days",
            "exact on the files; low with open questions counted, high with certain lines only"
            if not s.possible.unseen
            else f"not all could be seen ({', '.join(s.possible.unseen[:5])}): may stop at once",
        )
        for s in answer.scenarios
    ]


def _amounts(answer: Answer, main: str) -> list[Row]:
    """Days and money of the scenario told, over the drawn cases and on the files as they are."""
    one, unit = answer.scenario(main), answer.company.currency or "unknown currency"
    low, mid, high = one.bands.firm_days
    hidden = one.possible.unseen
    band, m = one.bands.lost_margin, one.money_possible
    what = lost(m.counts)
    drawn, exact = "assumed: sheet Assumptions", "exact on the files"
    stopped = "days to the first stop, drawn cases, licences applied for"
    within = "days to the first stop if orders on their way are part of their sources' flow"
    refused: list[Row] = []
    if one.unlicensed:
        early, middle, late = (stop_cell(d, hidden) for d in one.unlicensed.firm_days)
        least, mean, most = one.unlicensed.lost_margin
        refused = [
            ("days to the first stop, drawn cases, no licence", middle, early, late, "days", drawn),
            (f"{what}, drawn cases, no licence", mean, least, most, unit, drawn),
        ]
    return [
        (within, stop_cell(one.cautious, hidden), "", "", "days", exact),
        (stopped, stop_cell(mid, hidden), stop_cell(low), stop_cell(high, hidden), "days", drawn),
        (
            f"{what}, stocks allotted best to all draw until they stop",
            "",
            m.least,
            UNTOLD if m.open else m.most,
            unit,
            exact,
        ),
        (f"{what}, drawn cases, licences applied for", band[1], band[0], band[2], unit, drawn),
        *refused,
        ("revenue exposed (overstates: see docs)", m.exposed, "", "", unit, exact),
        *_open_money(m, unit),
    ]


def _open_money(m: Money, unit: str) -> list[Row]:
    """What of the money rests on products not seen in full, without a margin, or without a price."""
    rows: list[Row] = []
    if m.unseen:
        rows.append(("of the high side, products not seen in full", m.unseen, "", "", unit, "at most"))
    for what, names in (
        ("products whose lost sales are counted, no margin being told", m.by_sales),
        ("products without a price, not counted", m.unpriced),
    ):
        if names:
            rows.append((f"{what}: {', '.join(names[:20])}", len(names), "", "", "products", "exact"))
    return rows


def money_rows(answer: Answer, main: str) -> list[Row]:
    """The loss by product, then by day (all draw until they stop) and by week (stocks allotted best)."""
    m = answer.scenario(main).money_possible
    unit = answer.company.currency or "unknown currency"
    dear = sorted((-m.by_day.sum(axis=1)).argsort(kind="stable")[:COLUMNS].tolist())
    left = len(m.products) - len(dear)
    more = f" (the {COLUMNS:,} dearest by product; the other {left:,} in company.json)" if left else ""
    head: Row = (
        "from day",
        "to day",
        "bound",
        f"all products ({unit}){more}",
        *(m.products[k] for k in dear),
    )
    days = [
        (k + 1, k + 1, "all draw until they stop", float(column.sum()), *map(float, column[dear]))
        for k, column in enumerate(m.by_day.T)
    ]
    weeks = [
        (
            WEEK * k + 1,
            min(WEEK * (k + 1), answer.days),
            "stocks allotted best",
            float(column.sum()),
            *map(float, column[dear]),
        )
        for k, column in enumerate(m.by_week.T)
    ]
    sums = [
        (1, answer.days, f"{bound}, sum", float(part.sum()), *(float(row.sum()) for row in part[dear]))
        for bound, part in (("all draw until they stop", m.by_day), ("stocks allotted best", m.by_week))
    ]
    return [head, *sums, *weeks, *days]


def product_rows(answer: Answer, main: str) -> list[Row]:
    """Days of cover of every product."""
    one = answer.scenario(main)
    sure = {p.product: one.certain.like(p) for p in one.possible.products}
    return _filled(
        [
            (
                "product",
                "days jointly",
                "days alone",
                "days jointly, certain lines only",
                "item that runs out",
                "path from product to item",
                "days are at most what stands here, since",
            ),
            *(
                (
                    p.product,
                    stop_cell(p.jointly, p.unseen),
                    stop_cell(p.alone, p.unseen),
                    stop_cell(s.jointly, s.unseen) if (s := sure[p.product]) else "",
                    p.binding_jointly or p.binding_alone,
                    " > ".join(p.path),
                    p.unseen,
                )
                for p in one.possible.products
            ),
        ]
    )


def item_rows(answer: Answer, main: str) -> list[Row]:
    """Every item of which something stops: share, days, and what its relief would give."""
    one = answer.scenario(main)
    relief = {r.item: r for r in one.relief}
    items = sorted(one.shares_possible, key=lambda i: (one.possible.item_days.get(i) or 10**6, i))
    return _filled(
        [
            (
                "item",
                "share that stops, certain lines",
                "share that stops, with open questions",
                "days the item lasts",
                "first stop of the firm if it came without limit",
                "days are at most what stands here, since",
            ),
            *(
                (
                    item,
                    one.shares_certain.get(item, 0.0),
                    one.shares_possible[item],
                    stop_cell(one.possible.item_days.get(item), one.possible.item_unseen(item)),
                    stop_cell(relief[item].firm_days, one.possible.unseen) if item in relief else "",
                    one.possible.item_unseen(item),
                )
                for item in items
            ),
        ]
    )


def _filled(rows: list[Row]) -> list[Row]:
    """The rows without their last column where it says nothing: a doubt that no row has."""
    return rows if any(row[-1] for row in rows[1:]) else [row[:-1] for row in rows]


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
        f"expected loss without ({unit}, drawn cases)",
        f"expected loss with ({unit}, drawn cases)",
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
            stop_cell(fix.days_before),
            stop_cell(fix.days_after),
            fix.days_per_million,
        )
        proven = "" if fix.proven else " (search cut off: not proven best)"
        rows += [
            (fix.budget, o.name, o.kind, o.note, o.cost, o.ready, *told, f"{o.given}, {o.basis}{proven}")
            for o in fix.options
        ] or [(fix.budget, "nothing is worth its cost", "", "", 0.0, "", *told, "")]
    return rows


def streamed_rows(answer: Answer) -> list[Row]:
    """Lines of the ledgers judged in a stream by verdict, then by touched item; the lines are elsewhere."""
    rows: list[Row] = [("ledger", "item", "verdict", "purchase lines", "where the lines stand")]
    for one in answer.streamed:
        where = f"every line with its verdict: {one.out.name}; values are not summed"
        rows += [
            (one.out.name, "all", verdict, lines, where) for verdict, lines in sorted(one.totals.items())
        ]
        rows += [
            (one.out.name, item or "no item told", verdict, lines, "")
            for (item, verdict), lines in sorted(one.by_item.items(), key=lambda pair: (-pair[1], pair[0]))
            if verdict != "not_covered"
        ]
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
    """Files with their hashes, the measures met with the dates of their sources, the lists of parties."""
    from ..measure.load import library

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
    asked = [m.id for m in answer.asked.measures]
    met = {m for line in answer.lines for m in line.measures}
    if answer.ledger is not None:
        met |= {m for cell in answer.ledger.lines["measures"].unique() for m in cell.split(", ") if m}
    held = library()
    named = [("measure asked about", held.get(m)) for m in asked]
    named += [("measure met by a line", held.get(m)) for m in sorted(met - set(asked))]
    rows += [(kind, m.id, s.date, s.title, s.url) for kind, m in named if m for s in m.sources]
    own = sorted(met - set(held) - set(asked))
    rows += [("list of the user met by a line", name, "", "watchlist", "") for name in own]
    return rows + _party_rows()


def _party_rows() -> list[Row]:
    """The lists of parties that names were screened against: notice, newest listing, parties held."""
    from ..measure.load import library
    from ..measure.screen_lists import listed_parties

    held = {name.casefold(): measure for name, measure in library().items()}
    by_list: dict[tuple[str, str], list[str]] = {}
    for party in listed_parties():
        by_list.setdefault((party.list_type, party.measure), []).append(party.date_listed.isoformat())
    rows: list[Row] = []
    for (kind, name), days in sorted(by_list.items()):
        notice = held.get(name.casefold())
        url = next((s.url for s in notice.sources if s.url), "") if notice else "compiled from the notices"
        what = f"{kind.replace('_', ' ')}, {len(days)} parties held, newest listing on the date"
        rows.append(("list of parties", name or "other notices", max(days), what, url))
    return rows
