"""Dependence: the tables of the project's note on minerals, to the printed digits."""

import polars as pl
import pytest

from kanmon.core.errors import InputError
from kanmon.expose.chokepoints import chokepoints
from kanmon.expose.dependence import exposure, totals
from kanmon.expose.indicators import concentration, into, line_tests
from kanmon.expose.supply import supply_map
from kanmon.world.world import World

RARE_EARTHS = ("280530", "284610", "284690")

# year, tonnes, USD million, China % by weight, % by value (note 2.1)
TABLE_1 = """
2008 34936 561 88.7 87.5
2009 18847 239 82.7 64.4
2010 29485 782 78.5 79.6
2011 23648 2252 64.1 79.1
2012 14834 904 53.7 61.8
2013 15444 560 58.4 40.4
2014 25113 487 52.8 40.3
2016 23939 367 48.4 36.6
2018 30223 561 57.2 41.9
2020 24133 495 47.3 34.2
2022 23497 1087 58.9 60.0
2023 26263 816 49.7 50.6
2024 24149 516 66.1 37.8
"""
# HS line, China's share of Japan's import value in 2010, 2015, 2020, 2022, 2024 (note 2.2)
TABLE_2 = """
250410 .93 .87 .91 .90 .86
250490 .99 .94 .99 .95 .99
810110 .75 .58 .67 .90 .75
810600 .52 .93 .61 .76 .71
252922 .93 .92 .57 .69 .73
282520 .08 .27 .81 .88 .84
720292 .22 .34 .35 .46 .59
282530 .71 .45 .27 .40 .35
251110 .98 .98 .98 .97 .95
282200 .32 .35 .37 .15 .10
"""
# HS line, HHI of imports / of world exports / M over X for 2022, 2023, 2024, EU test, GeoDep (note 6.4)
VECTOR = """
280530 .464/.280/31.6 .433/.261/23.2 .475/.254/21.9 yes no
284690 .515/.171/2.44 .414/.249/2.11 .430/.187/1.46 yes no
250410 .810/.314/5.98 .804/.327/4.83 .744/.267/5.63 yes no
252922 .545/.184/8.71 .472/.206/9.21 .604/.234/9.28 yes no
282520 .784/.619/188 .759/.582/13.7 .723/.586/17.4 yes yes
810110 .818/.167/3.59 .575/.154/2.19 .580/.141/1.75 yes no
810600 .613/.210/.48 .484/.178/.47 .568/.243/.63 no no
"""


@pytest.fixture(scope="module")
def world() -> World:
    return World.default()


@pytest.fixture(scope="module")
def light(world):
    (found,) = exposure(world, ["LREE"], [], "JPN", "CHN")
    return found


def figure(found, start):
    (one,) = [f for f in found.figures if f.label.startswith(start)]
    return one


@pytest.mark.parametrize("row", TABLE_1.split("\n")[1:-1])
def test_rare_earths_of_japan(world, row):
    year, tonnes, usd, weight, value = (float(t) for t in row.split())
    imports = into(world.trade.of(RARE_EARTHS, [int(year)]), ["JPN"])
    got = concentration(imports, ["CHN"]).row(0, named=True)
    # 2008 is 34,935.459 t here; the note prints 34,936.
    assert got["quantity_t"] == pytest.approx(tonnes, abs=0.6)
    assert round(got["value_usd_m"]) == usd
    assert round(100 * got["share_weight"], 1) == weight
    assert round(100 * got["share_value"], 1) == value


@pytest.mark.parametrize("row", TABLE_2.split("\n")[1:-1])
def test_other_minerals_of_japan(world, row):
    code, *shares = row.split()
    by_year = concentration(into(world.trade.of([code]), ["JPN"]), ["CHN"])
    for year, share in zip((2010, 2015, 2020, 2022, 2024), shares, strict=True):
        got = by_year.filter(pl.col("year") == year)["share_value"][0]
        # The note rounded some cells twice (0.9846, 0.985, 0.99): half a unit more is allowed.
        assert got == pytest.approx(float(share), abs=0.00551)


