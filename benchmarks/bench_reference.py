"""Distance to reference results: the ARIO runs of BoARIO, and the split merged back against ICIO."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np

from row import Row

ROOT = Path(__file__).parents[1]
SELLER, BUYER = "CHN", "JPN"
ICIO_2022 = {"all intermediates": 117.8e3, "C26": 22.43e3}
"""China to Japan, USD million, to the digits published (OECD ICIO 2025 edition, 2022)."""


def published_tests() -> ModuleType:
    """tests/published/test_ario.py: one place holds the cases and how they are compared."""
    sys.path.insert(0, str(ROOT / "tests" / "published"))
    import test_ario

    return test_ario


def ario_rows() -> list[Row]:
    tests = published_tests()
    found = []
    for case, file in tests.CASES.items():
        gaps = tests.differences(tests.run_small(case), dict(np.load(tests.HERE / file)))
        found.append(Row(f"ARIO {case}: largest relative difference", max(gaps.values()), "", 1e-10))
    gap = icio_case(tests)
    found.append(Row("ARIO b1 (ICIO 2022): largest relative difference", gap, "", 1e-10))
    return found


def icio_case(tests: ModuleType) -> float:
    """Largest relative difference of production, overproduction and stocks in case b1."""
    table, ref = (
        dict(np.load(tests.HERE / name)) for name in ("b_icio2022_8x50_table.npz", "b1_chn_c26_20pct.npz")
    )
    loss = tests.loss_at({("CHN", "C26"): 0.2}, list(table["regions"]), list(table["sectors"]))
    parameters = tests.ArioParameters(np.full(50, 90.0), np.full(50, 60.0))
    path = tests.ario(table["Z"], table["f"], table["x"], parameters, [tests.CapacityLoss(loss, 5, 90, 30)])
    live = table["x"] > 0
    pairs = [
        (path.production[:, live], ref["production"][:, live]),
        (path.overproduction[-1], ref["overprod_last"]),
        (path.stock_final, ref["stock_final"]),
    ]
    return max(tests.largest_difference(ours, theirs) for ours, theirs in pairs)


def split_rows() -> list[Row]:
    from kanmon.world.split import merge
    from kanmon.world.world import World

    world = World.default()
    focus = world.focus(world.focus_regions([SELLER], [BUYER]), detail=True)
    split = world.split(focus)
    back = merge(split, focus)
    r, s, S = focus.regions.index(SELLER), focus.regions.index(BUYER), len(focus.sectors)
    whole, merged = (t.Z[r * S : (r + 1) * S, s * S : (s + 1) * S] for t in (focus, back))
    c26 = focus.sectors.index("C26")
    found = []
    for name, published in ICIO_2022.items():
        ours, source = (
            (merged.sum(), whole.sum())
            if name == "all intermediates"
            else (merged[c26].sum(), whole[c26].sum())
        )
        note = f"{ours / 1e3:.4f} bn USD; published {published / 1e3:g}"
        found.append(
            Row(
                f"merged split, {SELLER} to {BUYER}, {name}: relative gap",
                abs(ours / source - 1),
                "",
                1e-9,
                note,
            )
        )
    gap = float(np.abs(back.Z - focus.Z).max() / np.abs(focus.Z).max())
    found.append(Row("merged split, every cell: gap over the largest cell", gap, "", 1e-9))
    return found + flow_rows(world, focus, split)


def flow_rows(world, focus, split) -> list[Row]:  # type: ignore[no-untyped-def]
    """Rows of the split before and after they are fitted into their parents, beside independent totals."""
    from kanmon.world.split_flows import product_flows

    flows = product_flows(world, focus, None, split.products)
    r, s = focus.regions.index(SELLER), focus.regions.index(BUYER)
    S = len(split.sectors)
    found = []
    for name in split.products:
        before = float(flows[name].mean(axis=0)[r, s])
        node = split.node(SELLER, name)
        after = float(split.Z[:, node, s * S : (s + 1) * S].sum(axis=1).mean())
        codes = world.products[name].trade_hs
        own = not world.trade.missing(codes) and len(codes) > 0
        total = (
            world.trade.between(codes, focus.year, focus.regions, world.region_of(focus.regions))[r, s]
            if own
            else None
        )
        note = f"fitted {after:.1f}; customs codes of the product " + (
            "not loaded" if total is None else f"{total:.1f}"
        )
        found.append(
            Row(f"split row {name}, {SELLER} to {BUYER}, before fitting", before, "USD m", None, note)
        )
    return found


def rows() -> list[Row]:
    return ario_rows() + split_rows()
