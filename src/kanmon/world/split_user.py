"""A user's own products from one TOML, checked as a whole; `TEMPLATE` is such a file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.draws import Uncertain
from ..core.errors import InputError, Problem, nearest
from ..core.figure import BASES
from ..core.product import Product
from ..core.source import Source
from .parameters import Parameters
from .products import product_of, product_problems
from .split_check import USER, Context, range_of
from .split_flows_file import with_flows
from .store import file_hash

if TYPE_CHECKING:
    from .world import World

VALUES = {
    "stock.private_days": "n_private",
    "stock.state_days": "n_state",
    "spare": "spare",
    "leakage": "l_max",
    "thrift": "beta_max",
    "approval": "approval",
    "use_value": "use_value",
    "grade_share": "grade_share",
}
"""Keys of a product's table that hold one value, and the parameter each becomes."""
BY_USER = {"phi": "phi", "use": "u_share"}
"""Tables of a product with one value by industry or product, and the parameter each becomes."""
SHARES = frozenset({"phi", "u_share", "l_max", "beta_max", "approval"})
OWN = frozenset(
    {"country", "source", "url", "basis", "confidence", "stock", "share", "input", "replaces", *BY_USER}
) | {key for key in VALUES if "." not in key}


TEMPLATE = """\
# Products of your own for `kanmon sector split --products FILE` and `kanmon assess ... --products FILE`.
# One table a product; its name is the product's id. A range is one number or [low, mid, high].
[VANOX]
name = "Vanadium oxides"
parent = "C20"                 # sector of the table that the product is booked in
hs = ["282530"]                # codes a control list or a customs form names
hs_edition = "HS2022"
trade_hs = ["282530"]          # codes in the loaded trade data; leave empty where they lack the product
elements = ["V"]
stage = "oxide"
trade_basis = "bilateral"      # or "part_of_bilateral", "tonnes_x_unit_value": flows from your --flows file
inputs = []                    # ids of products it is made from
country = ""                   # where the values below hold; "" is everywhere
source = "own estimate"        # shown beside every figure
basis = "assumed"              # measured, sourced, inferred or assumed
spare = [0.05, 0.15, 0.4]      # other sellers' spare output, share of their output
leakage = [0.05, 0.25, 0.6]    # share of a stopped flow that still arrives in the end
thrift = [0.02, 0.08, 0.2]     # fall of use per unit of output within a year

[VANOX.phi]                    # share of each industry's output that cannot be made without it
C24A = [0.01, 0.05, 0.15]
C20 = [0.0, 0.01, 0.03]

[VANOX.use]                    # share of use by industry; what is open follows the parent's sales
C24A = [0.7, 0.8, 0.9]

[VANOX.share]                  # a seller's share of all use of `country` (needs `country` and home supply)

[VANOX.stock]
private_days = [20, 50, 90]    # days of use that buyers hold
state_days = 0
"""


def with_products(world: World, path: str | Path) -> World:
    """The world with the products of a TOML beside its own (docs/split.md); InputError lists all faults.

    path: a file, or the name of a set of the package (`sets`), which brings its flows with it. A product
    of a known id replaces ours, with all parameters and flows that name it as the product; so do the
    products that it says it `replaces`, and the grades of either. A table that only `replaces`, with the
    id of a product that we hold in grades, puts our own whole in the place of its grades. A product that is
    said to go into another becomes an input of it. In a set of the package, products may be grades of ours.
    """
    if str(path) in sets(world):
        found = _with_products(world, world.folder / f"products_{path}.toml", f"product set {path}")
        flows = world.folder / f"flows_{path}.csv"
        return with_flows(found, flows, f"product set {path}") if flows.is_file() else found
    return _with_products(world, Path(path), f"user file {Path(path).name}")


def sets(world: World) -> tuple[str, ...]:
    """Names of the sets of further products that the package holds, for `with_products`."""
    return tuple(sorted(p.stem.removeprefix("products_") for p in world.folder.glob("products_*.toml")))


