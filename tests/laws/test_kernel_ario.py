"""ARIO: the compiled twin, the batch and the readable twin agree; laws that hold whatever the table."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanmon.kernels.ario import ArioParameters, ario
from kanmon.kernels.ario_batch import ario_batch
from kanmon.kernels.ario_events import (
    CURVES,
    OVERLAPS,
    CapacityLoss,
    CapitalDestroyed,
    CapitalRecovers,
    Event,
    FinalDemand,
    Overlap,
    Restriction,
)
from kanmon.kernels.ario_fast import ario_fast
from kanmon.kernels.ario_masks import Masks

STEPS = 25
EQUAL = 1e-12


def table(rng: np.random.Generator, R: int, S: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A balanced table with nought cells and, now and then, an industry that is dead."""
    N = R * S
    Z = rng.lognormal(0, 2, (N, N)) * (rng.random((N, N)) < 0.7)
    dead = rng.random(N) < 0.1
    Z[dead], Z[:, dead] = 0.0, 0.0
    Z += np.diag(np.where(dead, 0.0, 0.1))
    Y = np.where(dead, 0.0, rng.lognormal(2, 1, N)) + 2 * np.maximum(0.0, Z.sum(axis=0) - Z.sum(axis=1))
    return Z, Y, Z.sum(axis=1) + Y


def parameters(rng: np.random.Generator, S: int, *, gates: bool) -> ArioParameters:
    days = rng.choice([1.0, 3.0, 10.0, 40.0, np.inf], S)
    return ArioParameters(
        days,
        rng.uniform(2, 60, S),
        psi=rng.uniform(0.5, 1.0),
        alpha_max=rng.uniform(1.0, 1.5),
        alpha_days=rng.uniform(10, 400),
        order="alt",
        gates=gates,
        overlap=str(rng.choice(OVERLAPS)),  # type: ignore[arg-type]
    )


def events(rng: np.random.Generator, x: np.ndarray, S: int) -> list[Event]:
    N = x.size
    shares = np.zeros(S)
    shares[rng.integers(S)] = 1.0

    def some(share: float) -> np.ndarray:
        return rng.random(N) < share

    def when() -> int:
        return int(rng.integers(0, 12))

    out: list[Event] = [
        Restriction(some(0.3), some(0.4), when(), 11 + when(), rng.random(), rng.random(), rng.random(), tau)
        for tau in rng.choice([0.0, 5.0, 30.0, np.inf], rng.integers(0, 4))
    ]
    hit = rng.random(N) * some(0.2)
    curve = CURVES[rng.integers(len(CURVES))]
    if rng.random() < 0.7:
        timing: Any = rng.choice(["reference", "exact"])
        out.append(CapacityLoss(hit, when(), when(), 5, curve, str(timing)))  # type: ignore[arg-type]
    if rng.random() < 0.5:
        out.append(CapitalDestroyed(hit * x, when(), 3, shares, tau=20, factor=1.2))
    if rng.random() < 0.5:
        out.append(CapitalRecovers(hit * x, when(), 3, 6, curve))
    return out


def moved(rng: np.random.Generator, Y: np.ndarray) -> list[Event]:
    """Final demand that moves: what a batch cannot hold."""
    change = Y * rng.uniform(-0.5, 0.0, Y.size)
    return [FinalDemand(change, 2, 9, stopped=True), FinalDemand(0.3 * Y, 5, 20)]


def apart(ours: np.ndarray, theirs: np.ndarray, scale: np.ndarray) -> float:
    return float(np.max(np.abs(ours - theirs) / np.where(scale > 0, scale, 1.0)))


CASES = {"seed": st.integers(0, 10**6), "R": st.integers(1, 6), "S": st.integers(1, 6)}


