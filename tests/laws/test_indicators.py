"""Laws of shares and concentration, on any flows."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanmon.expose.indicators import by_partner, concentration, into, line_tests

CODES = ("AAA", "BBB", "CCC", "DDD", "EEE")
SCHEMA = {
    "year": pl.Int32,
    "exporter_iso3": pl.String,
    "importer_iso3": pl.String,
    "hs6": pl.String,
    "value_usd_m": pl.Float64,
    "quantity_t": pl.Float64,
}
flows = st.lists(
    st.tuples(
        st.integers(2020, 2024),
        st.sampled_from(CODES),
        st.sampled_from(CODES),
        st.sampled_from(("100000", "200000")),
        st.floats(0.001, 1e4),
        st.none() | st.floats(0.001, 1e6),
    ).filter(lambda r: r[1] != r[2]),
    min_size=1,
    max_size=40,
    unique_by=lambda r: r[:4],
).map(lambda rows: pl.DataFrame(rows, schema=SCHEMA, orient="row"))


@settings(max_examples=60, deadline=None)
@given(flows)
def test_shares_sum_to_one_and_herfindahl_is_bounded(frame):
    imports = into(frame, ["AAA"])
    parts = [concentration(imports, [code]) for code in CODES]
    whole = concentration(imports, CODES)
    for k, row in enumerate(whole.iter_rows(named=True)):
        assert row["share_value"] == pytest.approx(1)
        assert sum(p["share_value"][k] for p in parts) == pytest.approx(1)
        here = by_partner(imports.filter(pl.col("year") == row["year"]))
        n, weighed = here.height, here["quantity_t"].count()
        assert 1 / n - 1e-12 <= row["hhi_value"] <= 1 + 1e-12
        if weighed:
            assert sum(p["share_weight"][k] or 0 for p in parts) == pytest.approx(1)
            assert 1 / weighed - 1e-12 <= row["hhi_weight"] <= 1 + 1e-12
        else:
            # No weight known: unknown, not zero.
            assert row["quantity_t"] is None
            assert row["share_weight"] is None
        assert 0 <= row["weighed"] <= 1


@settings(max_examples=40, deadline=None)
@given(flows, st.floats(0.01, 100))
def test_units_of_money_and_names_do_not_matter(frame, factor):
    names = dict(zip(CODES, CODES[1:] + CODES[:1], strict=True))
    moved = frame.with_columns(
        pl.col("value_usd_m") * factor,
        pl.col("exporter_iso3", "importer_iso3").replace_strict(names),
    )
    a = concentration(into(frame, ["AAA"]), ["BBB"])
    b = concentration(into(moved, [names["AAA"]]), [names["BBB"]])
    for column in ("share_value", "share_weight", "hhi_value", "hhi_weight"):
        assert a[column].to_list() == pytest.approx(b[column].to_list(), nan_ok=True)


@settings(max_examples=20, deadline=None)
@given(flows)
def test_one_buyer_alone_or_among_all(frame):
    """The tests of a buyer do not depend on who else is asked about, except through a group."""
    every = line_tests(frame, {c: [c] for c in CODES})
    alone = line_tests(frame, {"AAA": ["AAA"]})
    among = every.filter(pl.col("buyer") == "AAA")
    assert among.height == alone.height
    for column in ("hhi_value", "hhi_world", "m_over_x"):
        assert among[column].to_list() == pytest.approx(alone[column].to_list())
    assert (every["outside"] == 1).all()


def test_a_group_has_no_trade_with_itself():
    frame = pl.DataFrame(
        [
            (2024, "AAA", "BBB", "100000", 90.0, 9.0),
            (2024, "CCC", "BBB", "100000", 10.0, 1.0),
            (2024, "BBB", "CCC", "100000", 5.0, 1.0),
        ],
        schema=SCHEMA,
        orient="row",
    )
    row = line_tests(frame, {"GRP": ["AAA", "BBB"]}).row(0, named=True)
    assert (row["value_usd_m"], row["outside"], row["exports_usd_m"], row["m_over_x"]) == (10, 0.1, 5, 2)
    # Concentrated and more imports than exports, but most comes from inside.
    assert (row["hhi_value"], row["cdi"]) == (1, False)


def test_geodep_needs_two_of_three_years():
    def year(y, share):
        return [
            (y, "AAA", "BBB", "100000", share, 1.0),
            (y, "CCC", "BBB", "100000", 1 - share, 1.0),
        ]

    rows = [*year(2020, 0.9), *year(2021, 0.5), *year(2022, 0.9), *year(2023, 0.5), *year(2024, 0.5)]
    # Three equal sellers in the weak years: neither imports nor world exports are concentrated.
    rows += [(y, "DDD", "BBB", "100000", 0.5, 1.0) for y in (2021, 2023, 2024)]
    found = line_tests(pl.DataFrame(rows, schema=SCHEMA, orient="row"), {"BBB": ["BBB"]})
    assert dict(zip(found["year"], found["cdi"], strict=True)) == {
        2020: True, 2021: False, 2022: True, 2023: False, 2024: False,
    }  # fmt: skip
    assert dict(zip(found["year"], found["geodep"], strict=True)) == {
        2020: False, 2021: False, 2022: True, 2023: False, 2024: False,
    }  # fmt: skip
