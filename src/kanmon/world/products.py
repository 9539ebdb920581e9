"""Reader of products.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..core.errors import InputError, Problem
from ..core.product import Product

REQUIRED = ("name", "parent", "hs", "hs_edition", "elements", "stage")
TEXTS = ("name", "parent", "hs_edition", "stage", "grade_of")
LISTS = ("hs", "elements", "inputs", "names", "trade_hs", "end_use", "commodity")
TRADE_BASES = ("bilateral", "part_of_bilateral", "tonnes_x_unit_value")


def read_products(path: Path) -> Mapping[str, Product]:
    """Products by id, in the order of the file; InputError lists every fault of the file at once."""
    raw: dict[str, dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))
    rows = {key: {**raw.get(row.get("grade_of", ""), {}), **row} for key, row in raw.items()}
    problems = product_problems(rows, str(path), rows)
    if problems:
        raise InputError(problems)
    return MappingProxyType({key: product_of(key, row) for key, row in rows.items()})


def product_problems(
    rows: Mapping[str, Mapping[str, Any]], where: str, known: Mapping[str, object]
) -> list[Problem]:
    """What is wrong with tables of products: fields, kinds of values, inputs among `known`, trade basis."""
    problems = [
        Problem(f"product {key} lacks {field}", where, "every product needs it", f"add {field} = ...")
        for key, row in rows.items()
        for field in REQUIRED
        if field not in row
    ]
    for key, row in rows.items():
        for field, kind in (*((f, str) for f in TEXTS), *((f, list) for f in LISTS)):
            value = row.get(field, kind())
            inside = value if isinstance(value, list) and field != "commodity" else []
            if not isinstance(value, kind) or not all(isinstance(v, str) for v in inside):
                word = "a text" if kind is str else "a list of texts"
                problems.append(Problem(f"{field} of {key} is {value!r}", where, f"{word} is needed"))
        inputs = row.get("inputs", ())
        for other in inputs if isinstance(inputs, list) else ():
            if other not in known:
                problems.append(Problem(f"input {other} of {key} is not a product", where, near=(*known,)))
        if row.get("grade_of", key) not in known:
            problems.append(Problem(f"{key} is a grade of no product", where, near=(*known,)))
        if row.get("trade_basis", "bilateral") not in TRADE_BASES:
            problems.append(Problem(f"trade_basis of {key} is unknown", where, near=TRADE_BASES))
    return problems


def product_of(key: str, row: Mapping[str, Any]) -> Product:
    """The record of one table."""
    return Product(
        id=key,
        name=row["name"],
        parent=row["parent"],
        hs=tuple(row["hs"]),
        hs_edition=row["hs_edition"],
        elements=tuple(row["elements"]),
        stage=row["stage"],
        inputs=tuple(row.get("inputs", ())),
        commodity=tuple((stage, name) for stage, name in row.get("commodity", ())),
        trade_basis=row.get("trade_basis", "bilateral"),
        names=tuple(row.get("names", ())),
        trade_hs=tuple(row.get("trade_hs", ())),
        end_use=tuple(row.get("end_use", ())),
        grade_of=row.get("grade_of", ""),
    )


def carved(catalogue: Mapping[str, Product]) -> dict[str, Product]:
    """The products that stand apart in a table: all but those that are there by grade."""
    wholes = {card.grade_of for card in catalogue.values()}
    return {key: card for key, card in catalogue.items() if key not in wholes}


def parts(catalogue: Mapping[str, Product], product: str) -> tuple[str, ...]:
    """What stands in a table for a product: itself, its grades, or nothing where the id is unknown."""
    grades = tuple(key for key, card in catalogue.items() if card.grade_of == product)
    return grades or ((product,) if product in catalogue else ())


def whole_of(catalogue: Mapping[str, Product], product: str) -> str:
    """The product that a grade belongs to; any other product (or text) as it is."""
    card = catalogue.get(product)
    return card.grade_of if card and card.grade_of in catalogue else product
