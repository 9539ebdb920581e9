"""Bilateral trade by product code: the embedded extract or the user's own frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import InputError, Problem
from ..core.source import Source

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

COLUMNS = ("year", "exporter_iso3", "importer_iso3", "hs6", "value_usd_m", "quantity_t")


@dataclass(frozen=True, eq=False)
class Trade:
    """Trade flows: value in USD million, quantity in tonnes (null where not reported).

    edition: nomenclature of the codes in `hs6`.
    """

    load: Callable[[], pl.DataFrame]
    edition: str
    source: Source

    @cached_property
    def flows(self) -> pl.DataFrame:
        """The frame, one row per year, exporter, importer, code; columns `COLUMNS`."""
        frame = self.load()
        lacking = [c for c in COLUMNS if c not in frame.columns]
        if lacking:
            raise InputError(
                [
                    Problem(f"the trade frame lacks column {c}", self.source.title, near=COLUMNS)
                    for c in lacking
                ]
            )
        return frame

    @cached_property
    def codes(self) -> frozenset[str]:
        """Product codes that the data hold."""
        return frozenset(self.flows["hs6"].unique().to_list())

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years that the data hold."""
        return tuple(int(y) for y in self.flows["year"].unique().sort().to_list())

    def missing(self, hs: Iterable[str]) -> tuple[str, ...]:
        """Codes of `hs` (four or six digits) of which the data hold nothing: unknown, not zero."""
        return tuple(h for h in hs if not any(c.startswith(h) for c in self.codes))

    def of(self, hs: Iterable[str], years: Iterable[int] | None = None) -> pl.DataFrame:
        """Flows of the codes (four or six digits), of all years or those given."""
        import polars as pl

        wanted = [c for c in sorted(self.codes) if any(c.startswith(h) for h in hs)]
        frame = self.flows.filter(pl.col("hs6").is_in(wanted))
        return frame if years is None else frame.filter(pl.col("year").is_in(list(years)))

    def imports(self, buyer: str, hs: Iterable[str], years: Iterable[int] | None = None) -> pl.DataFrame:
        """Imports of one buyer by year and partner: year, partner, value_usd_m, quantity_t."""
        import polars as pl

        return (
            self.of(hs, years)
            .filter(pl.col("importer_iso3") == buyer)
            .group_by("year", pl.col("exporter_iso3").alias("partner"))
            .agg(pl.col("value_usd_m").sum(), pl.col("quantity_t").sum())
            .sort("year", "value_usd_m", descending=[False, True])
        )

    def exports(self, seller: str, hs: Iterable[str], years: Iterable[int] | None = None) -> pl.DataFrame:
        """Exports of one seller by year and partner: year, partner, value_usd_m, quantity_t."""
        import polars as pl

        return (
            self.of(hs, years)
            .filter(pl.col("exporter_iso3") == seller)
            .group_by("year", pl.col("importer_iso3").alias("partner"))
            .agg(pl.col("value_usd_m").sum(), pl.col("quantity_t").sum())
            .sort("year", "value_usd_m", descending=[False, True])
        )

    def between(
        self, hs: Iterable[str], year: int, regions: Sequence[str], region_of: Callable[[str], str]
    ) -> NDArray[np.float64]:
        """Flows between regions in one year, USD million, (sellers, buyers).

        Every reporter that is not named belongs to the rest; trade between countries of one region
        stands on the diagonal.
        """
        import polars as pl

        frame = (
            self.of(hs, (year,))
            .group_by("exporter_iso3", "importer_iso3")
            .agg(pl.col("value_usd_m").sum())
            .sort("exporter_iso3", "importer_iso3")
        )
        place = {r: k for k, r in enumerate(regions)}
        countries = {*frame["exporter_iso3"].to_list(), *frame["importer_iso3"].to_list()}
        index = {c: place[region_of(c)] for c in countries if region_of(c) in place}
        total = np.zeros((len(regions), len(regions)))
        for exporter, importer, value in frame.iter_rows():
            if exporter in index and importer in index:
                total[index[exporter], index[importer]] += value
        return total


def read_baci(path: Path, source: Source) -> Trade:
    """The embedded BACI extract (HS 1992; thousands of USD become millions)."""

    def load() -> pl.DataFrame:
        import polars as pl

        return pl.read_parquet(path).select(
            pl.col("year").cast(pl.Int32),
            "exporter_iso3",
            "importer_iso3",
            pl.col("hs6_hs92").alias("hs6"),
            (pl.col("value_kusd") / 1000).alias("value_usd_m"),
            "quantity_t",
        )

    return Trade(load, "HS1992", source)
