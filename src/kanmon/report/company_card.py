"""The answer for one firm on a terminal: what was not seen, lines, days, money, fixes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..measure.verdict import VERDICTS

if TYPE_CHECKING:
    from ..company.answer import Answer, ScenarioAnswer
    from ..company.fixes import FixList

WORDS = {
    "measure": "the named measure alone",
    "in_force": "all measures in force on the day",
    "foreign_content": "and goods made elsewhere with content from the imposer",
    "feared": "and goods marked as possible",
}
SHOWN = 12
FIXES = 6


def company_card(answer: Answer, main: str) -> list[str]:
    """Lines of text; `main` is the scenario that is told in full."""
    one = answer.scenario(main)
    measures = ", ".join(m.id for m in answer.asked.measures)
    text = [
        f"{answer.asked.firm} on {answer.asked.on}: {measures}",
        f"stock of {answer.company.stock_date}, {answer.days} days ahead, {answer.company.currency}".rstrip(
            ", "
        ),
        "",
    ]
    text += [f"we could not see: {sentence}" for sentence in answer.company.unseen]
    if answer.problems:
        text.append(f"{len(answer.problems)} notes on the files, all in company.json and the workbook")
    counts = Counter(line.verdict for line in answer.lines)
    told = ", ".join(f"{counts[v]} {v}" for v in VERDICTS if counts[v])
    text += ["", f"LINES  {len(answer.lines)} sources of bought items: {told}"]
    text += _ledger(answer)
    text += ["", "DAYS UNTIL THE FIRST STOP (certain lines only / with open questions)"]
    for s in answer.scenarios:
        text.append(
            f"  {WORDS[s.scenario]:<58} {_firm(answer, s.certain.firm)} / {_firm(answer, s.possible.firm)}"
        )
    if isinstance(why := answer.first_stop(None, ""), str) and why:
        text += ["", f"PRODUCTS, MONEY, FIXES  {why}: no stop and no loss below would mean anything"]
        return text
    text += _bands(one, main)
    text += _products(one, answer)
    text += _money(one, answer)
    text += _some(one)
    text += _relief(one)
    for fix in one.fixes:
        text += _fix(fix, answer.company.currency)
    return text


def _ledger(answer: Answer) -> list[str]:
    """Purchase lines by verdict, with their value where it is known; large ledgers count lines."""
    text = []
    if answer.ledger is not None:
        totals, unit = answer.ledger.totals, answer.company.currency
        told = ", ".join(
            f"{totals[v][0]:,} {v} ({_million(totals[v][1])} million {unit})" for v in VERDICTS if v in totals
        )
        text.append(f"LEDGER {answer.ledger.lines.height:,} purchase lines: {told}")
        if answer.ledger.without_value:
            text.append(f"  {answer.ledger.without_value:,} lines have no value that can be read")
    for one in answer.streamed:
        told = ", ".join(f"{one.totals[v]:,} {v}" for v in VERDICTS if v in one.totals)
        text.append(f"LEDGER {one.lines:,} purchase lines: {told}; see {one.out.name}")
    return text


def _days(day: int | None) -> str:
    return "none" if day is None else f"{day} d"


def _bands(one: ScenarioAnswer, main: str) -> list[str]:
    """Days of the firm over the drawn cases, with and without licences, and with orders counted once."""
    low, mid, high = one.bands.firm_days
    band = f"{_days(low)} to {_days(high)}, middle {_days(mid)}"
    drawn = "stock, demand, licences and end of the stop drawn"
    text = [f"  {main}: {band} ({one.bands.cases} cases, 5-95 %: {drawn})"]
    if one.unlicensed:
        low, mid, high = one.unlicensed.firm_days
        text.append(f"  {main}, no licence applied for: {_days(low)} to {_days(high)}, middle {_days(mid)}")
    within = "orders on their way counted within the flow of their sources"
    return [*text, f"  {main}, {within}: {_days(one.cautious)}"]


def _firm(answer: Answer, day: int | None) -> str:
    """Days of the firm: none found is said only where the files suffice to find one."""
    found = answer.first_stop(day, "none")
    return f"{found} d" if isinstance(found, int) else found


def _products(one: ScenarioAnswer, answer: Answer) -> list[str]:
    short = [p for p in one.possible.products if p.jointly is not None or p.alone is not None]
    short.sort(key=lambda p: (p.jointly is None, p.jointly or 0))
    text = ["", f"PRODUCTS  {len(short)} of {len(one.possible.products)} stop within {answer.days} days"]
    for p in short[:SHOWN]:
        way = " > ".join(p.path)
        text.append(f"  {p.product:<12} jointly {_days(p.jointly):>6}  alone {_days(p.alone):>6}  {way}")
    if len(short) > SHOWN:
        text.append(f"  and {len(short) - SHOWN} more")
    return text


def _money(one: ScenarioAnswer, answer: Answer) -> list[str]:
    m, unit = one.money_possible, answer.company.currency
    what = "margin" if m.in_margin else "revenue"
    low, mid, high = one.bands.lost_margin
    sure, drawn = one.money_certain, f"{_million(low)} to {_million(high)}, middle {_million(mid)}"
    low, _, high = (one.unlicensed or one.bands).lost_margin
    refused = f"; without licences {_million(low)} to {_million(high)}" if one.unlicensed else ""
    return [
        "",
        f"MONEY  {what} lost, {answer.days} days: {_million(m.least)} to {_million(m.greedy)} million {unit}",
        "  from stocks allotted best to all drawing until they stop",
        f"  certain lines only: {_million(sure.least)} to {_million(sure.greedy)}",
        f"  drawn cases, licences applied for: {drawn}{refused}",
        f"  revenue exposed: {_million(m.exposed)} (overstates: stock and other sources left aside)",
    ]


def _million(amount: float) -> str:
    return f"{amount / 1e6:,.0f}"


def _some(one: ScenarioAnswer) -> list[str]:
    """Items that stop for some customers and go on for the others."""
    found = sorted(one.only_for, key=lambda name: (one.possible.item_days.get(name) or 10**6, name))
    text = [f"  {name:<28} {_days(one.possible.item_days.get(name)):>6}" for name in found[:SHOWN]]
    if len(found) > SHOWN:
        text.append(f"  and {len(found) - SHOWN} more")
    return ["", "STOPS FOR SOME CUSTOMERS ONLY (days that what is there lasts them)", *text] if found else []


def _relief(one: ScenarioAnswer) -> list[str]:
    text = ["", "WHAT BINDS (days of the item; days of the firm if it alone came without limit)"]
    for r in one.relief[:SHOWN]:
        text.append(f"  {r.item:<16} {_days(r.item_days):>6}   {_days(r.firm_days):>6}")
    return text if one.relief else []


def _fix(fix: FixList, unit: str) -> list[str]:
    rate = fix.days_per_million
    each = "" if rate is None else f", {rate:.2g} days a million"
    loss = f"{_million(fix.loss_before)} -> {_million(fix.loss_after)} million"
    stop = f"{_days(fix.days_before)} -> {_days(fix.days_after)}{each}"
    head = f"FIXES for {fix.budget / 1e6:,.1f} million {unit}: expected loss {loss}; first stop {stop}"
    text = ["", head]
    for o in fix.options[:FIXES]:
        text.append(
            f"  {o.name:<20} {o.kind:<14} ready day {o.ready:>4}  {o.cost / 1e6:,.1f} million  {o.note}"
        )
    if len(fix.options) > FIXES:
        text.append(f"  and {len(fix.options) - FIXES} more")
    if not fix.proven:
        text.append("  the search was cut off: not proven to be the best list")
    return text
