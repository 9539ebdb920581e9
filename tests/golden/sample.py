"""A synthetic but consistent Assessment: every number here is invented, only the shapes are real.

The arrays are drawn at random and pass through the same code (report/summary.py) as those of a run.
"""

from datetime import date

import numpy as np

from kanmon.core.draws import Uncertain, draw
from kanmon.core.figure import Figure
from kanmon.core.source import ASSUMPTION, Source
from kanmon.engines.base import Outcome
from kanmon.expose.records import DurationResult, Leg, ProductExposure, Series, Shock, Survival
from kanmon.measure.measure import (
    Coverage,
    Covered,
    Event,
    Item,
    Limb,
    Measure,
    Reason,
    Response,
    Status,
    When,
)
from kanmon.measure.reading import Claim, Match, Reading, Span
from kanmon.report.assessment import Assessment, ClaimRow, PublishedRow
from kanmon.report.summary import Money, scenario_result
from kanmon.respond.records import ResponseValue

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


def measure() -> Measure:
    limb = Limb(
        "a",
        "dual-use items to military users and for uses that raise military strength",
        "ban",
        When(date(2026, 1, 6)),
        ("military", "strength_enhancing"),
        ("military",),
        (Item("dual-use items", hs=("280530", "2846"), elements=("Dy", "Tb"), sources=(NOTICE,)),),
        sources=(NOTICE,),
    )
    return Measure(
        id="XX-2026-01",
        title="Dual-use items: military users and uses",
        imposers=("CHN",),
        targets=("JPN",),
        announced=When(date(2026, 1, 6)),
        limbs=(limb,),
        legal_basis="Export Control Law, Article 12",
        reasons_given="national security and interests, non-proliferation",
        trigger_as_reported="remarks made in parliament on 7 November 2025",
        exemptions="civil users of other items keep their licences (两用物项)",
        responses=(
            Response("JPN", "protest", When(date(2026, 1, 7)), "lodged a protest; “unacceptable”", (STUDY,)),
            Response(
                "JPN",
                "demand_withdrawal",
                When(date(2026, 1, 7)),
                "demanded withdrawal (撤回を要求)",
                (STUDY,),
            ),
            Response("USA", "talks", None, "raised the matter in talks", ()),
        ),
        related=("XX-2026-02",),
        sources=(NOTICE, STUDY),
        confidence="high",
    )


def reason(rule: str, outcome: str, text: str) -> Reason:
    return Reason("XX-2026-01", rule, STATUS, outcome, text, (NOTICE,))


def coverage() -> Coverage:
    ban = reason("R1-a", "prohibited", "Exports to military users are banned (paragraph 1).")
    lic = reason("R3-b", "licence", "Listed items need a licence; review takes up to 45 working days.")
    rows = [
        Covered("letter", "HREE", ("280530", "284690"), "ban", (0.02, 0.05, 0.12), "stated", (ban,)),
        Covered("letter", "MAGNET", ("850511",), "ban", None, "stated", (ban,)),
        Covered("practice", "HREE", ("280530", "284690"), "licence", (0.3, 0.5, 0.8), "stated", (lic,)),
        Covered("full_stop", "HREE", ("280530", "284690"), "ban", (1.0, 1.0, 1.0), "stated", (ban,)),
        Covered("full_stop", "MAGNET", ("850511",), "ban", (1.0, 1.0, 1.0), "possible", (ban,)),
        Covered("full_stop", "", ("811292", "811299"), "ban", (1.0, 1.0, 1.0), "possible", (ban, lic)),
    ]
    return Coverage(
        measure="XX-2026-01",
        on=ON,
        buyer="JPN",
        seller="CHN",
        status=STATUS,
        covered=tuple(rows),
        reasons=(ban, lic),
        left_out=(("feared", "the record marks no item as possible"),),
        entries=87,
        parties=40,
        questions=("is the end user one of the 40 listed parties, or owned by one at 50 % or more?",),
    )


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


