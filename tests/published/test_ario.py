"""Both twins of ARIO against runs of BoARIO 0.7.2 kept in sector/ (see its README)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kanmon.kernels.ario import ArioParameters, ario
from kanmon.kernels.ario_events import CapacityLoss, CapitalDestroyed, CapitalRecovers, Restriction
from kanmon.kernels.ario_fast import ario_fast

HERE = Path(__file__).parent / "sector"
LIMIT = 1e-10
SINGLE = 1e-6
Run = Callable[..., Any]


def compiled(*given: Any, **more: Any) -> Any:
    return ario_fast(*given, everything=True, **more)


TWINS = {"plain": ario, "compiled": compiled}
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


def run_small(case: str, run: Run = ario, dtype: type = np.float64) -> Any:
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
    return run(Z.astype(dtype), Y, x, ArioParameters(days, tau, psi=psi, order=order), [event])


def largest_difference(ours: np.ndarray, theirs: np.ndarray, scale: np.ndarray | None = None) -> float:
    """Largest difference relative to the reference value (to `scale` where the value can be nought)."""
    scale = np.abs(theirs) if scale is None else np.broadcast_to(scale, theirs.shape)
    finite = np.isfinite(theirs)
    assert np.array_equal(finite, np.isfinite(ours))
    gap = np.abs(ours[finite] - theirs[finite])
    return float(np.max(np.divide(gap, scale[finite], out=gap.copy(), where=scale[finite] > 0)))


def differences(path: Any, ref: dict[str, np.ndarray]) -> dict[str, float]:
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


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("case", CASES)
def test_small_references(case: str, twin: str) -> None:
    found = differences(run_small(case, TWINS[twin]), dict(np.load(HERE / CASES[case])))
    assert {"production", "capacity", "overprod", "stock_final", "final_demand_undist"} <= set(found)
    assert max(found.values()) <= LIMIT, found


@pytest.mark.parametrize("case", CASES)
def test_a_table_in_single_precision(case: str) -> None:
    found = differences(run_small(case, compiled, np.float32), dict(np.load(HERE / CASES[case])))
    assert max(found[k] for k in ("production", "final_demand_undist", "stock_final")) <= SINGLE, found


@pytest.mark.parametrize("twin", TWINS)
def test_b1_china_electronics_on_icio(twin: str) -> None:
    t, ref = np.load(HERE / "b_icio2022_8x50_table.npz"), np.load(HERE / "b1_chn_c26_20pct.npz")
    loss = loss_at({("CHN", "C26"): 0.2}, list(t["regions"]), list(t["sectors"]))
    parameters = ArioParameters(np.full(50, 90.0), np.full(50, 60.0))
    path = TWINS[twin](t["Z"], t["f"], t["x"], parameters, [CapacityLoss(loss, 5, 90, 30)])
    live = t["x"] > 0
    assert largest_difference(path.production[:, live], ref["production"][:, live]) <= LIMIT
    assert np.abs(path.production[:, ~live]).max() == np.abs(ref["production"][:, ~live]).max() == 0
    assert largest_difference(path.overproduction[-1], ref["overprod_last"]) <= LIMIT
    assert largest_difference(path.stock_final, ref["stock_final"]) <= LIMIT
    # The reference keeps this array in single precision.
    x0 = np.where(live, ref["x0_daily"], 1.0)
    assert largest_difference(path.final_undistributed, ref["final_demand_undist"], x0) <= 1e-7


BOARIO_CURVES = {
    "linear": "linear",
    "convexe noscale": "exponential",
    "convexe": "exponential_scaled",
    "concave": "s_shaped",
}


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("kind", ["arbitrary", "recovery"])
@pytest.mark.parametrize("name", BOARIO_CURVES)
def test_every_recovery_curve(name: str, kind: str, twin: str) -> None:
    Z, Y, x, regions, sectors = small_table()
    ref, curve = np.load(HERE / "a5_recovery_curves.npz"), BOARIO_CURVES[name]
    event: CapacityLoss | CapitalRecovers = CapacityLoss(
        loss_at({("reg1", "manufactoring"): 0.3}, regions, sectors), 5, 10, 15, curve
    )
    if kind == "recovery":
        impact = loss_at({("reg1", "manufactoring"): 2e7}, regions, sectors)
        event = CapitalRecovers(impact, 5, 10, 15, curve)
    path = TWINS[twin](Z, Y, x, ArioParameters(np.full(8, 90.0), np.full(8, 60.0)), [event], steps=60)
    assert (
        largest_difference(path.capacity[:, event_node(regions, sectors)], ref[f"{kind} {name} capacity"])
        <= LIMIT
    )
    assert largest_difference(path.production, ref[f"{kind} {name} production"]) <= LIMIT


def event_node(regions: list[str], sectors: list[str]) -> int:
    return regions.index("reg1") * len(sectors) + sectors.index("manufactoring")


@pytest.mark.parametrize("twin", TWINS)
def test_quiet_economy_stays_where_it_is(twin: str) -> None:
    Z, Y, x, _, _ = small_table()
    path = TWINS[twin](Z, Y, x, ArioParameters(np.full(8, 90.0), np.full(8, 60.0)), [], steps=60)
    assert np.abs(path.production / path.production[0] - 1).max() < 1e-9


SIX = ("C24A", "C24B", "C26", "C20", "B07", "B08")
BAN = {
    # scope: peak loss of the buyer's output in per cent, to the digits that the note prints:
    # nobody re-sources with stocks of 90 and of 30 days, all re-source at once with 30 days.
    "all": ((9.06, 0.005), (98.9, 0.05), (3.95, 0.006)),
    "C26": ((0.005, 0.0006), (95.8, 0.05), (0.003, 0.0005)),
    "C24B": ((0.0, 0.0005), (0.0, 0.0005), (0.0, 0.0005)),
    "six": ((0.004, 0.0005), (95.8, 0.05), (4.05, 0.006)),
}


@pytest.mark.parametrize("scope", BAN)
def test_a_ban_cell_by_cell(scope: str) -> None:
    """The prototype of notes/sector-models.md, section 6: CHN to JPN, 10 % leakage, steps 6 to 95."""
    t = np.load(HERE / "b_icio2022_8x50_table.npz")
    regions, sectors = list(t["regions"]), list(t["sectors"])
    chosen = {"all": sectors, "six": SIX}.get(scope, (scope,))
    sellers = loss_at({("CHN", s): 1.0 for s in chosen}, regions, sectors) > 0
    buyers = loss_at({("JPN", s): 1.0 for s in sectors}, regions, sectors) > 0
    for (expected, near), days, tau in zip(
        BAN[scope], (90.0, 30.0, 30.0), (np.inf, np.inf, 0.0), strict=True
    ):
        ban = Restriction(sellers, buyers, 6, 95, leakage=0.1, resource_days=tau)
        path = ario_fast(t["Z"], t["f"], t["x"], ArioParameters(np.full(50, days), np.full(50, 60.0)), [ban])
        output = path.production[:, buyers].sum(axis=1)
        assert 100 * (1 - output / output[0]).max() == pytest.approx(expected, abs=near)
        # Output that stocks limit is what the margin tells.
        assert (path.margin[buyers].min() < 1) == (expected > 1)
