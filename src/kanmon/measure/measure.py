"""The record of an export restriction: who restricts what to whom, since when, on which words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ..core.figure import Figure
from ..core.source import Source

Precision = Literal["day", "month", "about"]
State = Literal["proposed", "announced", "in_force", "suspended", "lifted", "unknown"]
Instrument = Literal["ban", "licence", "quota", "tax", "listing", "other"]
Certainty = Literal["stated", "possible"]
EndUser = Literal[
    "all",
    "military",
    "strength_enhancing",
    "listed_parties",
    "listed_and_affiliates",
    "named_companies",
    "unknown",
]
EndUse = Literal["all", "military", "strength_enhancing", "semiconductor", "supercomputer", "wmd", "unknown"]
ResponseKind = Literal[
    "protest",
    "demand_withdrawal",
    "wto",
    "countermeasure",
    "talks",
    "support_package",
    "other",
]


@dataclass(frozen=True, order=True)
class When:
    """A date as well as it is known. `day` is the first day of the month when only that is known."""

    day: date
    precision: Precision = "day"
    note: str = ""

    def __str__(self) -> str:
        text = f"{self.day:%Y-%m}" if self.precision == "month" else self.day.isoformat()
        return f"about {text}" if self.precision == "about" else text


@dataclass(frozen=True)
class Item:
    """Goods a measure meets: the phrase of the source, codes, elements, and how sure the match is.

    hs: text of 4 or 6 digits; elements: chemical symbols or a group word of several elements;
    control_codes: entries of a control list; products: ids of the product catalogue that the item
    stands for (filled from codes and elements, never from the measure's name).
    """

    phrase: str
    hs: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    control_codes: tuple[str, ...] = ()
    certainty: Certainty = "stated"
    products: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Limb:
    """One operative part of a measure with dates of its own.

    `handling` is "letter" for what the text orders and "practice" for what was reported beside it.
    suspended_until is the first day on which the suspension no longer holds. targets: whom this part
    meets where it differs from the measure (empty: the targets of the measure). affected: share of
    the buyer's purchases that the part reaches, where something is known of it. told: the state in the
    words of the text a draft was read from; it decides where the dates do not. volume: share of the normal
    flow that a quota lets through, where one is known.
    """

    id: str
    text: str
    instrument: Instrument
    effective: When | None
    end_user_scope: tuple[EndUser, ...] = ("all",)
    end_use_scope: tuple[EndUse, ...] = ("all",)
    items: tuple[Item, ...] = ()
    suspended_from: When | None = None
    suspended_until: When | None = None
    ended: When | None = None
    unknown_since: When | None = None
    handling: Literal["letter", "practice"] = "letter"
    sources: tuple[Source, ...] = ()
    targets: tuple[str, ...] = ()
    affected: Figure | None = None
    told: State = "unknown"
    volume: Figure | None = None


@dataclass(frozen=True)
class Response:
    """What a government or body did about a measure."""

    by: str
    kind: ResponseKind
    when: When | None
    text: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Status:
    """State of a measure or limb on a date; `since` is the day it began, `text` says it in words."""

    state: State
    since: date | None
    text: str


@dataclass(frozen=True)
class Measure:
    """One measure of the library, of a user's file, or drafted from a text.

    imposers and targets are ISO 3166 alpha-3, "EUR" for the European Union, or "all".
    origin: "library", "file" or "draft" - a draft is marked as such wherever it is shown.
    related: ids of other measures that belong to the same case (practice beside a letter, listings).
    flow: "import" where the imposer stops goods it buys (pressure on a seller, not a shortage); kind:
    the sort of measure in the words of the record.
    """

    id: str
    title: str
    imposers: tuple[str, ...]
    targets: tuple[str, ...]
    announced: When | None
    limbs: tuple[Limb, ...]
    legal_basis: str = ""
    instrument_name: str = ""
    re_export: bool | None = None
    reasons_given: str = ""
    trigger_as_reported: str = ""
    exemptions: str = ""
    outcome: str = ""
    responses: tuple[Response, ...] = ()
    related: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    confidence: str = ""
    notes: str = ""
    origin: Literal["library", "file", "draft"] = "library"
    flow: Literal["export", "import", "both"] = "export"
    kind: str = ""

    @property
    def items(self) -> tuple[Item, ...]:
        """All items of all limbs, in order."""
        return tuple(item for limb in self.limbs for item in limb.items)

    @property
    def effective(self) -> When | None:
        """The earliest effective date of the limbs that have one."""
        dates = [limb.effective for limb in self.limbs if limb.effective]
        return min(dates) if dates else None


@dataclass(frozen=True)
class Reason:
    """Why something is covered or not: rule, clause, status on the date, outcome, source.

    `text` is the rule's docstring: the published explanation.
    """

    measure: str
    rule: str
    status: Status
    outcome: str
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Covered:
    """One product (or bare HS line) that a measure meets on a date, in one scenario.

    product: id in the product catalogue, or "" where only HS lines are known.
    affected: low-mid-high share of the buyer's purchases that the clause reaches (named parties and
    uses reach only some buyers); None means that the share is unknown.
    volume: share of the normal flow that a quota lets through; None means that it is unknown.
    """

    scenario: Literal["letter", "practice", "full_stop", "feared"]
    product: str
    hs: tuple[str, ...]
    instrument: Instrument
    affected: tuple[float, float, float] | None
    certainty: Certainty
    reasons: tuple[Reason, ...]
    volume: Figure | None = None


@dataclass(frozen=True)
class Coverage:
    """What a measure covers on a date for one buyer, and why.

    left_out: scenario name -> the reason why it has no content.
    """

    measure: str
    on: date
    buyer: str
    seller: str
    status: Status
    covered: tuple[Covered, ...]
    reasons: tuple[Reason, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    entries: int = 0
    parties: int = 0
    questions: tuple[str, ...] = ()

    def scenario(self, name: str) -> tuple[Covered, ...]:
        """The covered products of one scenario."""
        return tuple(c for c in self.covered if c.scenario == name)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios that have content, in the order letter to feared."""
        order = ("letter", "practice", "full_stop", "feared")
        return tuple(name for name in order if self.scenario(name))


@dataclass(frozen=True)
class Event:
    """One dated event of a timeline: a measure, a change of its status, or a response to it.

    kind: announced, effective, suspended, suspension_ends, ended, unknown_since, or the kind of a
    response (protest, demand_withdrawal, wto, ...). actor and target are alpha-3, EUR or "all".
    """

    when: When
    kind: str
    actor: str
    target: str
    text: str
    measure: str
    sources: tuple[Source, ...]
