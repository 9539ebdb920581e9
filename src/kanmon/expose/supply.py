"""Who makes a product, what is left without the largest maker, how long stocks last, who supplies whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.codes import country_name
from ..core.errors import InputError, Problem, nearest
from ..core.figure import Basis, Figure, combined
from ..core.source import Source
from .shares import labels, row_source

if TYPE_CHECKING:
    from ..core.draws import Uncertain
    from ..core.product import Product
    from ..world.world import World

TOTAL, REST = "WLD", "ROW"
"""Country codes of production.csv that stand for the world total and for makers not listed."""


def members(world: World, code: str) -> frozenset[str]:
    """A country as a set of itself; a group code as its members."""
    return frozenset(world.country_groups.get(code, {code}))


OUTPUT = "world production share of"
"""Beginning of the labels of production figures."""


def product_card(world: World, product: str) -> Product:
    """A product of the catalogue; InputError with the nearest ids where there is none."""
    card = world.catalogue.get(product)
    if card is None:
        near = nearest(product, world.catalogue) or tuple(world.catalogue)
        raise InputError(
            Problem(f"unknown product {product!r}", fix="give an id of the catalogue", near=near)
        )
    return card


def production_figures(world: World, product: Product, seller: str) -> tuple[Figure, ...]:
    """Seller's share of world output and the supply left without the largest maker, by stage.

    Each for its latest year and source. Where the seller is not listed but a rest is, the rest bounds it.
    """
    inside = members(world, seller)
    found: list[Figure] = []
    for stage, commodity in product.commodity:
        rows = stage_rows(world, stage, commodity)
        if not rows:
            continue
        what = f"{commodity}, {stage}, {rows[0]['year']}"
        found.extend(_seller_share(rows, inside, f"{OUTPUT} {country_name(seller)}: {what}"))
        found.extend(_left_without(rows, what))
    return tuple(found)


def stage_rows(world: World, stage: str, commodity: str) -> list[dict[str, Any]]:
    """Rows of production.csv with a share, for the latest year of one stage and commodity."""
    import polars as pl

    frame = world.production.filter(
        (pl.col("stage") == stage)
        & (pl.col("commodity") == commodity)
        & (pl.col("country_iso3") != TOTAL)
        & pl.col("share").is_not_null()
    )
    return frame.filter(pl.col("year") == pl.col("year").max()).sort("share", descending=True).to_dicts()


def _seller_share(rows: Sequence[dict[str, Any]], inside: frozenset[str], label: str) -> tuple[Figure, ...]:
    own = [r for r in rows if r["country_iso3"] in inside]
    rest = [r for r in rows if r["country_iso3"] == REST]
    if own:
        share = 100 * sum(float(r["share"]) for r in own)
        return (_sourced(label, share, "%", own[0]),)
    if rest:
        note = "not listed: at most the makers that the source does not name"
        bound = 100 * float(rest[0]["share"])
        source = (row_source(rest[0], "production"),)
        return (Figure(label, None, "%", "sourced", source, low=0.0, high=bound, note=note),)
    return ()


def _left_without(rows: Sequence[dict[str, Any]], what: str) -> tuple[Figure, ...]:
    """N-1 of the IEA with world supply as denominator: 1 less the largest share.

    Demand outside the largest supplier, the IEA's own denominator, is not in the data.
    """
    named = [r for r in rows if r["country_iso3"] != REST]
    # A lone row is the largest maker for certain only above one half.
    if not named or (len(named) == 1 and float(named[0]["share"]) <= 0.5):
        return ()
    top = named[0]
    label = f"world supply left without {country_name(top['country_iso3'])}, the largest maker: {what}"
    note = "N-1 with world supply as denominator: demand outside the largest maker is not in the data"
    return (_sourced(label, 100 * (1 - float(top["share"])), "% of world supply", top, note),)


def _sourced(label: str, value: float, unit: str, row: dict[str, Any], note: str = "") -> Figure:
    source = row_source(row, "production")
    return Figure(label, value, unit, "sourced", (source,), exact=True, note=note)


def stock_figures(world: World, product: str, buyer: str) -> tuple[tuple[Figure, ...], tuple[str, ...]]:
    """Days of cover of users and of the state, their sum, and published stock figures; what is missing.

    A private stock known for another country only is shown as assumed; a state stock is never transferred.
    """
    private = world.lookup("n_private", product, "", buyer)
    state = world.lookup("n_state", product, "", buyer)
    if state is not None and state.key[3] != buyer:
        state = None
    where = country_name(buyer)
    found, missing = [], []
    if private is None:
        missing.append(f"stock cover of users in {where}: add a row n_private to the parameters")
    else:
        found.append(_range(f"stock cover of users in {where}", private))
    if state is None:
        missing.append(f"state stock of {where}: add a row n_state to the parameters")
    else:
        found.append(_range(f"state stock of {where}", state))
    if private is not None and state is not None:
        total = (private.low + state.low, private.mid + state.mid, private.high + state.high)
        note = "low with low and high with high"
        label = f"stock cover in {where}, users and state"
        found.append(combined(label, "days of use", found[:2], total[1], total[0], total[2], note))
    return (*found, *_published_stocks(world, product, buyer)), tuple(missing)


def _range(label: str, row: Uncertain) -> Figure:
    return Figure(label, row.mid, row.unit, row.basis, (row.source,), row.low, row.high, note=row.note)


def _published_stocks(world: World, product: str, buyer: str) -> tuple[Figure, ...]:
    import polars as pl

    known = labels("end_use")
    rows = world.end_use.filter(
        pl.col("metric").str.starts_with("stock_cover") & pl.col("region").is_in([buyer, TOTAL])
    )
    found = []
    for row in rows.iter_rows(named=True):
        scope = known.get((row["commodity"], product))
        if scope is None:
            continue
        basis: Basis = "inferred" if row["metric"] != "stock_cover" else "sourced"
        found.append(
            Figure(
                label=f"{row['commodity']}: {row['end_use']}, {row['year']}",
                value=float(row["value"]),
                unit=str(row["unit"]),
                basis=basis,
                sources=(row_source(row, "end_use"),),
                exact=True,
                note=scope[1],
            )
        )
    return tuple(found)


def share_of_use(world: World, product: str, buyer: str, seller: str) -> tuple[Figure, ...]:
    """Seller's share of all use of the product by the buyer, home supply counted in, where a row gives it."""
    row = world.lookup(f"share_{seller}", product, "", buyer)
    if row is None or row.key[3] != buyer:
        return ()
    label = f"share of all use in {country_name(buyer)} that comes from {country_name(seller)}"
    values = (100 * row.mid, 100 * row.low, 100 * row.high)
    note = f"{row.unit}; {row.note}"
    return (Figure(label, values[0], "%", row.basis, (row.source,), *values[1:], note=note),)


