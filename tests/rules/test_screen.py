"""Party screening: traps of the lists, bands, dates, numbers, countries, and what a hit says."""

import csv
import hashlib
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanmon.measure.load import find
from kanmon.measure.name_keys import name_key, party_words, romanised
from kanmon.measure.parties import Screener, coverage, default_screener
from kanmon.measure.screen_lists import ListedParty, PartyName, listed_parties
from kanmon.measure.screen_numbers import registration_number
from kanmon.measure.words import DATA

CASES = [
    # (name, band, entity, because)
    ("Mitsubishi Heavy Industries Asia-Pacific", "near", None, "a group company that is not listed"),
    ("Subaru Enterprise", "near", "CN-WL-20260224-01", "a listed name with another word"),
    ("三菱重工業株式会社", "near", None, "the parent of listed companies"),
    ("NEC Corporation", "near", None, "the parent"),
    ("Mitsubishi Electric Corporation", "near", None, "the parent"),
    ("Kawasaki Heavy Industries, Ltd.", "near", "CN-CL-20260224-06", "a listed division is not its parent"),
    ("Kawasaki Heavy Industries Aerospace Systems Company", "match", "CN-CL-20260224-06", "the division"),
    ("川崎重工業（株）航空宇宙システムカンパニー", "match", "CN-CL-20260224-06", "the division in Japanese"),
    ("Mitsui Bussan Aerospace Co., Ltd.", "match", "CN-WL-20260224-13", "the company, not its site"),
    ("Mitsui Bussan Aerospace Co., Ltd. Maintenance Centre", "match", "CN-WL-20260629-02", "the site itself"),
    ("MHI Oceanincs Co., Ltd.", "match", "CN-CL-20260629-11", "the official misspelling"),
    ("MHI Oceanics Co., Ltd.", "match", "CN-CL-20260629-11", "the right spelling"),
    ("Mitsubishi Heavy Industries Oceanics", "match", "CN-CL-20260629-11", "the group's long name"),
    ("三菱重工マリタイムシステムズ㈱", "match", "CN-CL-20260224-05", "legal form in one sign"),
    ("MHIマリタイムシステムズ", "match", "CN-CL-20260224-05", "the group's short name"),
    ("Tokyo Institute of Technology", "match", "CN-WL-20260224-07", "a renamed university"),
    ("東京医科歯科大学", "match", "CN-WL-20260224-07", "the other university that it came from"),
    ("KGM株式会社", "match", "CN-CL-20260629-17", "the Chinese list calls it KGM"),
    ("Kawaju Gifu Manufacturing", "match", "CN-CL-20260629-17", "another romanisation"),
    ("Mitsubishi Shipbuilding Co., Ltd.", "match", "CN-CL-20260224-01", "the trade name"),
    ("HOWA MACHINERY K.K.", "match", "CN-WL-20260629-18", "legal form"),
    ("Kabushiki Kaisha Subaru", "match", "CN-WL-20260224-01", "legal form written out, in front"),
    ("Hōwa Machinery", "match", "CN-WL-20260629-18", "a long vowel with its sign"),
    ("Houwa Machinery", "match", "CN-WL-20260629-18", "a long vowel in two letters"),
    ("Nihon Denzi Sokki", "match", "CN-WL-20260629-17", "the other romanisation"),
    ("豐和工業株式會社", "match", "CN-WL-20260629-18", "old forms"),
    ("日本電气航空宇宙系统", "match", "CN-CL-20260224-16", "mixed forms"),
    ("ﾐﾂﾋﾞｼﾌﾟﾚｼｼﾞﾖﾝ(ｶ", "match", "CN-CL-20260629-10", "half-width bank spelling"),
    ("アイエイチアイエアロスペース", "match", "CN-CL-20260224-12", "letters as they sound"),
    ("三菱プレシジョン株式会社鎌倉事業所", "match", "CN-CL-20260629-10", "a site"),
    ("日東電工 豊橋事業所", "match", "CN-WL-20260224-18", "a site"),
    ("TDK Corporation, Tokyo Branch", "match", "CN-WL-20260224-12", "a branch"),
    ("TDK Corporation Magnetics Division", "review", "CN-WL-20260224-12", "a unit"),
    ("TDK Europe GmbH", "near", "CN-WL-20260224-12", "a company of the group abroad"),
    ("TDK GmbH", "near", "CN-WL-20260224-12", "a legal form of another country"),
    ("三菱电机工程(上海)有限公司", "near", "CN-CL-20260629-09", "a company of the group abroad"),
    ("Mitsubishi Electric Building Solutions", "near", None, "a sister"),
    ("Mitsubishi Electic Software Corp", "review", "CN-CL-20260629-08", "a slip"),
    ("Sumitomo Industries Heavy", "review", "CN-WL-20260224-11", "words in another order"),
    ("Lockheed Martin Corporation", "match", "CN-CL-20250102-06", "on two lists: the stricter first"),
    ("SpaceKnow Inc.", "near", "CN-CL-20260424-05", "the listed branch is not its parent"),
    ("Rheinmetall", "review", "CN-CL-20260724-00", "a list of which one name is known"),
    ("東和工業株式会社", "none", None, "one sign differs in a short name"),
    ("Acme Trading", "none", None, "no relation"),
]


