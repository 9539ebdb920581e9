"""Each purchase line of the ledger under the coverage rules; equal lines are judged once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

from ..measure.verdict import DECIDES, Decision, cite
from . import watchlist
from .customers import Reached, reached_customers
from .documents import Documents, documents
from .elsewhere import freed, unsettled
from .facts import key, shipments
from .grades import with_guesses
from .lines import WHENCE, as_if_imposed, guessed, instead_of, lead
from .records import Company, Network
from .weigh import decisions, merged, with_clauses

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from .lines import Asked

SAME = ("part", "description", "hs_code", "origin", "supplier", "supplier_name")
"""Columns in which two purchase lines are one and the same to the rules."""
TOLD = ("verdict", "layer", "measures", "entries", "reason", "source", "question")
"""Columns that the rules add to a purchase line, `content_basis` aside."""
PLACE = ("part", "origin", "supplier_country", "content_origin", "guess")
"""What of a line tells where it comes from, its item first."""


@dataclass(frozen=True)
class LedgerAnswer:
    """Purchase lines with verdicts. lines: file, row, value, verdict and the words that go with it.

    totals: verdict -> (lines, value in the firm's currency); lines without a rate count as nought and
    their number is in `without_value`. layer: as of a source (`records.Line`); held: of the lines that are
    not covered themselves, those that hold, or may hold, content of an imposer.
    """

    lines: pl.DataFrame
    totals: dict[str, tuple[int, float]]
    without_value: int
    held: tuple[int, float] = (0, 0.0)


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
    totals = lines.group_by("verdict").agg(pl.len(), pl.col("own_value")).rows()
    held = lines.filter(pl.col("layer") == "foreign_content")
    return LedgerAnswer(
        lines,
        {v: (int(n), _sum(x)) for v, n, x in totals},
        int(lines["own_value"].null_count()),
        (held.height, _sum(held["own_value"].to_list())),
    )


def _sum(values: Sequence[float | None]) -> float:
    """The exact sum, the same in whatever order the values come; unknown ones count as nought."""
    return fsum(v for v in values if v is not None)


class LedgerJudge:
    """The rules for distinct purchase lines of one firm; what does not depend on the line is found once."""

    def __init__(self, company: Company, asked: Asked, net: Network | None = None) -> None:
        from ..measure.check_bulk import Memory

        self.asked = asked
        self._memory = Memory()
        self._known = _known(company)
        self._documents = documents(company)
        self._listed = watchlist.findings(company, asked.firm)
        own = [f.code for f in self._listed if f.role == "customer"]
        self._reached = reached_customers(company, net, own) if net else Reached()

    def told(self, distinct: pl.DataFrame) -> pl.DataFrame:
        """Distinct lines (columns SAME) with verdict, measures, entries, reason, source and question."""
        import polars as pl

        rows = with_guesses(_filled(self._known, self._documents, distinct))
        asked = self.asked
        goods = shipments(rows, self._reached, asked)
        goods = pl.concat([goods, *as_if_imposed(rows, goods, asked)])
        said = decisions(goods, asked.on, memory=self._memory)
        met = watchlist.met(rows, self._reached, self._listed, asked.imposers)
        # Few decisions and parties lie behind many lines: each pair is weighed and put in words once.
        kept: dict[tuple[object, ...], dict[str, str]] = {}
        alive = []  # decisions whose ids stand in `kept`
        words = []
        for number, row in enumerate(rows.select(PLACE).iter_rows(named=True)):
            ids = [key(number, k) for k in self._reached.classes_of(row["part"])]
            there = [(n, other) for n in ids if (other := instead_of(said, n, asked))]
            place = tuple(row[c] for c in PLACE[1:])
            both = [(n, said[n]) for n in ids] + there
            which = (place, *((id(one), met[n]) for n, one in both))
            if which not in kept:
                alive.append(both)
                one = merged([_weighed(freed(row, said[n], asked), met[n], asked.on) for n in ids])
                apart = [_weighed(other, met[n], asked.on) for n, other in there]
                kept[which] = _told(row, one, merged(apart) if apart else None)
            words.append(kept[which])
        told = pl.DataFrame(words, schema=dict.fromkeys(TOLD, pl.String))
        return pl.concat([distinct.with_columns(content_basis=rows["basis"]), told], how="horizontal")


def _question(row: Mapping[str, str | None], decision: Decision, instead: Decision | None, layer: str) -> str:
    if layer != "foreign_content" or instead is None:
        return decision.question
    return instead.question if row["content_origin"] else WHENCE


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
    )


def _filled(
    known: Sequence[tuple[pl.DataFrame, list[str]]], said: Documents, distinct: pl.DataFrame
) -> pl.DataFrame:
    """Distinct lines in the columns that `shipments` reads, in their order."""
    import polars as pl

    rows = distinct
    for table, by in known:
        rows = rows.join(table, on=by, how="left", maintain_order="left")
    rows = said.laid(rows)
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


def _told(row: Mapping[str, str | None], decision: Decision, instead: Decision | None) -> dict[str, str]:
    """A decision in the columns that are added to the user's rows.

    instead: what the rules would say of a good made elsewhere if it came from the imposer.
    """
    through = instead is not None and instead.verdict != "not_covered"
    layer = "direct" if decision.verdict != "not_covered" else "foreign_content" if through else "none"
    shown = [c for c in decision.clauses if c.outcome in DECIDES]
    if instead and layer == "foreign_content":
        shown = [c for c in instead.clauses if c.outcome in DECIDES]
    first = shown[0] if shown else None
    reason = f"{first.fact}. {first.text}" if first and first.fact else first.text if first else ""
    return {
        "verdict": decision.verdict,
        "measures": ", ".join(dict.fromkeys(c.measure for c in shown)),
        "entries": "; ".join(dict.fromkeys(c.fact for c in shown if c.fact)),
        "layer": layer,
        "reason": lead(row, layer)
        + (reason or "; ".join([*filter(None, [unsettled(decision)]), *decision.notes[:2]]))
        + guessed(row),
        "source": "; ".join(cite(s) for s in first.sources[:1]) if first else "",
        "question": _question(row, decision, instead, layer),
    }
