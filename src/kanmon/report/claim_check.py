"""The claims table: each assertion of a text against a figure of ours, or 'not measurable'."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..core.figure import Figure
from ..expose.records import ProductExposure, Series
from ..measure.measure import Coverage
from ..measure.reading import Claim
from .assessment import ClaimRow, ScenarioResult

Answer = tuple[Figure | None, str, str]
"""(our figure, the sentence, supported | disputed | unknown)"""


@dataclass(frozen=True)
class Evidence:
    """What this run knows that a claim can be held against."""

    coverage: Coverage
    exposure: Sequence[ProductExposure]
    totals: Sequence[Series]
    scenarios: Sequence[ScenarioResult]
    cost_push: Sequence[tuple[str, Figure]]


def check_claims(claims: Sequence[Claim], evidence: Evidence) -> tuple[ClaimRow, ...]:
    """One row per claim; a topic without a test of its own is 'not measurable' and says so."""
    rows: list[ClaimRow] = []
    for claim in claims:
        test = TESTS.get(claim.topic)
        if test is None and any(row.quote == claim.quote for row in rows):
            continue
        figure, answer, verdict = test(evidence) if test else (None, NOT_MEASURABLE, "unknown")
        rows.append(ClaimRow(claim.quote, claim.topic, figure, answer, verdict))
    return tuple(rows)


NOT_MEASURABLE = "not measurable with public data: a statement of one side, reported as such"


def covers(evidence: Evidence) -> Answer:
    """Does the measure reach listed goods? Count the control-list entries it meets on the date."""
    coverage = evidence.coverage
    if not coverage.entries:
        return None, "no entry of a loaded control list is tied to this measure", "unknown"
    sources = tuple(s for reason in coverage.reasons for s in reason.sources)
    if not sources:
        return None, "entries are met, but their reasons carry no source", "unknown"
    figure = Figure(
        label="control-list entries the measure meets on the date",
        value=float(coverage.entries),
        unit="entries",
        basis="sourced",
        sources=sources[:4],
        exact=True,
        note="loaded entries only",
    )
    return figure, "the loaded control list carries entries the measure meets", "supported"


def dependence(evidence: Evidence) -> Answer:
    """Is dependence heavy? The EU test for concentration: a share above one half, in each definition."""
    figures = [f for e in evidence.exposure for f in e.figures if f.label.startswith("share of imports")]
    ranged = [f for f in figures if f.low is not None and f.high is not None]
    if not ranged:
        return None, "no import shares are loaded for the covered products", "unknown"
    low = [f for f in ranged if f.low is not None and f.low > HALF]
    best = max(ranged, key=lambda f: f.low or 0.0)
    if low:
        return (
            best,
            f"{len(low)} of {len(ranged)} covered products are above one half in every definition",
            "supported",
        )
    if all(f.high is not None and f.high < HALF for f in ranged):
        return best, "no covered product is above one half in any definition", "disputed"
    return best, "above one half in some definitions and below in others", "unknown"


HALF = 50.0
"""Per cent. SWD(2021) 352 takes an import share above one half as the sign of dependence (CDI2)."""


def decline(evidence: Evidence) -> Answer:
    """Has diversification lowered the share? First against last year of the longest series."""
    series = [s for s in evidence.totals if len(s.years) >= 5]
    if not series:
        return None, "no series of five years or more is loaded", "unknown"
    changes = [100 * (s.values[-1] - s.values[0]) for s in series]
    longest = max(series, key=lambda s: len(s.years))
    change = changes[series.index(longest)]
    figure = Figure(
        label=f"change of the share {longest.years[0]} to {longest.years[-1]} ({longest.definition})",
        value=change,
        unit="percentage points",
        basis="measured",
        sources=longest.sources,
        low=min(changes),
        high=max(changes),
        note="range over definitions",
    )
    if max(changes) < 0:
        return figure, "the share fell in every definition", "supported"
    if min(changes) >= 0:
        return figure, "the share did not fall in any definition", "disputed"
    return figure, "the share fell in some definitions and rose in others", "unknown"


def costs(evidence: Evidence) -> Answer:
    """Would costs rise? The cost push through the table."""
    if not evidence.cost_push:
        return None, "no price or cost figure could be made for the covered products", "unknown"
    _, figure = evidence.cost_push[0]
    rises = (figure.low or 0.0) > 0 or (figure.value or 0.0) > 0
    return figure, "input costs rise through the table", "supported" if rises else "unknown"


def disruption(evidence: Evidence) -> Answer:
    """Would supply chains be disrupted? The loss of the widest scenario after the longest period."""
    bounded = [s for s in evidence.scenarios if s.losses]
    if not bounded:
        return None, "no scenario could be run", "unknown"
    worst = max(bounded, key=lambda s: s.losses[-1].if_lasts.high or 0.0)
    figure = worst.losses[-1].if_lasts
    if (figure.low or 0.0) > 0:
        return figure, f"output is lost in at least 95 % of draws ({worst.name})", "supported"
    return figure, f"the range includes no loss ({worst.name})", "unknown"


def feared(evidence: Evidence) -> Answer:
    """Are goods that are only feared to be covered on the control list already?"""
    named = {c.product for c in evidence.coverage.scenario("feared") if c.certainty == "possible"} - {""}
    listed = {c.product for c in evidence.coverage.scenario("letter")}
    sources = tuple(s for reason in evidence.coverage.reasons for s in reason.sources)
    if not named or not sources:
        return None, "no loaded product stands for the goods feared", "unknown"
    figure = Figure(
        label="feared products that the control list reaches already",
        value=float(len(named & listed)),
        unit=f"of {len(named)} products",
        basis="sourced",
        sources=sources[:4],
        exact=True,
        note="loaded entries only",
    )
    if named <= listed:
        return (
            figure,
            "all are controlled items already; the measure reaches them by user and use",
            "supported",
        )
    return figure, "some are controlled items already, the others are not itemised", "unknown"


TESTS: dict[str, Callable[[Evidence], Answer]] = {
    "covers": covers,
    "feared_coverage": feared,
    "dependence": dependence,
    "diversification": decline,
    "decoupling": decline,
    "costs": costs,
    "disruption": disruption,
}
"""Topic of a claim (measure/claims.py) -> the test that answers it."""
