"""The world that an assessment reads: every table with its source, loaded when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws, Uncertain
from ..core.product import Product
from ..core.source import Source
from . import icio
from .icio import REST, Groups
from .parameters import Parameters, read_parameters
from .products import carved, parts, read_products
from .records import IOTable, SplitTable, frozen_array
from .sources import datasets
from .store import DEFAULT, cached_arrays, file_hash, read_csv
from .trade import Trade, read_baci

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from .tables.table import Table

CUT_VERSION = 1
"""Raised when the way of cutting focus tables changes, so that old cached tables are not used."""


@dataclass(frozen=True, eq=False)
class World:
    """Read-only bundle of data. Each part can be replaced by the user's own, in the constructor or
    with `dataclasses.replace`; what is not given comes from the embedded data under `folder`.
    """

    folder: Path = DEFAULT
    own_table: IOTable | None = None
    own_trade: Trade | None = None
    own_parameters: Parameters | None = None
    own_products: Mapping[str, Product] | None = None
    own_frames: Mapping[str, pl.DataFrame] | None = None
    """Frames by data set id ("production", "flows", ...) in place of the embedded ones."""
    own_files: tuple[str, ...] = ()
    """Name and SHA-256 of each file of the user's that changed this world, as name:hash."""
    table_notes: tuple[str, ...] = ()
    """What the user's own table cannot tell apart, and what its reader did that the file does not say."""

    @classmethod
    def default(cls) -> World:
        """The embedded data."""
        return cls()

    def with_table(self, table: Table | IOTable) -> World:
        """The same world on another input-output table; `tables.into_world` also says what it cannot tell."""
        from .tables.into_world import into_world

        return into_world(self, table).world

    # --- records -----------------------------------------------------------------------------------

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Source cards by data set id."""
        return {key: card.source for key, card in datasets().items()}

    @cached_property
    def catalogue(self) -> Mapping[str, Product]:
        """Controlled products by id, those known as a whole and their grades side by side."""
        return self.own_products or read_products(self._path("products"))

    @cached_property
    def products(self) -> Mapping[str, Product]:
        """Controlled products that stand apart in a table, by id: of a product in grades, the grades."""
        return carved(self.catalogue)

    def parts(self, product: str) -> tuple[str, ...]:
        """Ids in `products` that a product of the catalogue stands for: its grades, or itself."""
        return parts(self.catalogue, product)

    @cached_property
    def parameters(self) -> Parameters:
        """All parameters; iterate for `draw`, `.lookup` and `.values` for one."""
        found = self.own_parameters or read_parameters(self._path("parameters"), self.groups.group)
        return found.with_grades({k: p.grade_of for k, p in self.catalogue.items() if p.grade_of})

    def lookup(self, symbol: str, product: str = "", sector: str = "", country: str = "") -> Uncertain | None:
        """`parameters.lookup`."""
        return self.parameters.lookup(symbol, product, sector, country)

    @cached_property
    def groups(self) -> Groups:
        """Sectors, industry groups and their names."""
        return icio.read_groups(self._path("industry_groups"))

    @cached_property
    def country_groups(self) -> Mapping[str, frozenset[str]]:
        """Members of codes that stand for several countries."""
        return icio.read_country_groups(self._path("country_groups"))

    # --- frames ------------------------------------------------------------------------------------

    @cached_property
    def trade(self) -> Trade:
        """Bilateral trade by product code."""
        return self.own_trade or read_baci(self._path("baci"), self.sources["baci"])

    @cached_property
    def production(self) -> pl.DataFrame:
        """Output by commodity, stage, country, year."""
        return self._frame("production")

    @cached_property
    def import_shares(self) -> pl.DataFrame:
        """Import shares by buyer, product, partner, year."""
        return self._frame("import_shares", ("hs6_or_commodity", "year"))

    @cached_property
    def end_use(self) -> pl.DataFrame:
        """End uses, stock cover, recycling."""
        return self._frame("end_use", ("year", "value"))

    @cached_property
    def episodes(self) -> pl.DataFrame:
        """Past episodes by date and metric."""
        return self._frame("episodes", ("date",))

    @cached_property
    def capacity(self) -> pl.DataFrame:
        """Plants, plans, lead times."""
        return self._frame("capacity", ("capacity",))

    @cached_property
    def durations(self) -> pl.DataFrame:
        """How long restrictions lasted."""
        return self._frame("durations", ("start", "end"))

    @cached_property
    def loss_estimates(self) -> pl.DataFrame:
        """Published estimates of the loss."""
        return self._frame("loss_estimates", ("date", "gdp_pct"))

    @cached_property
    def hs_map(self) -> pl.DataFrame:
        """HS six-digit codes to sectors."""
        return self._frame("hs_map", ("hs6", "isic4", "cpc21", "wits_isic3"))

    @cached_property
    def money(self) -> pl.DataFrame:
        """GDP and exchange rates by country and year."""
        return self._frame("money", ("date",))

    @cached_property
    def flows(self) -> pl.DataFrame:
        """Ranges of flows that the trade data lack."""
        return self._frame("flows")

    # --- input-output ------------------------------------------------------------------------------

    @cached_property
    def table(self) -> IOTable:
        """The full inter-country table, country-major."""
        return self.own_table or icio.read_icio(self._path("icio2022"), self.sources["icio2022"])

    def focus(self, regions: Sequence[str], *, detail: bool = False) -> IOTable:
        """The regions named, then ROW as the rest summed; 25 industry groups, or all sectors.

        Cut once and cached outside the package. MissingDataError names regions that the table lacks.
        """
        named = tuple(dict.fromkeys(regions))

        def build() -> IOTable:
            labels = self.groups.labels(self.table.sectors, detail=detail)
            return icio.cut(self.table, named, labels, self.country_groups)

        if self.own_table is not None:
            return build()
        key = f"focus {CUT_VERSION} {','.join(named)} {detail} {self._content}"
        arrays = cached_arrays(key, lambda: _packed(build()))
        return _unpacked(arrays, self.sources["icio2022"])

    def focus_regions(
        self,
        imposers: Iterable[str],
        buyers: Iterable[str],
        count: int = 8,
        cap: int = 10,
        products: Iterable[str] = (),
    ) -> tuple[str, ...]:
        """Imposers, buyers, the sellers that matter for the products, then the largest trading partners.

        Sellers stand in the order of `sellers.seller_shares`; then come the `count` largest partners of
        each side by intermediate flows. At most `cap` regions in all (the last are dropped), so that a
        focus table stays about ten regions plus ROW. Codes that the table lacks are left out:
        `missing_regions` names them.
        """
        from .sellers import seller_shares

        imposers, buyers = tuple(imposers), tuple(buyers)
        countries, _, sales, _ = self.country_sales
        flows = sales.sum(axis=1)
        np.fill_diagonal(flows, 0.0)
        both = flows + flows.T
        core = [c for c in dict.fromkeys((*imposers, *buyers)) if not self.missing_regions((c,))]
        partners: dict[str, float] = {}
        for code in core:
            members = [
                k for k, c in enumerate(countries) if c == code or c in self.country_groups.get(code, ())
            ]
            links = both[members].sum(axis=0)
            links[members] = 0.0
            for k in np.argsort(links)[::-1][:count]:
                inside = any(countries[k] in self.country_groups.get(c, ()) for c in core)
                if countries[k] not in core and not inside:
                    partners[countries[k]] = max(partners.get(countries[k], 0.0), float(links[k]))
        sellers = seller_shares(self, imposers, buyers, products)
        ranked = sorted(sellers, key=lambda c: (-sellers[c], c))
        ranked += [c for c in sorted(partners, key=lambda c: (-partners[c], c)) if c not in sellers]
        ranked = [c for c in ranked if c != REST]  # a table of the user's may hold the rest itself
        return tuple(core + ranked[: max(0, cap - len(core))])

    def missing_regions(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Codes that the input-output table holds neither alone nor as a group."""
        countries = self.country_sales[0]
        return tuple(c for c in codes if c not in countries and c not in self.country_groups)

    def region_of(self, regions: Sequence[str]) -> Callable[[str], str]:
        """Function from a country to its region among those of a focus table."""
        named = tuple(r for r in regions if r != REST)
        return lambda country: icio.region_of(country, named, self.country_groups)

    def split(
        self, focus: IOTable, draws: Draws | None = None, products: Sequence[str] | None = None
    ) -> SplitTable:
        """`split.split` of a focus table with this world's data."""
        from .split import split

        return split(focus, self, draws, products)

    def with_products(self, path: str | Path) -> World:
        """The same world with the user's own products from a TOML (docs/split.md)."""
        from .split_user import with_products

        return with_products(self, path)

    def with_flows(self, path: str | Path) -> World:
        """The same world with the user's own flows and use shares from a CSV (docs/split.md)."""
        from .split_flows_file import with_flows

        return with_flows(self, path)

    def unsplit_share(self, seller: str, buyer: str, hs: Sequence[str]) -> float | None:
        """Value of the codes as a share of the seller's parent-sector flow to the buyer's industries.

        The covered share of a sector flow when the good is not carved out; at most 1. None where the
        trade data lack one of the codes, or the table one of the regions, or the flow is empty.
        """
        parents = self.parents_of(hs)
        if self.trade.missing(hs) or not parents or self.missing_regions((seller, buyer)):
            return None
        table = self.focus((seller, buyer), detail=True)
        value = self.trade.between(hs, table.year, table.regions, self.region_of(table.regions))
        r, s = table.regions.index(seller), table.regions.index(buyer)
        S = len(table.sectors)
        cells = table.Z.reshape(len(table.regions), S, len(table.regions), S)
        flow = sum(float(cells[r, table.sectors.index(p), s].sum()) for p in parents)
        return min(1.0, float(value[r, s]) / flow) if flow > 0 else None

    def parents_of(self, hs: Iterable[str]) -> tuple[str, ...]:
        """Sectors that the codes belong to (HS 2022 first, then the other editions of the map)."""
        import polars as pl

        found: list[str] = []
        for code in hs:
            rows = self.hs_map.filter(pl.col("hs6").str.starts_with(code)).sort("hs_edition", descending=True)
            found.extend(str(v) for v in rows["icio_sector"].drop_nulls().to_list()[:1])
        return tuple(dict.fromkeys(found))

    # --- inside ------------------------------------------------------------------------------------

    @cached_property
    def _content(self) -> str:
        """Hash of everything that a cut depends on."""
        names = ("icio2022", "industry_groups", "country_groups")
        return " ".join(file_hash(self._path(n)) for n in names)

    @cached_property
    def country_sales(self) -> tuple[tuple[str, ...], tuple[str, ...], NDArray[np.float64], int]:
        """Countries, sectors, what each sector sells to the industries of each country, and the year.

        USD million, (countries, sectors, countries).
        """

        def build() -> dict[str, NDArray[np.generic]]:
            table = self.table
            R, S = len(table.regions), len(table.sectors)
            return {
                "countries": np.array(table.regions),
                "sectors": np.array(table.sectors),
                "sales": table.Z.reshape(R, S, R, S).sum(axis=3),
                "year": np.array(table.year),
            }

        made = (
            build()
            if self.own_table is not None
            else cached_arrays(f"country sales {CUT_VERSION} {self._content}", build)
        )
        countries, sectors = (tuple(str(c) for c in made[key]) for key in ("countries", "sectors"))
        return countries, sectors, np.asarray(made["sales"], dtype=np.float64), int(made["year"])

    def data_file(self, key: str) -> Path:
        """File of a data set: the user's own under `folder` where there is one, else the embedded one."""
        return self._path(key)

    def _path(self, key: str) -> Path:
        own = self.folder / datasets()[key].file
        return own if own.exists() else DEFAULT / datasets()[key].file

    def _frame(self, key: str, text: tuple[str, ...] = ()) -> pl.DataFrame:
        if self.own_frames is not None and key in self.own_frames:
            return self.own_frames[key]
        return read_csv(self._path(key), text)


def _packed(table: IOTable) -> dict[str, NDArray[np.generic]]:
    return {
        "regions": np.array(table.regions),
        "sectors": np.array(table.sectors),
        "Z": np.ascontiguousarray(table.Z),
        "x": table.x,
        "year": np.array(table.year),
        "unit": np.array(table.unit),
    }


def _unpacked(arrays: Mapping[str, NDArray[np.generic]], source: Source) -> IOTable:
    return IOTable(
        tuple(str(r) for r in arrays["regions"]),
        tuple(str(s) for s in arrays["sectors"]),
        frozen_array(np.asarray(arrays["Z"], dtype=np.float64)),
        frozen_array(np.asarray(arrays["x"], dtype=np.float64)),
        int(arrays["year"]),
        str(arrays["unit"]),
        source,
    )
