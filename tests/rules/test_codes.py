"""Countries and HS codes: any common spelling in, one spelling inside."""

from __future__ import annotations

import pytest

from kanmon.core import codes
from kanmon.core.errors import InputError


@pytest.mark.parametrize(
    ("text", "alpha3"),
    [
        ("JPN", "JPN"),
        ("jp", "JPN"),
        ("392", "JPN"),
        ("36", "AUS"),
        ("ＪＡＰＡＮ", "JPN"),
        ("日本", "JPN"),
        ("Tokyo", "JPN"),
        ("the Netherlands", "NLD"),
        ("Dutch", "NLD"),
        ("Viet Nam", "VNM"),
        ("U.S.", "USA"),
        ("us", "USA"),
        ("European Union", "EUR"),
        ("欧盟", "EUR"),
        ("韩国", "KOR"),
        ("中國", "CHN"),
        ("ロシア", "RUS"),
        ("DR Congo", "COD"),
        ("Türkiye", "TUR"),
        ("Turkiye", "TUR"),
        ("Côte d’Ivoire", "CIV"),
        ("Ivory Coast", "CIV"),
        ("Pentagon", "USA"),
    ],
)
def test_country_from_any_spelling(text, alpha3):
    assert codes.country(text) == alpha3


def test_every_code_and_name_of_the_table_leads_back_to_its_row():
    lost = []
    for alpha3, row in codes.countries().items():
        for text in (row.alpha3, row.alpha2, row.numeric, *row.names.values()):
            if text and codes.country(text) != alpha3:
                lost.append((alpha3, text, codes.country(text)))
    assert lost == []
    assert len(codes.countries()) == 251


@pytest.mark.parametrize("text", ["Jappan", "Wakanda", "", "ZZ"])
def test_unknown_country_is_an_input_error(text):
    with pytest.raises(InputError) as caught:
        codes.country(text, where="row 3, column end_user_country")
    problem = caught.value.problems[0]
    assert problem.where == "row 3, column end_user_country"
    assert problem.fix
    if text == "Jappan":
        assert problem.near[0] == "Japan"


def test_country_names_by_language():
    assert codes.country_name("JPN") == "Japan"
    assert codes.country_name("EUR", "ja") == "欧州連合"
    assert codes.country_name("all") == "all"
    with pytest.raises(InputError):
        codes.country_name("JPN", "xx")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dutch tools for South Korean plants", ["NLD", "KOR"]),
        ("They told us that a turkey is not China", ["CHN"]),
        ("The US and the U.K. met in the South China Sea", ["USA", "GBR"]),
        ("Papua New Guinea, not Guinea", ["PNG", "GIN"]),
        ("prices on the London Metal Exchange", []),
        ("china bans exports to japan", ["CHN", "JPN"]),
        ("CHINA BANS EXPORTS TO JAPAN", ["CHN", "JPN"]),
        ("中国の対日輸出", ["CHN", "JPN"]),
        ("タイヤはタイで作る", ["THA"]),
        ("Nigeria and Niger", ["NGA", "NER"]),
    ],
)
def test_find_countries(text, expected):
    found = codes.find_countries(text)
    assert [alpha3 for alpha3, _, _ in found] == expected
    assert all(0 <= start < end <= len(text) for _, start, end in found)


def test_flat_keeps_positions():
    text = "China’s “ban” — ８５０５ ﬁne"
    assert len(codes.flat(text)) == len(text)
    assert codes.flat(text).startswith('China\'s "ban" - 8505 ')


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("8505.11", "850511"),
        ("8505", "8505"),
        ("HS 2604", "2604"),
        (" ８５０５１１ ", "850511"),
        ("0101 21", "010121"),
        ("8112.92.90.10", "8112929010"),
        (850511, "850511"),
    ],
)
def test_hs_reads_the_usual_forms(text, digits):
    assert codes.hs(text) == digits


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (850511.0, "floating"),
        ("8.50511E+09", "spreadsheet"),
        ("850511.0", "spreadsheet"),
        ("8505.1", "spreadsheet"),
        ("10121", "leading zero"),
        (10121, "leading zero"),
        ("magnet", "digits only"),
        ("85", "not 4, 6, 8 or 10"),
        ("", "digits only"),
    ],
)
def test_hs_refuses_what_may_have_lost_digits(text, word):
    with pytest.raises(InputError) as caught:
        codes.hs(text, where="row 2")
    assert word in caught.value.problems[0].why
    assert caught.value.problems[0].where == "row 2"
