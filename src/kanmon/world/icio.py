"""The embedded inter-country table, and focus tables cut from it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import MissingDataError, Problem, nearest
from .records import IOTable, frozen_array
from .store import read_csv

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from ..core.source import Source

REST = "ROW"
"""Region of every economy of the table that is not named."""
BYTE_PLANES = 5


@dataclass(frozen=True)
class Groups:
    """Sectors, their industry groups, and the names of both."""

    group: Mapping[str, str]
    names: Mapping[str, str]

    def labels(self, sectors: Sequence[str], *, detail: bool) -> tuple[str, ...]:
        """The sector label that each sector of a table goes to."""
        return tuple(sectors) if detail else tuple(self.group[s] for s in sectors)


def read_groups(path: Path) -> Groups:
    """Read industry_groups.csv."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = {r["sector"]: r["sector_name"] for r in rows} | {r["group"]: r["group_name"] for r in rows}
    return Groups({r["sector"]: r["group"] for r in rows}, names)


def read_country_groups(path: Path) -> dict[str, frozenset[str]]:
    """Read country_groups.csv: a code that stands for several countries, and its members."""
    frame = read_csv(path)
    return {
        str(group[0]): frozenset(rows["member"].to_list()) for group, rows in frame.group_by("group_code")
    }


def read_icio(path: Path, source: Source, dtype: DTypeLike = np.float64) -> IOTable:
    """Read the embedded npz (byte planes, sector-major) into a country-major table.

    Values are whole multiples of 0.0001 USD million, so in double precision the result is bit-exact. One
    product is put together at a time: a table in single precision never lies there in double.
    """
    with np.load(path, allow_pickle=False) as stored:
        countries, sectors = (tuple(str(v) for v in stored[k]) for k in ("countries", "sectors"))
        output = stored["output"].astype(np.float64)
        scale = float(stored["scale"])

    def plane(k: int) -> NDArray[np.uint8]:
        with np.load(path, allow_pickle=False) as stored:
            return np.asarray(stored[f"Z_byte{k}"])

    with ThreadPoolExecutor(2) as pool:  # decompression releases the interpreter
        planes = list(pool.map(plane, range(BYTE_PLANES)))
    S, R = len(sectors), len(countries)
    # Division by the whole number of steps gives the double nearest to the published decimals.
    steps = float(round(1 / scale))
    Z = np.empty((R, S, R, S), dtype=dtype)
    for s in range(S):
        rows = slice(s * R, (s + 1) * R)
        units = np.zeros((R, S * R))
        for k, part in enumerate(planes):
            units += part[rows] * float(256**k)
        Z[:, s] = (units / steps).reshape(R, S, R).transpose(0, 2, 1)
    x = output.reshape(S, R).T.reshape(-1) / steps
    flows = frozen_array(Z.reshape(S * R, S * R))
    return IOTable(countries, sectors, flows, frozen_array(x), 2022, "USD million", source)


def aggregate(table: IOTable, region_of: Sequence[str], sector_of: Sequence[str]) -> IOTable:
    """Sum a table over regions and sectors; labels keep the order of first appearance.

    region_of, sector_of: the new label of each region and sector of the table.
    """
    regions, sectors = tuple(dict.fromkeys(region_of)), tuple(dict.fromkeys(sector_of))
    R, S = len(table.regions), len(table.sectors)
    sums = np.zeros((len(regions), R, len(sectors), S))
    for a, region in enumerate(region_of):
        for b, sector in enumerate(sector_of):
            sums[regions.index(region), a, sectors.index(sector), b] = 1.0
    G = sums.transpose(0, 2, 1, 3).reshape(len(regions) * len(sectors), R * S)
    from scipy.sparse import csr_matrix

    P = csr_matrix(G)
    Z = np.asarray(P @ (P @ table.Z.T).T)
    x = np.asarray(P @ table.x)
    return IOTable(regions, sectors, frozen_array(Z), frozen_array(x), table.year, table.unit, table.source)


def region_labels(
    countries: Sequence[str], named: Sequence[str], groups: Mapping[str, frozenset[str]]
) -> tuple[str, ...]:
    """The region of each country: itself if named, else a named group that it belongs to, else REST.

    A country named beside its group stands apart; the group is then its other members.
    """
    problems = [
        Problem(
            f"{code} is not in the embedded table",
            "regions",
            f"the table holds {len(countries)} economies; the others are inside no region of it",
            "name one of its economies, or load a table that holds it",
            nearest(code, [*countries, *groups]),
        )
        for code in named
        if code not in countries and code not in groups and code != REST
    ]
    if problems:
        raise MissingDataError(problems)
    return tuple(region_of(country, named, groups) for country in countries)


def region_of(country: str, named: Iterable[str], groups: Mapping[str, frozenset[str]]) -> str:
    """The region of one country among those named."""
    named = tuple(named)
    if country in named:
        return country
    for code in named:
        if country in groups.get(code, ()):
            return code
    return REST


def cut(
    table: IOTable,
    named: Sequence[str],
    labels: tuple[str, ...],
    groups: Mapping[str, frozenset[str]],
) -> IOTable:
    """A focus table: the regions named, in that order, then the rest summed; sectors by `labels`."""
    region = region_labels(table.regions, named, groups)
    whole = aggregate(table, region, labels)
    order = [r for r in dict.fromkeys((*named, REST)) if r in whole.regions]
    S = len(whole.sectors)
    index = np.concatenate([np.arange(S) + whole.regions.index(r) * S for r in order])
    return IOTable(
        tuple(order),
        whole.sectors,
        frozen_array(whole.Z[np.ix_(index, index)]),
        frozen_array(whole.x[index]),
        whole.year,
        whole.unit,
        whole.source,
    )
