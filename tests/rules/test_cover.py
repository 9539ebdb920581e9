"""Coverage by scenario, for measures of every kind."""

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import kanmon.world
from kanmon.core.figure import Figure
from kanmon.core.source import Source
from kanmon.measure.cover import cover, default_buyer
from kanmon.measure.load import find, items, library
from kanmon.measure.match import match_products
from kanmon.measure.measure import Item, Limb, Measure, When
from kanmon.measure.rules import RULES, explanation
from kanmon.world.products import carved, read_products


@cache
def products():
    return carved(read_products(Path(kanmon.world.__file__).parent / "default" / "products.toml"))


def answer(name, on, buyer, **more):
    return cover(find(name), date.fromisoformat(on), buyer, library(), products(), **more)


def ids(coverage, scenario):
    return {c.product for c in coverage.scenario(scenario) if c.product}


def codes(coverage, scenario):
    return {code for c in coverage.scenario(scenario) if not c.product for code in c.hs}


CONTROLLED = {"HREE", "MAGH", "GA", "GE", "W", "GR", "SB"}


def test_a_ban_by_end_use_reaches_the_control_list_in_force():
    c = answer("CN-2026-01", "2026-08-24", "JPN")
    assert (c.seller, c.buyer, c.status.state, c.parties) == ("CHN", "JPN", "in_force", 80)
    assert ids(c, "letter") == ids(c, "full_stop") == CONTROLLED
    for covered in c.scenario("letter"):
        assert covered.instrument == "ban"
        assert 0 < covered.affected[0] < covered.affected[2] < 0.1
        assert {"R1", "L1"} <= {r.rule for r in covered.reasons}
    assert all(x.affected == (1, 1, 1) for x in c.scenario("full_stop"))
    assert {"280450", "810610", "710491"} <= codes(c, "full_stop")
    assert any("purchases does clause 1c reach" in q for q in c.questions)


def test_entries_follow_the_date():
    early = answer("CN-2026-01", "2026-01-06", "JPN")
    before = cover(find("CN-2024-46"), date(2024, 12, 4), "USA", library(), products())
    assert "HREE" not in ids(before, "full_stop")
    assert "HREE" in ids(early, "full_stop")
    controlled = [i for i in items() if i.announcement == "Ann. 57/2025"]
    late = answer("CN-2026-01", "2026-11-23", "JPN")
    assert controlled
    assert "850760" in codes(late, "feared")
    assert "850760" not in codes(early, "feared") | codes(late, "full_stop")
    assert any("CN-2025-57" in q and "unknown" in q for q in late.questions)


def test_practice_comes_from_related_reports_and_keeps_their_state():
    held = answer("CN-2026-01", "2026-02-01", "JPN")
    assert {(x.product, x.instrument, x.certainty) for x in held.scenario("practice")} == {
        ("HREE", "licence", "stated"),
        ("MAGH", "licence", "stated"),
    }
    late = answer("CN-2026-01", "2026-08-24", "JPN")
    assert {(x.product, x.certainty) for x in late.scenario("practice")} == {
        ("HREE", "possible"),
        ("MAGH", "possible"),
        ("W", "possible"),
    }
    assert any("CN-2026-RE-JP go on" in q for q in late.questions)


def test_feared_goods_come_from_reports_and_from_a_text():
    assert ids(answer("CN-2026-01", "2026-08-24", "JPN"), "feared") == {"HREE", "LREE", "MAGH", "MAGL"}
    possible = Item("gallium, it is feared", certainty="possible")
    stated = Item("antimony trioxide", elements=("Sb",))
    c = answer("ID-2020-NICKEL", "2026-08-24", "CHN", extra_items=(possible, stated))
    assert ids(c, "feared") == {"GA"}
    odd = answer(
        "ID-2020-NICKEL", "2026-08-24", "CHN", extra_items=(replace(possible, phrase="advanced parts"),)
    )
    assert not odd.scenario("feared")
    assert any("advanced parts" in q for q in odd.questions)


def test_three_chemicals_by_hs_line():
    c = answer("JP-2019-KR3", "2019-07-10", "KOR")
    three = {"392099", "370790", "281111"}
    assert codes(c, "letter") == codes(c, "practice") == codes(c, "full_stop") == three
    assert {x.instrument for x in c.scenario("letter")} == {"licence"}
    assert all("I2" in {r.rule for r in x.reasons} for x in c.scenario("letter"))
    later = answer("JP-2019-KR3", "2026-08-24", "KOR")
    assert later.scenarios == ("full_stop",)
    assert "2023-03-23" in dict(later.left_out)["letter"]