def exposure() -> tuple[ProductExposure, ...]:
    years = tuple(range(2010, 2025))
    rng = np.random.default_rng(3)
    found = []
    for product, level in (("HREE", 0.62), ("MAGNET", 0.78), ("GALLIUM", 0.41)):
        value = np.clip(level + 0.2 - 0.015 * np.arange(15) + rng.normal(0, 0.02, 15), 0, 1)
        series = (
            Series("share", "by value, HS 280530", "share", years, tuple(value), "measured", (TRADE,)),
            Series(
                "share", "by weight, HS 280530", "share", years, tuple(value * 0.93), "measured", (TRADE,)
            ),
            Series("share", "customs, 2023 only", "share", (2023,), (level - 0.05,), "sourced", (CUSTOMS,)),
        )
        figures = (
            Figure(
                f"share of imports of {NAMES[product]} from CHN, 2024",
                None,
                "%",
                "measured",
                (TRADE, CUSTOMS),
                100 * float(value[-1]) * 0.93,
                100 * float(value[-1]),
                note="2 definitions",
            ),
            Figure("Herfindahl index by value, 2024", 0.4412, "index", "measured", (TRADE,), exact=True),
            Figure("stock cover", 90, "days of use", "assumed", (ASSUMPTION,), 30, 200),
            Figure("state stock", None, "days of use", "sourced", (STUDY,), note="never published"),
        )
        partners = (
            ("CHN", level, level * 0.9, 420.0 * level, 5200.0),
            ("VNM", 0.2, 0.25, 90.0, 1300.0),
            ("USA", 0.05, 0.03, 30.0, 200.0),
            ("FRA", 0.04, 0.02, 22.0, float("nan")),
            ("SGP", 0.01, 0.01, 6.0, 20.0),
        )
        found.append(
            ProductExposure(
                product,
                NAMES[product],
                "JPN",
                "CHN",
                ("280530",),
                figures,
                series,
                partners,
                2024,
                "customs puts the share of 2023 five points lower" if product == "HREE" else "",
                ("no flows by grade: load customs data at 9 digits",),
            )
        )
    return tuple(found)


def totals() -> tuple[Series, ...]:
    years = tuple(range(2005, 2025))
    fall = np.linspace(0.9, 0.6, 20)
    return (
        Series("all", "by value, all covered goods", "share", years, tuple(fall), "measured", (TRADE,)),
        Series(
            "all", "by weight, all covered goods", "share", years, tuple(fall * 1.05), "measured", (TRADE,)
        ),
        Series("all", "ministry, share of supply", "share", (2009, 2020), (0.9, 0.58), "sourced", (CUSTOMS,)),
    )


def survival() -> Survival:
    days = np.arange(0, 321 + 2000, dtype=float)
    ahead = np.maximum(0.0, days - 321)
    share = np.exp(-np.floor(ahead / 60) * 60 / 900)
    return Survival(
        321, days, share, np.clip(share - 0.2 * (ahead > 0), 0, 1), np.clip(share + 0.12 * (ahead > 0), 0, 1)
    )


def duration(curve: Survival) -> DurationResult:
    def chance(months: int, mid: float) -> Figure:
        return Figure(
            f"chance that it still holds {months} months later",
            mid,
            "%",
            "inferred",
            (LENGTHS,),
            mid - 20,
            mid + 12,
        )

    return DurationResult(
        kind="export_ban",
        elapsed_days=321,
        months=MONTHS,
        survival=(chance(3, 86.0), chance(6, 80.0), chance(12, 67.0)),
        median_left_months=Figure("median time left", None, "months", "inferred", (LENGTHS,), 9.0, None),
        sample=23,
        ended=14,
        precedents=(("unannounced stop of rare earth shipments", "2010-09-21", "2010-11-24", LENGTHS.title),),
        sources=(LENGTHS,),
        curve=curve,
        note="23 cases, 14 ended; 9 lasted at least 321 days",
    )


def responses() -> tuple[ResponseValue, ...]:
    def money(label: str, mid: float, low: float, high: float) -> Figure:
        return Figure(label, mid, "USD million", "assumed", (TABLE, ASSUMPTION), low, high)

    return (
        ResponseValue(
            "stock_60",
            "60 days more stock of the covered products at all users",
            "full_stop",
            money("avoided by stock", 9000, 4000, 14000),
            money("expected, stock", 6100, 2500, 9800),
            money("cost of stock", 210, 150, 320),
            Figure("stock is there after", 90, "days", "assumed", (ASSUMPTION,), 30, 180),
        ),
        ResponseValue(
            "resourcing",
            "orders move to other makers twice as fast",
            "full_stop",
            money("avoided by sourcing", 5000, 800, 9000),
            money("expected, sourcing", 3300, 500, 6100),
            None,
            Figure("second source delivers after", 240, "days", "assumed", (ASSUMPTION,), 120, 540),
        ),
    )


