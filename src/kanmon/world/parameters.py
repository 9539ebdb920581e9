"""The parameters of the models: every row of parameters.csv as a distribution, and how one is looked up."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Draws, Key, Uncertain
from ..core.errors import InputError, Problem
from ..core.figure import BASES
from ..core.source import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANY_COUNTRY = frozenset({"", "all", "world", "WLD"})
ANY_SECTOR = frozenset({"", "all"})
ALL_PRODUCTS = "all controlled"
NOT = re.compile(r"^(?:not |non-)(?P<code>\S+)$")


@dataclass(frozen=True)
class Parameters:
    """All parameters; iterate it to hand them to `core.draws.draw`."""

    rows: tuple[Uncertain, ...]
    skipped: tuple[str, ...] = ()
    """Rows that are no distribution (categorical choices), as "symbol product"."""
    grades: Mapping[str, str] = field(default_factory=dict)
    """Grade -> the product it is a grade of, whose rows hold for it where it has none of its own."""

    def with_grades(self, grades: Mapping[str, str]) -> Parameters:
        """The same rows for products in these grades."""
        return self if grades == self.grades else Parameters(self.rows, self.skipped, dict(grades))

    def __iter__(self) -> Iterator[Uncertain]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def lookup(self, symbol: str, product: str = "", sector: str = "", country: str = "") -> Uncertain | None:
        """The row that holds for (product, sector, country), or None.

        Tried in this order, for the product, then for the product it is a grade of, then for 'all
        controlled': the country's own row; a row for all countries; a row 'not X' or 'non-X' where X is
        another country; last a row of another country, in the same order of products, whose note then
        begins 'transferred from X' and whose basis is weakened to
        'assumed'. A row without sector (or 'all') holds for every sector; a row of one sector never
        serves another. The key returned is that of the row used, so `draws.get(*row.key)` works.
        """
        found = self.__dict__.setdefault("_found", {})
        key = (symbol, product, sector, country)
        if key not in found:
            found[key] = self._search(*key)
        row: Uncertain | None = found[key]
        return row

    def _search(self, symbol: str, product: str, sector: str, country: str) -> Uncertain | None:
        """`lookup`, worked out."""
        for name in self._names(product):
            for country_matches in (_own, _anywhere, _not_that_one):
                for row in self._of(symbol, name, sector):
                    if country_matches(row.key[3], country):
                        return row
        return self._transferred(symbol, product, sector, country)

    def scale(self, symbol: str, product: str, country: str) -> Uncertain | None:
        """The multiplier ('<symbol>_scale') for a value transferred to this country, or None."""
        for name in (*self._names(product), ALL_PRODUCTS):
            for row in self._of(f"{symbol}_scale", name, ""):
                if _own(row.key[3], country) or _not_that_one(row.key[3], country):
                    return row
        return None

    def use_value(self, product: str, country: str) -> Uncertain | None:
        """A year's use of a product by a country, USD million; of a grade, its share of that of the whole.

        None where no row speaks of this very country and product.
        """
        row = self.lookup("use_value", product, "", country)
        if row is None or row.key[3] != country or row.key[1] not in (product, self.grades.get(product)):
            return None
        if row.key[1] == product:
            return row
        low, mid, high = self._grade_share(product, country)
        if not mid:
            return None
        return replace(row, low=row.low * low, mid=row.mid * mid, high=row.high * high)

    def _grade_share(self, grade: str, country: str) -> tuple[float, float, float]:
        """Low, mid, high share of a grade in the use of the whole; without a row, what the others leave."""
        whole = self.grades[grade]
        alike = [name for name, of in self.grades.items() if of == whole]
        rows = {name: self.lookup("grade_share", name, "", country) for name in alike}
        own = rows[grade]
        if own is not None:
            return own.low, own.mid, own.high
        told = [row for row in rows.values() if row is not None]
        left = [
            max(0.0, 1.0 - sum(ends)) for ends in zip(*((r.high, r.mid, r.low) for r in told), strict=True)
        ]
        low, mid, high = (share / (len(rows) - len(told)) for share in left or (0.0, 0.0, 0.0))
        return low, mid, high

    def values(
        self, symbol: str, product: str, sector: str, country: str, draws: Draws | None
    ) -> NDArray[np.float64] | None:
        """The parameter as drawn, (draws,) or (1,) at mid values; transfers scaled. None where unknown."""
        row = self.lookup(symbol, product, sector, country)
        if row is None:
            return None
        value = sampled(row, draws)
        if row.note.startswith("transferred"):
            factor = self.scale(symbol, product, country)
            if factor is not None:
                value = value * sampled(factor, draws)
        return value

    def _names(self, product: str) -> tuple[str, ...]:
        """Products whose rows hold, the nearest first."""
        if not product:
            return ("",)
        return tuple(dict.fromkeys((product, self.grades.get(product, product), ALL_PRODUCTS)))

    def _of(self, symbol: str, product: str, sector: str) -> list[Uncertain]:
        """Rows of one symbol and product that hold for the sector, the sector's own rows first."""
        rows = self._index.get((symbol, product), ())
        exact = [r for r in rows if r.key[2] == sector]
        return exact + [r for r in rows if r.key[2] in ANY_SECTOR and r.key[2] != sector]

    def _transferred(self, symbol: str, product: str, sector: str, country: str) -> Uncertain | None:
        for name in self._names(product):
            for row in self._of(symbol, name, sector):
                if NOT.match(row.key[3]) is None:
                    note = f"transferred from {row.key[3]} to {country}; {row.note}"
                    return replace(row, note=note, basis="assumed")
        return None

    @property
    def _index(self) -> Mapping[tuple[str, str], tuple[Uncertain, ...]]:
        index: dict[tuple[str, str], tuple[Uncertain, ...]] | None = self.__dict__.get("_by_name")
        if index is None:
            grouped: dict[tuple[str, str], list[Uncertain]] = {}
            for row in self.rows:
                grouped.setdefault(row.key[:2], []).append(row)
            index = {key: tuple(rows) for key, rows in grouped.items()}
            self.__dict__["_by_name"] = index
        return index


