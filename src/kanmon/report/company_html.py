"""The answer for one firm as one HTML page for managers; opens offline, prints on A4."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..measure.verdict import VERDICTS
from .company_card import WORDS
from .company_sheets import assumption_rows, evidence_rows, fix_rows, item_rows, product_rows
from .company_words import FIX_LOSS, amount, between, loss, lost, span, stop

if TYPE_CHECKING:
    from ..company.answer import Answer, ScenarioAnswer

HERE = Path(__file__).parent
SHOWN_LINES = 200
SHOWN_PROBLEMS = 100


def company_html(answer: Answer, main: str) -> str:
    """The page as text: headline, what was not seen, tiles, days, money by week, fixes, lines, evidence."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["amount"] = amount
    env.filters["days"] = stop
    env.filters["cell"] = cell
    one = answer.scenario(main)
    touched = [line for line in answer.lines if any(c != "no" for c in line.covered.values())]
    return env.get_template("company.html.j2").render(
        a=answer,
        one=one,
        main=main,
        words=WORDS,
        measures=", ".join(f"{m.id} ({m.title})" for m in answer.asked.measures),
        counts=[(v, n) for v in VERDICTS if (n := Counter(line.verdict for line in answer.lines)[v])],
        bars=_bars(one, answer.days),
        weeks=_weeks(one),
        products=product_rows(answer, main),
        items=item_rows(answer, main),
        fixes=fix_rows(answer, main),
        touched=sorted(touched, key=lambda line: VERDICTS.index(line.verdict))[:SHOWN_LINES],
        more_lines=max(0, len(touched) - SHOWN_LINES),
        problems=answer.problems[:SHOWN_PROBLEMS],
        more_problems=max(0, len(answer.problems) - SHOWN_PROBLEMS),
        assumed=assumption_rows(answer),
        evidence=evidence_rows(answer),
        ledger=_ledger(answer),
        span=span,
        loss=loss,
        between=between,
        lost=lost(one.money_possible.counts),
        stakes=_stakes(one),
        fix_loss=FIX_LOSS.format(cases=answer.fix_cases),
    )


def cell(value: Any) -> str:
    """A cell of a table: numbers with separators, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"
    return str(value)


def _bars(one: ScenarioAnswer, horizon: int) -> list[dict[str, Any]]:
    """One bar a product: its days as a share of the horizon, the soonest first."""
    rows = [
        {
            "name": p.product,
            "days": p.jointly,
            "share": 100.0 * (horizon if p.jointly is None else p.jointly) / horizon,
            "item": p.binding_jointly,
            "unseen": p.unseen,
        }
        for p in one.possible.products
    ]
    return sorted(
        rows, key=lambda row: (row["days"] is None, row["days"] or 0, not row["unseen"], row["name"])
    )


def _weeks(one: ScenarioAnswer) -> list[dict[str, Any]]:
    """Least lost margin week by week, as heights of bars."""
    total = one.money_possible.by_week.sum(axis=0)
    top = float(total.max()) if len(total) and total.max() > 0 else 1.0
    return [
        {"week": k + 1, "amount": float(v), "height": 100.0 * float(v) / top} for k, v in enumerate(total)
    ]


def _stakes(one: ScenarioAnswer) -> list[tuple[str, float, float, int | None]]:
    """Product, least and greedy loss, first day of a loss if all draw until they stop; the dearest first."""
    m = one.money_possible
    day = {p.product: p.jointly for p in one.possible.products}
    rows = [
        (name, float(m.by_week[k].sum()), float(m.by_day[k].sum()), day.get(name))
        for k, name in enumerate(m.products)
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def _ledger(answer: Answer) -> list[tuple[str, int, float]]:
    if answer.ledger is None:
        return []
    totals = answer.ledger.totals
    return [(v, *totals[v]) for v in VERDICTS if v in totals]