@given(**CASES, gates=st.booleans(), noalt=st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_compiled_twin_is_the_readable_one(seed: int, R: int, S: int, gates: bool, noalt: bool) -> None:
    rng = np.random.default_rng(seed)
    Z, Y, x = table(rng, R, S)
    p, found = parameters(rng, S, gates=gates), events(rng, x, S)
    if rng.random() < 0.5:
        found += moved(rng, Y)
    if noalt:
        p = ArioParameters(**{**vars(p), "order": "noalt"})
    plain = ario(Z, Y, x, p, found, STEPS)
    fast = ario_fast(Z, Y, x, p, found, STEPS, everything=True)
    for name in (
        "production",
        "final_undistributed",
        "capacity",
        "intermediate_demand",
        "rebuild_production",
    ):
        assert apart(getattr(fast, name), getattr(plain, name), x) <= EQUAL, name
    assert apart(fast.overproduction, plain.overproduction, np.ones(R * S)) <= EQUAL
    finite = np.isfinite(plain.stock_final)
    assert np.array_equal(finite, np.isfinite(fast.stock_final))
    gap = np.where(finite, fast.stock_final, 0.0) - np.where(finite, plain.stock_final, 0.0)
    assert np.abs(gap / np.maximum(x, 1.0)).max() <= EQUAL


@given(**CASES, count=st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_a_batch_is_its_draws_one_by_one(seed: int, R: int, S: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    Z, Y, x = table(rng, R, S)
    draws = [(parameters(rng, S, gates=False), events(rng, x, S)) for _ in range(count)]
    together = ario_batch(Z, Y, x, draws, STEPS)
    for k, (p, found) in enumerate(draws):
        alone = ario(Z, Y, x, p, found, STEPS)
        assert apart(together.production[:, :, k], alone.production, x) <= EQUAL
        assert apart(together.final_undistributed[:, :, k], alone.final_undistributed, x) <= EQUAL
    single = ario_batch(Z.astype(np.float32), Y, x, draws, STEPS)
    assert apart(single.production, together.production, x[:, None]) < 1e-3


def test_threads_do_not_change_a_byte_of_a_batch() -> None:
    rng = np.random.default_rng(7)
    Z, Y, x = table(rng, 7, 9)
    draws = [(parameters(rng, 9, gates=False), events(rng, x, 9)) for _ in range(37)]
    whole = ario_batch(Z.astype(np.float32), Y, x, draws, STEPS, threads=1)
    for threads in (2, 5, 37):
        part = ario_batch(Z.astype(np.float32), Y, x, draws, STEPS, threads=threads)
        assert np.array_equal(part.production, whole.production)
        assert np.array_equal(part.margin, whole.margin)


def test_the_number_of_threads_does_not_change_a_byte() -> None:
    rng = np.random.default_rng(3)
    Z, Y, x = table(rng, 50, 42)
    p, found = parameters(rng, 42, gates=True), events(rng, x, 42)
    one, two = (ario_fast(Z, Y, x, p, found, 6, threads=t) for t in (1, 2))
    assert np.array_equal(one.production, two.production)
    assert np.array_equal(one.stock_final, two.stock_final)


@given(**CASES)
@settings(max_examples=20, deadline=None)
def test_no_shock_no_movement(seed: int, R: int, S: int) -> None:
    rng = np.random.default_rng(seed)
    Z, Y, x = table(rng, R, S)
    p = ArioParameters(np.full(S, 20.0), np.full(S, 30.0))
    never = np.zeros(R * S, dtype=bool)
    for found in (
        [],
        [Restriction(~never, ~never, 3, 9, enforcement=0.0)],
        [Restriction(never, ~never, 3, 9)],
    ):
        path = ario_fast(Z, Y, x, p, found, STEPS)
        assert apart(path.production, path.production[:1], x) <= EQUAL
        assert path.margin.min() > 1


@given(**CASES)
@settings(max_examples=20, deadline=None)
def test_names_and_money_change_nothing(seed: int, R: int, S: int) -> None:
    """Regions and products in another order, and money in another unit, give the same run."""
    rng = np.random.default_rng(seed)
    Z, Y, x = table(rng, R, S)
    p = ArioParameters(np.full(S, 8.0), np.full(S, 12.0), gates=False)
    sellers, buyers, lost = rng.random(R * S) < 0.3, rng.random(R * S) < 0.5, 0.5 * rng.random(R * S)
    base = ario_fast(Z, Y, x, p, [Restriction(sellers, buyers, 3, 12), CapacityLoss(lost, 2, 5, 4)], STEPS)
    order = (rng.permutation(R)[:, None] * S + rng.permutation(S)).ravel()
    moved = [Restriction(sellers[order], buyers[order], 3, 12), CapacityLoss(lost[order], 2, 5, 4)]
    other = ario_fast(Z[np.ix_(order, order)] * 1000, Y[order] * 1000, x[order] * 1000, p, moved, STEPS)
    assert apart(other.production / 1000, base.production[:, order], x[order]) <= EQUAL


def test_a_longer_or_wider_ban_never_costs_less() -> None:
    rng = np.random.default_rng(11)
    Z, Y, x = table(rng, 5, 6)
    p = ArioParameters(np.full(6, 10.0), np.full(6, 30.0))
    from_one = np.arange(30) < 6
    to_two = (np.arange(30) >= 6) & (np.arange(30) < 12)

    def lost(**more: Any) -> float:
        ban = Restriction(**{"sellers": from_one, "buyers": to_two, "first": 3, "last": 15, **more})
        path = ario_fast(Z, Y, x, p, [ban], 40)
        return float((path.production[0] - path.production).sum())

    assert 0 < lost(leakage=0.5) < lost() < lost(last=25)
    assert lost(share=0.3) < lost(share=0.6) < lost()
    assert lost() < lost(buyers=to_two | (np.arange(30) >= 24))


def test_a_product_that_nobody_else_sells_cannot_be_sourced_elsewhere() -> None:
    """Re-sourcing does not turn a ban on all sellers of a product into no ban at all."""
    rng = np.random.default_rng(2)
    Z, Y, x = table(rng, 4, 3)
    every = np.arange(12) % 3 == 1
    p = ArioParameters(np.full(3, 6.0), np.full(3, 10.0))
    at_once, never = (
        ario_fast(
            Z, Y, x, p, [Restriction(every, np.ones(12, bool), 2, 20, leakage=0.1, resource_days=d)], 20
        )
        for d in (0.0, np.inf)
    )
    assert np.array_equal(at_once.production, never.production)
    assert never.production[-1].sum() < 0.5 * never.production[0].sum()


def lost_by(days: int, tau: float, *more: Restriction, enforcement: float = 1.0) -> float:
    """Output lost in the first days, region 0 stopping product 1 for region 2 from day 6 to 95."""
    rng = np.random.default_rng(0)
    Z, Y = rng.uniform(1, 5, (9, 9)), rng.uniform(20, 30, 9)
    x = Z.sum(axis=1) + Y
    node = np.arange(9)
    ban = Restriction(node == 1, node >= 6, 6, 95, enforcement, resource_days=tau)
    p = ArioParameters(np.full(3, 20.0), np.full(3, 10.0))
    path = ario_fast(Z, Y, x, p, [ban, *more], 120)
    return float((x / 365 - path.production)[:days].sum())


def others(first: int, last: int, tau: float, **terms: float) -> list[Restriction]:
    """The other two sellers of the product under a restriction of their own."""
    node = np.arange(9)
    return [Restriction(node == k, node >= 6, first, last, resource_days=tau, **terms) for k in (4, 7)]


@pytest.mark.parametrize("tau", [1.0, 5.0])
def test_what_begins_later_or_does_nothing_changes_nothing_today(tau: float) -> None:
    alone = lost_by(96, tau)
    assert alone > 0.1
    for idle in (
        others(100, 110, tau, enforcement=0.0),
        others(0, 110, tau, share=0.0),
        others(0, 110, tau, leakage=1.0),
    ):
        assert lost_by(96, tau, *idle) == pytest.approx(alone, rel=1e-12)
    assert lost_by(100, tau, *others(100, 110, tau)) == pytest.approx(lost_by(100, tau), rel=1e-12)


@pytest.mark.parametrize("tau", [1.0, 5.0, 60.0])
def test_a_stricter_restriction_on_the_other_sellers_costs_more_without_a_jump(tau: float) -> None:
    shares = [0.0, 1e-9, 1e-4, 0.01, 0.1, 0.3, 0.6, 0.9, 1.0]
    lost = [lost_by(120, tau, *others(6, 95, tau, share=s)) for s in shares]
    assert lost == sorted(lost)
    assert lost[1] == pytest.approx(lost[0], rel=1e-6)
    assert lost[2] == pytest.approx(lost[0], rel=1e-2)
    assert lost[-1] > 2 * lost[0]
    enforced = [lost_by(120, tau, *others(6, 95, tau, share=0.5), enforcement=e) for e in (0, 0.4, 0.8, 1)]
    assert enforced == sorted(enforced)


def test_orders_in_all_fall_by_what_the_most_open_seller_keeps() -> None:
    """Whoever is banned alike, two sellers of the same terms are as one."""
    node = np.arange(6)
    Z = np.ones((6, 6))
    two = [Restriction((node % 3 == 1) & (node < 3), node >= 3, 0, 9, e, resource_days=0) for e in (0.9,)]
    two.append(Restriction((node % 3 == 1) & (node >= 3), node >= 3, 0, 9, 0.5, resource_days=0))
    m = Masks.of(two, Z, 3, 9, overlap="strictest")
    turned = m.turned(m.ordered[:, 5])[m.group[4]]
    assert turned[[1, 4]] == pytest.approx([0.2, 1.0])
    assert np.array_equal(turned[[0, 2, 3, 5]], np.ones(4))
    assert np.array_equal(m.turned(m.ordered[:, 5])[m.group[0]], np.ones(6))


def test_final_demand_below_nought_is_a_stock_that_serves() -> None:
    """Stocks run down keep the table balanced: nothing moves at rest, and no output is below nought."""
    rng = np.random.default_rng(8)
    Z = rng.uniform(1, 5, (9, 9))
    x = Z.sum(axis=0) + 5
    x[4] = Z[4].sum() * 0.3
    Y = x - Z.sum(axis=1)
    Y[4] = x[4] - Z[4].sum()
    assert Y[4] < 0
    p = ArioParameters(np.full(3, 20.0), np.full(3, 10.0), gates=False)
    for run in (ario, ario_fast):
        assert apart(run(Z, Y, x, p, [], 100).production, x[None, :] / 365, x) <= EQUAL
        path = run(Z, Y, x, p, [CapacityLoss(np.where(np.arange(9) == 4, 0.0, 0.99), 3, 50, 9)], 100)
        assert path.production.min() >= 0
        assert path.production[:, 4].min() < 0.2 * path.production[0, 4]
        assert path.final_undistributed.min() >= 0
    plain, fast = (
        run(Z, Y, x, p, [CapacityLoss(np.full(9, 0.9), 3, 50, 9)], 100) for run in (ario, ario_fast)
    )
    assert apart(plain.production, fast.production, x) <= EQUAL
    batch = ario_batch(Z, Y, x, [(p, [CapacityLoss(np.full(9, 0.9), 3, 50, 9)])], 100)
    assert apart(plain.production, batch.production[:, :, 0], x) <= EQUAL


def test_final_sales_that_are_stopped_are_not_served_and_a_fall_of_demand_is_not_wanted() -> None:
    rng = np.random.default_rng(8)
    Z, Y, x = table(rng, 3, 3)
    p, half = ArioParameters(np.full(3, 20.0), np.full(3, 10.0)), np.where(np.arange(9) == 4, -0.5 * Y, 0.0)
    stopped, fallen = (ario_fast(Z, Y, x, p, [FinalDemand(half, 3, 9, stopped=s)], 20) for s in (True, False))
    assert np.array_equal(stopped.production, fallen.production)
    assert apart(stopped.production[3, 4], (x[4] + half[4]) / 365, x[4]) <= EQUAL
    assert stopped.final_undistributed[3:10, 4] == pytest.approx(-half[4] / 365)
    assert np.abs(fallen.final_undistributed).max() < 1e-9


def test_of_two_rules_on_one_flow() -> None:
    rng = np.random.default_rng(5)
    Z, Y, x = table(rng, 4, 3)
    sellers, buyers = np.arange(12) < 3, np.arange(12) >= 3

    def output(overlap: Overlap, *enforcement: float) -> np.ndarray:
        p = ArioParameters(np.full(3, 5.0), np.full(3, 10.0), overlap=overlap)
        bans = [Restriction(sellers, buyers, 2, 15, e) for e in enforcement]
        return ario_fast(Z, Y, x, p, bans, 20).production

    alone = {e: output("strictest", e) for e in (0.5, 0.6, 0.7, 1.0)}
    assert np.array_equal(output("strictest", 0.3, 0.5), alone[0.5])
    assert apart(output("multiply", 0.2, 0.5), alone[0.6], x) <= EQUAL
    assert apart(output("add", 0.2, 0.5), alone[0.7], x) <= EQUAL
    assert apart(output("add", 0.7, 0.5), alone[1.0], x) <= EQUAL


def test_what_a_batch_refuses() -> None:
    rng = np.random.default_rng(1)
    Z, Y, x = table(rng, 2, 2)
    good = ArioParameters(np.full(2, 5.0), np.full(2, 5.0), gates=False)
    gated = ArioParameters(np.full(2, 5.0), np.full(2, 5.0))
    other = ArioParameters(np.full(2, 5.0), np.full(2, 5.0), gates=False, order="noalt")
    with pytest.raises(ValueError, match=r"gates: \[1\]; with an order.*: \[2\]"):
        ario_batch(Z, Y, x, [(good, []), (gated, []), (other, [])])


def test_what_no_event_can_be() -> None:
    """Faults of an event, all at once, and the shortest recovery of a curve."""
    flags, share = np.zeros(4, dtype=bool), np.full(4, 0.2)
    with pytest.raises(ValueError, match=r"enforcement is nan.*leakage is 3.0.*buyers is no array"):
        Restriction(flags, np.array([1]), 1, 5, enforcement=np.nan, leakage=3.0)
    with pytest.raises(ValueError, match="ends at step 1, before it begins at 50"):
        Restriction(flags, flags, 50, 1)
    with pytest.raises(ValueError, match=r"loss holds values.*duration is -1.*curve s_shaped takes 3"):
        CapacityLoss(np.full(4, 2.0), 1, -1, 2, "s_shaped")
    with pytest.raises(ValueError, match="recovery is 1: a curve s_shaped takes 3 steps or more"):
        CapitalRecovers(share, 1, 5, 1, "s_shaped")
    with pytest.raises(ValueError, match=r"rebuilders holds.*tau is 0"):
        CapitalDestroyed(share, 1, 5, np.array([np.nan, 1.0]), 0)
    assert CapacityLoss(share, 1, 5, 0, "s_shaped").at(20).sum() == 0
    assert 0 < CapacityLoss(share, 1, 5, 3, "s_shaped").at(10).sum() < 1e-3


@pytest.mark.parametrize("run", [ario, ario_fast, None])
def test_what_no_run_can_use_is_named_at_once(run: Any) -> None:
    rng = np.random.default_rng(1)
    Z, Y, x = table(rng, 2, 2)
    Z[1, 2] = np.nan
    p = ArioParameters(np.full(3, 5.0), 5.0, psi=2.0, gates=False)  # type: ignore[arg-type]
    found = [Restriction(np.zeros(3, dtype=bool), np.zeros(4, dtype=bool), 1, 5)]
    given: Any = ([(p, found)],) if run is None else (p, found)
    with pytest.raises(ValueError, match="ARIO cannot run") as told:
        (run or ario_batch)(Z, Y[:3], x, *given, 9)
    for words in (
        "Z holds NaN or infinity in 1 rows, the first being 1",
        "Y has shape (3,), where x has (4,)",
        "restock_days is float ()",
        "4 nodes are no whole number of regions of 3 products",
        "psi is 2.0",
        "sellers has shape (3,)",
    ):
        assert words in str(told.value)


def test_inputs_are_not_written() -> None:
    rng = np.random.default_rng(4)
    Z, Y, x = table(rng, 3, 3)
    p = ArioParameters(np.full(3, 5.0), np.full(3, 5.0), gates=False)
    kept = [a.copy() for a in (Z, Y, x)]
    for a in (Z, Y, x):
        a.setflags(write=False)
    ario_fast(Z, Y, x, p, events(rng, x, 3), 10)
    ario_batch(Z, Y, x, [(p, events(rng, x, 3))], 10)
    assert all(np.array_equal(a, b) for a, b in zip((Z, Y, x), kept, strict=True))
