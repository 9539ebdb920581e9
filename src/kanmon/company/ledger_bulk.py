"""A purchase ledger larger than memory: read and written block by block, equal lines judged once.

Of the lines seen so far only a fingerprint and the number of their answer are kept, so that memory grows
by some bytes a distinct line and not with the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, Problem, nearest
from .cells import typed
from .fields import table_kinds
from .ledger import SAME, TOLD, LedgerJudge
from .mapping import SheetMapping, columns_of, guess
from .records import Company, Network

if TYPE_CHECKING:
    import polars as pl

    from .lines import Asked

LARGE = 100_000_000
"""Bytes from which a ledger of a firm's folder goes this way instead of into memory."""
BLOCK = 200_000
"""Lines read, judged and written at once."""
JUDGED = 25_000
"""Distinct lines put before the rules at once: some 10 KB of working memory each."""
ADDED = ("content_basis", *TOLD)
"""Columns written beside the user's."""
NAMED = 50
"""Faults of a file that are named; the others are counted."""
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class BulkAnswer:
    """Where the answers lie, lines and lines by verdict, and what could not be read.

    by_item: (item, verdict) -> lines, the item as the file writes it; lines without one stand under "".
    Values are not summed: prices, units and rates of a streamed ledger are not read.
    """

    out: Path
    lines: int
    totals: dict[str, int]
    problems: tuple[Problem, ...]
    by_item: dict[tuple[str, str], int]


def scan(path: Path) -> pl.LazyFrame:
    """A Parquet or UTF-8 CSV file as text columns, read when needed."""
    import polars as pl

    if path.suffix.lower() in {".parquet", ".pq"}:
        return pl.scan_parquet(path).cast(pl.String)
    return pl.scan_csv(path, infer_schema=False)


def large_ledger(path: Path, given: SheetMapping | None = None) -> SheetMapping | None:
    """How a purchase ledger too large to be read into memory is read; None for any other file.

    given: how the user says it is read; it goes before what the header tells.
    """
    import polars as pl

    if path.stat().st_size < LARGE or path.suffix.lower() not in {".parquet", ".pq", ".csv"}:
        return None
    try:
        names = scan(path).collect_schema().names()
    except pl.exceptions.PolarsError:
        return None
    found = given or guess(path.name, "", names)
    return found if found is not None and found.table == "ledger" else None


def mapping_of(path: Path, given: SheetMapping | None = None) -> SheetMapping:
    """How a ledger's columns are read, as given or by its header.

    InputError where it lacks the columns a ledger needs, or one that is given.
    """
    names = scan(path).collect_schema().names()
    read = given or columns_of(table_kinds()["ledger"], names)
    strange = [column for column in read.columns.values() if column not in names]
    if strange:
        raise InputError(
            [
                Problem(
                    f"the mapping names a column {c!r} that is not there", path.name, near=nearest(c, names)
                )
                for c in strange
            ]
        )
    lacking = [f.name for f in table_kinds()["ledger"].fields if f.must and f.name not in read.columns]
    if lacking:
        raise InputError(
            Problem(f"no column for {', '.join(lacking)}", path.name, "columns: " + ", ".join(names))
        )
    return read


def judge_ledger_file(
    path: Path,
    out: Path,
    company: Company,
    asked: Asked,
    net: Network | None = None,
    progress: Progress | None = None,
    given: SheetMapping | None = None,
) -> BulkAnswer:
    """Write the ledger with its verdicts beside every line to `out` (.parquet), line for line in order.

    given: how its columns are read, where the header is not to tell it.
    """
    import polars as pl
    from polars.io.plugins import register_io_source

    read = mapping_of(path, given)
    copy = out.with_name(f".{out.stem}.read.parquet")
    aside = out.with_name(f".{out.name}.part")
    try:
        if path.suffix.lower() == ".csv":
            # A block of a CSV file can only be found by reading all that stands before it.
            scan(path).sink_parquet(copy, engine="streaming")
        whole = scan(copy if copy.exists() else path)
        names = whole.collect_schema().names()
        column = {name: _free(name, names) for name in ADDED}
        blocks = _Blocks(path.name, read, LedgerJudge(company, asked, net), column)
        schema = {**dict.fromkeys(names, pl.String), **dict.fromkeys(column.values(), pl.Categorical)}

        def judged(columns: list[str] | None, *_: object) -> Iterator[pl.DataFrame]:
            for block in blocks.judged(whole, progress or _silent):
                yield block if columns is None else block.select(columns)

        source = register_io_source(judged, schema=schema, is_pure=True)
        source.sink_parquet(aside, engine="streaming")
        aside.replace(out)
    except pl.exceptions.PolarsError as fault:
        raise InputError(
            Problem(
                "the ledger cannot be read to its end",
                path.name,
                str(fault).splitlines()[0],
                "save it as UTF-8 CSV or Parquet, or cut it into files below 100 MB",
            )
        ) from fault
    finally:
        aside.unlink(missing_ok=True)
        copy.unlink(missing_ok=True)
    return BulkAnswer(out, blocks.totals.total(), dict(blocks.totals), blocks.faults(), dict(blocks.by_item))


