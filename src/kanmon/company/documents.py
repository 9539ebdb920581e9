"""What documents say of the contents of goods: of a supplier's good, or of an item from whoever sells it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .declarations import groups
from .fields import bases, fold, units
from .records import Company

if TYPE_CHECKING:
    import polars as pl

TOLD = ("content", "told", "symbols", "basis")
"""What a row on a good gets from the documents on it."""


@dataclass(frozen=True)
class Documents:
    """own: part, supplier and what that supplier's documents say, with what is said of the item as such.
    whole: part and what is said of the item as such, for suppliers without a document of their own.
    """

    own: pl.DataFrame
    whole: pl.DataFrame

    def laid(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with part and supplier, and what is known of their contents; null where nothing is."""
        import polars as pl

        named = self.own.rename({name: f"own {name}" for name in TOLD})
        both = rows.join(named, on=["part", "supplier"], how="left", maintain_order="left")
        both = both.join(self.whole, on="part", how="left", maintain_order="left")
        has = pl.col("own basis").is_not_null()
        both = both.with_columns(
            [pl.when(has).then(f"own {name}").otherwise(name).alias(name) for name in TOLD]
        )
        return both.drop([f"own {name}" for name in TOLD])


def documents(company: Company) -> Documents:
    """What the documents say: content (substances with what is known of their share), told, symbols, basis.

    told: groups of which only the name is declared ("yes" to several elements at once): words for the
    description, since they name no element. What is measured or declared at nought, or answered with "no",
    is written as absent; an estimate of nought says nothing. One document that says yes outweighs others.
    Where substances are known in different ways the weakest basis stands.

    A document of one supplier says nothing of another's good. One that names no supplier clears nothing of
    an item that several sell: whose good it is on is not told.
    """
    import polars as pl

    sold = company["sources"].group_by("part").agg(pl.col("supplier").n_unique())
    several = set(sold.filter(pl.col("supplier") > 1)["part"].to_list())
    own: dict[tuple[str, str], _Held] = {}
    whole: dict[str, _Held] = {}
    said = company["content"].drop_nulls(["part", "substance"])
    mass = dict(company["parts"].filter(pl.col("unit").is_in(["KG", "G"])).select("part", "unit").rows())
    pairs: dict[str, list[str]] = {}
    for part, supplier in said.select("part", "supplier").drop_nulls().unique(maintain_order=True).rows():
        pairs.setdefault(part, []).append(supplier)
    for row in said.iter_rows(named=True):
        one = _said(row, mass)
        part, supplier = row["part"], row["supplier"]
        if one is None or (one.nought and supplier is None and part in several):
            continue
        if supplier is None:
            one.put(whole.setdefault(part, _Held()))
        for who in [supplier] if supplier else pairs.get(part, ()):
            one.put(own.setdefault((part, who), _Held()))
    return Documents(
        _frame([(*pair, *held.cells()) for pair, held in own.items()], ("part", "supplier")),
        _frame([(part, *held.cells()) for part, held in whole.items()], ("part",)),
    )


def _frame(rows: list[tuple[str, ...]], keys: Collection[str]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(rows, schema=dict.fromkeys((*keys, *TOLD), pl.String), orient="row")


@dataclass(frozen=True)
class _Said:
    """One usable row of a document."""

    substance: str
    cas: str | None
    share: float | None
    nought: bool
    basis: str

    def put(self, held: _Held) -> None:
        held.add(self.substance, self.cas, None if self.nought else self.share, nought=self.nought)
        held.basis = max(held.basis, self.basis, key=ORDER.__getitem__)


ORDER = {"measured": 0, "declared": 1, "estimated": 2, "unknown": 3}
"""Ways of knowing a content, the surest first."""


def _said(row: dict[str, str | float | bool | None], mass: dict[str, str]) -> _Said | None:
    """What a row says; None for a nought that is only estimated."""
    word, part = str(row["basis"] or ""), str(row["part"])
    basis = bases().get(fold(word), "declared" if word else "unknown")
    share, grams = row["mass_share"], row["grams_per_unit"]
    if share is None and isinstance(grams, float) and part in mass:
        share = grams / units()[fold(mass[part])].factor
    nought = row["present"] is False or share == 0 or grams == 0
    if nought and basis not in {"measured", "declared"}:
        return None
    cas = str(row["cas"]) if row["cas"] else None
    return _Said(str(row["substance"]), cas, share if isinstance(share, float) else None, nought, basis)


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
