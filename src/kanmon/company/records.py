"""The shapes in which a firm's data travel: files read, lines judged, cover, money, fixes. All read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..core.errors import Problem
from ..core.source import Source

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from .mapping import SheetMapping

Scenario = Literal["measure", "in_force", "foreign_content", "feared"]
"""measure: the one measure alone; in_force: all measures in force on the date (default);
foreign_content: adds goods made elsewhere with controlled content; feared: adds items marked possible."""

TABLES = (
    "parts",
    "bom",
    "sources",
    "suppliers",
    "content",
    "stock",
    "orders",
    "products",
    "demand",
    "customers",
    "watchlist",
    "options",
    "fx",
    "ledger",
)
"""Names of the tables a firm's folder may hold; fields.toml gives the columns of each."""


@dataclass(frozen=True)
class TableFile:
    """One file as it was found: which table it is, how its columns were read, and its hash.

    mapping: field -> column of the file; ignored: columns no field was found for; rows: rows read;
    dropped: rows left out (deleted lines, totals, unreadable), each named in `Company.problems`. decimal,
    dates: decimal mark and order of days taken for columns that do not settle them; "" where not told.
    """

    table: str
    path: str
    sha256: str
    encoding: str
    system: str
    mapping: Mapping[str, str]
    ignored: tuple[str, ...]
    rows: int
    dropped: int
    decimal: str = ""
    dates: str = ""


@dataclass(frozen=True)
class Company:
    """A firm's files in one form: a polars frame a table, canonical columns, empty where not given.

    Every frame carries `row` (row of the user's file, the header being row 1) and `file`. Units are one
    unit a part (that of `parts.unit`), money is in `currency`, dates are dates, countries alpha-3,
    HS codes text. A missing cell is null, never nought. stock_date: day 0.
    problems: what was wrong, with file, row and column; unseen: what could not be seen at all
    ("no bill of materials: cover by item only"), most serious first; both widen the answer.
    originals: file -> its cells as text, as the user wrote them, with `row`; they are given back.
    large_ledgers: purchase ledgers too large for memory, and how each is read; they are judged in a stream
    (ledger_bulk.py).
    folder: where the files lie; answers are not written there.
    """

    name: str
    frames: Mapping[str, pl.DataFrame]
    stock_date: date
    currency: str
    files: tuple[TableFile, ...]
    problems: tuple[Problem, ...]
    unseen: tuple[str, ...]
    sources: tuple[Source, ...]
    originals: Mapping[str, pl.DataFrame]
    large_ledgers: Mapping[Path, SheetMapping] = field(default_factory=dict)
    folder: Path | None = None

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.frames[table]


@dataclass(frozen=True)
class Network:
    """Items and the bill of materials as arrays, in an order in which parents stand before children.

    first, child, quantity: children of item i are child[first[i]:first[i+1]], with the units of each for
    one of i, scrap included. product, need, backlog: items sold, units a day at plan, units overdue.
    made: the firm makes the item (it has a bill of materials and is not bought). stock: free units on
    day 0. receipt_item, receipt_day, receipt_quantity, receipt_supplier: cleared orders, sorted by item
    and day. plan: units a day at plan, (items,). unknown: items whose need cannot be told (a quantity
    or unit is missing on the way, or they stand in a cycle). lost: (parent, child) of the lines of the bill
    of materials that were left out for it. of: products and items set apart for some customers (apart.py)
    -> the product or item that they are part of; whom: items set apart -> customers.
    """

    items: tuple[str, ...]
    first: NDArray[np.int64]
    child: NDArray[np.int64]
    quantity: NDArray[np.float64]
    product: NDArray[np.int64]
    need: NDArray[np.float64]
    backlog: NDArray[np.float64]
    made: NDArray[np.bool_]
    stock: NDArray[np.float64]
    receipt_item: NDArray[np.int64]
    receipt_day: NDArray[np.int64]
    receipt_quantity: NDArray[np.float64]
    receipt_supplier: tuple[str, ...]
    plan: NDArray[np.float64]
    unknown: tuple[str, ...]
    lost: tuple[tuple[str, str], ...] = ()
    of: Mapping[str, str] = field(default_factory=dict)
    whom: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def own(self, item: str) -> str:
        """The firm's own number of an item or product; of what is set apart, that of what it is part of."""
        return self.of.get(item, item)


@dataclass(frozen=True)
class Line:
    """One source of an item (part x supplier x origin), judged.

    share: of the item's volume; verdict: as `kanmon check`; measures, entries and rules that meet it;
    content_basis: measured | declared | guessed_from_grade | unknown; layer: direct (comes from the
    imposer) | foreign_content (made elsewhere with content of the imposer) | none; covered: yes | maybe
    | no, for each scenario, for whichever of the item's customers it stops most; by_class: the same for
    each class of customers (number in `Reached.classes`); question: what would settle it, empty when
    settled. file, row: where the source stands in the user's files; empty and None for an item without.
    """

    part: str
    supplier: str
    origin: str
    content_origin: str
    share: float | None
    verdict: str
    measures: tuple[str, ...]
    entries: tuple[str, ...]
    rules: tuple[str, ...]
    reason: str
    source: str
    content_basis: str
    layer: str
    covered: Mapping[Scenario, str]
    by_class: Mapping[int, Mapping[Scenario, str]]
    question: str
    file: str
    row: int | None


@dataclass(frozen=True)
class ProductCover:
    """Days of cover of one product; None where it never runs short within the horizon.

    alone: only this product draws; jointly: all draw at plan and a product that runs short stops for
    good and frees what is shared. binding: the item that runs out first; path: items from the product
    down to it. own: the firm's product, where `product` is its demand by some customers only. unseen:
    what of it could not be seen; where it is not empty the days are at most what stands here, and None
    says that they cannot be told.
    """

    product: str
    alone: int | None
    jointly: int | None
    binding_alone: str
    binding_jointly: str
    path: tuple[str, ...]
    own: str = ""
    unseen: str = ""


@dataclass(frozen=True)
class Cover:
    """Cover under one scenario: products, the firm (first stop), and cover of every affected item.

    item_days: part -> days until the item alone runs out at plan (None: not within the horizon);
    unseen_items: those of which more may be needed than the plan tells.
    certain: with lines judged `yes` only; the record of the same name with `maybe` added is the low end.
    """

    scenario: Scenario
    days: int
    firm: int | None
    binding: str
    products: tuple[ProductCover, ...]
    item_days: Mapping[str, int | None]
    unseen_items: frozenset[str] = frozenset()

    @property
    def unseen(self) -> tuple[str, ...]:
        """Products of which something could not be seen: `firm` is then at most what stands here."""
        if not self.products:
            return ("no product with a plan is told",)
        return tuple(p.product for p in self.products if p.unseen)

    def item_unseen(self, item: str) -> str:
        """Why the days of an item are at most what stands here; "" where they are exact."""
        if item not in self.item_days:
            return "no product's bill of materials tells its need"
        return "more of it may be needed than is counted" if item in self.unseen_items else ""

    def like(self, other: ProductCover) -> ProductCover | None:
        """The entry of a product of another scenario: of the same customers, else of the same product."""
        found = [p for p in self.products if p.product == other.product]
        found = found or [p for p in self.products if p.own == other.own]
        return min(found, key=lambda p: self.days if p.jointly is None else p.jointly, default=None)
