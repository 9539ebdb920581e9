"""What a check of a table says: how many cells, which are worst, and whether an engine may run on it."""

from __future__ import annotations

from dataclasses import dataclass

REFUSE = "refuse"
WARN = "warn"


@dataclass(frozen=True)
class Cell:
    """One place in a table: node (region, sector), for a flow the buyer too, its value and the gap.

    gap: by how much the law is broken, in the table's unit.
    """

    region: str
    sector: str
    value: float
    gap: float
    buyer: tuple[str, str] | None = None

    def __str__(self) -> str:
        to = f" -> {self.buyer[0]} {self.buyer[1]}" if self.buyer else ""
        return f"{self.region} {self.sector}{to}: {self.value:,.6g}, gap {self.gap:,.6g}"


@dataclass(frozen=True)
class Finding:
    """One law that the table breaks: severity `refuse` or `warn`, how often, and the worst cells first."""

    law: str
    severity: str
    count: int
    text: str
    worst: tuple[Cell, ...] = ()
