"""The answer for one firm as JSON, with ids that stay the same from run to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..company.answer import Answer, ScenarioAnswer
    from ..company.fixes import FixList
    from ..company.money import Money
    from ..company.records import Cover, Line

STOCK = "days from the stock date on; null: not within the horizon, or, where `at_most`, cannot be told"
SUMS = "inferred: arithmetic on the user's files and the verdicts of the lines"
DRAWN = "assumed: drawn cases, see `assumptions`"
FILES = "user's files, see `files`"


def company_json(answer: Answer) -> dict[str, Any]:
    """Everything the page and the workbook show, in one document."""
    return {
        "company": answer.company.name,
        "firm": answer.asked.firm,
        "home": answer.asked.home,
        "measures": [m.id for m in answer.asked.measures],
        "on": answer.asked.on.isoformat(),
        "stock_date": answer.company.stock_date.isoformat(),
        "days": answer.days,
        "currency": answer.company.currency,
        "not_seen": list(answer.company.unseen),
        "problems": [str(problem) for problem in answer.problems],
        "lines": [line_json(line) for line in answer.lines],
        "ledger": _ledger(answer),
        "scenarios": [_scenario(one) for one in answer.scenarios],
        "assumptions": [
            {
                "name": name,
                "low": row.low,
                "mid": row.mid,
                "high": row.high,
                "unit": row.unit,
                "basis": row.basis,
                "source": row.source.title,
                "confidence": row.source.confidence,
            }
            for name, row in answer.assumptions.items()
        ],
        "files": [
            {
                "file": file.path,
                "table": file.table,
                "sha256": file.sha256,
                "encoding": file.encoding,
                "system": file.system,
                "columns": dict(file.mapping),
                "columns_not_used": list(file.ignored),
                "rows": file.rows,
                "rows_left_out": file.dropped,
            }
            for file in answer.company.files
        ],
    }


def _ledger(answer: Answer) -> dict[str, Any] | None:
    """Purchase lines by verdict; None where no ledger was given. Large ledgers count lines only."""
    if answer.ledger is None and not answer.company.large_ledgers:
        return None
    judged = {one.out.name for one in answer.streamed}
    return {
        "verdicts": {v: {"lines": n, "value": x} for v, (n, x) in sorted(answer.ledger.totals.items())}
        if answer.ledger
        else {},
        "currency": answer.company.currency,
        "lines_without_value": answer.ledger.without_value if answer.ledger else 0,
        "not_covered_with_content_of_the_imposer": (
            dict(zip(("lines", "value"), answer.ledger.held, strict=True)) if answer.ledger else None
        ),
        "basis": SUMS,
        "source": FILES,
        "large": [
            {
                "file": one.out.name,
                "lines": one.lines,
                "verdicts": one.totals,
                "by_item": [
                    {"item": item, "verdict": verdict, "lines": lines}
                    for (item, verdict), lines in sorted(one.by_item.items())
                    if verdict != "not_covered"
                ],
                "not_told": "values, and items of which no line is touched",
            }
            for one in answer.streamed
        ],
        "not_judged": [
            path.name
            for path in answer.company.large_ledgers
            if f"{path.stem}-verdicts.parquet" not in judged
        ],
    }


def line_id(line: Line) -> str:
    """Id of one source: part, supplier, origin, origin of the content."""
    return f"{line.part}|{line.supplier}|{line.origin}|{line.content_origin}"


def line_json(line: Line) -> dict[str, Any]:
    """One source with its verdict."""
    return {
        "id": line_id(line),
        "part": line.part,
        "supplier": line.supplier,
        "origin": line.origin or "unknown",
        "content_origin": line.content_origin or "unknown",
        "share": line.share,
        "verdict": line.verdict,
        "layer": line.layer,
        "covered": dict(line.covered),
        "measures": list(line.measures),
        "entries": list(line.entries),
        "rules": list(line.rules),
        "reason": line.reason,
        "source": line.source,
        "content_basis": line.content_basis,
        "question": line.question,
    }


def _scenario(one: ScenarioAnswer) -> dict[str, Any]:
    low, mid, high = one.bands.firm_days
    return {
        "name": one.scenario,
        "items_stopped": {"certain": dict(one.shares_certain), "possible": dict(one.shares_possible)},
        "firm_days": {
            "known": one.possible.firm is not None or not one.possible.unseen,
            "certain_lines": one.certain.firm,
            "possible_lines": one.possible.firm,
            "cautious": one.cautious,
            "binding": one.possible.binding,
            "low": 0 if one.possible.unseen else one.possible.firm,
            "high": one.certain.firm,
            "at_most": bool(one.possible.unseen),
            "not_seen_in_full": list(one.possible.unseen),
            "band": {"low": low, "mid": mid, "high": high, "cases": one.bands.cases, "basis": DRAWN},
            "band_without_licences": _three(one.unlicensed.firm_days if one.unlicensed else None),
            "unit": STOCK,
            "basis": SUMS,
            "source": FILES,
        },
        "stops_for_some_customers": [
            {
                "item": name,
                "customers": list(customers),
                "share": one.shares_possible[name],
                "days": one.possible.item_days.get(name),
            }
            for name, customers in one.only_for.items()
        ],
        "products": _products(one.certain, one.possible),
        "items": dict(one.possible.item_days),
        "items_at_most": {
            item: why for item in one.shares_possible if (why := one.possible.item_unseen(item))
        },
        "money": {
            "certain_lines": _money(one.money_certain),
            "possible_lines": _money(one.money_possible),
            "lost_margin_band": _three(one.bands.lost_margin),
            "lost_margin_band_basis": DRAWN,
            "lost_margin_band_without_licences": _three(
                one.unlicensed.lost_margin if one.unlicensed else None
            ),
        },
        "relief": [
            {"item": r.item, "item_days": r.item_days, "firm_days_without_it": r.firm_days}
            for r in one.relief
        ],
        "fixes": [_fix(fix, one) for fix in one.fixes],
    }


def _three(band: tuple[float | None, ...] | None) -> dict[str, float | None] | None:
    return dict(zip(("low", "mid", "high"), band, strict=True)) if band else None


def _products(certain: Cover, possible: Cover) -> list[dict[str, Any]]:
    sure = {p.product: certain.like(p) for p in possible.products}
    return [
        {
            "product": p.product,
            "part_of": p.own,
            "alone": {
                "certain_lines": s.alone if (s := sure[p.product]) else None,
                "possible_lines": p.alone,
            },
            "jointly": {"certain_lines": s.jointly if s else None, "possible_lines": p.jointly},
            "low": 0 if p.unseen else p.jointly,
            "high": s.jointly if s else None,
            "at_most": bool(p.unseen),
            "not_seen": p.unseen,
            "unit": STOCK,
            "basis": SUMS,
            "source": FILES,
            "binding": p.binding_jointly or p.binding_alone,
            "path": list(p.path),
        }
        for p in possible.products
    ]


def _money(money: Money) -> dict[str, Any]:
    return {
        "currency": money.currency,
        "revenue_exposed": money.exposed,
        "lost_least": money.least,
        "lost_greedy": money.greedy,
        "lost": {
            "low": money.least,
            "high": None if money.open else money.most,
            "high_cannot_be_told": money.open,
            "unit": money.currency,
            "basis": SUMS,
            "source": FILES,
            "bounds": "stocks allotted best to all draw until they stop; high adds what was not seen in full",
        },
        "not_seen_in_full": money.unseen,
        "counts": money.counts,
        "sales_counted_for": list(money.by_sales),
        "no_price_for": list(money.unpriced),
        "by_week": {p: [float(v) for v in row] for p, row in zip(money.products, money.by_week, strict=True)},
        "by_week_is": "least lost; the programme works in weeks",
        "by_day": {p: [float(v) for v in row] for p, row in zip(money.products, money.by_day, strict=True)},
        "by_day_is": "greedy bound: all draw at plan until they stop",
    }


def _fix(fix: FixList, one: ScenarioAnswer) -> dict[str, Any]:
    """One list of fixes; losses are means over drawn cases of the least loss, so they differ from `money`."""
    return {
        "budget": fix.budget,
        "spent": fix.spent,
        "unit": one.money_possible.currency,
        "options": [
            {
                "option": o.name,
                "kind": o.kind,
                "ready_day": o.ready,
                "cost": o.cost,
                "unit": one.money_possible.currency,
                "basis": o.basis,
                "given": o.given,
            }
            for o in fix.options
        ],
        "expected_loss": {
            "without": fix.loss_before,
            "with": fix.loss_after,
            "unit": one.money_possible.currency,
            "basis": f"{DRAWN}; least loss of each, stocks allotted best",
        },
        "worst_fifth": {
            "without": fix.tail_before,
            "with": fix.tail_after,
            "unit": one.money_possible.currency,
            "basis": DRAWN,
        },
        "firm_days": {
            "without": fix.days_before,
            "with": fix.days_after,
            "unit": STOCK,
            "at_most": bool(one.possible.unseen),
            "basis": SUMS,
        },
        "days_per_million": fix.days_per_million,
        "proven_best": fix.proven,
    }
