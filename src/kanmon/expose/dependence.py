"""Who depends on whom: one buyer, one seller, by product, year and definition.

No share is ever given as one number: by value, by weight and as others published it stand side by
side, and the headline is their range. Formulas and references: docs/method-exposure.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.codes import country_name
from ..core.figure import Basis, Figure, weakest
from ..core.source import unite
from ..world.products import whole_of
from .indicators import concentration, into
from .records import ProductExposure
from .series import published_series, totals, trade_series
from .shares import Point, mirror, published
from .supply import OUTPUT, members, product_card, production_figures, share_of_use, stock_figures
from .trade_figures import partner_rows, trade_figures

if TYPE_CHECKING:
    import polars as pl

    from ..world.world import World

__all__ = ["exposure", "totals"]

NEAR = 5.0
"""Percentage points within which definitions count as agreeing."""
LAYOUT = "a CSV with columns year, exporter_iso3, importer_iso3, hs6, value_usd_m, quantity_t"


@dataclass(frozen=True)
class Subject:
    """What an exposure is about: a product of the catalogue, or one HS line.

    hs: codes a customs form names; codes: those of the loaded trade data; alone: the flows of `codes`
    are this product's and nobody else's; shares_codes_with: products on the same codes; grades: (id, name)
    of the grades asked about, where the data know only the whole.
    """

    id: str
    name: str
    hs: tuple[str, ...]
    codes: tuple[str, ...]
    alone: bool
    shares_codes_with: tuple[str, ...] = ()
    grades: tuple[tuple[str, str], ...] = ()

    @property
    def codes_text(self) -> str:
        """The codes of the trade data in words."""
        return f"HS {' + '.join(self.codes)}"


def exposure(
    world: World,
    products: Sequence[str],
    hs: Sequence[str],
    buyer: str,
    seller: str,
    years: Sequence[int] | None = None,
) -> tuple[ProductExposure, ...]:
    """How far a buyer depends on a seller, for each product and each bare HS line.

    Parameters
    ----------
    products : ids of the product catalogue. hs : HS codes (four or six digits) of no product.
    buyer, seller : alpha-3, or a group code such as EUR (trade inside the group is left out).
    years : only these years of trade; all loaded ones if None.

    Returns
    -------
    One ProductExposure per product and per HS line with data, in the order given; HS lines without
    any data come last, together, as one record that only says what is missing. A line that belongs to
    one of the products has no record of its own, so that nothing is counted twice; for the same reason
    the grades of a product, which share its codes, have one record together, that of the whole.
    """
    wholes = dict.fromkeys(whole_of(world.catalogue, p) for p in products)
    subjects = [_of_product(world, p, products) for p in wholes]
    told = {c for s in subjects for c in (*s.hs, *s.codes)}
    lines = [h for h in dict.fromkeys(hs) if h not in told]
    held = [h for h in lines if not world.trade.missing((h,))]
    subjects += [Subject(h, f"HS {h}", (h,), (h,), alone=True) for h in held]
    found = [_exposure(world, s, buyer, seller, years) for s in subjects]
    bare = tuple(h for h in lines if h not in held)
    if bare:
        text = (_no_trade(bare, world.trade.edition),)
        found.append(
            ProductExposure("", "HS lines without data", buyer, seller, bare, (), (), (), None, "", text)
        )
    return tuple(found)


def _of_product(world: World, product: str, asked: Sequence[str]) -> Subject:
    card = product_card(world, product)
    codes = tuple(c for c in card.trade_hs if not world.trade.missing((c,)))
    mine = world.parts(product)
    others = tuple(k for k, p in world.products.items() if k not in mine and set(p.trade_hs) & set(codes))
    grades = tuple((k, p.name) for k, p in world.catalogue.items() if p.grade_of == product and k in asked)
    return Subject(
        product, card.name, card.hs, codes, card.trade_basis != "part_of_bilateral", others, grades
    )


def _exposure(
    world: World, subject: Subject, buyer: str, seller: str, years: Sequence[int] | None
) -> ProductExposure:
    """All that is known of one subject."""
    inside = members(world, seller)
    flows = world.trade.of(subject.codes)
    imports = into(flows, members(world, buyer))
    if years is not None:
        imports = imports.filter(imports["year"].is_in(list(years)))
    by_year = concentration(imports, inside)
    points = published(world, buyer, subject.id, subject.codes or subject.hs, inside)
    wanted = [p for p in points if years is None or p.year in years]
    year = int(by_year["year"][-1]) if by_year.height else None
    headline_points = _headline_points(world, subject, by_year, wanted)
    figures: list[Figure] = []
    if headline_points:
        figures.append(_headline(subject, headline_points, seller))
    missing: tuple[str, ...] = ()
    if year is not None:
        figures += trade_figures(world, flows, by_year, subject.codes, buyer, seller, alone=subject.alone)
    figures += mirror(world, buyer, subject.id, world.trade.missing(subject.hs), inside)
    if subject.id in world.catalogue:
        figures += share_of_use(world, subject.id, buyer, seller)
        figures += production_figures(world, world.catalogue[subject.id], seller)
        stocks, missing = stock_figures(world, subject.id, buyer)
        figures += stocks
    # Flows shared with another product are that product's: counted there, not twice.
    everyone = published(world, buyer, subject.id, subject.codes or subject.hs)
    partners_year, partners = partner_rows(imports, year if subject.alone else None, everyone)
    return ProductExposure(
        product=subject.id if subject.id in world.catalogue else "",
        name=subject.name,
        buyer=buyer,
        seller=seller,
        hs=subject.hs,
        figures=tuple(figures),
        series=(*trade_series(world, by_year, seller, subject.codes_text), *published_series(wanted, seller)),
        partners=partners,
        partners_year=partners_year,
        disagreement=_disagreement(subject, headline_points, figures, buyer, seller),
        missing=(*_missing(world, subject, by_year, headline=bool(headline_points)), *missing),
        grades=subject.grades,
    )


# --- the headline and where definitions part ---------------------------------------------------------


def _headline_points(
    world: World, subject: Subject, by_year: pl.DataFrame, points: Sequence[Point]
) -> tuple[Point, ...]:
    """The definitions of one year that the headline ranges over.

    The latest year of trade by value and weight with what others published for that year; without
    trade of its own, the latest year published: for the whole product, else for parts of it.
    """
    own: list[Point] = []
    if subject.alone and by_year.height:
        last = by_year.row(-1, named=True)
        for how in ("value", "weight"):
            share = last[f"share_{how}"]
            if share is not None:
                own.append(
                    Point(
                        definition=f"by {how}, {subject.codes_text}, {world.trade.source.id.upper()}",
                        label=subject.codes_text,
                        partner="",
                        year=int(last["year"]),
                        period=str(last["year"]),
                        share=float(share),
                        weight=how == "weight",
                        scope="whole",
                        source=world.trade.source,
                        trade=True,
                    )
                )
    whole = [p for p in points if p.scope == "whole"]
    if own:
        return (*own, *(p for p in whole if p.year == own[0].year))
    rest = whole or list(points)
    latest = max((p.year for p in rest), default=0)
    return tuple(p for p in rest if p.year == latest)


def _headline(subject: Subject, points: Sequence[Point], seller: str) -> Figure:
    """Share of imports as the range over definitions; no single value where they differ."""
    shares = [100 * p.share for p in points]
    own = any(p.trade for p in points)
    basis: Basis = "inferred" if not own else weakest(*("measured" if p.trade else "sourced" for p in points))
    notes = ["; ".join(f"{p.definition}: {100 * p.share:.0f} %" for p in points)]
    if own and subject.shares_codes_with:
        notes.append(f"the codes also hold {', '.join(subject.shares_codes_with)}")
    if not own:
        notes.append("no bilateral trade of this product is loaded")
    return Figure(
        label=f"share of imports from {country_name(seller)}, {points[0].period}",
        value=shares[0] if max(shares) - min(shares) < 0.05 else None,
        unit="%",
        basis=basis,
        sources=unite(*((p.source,) for p in points)),
        low=min(shares),
        high=max(shares),
        note="range over definitions: " + ". ".join(notes),
    )


def _disagreement(
    subject: Subject, points: Sequence[Point], figures: Sequence[Figure], buyer: str, seller: str
) -> str:
    """A plain sentence where definitions of the same year differ, or where output shares tell more."""
    parts = []
    shares = sorted(points, key=lambda p: p.share)
    sides = f"{country_name(seller)}'s share of {country_name(buyer)}'s imports"
    if shares and 100 * (shares[-1].share - shares[0].share) >= NEAR:
        each = "; ".join(f"{100 * p.share:.0f} % {p.definition}" for p in shares)
        low, high = (f"{100 * p.share:.0f}" for p in (shares[0], shares[-1]))
        parts.append(
            f"{subject.name}: {sides} in {points[0].period} is between {low} and {high} %, "
            f"depending on the definition: {each}."
        )
    made = [f for f in figures if f.label.startswith(OUTPUT) and f.value is not None]
    if made and shares:
        top = max(made, key=lambda f: f.value or 0.0)
        if (top.value or 0.0) >= 100 * shares[-1].share + NEAR:
            parts.append(
                f"Output shows more than trade: {country_name(seller)} makes {top.value:.0f} % of the "
                f"world's output ({top.label.partition(': ')[2]})."
            )
    return " ".join(parts)


# --- what is missing ---------------------------------------------------------------------------------


def _missing(world: World, subject: Subject, by_year: pl.DataFrame, *, headline: bool) -> tuple[str, ...]:
    """What the data do not hold about the trade of a subject, and what to load."""
    found = []
    lacking = world.trade.missing(subject.hs)
    if lacking:
        found.append(_no_trade(lacking, world.trade.edition))
    elif not by_year.height:
        found.append(
            f"HS {', '.join(subject.codes)}: no imports of this buyer are recorded in the years asked for"
        )
    if subject.grades:
        names = " and ".join(name for _, name in subject.grades)
        found.append(
            f"{subject.name}: covered are {names}; trade, output and stocks know the grades together, "
            "so they stand here once; load figures by grade to tell them apart"
        )
    if subject.codes and not subject.alone:
        found.append(
            f"{subject.name}: HS {', '.join(subject.codes)} hold {', '.join(subject.shares_codes_with)} too; "
            "load trade by national tariff line to tell them apart"
        )
    if by_year.height and by_year["weighed"][-1] is not None and by_year["weighed"][-1] < 0.95:
        found.append(
            f"weights are known for {by_year['weighed'][-1]:.0%} of the value of {subject.name} in "
            f"{by_year['year'][-1]}: shares by weight rest on those"
        )
    if not headline:
        found.append(f"{subject.name}: no share of imports is known; load import_shares.csv rows or {LAYOUT}")
    return tuple(found)


def _no_trade(codes: Sequence[str], edition: str) -> str:
    return f"no bilateral trade is loaded for HS {', '.join(codes)} (trade data in {edition}): load {LAYOUT}"