def _with_products(world: World, file: Path, label: str) -> World:
    rows = _toml(file, sets(world))
    context = Context(world, file, [], label)
    known = {**world.catalogue, **rows}
    merged = {k for k, row in rows.items() if row.keys() == {"replaces"} and len(world.parts(k)) > 1}
    own = {k: row for k, row in rows.items() if k not in merged}
    context.problems.extend(product_problems(own, str(file), known))
    parameters: list[Uncertain] = []
    for key, row in rows.items():
        _check_replaced(context, key, row)
        if key in own:
            _check_product(context, key, row, known)
            parameters += _parameters(context, key, row, known)
    if context.problems:
        raise InputError(context.problems)
    gone = _replaced(world, rows) - merged
    made = {key: replace(product_of(key, row), source=label) for key, row in own.items()}
    told = {p.key for p in parameters}
    kept = [p for p in world.parameters if p.key[1] not in gone and p.key not in told]
    import polars as pl

    flows = world.flows.filter(~pl.col("product").is_in(sorted(gone)))
    return replace(
        world,
        own_products=_fed({k: v for k, v in world.catalogue.items() if k not in gone}, made, own),
        own_parameters=Parameters((*kept, *parameters), world.parameters.skipped),
        own_frames={**(world.own_frames or {}), "flows": flows},
        own_files=(*world.own_files, f"{file.name}:{file_hash(file)}"),
    )


def _fed(
    ours: Mapping[str, Product], made: Mapping[str, Product], rows: Mapping[str, Mapping[str, Any]]
) -> dict[str, Product]:
    """The catalogue in which products named under `phi` or `use` have those that name them as inputs.

    What goes into others stands before them, as in our own file: the split goes along the chain.
    """
    into = {key: {u for table in BY_USER for u in row.get(table, {})} for key, row in rows.items()}
    feeds = {k: v for k, v in made.items() if into[k] & {*ours, *made}}
    order = {**feeds, **ours, **{k: v for k, v in made.items() if k not in feeds}}
    return {
        key: replace(card, inputs=tuple(dict.fromkeys((*card.inputs, *(k for k in feeds if key in into[k])))))
        for key, card in order.items()
    }


