"""Stress of the default mode: the table on which the reference mode runs away (a4); three years of a stop."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import engine_cases as cases

from kanmon.engines.sector import SectorEngine
from kanmon.kernels.shortage import shortage
from kanmon.kernels.shortage_plain import ShortageInput, shortage_plain

SECTOR = Path(__file__).parents[1] / "published" / "sector"
BEGIN, END, DAYS = 5, 95, 1095


def a4(kept: float, essential: float = 1.0) -> ShortageInput:
    """The table of the reference runs, every input stored and essential; region 0's construction throttled.

    In a4 rebuilding takes construction away from industries whose need of it is tiny: they stop, and the
    stop spreads. Here the same service is withheld from all its buyers for 90 days.
    """
    t = np.load(SECTOR / "a_pymrio_test_table.npz")
    Z, x = t["Z"], t["x"]
    R, S = len(t["regions"]), len(t["sectors"])
    N = R * S
    sold, final = Z.sum(axis=1), np.maximum(0.0, t["Y"].sum(axis=1))
    assert np.abs(sold + final - x).max() < 1e-6 * x.max()
    hit = list(t["sectors"]).index("construction")
    one, by_k = np.ones((S, R)), np.ones((1, R))
    moves = np.ones((1, R, DAYS))
    moves[:, :, BEGIN:END] = kept
    controlled = np.full(S, -1)
    controlled[hit] = 0
    bought = Z.reshape(R, S, N).sum(axis=0)
    return ShortageInput(
        Z=Z, final=final, added=x - Z.sum(axis=0), first=np.arange(S + 1), controlled=controlled,
        phi=np.where(bought > 0, essential, 0.0), goal=90 * one, extra=0 * one, restock=60 * one,
        cover=90 * one, working=7 * one, spare=np.zeros(N), ramp=np.ones(N), leg_node=np.array([hit]),
        kept=moves, resource=30 * by_k, beta_max=0 * by_k, beta_lead=by_k, state=0 * by_k, release=by_k,
        stop=BEGIN, days=DAYS, rule=0, thrift_ramp=1.0, thrift_memory=30, restart=np.full(N, 5.0),
        upstream=np.ones(S), recapture=np.zeros(N), overtime=0.0, waiting=60.0,
    )  # fmt: skip


def lost(output: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Share of world output lost by day."""
    return np.asarray(((1 - output) * x).sum(axis=1) / x.sum())


@pytest.mark.parametrize("kept", [0.0, 0.5])
def test_no_run_away_where_the_reference_mode_runs_away(kept: float) -> None:
    reference = np.load(SECTOR / "a4_rebuild.npz")
    ario = 1 - reference["production"].sum(axis=1) / reference["x0_daily"].sum()
    assert ario[-1] > 0.15
    assert ario[-1] > ario[-30]  # still rising a year on, with 2 % of one industry's capital lost
    d = a4(kept)
    x = d.Z.sum(axis=1) + d.final
    fast = shortage(d).output
    ours = lost(fast, x)
    assert ours[: END + 60].max() > 0
    # Over at once, or within a year of the end: nothing is left of it.
    assert np.abs(ours[END + 365 :]).max() < 1e-3
    assert np.abs(ours[-1]) < 1e-6
    short = d._replace(days=200, kept=d.kept[:, :, :200])
    np.testing.assert_allclose(shortage_plain(short).output, fast[:200], rtol=1e-12, atol=1e-10)


def test_without_an_end_the_loss_levels_off() -> None:
    d = a4(0.0)
    d.kept[:, :, BEGIN:] = 0.0
    ours = lost(shortage(d).output, d.Z.sum(axis=1) + d.final)
    year = ours[365:].reshape(2, 365)
    assert year[1].mean() <= year[0].mean() * 1.001
    assert np.ptp(ours[-365:]) < 1e-3


def test_three_years_of_a_stop_level_off_and_a_stop_that_ends_is_over() -> None:
    engine, table = SectorEngine(cases.book(recapture=0.3)), cases.table(0)
    lasting = (
        engine.run(table, cases.shock(days=1095), cases.draws(), months=(36,)).va_lost_daily[0].sum(axis=1)
    )
    assert lasting[200:].max() <= 1.02 * lasting[200:400].max()
    assert np.ptp(lasting[-90:]) < 1e-2 * lasting.max()
    ended = engine.run(table, cases.shock(days=1095, end=180), cases.draws(), months=(36,)).va_lost_daily[0]
    assert ended[180:].max() > 0
    assert np.abs(ended[-365:].sum(axis=1)).max() < 1e-3 * lasting.max()