@dataclass(frozen=True)
class SupplyMap:
    """Who supplies whom with a product in one year, largest flows first.

    rows: (seller, buyer, amount). unit: "USD million" of bilateral trade, or "share of world
    production" with the buyer "WLD" where no bilateral trade is loaded.
    """

    product: str
    year: int | None
    unit: str
    rows: tuple[tuple[str, str, float], ...]
    basis: Basis
    sources: tuple[Source, ...]
    note: str = ""


def supply_map(world: World, product: str, year: int | None = None) -> SupplyMap:
    """Flows of one product (an id, or an HS code) between countries; production shares where none are.

    year: None for the latest year loaded.
    """
    import polars as pl

    card = None if product.isdigit() else product_card(world, product)
    codes = card.trade_hs if card else (product,)
    flows = world.trade.of(codes)
    if flows.height:
        year = int(str(flows["year"].max())) if year is None else year
        rows = (
            flows.filter(pl.col("year") == year)
            .group_by("exporter_iso3", "importer_iso3")
            .agg(pl.col("value_usd_m").sum())
            .sort("value_usd_m", "exporter_iso3", "importer_iso3", descending=[True, False, False])
        )
        alone = card is None or card.trade_basis == "bilateral"
        shared = [k for k, p in world.products.items() if p is not card and set(p.trade_hs) & set(codes)]
        note = f"flows of HS {', '.join(codes)}"
        note += f", which also hold {', '.join(shared)}" if card and shared else ""
        note += "" if alone else "; not the whole product, or not this product alone"
        basis: Basis = "measured" if alone else "inferred"
        return SupplyMap(
            product, year, "USD million", tuple(rows.iter_rows()), basis, (world.trade.source,), note
        )
    for stage, commodity in card.commodity if card else ():
        made = [r for r in stage_rows(world, stage, commodity) if year is None or r["year"] == year]
        if made:
            shares = tuple((str(r["country_iso3"]), TOTAL, float(r["share"])) for r in made)
            source = (row_source(made[0], "production"),)
            note = f"no bilateral trade is loaded; world production, {commodity}, {stage}"
            return SupplyMap(
                product, int(made[0]["year"]), "share of world production", shares, "sourced", source, note
            )
    note = "neither bilateral trade nor production is loaded"
    return SupplyMap(product, None, "USD million", (), "inferred", (world.trade.source,), note)
