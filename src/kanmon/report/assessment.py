"""Everything a report is made from. Filled by app/run.py, read by findings.py and json_out.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ..core.figure import Figure
from ..core.source import Source
from ..engines.base import Outcome
from ..expose.records import DurationResult, ProductExposure, Series, Shock
from ..measure.measure import Coverage, Event, Measure, Status
from ..measure.reading import Reading
from ..respond.records import ResponseValue


@dataclass(frozen=True)
class Loss:
    """Loss of one buyer after m months: both metrics of the contract, share and money.

    months; if_lasts and expected as per cent of GDP; money is if_lasts in the buyer's currency or
    USD. basis and range live in the figures. draws_error: Monte-Carlo standard error of the median.
    """

    buyer: str
    months: int
    if_lasts: Figure
    expected: Figure
    money: Figure
    direct: Figure
    draws_error: float


@dataclass(frozen=True)
class Bottleneck:
    """A sector that is cut, the input that cuts it, and how often over the draws."""

    region: str
    sector: str
    product: str
    share_of_draws: Figure
    output_lost: Figure
    first_stop: Figure


@dataclass(frozen=True)
class Fitted:
    """The loss after m months on the same draws, plain and weighed against a past episode."""

    months: int
    plain: Figure
    weighed: Figure


@dataclass(frozen=True)
class ScenarioResult:
    """One scenario run through the engine under each rationing rule."""

    name: str
    shock: Shock
    outcomes: tuple[Outcome, ...]
    losses: tuple[Loss, ...]
    other_losses: tuple[Loss, ...]
    first_stop: Figure
    first_stop_sector: str
    sectors: tuple[tuple[str, Figure], ...]
    bottlenecks: tuple[Bottleneck, ...]
    by_rule: tuple[tuple[str, Figure], ...]
    drivers: tuple[tuple[str, Figure], ...]
    fan_days: tuple[int, ...]
    fan: tuple[tuple[float, float, float], ...]
    """Cumulative loss on each of fan_days as (5 %, median, 95 %) per cent of a year's GDP."""
    fitted: tuple[Fitted, ...] = ()


@dataclass(frozen=True)
class PublishedRow:
    """A published estimate beside ours, with the assumptions of ours that come nearest."""

    author: str
    date: str
    scenario: str
    theirs: Figure
    ours: Figure | None
    nearest: str
    months: int | None = None
    """Horizon of their figure; None where it is not published."""


@dataclass(frozen=True)
class ClaimRow:
    """A sentence of the text against our figure: supported, disputed or unknown, and why."""

    quote: str
    topic: str
    ours: Figure | None
    answer: str
    verdict: str


@dataclass(frozen=True)
class Assessment:
    """The whole answer to `kanmon assess`."""

    measure: Measure
    on: date
    on_note: str
    status: Status
    buyer: str
    buyer_note: str
    seller: str
    coverage: Coverage
    exposure: tuple[ProductExposure, ...]
    totals: tuple[Series, ...]
    scenarios: tuple[ScenarioResult, ...]
    cost_push: tuple[tuple[str, Figure], ...]
    duration: DurationResult | None
    responses: tuple[ResponseValue, ...]
    published: tuple[PublishedRow, ...]
    timeline: tuple[Event, ...]
    reading: Reading | None
    claims: tuple[ClaimRow, ...]
    unknowns: tuple[tuple[str, str], ...]
    """(what we do not know, what would settle it)"""
    missing: tuple[tuple[str, str], ...]
    """(what the embedded data do not reach, how to load it)"""
    assumptions: tuple[str, ...]
    manifest: dict[str, str]
    sources: tuple[Source, ...]
    rows: dict[str, tuple[Source, ...]] = field(default_factory=dict)
    """By scenario, the rows of our own tables behind its figures; `sources` hold one card for each table."""
