"""What is known of each source of a bought item, put as shipments that the coverage rules can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from .fields import bases, fold
from .records import Company, Network

if TYPE_CHECKING:
    import polars as pl

    from .lines import Asked

MOST_CUSTOMERS = 62
"""Customers a bit mask holds; only those that a screening stops at are counted."""


COLUMNS = (
    *("id", "item_description", "hs_code", "control_code", "content", "origin_country", "exporter_country"),
    *("ship_from", "ship_to", "end_user", "other_parties", "end_use"),
)
"""Columns of `kanmon check` that are filled; all rows go by the day asked about."""


def bought(company: Company) -> pl.DataFrame:
    """One row a source: item, supplier, countries, what it holds and how that is known.

    A bought item without a source stands with an unknown supplier and origin: unknown is not cleared.
    """
    import polars as pl

    parts, bom = company["parts"], company["bom"]
    mentioned = pl.concat([parts["part"], bom["child"], company["sources"]["part"]]).drop_nulls().unique()
    made = parts.filter(parts["make_buy"] == "M")["part"] if parts.height else bom["parent"]
    unmarked = bom.filter(~bom["parent"].is_in(parts.filter(parts["make_buy"] == "B")["part"].implode()))
    inside = pl.concat([made, unmarked["parent"]]).drop_nulls().unique()
    items = pl.DataFrame({"part": mentioned.filter(~mentioned.is_in(inside.implode())).sort()})
    rows = items.join(company["sources"], on="part", how="left", maintain_order="left")
    told = ["part", "description", "description_local", "hs_code", "control_code"]
    rows = rows.join(parts.select(told), on="part", how="left", maintain_order="left")
    names = company["suppliers"].select(
        "supplier", "name", supplier_country=pl.col("country"), group=pl.col("parent_group")
    )
    rows = rows.join(names, on="supplier", how="left", maintain_order="left")
    return rows.join(contents(company), on="part", how="left", maintain_order="left").with_columns(
        pl.col("basis").fill_null("unknown"), pl.col("content").fill_null(""), pl.col("symbols").fill_null("")
    )


def contents(company: Company) -> pl.DataFrame:
    """part, content (text of substances with what is known of their share), symbols, basis.

    A substance declared at nought is left out. Where substances are known in different ways the
    weakest basis stands.
    """
    import polars as pl

    known = company["content"].drop_nulls(["part", "substance"])
    known = known.filter(
        (pl.col("grams_per_unit").fill_null(1.0) > 0) & (pl.col("mass_share").fill_null(1.0) > 0)
    )
    order = {"measured": 0, "declared": 1, "estimated": 2, "unknown": 3}
    kinds = {b: bases().get(fold(b or ""), "declared" if b else "unknown") for b in known["basis"].unique()}
    found: dict[str, tuple[list[str], list[str], str]] = {}
    for row in known.iter_rows(named=True):
        texts, symbols, basis = found.get(row["part"], ([], [], "measured"))
        share = row["mass_share"]
        texts.append(f"{row['substance']} {100 * share:g} %" if share is not None else row["substance"])
        symbols.append(row["substance"])
        found[row["part"]] = (texts, symbols, max(basis, kinds[row["basis"]], key=order.__getitem__))
    return pl.DataFrame(
        [(part, "; ".join(t), " ".join(s), b) for part, (t, s, b) in found.items()],
        schema={"part": pl.String, "content": pl.String, "symbols": pl.String, "basis": pl.String},
        orient="row",
    )


def reached_customers(
    company: Company, net: Network, progress: Callable[[str, float], None] | None = None
) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """Which customers that a screening stops at, and which end uses, each item goes to.

    Returns part -> names, part -> end uses; parts that reach none are not in it.
    """
    from ..measure.load import newest_source_date
    from ..measure.screen_frame import screen

    customers = company["customers"].drop_nulls(["customer", "name"])
    demand = company["demand"].drop_nulls(["customer", "product"])
    if customers.height == 0 or demand.height == 0:
        return {}, {}
    if progress:
        progress("screening customers", 0.0)
    written = [(row["customer"], text) for row in customers.iter_rows(named=True) for text in _names(row)]
    hits = screen([text for _, text in written], newest_source_date())
    stopped = {c for (c, _), hit in zip(written, hits, strict=True) if hit.band in {"match", "review"}}
    named = {row["customer"]: row["name"] for row in customers.iter_rows(named=True)}
    uses = {row["customer"]: row["end_use"] for row in customers.iter_rows(named=True) if row["end_use"]}
    words = [("name", named[c], c) for c in sorted(stopped)] + [
        ("use", use, "") for use in sorted(set(uses.values()))
    ]
    words = words[:MOST_CUSTOMERS]
    mask = np.zeros(len(net.items), np.int64)
    at = {name: i for i, name in enumerate(net.items)}
    for row in demand.iter_rows(named=True):
        for bit, (kind, word, customer) in enumerate(words):
            if customer == row["customer"] if kind == "name" else uses.get(row["customer"]) == word:
                mask[at[row["product"]]] |= np.int64(1) << np.int64(bit)
    for i in range(len(net.items)):
        if mask[i]:
            mask[net.child[net.first[i] : net.first[i + 1]]] |= mask[i]

    def told(kind: str) -> dict[str, tuple[str, ...]]:
        return {
            net.items[i]: tuple(w for bit, (k, w, _) in enumerate(words) if k == kind and mask[i] >> bit & 1)
            for i in np.flatnonzero(mask)
        }

    return told("name"), told("use")


def _names(customer: Mapping[str, str | None]) -> list[str]:
    return [text for text in (customer["name"], customer["name_local"]) if text]


def shipments(
    rows: pl.DataFrame,
    reached: tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]],
    asked: Asked,
) -> pl.DataFrame:
    """The sources in the columns of `kanmon check`; what is not known stays empty."""
    import polars as pl

    names, uses = reached
    out = []
    for number, row in enumerate(rows.iter_rows(named=True)):
        via = row["content_origin"] or ""
        content = row["content"] + (f"; made of material from {via}" if via and row["content"] else "")
        others = [row["name"] or "", *names.get(row["part"], ())]
        origin = row["origin"] or ""
        out.append(
            {
                "id": str(number),
                "item_description": "; ".join(t for t in (row["description"], row["description_local"]) if t),
                "hs_code": row["hs_code"] or "",
                "control_code": row["control_code"] or "",
                "content": content,
                "origin_country": origin,
                "exporter_country": row["supplier_country"] or "",
                "ship_from": row["supplier_country"] or origin,
                "ship_to": asked.home,
                "end_user": asked.firm,
                "other_parties": "; ".join(n.replace(";", ",") for n in others if n),
                "end_use": "; ".join(uses.get(row["part"], ())),
            }
        )
    return pl.DataFrame(out, schema=dict.fromkeys(COLUMNS, pl.String))
