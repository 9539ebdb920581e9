"""The readable ARIO against runs of BoARIO 0.7.2 kept in sector/ (see its README)."""

from pathlib import Path

import numpy as np
import pytest

from kanmon.kernels.ario import ArioParameters, ArioPath, CapacityLoss, CapitalDestroyed, ario

HERE = Path(__file__).parent / "sector"
LIMIT = 1e-10
CASES = {
    "a1": "a1_arbitrary_alt.npz",
    "a2": "a2_severe_noalt.npz",
    "a3": "a3_hetero_inventories.npz",
    "a4": "a4_rebuild.npz",
}


def small_table() -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str], list[str]]:
    t = np.load(HERE / "a_pymrio_test_table.npz")
    return t["Z"], t["Y"], t["x"], list(t["regions"]), list(t["sectors"])


def loss_at(where: dict[tuple[str, str], float], regions: list[str], sectors: list[str]) -> np.ndarray:
    loss = np.zeros(len(regions) * len(sectors))
    for (region, sector), share in where.items():
        loss[regions.index(region) * len(sectors) + sectors.index(sector)] = share
    return loss


def run_small(case: str) -> ArioPath:
    Z, Y, x, regions, sectors = small_table()
    days, tau, psi, order = np.full(8, 90.0), np.full(8, 60.0), 0.8, "alt"
    hit = {("reg1", "manufactoring"): 0.2}
    if case == "a2":
        days, tau, psi, order = np.full(8, 15.0), np.full(8, 10.0), 0.9, "noalt"
        hit = {("reg1", "manufactoring"): 0.9, ("reg2", "electricity"): 0.6}
    if case == "a3":
        days = np.array([20, 25, 30, 35, 40, np.inf, np.inf, 55])
        tau = np.array([10.0, 13, 16, 19, 22, 25, 28, 31])
        hit = {("reg1", "manufactoring"): 0.9}
    event: CapacityLoss | CapitalDestroyed = CapacityLoss(loss_at(hit, regions, sectors), 5, 90, 30)
    if case == "a4":
        shares = np.zeros(8)
        shares[sectors.index("construction")], shares[sectors.index("manufactoring")] = 0.6, 0.4
        impact = loss_at({("reg1", "manufactoring"): 2e7}, regions, sectors)
        event = CapitalDestroyed(impact, 5, 10, shares, tau=60)
    return ario(Z, Y, x, ArioParameters(days, tau, psi=psi, order=order), [event])


def largest_difference(ours: np.ndarray, theirs: np.ndarray, scale: np.ndarray | None = None) -> float:
    """Largest difference relative to the reference value (to `scale` where the value can be nought)."""
    scale = np.abs(theirs) if scale is None else np.broadcast_to(scale, theirs.shape)
    finite = np.isfinite(theirs)
    assert np.array_equal(finite, np.isfinite(ours))
    gap = np.abs(ours[finite] - theirs[finite])
    return float(np.max(np.divide(gap, scale[finite], out=gap.copy(), where=scale[finite] > 0)))


def differences(path: ArioPath, ref: dict[str, np.ndarray]) -> dict[str, float]:
    x0 = ref["x0_daily"]
    pairs = {
        "production": (path.production, None),
        "capacity": (path.capacity, None),
        "overprod": (path.overproduction, None),
        "intermediate_demand": (path.intermediate_demand, None),
        "final_demand_undist": (path.final_undistributed, x0),
        "rebuild_demand": (path.rebuild_demand, x0),
        "rebuild_prod": (path.rebuild_production, x0),
        "stock_final": (path.stock_final, None),
    }
    return {k: largest_difference(o, ref[k], s) for k, (o, s) in pairs.items() if k in ref}


@pytest.mark.parametrize("case", CASES)
def test_small_references(case: str) -> None:
    found = differences(run_small(case), dict(np.load(HERE / CASES[case])))
    assert {"production", "capacity", "overprod", "stock_final", "final_demand_undist"} <= set(found)
    assert max(found.values()) <= LIMIT, found


def test_b1_china_electronics_on_icio() -> None:
    t, ref = np.load(HERE / "b_icio2022_8x50_table.npz"), np.load(HERE / "b1_chn_c26_20pct.npz")
    loss = loss_at({("CHN", "C26"): 0.2}, list(t["regions"]), list(t["sectors"]))
    parameters = ArioParameters(np.full(50, 90.0), np.full(50, 60.0))
    path = ario(t["Z"], t["f"], t["x"], parameters, [CapacityLoss(loss, 5, 90, 30)])
    live = t["x"] > 0
    assert largest_difference(path.production[:, live], ref["production"][:, live]) <= LIMIT
    assert np.abs(path.production[:, ~live]).max() == np.abs(ref["production"][:, ~live]).max() == 0
    assert largest_difference(path.overproduction[-1], ref["overprod_last"]) <= LIMIT
    assert largest_difference(path.stock_final, ref["stock_final"]) <= LIMIT
    # The reference keeps this array in single precision.
    x0 = np.where(live, ref["x0_daily"], 1.0)
    assert largest_difference(path.final_undistributed, ref["final_demand_undist"], x0) <= 1e-7


def test_quiet_economy_stays_where_it_is() -> None:
    Z, Y, x, _, _ = small_table()
    path = ario(Z, Y, x, ArioParameters(np.full(8, 90.0), np.full(8, 60.0)), [], steps=60)
    assert np.abs(path.production / path.production[0] - 1).max() < 1e-9
