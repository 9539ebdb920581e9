"""Price factors of the note on prices (isoelastic markets), to the digits given there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kanmon.expose.price import blended, inside_price, outside_price, residual_supply

PUBLISHED = [
    (0.6, 0.2, 0.2, 0.0, 9.9),
    (0.6, 0.5, 0.5, 0.0, 2.5),
    (0.6, 0.5, 1.0, 0.0, 1.8),
    (0.6, 0.2, 0.2, 0.3, 4.9),
    (0.6, 0.2, 0.2, 0.6, 2.4),
    (0.9, 0.2, 0.2, 0.0, 316),
    (0.9, 0.5, 0.5, 0.0, 10),
    (0.9, 0.5, 1.0, 0.0, 4.6),
]


@pytest.mark.parametrize(("m", "ed", "es", "leak", "factor"), PUBLISHED)
def test_price_factor_as_published(m, ed, es, leak, factor):
    # Half a unit of the last printed digit.
    tolerance = 0.5 if factor >= 10 else 0.05
    assert float(outside_price(m, ed, es, leak)) == pytest.approx(factor, abs=tolerance)


shares = st.floats(0.01, 0.95)
elastic = st.floats(0.05, 2.0)


@given(shares, elastic, elastic, st.floats(0.0, 1.0))
def test_outside_price_clears_the_market(m, ed, es, leak):
    price = float(outside_price(m, ed, es, leak))
    assert (1 - m) * price**es + leak * m == pytest.approx(price**-ed, rel=1e-9)
    assert price >= 1


@given(shares, elastic, elastic, st.floats(0.0, 1.0))
def test_inside_price_clears_the_market_and_falls(x, ed, es, leak):
    price = float(inside_price(x, ed, es, leak))
    assert (1 - x) * price**-ed + leak * x == pytest.approx(price**es, rel=1e-9)
    assert price <= 1 + 1e-12


@given(shares, elastic, elastic, st.floats(0.0, 0.99))
def test_more_leakage_never_raises_the_price(m, ed, es, leak):
    more = outside_price(m, ed, es, leak + 0.01)
    assert float(more) <= float(outside_price(m, ed, es, leak)) * (1 + 1e-9)


def test_nothing_left_has_no_price():
    assert np.isinf(outside_price(1.0, 0.2, 0.2))


def test_residual_supply_of_a_sole_buyer_is_supply_itself():
    assert float(residual_supply(0.3, 0.2, 10.0, 0.0, 10.0)) == 0.3


def test_residual_supply_grows_with_what_others_could_give_up():
    # S = 100, M = 20, D = 80: 5 x 0.3 + 4 x 0.2
    assert float(residual_supply(0.3, 0.2, 100.0, 80.0, 20.0)) == pytest.approx(2.3)


def test_only_the_spot_share_pays_the_spot_price():
    assert blended(np.array([8.9]), np.array([0.05]))[0] == pytest.approx(0.445)
