"""What the words of a scenario mean in a world: countries, products, sectors, HS codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.codes import country
from ..core.errors import InputError
from ..engines.shortage_scenario import Known
from ..world.icio import REST

if TYPE_CHECKING:
    from ..core.product import Product
    from ..world.world import World


def known(world: World) -> Known:
    """The names that a scenario may use on this world's table."""
    countries, sectors = world.country_sales[:2]
    inside = {k: p for k, p in world.products.items() if p.parent in sectors}
    return Known(
        region=_regions(world, countries),
        regions=(*countries, REST),
        goods=_sectors(world, sectors) | _wholes(world, inside) | _aliases(inside),
        absent=_absent(world, inside),
        codes=lambda code: tuple(k for k, p in inside.items() if code in (*p.hs, *p.trade_hs)),
    )


def _regions(world: World, countries: tuple[str, ...]) -> Callable[[str], str | None]:
    """Function from a word to a region of the table: its label, a group's code, or a country's name."""
    folded = {r.casefold(): r for r in (*world.country_groups, *countries, REST)}

    def find(word: str) -> str | None:
        if word.casefold() in folded:
            return folded[word.casefold()]
        try:
            code = country(word)
        except InputError:
            return None
        return code if code in countries or code in world.country_groups else None

    return find


def _aliases(products: dict[str, Product]) -> dict[str, tuple[str, ...]]:
    """Names of products, ids before all others; a name that several share stands for all of them."""
    named: dict[str, tuple[str, ...]] = {}
    for k, p in products.items():
        for word in dict.fromkeys(w.casefold() for w in (p.name, *p.names)):
            named[word] = (*named.get(word, ()), k)
    return named | {k.casefold(): (k,) for k in products}


def _wholes(world: World, inside: dict[str, Product]) -> dict[str, tuple[str, ...]]:
    """Names of products that stand in the table by grade: such a word means all of the grades."""
    found: dict[str, tuple[str, ...]] = {}
    for k, p in world.catalogue.items():
        grades = tuple(g for g in world.parts(k) if g != k and g in inside)
        if grades:
            found |= dict.fromkeys((word.casefold() for word in (k, p.name, *p.names)), grades)
    return found


def _sectors(world: World, sectors: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Codes and names of sectors and of the groups they are summed into."""
    groups = {world.groups.group[s] for s in sectors if s in world.groups.group}
    labels = [*groups, *sectors]
    found: dict[str, tuple[str, ...]] = {}
    found |= {world.groups.names[s].casefold(): (s,) for s in labels if s in world.groups.names}
    return found | {s.casefold(): (s,) for s in labels}


def _absent(world: World, inside: dict[str, Product]) -> dict[str, str]:
    """Products that the table has no parent sector for, and the reason."""
    from ..world.world import World as Worlds

    found: dict[str, str] = {}
    for k, p in (dict(Worlds.default().products) | dict(world.products)).items():
        if k not in inside:
            why = f"the table has no sector {p.parent}, of which {k} is a part: name a sector of the table"
            found |= {word.casefold(): why for word in (k, p.name, *p.names)}
    taken = {*_aliases(inside), *_wholes(world, inside)}
    return {word: why for word, why in found.items() if word not in taken}