def _own(row_country: str, country: str) -> bool:
    return row_country == country


def _anywhere(row_country: str, country: str) -> bool:  # noqa: ARG001 - one signature for all three
    return row_country in ANY_COUNTRY


def _not_that_one(row_country: str, country: str) -> bool:
    found = NOT.match(row_country)
    return found is not None and found["code"] != country


def sampled(row: Uncertain, draws: Draws | None) -> NDArray[np.float64]:
    """Draws of one parameter, (draws,); its mid value, (1,), without draws.

    A parameter that the draws do not hold is used at its mid value in every draw.
    """
    if draws is None:
        return np.array([row.mid])
    found = draws.values.get(row.key)
    return np.full(draws.count, row.mid) if found is None else found


def read_parameters(path: Path, groups: Mapping[str, str]) -> Parameters:
    """Read parameters.csv. `groups` maps a sector to its industry group.

    A row for several sectors ('C301;C302T309') becomes one row for each and one for the group that
    they make up.
    """
    rows: dict[Key, Uncertain] = {}
    skipped, problems = [], []
    with path.open(encoding="utf-8", newline="") as stream:
        for number, raw in enumerate(csv.DictReader(stream), start=2):
            where = f"{path.name} row {number}"
            if raw["distribution"].startswith("categorical") or not raw["mid"]:
                skipped.append(f"{raw['symbol']} {raw['product_or_group']}")
                continue
            try:
                row = _uncertain(raw)
            except ValueError as fault:
                problems.append(Problem(f"not a distribution: {fault}", where))
                continue
            for sector in _sectors(raw["sector"], groups):
                key = (row.key[0], row.key[1], sector, row.key[3])
                if key in rows:
                    problems.append(Problem(f"{key} stands twice", where, fix="keep one row per key"))
                rows[key] = replace(row, key=key)
    if problems:
        raise InputError(problems)
    return Parameters(tuple(rows.values()), tuple(skipped))


def _sectors(text: str, groups: Mapping[str, str]) -> list[str]:
    codes = text.split(";")
    if len(codes) == 1:
        return codes
    return [*codes, *dict.fromkeys(groups[code] for code in codes)]


def _uncertain(raw: Mapping[str, str]) -> Uncertain:
    low, mid, high = (float(raw[name]) for name in ("low", "mid", "high"))
    if not low <= mid <= high:
        raise ValueError(f"low {low}, mid {mid}, high {high} are not in order")
    if raw["basis"] not in BASES:
        raise ValueError(f"basis {raw['basis']!r} is none of {BASES}")
    key = (raw["symbol"], raw["product_or_group"], raw["sector"], raw["country"])
    return Uncertain(
        key=key,
        low=low,
        mid=mid,
        high=high,
        distribution=raw["distribution"].split()[0],
        unit=raw["unit"],
        basis=raw["basis"],
        source=Source(
            id="-".join(("parameter", *(part for part in key if part))).replace(" ", "-"),
            title=raw["source"],
            url=raw["url"],
            confidence=raw["confidence"],
            part_of="parameters",
        ),
        note=raw["note"],
    )