def _silent(_step: str, _share: float) -> None:
    return None


def _free(name: str, taken: list[str]) -> str:
    """The name of an added column; the user's own column of that name keeps it."""
    return name if name not in taken else _free(f"{name} (kanmon)", taken)


@dataclass
class _Blocks:
    """What is kept from block to block: answers, fingerprints of lines with their answer, faults."""

    file: str
    read: SheetMapping
    judge: LedgerJudge
    column: dict[str, str]
    totals: Counter[str] = field(default_factory=Counter)
    by_item: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: dict[Problem, None] = field(default_factory=dict)
    answers: dict[tuple[str, ...], int] = field(default_factory=dict)
    unnamed: int = 0

    def judged(self, whole: pl.LazyFrame, progress: Progress) -> Iterator[pl.DataFrame]:
        """The blocks of the file in order, each with its verdicts beside it."""
        import polars as pl

        lines = int(whole.select(pl.len()).collect().item())
        empty = {"one": pl.UInt64, "two": pl.UInt64, "answer": pl.UInt32}
        seen, answers = pl.DataFrame(schema=empty), self._frame()
        for start in range(0, lines, BLOCK):
            block = whole.slice(start, BLOCK).collect()
            keys = self._fingerprints(block)
            new = keys.with_row_index("at").join(seen, on=["one", "two"], how="anti")
            new = new.unique(["one", "two"], keep="first", maintain_order=True)
            if new.height:
                number = self._judged(block[new["at"]], new["at"].cast(pl.Int64) + (start + 2))
                seen = pl.concat([seen, new.select("one", "two", answer=number)], rechunk=True)
                answers = self._frame()
            found = keys.join(seen, on=["one", "two"], how="left", maintain_order="left")
            told = answers[found["answer"]]
            self._count(block, told[self.column["verdict"]])
            done = start + block.height
            progress(f"{done:,} of {lines:,} purchase lines, {seen.height:,} distinct", done / lines)
            yield pl.concat([block, told], how="horizontal")

    def faults(self) -> tuple[Problem, ...]:
        """Cells that could not be read, the first by name and the others by number."""
        more = [Problem(f"{self.unnamed:,} more notes on cells that cannot be read", self.file)]
        return (*self.problems, *(more if self.unnamed else []))

    def _count(self, block: pl.DataFrame, verdicts: pl.Series) -> None:
        import polars as pl

        item = pl.col(self.read.columns["part"]).str.strip_chars() if "part" in self.read.columns else None
        pairs = block.select(
            item=pl.lit("") if item is None else item.fill_null(""), verdict=verdicts.cast(pl.String)
        )
        for name, verdict, lines in pairs.group_by("item", "verdict").len().iter_rows():
            self.by_item[name, verdict] += lines
            self.totals[verdict] += lines

    def _fingerprints(self, block: pl.DataFrame) -> pl.DataFrame:
        """128 bits of the columns that decide: two of 10^7 distinct lines meet with a chance of 10^-25."""
        import polars as pl

        key = pl.struct([self.read.columns[name] for name in SAME if name in self.read.columns])
        return block.select(one=key.hash(1), two=key.hash(2))

    def _frame(self) -> pl.DataFrame:
        import polars as pl

        return pl.DataFrame(
            list(self.answers), schema=dict.fromkeys(self.column.values(), pl.String), orient="row"
        ).cast(pl.Categorical)

    def _judged(self, raw: pl.DataFrame, rows: pl.Series) -> pl.Series:
        """The number of the answer of each of some lines as they stand in the file; rows: their places."""
        import polars as pl

        own = self._typed(raw, rows)
        distinct = own.unique(maintain_order=True)
        number = [
            self.answers.setdefault(answer, len(self.answers))
            for some in distinct.iter_slices(JUDGED)
            for answer in self.judge.told(some).select(ADDED).iter_rows()
        ]
        known = distinct.with_columns(pl.Series("answer", number, pl.UInt32))
        return own.join(known, on=list(SAME), how="left", maintain_order="left", nulls_equal=True)["answer"]

    def _typed(self, raw: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
        import polars as pl

        kind = table_kinds()["ledger"]
        cells: dict[str, pl.Series] = {}
        for name in SAME:
            if name not in self.read.columns:
                cells[name] = pl.Series([None] * raw.height, dtype=pl.String)
                continue
            where = f"{self.file} column {self.read.columns[name]!r}"
            cells[name], faults = typed(raw[self.read.columns[name]], rows, kind.field(name), where)
            for fault in faults:
                if len(self.problems) < NAMED:
                    self.problems[fault] = None
                else:
                    self.unnamed += 1
        return pl.DataFrame(cells)
