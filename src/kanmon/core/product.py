"""A controlled product: the unit that links control lists, trade, production and industry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """A controlled product carved out of its sector (a row of products.toml).

    id: the id used in parameters.csv ("W"); parent: ICIO sector; hs: HS codes with edition;
    elements: chemical symbols it contains; inputs: ids of split products it is made from;
    commodity: (stage, commodity) pairs of production.csv; trade_basis: "bilateral" (flows in the trade
    data), "part_of_bilateral" (a share of such flows) or "tonnes_x_unit_value" (inferred range);
    names: the name in English, Japanese, Chinese; trade_hs: codes in the nomenclature of the embedded
    trade data, empty where those data lack the product; end_use: commodity names of end_use.csv;
    source: where a user's own product comes from, empty for ours; grade_of: the product that this one is a
    grade of, where trade and parameters know the two together ("MAG" of "MAGH").
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
    trade_hs: tuple[str, ...] = ()
    end_use: tuple[str, ...] = ()
    source: str = ""
    grade_of: str = ""
