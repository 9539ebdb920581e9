"""Laws of survival curves, on any censored sample."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanmon.core.spread import midranks
from kanmon.expose.survival import Sample, kaplan_meier, weibull

cases = st.lists(st.tuples(st.integers(1, 4000), st.booleans()), min_size=1, max_size=25)


def sample_of(rows) -> Sample:
    return Sample(np.array([float(d) for d, _ in rows]), np.array([e for _, e in rows]))


def product_limit(sample: Sample, t: float) -> float:
    """Textbook Kaplan-Meier: product over ends up to t of 1 - d / n."""
    share = 1.0
    for day in np.unique(sample.days[sample.ended]):
        if day <= t:
            share *= 1 - ((sample.days == day) & sample.ended).sum() / (sample.days >= day).sum()
    return share


@settings(max_examples=60, deadline=None)
@given(cases, st.integers(0, 3000), st.integers(0, 3000))
def test_conditional_is_the_ratio_and_never_rises(rows, elapsed, ahead):
    sample = sample_of(rows)
    steps = kaplan_meier(sample, elapsed)
    share, low, high = steps.at(np.arange(0, 4001, dtype=float))
    assert share[0] == low[0] == high[0] == 1
    assert (np.diff(share) <= 1e-12).all()
    assert ((low <= share + 1e-12) & (share <= high + 1e-12) & (low >= 0) & (high <= 1)).all()
    base = product_limit(sample, elapsed)
    if base > 0 and ahead <= steps.last:
        assert share[ahead] == pytest.approx(product_limit(sample, elapsed + ahead) / base, abs=1e-12)
    assert (low[np.arange(4001) > steps.last] == 0).all()


@settings(max_examples=25, deadline=None)
@given(cases, st.floats(0, 2000), st.floats(0, 2000))
def test_weibull_chance_is_a_chance(rows, elapsed, ahead):
    fit = weibull(sample_of(rows))
    if fit is None:
        return
    assert fit.conditional(elapsed, elapsed)[0] == 1
    mid, low, high = fit.conditional(elapsed, elapsed + ahead)
    assert 0 <= low <= mid <= high <= 1
    further = fit.conditional(elapsed, elapsed + ahead + 100)[0]
    assert further <= mid + 1e-12


def test_weibull_recovers_its_own_parameters():
    rng = np.random.default_rng(3)
    days = 400 * rng.weibull(0.7, 4000)
    cut = rng.uniform(50, 3000, 4000)
    fit = weibull(Sample(np.minimum(days, cut), days <= cut))
    assert fit is not None
    assert (fit.shape, fit.scale) == pytest.approx((0.7, 400), rel=0.06)
    # The curvature gives the errors of the two logarithms, so both true values lie within 3 of them.
    errors = np.sqrt(np.diag(fit.covariance))
    assert abs(np.log(fit.shape / 0.7)) < 3 * errors[0]
    assert abs(np.log(fit.scale / 400)) < 3 * errors[1]
    assert 0.005 < errors[0] < 0.05
    assert fit.median_left(0) == pytest.approx(fit.median)


def test_covariance_is_the_inverse_curvature():
    """Against second differences of the log-likelihood."""
    sample = sample_of([(30, True), (90, True), (200, False), (400, True), (800, True), (900, False)])
    fit = weibull(sample)
    assert fit is not None

    def loglik(a, b):
        k, lam = np.exp(a), np.exp(b)
        t, e = sample.days, sample.ended
        return (np.log(k / lam) + (k - 1) * np.log(t[e] / lam)).sum() - ((t / lam) ** k).sum()

    a, b, h = np.log(fit.shape), np.log(fit.scale), 1e-4
    aa = (loglik(a + h, b) - 2 * loglik(a, b) + loglik(a - h, b)) / h**2
    bb = (loglik(a, b + h) - 2 * loglik(a, b) + loglik(a, b - h)) / h**2
    ab = (loglik(a + h, b + h) - loglik(a + h, b - h) - loglik(a - h, b + h) + loglik(a - h, b - h)) / (
        4 * h**2
    )
    assert fit.covariance == pytest.approx(np.linalg.inv(-np.array([[aa, ab], [ab, bb]])), rel=1e-3)


@settings(max_examples=60, deadline=None)
@given(cases)
def test_the_curve_and_its_band_are_those_of_scipy(rows):
    from scipy import stats

    sample = sample_of(rows)
    data = stats.CensoredData(uncensored=sample.days[sample.ended], right=sample.days[~sample.ended])
    theirs = stats.ecdf(data).sf
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        band = theirs.confidence_interval(confidence_level=0.9, method="log-log")
    share, low, high = kaplan_meier(sample, level=0.9).at(theirs.quantiles)
    assert share == pytest.approx(np.clip(theirs.probabilities, 0, 1), abs=1e-12)
    inner = (share > 0) & (share < 1)
    # Ours never rises and never crosses the curve; theirs may, by the way its variance grows.
    lowest = np.minimum.accumulate(np.where(inner, band.low.probabilities, 1.0))
    assert (low[inner] <= lowest[inner] + 1e-9).all()
    if inner.any() and (np.diff(band.high.probabilities[inner]) <= 0).all() and inner[0]:
        assert high[inner] == pytest.approx(band.high.probabilities[inner], abs=1e-9)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_ranks_are_those_of_scipy(values):
    from scipy.stats import rankdata

    assert midranks(np.array(values, dtype=float)).tolist() == rankdata(values).tolist()


@settings(max_examples=25, deadline=None)
@given(cases)
def test_the_weibull_is_the_most_likely_one(rows):
    sample = sample_of(rows)
    fit = weibull(sample)
    if fit is None:
        return

    def likelihood(shape, scale):
        z = np.log(sample.days / scale)
        return (np.log(shape) + shape * z)[sample.ended].sum() - np.exp(shape * z).sum()

    best = likelihood(fit.shape, fit.scale)
    for factor in (0.99, 1.01):
        assert likelihood(fit.shape * factor, fit.scale) <= best + 1e-9 * abs(best)
        assert likelihood(fit.shape, fit.scale * factor) <= best + 1e-9 * abs(best)
