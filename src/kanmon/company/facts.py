"""What is known of each source of a bought item, put as shipments that the coverage rules can read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .declarations import groups
from .fields import bases, fold, units, words
from .records import Company, Network

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

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
    return rows.join(contents(company), on="part", how="left", maintain_order="left").with_columns(
        pl.col("basis").fill_null("unknown"), pl.col("content", "symbols", "told").fill_null("")
    )


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


@dataclass(frozen=True)
class Reached:
    """Whom and what each item goes to; items that reach no customer are in none of the three.

    names: part -> names of customers that a screening stops at; uses: part -> end uses, one text of each
    kind that the rules tell apart, "" for one that is not told; own: part -> customers that the user's
    own list names.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def reached_customers(
    company: Company,
    net: Network,
    own: Collection[str] = (),
    progress: Callable[[str, float], None] | None = None,
) -> Reached:
    """Which customers that a screening stops at, and which kinds of end use, each item goes to.

    own: codes of customers that the user's own list names.
    """
    from ..measure.check_facts import read_use

    customers = company["customers"].drop_nulls(["customer", "name"])
    demand = company["demand"].drop_nulls(["customer", "product"])
    if customers.height == 0 or demand.height == 0:
        return Reached()
    if progress:
        progress("screening customers", 0.0)
    rows = {row["customer"]: row for row in customers.iter_rows(named=True)}
    groups: dict[tuple[str, str], set[str]] = {}
    for code in _stopped(rows):
        groups.setdefault(("name", str(rows[code]["name"])), set()).add(code)
    same: dict[frozenset[str], str] = {}
    for code, row in rows.items():
        use = _use(row)
        groups.setdefault(("use", use and same.setdefault(read_use(use).kinds, use)), set()).add(code)
    for code in own:
        groups.setdefault(("own", code), set()).add(code)
    strange = set(demand["customer"]) - set(rows)
    if strange:
        groups.setdefault(("use", ""), set()).update(strange)
    at = {name: i for i, name in enumerate(net.items)}
    sold = [(row["customer"], at[row["product"]]) for row in demand.iter_rows(named=True)]
    found: dict[str, dict[str, list[str]]] = {"name": {}, "use": {}, "own": {}}
    told = sorted(groups)
    for start in range(0, len(told), BITS):
        block = told[start : start + BITS]
        mask = _spread(net, sold, [groups[key] for key in block])
        for i in np.flatnonzero(mask):
            for bit, (kind, word) in enumerate(block):
                if mask[i] >> bit & 1:
                    found[kind].setdefault(net.items[i], []).append(word)
    return Reached(*({part: tuple(w) for part, w in found[kind].items()} for kind in found))


def _stopped(rows: Mapping[str, Mapping[str, str | None]]) -> list[str]:
    """Customers whose name is that of a listed party, like one, or speaks of arms or armed forces."""
    from ..measure.check_facts import read_party
    from ..measure.load import newest_source_date
    from ..measure.screen_frame import screen

    written = [(code, text) for code, row in rows.items() for text in _names(row)]
    hits = screen([text for _, text in written], newest_source_date())
    stopped = []
    for (code, text), hit in zip(written, hits, strict=True):
        words_in = read_party(text, lambda _: ())[0]
        if hit.band != "none" or words_in.military or words_in.defence:
            stopped.append(code)
    return list(dict.fromkeys(stopped))


def _names(customer: Mapping[str, str | None]) -> list[str]:
    return [text for text in (customer["name"], customer["name_local"]) if text]


def _use(customer: Mapping[str, str | None]) -> str:
    """The end use of a customer as one text of its kind; "" where it is not told, or is civil and not.

    The sector is added where its words tell of a use that the rules name.
    """
    from ..measure.check_facts import read_use

    told, sector = customer["end_use"] or "", customer["sector"] or ""
    if fold(told) in words("mixed"):
        told = ""
    telling = read_use(sector)
    kinds = read_use(told).kinds | telling.kinds
    if not read_use(told).given and not kinds:
        return ""
    return "; ".join(t for t in (told, sector if telling.kinds else "") if t)


def _spread(net: Network, sold: Sequence[tuple[str, int]], groups: Sequence[set[str]]) -> NDArray[np.int64]:
    """Bits of the groups of customers that each item goes to, from products down to raw materials."""
    of: dict[str, int] = {}
    for bit, codes in enumerate(groups):
        for code in codes:
            of[code] = of.get(code, 0) | 1 << bit
    mask = np.zeros(len(net.items), np.int64)
    for customer, item in sold:
        mask[item] |= np.int64(of.get(customer, 0))
    for i in range(len(net.items)):
        if mask[i]:
            mask[net.child[net.first[i] : net.first[i + 1]]] |= mask[i]
    return mask


def shipments(rows: pl.DataFrame, reached: Reached, asked: Asked) -> pl.DataFrame:
    """The sources in the columns of `kanmon check`, one row for each kind of end use of a source.

    A good is judged where it leaves the country that made it: a supplier at home who sells goods made
    elsewhere had to import them. What is not known stays empty. `id`: number of the source's row.
    """
    import polars as pl

    out = []
    for number, row in enumerate(rows.iter_rows(named=True)):
        via = row["content_origin"] or ""
        content = row["content"] + (f"; made of material from {via}" if via and row["content"] else "")
        others = [row["name"] or "", *reached.names.get(row["part"], ())]
        origin = row["origin"] or ""
        one = {
            "id": str(number),
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
            "other_parties": "; ".join(n.replace(";", ",") for n in others if n),
        }
        out += [one | {"end_use": use} for use in reached.uses.get(row["part"]) or ("",)]
    return pl.DataFrame(out, schema=dict.fromkeys(COLUMNS, pl.String))
