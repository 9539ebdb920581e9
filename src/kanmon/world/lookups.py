"""Small questions asked of a World: names, money, the largest importer, the card of a row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..core.source import Source
from .parameters import ALL_PRODUCTS, ANY_COUNTRY, ANY_SECTOR, NOT
from .sources import datasets
from .store import file_hash, read_csv

if TYPE_CHECKING:
    from .world import World


def label(world: World, code: str) -> str:
    """Name of a sector, industry group or product; the code itself where it has none."""
    if code in world.catalogue:
        return world.catalogue[code].name
    return world.groups.names.get(code, code)


def symbols(world: World) -> dict[str, str]:
    """Parameter symbol -> what it is, in plain words."""
    frame = read_csv(world.folder / "symbols.csv")
    return dict(frame.select("symbol", "words").iter_rows())


def describe(world: World, key: tuple[str, ...], symbols: Mapping[str, str]) -> str:
    """A parameter's key in plain words: what it is, of what, for whom. No id of ours is left in it."""
    symbol, product, sector, country = key
    if symbol == FLOW:
        # Here the key is product, seller and buyer.
        return f"flow of {_words(world, product)} from {_place(sector)} to {_place(country)}"
    text = symbols.get(symbol, symbol)
    if product:
        text += f" of {_words(world, product)}"
    if sector and sector not in ANY_SECTOR:
        text += f" in {_words(world, sector)}"
    return text if country in ANY_COUNTRY else f"{text} ({_place(country)})"


FLOW = "flow"
PRODUCTS = {ALL_PRODUCTS: "all controlled products"}


def _words(world: World, text: str) -> str:
    """Names in place of every id of a product, group or sector that a text holds."""
    if text in PRODUCTS:
        return PRODUCTS[text]
    whole = label(world, text)
    if whole != text:
        return whole
    return re.sub(r"\b[A-Z][A-Z0-9]+\b", lambda found: label(world, found[0]), text)


def _place(country: str) -> str:
    """A country of a parameter's row: 'outside X' for 'non-X', 'any country' for '*'."""
    if country in ANY_COUNTRY or country == "*":
        return "any country"
    other = NOT.match(country)
    return f"outside {other['code']}" if other else country


def gdp(world: World, country: str, year: int) -> tuple[float, str, tuple[Source, ...]] | None:
    """GDP of the newest year up to `year`: (billions of own currency, unit with year, sources), or None."""
    import polars as pl

    rows = (
        world.money.filter(
            (pl.col("country") == country) & (pl.col("metric") == "gdp") & (pl.col("year") <= year)
        )
        .sort("year")
        .tail(1)
    )
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    unit = f"{row['currency']} billion at the GDP of {row['year']}"
    return float(row["value"]) / 1000, unit, (row_source(row, "money"),)


def largest_importer(
    world: World, sellers: Iterable[str], hs: Iterable[str], targets: Iterable[str]
) -> tuple[str, int] | None:
    """The target country that bought most of the codes from the sellers in the newest trade year.

    None where the trade data hold none of the flows. "all" among the targets means every country.
    """
    import polars as pl

    wanted = set(targets)
    for target in tuple(wanted):
        wanted |= world.country_groups.get(target, frozenset())
    flows = world.trade.of(tuple(hs)).filter(pl.col("exporter_iso3").is_in(list(sellers)))
    if "all" not in wanted:
        flows = flows.filter(pl.col("importer_iso3").is_in(sorted(wanted)))
    if flows.is_empty():
        return None
    year = int(flows["year"].max())  # type: ignore[arg-type]
    bought = (
        flows.filter(pl.col("year") == year)
        .group_by("importer_iso3")
        .agg(pl.col("value_usd_m").sum())
        .sort("value_usd_m", "importer_iso3", descending=[True, False])
    )
    return str(bought["importer_iso3"][0]), year


def row_source(row: Mapping[str, Any], data_set: str) -> Source:
    """The source card of one row of a facts table."""
    title = str(row.get("source") or "")
    digest = hashlib.sha256(f"{title} {row.get('url')}".encode()).hexdigest()[:8]
    return Source(
        id=f"{data_set}-{digest}",
        title=title,
        date=str(row.get("date") or ""),
        url=str(row.get("url") or ""),
        confidence=str(row.get("confidence") or ""),
    )


def content_hash(world: World) -> str:
    """Hash of all embedded data a run can read; part of its manifest."""
    digest = hashlib.sha256()
    for key, card in sorted(datasets().items()):
        path = world.folder / card.file
        if path.is_file():
            digest.update(f"{key} {file_hash(path)}\n".encode())
    return digest.hexdigest()


def largest_sector_buyer(
    world: World, sellers: Iterable[str], hs: Iterable[str], targets: Iterable[str]
) -> tuple[str, str] | None:
    """The target country whose industries buy most from the sellers' sectors that the codes belong to.

    For goods that the trade data lack. Returns the country and the sectors' names, or None where no
    sector is known or no target stands in the table.
    """
    table, parents = world.table, world.parents_of(tuple(hs))
    S = len(table.sectors)
    rows = [
        table.regions.index(r) * S + table.sectors.index(s)
        for r in sellers
        for s in parents
        if r in table.regions and s in table.sectors
    ]
    wanted = set(targets)
    for target in tuple(wanted):
        wanted |= world.country_groups.get(target, frozenset())
    bought = table.Z[rows].sum(axis=0).reshape(len(table.regions), S).sum(axis=1)
    open_to = [
        (float(bought[k]), region)
        for k, region in enumerate(table.regions)
        if region not in sellers and ("all" in wanted or region in wanted)
    ]
    if not rows or not open_to or max(open_to)[0] <= 0:
        return None
    return max(open_to)[1], ", ".join(label(world, s) for s in parents)
