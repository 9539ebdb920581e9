"""What stops for some customers leaves the others alone; both computations of cover still agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kanmon.company.apart import set_apart
from kanmon.company.cover import cover, netting
from kanmon.company.customers import CustomerClass, Reached, class_shares, reached_customers
from kanmon.company.network import network
from kanmon.company.read import read_company
from kanmon.company.records import Network
from kanmon.kernels import netting_plain
from kanmon.kernels.netting import cover_alone, cover_jointly

DAYS = 60
FIRM = {
    "parts.csv": "part_no,make_buy,uom,hs_code\nCAR,M,EA,\nJET,M,EA,\nROT,M,EA,\nMAG,B,EA,850511\n",
    "bom.csv": "parent,child,qty_per\nCAR,ROT,1\nJET,ROT,1\nROT,MAG,2\n",
    "inventory.csv": "part_no,unrestricted_qty,as_of\nMAG,40,2026-01-06\nROT,10,2026-01-06\n",
    "products.csv": "product,weekly_demand,price,gross_margin\nCAR,7,100,0.3\nJET,7,100,0.3\n",
    "demand.csv": "customer,product,weekly_qty\nC1,CAR,7\nC2,JET,7\n",
    "customers.csv": "customer_id,name_en,declared_end_use\nC1,Car Works,civil\nC2,Jet Works,military\n",
}


@pytest.fixture
def firm(tmp_path: Path) -> tuple[Network, Reached, np.ndarray]:
    for name, text in FIRM.items():
        (tmp_path / name).write_text(text, "utf-8")
    company = read_company(tmp_path)
    net, _ = network(company)
    reached = reached_customers(company, net)
    return net, reached, class_shares(company, net, reached)


def class_of(reached: Reached, code: str) -> int:
    return next(k for k, one in enumerate(reached.classes) if code in one.customers)


def test_an_item_banned_for_one_customer_stops_that_customer_only(
    firm: tuple[Network, Reached, np.ndarray],
) -> None:
    """Jets take 2 magnets a day; 40 free ones and half of the 10 rotors (20 magnets, so 10): 25 days."""
    net, reached, weight = firm
    civil, war = class_of(reached, "C1"), class_of(reached, "C2")
    apart, shares = set_apart(net, reached, weight, {"MAG": {civil: 0.0, war: 1.0}})
    found = cover(apart, shares, "in_force", DAYS)
    days = {p.product: (p.jointly, p.alone, p.own) for p in found.products}
    assert days == {"CAR": (None, None, "CAR"), "JET for C2": (25, 25, "JET")}
    path = next(p.path for p in found.products if p.own == "JET")
    assert path == ("JET for C2", "ROT", "MAG for C2")
    assert apart.whom == {"MAG for C2": ("C2",)}


def test_an_item_banned_for_all_stops_all_as_before(firm: tuple[Network, Reached, np.ndarray]) -> None:
    net, reached, weight = firm
    apart, shares = set_apart(net, reached, weight, {"MAG": dict.fromkeys((1, 2), 1.0)})
    assert apart is net
    assert shares == {"MAG": 1.0}
    assert [p.jointly for p in cover(net, shares, "in_force", DAYS).products] == [15, 15]


def test_without_known_demand_the_worst_answer_stands_for_the_whole_item(
    firm: tuple[Network, Reached, np.ndarray],
) -> None:
    net, reached, weight = firm
    apart, shares = set_apart(net, reached, np.zeros_like(weight), {"MAG": {1: 0.0, 2: 1.0}})
    assert apart is net
    assert shares == {"MAG": 1.0}


def random_network(seed: int) -> tuple[Network, Reached, np.ndarray, dict[str, dict[int, float]]]:
    """Three products, six assemblies, six bought items, two classes of customers."""
    rng = np.random.default_rng(seed)
    n, first, child, quantity = 15, [0], [], []
    for i in range(n):
        if i < 9:
            own = rng.choice(np.arange(max(3, i + 1), n), size=min(3, n - max(3, i + 1)), replace=False)
            child += own.tolist()
            quantity += (rng.integers(1, 9, len(own)) / 4).tolist()
        first.append(len(child))
    items = tuple(f"i{i}" for i in range(n))
    from kanmon.kernels.netting import planned

    g = (np.array(first), np.array(child, np.int64), np.array(quantity), np.arange(3))
    need = rng.integers(1, 20, 3) / 7
    plan = planned(*g, need)
    net = Network(
        items, *g, need, rng.integers(0, 9, 3).astype(float), np.arange(n) < 9,
        rng.integers(0, 300, n).astype(float), np.sort(rng.integers(9, n, 4)), np.zeros(4, np.int64),
        rng.integers(1, 50, 4).astype(float), ("",) * 4, plan, (),
    )  # fmt: skip
    part = rng.random(3)
    share = np.stack([planned(*g, need * part), planned(*g, need * (1 - part))])
    weight = np.divide(share, plan, out=np.zeros_like(share), where=plan > 0)
    reached = Reached((CustomerClass(("A",)), CustomerClass(("B",))))
    stops = {
        items[i]: {0: float(rng.random() < 0.5), 1: float(rng.choice([0.0, 0.4, 1.0]))} for i in range(9, n)
    }
    return net, reached, weight, {part: by for part, by in stops.items() if any(by.values())}


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_both_computations_agree_and_no_customer_is_served_less_than_if_all_stopped(seed: int) -> None:
    net, reached, weight, stops = random_network(seed)
    apart, shares = set_apart(net, reached, weight, stops)
    g = netting(apart, shares, DAYS)
    np.testing.assert_array_equal(cover_jointly(g, DAYS)[0], netting_plain.cover_jointly(g, DAYS))
    np.testing.assert_array_equal(cover_alone(g, DAYS)[0], netting_plain.cover_alone(g, DAYS))
    np.testing.assert_allclose(apart.need.sum(), net.need.sum())
    assert np.all(np.diff(apart.first) >= 0)
    assert len(apart.first) == len(apart.items) + 1
