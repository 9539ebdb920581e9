"""The record that every reader returns: a table with its final demand, primary inputs, source and account."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ...core.source import Source
from ..records import IOTable

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from .findings import Finding


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """An inter-country input-output table as read from a file, country-major: node = region * S + sector.

    Z: (N, N), sales of row to column. final: (N, F) final demand with one label (region, category) a
    column, or None where the file has none. x: (N,) gross output. value_added: (N,); primary: the rows
    of primary inputs that the file has, by name, (N,) each. All in `unit` a year, read-only.
    kind: the format it was read from. seen: whether the reader has been run on a real file of that
    format. notes: what the reader did that the file does not say. findings: what the checks found.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    Z: NDArray[np.floating[Any]]
    x: NDArray[np.float64]
    value_added: NDArray[np.float64]
    year: int
    unit: str
    source: Source
    sha256: str
    kind: str
    seen: bool
    final: NDArray[np.floating[Any]] | None = None
    final_labels: tuple[tuple[str, str], ...] = ()
    primary: tuple[tuple[str, NDArray[np.float64]], ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        size = f"{len(self.regions)} regions x {len(self.sectors)} sectors"
        return f"Table({self.kind}, {self.year}, {size}, {self.unit}, {len(self.findings)} findings)"

    @property
    def io(self) -> IOTable:
        """The part that engines and `World` read; shares the arrays."""
        Z = cast("NDArray[np.float64]", self.Z)
        return IOTable(self.regions, self.sectors, Z, self.x, self.year, self.unit, self.source)

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """(region, sector) of each node, in order."""
        return tuple((r, s) for r in self.regions for s in self.sectors)

    def node(self, region: str, sector: str) -> int:
        """Index of one (region, sector); ValueError when either is unknown."""
        return self.regions.index(region) * len(self.sectors) + self.sectors.index(sector)

    def flow(self, seller: str, buyer: str, sector: str | None = None) -> float:
        """Intermediate sales of a region, or of one of its sectors, to all industries of another."""
        S = len(self.sectors)
        a, b = self.regions.index(seller) * S, self.regions.index(buyer) * S
        rows = (
            slice(a, a + S)
            if sector is None
            else slice(self.node(seller, sector), self.node(seller, sector) + 1)
        )
        return float(self.Z[rows, b : b + S].sum(dtype=np.float64))

    # --- one door a format ---------------------------------------------------------------------------

    @classmethod
    def from_icio(cls, path: Path | str, **options: Any) -> Table:
        """OECD ICIO: `<year>_SML.csv` (regular) or `<year>.csv` (extended), plain, .gz or .zip."""
        return _read(path, "icio", options)

    @classmethod
    def from_wiod(cls, path: Path | str, **options: Any) -> Table:
        """WIOD 2013 or 2016 release: the sheet or the R/Stata table saved as CSV, or npz."""
        return _read(path, "wiod", options)

    @classmethod
    def from_exiobase(cls, path: Path | str, **options: Any) -> Table:
        """EXIOBASE 3: the folder or zip with Z.txt or A.txt, Y.txt and x.txt."""
        return _read(path, "exiobase", options)

    @classmethod
    def from_figaro(cls, path: Path | str, **options: Any) -> Table:
        """FIGARO: flat or matrix CSV."""
        return _read(path, "figaro", options)

    @classmethod
    def from_eora(cls, path: Path | str, **options: Any) -> Table:
        """Eora26: the folder or zip with `*_T.txt`, `*_FD.txt`, `*_VA.txt` and the labels."""
        return _read(path, "eora", options)

    @classmethod
    def from_plain(cls, path: Path | str, **options: Any) -> Table:
        """Your own Z, Y and x: npz, one wide CSV or Parquet, or a folder with Z, Y and x files."""
        return _read(path, "plain", options)

    @classmethod
    def from_pymrio(cls, system: Any, **options: Any) -> Table:
        """What pymrio holds: any object with frames Z, Y and x; options year, unit, dtype."""
        from .pymrio import from_frames

        return from_frames(system, **options)


def _read(path: Path | str, kind: str, options: dict[str, Any]) -> Table:
    from .read import read_table

    return read_table(path, kind=kind, **options)


@dataclass(frozen=True)
class Wish:
    """What the caller asked of a reader beside the path.

    year: which year, where the file holds or states several or none. regions: economies kept by name,
    the others summed into ROW while reading; None keeps all. dtype: of Z and final demand. order:
    "country-major" or "sector-major", for arrays without labels. memory: bytes that may be used; None
    asks the machine.
    """

    year: int | None = None
    regions: tuple[str, ...] | None = None
    dtype: DTypeLike = np.float64
    order: str | None = None
    unit: str | None = None
    memory: int | None = None
