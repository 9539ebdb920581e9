"""Who sells how much of a product to whom: flows between regions before they meet the sector table.

Sources, in this order for each seller and buyer (method section 4, point 1):
1. a buyer's own parameters `use_value` and `share_<seller>`, and the rows `share_of_rest` of flows.csv
   that divide what the named seller does not deliver;
2. rows `usd_m` of flows.csv (a buyer '*' is everyone not named, by the parent sector's sales);
3. rows `share_of_hs` of flows.csv times the trade flows of the product's codes;
4. for a product of basis "bilateral" the trade flows themselves, less what other products on the same
   codes take.
A user's own rows `usd_m` stand before all of them.
Home supply of a bilateral product follows from `share_<seller>` where the buyer has it.
A product in grades has the flows of the whole. Grades with trade codes of their own (compounds, metals)
divide each flow as the trade in these codes is divided. Where the codes are not traded, and for all other
grades, the buyer's parameter `grade_share` says how much of its use each grade is, the same from every
seller, and a grade without one takes the rest.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.draws import Draws, Uncertain
from ..core.source import Source
from .icio import REST
from .parameters import sampled
from .split_check import USER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.product import Product
    from .records import IOTable
    from .world import World

ANYONE = "*"
SHARE = "share_"
USE_VALUE = "use_value"
GRADE_SHARE = "grade_share"


def generator(seed: int, *names: str) -> np.random.Generator:
    """A random stream of its own for one named thing: the same whatever else is drawn."""
    return np.random.default_rng([seed, zlib.crc32("|".join(names).encode())])


@dataclass(frozen=True)
class FlowRow:
    """One row of flows.csv."""

    product: str
    seller: str
    buyer: str
    unit: str
    range: Uncertain
    own: bool = False
    """Whether a user's file gave it."""

    def draw(self, draws: Draws | None) -> NDArray[np.float64]:
        """Values, (draws,) or (1,) at mid."""
        if draws is None:
            return np.array([self.range.mid])
        if self.range.key in draws.values or not draws.streams:
            return sampled(self.range, draws)
        u = generator(draws.seed, self.product, self.seller, self.buyer, self.unit).random(draws.count)
        return self.range.quantile(u)


def flow_rows(world: World, product: str) -> list[FlowRow]:
    """Rows of flows.csv for one product."""
    return [_row(raw) for raw in world.flows.iter_rows(named=True) if raw["product"] == product]


def _row(raw: Mapping[str, Any]) -> FlowRow:
    name = f"{raw['product']} {raw['seller']} to {raw['buyer']}"
    source = Source(
        f"flow {name}",
        str(raw["source"]),
        url=raw["url"] or "",
        confidence=raw["confidence"] or "",
        part_of="flows",
    )
    key = ("flow", raw["product"], raw["seller"], raw["buyer"])
    low, mid, high = (float(raw[k]) for k in ("low", "mid", "high"))
    span = Uncertain(key, low, mid, high, "triangular", raw["unit"], raw["basis"], source, raw["note"] or "")
    return FlowRow(raw["product"], raw["seller"], raw["buyer"], raw["unit"], span, raw["basis"] == USER)


