"""A controlled product: the unit that links control lists, trade, production and industry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """A controlled product carved out of its sector (a row of products.toml).

    id: the id used in parameters.csv ("HREE"); parent: ICIO sector; hs: HS codes with edition;
    elements: chemical symbols it contains; inputs: ids of split products it is made from;
    commodity: names in production.csv by stage; trade_basis: "bilateral" (flows in the trade data)
    or "tonnes_x_unit_value" (inferred range).
    """

    id: str
    name: str
    parent: str
    hs: tuple[str, ...]
    hs_edition: str
    elements: tuple[str, ...]
    stage: str
    inputs: tuple[str, ...] = ()
    commodity: tuple[tuple[str, str], ...] = ()
    trade_basis: str = "bilateral"
    names: tuple[str, ...] = ()