def _replaced(world: World, rows: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Ids whose records, parameters and flows go: with a product its grades, with all grades the whole."""
    named = {*rows, *(other for row in rows.values() for other in row.get("replaces", ()))}
    gone = named | {part for key in named for part in world.parts(key)}
    wholes = {card.grade_of for card in world.catalogue.values() if card.grade_of}
    return gone | {whole for whole in wholes if set(world.parts(whole)) <= gone}


# --- one product of the TOML -------------------------------------------------------------------------


def _toml(path: Path, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    try:
        rows = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise InputError(
            Problem(
                f"the file of products cannot be read: {fault}",
                str(path),
                fix="kanmon sector split --template prints a file that works",
                near=tuple(names),
            )
        ) from None
    loose = [key for key, row in rows.items() if not isinstance(row, dict)]
    if loose or not rows:
        raise InputError(
            [
                Problem(f"{key} stands outside a table", path.name, "one table a product", "[ID]")
                for key in loose
            ]
            or Problem("the file holds no product", path.name, fix="kanmon sector split --template")
        )
    return rows


def _check_replaced(context: Context, key: str, row: Mapping[str, Any]) -> None:
    """Names of the products that a table takes the place of."""
    for other in row.get("replaces", ()):
        if other not in context.world.catalogue:
            near = nearest(str(other), context.world.catalogue)
            context.wrong(f"{other!r}, to be replaced, is no product", f"[{key}]", near=near)


def _check_product(context: Context, key: str, row: Mapping[str, Any], known: Mapping[str, object]) -> None:
    """Names of the product's table: keys, parent, country, basis."""
    allowed = {f.name for f in fields(Product)} - {"id", "source"} | OWN
    if context.path.parent != context.world.folder:
        allowed -= {"grade_of", "grade_share"}
    for name in row:
        if name not in allowed:
            context.wrong(f"unknown key {name}", f"[{key}]", near=nearest(name, allowed))
    parent = row.get("parent")
    if parent is not None and parent not in context.world.groups.group:
        sectors = tuple(context.world.groups.group)
        context.wrong(f"parent {parent!r} is no sector", f"[{key}]", near=nearest(str(parent), sectors))
    country = row.get("country", "")
    if country and not context.is_country(country):
        context.wrong(f"country {country!r} is not in the table", f"[{key}]", fix='an alpha-3 code, or ""')
    if row.get("basis", "assumed") not in BASES:
        context.wrong(f"basis {row['basis']!r} is unknown", f"[{key}]", near=BASES)
    if row.get("trade_hs"):
        for code in context.world.trade.missing([str(c) for c in row["trade_hs"]]):
            context.wrong(
                f"the trade data hold no code {code}",
                f"[{key}] trade_hs",
                f"they are in {context.world.trade.edition}",
                'load them (World(own_trade=...)), or trade_basis = "tonnes_x_unit_value" and --flows',
            )
    for path in row.get("stock", {}):
        if f"stock.{path}" not in VALUES:
            context.wrong(f"unknown key {path}", f"[{key}.stock]", near=("private_days", "state_days"))
    if not row.get("phi"):
        context.wrong(
            "no industry is said to need it",
            f"[{key}.phi]",
            "without phi nobody uses the product and nothing can be lost",
            f"[{key}.phi] C26 = [0.01, 0.05, 0.1]",
        )
    if key in known and not key.replace("_", "").isalnum():
        context.wrong(f"{key!r} cannot be an id", f"[{key}]", "letters, digits and _ only")


def _parameters(
    context: Context, key: str, row: Mapping[str, Any], known: Mapping[str, object]
) -> list[Uncertain]:
    """The parameters that a product's table holds."""
    country = str(row.get("country", ""))
    card = Source(
        f"{context.label}, {key}",
        f"{context.label}: {row.get('source') or 'no source given'}",
        url=str(row.get("url", "")),
        confidence=str(row.get("confidence", USER)),
    )
    found: list[Uncertain] = []
    units = {p.key[0]: p.unit for p in reversed(context.world.parameters.rows)}

    def add(symbol: str, sector: str, value: object, where: str, product: str = key) -> None:
        span = range_of(context, value, where, top=1.0 if symbol in SHARES or "share" in symbol else None)
        if span is not None:
            name = (symbol, product, sector, country)
            found.append(
                Uncertain(
                    name, *span, "triangular", units.get(symbol) or "share", row.get("basis", "assumed"), card
                )
            )

    for path, symbol in VALUES.items():
        table, _, last = path.rpartition(".")
        holder = row.get(table, {}) if table else row
        if isinstance(holder, Mapping) and last in holder:
            add(symbol, "", holder[last], f"[{key}] {path}")
    for table, symbol in BY_USER.items():
        for user, value in row.get(table, {}).items():
            if user not in context.sectors and user not in known:
                context.wrong(
                    f"{user} is neither an industry nor a product",
                    f"[{key}.{table}]",
                    near=nearest(user, (*context.sectors, *known)),
                )
            for label in (user, *context.members(user)):
                add(symbol, label, value, f"[{key}.{table}] {user}")
    for source, values in row.get("input", {}).items():
        if source not in row.get("inputs", ()):
            context.wrong(f"{source} is not among the inputs of {key}", f"[{key}.input.{source}]")
        for table, value in values.items():
            if table not in BY_USER:
                context.wrong(f"unknown key {table}", f"[{key}.input.{source}]", near=tuple(BY_USER))
                continue
            add(BY_USER[table], key, value, f"[{key}.input.{source}] {table}", source)
    for seller, value in row.get("share", {}).items():
        if not context.is_country(seller):
            context.wrong(f"seller {seller} is not in the table", f"[{key}.share]")
        add(f"share_{seller}", "", value, f"[{key}.share] {seller}")
    return found