@pytest.mark.parametrize("row", VECTOR.split("\n")[1:-1])
def test_concentration_vector(world, row):
    code, *years, cdi, geodep = row.split()
    tests = line_tests(world.trade.of([code]), {"JPN": ["JPN"]})
    for year, printed in zip((2022, 2023, 2024), years, strict=True):
        got = tests.row(by_predicate=pl.col("year") == year, named=True)
        for name, text in zip(("hhi_value", "hhi_world", "m_over_x"), printed.split("/"), strict=True):
            digits = len(text.partition(".")[2])
            assert got[name] == pytest.approx(float(text), abs=0.501 * 10**-digits)
    assert (got["cdi"], got["geodep"]) == (cdi == "yes", geodep == "yes")


def test_iea_n_minus_1(light):
    """Refined magnet rare earths 2024: (80.8 - 73.8) / 80.8 = 0.09 of world supply (note 6.7)."""
    refined = [f for f in light.figures if "world supply left" in f.label and "refined" in f.label]
    assert [round(f.value) for f in refined] == [9]
    made = [f for f in light.figures if f.label.startswith("world production share") and "refined" in f.label]
    assert [round(f.value) for f in made] == [91]


def test_no_single_share_where_definitions_differ(light):
    head = figure(light, "share of imports")
    assert head.value is None
    assert (round(head.low), round(head.high)) == (38, 80)
    assert "between 38 and 80 %" in light.disagreement
    assert "66 % by weight" in light.disagreement
    assert "JOGMEC" in light.disagreement
    assert len(head.sources) >= 4
    assert all(str(y) in f.label for f, y in [(head, 2024), (figure(light, "import value"), 2024)])


def test_figures_and_partners_of_a_product(light):
    assert figure(light, "import share of China by weight").value == pytest.approx(66.1, abs=0.05)
    assert figure(light, "import value").unit == "USD million"
    assert light.partners_year == 2024
    assert [p[0] for p in light.partners[:2]] == ["CHN", "VNM"]
    assert sum(p[1] for p in light.partners) == pytest.approx(1)
    stock = figure(light, "stock cover in Japan")
    assert stock.low < stock.value < stock.high
    assert stock.basis == "assumed"
    assert "published" in " ".join(s.definition for s in light.series)


def test_a_product_that_shares_its_codes_is_marked(world):
    (heavy,) = exposure(world, ["HREE"], [], "JPN", "CHN")
    head = figure(heavy, "share of imports")
    assert head.basis == "inferred"
    assert "by weight, Dy and Tb" in head.note
    assert any("hold LREE too" in m for m in heavy.missing)
    assert not any(f.basis == "measured" for f in heavy.figures)
    # The flows are counted with the light ones; the partners are those published for the heavy ones.
    assert heavy.partners[0][:3:2] == ("CHN", 1.0)
    assert all(p[3] != p[3] for p in heavy.partners)


def test_a_line_of_a_product_is_not_told_twice(world):
    assert len(exposure(world, ["LREE"], ["280530", "284690"], "JPN", "CHN")) == 1


def test_the_same_bytes_every_time(world):
    runs = {repr(exposure(world, ["LREE", "GR"], [], "JPN", "CHN")) for _ in range(3)}
    runs_of_totals = {repr(totals(world, RARE_EARTHS, "JPN", "CHN")) for _ in range(3)}
    assert len(runs) == len(runs_of_totals) == 1


def test_without_bilateral_trade_published_rows_stand_in(world):
    magnets, gallium, antimony = exposure(world, ["MAG", "GA", "SB"], [], "JPN", "CHN")
    assert not any(f.label.startswith("share of imports") for f in magnets.figures)
    assert any("850511" in m and "value_usd_m" in m for m in magnets.missing)
    assert magnets.grades == ()
    head = figure(gallium, "share of imports from China, 2021")
    assert (head.basis, round(head.high, 1)) == ("inferred", 56.7)
    assert antimony.partners[0][0] == "MMR"
    assert "between 0 and 44 %" in antimony.disagreement


def test_grades_of_one_code_are_one_exposure(world):
    """Trade knows one code of magnets: both grades stand in one record, and the code has none of its own."""
    found = exposure(world, ["MAGH", "MAGL", "GA"], ["850511"], "JPN", "CHN")
    assert [e.product for e in found] == ["MAG", "GA"]
    assert [key for key, _ in found[0].grades] == ["MAGH", "MAGL"]
    assert any("Heat-resistant" in text and "once" in text for text in found[0].missing)
    (hot,) = exposure(world, ["MAGH"], [], "JPN", "CHN")
    assert (hot.product, len(hot.grades), hot.figures) == ("MAG", 1, found[0].figures)


