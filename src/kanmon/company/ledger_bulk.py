"""A purchase ledger larger than memory: distinct lines judged once, the rest is two streaming passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, Problem
from .cells import typed
from .fields import table_kinds
from .ledger import SAME, told_of
from .mapping import SheetMapping, columns_of, guess
from .records import Company, Network

if TYPE_CHECKING:
    import polars as pl

    from .lines import Asked

LARGE = 100_000_000
"""Bytes from which a ledger of a firm's folder goes this way instead of into memory."""


@dataclass(frozen=True)
class BulkAnswer:
    """Where the answers lie, lines and lines by verdict, and what could not be read."""

    out: Path
    lines: int
    totals: dict[str, int]
    problems: tuple[Problem, ...]


def scan(path: Path) -> pl.LazyFrame:
    """A Parquet or UTF-8 CSV file as text columns, read when needed."""
    import polars as pl

    if path.suffix.lower() in {".parquet", ".pq"}:
        return pl.scan_parquet(path).cast(pl.String)
    return pl.scan_csv(path, infer_schema=False)


def is_large_ledger(path: Path) -> bool:
    """Whether a file is a purchase ledger too large to be read into memory with the other tables."""
    import polars as pl

    if path.stat().st_size < LARGE or path.suffix.lower() not in {".parquet", ".pq", ".csv"}:
        return False
    try:
        found = guess(path.name, "", scan(path).collect_schema().names())
    except pl.exceptions.PolarsError:
        return False
    return found is not None and found.table == "ledger"


def mapping_of(path: Path) -> SheetMapping:
    """How a ledger's columns are read; InputError where it lacks the columns a ledger needs."""
    names = scan(path).collect_schema().names()
    read = columns_of(table_kinds()["ledger"], names)
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
    progress: Callable[[str, float], None] | None = None,
) -> BulkAnswer:
    """Write the ledger with its verdicts beside every line to `out` (.parquet), line for line in order.

    Memory grows with the number of distinct lines (item, text, code, origin, supplier), not with lines.
    """
    import polars as pl

    say = progress or (lambda _step, _share: None)
    read = mapping_of(path)
    columns = {name: read.columns[name] for name in SAME if name in read.columns}
    say("distinct purchase lines", 0.05)
    raw = (
        scan(path).select(columns.values()).unique().collect(engine="streaming").sort(list(columns.values()))
    )
    kind = table_kinds()["ledger"]
    number = pl.int_range(2, raw.height + 2, eager=True)
    problems: list[Problem] = []
    cells: dict[str, pl.Series] = {}
    for name in SAME:
        if name in columns:
            where = f"{path.name} column {columns[name]!r} (distinct lines)"
            cells[name], faults = typed(raw[columns[name]], number, kind.field(name), where)
            problems += faults
        else:
            cells[name] = pl.Series([None] * raw.height, dtype=pl.String)
    own = pl.DataFrame(cells)
    say(f"judging {raw.height:,} distinct lines", 0.2)
    answers = told_of(company, asked, net, own.unique(maintain_order=True))
    told = own.join(answers, on=list(SAME), how="left", maintain_order="left", nulls_equal=True).drop(SAME)
    known = pl.concat([raw, told], how="horizontal")
    say("writing", 0.6)
    keys = list(columns.values())
    whole = scan(path).join(known.lazy(), on=keys, how="left", nulls_equal=True, maintain_order="left")
    aside = out.with_name(f".{out.name}.part")
    try:
        whole.sink_parquet(aside, engine="streaming")
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
    counted = pl.scan_parquet(out).group_by("verdict").len().collect(engine="streaming").rows()
    totals = {str(v): int(n) for v, n in counted}
    say("done", 1.0)
    return BulkAnswer(out, sum(totals.values()), totals, tuple(problems))
