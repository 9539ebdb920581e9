"""The compiled shortage kernel against its readable twin, and hand-made cases."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kanmon.kernels.shortage as module
from kanmon.kernels.shortage import shortage
from kanmon.kernels.shortage_plain import ShortageInput, shortage_plain

Q = 5
STEPS = ("shortage_layout.py", "shortage_make.py", "shortage_orders.py")


def off(N: int, S: int) -> dict[str, Any]:
    """Restart at once, orders of services in proportion, nothing made up."""
    none = np.zeros(N)
    return {"restart": none + 1, "upstream": np.ones(S), "recapture": none, "overtime": 0.1, "waiting": 60.0}


def economy(seed: int, *, rule: int = 0, days: int = 150, R: int = 3, stopped: bool = True) -> ShortageInput:
    """Two controlled products (0, 1), three ordinary goods (2-4) and a service (5)."""
    g = np.random.default_rng(seed)
    S, K = 6, 2
    N = R * S
    Z = g.random((N, N)) * (g.random((N, N)) < 0.7)
    for p in (0, 1):
        Z[np.arange(R) * S + p] *= (g.random(N) < 0.5) * 0.02
    final = g.random(N) * 3
    rows = [Q, Q, 1, 1, 1, 0]
    first = np.concatenate([[0], np.cumsum(rows)])
    phi = np.where(Z.reshape(R, S, N).sum(axis=0) > 0, g.random((S, N)), 0.0)
    phi[2:5] *= 0.5
    phi[5] = 0
    goal = g.uniform(10, 40, (S, R))
    goal[5] = 0
    w = np.exp(0.6 * np.array([-1.28, -0.52, 0, 0.52, 1.28]))
    w = w / w.mean()
    cover = np.concatenate(
        [goal[p] * (w[:, None] if n == Q else np.ones((n, 1))) for p, n in enumerate(rows)]
    )
    goal = np.array(
        [cover[first[p] : first[p + 1]].mean(axis=0) if n else np.zeros(R) for p, n in enumerate(rows)]
    )
    extra = np.zeros((S, R))
    extra[0, 0] = 7
    spare = np.zeros(N)
    spare[np.arange(R) * S], spare[1] = 0.3, 0.2
    kept = np.ones((2, R, days))
    if stopped:
        kept[:, 0, 3:60], kept[1, 2, 10:] = 0.05, 0.3
    full = np.full
    return ShortageInput(
        Z=Z, final=final, added=final, first=first, controlled=np.array([0, 1, -1, -1, -1, -1]), phi=phi,
        goal=goal, extra=extra, restock=g.uniform(10, 50, (S, R)),
        cover=cover + np.repeat(extra, rows, axis=0),
        working=np.maximum(1, np.minimum(7.0, cover)), spare=spare, ramp=full(N, 40.0),
        leg_node=np.array([1, S + 1]), kept=kept, resource=full((2, R), 20.0), beta_max=full((K, R), 0.2),
        beta_lead=full((K, R), 30.0), state=full((K, R), 10.0), release=full((K, R), 5.0),
        stop=3 if stopped else days, days=days, rule=rule, thrift_ramp=40.0, thrift_memory=30,
        restart=g.uniform(1, 20, N), upstream=np.array([1, 1, 1, 1, 1, 0.4]), recapture=g.uniform(0, 0.8, N),
        overtime=0.1, waiting=60.0,
    )  # fmt: skip


@pytest.mark.parametrize("rule", [0, 1, 2])
@pytest.mark.parametrize("seed", range(6))
def test_twins_agree(seed: int, rule: int) -> None:
    d = economy(seed, rule=rule, R=3 + seed % 2)
    plain, fast = shortage_plain(d), shortage(d)
    assert plain.output.min() < 0.999
    for name in plain._fields:
        a, b = np.asarray(getattr(plain, name)), np.asarray(getattr(fast, name))
        # Sums over the days: a day's rounding, times the days.
        np.testing.assert_allclose(b, a, rtol=1e-12, atol=1e-12 * d.days, err_msg=name)


def test_without_a_stop_nothing_moves_at_all() -> None:
    d = economy(1, stopped=False)
    assert (shortage(d).output == 1.0).all()
    assert (shortage_plain(d).output == 1.0).all()


def test_input_is_not_written() -> None:
    d = economy(2)
    before = [np.asarray(v).tobytes() for v in d]
    shortage(d)
    shortage_plain(d)
    assert [np.asarray(v).tobytes() for v in d] == before


def test_stock_lasts_as_long_as_the_equations_say() -> None:
    """One seller, one buyer, full stop: stock 10 days, working stock 4 days, no adaptation, phi 1.

    Use is full while the stock is above 4 days' need: it ends days 0 to 5 at 9, 8, ... 4. From then on a
    quarter of the stock is used each day, so output is 1, then (3/4)^n.
    """
    one = np.ones((1, 2))
    d = ShortageInput(
        # Two regions, one product: region 1 buys from region 0 only.
        Z=np.array([[0.0, 5.0], [0.0, 0.0]]), final=np.array([1.0, 20.0]), added=np.array([6.0, 15.0]),
        first=np.array([0, 1]), controlled=np.array([0]), phi=np.array([[0.0, 1.0]]), goal=10 * one,
        extra=0 * one, restock=30 * one, cover=10 * one, working=4 * one, spare=np.zeros(2), ramp=np.ones(2),
        leg_node=np.array([0]), kept=np.zeros((1, 2, 12)), resource=one * 10, beta_max=0 * one, beta_lead=one,
        state=0 * one, release=one, stop=0, days=12, rule=0, thrift_ramp=1.0, thrift_memory=30,
        **off(2, 1),
    )  # fmt: skip
    expected = np.concatenate([np.ones(7), 0.75 ** np.arange(1, 6)])
    for run in (shortage, shortage_plain):
        path = run(d)
        np.testing.assert_allclose(path.output[:, 1], expected, rtol=1e-12)
        # What may not be shipped is not made: the seller keeps its own final demand only.
        np.testing.assert_allclose(path.output[:, 0], 1 / 6, rtol=1e-12)
        assert (path.margin[0, 1] >= 0).all()


def chain(kept: float, spare: float = 0.0, days: int = 400) -> ShortageInput:
    """Two sellers of one product (regions 0 and 1), one buyer (region 2), which half depends on it."""
    one = np.ones((1, 3))
    Z = np.zeros((3, 3))
    Z[0, 2], Z[1, 2] = 5.0, 2.0
    share = np.ones((1, 3, days))
    share[0, 2] = kept
    return ShortageInput(
        Z=Z, final=np.array([1.0, 1.0, 20.0]), added=np.array([6.0, 3.0, 13.0]), first=np.array([0, 1]),
        controlled=np.array([0]), phi=np.array([[0.0, 0.0, 0.5]]), goal=10 * one, extra=0 * one,
        restock=30 * one, cover=10 * one, working=4 * one, spare=np.array([0.0, spare, 0.0]),
        ramp=np.ones(3), leg_node=np.array([0]), kept=share, resource=one * 10, beta_max=0 * one,
        beta_lead=one, state=0 * one, release=one, stop=0, days=days, rule=0, thrift_ramp=1.0,
        thrift_memory=30, **off(3, 1),
    )  # fmt: skip


@pytest.mark.parametrize("run", [shortage, shortage_plain])
def test_plants_run_up_in_steps_and_make_up_what_customers_wait_for(run) -> None:
    d = chain(0.0)
    d.kept[0, 2, 60:] = 1.0
    at_once, slow = run(d), run(d._replace(restart=np.full(3, 200.0)))
    # The lowest output is 1 - 0.5 * 5 / 7; from there a plant gains a two-hundredth of full output a day.
    steps = np.diff(slow.output[:, 2])
    assert steps.max() == pytest.approx(1 / 200, rel=1e-9)
    assert np.diff(at_once.output[:, 2]).max() > 0.02
    assert slow.direct[2] > at_once.direct[2]
    assert slow.binding[:, 2].sum() == pytest.approx(slow.direct[2], rel=1e-12)
    rec = run(d._replace(recapture=np.array([0.0, 0.0, 0.5]), overtime=0.1, waiting=1e9))
    lost = (1 - at_once.output[:, 2]).sum()
    assert rec.made_up[2] == pytest.approx(0.5 * lost, rel=1e-6)
    assert rec.output[:, 2].max() <= 1.1 + 1e-12
    assert rec.direct[2] == pytest.approx(at_once.direct[2], rel=1e-12)
    never = run(chain(0.0, days=200)._replace(recapture=np.full(3, 0.5)))
    assert never.made_up[2] == 0


@pytest.mark.parametrize("run", [shortage, shortage_plain])
def test_orders_of_services_fall_by_their_share_of_the_fall_in_output(run) -> None:
    """A good (product 0) stopped for the maker in region 1, which also buys a service (product 1)."""
    one = np.ones((2, 2))
    Z = np.zeros((4, 4))
    Z[0, 2], Z[3, 2] = 5.0, 4.0
    d = ShortageInput(
        Z=Z, final=np.array([1.0, 0.0, 20.0, 6.0]), added=np.ones(4), first=np.array([0, 1, 1]),
        controlled=np.array([0, -1]), phi=np.array([[0, 0, 0.5, 0], [0, 0, 0, 0.0]]), goal=10 * one,
        extra=0 * one, restock=30 * one, cover=10 * one[:1], working=4 * one[:1], spare=np.zeros(4),
        ramp=np.ones(4), leg_node=np.array([0]), kept=np.zeros((1, 2, 300)), resource=10 * one[:1],
        beta_max=0 * one[:1], beta_lead=one[:1], state=0 * one[:1], release=one[:1], stop=0, days=300, rule=0,
        thrift_ramp=1.0, thrift_memory=30, **off(4, 2),
    )  # fmt: skip
    np.testing.assert_allclose(run(d).output[-1, 2:], [0.5, 1 - 0.4 * 0.5], rtol=1e-6)
    part = run(d._replace(upstream=np.array([1.0, 0.25])))
    np.testing.assert_allclose(part.output[-1, 2:], [0.5, 1 - 0.4 * 0.25 * 0.5], rtol=1e-6)


@pytest.mark.parametrize("run", [shortage, shortage_plain])
def test_four_fifths_approved_are_four_fifths_delivered(run) -> None:
    """Orders leave the throttled cell; what may still move does move, once."""
    path = run(chain(0.8))
    np.testing.assert_allclose(path.output[-1, 0], (0.8 * 5 + 1) / 6, rtol=1e-6)
    # The buyer gets 6 of 7, and half of its output needs them.
    np.testing.assert_allclose(path.output[-1, 2], 1 - 0.5 / 7, rtol=1e-6)


@pytest.mark.parametrize("run", [shortage, shortage_plain])
def test_excess_is_asked_of_spare_output_only_and_none_of_throttled_cells(run) -> None:
    none, some = run(chain(0.0)), run(chain(0.0, spare=2.5))
    np.testing.assert_allclose(none.output[-1, 1], 1.0, rtol=1e-12)
    # With 2.5 times its output to spare, the second seller serves all of the buyer's 7 after the loss of 5.
    np.testing.assert_allclose(some.output[-1, 1], (7 + 1) / 3, rtol=1e-3)
    np.testing.assert_allclose(some.output[-1, 2], 1.0, rtol=1e-9)
    assert none.output[-1, 2] < 0.7
    throttled = chain(0.8)
    throttled.spare[0] = 5.0
    np.testing.assert_allclose(run(throttled).output[-1, 0], (0.8 * 5 + 1) / 6, rtol=1e-6)


def test_the_cache_of_the_kernel_follows_its_steps() -> None:
    """numba's cache looks at the file of the kernel only; STEPS there stands for the files of its steps."""
    steps = (Path(module.__file__).with_name(name) for name in STEPS)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in steps)).hexdigest()[:12]
    assert digest == module.STEPS, f'set STEPS = "{digest}" in kernels/shortage.py'
