"""What reading a text yields: a draft measure with quoted spans, claims, and library matches."""

from __future__ import annotations

from dataclasses import dataclass

from .measure import Measure


@dataclass(frozen=True)
class Span:
    """Where a field was found: characters [start, end) of the text and the quoted words."""

    field: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class Match:
    """A library measure the text speaks of: score in [0, 1] and the evidence in words."""

    measure: str
    why: str
    score: float


@dataclass(frozen=True)
class Claim:
    """A sentence of the text that asserts something we may hold a figure against.

    topic: a word of reading rules (covers, misuse_evidence, dependence, costs, decoupling, ...).
    """

    quote: str
    start: int
    end: int
    topic: str


@dataclass(frozen=True)
class Reading:
    """A text as read: contract of `kanmon read --json` plus the claims table's quotes."""

    text: str
    language: str
    is_export_restriction: bool
    why_not: str
    draft: Measure
    scopes: dict[str, tuple[str, ...]]
    status: str
    announced: str
    effective: str
    matches: tuple[Match, ...]
    claims: tuple[Claim, ...]
    spans: tuple[Span, ...]
