"""What is known of each source of a bought item, put as shipments that the coverage rules can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .documents import documents
from .grades import with_guesses
from .records import Company

if TYPE_CHECKING:
    import polars as pl

    from .customers import Reached
    from .lines import Asked

BITS = 62
"""Groups of customers that one mask holds."""


COLUMNS = (
    *("id", "item_description", "hs_code", "control_code", "content", "origin_country", "exporter_country"),
    *("ship_from", "ship_to", "end_user", "other_parties", "end_use"),
)
"""Columns of `kanmon check` that are filled; all rows go by the day asked about."""


def bought(company: Company) -> pl.DataFrame:
    """One row a source: item, supplier, countries, what it holds and how that is known.

    A bought item without a source stands with an unknown supplier and origin: unknown is not cleared.
    An item with a source is bought, whatever its mark.
    """
    import polars as pl

    parts, bom = company["parts"], company["bom"]
    mentioned = pl.concat([parts["part"], bom["child"], company["sources"]["part"]]).drop_nulls().unique()
    made = parts.filter(parts["make_buy"] == "M")["part"] if parts.height else bom["parent"]
    unmarked = bom.filter(~bom["parent"].is_in(parts.filter(parts["make_buy"] == "B")["part"].implode()))
    inside = pl.concat([made, unmarked["parent"]]).drop_nulls().unique()
    inside = inside.filter(~inside.is_in(company["sources"]["part"].drop_nulls().implode()))
    items = pl.DataFrame({"part": mentioned.filter(~mentioned.is_in(inside.implode())).sort()})
    rows = items.join(company["sources"], on="part", how="left", maintain_order="left")
    told = ["part", "description", "description_local", "hs_code", "control_code"]
    rows = rows.join(parts.select(told), on="part", how="left", maintain_order="left")
    names = company["suppliers"].select(
        "supplier", "name", supplier_country=pl.col("country"), group=pl.col("parent_group")
    )
    rows = rows.join(names, on="supplier", how="left", maintain_order="left")
    rows = (
        documents(company)
        .laid(rows)
        .with_columns(
            pl.col("basis").fill_null("unknown"), pl.col("content", "symbols", "told").fill_null("")
        )
    )
    return with_guesses(rows)


def shipments(rows: pl.DataFrame, reached: Reached, asked: Asked) -> pl.DataFrame:
    """The sources in the columns of `kanmon check`, one row for each class of customers of a source.

    A good is judged where it leaves the country that made it: a supplier at home who sells goods made
    elsewhere had to import them. What is not known stays empty. `id`: number of the source's row, ":"
    and the number of the class (see `key`).
    """
    import polars as pl

    out = []
    for number, row in enumerate(rows.iter_rows(named=True)):
        via = row["content_origin"] or ""
        content = row["content"] + (f"; made of material from {via}" if via and row["content"] else "")
        origin = row["origin"] or ""
        one = {
            "item_description": "; ".join(
                t for t in (row["description"], row["description_local"], row["told"]) if t
            ),
            "hs_code": row["hs_code"] or "",
            "control_code": row["control_code"] or "",
            "content": content,
            "origin_country": origin,
            "exporter_country": row["supplier_country"] or "",
            "ship_from": origin or row["supplier_country"] or "",
            "ship_to": asked.home,
            "end_user": asked.firm,
        }
        for k in reached.classes_of(row["part"]):
            group = reached.classes[k]
            others = [n.replace(";", ",") for n in (row["name"] or "", *group.names) if n]
            out.append(one | {"id": key(number, k), "other_parties": "; ".join(others), "end_use": group.use})
    return pl.DataFrame(out, schema=dict.fromkeys(COLUMNS, pl.String))


def key(number: int, group: int) -> str:
    """Id of one source as it is bought for one class of customers."""
    return f"{number}:{group}"
