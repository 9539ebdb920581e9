"""A synthetic but consistent Assessment: every number here is invented, only the shapes are real.

The arrays are drawn at random and pass through the same code (report/summary.py) as those of a run.
"""

import importlib.util
from datetime import date
from pathlib import Path

import numpy as np

from kanmon.core.draws import Uncertain, draw
from kanmon.core.figure import Figure
from kanmon.core.source import ASSUMPTION, Source
from kanmon.engines.base import Outcome
from kanmon.expose.records import Leg, Shock, Survival
from kanmon.measure.measure import (
    Status,
)
from kanmon.report.assessment import Assessment, ClaimRow
from kanmon.report.summary import Money, scenario_result

REGIONS = ("JPN", "CHN", "USA", "DEU", "ROW")
SECTORS = ("Chemicals", "Basic metals", "Electronics", "Electrical equipment", "Motor vehicles", "Services")
PRODUCTS = ("HREE", "MAGNET", "GALLIUM")
NAMES = {"HREE": "heavy rare earth oxides", "MAGNET": "permanent magnets", "GALLIUM": "gallium"}
COUNT, DAYS, MONTHS = 32, 365, (3, 6, 12)
ON = date(2026, 11, 23)

NOTICE = Source(
    "notice", "Announcement No. 1 of 2026", "the ministry", "2026-01-06", "https://example.org/1", "", "high"
)
TRADE = Source(
    "baci",
    "Trade in minerals, HS92 <V2024>",
    "CEPII",
    "2025",
    "https://example.org/baci",
    "Etalab 2.0",
    "high",
)
TABLE = Source(
    "icio",
    "Inter-country input-output table",
    "OECD",
    "2025",
    "https://example.org/icio",
    "CC BY 4.0",
    "high",
)
STUDY = Source(
    "study", "Report of 5 Dec 2025", "an institute", "2025-12-05", "https://example.org/study", "", "medium"
)
CUSTOMS = Source("customs", "財務省貿易統計", "税関", "2026", "https://example.org/mof", "", "high")
LENGTHS = Source("durations", "How long past restrictions lasted", "compiled", "2026", "", "", "medium")

STATUS = Status(
    "in_force", date(2026, 1, 6), "in force since 2026-01-06; one limb of 3 is not known after 2026-02"
)


