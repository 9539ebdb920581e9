"""Concentration of trade: shares, Herfindahl, the EU test and GeoDep, as frame operations.

Formulas, symbols and references: docs/method-exposure.md. Flow frames have the columns year,
exporter_iso3, importer_iso3, hs6, value_usd_m and quantity_t (null where no weight is reported).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

CONCENTRATED = 0.4
"""Herfindahl above which imports or world exports count as concentrated (SWD(2021) 352; GeoDep)."""
GEODEP_YEARS = (2, 3)
"""GeoDep holds when its three tests hold in at least 2 of 3 years (Lefebvre and Wibaux 2024)."""


def into(flows: pl.DataFrame, buyers: Iterable[str]) -> pl.DataFrame:
    """Flows from outside into a buyer (a country, or the members of a group)."""
    import polars as pl

    inside = list(buyers)
    return flows.filter(pl.col("importer_iso3").is_in(inside) & ~pl.col("exporter_iso3").is_in(inside))


def known_sum(column: str) -> pl.Expr:
    """Sum of what is known; null, not zero, where nothing is."""
    import polars as pl

    return pl.when(pl.col(column).count() > 0).then(pl.col(column).sum()).alias(column)


def by_partner(imports: pl.DataFrame, keys: Sequence[str] = ("year",)) -> pl.DataFrame:
    """Imports by `keys` and partner: partner, value_usd_m, quantity_t (null where no weight is known).

    The order of the input is kept, so that later sums are the same to the last bit in every run.
    """
    import polars as pl

    return imports.group_by(*keys, pl.col("exporter_iso3").alias("partner"), maintain_order=True).agg(
        known_sum("value_usd_m"), known_sum("quantity_t")
    )


def herfindahl(column: str) -> pl.Expr:
    """HHI = sum over partners of (m_c / sum m)^2, in [1/n, 1]; unknown flows are left out."""
    import polars as pl

    total = pl.col(column).sum()
    return pl.when(total > 0).then(((pl.col(column) / total) ** 2).sum())


def concentration(
    imports: pl.DataFrame, sellers: Iterable[str], keys: Sequence[str] = ("year",)
) -> pl.DataFrame:
    """Seller's shares and Herfindahl of a buyer's imports, one row per `keys`.

    Columns: value_usd_m, quantity_t, share_value, share_weight, hhi_value, hhi_weight, weighed (share
    of the value whose weight is known). Weight figures rest on the flows with a known weight.
    """
    import polars as pl

    own = pl.col("partner").is_in(list(sellers))
    value, weight = pl.col("value_usd_m"), pl.col("quantity_t")
    return (
        by_partner(imports, keys)
        .group_by(*keys)
        .agg(
            value.sum(),
            known_sum("quantity_t"),
            _ratio(value.filter(own).sum(), value.sum()).alias("share_value"),
            _ratio(weight.filter(own).sum(), weight.sum()).alias("share_weight"),
            herfindahl("value_usd_m").alias("hhi_value"),
            herfindahl("quantity_t").alias("hhi_weight"),
            _ratio(value.filter(weight.is_not_null()).sum(), value.sum()).alias("weighed"),
        )
        .sort(*keys)
    )


def line_tests(flows: pl.DataFrame, buyers: Mapping[str, Iterable[str]]) -> pl.DataFrame:
    """The EU test and GeoDep for each buyer, HS line and year with imports.

    Parameters
    ----------
    flows : all countries' trade in the lines. buyers : code -> its members (a country: itself), disjoint.

    Returns
    -------
    Columns year, hs6, buyer, value_usd_m, hhi_value, hhi_world (of world exports, by exporter),
    exports_usd_m, outside (CDI2: imports from outside / all imports), m_over_x (infinite where no
    exports are recorded), cdi and geodep (true or false).

    cdi: HHI > 0.4, outside > 0.5 and M/X > 1 in that year. geodep: HHI > 0.4, HHI of world exports
    > 0.4 and M/X > 1, in at least 2 of the 3 years that end with that year.
    """
    import polars as pl

    code = {member: name for name, inside in buyers.items() for member in inside}
    named = flows.with_columns(
        pl.col("importer_iso3").replace_strict(code, default=None).alias("buyer"),
        pl.col("exporter_iso3").replace_strict(code, default=None).alias("source"),
    )
    inner = (pl.col("buyer") == pl.col("source")).fill_null(value=False)
    line, keys, value = ("year", "hs6"), ("year", "hs6", "buyer"), pl.col("value_usd_m")
    world = flows.group_by(*line, "exporter_iso3", maintain_order=True).agg(value.sum())
    bought = named.drop_nulls("buyer")
    sold = named.drop_nulls("source").filter(~inner).group_by(*line, pl.col("source").alias("buyer"))
    frame = (
        concentration(bought.filter(~inner), (), keys)
        .select(*keys, "value_usd_m", "hhi_value")
        .join(world.group_by(*line).agg(herfindahl("value_usd_m").alias("hhi_world")), on=line, how="left")
        .join(
            bought.group_by(*keys).agg(_ratio(value.filter(~inner).sum(), value.sum()).alias("outside")),
            on=keys,
            how="left",
        )
        .join(sold.agg(value.sum().alias("exports_usd_m")), on=keys, how="left")
        .with_columns(pl.col("exports_usd_m").fill_null(0.0))
        .with_columns((value / pl.col("exports_usd_m")).alias("m_over_x"))
    )
    heavy = (pl.col("hhi_value") > CONCENTRATED) & (pl.col("m_over_x") > 1)
    frame = frame.with_columns(
        (heavy & (pl.col("outside") > 0.5)).alias("cdi"),
        (heavy & (pl.col("hhi_world") > CONCENTRATED)).alias("all_three"),
    )
    return _at_least(frame, keys).drop("all_three").sort(*keys)


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """`part` / `whole`, null where the whole is not positive."""
    import polars as pl

    return pl.when(whole > 0).then(part / whole)


def _at_least(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Adds `geodep`: all_three held in enough of the last years. A year without imports counts as no."""
    import polars as pl

    enough, window = GEODEP_YEARS
    held = frame.filter(pl.col("all_three")).select(keys)
    # Each year that held counts towards itself and the years of the window that follow it.
    later = [held.with_columns((pl.col("year") + k).cast(held["year"].dtype)) for k in range(window)]
    counts = pl.concat(later).group_by(*keys).len("held")
    met = (pl.col("held").fill_null(0) >= enough).alias("geodep")
    return frame.join(counts, on=list(keys), how="left").with_columns(met).drop("held")
