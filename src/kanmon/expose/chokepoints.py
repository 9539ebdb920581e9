"""Which lines of trade hang on one seller: the ranked list behind `kanmon expose`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import InputError, Problem
from ..core.source import Source
from .indicators import GEODEP_YEARS, by_partner, concentration, into, line_tests
from .supply import members

if TYPE_CHECKING:
    import polars as pl

    from ..world.world import World

COLUMNS = (
    "buyer", "hs6", "products", "year", "seller", "share_value", "share_weight", "hhi_value", "hhi_weight",
    "hhi_world", "m_over_x", "cdi", "geodep", "value_usd_m",
)  # fmt: skip
"""Columns of the ranking, in order."""

ORDER = ("above_half", "geodep", "cdi", "larger", "value_usd_m", "buyer", "hs6")
"""Sort keys, the first five from high to low."""


@dataclass(frozen=True)
class Ranking:
    """Chokepoints, worst first. frame: `COLUMNS`; shares and Herfindahls in [0, 1], value USD million.

    seller is the largest one by value where none was asked for. products: ids of the catalogue that
    the line belongs to, joined by a space. m_over_x is infinite where no exports are recorded.
    """

    frame: pl.DataFrame
    year: int
    edition: str
    sources: tuple[Source, ...]


def chokepoints(
    world: World,
    buyer: str = "",
    seller: str = "",
    *,
    year: int | None = None,
    at_least_usd_m: float = 1.0,
) -> Ranking:
    """Rank the HS lines of one buyer, or all buyers of one seller, or both, by dependence.

    Order: lines of which the seller supplies more than half (by value or by weight) first; among them
    those that meet GeoDep, then the EU test; then by the larger of the two shares. Lines below
    `at_least_usd_m` a year are left out: a share of nearly nothing is no dependence.

    Parameters
    ----------
    buyer, seller : alpha-3 or a group code; at least one of them.
    year : the latest year loaded if None.
    """
    import polars as pl

    if not buyer and not seller:
        raise InputError(Problem("neither buyer nor seller is given", fix="give at least one of them"))
    year = world.trade.years[-1] if year is None else year
    if year not in world.trade.years:
        near = (str(world.trade.years[0]), str(world.trade.years[-1]))
        raise InputError(
            Problem(f"no trade of {year} is loaded", why="years run from the first to the last", near=near)
        )
    window = (pl.col("year") <= year) & (pl.col("year") > year - GEODEP_YEARS[1])
    flows = world.trade.flows.filter(window)
    sellers = members(world, seller) if seller else frozenset()
    if buyer:
        groups = {buyer: members(world, buyer)}
    else:
        bought = flows.filter((pl.col("year") == year) & pl.col("exporter_iso3").is_in(list(sellers)))
        groups = {b: frozenset({b}) for b in set(bought["importer_iso3"].to_list()) - sellers}
    frame = _dependence(flows, groups, seller, sellers, year)
    ranked = (
        frame.filter(pl.col("value_usd_m") >= at_least_usd_m)
        .with_columns(
            pl.max_horizontal("share_value", "share_weight").alias("larger"),
            pl.col("hs6").replace_strict(_products(world), default="").alias("products"),
        )
        .with_columns((pl.col("larger") > 0.5).alias("above_half"))
        .sort(*ORDER, descending=[True] * 5 + [False] * 2, nulls_last=True)
    )
    return Ranking(ranked.select(COLUMNS), year, world.trade.edition, (world.trade.source,))


def _dependence(
    flows: pl.DataFrame,
    buyers: Mapping[str, frozenset[str]],
    seller: str,
    sellers: frozenset[str],
    year: int,
) -> pl.DataFrame:
    """Concentration, tests and the seller's shares by line and buyer of one year."""
    import polars as pl

    keys = ("year", "hs6", "buyer")
    code = {member: name for name, inside in buyers.items() for member in inside}
    imports = pl.concat(
        [into(flows.filter(pl.col("year") == year), inside) for inside in buyers.values() if len(inside) > 1]
        or [flows.filter((pl.col("year") == year) & pl.col("importer_iso3").is_in(list(code)))]
    ).with_columns(pl.col("importer_iso3").replace_strict(code).alias("buyer"))
    tests = line_tests(flows, buyers).select(*keys, "hhi_world", "m_over_x", "cdi", "geodep")
    spread = concentration(imports, sellers, keys)
    if seller:
        spread = spread.with_columns(pl.lit(seller).alias("seller"))
    else:
        spread = spread.drop("share_value", "share_weight").join(_largest(imports, keys), on=keys)
    return spread.join(tests, on=keys)


def _largest(imports: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The largest seller by value of each line, with its shares."""
    import polars as pl

    value, weight = pl.col("value_usd_m"), pl.col("quantity_t")
    total = weight.sum().over(keys)
    return (
        by_partner(imports, keys)
        .with_columns(
            (value / value.sum().over(keys)).alias("share_value"),
            pl.when(total > 0).then(weight / total).alias("share_weight"),
        )
        .sort("value_usd_m", "partner", descending=[True, False])
        .unique(keys, keep="first", maintain_order=True)
        .select(*keys, pl.col("partner").alias("seller"), "share_value", "share_weight")
    )


def _products(world: World) -> dict[str, str]:
    """HS line of the trade data -> ids of the products on it."""
    found: dict[str, list[str]] = {}
    for name, card in world.products.items():
        for code in card.trade_hs:
            found.setdefault(code, []).append(name)
    return {code: " ".join(names) for code, names in found.items()}