def published() -> tuple[PublishedRow, ...]:
    def theirs(author: str, value: float) -> Figure:
        return Figure(author, value, "% of GDP", "sourced", (STUDY,), exact=True)

    ours = Figure("ours: full_stop, 12 months", 0.7, "% of GDP", "assumed", (TABLE, ASSUMPTION), 0.1, 1.9)
    text = "62 % of our draws are below it; nearest rule: proportional"
    rows = [
        ("Institute A (K. Author)", "2025-12-05", 0.43),
        ("Bank B", "2026-01", 0.88),
        ("Institute C", "2026-02", 0.93),
    ]
    made = [
        PublishedRow(a, d, "rare earths stop (12 months)", theirs(a, v), ours, text, 12) for a, d, v in rows
    ]
    other = Figure("Fund D", 120.0, "USD billion", "sourced", (STUDY,), exact=True)
    made.append(
        PublishedRow(
            "Fund D",
            "2026-03",
            "all minerals (24 months)",
            other,
            None,
            "about USA, not JPN: shown for scale only",
        )
    )
    return tuple(made)


def timeline() -> tuple[Event, ...]:
    def event(day: date, kind: str, actor: str, target: str, text: str, of: str) -> Event:
        return Event(When(day), kind, actor, target, text, of, (NOTICE,))

    return (
        event(
            date(2010, 9, 21), "effective", "CHN", "JPN", "Reported practice: shipments stopped", "XX-2010-RE"
        ),
        event(date(2010, 11, 24), "ended", "CHN", "JPN", "Ended: shipments stopped", "XX-2010-RE"),
        event(
            date(2012, 3, 13), "wto", "JPN", "CHN", "asked for consultations at the WTO, DS433", "XX-2010-RE"
        ),
        event(
            date(2023, 8, 1),
            "effective",
            "CHN",
            "all",
            "In force: gallium and germanium licences",
            "XX-2023-23",
        ),
        event(
            date(2025, 4, 4),
            "effective",
            "CHN",
            "all",
            "In force: seven rare earths under licence",
            "XX-2025-18",
        ),
        event(
            date(2025, 11, 10), "suspended", "CHN", "all", "Suspended: wider rare earth rules", "XX-2025-18"
        ),
        event(
            date(2026, 1, 6),
            "effective",
            "CHN",
            "JPN",
            "Announced and in force: Dual-use items: military users",
            "XX-2026-01",
        ),
        event(date(2026, 1, 7), "protest", "JPN", "CHN", "lodged a protest", "XX-2026-01"),
        event(date(2026, 2, 24), "effective", "CHN", "JPN", "In force: 20 firms listed", "XX-2026-02"),
    )


def reading() -> Reading:
    text = (
        "A ban on dual-use goods\n"
        "The country remains heavily dependent despite diversification over 10 years."
    )
    return Reading(
        text,
        "en",
        True,
        "",
        measure(),
        {"end_user_scope": ("unknown",)},
        "in_force",
        "2026-01-06",
        "2026-01-06",
        (Match("XX-2026-01", "same parties, instrument and goods", 0.91),),
        (Claim("The country remains heavily dependent", 24, 61, "dependence"),),
        (Span("items", 9, 23, "dual-use goods"),),
    )


def sample() -> Assessment:
    curve = survival()
    found = (
        scenario("letter", 0.03, "dual-use items to 40 listed parties: 2 to 12 % of purchases", curve),
        scenario("practice", 0.4, "licences take 45 working days and half are granted", curve),
        scenario("full_stop", 1.0, "all covered products to every buyer", curve),
        scenario("feared", 1.4, "every rare earth as well; no product data", curve, bound=True),
    )
    ours = exposure()[0].figures[0]
    return Assessment(
        measure=measure(),
        on=ON,
        on_note="the newest source date of the library; the clock is not read",
        status=STATUS,
        buyer="JPN",
        buyer_note="the target of the measure",
        seller="CHN",
        coverage=coverage(),
        exposure=exposure(),
        totals=totals(),
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
        duration=duration(curve),
        responses=responses(),
        published=published(),
        timeline=timeline(),
        reading=reading(),
        claims=(
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
        ),
        unknowns=(
            ("whom the measure reaches", "is the end user one of the 40 listed parties?"),
            (
                "days of stock of permanent magnets",
                "a measured value would narrow the band more than most others",
            ),
        ),
        missing=(("gallium", "no flows by grade: load customs data at 9 digits"),),
        assumptions=("The ban holds from its day on.", "At least 1 day of working stock is kept."),
        manifest={"kanmon": "0.1.0", "measure": "XX-2026-01", "seed": "1", "draws": "32"},
        sources=(NOTICE, STUDY, TRADE, TABLE),
    )