@pytest.mark.parametrize(("name", "band", "entity", "because"), CASES)
def test_case(name: str, band: str, entity: str | None, because: str) -> None:
    hit = default_screener().screen(name)
    assert (hit.band, entity and hit.entity_id) == (band, entity), f"{because}: {hit.reason}"


def test_a_hit_shows_both_strings_score_rule_list_and_date() -> None:
    hit = default_screener().screen("(株)TDK")
    assert hit.entity_id == "CN-WL-20260224-12"
    for piece in (
        "(株)TDK",
        str(hit.matched_name),
        "1.00",
        hit.rule,
        "watch list since 2026-02-24",
        "CN-2026-12",
    ):
        assert piece in hit.reason


def test_before_listing_is_no_match_but_named_with_its_date() -> None:
    screener = default_screener()
    before = screener.screen("OKI Electric Industry Co., Ltd.", on=date(2026, 6, 28))
    assert (before.band, before.entity_id) == ("none", "CN-WL-20260629-11")
    assert "since 2026-06-29" in before.reason
    assert "not on that list on 2026-06-28" in before.reason
    assert screener.screen("OKI Electric Industry Co., Ltd.", on=date(2026, 6, 29)).band == "match"


def test_a_site_listed_later_than_its_company_is_met_by_the_company() -> None:
    hit = default_screener().screen("Mitsui Bussan Aerospace Co., Ltd. Head Office", on=date(2026, 3, 1))
    assert (hit.band, hit.entity_id) == ("match", "CN-WL-20260224-13")


def test_a_list_effective_after_its_date() -> None:
    screener = default_screener()
    assert screener.screen("American Photonics", on=date(2025, 4, 9)).band == "none"
    assert screener.screen("American Photonics", on=date(2025, 4, 10)).band == "match"


def test_removed_parties_are_no_match_after_their_removal() -> None:
    name = PartyName("Orlova Metals", "listed", "source", "high", "test")
    party = ListedParty(
        "XX-1",
        "control_list",
        3,
        "NOR",
        date(2030, 1, 1),
        date(2031, 1, 1),
        "",
        (name,),
        registration_numbers=("X1",),
    )
    screener = Screener([party], [])
    assert screener.screen("Orlova Metals AS", on=date(2030, 6, 1)).band == "match"
    assert screener.screen("Orlova Metals AS", on=date(2031, 1, 1)).band == "none"
    assert screener.screen("Orlova Metals AS").band == "none"
    assert screener.screen("quite another", registration_number="X-1", on=date(2030, 6, 1)).band == "match"


def test_registration_numbers() -> None:
    screener = default_screener()
    own = screener.screen("別名商事", registration_number="９０１２４０５００１２４１")
    assert (own.band, own.entity_id) == ("match", "CN-CL-20260224-20")
    assert "9012405001241" in own.reason
    other = screener.screen("株式会社SUBARU", registration_number="1010401010455")
    assert other.band == "review"
    parent = screener.screen("MHI holding something", registration_number="8010401050387")
    assert parent.band == "near"
    abroad = screener.screen("三菱电机工程有限公司", registration_number="91310000607378229C")
    assert abroad.band == "near"
    assert "CHN" in abroad.reason


