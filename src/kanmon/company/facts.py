"""What is known of each source of a bought item, put as shipments that the coverage rules can read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .declarations import groups
from .fields import bases, fold, units
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
    rows = rows.join(contents(company), on="part", how="left", maintain_order="left").with_columns(
        pl.col("basis").fill_null("unknown"), pl.col("content", "symbols", "told").fill_null("")
    )
    return with_guesses(rows)


def contents(company: Company) -> pl.DataFrame:
    """part, content (substances with what is known of their share), told, symbols, basis.

    told: groups of which only the name is declared ("yes" to several elements at once): words for the
    description, since they name no element. What is measured or declared at nought, or answered with "no",
    is written as absent; an estimate of nought says nothing. One document that says yes outweighs others.
    Where substances are known in different ways the weakest basis stands.
    """
    import polars as pl

    order = {"measured": 0, "declared": 1, "estimated": 2, "unknown": 3}
    mass = dict(company["parts"].filter(pl.col("unit").is_in(["KG", "G"])).select("part", "unit").rows())
    found: dict[str, _Held] = {}
    for row in company["content"].drop_nulls(["part", "substance"]).iter_rows(named=True):
        word = row["basis"]
        basis = bases().get(fold(word or ""), "declared" if word else "unknown")
        share = row["mass_share"]
        if share is None and row["grams_per_unit"] is not None and row["part"] in mass:
            share = row["grams_per_unit"] / units()[fold(mass[row["part"]])].factor
        nought = row["present"] is False or share == 0 or row["grams_per_unit"] == 0
        if not nought or basis in {"measured", "declared"}:
            held = found.setdefault(row["part"], _Held())
            held.add(row["substance"], row["cas"], None if nought else share, nought=nought)
            held.basis = max(held.basis, basis, key=order.__getitem__)
    rows = [(part, *held.cells()) for part, held in found.items()]
    names = ("part", "content", "told", "symbols", "basis")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


@dataclass
class _Held:
    """What is known of one part's contents while its rows are read. absent: elements said not to be in it."""

    texts: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    absent: dict[str, None] = field(default_factory=dict)
    basis: str = "measured"

    def add(self, substance: str, cas: str | None, share: float | None, *, nought: bool) -> None:
        several = groups().get(substance)
        if nought:
            self.absent |= dict.fromkeys(several or (substance,))
        elif several:
            self.groups.append(substance)
        else:
            number = f" (CAS {cas})" if cas and cas != substance else ""
            self.texts.append((f"{substance} {100 * share:g} %" if share is not None else substance) + number)
            self.names.append(substance)

    def cells(self) -> tuple[str, str, str, str]:
        absent = [f"{name} 0 %" for name in self.absent if name not in self.names]
        told = [f"holds {name}, which of them is not told" for name in dict.fromkeys(self.groups)]
        return "; ".join([*self.texts, *absent]), "; ".join(told), " ".join(self.names), self.basis


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