def records():
    """The module beside this one (tests are not a package)."""
    spec = importlib.util.spec_from_file_location(
        "sample_records", Path(__file__).with_name("sample_records.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = records()


def parameters() -> list[Uncertain]:
    def one(symbol: str, product: str, low: float, mid: float, high: float) -> Uncertain:
        return Uncertain((symbol, product, "", ""), low, mid, high, "triangular", "", "assumed", ASSUMPTION)

    return [
        one("n", "HREE", 30, 90, 200),
        one("n", "MAGNET", 10, 40, 90),
        one("phi", "MAGNET", 0.1, 0.4, 0.9),
        one("l_max", "", 0.0, 0.2, 0.6),
    ]


def describe(key: tuple[str, ...]) -> str:
    words = {
        "n": "days of stock",
        "phi": "share of output that needs",
        "l_max": "leakage through third countries",
    }
    return " of ".join(w for w in (words[key[0]], NAMES.get(key[1], "")) if w)


def outcome(scenario: str, size: float, rationing: str, *, bound: bool = False) -> Outcome:
    """Losses that set in after a stock is used up, smaller where more is in stock."""
    draws = draw(parameters(), COUNT, 7)
    rng = np.random.default_rng(len(scenario) + len(rationing))
    stock, need = draws.get("n", "MAGNET"), draws.get("phi", "MAGNET")
    day = np.arange(DAYS)
    rise = np.clip((day[None, :] - stock[:, None]) / 60, 0, 1) * (1 - 0.4 * np.clip(day / 365, 0, 1))
    va_year = np.broadcast_to(np.array([4.2e6, 1.7e7, 2.4e7, 4.1e6, 4e7]), (COUNT, 5)).copy()
    weight = np.array([1.0, 0.1, 0.05, 0.04, 0.01])
    daily = size * need[:, None, None] * rise[:, :, None] * weight * va_year[:, None, :] / 365 * 0.05
    split = np.array([0.05, 0.05, 0.25, 0.25, 0.35, 0.05]) * rng.uniform(0.7, 1.3, (COUNT, 6))
    ends = [int(round(m * 365 / 12)) for m in MONTHS]
    sector = np.stack([daily[:, :end].sum(axis=1)[:, :, None] * split[:, None, :] for end in ends], axis=1)
    first = np.full((COUNT, 5, 6), np.nan)
    first[:, 0, 3] = stock + 6
    first[:, 0, 4] = np.where(need > 0.4, stock + 15, np.nan)
    first[first > DAYS] = np.nan
    if size < 0.1:
        first[:] = np.nan
    binding = np.full((COUNT, 5, 6), -1, dtype=np.int64)
    lost = np.zeros((COUNT, 5, 6, 3))
    lost[:, 0, 4, 1] = 0.08 * size * need
    lost[:, 0, 3, 1] = 0.06 * size * need
    lost[:, 0, 2, 2] = 0.02 * size * need
    return Outcome(
        engine="sector, shortage day by day",
        scenario=scenario,
        rationing=rationing,  # type: ignore[arg-type]
        regions=REGIONS,
        sectors=SECTORS,
        products=PRODUCTS,
        months=MONTHS,
        va_lost_daily=daily,
        va_lost_sector=sector,
        va_year=va_year,
        first_day_1pct=first,
        first_day_5pct=first,
        binding=binding,
        binding_loss=lost,
        cover_margin=np.full((COUNT, 5, 3, 6), np.nan),
        direct_va_lost=0.6 * daily.sum(axis=1),
        final_unserved=0.1 * daily.sum(axis=1),
        upper_bound_only=bound,
        assumptions=("Output falls with the scarcest input; at least 1 day of working stock is kept.",),
        sources=(TABLE, TRADE, ASSUMPTION),
    )


def scenario(name: str, size: float, stopped: str, survival: Survival, *, bound: bool = False):
    kept = np.full((COUNT, DAYS), 1 - min(size, 1.0))
    leg = Leg("CHN", "HREE", ("JPN",), kept, np.zeros((COUNT, DAYS)))
    shock = Shock(
        name,
        stopped,
        (leg,),
        DAYS,
        COUNT,
        {},
        bound,
        ("The ban holds from its day on.",),
        (NOTICE, ASSUMPTION),
    )
    rules = ("contract_first", "contract_and_final", "proportional")
    outcomes = {rule: outcome(name, size * (1 - 0.3 * k), rule, bound=bound) for k, rule in enumerate(rules)}
    money = Money(6000.0, "JPY billion", (TABLE,))
    draws = draw(parameters(), COUNT, 7)
    return scenario_result(
        shock,
        outcomes,
        "JPN",
        ("CHN", "USA"),
        MONTHS,
        draws,
        survival,
        money,
        lambda s: NAMES.get(s, s),
        describe,
    )


UNKNOWNS = (
    ("whom the measure reaches", "is the end user one of the 40 listed parties?"),
    (
        "days of stock of permanent magnets",
        "a measured value would narrow the band more than most others",
    ),
)


def claims(ours: Figure) -> tuple[ClaimRow, ...]:
    return (
        ClaimRow(
            "The country remains heavily dependent",
            "dependence",
            ours,
            "above one half in 2 of 3 definitions",
            "supported",
        ),
        ClaimRow(
            "no evidence of misuse",
            "misuse_evidence",
            None,
            "a statement of one side, reported as such",
            "unknown",
        ),
    )


def sample() -> Assessment:
    curve = made.survival()
    found = (
        scenario("letter", 0.03, "dual-use items to 40 listed parties: 2 to 12 % of purchases", curve),
        scenario("practice", 0.4, "licences take 45 working days and half are granted", curve),
        scenario("full_stop", 1.0, "all covered products to every buyer", curve),
        scenario("feared", 1.4, "every rare earth as well; no product data", curve, bound=True),
    )
    ours = made.exposure()[0].figures[0]
    return Assessment(
        measure=made.measure(),
        on=ON,
        on_note="the newest source date of the library; the clock is not read",
        status=STATUS,
        buyer="JPN",
        buyer_note="the target of the measure",
        seller="CHN",
        coverage=made.coverage(),
        exposure=made.exposure(),
        totals=made.totals(),
        scenarios=found,
        cost_push=(
            (
                "all industries of the buyer",
                Figure("cost push, mean", 0.04, "% of unit cost", "assumed", (TABLE,), 0.01, 0.2),
            ),
            (
                "Electrical equipment",
                Figure("cost push, C27", 0.9, "% of unit cost", "assumed", (TABLE,), 0.2, 3.1),
            ),
        ),
        duration=made.duration(curve),
        responses=made.responses(),
        published=made.published(),
        timeline=made.timeline(),
        reading=made.reading(),
        claims=claims(ours),
        unknowns=UNKNOWNS,
        missing=(("gallium", "no flows by grade: load customs data at 9 digits"),),
        assumptions=("The ban holds from its day on.", "At least 1 day of working stock is kept."),
        manifest={"kanmon": "0.1.0", "measure": "XX-2026-01", "seed": "1", "draws": "32"},
        sources=(NOTICE, STUDY, TRADE, TABLE),
    )