def test_gas_limbs_meet_their_own_buyers():
    assert codes(answer("RU-2022-GAS", "2022-05-10", "POL"), "letter") == {"271121"}
    dutch = answer("RU-2022-GAS", "2022-05-10", "NLD")
    assert dutch.status.state == "announced"
    assert "2022-05-31" in dict(dutch.left_out)["letter"]
    assert answer("RU-2022-GAS", "2022-05-31", "NLD").scenario("letter")
    other = answer("RU-2022-GAS", "2022-05-31", "JPN")
    assert not other.covered
    assert [r.rule for r in other.reasons] == ["T1"]


def test_ore_ban_and_licence_measure():
    c = answer("ID-2020-NICKEL", "2026-08-24", "CHN")
    assert codes(c, "letter") == {"2604"}
    assert not ids(c, "letter")
    c = answer("CN-2025-18", "2025-06-24", "USA")
    assert ids(c, "letter") == ids(c, "full_stop") == ids(c, "practice") == {"HREE", "MAGH"}
    assert {(x.instrument, x.affected) for x in c.scenario("letter")} == {("licence", (1, 1, 1))}
    assert c.entries == 38
    assert any("heavy rare earths" in q and "Dy, Gd, Lu" in q for q in c.questions)
    # The grade of magnets that carries the named elements is a product of its own: nothing is left to ask.
    assert not any("magnets" in q for q in c.questions)


def test_two_clauses_with_dates_of_their_own():
    full = {x.product: x for x in answer("CN-2024-46", "2025-03-01", "USA").scenario("letter")}
    assert (full["GA"].instrument, full["GA"].affected) == ("ban", (1, 1, 1))
    assert (full["GR"].instrument, full["W"].affected) == ("licence", None)
    paused = {x.product: x for x in answer("CN-2024-46", "2026-08-24", "USA").scenario("letter")}
    assert paused["GA"].affected is None
    assert "G2" in {r.rule for r in answer("CN-2024-46", "2026-08-24", "USA").reasons}


def test_listing_framework_import_and_suspension():
    listing = answer("CN-2026-11", "2026-08-24", "JPN")
    assert {(x.instrument, x.affected) for x in listing.scenario("letter")} == {("listing", None)}
    assert listing.parties == 20
    assert "C1" in {r.rule for r in listing.reasons}
    names = answer("CN-2025-01", "2026-08-24", "USA")
    assert names.parties == 0
    assert any("not loaded" in q for q in names.questions)
    frame = answer("CN-2024-DUR", "2026-08-24", "JPN")
    assert not frame.covered
    assert {r.rule for r in frame.reasons} == {"F1"}
    pressure = answer("CN-2020-AU", "2021-01-01", "AUS")
    assert not pressure.covered
    assert [r.rule for r in pressure.reasons] == ["M1"]
    unsure = answer("CN-2025-57", "2026-11-23", "DEU")
    assert {(x.product, x.certainty) for x in unsure.scenario("letter")} == {("HREE", "possible")}


@pytest.mark.parametrize("name", sorted(library()))
@pytest.mark.parametrize("on", ["2012-01-01", "2026-08-24", "2026-11-23"])
def test_nothing_is_cleared_in_silence(name, on):
    """Every scenario has content or a reason; every product is covered or said not to be found."""
    measure = find(name)
    c = cover(measure, date.fromisoformat(on), default_buyer(measure) or "all", library(), products())
    assert {*c.scenarios, *(s for s, _ in c.left_out)} == {"letter", "practice", "full_stop", "feared"}
    assert all(why for _, why in c.left_out)
    assert c.reasons
    said = " ".join(r.outcome for r in c.reasons if r.rule == "N1")
    for key, product in products().items():
        if c.scenario("full_stop"):
            assert key in {x.product for x in c.covered} or product.name in said
    for covered in c.covered:
        assert covered.product or covered.hs
        assert covered.reasons
        assert all(r.text and r.sources for r in covered.reasons)


