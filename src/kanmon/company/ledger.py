"""Each purchase line of the ledger under the coverage rules; equal lines are judged once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..measure.verdict import DECIDES, Decision, cite
from . import watchlist
from .customers import Reached, reached_customers
from .facts import contents, key, shipments
from .records import Company, Network
from .weigh import decisions, merged, with_clauses

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from .lines import Asked

SAME = ("part", "description", "hs_code", "origin", "supplier", "supplier_name")
"""Columns in which two purchase lines are one and the same to the rules."""
TOLD = ("verdict", "measures", "entries", "reason", "source", "question")
"""Columns that the rules add to a purchase line, `content_basis` aside."""


@dataclass(frozen=True)
class LedgerAnswer:
    """Purchase lines with verdicts. lines: file, row, value, verdict and the words that go with it.

    totals: verdict -> (lines, value in the firm's currency); lines without a rate count as nought and
    their number is in `without_value`.
    """

    lines: pl.DataFrame
    totals: dict[str, tuple[int, float]]
    without_value: int


def judge_ledger(company: Company, asked: Asked, net: Network | None = None) -> LedgerAnswer | None:
    """Verdicts of all purchase lines; None where there is no ledger.

    With `net` the end uses and listed customers that a line's item reaches count; without it they are
    not known.

    Blank customs codes, origins and descriptions of a line are filled from the item master and, where
    the item has one source only from that supplier, from the sources; what stays unknown is asked.
    """
    import polars as pl

    ledger = company["ledger"]
    if ledger.height == 0:
        return None
    answers = LedgerJudge(company, asked, net).told(ledger.select(SAME).unique(maintain_order=True))
    lines = ledger.join(answers, on=list(SAME), how="left", maintain_order="left", nulls_equal=True)
    amount = pl.coalesce("value", pl.col("quantity") * pl.col("price") / pl.col("price_per").fill_null(1.0))
    lines = lines.with_columns(own_value=amount * pl.col("rate"))
    totals = lines.group_by("verdict").agg(pl.len(), pl.col("own_value").sum()).rows()
    return LedgerAnswer(
        lines, {v: (int(n), float(x)) for v, n, x in totals}, int(lines["own_value"].null_count())
    )


class LedgerJudge:
    """The rules for distinct purchase lines of one firm; what does not depend on the line is found once."""

    def __init__(self, company: Company, asked: Asked, net: Network | None = None) -> None:
        from ..measure.check_bulk import Memory

        self.asked = asked
        self._memory = Memory()
        self._known = _known(company)
        self._listed = watchlist.findings(company, asked.firm)
        own = [f.code for f in self._listed if f.role == "customer"]
        self._reached = reached_customers(company, net, own) if net else Reached()

    def told(self, distinct: pl.DataFrame) -> pl.DataFrame:
        """Distinct lines (columns SAME) with verdict, measures, entries, reason, source and question."""
        import polars as pl

        rows = _filled(self._known, distinct)
        said = decisions(shipments(rows, self._reached, self.asked), self.asked.on, memory=self._memory)
        met = watchlist.met(rows, self._reached, self._listed, self.asked.imposers)
        # Few decisions and parties lie behind many lines: each pair is weighed and put in words once.
        kept: dict[tuple[object, ...], dict[str, str]] = {}
        words = []
        for number, part in enumerate(rows["part"].to_list()):
            ids = [key(number, k) for k in self._reached.classes_of(part)]
            which = tuple((id(said[name]), met[name]) for name in ids)
            if which not in kept:
                kept[which] = _told(merged([_weighed(said[n], met[n], self.asked.on) for n in ids]))
            words.append(kept[which])
        told = pl.DataFrame(words, schema=dict.fromkeys(TOLD, pl.String))
        return pl.concat([distinct.with_columns(content_basis=rows["basis"]), told], how="horizontal")


def _weighed(one: Decision, met: Sequence[watchlist.Finding], on: date) -> Decision:
    return with_clauses(one, watchlist.clauses(met, one.clauses, on)) if met else one


def _known(company: Company) -> tuple[tuple[pl.DataFrame, list[str]], ...]:
    """Tables that fill the gaps of a purchase line, with the columns they are joined by."""
    import polars as pl

    master = company["parts"].select(
        "part", "description_local", "control_code", own_text="description", own_hs="hs_code"
    )
    suppliers = company["suppliers"].select("supplier", "name", supplier_country="country")
    sources = company["sources"].drop_nulls(["part", "supplier"])
    only = (
        sources.group_by("part", "supplier")
        .agg(pl.col("origin", "content_origin").first(), pl.len().alias("ways"))
        .filter(pl.col("ways") == 1)
        .select("part", "supplier", "content_origin", own_origin="origin")
    )
    return (
        (master, ["part"]),
        (suppliers, ["supplier"]),
        (only, ["part", "supplier"]),
        (contents(company), ["part"]),
    )


def _filled(known: Sequence[tuple[pl.DataFrame, list[str]]], distinct: pl.DataFrame) -> pl.DataFrame:
    """Distinct lines in the columns that `shipments` reads, in their order."""
    import polars as pl

    rows = distinct
    for table, by in known:
        rows = rows.join(table, on=by, how="left", maintain_order="left")
    same = pl.col("origin").is_null() | (pl.col("origin") == pl.col("own_origin"))
    return rows.with_columns(
        description=pl.concat_str(["description", "own_text"], separator="; ", ignore_nulls=True),
        hs_code=pl.coalesce("hs_code", "own_hs"),
        origin=pl.coalesce("origin", "own_origin"),
        content_origin=pl.when(same).then("content_origin"),
        name=pl.coalesce("supplier_name", "name"),
        content=pl.col("content").fill_null(""),
        told=pl.col("told").fill_null(""),
        basis=pl.col("basis").fill_null("unknown"),
    )


def _told(decision: Decision) -> dict[str, str]:
    """A decision in the columns that are added to the user's rows."""
    shown = [c for c in decision.clauses if c.outcome in DECIDES]
    first = shown[0] if shown else None
    reason = f"{first.fact}. {first.text}" if first and first.fact else first.text if first else ""
    return {
        "verdict": decision.verdict,
        "measures": ", ".join(dict.fromkeys(c.measure for c in shown)),
        "entries": "; ".join(dict.fromkeys(c.fact for c in shown if c.fact)),
        "reason": reason or "; ".join(decision.notes[:2]),
        "source": "; ".join(cite(s) for s in first.sources[:1]) if first else "",
        "question": decision.question,
    }