@dataclass
class FlowBook:
    """Flows of products between the regions of one focus table, filled product by product."""

    world: World
    focus: IOTable
    draws: Draws | None
    flows: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """product -> (draws, sellers, buyers), USD million a year."""
    wholes: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """The same of products that stand in the table by grade."""

    @property
    def count(self) -> int:
        """Number of versions."""
        return 1 if self.draws is None else self.draws.count

    def region(self, country: str) -> int:
        """Index of the region that a country belongs to; -1 where the table has no such region."""
        name = self.world.region_of(self.focus.regions)(country)
        return self.focus.regions.index(name) if name in self.focus.regions else -1

    def own_region(self, country: str) -> bool:
        """Whether a country stands alone in the table."""
        return country in self.focus.regions

    def traded(self, product: Product) -> NDArray[np.float64]:
        """Trade flows of the product's codes in the table's year, (sellers, buyers), USD million."""
        regions = self.focus.regions
        return self.world.trade.between(
            product.trade_hs, self.focus.year, regions, self.world.region_of(regions)
        )

    def parent_sales(self, product: Product) -> NDArray[np.float64]:
        """Intermediate sales of the parent sector between regions, (sellers, buyers), USD million."""
        R, S = len(self.focus.regions), len(self.focus.sectors)
        parent = self.focus.sectors.index(parent_label(self.world, self.focus, product))
        return np.asarray(self.focus.Z.reshape(R, S, R, S)[:, parent].sum(axis=2))

    # --- one product -------------------------------------------------------------------------------

    def add(self, product: Product) -> None:
        """Fill in the flows of one product (products on the same codes first take their part)."""
        self.flows[product.id] = self._of_grade(product) if product.grade_of else self._flows(product)

    def _of_grade(self, grade: Product) -> NDArray[np.float64]:
        """Flows of a grade: its share of those of the whole, by buyer; a user's own amounts before that."""
        whole = self.world.catalogue.get(grade.grade_of) or replace(grade, id=grade.grade_of, grade_of="")
        if whole.id not in self.wholes:
            self.wholes[whole.id] = self._flows(whole)
        shares = np.stack([self._grade_share(grade, region) for region in self.focus.regions], axis=1)
        T = self.wholes[whole.id] * self._by_code(grade, shares[:, None, :])
        self._by_user(flow_rows(self.world, grade.id), T)
        return T

    def _by_code(self, grade: Product, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of a grade in each flow, (draws, sellers, buyers): by its trade codes, elsewhere `shares`."""
        alike = [self.world.catalogue[key] for key in self.world.parts(grade.grade_of)]
        if not grade.trade_hs or all(other.trade_hs == grade.trade_hs for other in alike):
            return shares
        total = np.sum([self.traded(other) for other in alike if other.trade_hs], axis=0)
        share = self.traded(grade) / np.where(total > 0, total, 1.0)
        return np.asarray(np.where(total > 0, share, shares))

    def _grade_share(self, grade: Product, buyer: str) -> NDArray[np.float64]:
        """Share of a grade in what a buyer uses of the whole, (draws,)."""
        known = {
            key: self.world.parameters.values(GRADE_SHARE, key, "", buyer, self.draws)
            for key in self.world.parts(grade.grade_of)
        }
        own = known[grade.id]
        if own is not None:
            return np.broadcast_to(own, (self.count,))
        told = [share for share in known.values() if share is not None]
        rest = np.maximum(0.0, 1.0 - np.sum(told, axis=0)) / (len(known) - len(told))
        return np.broadcast_to(rest, (self.count,))

    def _flows(self, product: Product) -> NDArray[np.float64]:
        """Flows of a product that is not in grades, (draws, sellers, buyers)."""
        R = len(self.focus.regions)
        rows = flow_rows(self.world, product.id)
        T = np.zeros((self.count, R, R))
        traded = self.traded(product) if product.trade_hs else np.zeros((R, R))
        self._by_trade(product, rows, traded, T)
        self._by_amount(product, rows, T)
        for country in self._countries_with_use(product):
            if self.own_region(country) or not any(r.unit == "share_of_hs" for r in rows):
                self._by_use(product, rows, traded, country, T)
        if product.trade_basis == "part_of_bilateral":
            T = _no_more_than(T, traded)
        if product.trade_basis == "bilateral":
            self._home_from_share(product, T)
        self._by_user(rows, T)
        return T

    def _by_trade(
        self, product: Product, rows: Sequence[FlowRow], traded: NDArray[np.float64], T: NDArray[np.float64]
    ) -> None:
        """Flows in the trade data: a share of them, or all that others have not taken."""
        shares = [r for r in rows if r.unit == "share_of_hs"]
        # From the most general row to the most special, so that the special one stands.
        for row in sorted(shares, key=lambda r: (r.seller != ANYONE) + (r.buyer != ANYONE)):
            value = row.draw(self.draws)[:, None, None]
            sellers = slice(None) if row.seller == ANYONE else [self.region(row.seller)]
            buyers = slice(None) if row.buyer == ANYONE else [self.region(row.buyer)]
            if row.seller != ANYONE and not self.own_region(row.seller):
                continue
            T[:, sellers, buyers] = (value * traded)[:, sellers, buyers]
        if product.trade_basis == "bilateral":
            T += traded
            cards = self.world.catalogue
            taken = {k: f for k, f in self.flows.items() if not cards[k].grade_of} | self.wholes
            for other, flow in taken.items():
                if other in cards and cards[other].trade_hs == product.trade_hs:
                    T -= _off_home(flow, traded)
            np.maximum(T, 0.0, out=T)

    def _by_amount(self, product: Product, rows: Sequence[FlowRow], T: NDArray[np.float64]) -> None:
        """Rows in USD million."""
        amounts = [r for r in rows if r.unit == "usd_m"]
        named: dict[int, set[int]] = {}
        for row in amounts:
            r = self.region(row.seller)
            if row.buyer != ANYONE:
                T[:, r, self.region(row.buyer)] += row.draw(self.draws)
                if self.own_region(row.buyer):
                    named.setdefault(r, set()).add(self.region(row.buyer))
        served = {self.region(c) for c in self._countries_with_use(product) if self.own_region(c)}
        sales = self.parent_sales(product)
        for row in amounts:
            if row.buyer == ANYONE:
                r = self.region(row.seller)
                weight = sales[r].copy()
                home = {r} if self.own_region(row.seller) else set()
                weight[list(named.get(r, set()) | served | home)] = 0.0
                if weight.sum() > 0:
                    T[:, r] += row.draw(self.draws)[:, None] * weight / weight.sum()

    def _by_user(self, rows: Sequence[FlowRow], T: NDArray[np.float64]) -> None:
        """A user's own amount between two regions of the table stands for that flow."""
        for row in rows:
            named = row.buyer != ANYONE and self.own_region(row.seller) and self.own_region(row.buyer)
            if row.own and row.unit == "usd_m" and named:
                T[:, self.region(row.seller), self.region(row.buyer)] = row.draw(self.draws)

    def _by_use(
        self,
        product: Product,
        rows: Sequence[FlowRow],
        traded: NDArray[np.float64],
        country: str,
        T: NDArray[np.float64],
    ) -> None:
        """A buyer whose use is known: named sellers by `share_`, the others by `share_of_rest`."""
        s = self.region(country)
        use = self._value(USE_VALUE, product, country)
        if use is None or product.trade_basis == "bilateral":
            return
        alone = self.own_region(country)
        if alone:
            T[:, :, s] = 0.0
        rest = np.ones(self.count)
        majors = []
        for seller, share in self._shares(product, country):
            T[:, self.region(seller), s] += use * share
            majors.append(self.region(seller))
            rest = rest - share
        rest = np.maximum(rest, 0.0) * use
        parts = [r for r in rows if r.unit == "share_of_rest" and r.buyer == country]
        if not parts:
            return
        values = np.stack([r.draw(self.draws) for r in parts])
        values /= values.sum(axis=0)
        for row, part in zip(parts, values, strict=True):
            amount = rest * part
            if row.seller != ANYONE:
                T[:, self.region(row.seller), s] += amount
                continue
            weight = (traded if traded[:, s].sum() > 0 else self.parent_sales(product))[:, s].copy()
            apart = [self.region(r.seller) for r in parts if r.seller != ANYONE]
            weight[[*majors, *(k for k in apart if self.focus.regions[k] != REST), s]] = 0.0
            if weight.sum() > 0:
                T[:, :, s] += amount[:, None] * weight / weight.sum()

    def _home_from_share(self, product: Product, T: NDArray[np.float64]) -> None:
        """Home supply of a bilateral product: what is left when a seller's flow is its share of all use.

        Rows `usd_m` of the buyer with itself stand before this. A share above what the flows give
        leaves no home supply: the flows are measured, the share is a range.
        """
        for country in self._countries_with_use(product):
            s = self.region(country)
            if not self.own_region(country) or T[:, s, s].any():
                continue
            for seller, share in self._shares(product, country):
                imports = T[:, :, s].sum(axis=1)
                total = T[:, self.region(seller), s] / np.maximum(share, 1e-9)
                T[:, s, s] = np.maximum(total - imports, 0.0)

    # --- parameters of a buyer ---------------------------------------------------------------------

    def _countries_with_use(self, product: Product) -> list[str]:
        return sorted(
            {p.key[3] for p in self.world.parameters if p.key[1] == product.id and p.key[0] == USE_VALUE}
        )

    def _shares(self, product: Product, country: str) -> list[tuple[str, NDArray[np.float64]]]:
        """(seller, share of all use) for each seller that the parameters name for this buyer."""
        return [
            (p.key[0].removeprefix(SHARE), sampled(p, self.draws))
            for p in self.world.parameters
            if p.key[0].startswith(SHARE)
            and p.key[0].removeprefix(SHARE).isupper()  # a country code, not another kind of share
            and p.key[1] == product.id
            and p.key[3] == country
        ]

    def _value(self, symbol: str, product: Product, country: str) -> NDArray[np.float64] | None:
        for p in self.world.parameters:
            if p.key[0] == symbol and p.key[1] == product.id and p.key[3] == country:
                return sampled(p, self.draws)
        return None


def parent_label(world: World, focus: IOTable, product: Product) -> str:
    """The parent sector of a product as the focus table calls it (the sector, or its group)."""
    return product.parent if product.parent in focus.sectors else world.groups.group[product.parent]


def _no_more_than(T: NDArray[np.float64], traded: NDArray[np.float64]) -> NDArray[np.float64]:
    """Flows between regions never above those of the codes; home supply is left as it is."""
    home = np.eye(len(traded), dtype=bool)
    return np.where(home, T, np.minimum(T, traded))


def _off_home(flow: NDArray[np.float64], traded: NDArray[np.float64]) -> NDArray[np.float64]:
    """The part of a product's flows that is inside the trade of its codes (home supply is not)."""
    return np.minimum(flow, traded)


def product_flows(
    world: World, focus: IOTable, draws: Draws | None, products: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """Flows of each product before balancing, (draws, sellers, buyers), USD million a year.

    A product in grades may be asked for as a whole.
    """
    book = FlowBook(world, focus, draws)
    # A product that takes the rest of its codes comes after those that take a part of them.
    for name in sorted(products, key=lambda p: world.catalogue[p].trade_basis == "bilateral"):
        book.add(world.catalogue[name])
    return {name: book.flows[name] for name in products}