def test_every_entry_with_goods_finds_a_place():
    """No controlled material with an HS line is lost between the list and the answer."""
    c = answer("CN-2026-01", "2026-08-24", "JPN")
    reached = codes(c, "full_stop") | {h for x in c.scenario("full_stop") if x.product for h in x.hs}
    parts = {"GA": "gallium", "GE": "germanium", "W": "tungsten", "GR": "graphite", "SB": "antimony"}
    for item in items():
        if "2025-10-09" in item.announced or not item.hs6 or item.group in parts.values():
            continue
        if item.group in {
            "samarium",
            "gadolinium",
            "terbium",
            "dysprosium",
            "lutetium",
            "scandium",
            "yttrium",
        }:
            continue
        assert set(item.hs6) <= reached, item.id


def test_default_buyer_is_the_only_target():
    assert default_buyer(find("CN-2026-01")) == "JPN"
    assert default_buyer(find("CN-2025-18")) is None
    assert default_buyer(find("CN-2026-30")) is None
    assert default_buyer(find("RU-2022-GAS")) is None


def test_a_draft_without_dates_is_covered_as_possible():
    limb = Limb("1", "ban", "ban", None, ("unknown",), items=(Item("dual-use goods"),))
    draft = Measure("DRAFT", "draft", ("CHN",), ("JPN",), None, (limb,), origin="draft")
    c = cover(draft, date(2026, 8, 24), "JPN", library(), products())
    assert ids(c, "letter") == CONTROLLED
    assert {(x.certainty, x.affected) for x in c.scenario("letter")} == {("possible", None)}
    assert "G3" in {r.rule for r in c.reasons}


@pytest.mark.parametrize(
    ("phrase", "elements", "hs", "wanted"),
    [
        ("rare earth elements", ["rare earths"], [], ("HREE", "LREE", "MAGH", "MAGL")),
        ("rare earths", [], [], ("HREE", "LREE", "MAGH", "MAGL")),
        ("レアアース", [], [], ("HREE", "LREE", "MAGH", "MAGL")),
        ("heavy rare earths", ["heavy rare earths"], [], ("HREE",)),
        ("dysprosium oxide", [], [], ("HREE",)),
        ("neodymium-iron-boron magnets with terbium", ["Tb"], [], ("MAGH",)),
        ("holmium: metal, alloys, permanent magnets", ["Ho"], [], ("HREE",)),
        ("gallium arsenide wafers", ["Ga"], ["381800"], ("GA",)),
        ("镓", [], [], ("GA",)),
        ("flake graphite", [], ["250410"], ("GR",)),
        ("artificial-graphite anode material", [], [], ()),
        ("gallium separation technology", ["Ga"], [], ()),
        ("nickel ore", ["Ni"], ["2604"], ()),
        ("goods of that line", [], ["811010"], ("SB",)),
        ("goods of that heading", [], ["2504"], ("GR",)),
        ("seafood", [], ["0307"], ()),
    ],
)
def test_words_elements_and_codes_lead_to_products(phrase, elements, hs, wanted):
    assert match_products(phrase, elements, hs, products()) == wanted


def test_every_rule_explains_itself():
    assert len({rule.__name__ for rule in RULES}) == len(RULES)
    assert all(len(explanation(rule).split()) > 12 for rule in RULES)


def test_a_quota_passes_its_volume_on_and_one_without_hides_the_others():
    volume = Figure("volume", 0.7, "share", "sourced", (Source("s", "a source"),), 0.6, 0.75)
    smaller = replace(volume, value=0.2, low=0.1, high=0.3)
    goods = (Item("flake graphite", ("250410",)),)

    def limb(name, **more):
        when = When(date(2030, 1, 1))
        return Limb(name, "a quota", "quota", when, items=goods, told="in_force", **more)

    def found(*limbs):
        measure = Measure("XX", "quotas", ("NOR",), ("SWE",), None, limbs)
        scenario = cover(measure, date(2030, 6, 1), "SWE", {}, products()).scenario("letter")
        return {(c.instrument, c.volume) for c in scenario}

    assert found(limb("a", volume=volume)) == {("quota", volume)}
    assert found(limb("a", volume=volume), limb("b", volume=smaller)) == {("quota", smaller)}
    # A quota of unknown volume may let nothing through.
    assert found(limb("a", volume=volume), limb("b")) == {("quota", None)}