def test_bare_lines_years_and_groups(world):
    nickel, nothing = exposure(world, [], ["2604", "999999"], "JPN", "PHL")
    assert figure(nickel, "import share of Philippines by value").value == pytest.approx(40.5, abs=0.05)
    assert nothing.figures == ()
    assert "999999" in nothing.missing[0]
    (early,) = exposure(world, ["LREE"], [], "JPN", "CHN", years=range(2000, 2011))
    assert figure(early, "import share of China by value").value == pytest.approx(79.6, abs=0.05)
    assert early.partners_year == 2010
    (union,) = exposure(world, ["LREE"], [], "EUR", "CHN")
    assert not {"DEU", "FRA", "AUT"} & {p[0] for p in union.partners}
    assert figure(union, "share of imports").high > 40


def test_the_same_without_japan_or_china(world):
    for buyer, seller in (("KOR", "JPN"), ("DEU", "CHN"), ("USA", "CHL")):
        for found in exposure(world, list(world.products), ["282520"], buyer, seller):
            assert found.figures
            assert all(f.sources for f in found.figures)
            assert all(0 <= (f.value or 0) <= 100 for f in found.figures if f.unit == "%")


def test_totals_have_several_definitions(world):
    found = totals(world, RARE_EARTHS, "JPN", "CHN")
    by = {s.definition: s for s in found}
    for how, first, last in (("by value", 87.5, 37.8), ("by weight", 88.7, 66.1)):
        (series,) = [s for d, s in by.items() if d.startswith(f"{how}, 3")]
        years = dict(zip(series.years, series.values, strict=True))
        assert 100 * years[2008] == pytest.approx(first, abs=0.05)
        assert 100 * years[2024] == pytest.approx(last, abs=0.05)
        assert series.unit == "share"
    assert any("fixed weights" in d for d in by)
    (points,) = [s for d, s in by.items() if "published" in d and "rare earths (all), by" in d]
    assert dict(zip(points.years, points.values, strict=True))[2009] == 0.85
    assert totals(world, ["999999"], "JPN", "CHN") == ()


def test_chokepoints(world):
    japan = chokepoints(world, "JPN")
    assert japan.year == 2024
    assert japan.frame["share_value"][0] > 0.5
    row = japan.frame.row(by_predicate=pl.col("hs6") == "250410", named=True)
    assert (row["seller"], row["products"], row["cdi"], row["geodep"]) == ("CHN", "GR", True, False)
    china = chokepoints(world, seller="CHN").frame
    assert china.filter(pl.col("buyer") == "JPN").height > 10
    assert "CHN" not in china["buyer"].to_list()
    both = chokepoints(world, "JPN", "CHN").frame
    assert both["hs6"][0] == "282520"
    same = china.filter((pl.col("buyer") == "JPN") & (pl.col("hs6") == "250410"))
    numbers = ["share_value", "share_weight", "hhi_value", "hhi_weight", "hhi_world", "m_over_x"]
    again = both.filter(pl.col("hs6") == "250410").select(numbers).row(0)
    assert same.select(numbers).row(0) == pytest.approx(again)
    union = chokepoints(world, "EUR").frame
    assert "DEU" not in union["seller"].to_list()
    with pytest.raises(InputError):
        chokepoints(world)
    with pytest.raises(InputError):
        chokepoints(world, "JPN", year=1900)


def test_supply_map(world):
    ree = supply_map(world, "LREE")
    assert (ree.year, ree.unit) == (2024, "USD million")
    amounts = [usd for *_, usd in ree.rows]
    assert amounts == sorted(amounts, reverse=True)
    assert ("CHN", "JPN") in [r[:2] for r in ree.rows[:6]]
    assert "HREE" in ree.note
    magnets = supply_map(world, "MAG")
    assert magnets.rows[0] == ("CHN", "WLD", 0.8)
    assert "no bilateral trade" in magnets.note
    assert supply_map(world, "999999").rows == ()
    with pytest.raises(InputError, match="unknown product"):
        supply_map(world, "LREEE")
