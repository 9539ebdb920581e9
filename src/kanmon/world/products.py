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
TRADE_BASES = ("bilateral", "part_of_bilateral", "tonnes_x_unit_value")


def read_products(path: Path) -> Mapping[str, Product]:
    """Products by id, in the order of the file; InputError lists every fault of the file at once."""
    rows: dict[str, dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))
    problems = [
        Problem(f"product {key} lacks {field}", str(path), "every product needs it", f"add {field} = ...")
        for key, row in rows.items()
        for field in REQUIRED
        if field not in row
    ]
    for key, row in rows.items():
        for other in row.get("inputs", ()):
            if other not in rows:
                problems.append(Problem(f"input {other} of {key} is not a product", str(path), near=(*rows,)))
        if row.get("trade_basis", "bilateral") not in TRADE_BASES:
            problems.append(Problem(f"trade_basis of {key} is unknown", str(path), near=TRADE_BASES))
    if problems:
        raise InputError(problems)
    return MappingProxyType({key: _product(key, row) for key, row in rows.items()})


def _product(key: str, row: dict[str, Any]) -> Product:
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
    )
