"""Shares through time, one series per definition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..core.codes import country_name
from ..core.source import unite
from .indicators import concentration, into
from .records import Series
from .shares import Point, published
from .supply import members

if TYPE_CHECKING:
    import polars as pl

    from ..world.world import World


def totals(world: World, hs: Sequence[str], buyer: str, seller: str) -> tuple[Series, ...]:
    """Seller's share of the buyer's covered imports through time, in each definition.

    By value, by weight, by value with each line's weight fixed at its mean over the years (so that
    prices and the mix of goods do not move it), and shares published by others, one series per label;
    such a series may hold several points of one year. Shares in [0, 1].
    """
    import polars as pl

    codes = [h for h in dict.fromkeys(hs) if not world.trade.missing((h,))]
    found: list[Series] = []
    if codes:
        imports = into(world.trade.of(codes), members(world, buyer))
        inside = members(world, seller)
        lines = imports["hs6"].n_unique()
        what = f"{lines} HS lines"
        by_year = concentration(imports, inside)
        found += trade_series(world, by_year, seller, what)
        if lines > 1:
            by_line = concentration(imports, inside, ("year", "hs6")).with_columns(
                pl.col("value_usd_m").mean().over("hs6").alias("fixed")
            )
            steady = by_line.group_by("year").agg(
                ((pl.col("share_value") * pl.col("fixed")).sum() / pl.col("fixed").sum()).alias("steady")
            )
            found += _series(world, steady.sort("year"), "steady", seller, f"by value, fixed weights, {what}")
    points: list[Point] = []
    for product, card in world.catalogue.items():
        if set(card.trade_hs or card.hs) & set(hs) or set(card.hs) & set(hs):
            points += published(world, buyer, product, card.trade_hs, members(world, seller))
    whole = dict.fromkeys(p for p in points if p.scope == "whole")
    return (*found, *published_series(tuple(whole), seller))


def trade_series(world: World, by_year: pl.DataFrame, seller: str, what: str) -> tuple[Series, ...]:
    """Seller's share by value and by weight from the trade data."""
    return (
        *_series(world, by_year, "share_value", seller, f"by value, {what}"),
        *_series(world, by_year, "share_weight", seller, f"by weight, {what}"),
    )


def _series(
    world: World, frame: pl.DataFrame, column: str, seller: str, definition: str
) -> tuple[Series, ...]:
    """One column of a frame by year as a series; years without a value are left out."""
    known = frame.drop_nulls(column)
    if not known.height:
        return ()
    return (
        Series(
            label=f"share of imports from {country_name(seller)}",
            definition=definition,
            unit="share",
            years=tuple(int(y) for y in known["year"].to_list()),
            values=tuple(float(v) for v in known[column].to_list()),
            basis="measured",
            sources=(world.trade.source,),
        ),
    )


def published_series(points: Sequence[Point], seller: str) -> tuple[Series, ...]:
    """Published shares, one series per label and way of counting, in order of years."""
    groups: dict[tuple[str, bool], list[Point]] = {}
    for point in points:
        groups.setdefault((point.label, point.weight), []).append(point)
    found = []
    for (label, weight), group in groups.items():
        group.sort(key=lambda p: (p.year, p.share))
        found.append(
            Series(
                label=f"share of imports from {country_name(seller)}, as published",
                definition=f"published points, {label}, by {'weight' if weight else 'value'}",
                unit="share",
                years=tuple(p.year for p in group),
                values=tuple(p.share for p in group),
                basis="sourced",
                sources=unite(*((p.source,) for p in group)),
            )
        )
    return tuple(found)
