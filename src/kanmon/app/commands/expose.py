"""kanmon expose: which goods hang on one seller, ranked, and one product through time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import InputError, Problem, nearest
from ..options import Faults, place, whole

if TYPE_CHECKING:
    from ...core.figure import Figure
    from ...core.source import Source
    from ...expose.records import ProductExposure
    from ...world.world import World

YEARS_SHOWN = 10


@click.command(
    epilog="""\b
Examples:
  kanmon expose --buyer Germany --top 5
  kanmon expose --buyer Germany --product 280490""",
)
@click.option("--buyer", metavar="COUNTRY", help="Whose purchases: a code or a name.")
@click.option(
    "--seller", metavar="COUNTRY", help="On whom; default with a buyer: each line's largest seller."
)
@click.option("--product", metavar="HS|NAME", help="One product in detail: HS code, product id or name.")
@click.option("--top", metavar="N", default="20", show_default=True, help="Rows of the ranking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def expose(buyer: str | None, seller: str | None, product: str | None, top: str, as_json: bool) -> None:
    """Dependence and chokepoints of a buyer, or of all buyers of a seller; worst first.

    Shares stand by value and by weight; neither is the right one alone.
    """
    from ...world.world import World

    faults = Faults()
    who, whom = faults.take(place, buyer, "--buyer"), faults.take(place, seller, "--seller")
    rows = faults.take(_rows, top)
    world = World.default()
    codes = faults.take(_codes, world, product) if product else None
    if not buyer and not seller:
        faults.problems.append(
            Problem(
                "neither buyer nor seller is given",
                where="--buyer, --seller",
                why="dependence is somebody's, on somebody",
                fix="kanmon expose --buyer COUNTRY",
            )
        )
    faults.settle()
    _answer(world, who or "", whom or "", codes, rows or 1, as_json=as_json)


def _rows(text: str) -> int:
    count = whole(text, "--top", "--top 20")
    if count < 1:
        raise InputError(Problem(f"{count} rows cannot be shown", where="--top", fix="--top 20"))
    return count


def _codes(world: World, product: str) -> tuple[str, tuple[str, ...]]:
    """(product id or "", trade codes) of what the user named by HS code, id or name."""
    if product.replace(".", "").isdigit():
        from ...core.codes import hs

        return "", (hs(product, "--product"),)
    names = {name.casefold(): key for key, p in world.catalogue.items() for name in (key, p.name, *p.names)}
    key = names.get(product.casefold())
    if key is None:
        raise InputError(
            Problem(
                f"no product is called {product!r}",
                where="--product",
                why="an HS code, a product id or its name is needed",
                fix="write the HS code of 4 or 6 digits",
                near=nearest(product, [*world.catalogue, *(p.name for p in world.catalogue.values())]),
            )
        )
    return key, world.catalogue[key].trade_hs


def _answer(
    world: World,
    buyer: str,
    seller: str,
    chosen: tuple[str, tuple[str, ...]] | None,
    top: int,
    *,
    as_json: bool,
) -> None:
    """The ranking, and the one product in detail where both sides are known."""
    from ...expose.chokepoints import chokepoints
    from ..tables import plain, print_json

    ranking = chokepoints(world, buyer, seller)
    rows = ranking.frame.to_dicts()
    if chosen is not None:
        rows = [row for row in rows if row["hs6"].startswith(chosen[1])]
    detail: tuple[ProductExposure, ...] = ()
    if chosen is not None and buyer and (seller or rows):
        from ...expose.dependence import exposure

        key, codes = chosen
        detail = exposure(
            world, [key] if key else [], [] if key else codes, buyer, seller or rows[0]["seller"]
        )
    if as_json:
        head = {"year": ranking.year, "edition": ranking.edition, "sources": plain(ranking.sources)}
        print_json({**head, "ranking": plain(rows[:top]), "exposure": plain(detail)})
        return
    _print_ranking(rows, top, ranking.year, ranking.edition, ranking.sources)
    for one in detail:
        _print_detail(one)


def _print_ranking(
    rows: Sequence[dict[str, Any]], top: int, year: int, edition: str, sources: Sequence[Source]
) -> None:
    from ..tables import print_table

    cells = [
        (
            row["buyer"],
            row["seller"],
            row["hs6"],
            _percent(row["share_value"]),
            _percent(row["share_weight"]),
            f"{row['hhi_value']:.2f}",
            f"{row['value_usd_m']:,.1f}",
            " ".join(mark for mark, met in (("EU", row["cdi"]), ("GeoDep", row["geodep"])) if met) or "-",
            row["products"] or "-",
        )
        for row in rows[:top]
    ]
    if cells:
        names = ("buyer", "seller", edition, "% value", "% weight", "HHI", "USD m", "tests met", "products")
        print_table(names, cells)
    else:
        click.echo(f"The loaded trade data of {year} ({edition}) hold no such line above USD 1 million.")
        return
    click.echo(f"\n{min(top, len(rows))} of {len(rows)} lines of {year}, measured; HHI by value, 0 to 1.")
    click.echo("Tests: EU = core dependency indicators; GeoDep = concentration lasting several years.")
    for source in sources:
        click.echo(f"Source: {source.title}; {source.publisher}, {source.date}; {source.licence}")


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.1f}"


def _print_detail(one: ProductExposure) -> None:
    """Figures of one product with basis, then its shares by year in each definition."""
    from ..tables import print_table, print_text

    click.echo(f"\n{one.name}: {one.buyer} on {one.seller}")
    if one.figures:
        print_table(
            ("figure", "value", "unit", "basis", "source"),
            [(f.label, _number(f), f.unit, f.basis, f.sources[0].title) for f in one.figures],
        )
    years = sorted({year for series in one.series for year in series.years})[-YEARS_SHOWN:]
    rows = [
        (
            *("-" if year not in s.years else f"{s.values[s.years.index(year)]:.3g}" for year in years),
            s.unit,
            s.definition,
        )
        for s in one.series
    ]
    if rows:
        click.echo("\nThrough time")
        print_table((*map(str, years), "unit", "definition"), rows)
    print_text("Where sources differ", [one.disagreement] if one.disagreement else [])
    print_text("What is missing", one.missing)


def _number(figure: Figure) -> str:
    """Value and range, or what is known of them."""
    value = "unknown" if figure.value is None else f"{figure.value:,.4g}"
    if figure.low is None and figure.high is None:
        return value
    if figure.low == figure.high == figure.value:
        return value
    low, high = ("?" if bound is None else f"{bound:,.4g}" for bound in (figure.low, figure.high))
    return f"{low} to {high}" if figure.value is None else f"{value} ({low} to {high})"