@pytest.mark.parametrize(
    ("text", "country", "valid"),
    [
        ("T8010401050387", "JPN", True),
        ("8010401050388", "JPN", False),
        ("91350100M000100Y43", "CHN", True),
        ("91350100M000100Y44", "CHN", False),
        ("DE123456789", "", None),
    ],
)
def test_check_signs(text: str, country: str, valid: bool | None) -> None:
    number = registration_number(text)
    assert (number.country, number.valid) == (country, valid)


def test_another_country_makes_it_a_review() -> None:
    screener = default_screener()
    assert screener.screen("Cubic Corporation", country="USA").band == "match"
    assert screener.screen("Cubic Corporation", country="NOR").band == "review"


def test_ids_are_read_in_any_case() -> None:
    screener = default_screener()
    party = screener.party("cn-wl-20260224-12")
    assert party is not None
    assert party.name == "TDK Corporation"
    assert screener.party("CN-WL-20260224-12") is party


def test_a_party_on_two_lists_names_both() -> None:
    hit = default_screener().screen("Huntington Ingalls Industries")
    assert hit.list_type == "control_list"
    assert "CN-UEL-20250304-04" in hit.also


def test_general_knowledge_is_said() -> None:
    hit = default_screener().screen("三菱プレシジョン")
    assert hit.band == "match"
    assert "general knowledge" in hit.reason
    sourced = default_screener().screen("三菱造船株式会社")
    assert "general knowledge" not in sourced.reason


def test_no_name_is_for_review() -> None:
    for name in ("", "  ", "---", "。"):
        assert default_screener().screen(name).band == "review"


def test_the_lists_are_whole() -> None:
    parties = listed_parties()
    assert len({p.entity_id for p in parties}) == len(parties)
    with (DATA / "listed_entities.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    by_id = {p.entity_id: p for p in parties}
    for row in rows:
        party = by_id[row["entity_id"]]
        assert (party.name, party.date_listed.isoformat()) == (row["name_en"], row["date_listed"])
        assert party.source_id, "the 240 records hold it too"
    assert coverage()["parties"] == {"control_list": 140, "watch_list": 40, "unreliable": 60}
    for party in parties:
        assert party.country
        if party.measure:
            assert find(party.measure).id == party.measure


def test_the_data_set_is_as_its_card_says() -> None:
    card = party_words()["source"]
    assert hashlib.sha256((DATA / card["file"]).read_bytes()).hexdigest() == card["sha256"]


def test_aliases_name_listed_parties_with_source_and_basis() -> None:
    ids = {p.entity_id for p in listed_parties()}
    with (DATA / "party_aliases.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert row["entity_id"] in ids, row
            assert row["source"], row
            assert row["confidence"] in {"high", "medium", "low"}, row
            assert row["basis"] in {"source", "knowledge", "inferred"}, row
            if row["kind"] == "registration_number":
                assert registration_number(row["text"]).valid, row


def test_many_names_answer_as_one_by_one() -> None:
    names = [c[0] for c in CASES]
    screener = default_screener()
    assert screener.screen_many(names) == [screener.screen(n) for n in names]
    assert screener.screen_many(names * 3) == screener.screen_many(names) * 3


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    hit = default_screener().screen(text)
    assert hit.query == text
    assert 0 <= hit.score <= 1


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([n.text for p in listed_parties() for n in p.names]))
def test_folding_ignores_case_width_and_ends(name: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name.upper())
    assert name_key(f" {wide} ").sound == name_key(name.upper()).sound


def test_readings_become_latin() -> None:
    assert romanised("ニッシンデンキ") == "nisshindenki"
    assert romanised("トーキン") == "tokin"


def test_many_distinct_names_take_seconds() -> None:
    names = [f"Northvale {n:05d} Holdings Ltd" if n % 2 else f"北{n}陽商事株式会社" for n in range(20_000)]
    start = time.process_time()
    hits = default_screener().screen_many(names)
    assert time.process_time() - start < 6
    assert {h.band for h in hits} == {"none"}
