"""Verdicts: clauses of one shipment, the headline among them, and the record that is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..core.source import Source
from .measure import Status

Verdict = Literal["prohibited", "review", "licence", "not_covered"]
VERDICTS: tuple[Verdict, ...] = ("prohibited", "review", "licence", "not_covered")
"""Most severe first (rule G4)."""

DECIDES: dict[str, Verdict] = {
    "prohibited": "prohibited",
    "refused_in_principle": "prohibited",
    "review": "review",
    "licence": "licence",
}
"""Outcomes of a clause that decide; every other outcome is information."""


@dataclass(frozen=True)
class Clause:
    """One rule that meets a shipment.

    outcome: prohibited, refused_in_principle, review, licence; or information: suspended,
    not_applicable, not_banned, near_miss, route, reported_practice. fact: what in the shipment met it;
    text: the rule's published explanation; ask: the question that would settle it.
    """

    measure: str
    rule: str
    status: Status
    outcome: str
    fact: str
    text: str
    sources: tuple[Source, ...]
    ask: str = ""

    @property
    def rank(self) -> int:
        """Place in the order of severity, 0 the most severe; information comes last."""
        verdict = DECIDES.get(self.outcome)
        return VERDICTS.index(verdict) if verdict else len(VERDICTS)

    def as_json(self) -> dict[str, str]:
        """The clause in the form of the contract."""
        return {
            "measure": self.measure,
            "rule": self.rule,
            "status": state_word(self.status),
            "outcome": self.outcome,
            "reason": f"{self.fact}. {self.text}" if self.fact else self.text,
            "source": "; ".join(cite(s) for s in self.sources[:2]),
        }


@dataclass(frozen=True)
class Decision:
    """The answer for one shipment: verdict, clauses with the most severe first, missing facts, notes.

    question: the one question that would settle the shipment, "" where nothing is open.
    """

    verdict: Verdict
    clauses: tuple[Clause, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    question: str = ""

    def as_json(self, id_: str) -> dict[str, Any]:
        """The decision in the form of the contract."""
        asked = [f"Question: {self.question}"] if self.question else []
        return {
            "id": id_,
            "verdict": self.verdict,
            "clauses": [clause.as_json() for clause in self.clauses],
            "missing": list(self.missing),
            "notes": [*asked, *self.notes],
        }


def state_word(status: Status) -> str:
    """A status in a word: "in_force", "suspended", "unknown since 2030-01-01"."""
    if status.state == "unknown" and status.since is not None:
        return f"unknown since {status.since}"
    return status.state


def cite(source: Source) -> str:
    """A source in one line."""
    day = "" if source.date in source.title else source.date
    return ", ".join(part for part in (source.title, day, source.url) if part)


def headline(clauses: tuple[Clause, ...]) -> Verdict:
    """The most severe verdict among the clauses; "not_covered" where none decides."""
    rank = min((clause.rank for clause in clauses), default=len(VERDICTS))
    return VERDICTS[rank] if rank < len(VERDICTS) else "not_covered"
