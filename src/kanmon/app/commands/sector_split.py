"""kanmon sector split: what of each product's flows finds room in the table, by seller, buyer and user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ...core.errors import InputError, Problem, nearest
from ..options import PRODUCTS_HELP, Faults, own_world, place, whole

if TYPE_CHECKING:
    from ...world.split_account import Account
    from ...world.world import World

SHOWN = 12
"""Flows without room that are listed."""
LEAST = 0.1
"""Flows below this many USD million a year are not listed in detail."""


@click.command(
    epilog="""\b
Examples:
  kanmon sector split --imposer Russia --buyer Germany
  kanmon sector split --template
  kanmon sector split --imposer Russia --buyer Germany --products mine.toml --product VANOX""",
)
@click.option("--imposer", metavar="COUNTRY", help="Seller side of the focus table. Needed.")
@click.option("--buyer", metavar="COUNTRY", help="Buyer side of the focus table. Needed.")
@click.option("--product", metavar="ID", multiple=True, help="This product and its chain only; repeatable.")
@click.option("--products", metavar="FILE", multiple=True, help=PRODUCTS_HELP)
@click.option("--flows", metavar="FILE", help="Flows and use shares of your own, one CSV (docs/split.md).")
@click.option("--draws", metavar="N", default="64", show_default=True, help="Draws; figures are their mean.")
@click.option("--template", is_flag=True, help="Print a file of products to start from, and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def split(
    imposer: str | None,
    buyer: str | None,
    product: tuple[str, ...],
    products: tuple[str, ...],
    flows: str | None,
    draws: str,
    template: bool,
    as_json: bool,
) -> None:
    """What of each product's flows finds room in the table, from which cells, and what does not.

    A product is carved out of the cells of its parent sector, then out of what the same seller's other
    sectors sell to the same user; what finds no room is reported, never hidden.
    """
    if template:
        from ...world.split_user import TEMPLATE

        click.echo(TEMPLATE, nl=False)
        return
    faults = Faults()
    seller = faults.take(_side, imposer, "--imposer")
    user = faults.take(_side, buyer, "--buyer")
    count = faults.take(whole, draws, "--draws", "--draws 64")
    faults.take(_bounds, count)
    world = faults.take(own_world, products, flows)
    if seller is not None and seller == user:
        faults.problems.append(
            Problem(
                f"{seller} is seller and buyer",
                "--imposer, --buyer",
                "sales inside one country are no exports",
                "name another buyer",
            )
        )
    if world is not None:
        faults.take(_products, world, product)
    faults.settle()
    if world is None or count is None or seller is None or user is None:
        raise AssertionError("settle() lets nothing unknown pass")
    from ...core.draws import draw
    from ...world.split import known
    from ...world.split_account import account, not_splittable
    from ..model import chain

    named = [part for key in product for part in world.parts(key)]
    wanted = chain(world, known(world, named or None))
    regions = world.focus_regions([seller], [user], products=wanted)
    found = account(world.focus(regions), world, draw(world.parameters, count), wanted if product else None)
    _show(found, named, () if product else not_splittable(world), as_json=as_json)


def _products(world: World, wanted: Sequence[str]) -> None:
    """Refuse products that nobody knows, each with its nearest names and all there are."""
    problems = [
        Problem(
            f"{word} is no product",
            "--product",
            f"there are {', '.join(world.products)}",
            "write an id in capitals, or give a file of your own: --products FILE",
            nearest(word, world.products),
        )
        for word in wanted
        if not world.parts(word)
    ]
    if problems:
        raise InputError(problems)


def _side(text: str | None, option: str) -> str:
    """A country that has to be given."""
    if text is None:
        why = "the focus table is cut around the two sides"
        raise InputError(Problem(f"{option} is missing", option, why, f"{option} COUNTRY"))
    return place(text, option) or ""


def _bounds(count: int | None) -> None:
    """Refuse a number of draws that cannot be held; nothing for one that could not be read."""
    if count is not None and not 1 <= count <= 1024:
        raise InputError(
            Problem(f"{count} draws cannot be split", "--draws", "between 1 and 1024", "--draws 64")
        )


def _show(found: Account, detailed: Sequence[str], beyond: Sequence[str], *, as_json: bool) -> None:
    """The account as JSON, or as a table by product and, for products asked for by name, in detail."""
    from ..tables import plain, print_json, print_table, print_text

    if as_json:
        print_json(plain(found) | {"not_splittable": list(beyond)})
        return
    rows = []
    for name, parent in found.parents.items():
        mine = [f for f in found.flows if f.product == name]
        sums = [sum(getattr(f, key) for f in mine) for key in ("asked", "placed", "elsewhere", "lost")]
        moved = max((abs(f.placed_share - f.asked_share) for f in mine), default=0.0)
        rows.append((name, parent, *(f"{v:,.0f}" for v in sums), f"{100 * moved:.1f}"))
    click.echo("USD million a year, mean over draws\n")
    print_table(
        ("product", "parent", "asked", "placed", "in other cells", "no room", "share moved, points"), rows
    )
    for name in detailed:
        _detail(found, name)
    cut = sorted((f for f in found.flows if f.lost >= 1), key=lambda f: -f.lost)
    print_text(
        "No room in the table (USD million a year)",
        [f"{f.product} {f.seller} to {f.buyer}: {f.lost:,.0f} of {f.asked:,.0f}" for f in cut[:SHOWN]]
        + ([f"{len(cut) - SHOWN} more: --json lists all"] if len(cut) > SHOWN else []),
    )
    print_text("Remarks", found.notes)
    print_text("Beyond the data", beyond)


def _detail(found: Account, name: str) -> None:
    """Flows and users of one product."""
    from ..tables import print_table

    click.echo(f"\n{name} by seller and buyer")
    print_table(
        ("seller", "buyer", "asked", "placed", "in other cells", "share asked %", "share placed %"),
        [
            (
                f.seller,
                f.buyer,
                *(f"{v:,.1f}" for v in (f.asked, f.placed, f.elsewhere)),
                *(f"{100 * v:.1f}" for v in (f.asked_share, f.placed_share)),
            )
            for f in found.flows
            if f.product == name and f.asked >= LEAST
        ],
    )
    click.echo(f"\n{name} by buyer and user")
    print_table(
        ("buyer", "user", "share asked %", "share placed %"),
        [
            (u.buyer, u.user, f"{100 * u.asked_share:.1f}", f"{100 * u.placed_share:.1f}")
            for u in found.users
            if u.product == name
        ],
    )
