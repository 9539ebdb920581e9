"""A table of another classification in the place of the embedded one: which sector stands for which.

Parameters, products and customs codes speak of ICIO sectors. A table whose codes are those goes in as it
is. For others `sectors.csv` (or the user's own file of its shape) says which ICIO code each sector stands
as and which ones it holds; sectors that stand as the same code are summed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import InputError, Problem
from ..icio import aggregate
from .table import Table

if TYPE_CHECKING:
    import polars as pl

    from ...core.product import Product
    from ..records import IOTable
    from ..world import World

SECTORS = Path(__file__).parent / "sectors.csv"


@dataclass(frozen=True)
class Place:
    """What one sector of a table stands as, and every ICIO sector inside it."""

    stands_as: str
    holds: tuple[str, ...]


@dataclass(frozen=True)
class Placed:
    """A world with the table in it, and what the table cannot tell apart."""

    world: World
    notes: tuple[str, ...]


@cache
def read_sectors(path: Path = SECTORS) -> Mapping[tuple[str, str], Place]:
    """(kind, sector) -> its place."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {(r["kind"], r["sector"]): Place(r["stands_as"], tuple(r["holds"].split(";"))) for r in rows}


def into_world(world: World, table: Table | IOTable, sectors: Path = SECTORS) -> Placed:
    """The world with this table; products whose parent the table lacks are left out and named.

    sectors: a file with columns kind, sector, stands_as, holds (`;` between).

    Raises
    ------
    InputError : sectors of the table that neither the program nor the file knows, or a unit that is not
        USD million (trade data and products are in that unit).
    """
    io = table.io if isinstance(table, Table) else table
    kind = table.kind if isinstance(table, Table) else "plain"
    places = _places(io.sectors, kind, world.groups.group, sectors)
    problems = _unknown(io, places, sectors) + _unit(io)
    if problems:
        raise InputError(problems)
    told: tuple[str, ...] = ()
    if isinstance(table, Table):
        name = table.source.id.removeprefix("table:")
        world, told = replace(world, own_files=(*world.own_files, f"{name}:{table.sha256}")), table.notes
    if all(p.stands_as == s and p.holds == (s,) for s, p in places.items()):
        return Placed(replace(world, own_table=io, table_notes=told), ())
    named = tuple(places[s].stands_as for s in io.sectors)
    summed = aggregate(io, io.regions, named)
    stands = {inner: p.stands_as for p in places.values() for inner in p.holds}
    products, lost = _products(world.catalogue, stands)
    frames = dict(world.own_frames or {}) | {"hs_map": _hs_map(world, stands)}
    wide = {p.stands_as: p.holds for p in places.values() if len(p.holds) > 1}
    notes = [f"{code} of this table holds {', '.join(held)} together" for code, held in wide.items()]
    notes += [
        f"{name} is not splittable on this table: it has no sector {parent}"
        for name, parent in lost
        if name in world.products
    ]
    made = replace(
        world,
        own_table=summed,
        own_products=products,
        own_frames=frames,
        table_notes=(*told, *notes),
    )
    return Placed(made, tuple(notes))


def _places(sectors: Sequence[str], kind: str, known: Mapping[str, str], path: Path) -> dict[str, Place]:
    """The place of each sector that has one."""
    listed = read_sectors(path)
    found = {s: listed.get((kind, s)) or (Place(s, (s,)) if s in known else None) for s in sectors}
    return {s: p for s, p in found.items() if p is not None}


def _unknown(io: IOTable, places: Mapping[str, Place], path: Path) -> list[Problem]:
    strange = [s for s in io.sectors if s not in places]
    if not strange:
        return []
    return [
        Problem(
            f"{len(strange)} sectors have no place among the ICIO sectors: {', '.join(strange[:8])}",
            where=path.name,
            why="parameters, products and customs codes speak of ICIO sectors",
            fix="give a CSV with columns kind, sector, stands_as, holds to into_world(..., sectors=PATH)",
        )
    ]


def _unit(io: IOTable) -> list[Problem]:
    if io.unit == "USD million":
        return []
    why = "trade data and parameters are in USD million, and no rate of exchange is guessed"
    return [Problem(f"the table is in {io.unit}", "unit", why, "convert it, or use it in `kanmon sector`")]


def _products(
    products: Mapping[str, Product], stands: Mapping[str, str]
) -> tuple[dict[str, Product], list[tuple[str, str]]]:
    """Products with the table's name for their parent; (product, parent) of those without one."""
    kept = {k: replace(p, parent=stands[p.parent]) for k, p in products.items() if p.parent in stands}
    kept = {k: replace(p, inputs=tuple(i for i in p.inputs if i in kept)) for k, p in kept.items()}
    return kept, [(k, p.parent) for k, p in products.items() if p.parent not in stands]


def _hs_map(world: World, stands: Mapping[str, str]) -> pl.DataFrame:
    """Customs codes to the table's sectors; a code whose sector the table lacks has none."""
    import polars as pl

    return world.hs_map.with_columns(pl.col("icio_sector").replace_strict(dict(stands), default=None))
