"""Records of the synthetic Assessment: every number and name here is invented."""

from datetime import date

import numpy as np

from kanmon.core.figure import Figure
from kanmon.core.source import ASSUMPTION, Source
from kanmon.expose.records import DurationResult, ProductExposure, Series, Survival
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
from kanmon.report.assessment import PublishedRow
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
