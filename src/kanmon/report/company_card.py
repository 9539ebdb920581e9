"""The answer for one firm on a terminal: what was not seen, lines, days, money, fixes."""

from __future__ import annotations

from collections import Counter
from textwrap import wrap
from typing import TYPE_CHECKING

from ..measure.verdict import VERDICTS
from .company_words import FIX_LOSS, amount, loss, lost, short, span, stop

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
        sure, more = short(s.certain.firm, s.certain.unseen), short(s.possible.firm, s.possible.unseen)
        text.append(f"  {WORDS[s.scenario]:<58} {sure} / {more}")
    hidden = one.possible.unseen
    low, mid, high = one.bands.firm_days
    band = f"{short(low)} to {short(high, hidden)}, middle {short(mid, hidden)}"
    drawn = "stock, demand, licences and end of the stop drawn"
    text.append(f"  {main}: {band} ({one.bands.cases} cases, 5-95 %: {drawn})")
    if one.unlicensed:
        low, mid, high = one.unlicensed.firm_days
        band = f"{short(low)} to {short(high, hidden)}, middle {short(mid, hidden)}"
        text.append(f"  {main}, no licence applied for: {band}")
    within = short(one.cautious, hidden)
    text.append(f"  {main}, orders on their way counted within the flow of their sources: {within}")
    text += _hidden(one)
    text += _products(one, answer)
    text += _money(one, answer)
    text += _some(one)
    text += _relief(one)
    if one.fixes:
        text += ["", *wrap(FIX_LOSS.format(cases=answer.fix_cases), 100)]
    for fix in one.fixes:
        text += _fix(fix, answer.company.currency)
    return text


def _ledger(answer: Answer) -> list[str]:
    """Purchase lines by verdict, with their value where it is known; large ledgers count lines."""
    text = []
    if answer.ledger is not None:
        totals, unit = answer.ledger.totals, answer.company.currency
        told = ", ".join(
            f"{totals[v][0]:,} {v} ({amount(totals[v][1])} {unit})" for v in VERDICTS if v in totals
        )
        text.append(f"LEDGER {answer.ledger.lines.height:,} purchase lines: {told}")
        count, value = answer.ledger.held
        if count:
            text.append(
                f"  {count:,} of them hold, or may hold, the imposer's material ({amount(value)} {unit})"
            )
        if answer.ledger.without_value:
            text.append(f"  {answer.ledger.without_value:,} lines have no value that can be read")
    for one in answer.streamed:
        told = ", ".join(f"{one.totals[v]:,} {v}" for v in VERDICTS if v in one.totals)
        text.append(f"LEDGER {one.lines:,} purchase lines: {told}; the whole is in {one.out.name}")
        text.append("  in a stream: counted by item and verdict (workbook, JSON); values are not summed")
    return text


def _hidden(one: ScenarioAnswer) -> list[str]:
    """Products whose days are at most what is counted, or cannot be told, and why."""
    told = [p for p in one.possible.products if p.unseen]
    if not told:
        return []
    text = [f"  NOT SEEN IN FULL: {len(told)} products; first stop: {stop(one.possible.firm, '?')}"]
    text += [f"    {p.product}: {stop(p.jointly, p.unseen)}; {p.unseen}" for p in told[:SHOWN]]
    return text if len(told) <= SHOWN else [*text, f"    and {len(told) - SHOWN} more"]


def _products(one: ScenarioAnswer, answer: Answer) -> list[str]:
    found = [p for p in one.possible.products if p.jointly is not None or p.alone is not None]
    found.sort(key=lambda p: (p.jointly is None, p.jointly or 0))
    text = ["", f"PRODUCTS  {len(found)} of {len(one.possible.products)} stop within {answer.days} days"]
    for p in found[:SHOWN]:
        way = " > ".join(p.path)
        jointly, alone = short(p.jointly, p.unseen), short(p.alone, p.unseen)
        text.append(f"  {p.product:<12} jointly {jointly:>6}  alone {alone:>6}  {way}")
    if len(found) > SHOWN:
        text.append(f"  and {len(found) - SHOWN} more")
    return text


def _money(one: ScenarioAnswer, answer: Answer) -> list[str]:
    m, unit = one.money_possible, answer.company.currency or "(currency not known)"
    if not one.possible.products:
        return ["", "MONEY  cannot be told: no product with a plan is known"]
    low, mid, high = one.bands.lost_margin
    sure, drawn = one.money_certain, f"{span(low, high)}, middle {amount(mid)}"
    low, _, high = (one.unlicensed or one.bands).lost_margin
    refused = f"; without licences {span(low, high)}" if one.unlicensed else ""
    text = [
        "",
        f"MONEY  {lost(m.counts)}, {answer.days} days: {loss(m.least, m)} {unit}",
        "  from stocks allotted best to all drawing until they stop",
        f"  certain lines only: {loss(sure.least, sure)}",
        f"  drawn cases, licences applied for: {drawn}{refused}",
        f"  revenue exposed: {amount(m.exposed)} (overstates: stock and other sources left aside)",
    ]
    if m.unseen:
        text.append(f"  of the high side, products not seen in full: {amount(m.unseen)}")
    for what, names in (("sales counted, no margin told", m.by_sales), ("no price, not counted", m.unpriced)):
        if names:
            text.append(f"  {what}: {len(names)} products ({', '.join(names[:5])})")
    return text


def _some(one: ScenarioAnswer) -> list[str]:
    """Items that stop for some customers and go on for the others."""
    found = sorted(one.only_for, key=lambda name: (one.possible.item_days.get(name) or 10**6, name))
    text = [
        f"  {name:<28} {short(one.possible.item_days.get(name), one.possible.item_unseen(name)):>6}"
        for name in found[:SHOWN]
    ]
    if len(found) > SHOWN:
        text.append(f"  and {len(found) - SHOWN} more")
    return ["", "STOPS FOR SOME CUSTOMERS ONLY (days that what is there lasts them)", *text] if found else []


def _relief(one: ScenarioAnswer) -> list[str]:
    text = ["", "WHAT BINDS (days of the item; days of the firm if it alone came without limit)"]
    for r in one.relief[:SHOWN]:
        text.append(f"  {r.item:<16} {short(r.item_days):>6}   {short(r.firm_days, one.possible.unseen):>6}")
    return text if one.relief else []


def _fix(fix: FixList, unit: str) -> list[str]:
    rate = fix.days_per_million
    each = "" if rate is None else f", {rate:.2g} days a million"
    change = f"{amount(fix.loss_before)} -> {amount(fix.loss_after)} {unit}"
    first = f"{short(fix.days_before)} -> {short(fix.days_after)}{each}"
    head = f"FIXES for {amount(fix.budget)} {unit}: expected loss {change}; first stop {first}"
    text = ["", head]
    for o in fix.options[:FIXES]:
        text.append(f"  {o.name:<20} {o.kind:<14} ready day {o.ready:>4}  {amount(o.cost)} {unit}  {o.note}")
    if len(fix.options) > FIXES:
        text.append(f"  and {len(fix.options) - FIXES} more")
    if not fix.proven:
        text.append("  the search was cut off: not proven to be the best list")
    return text
