"""The plan of check_bulk.py for files larger than memory: DuckDB scans, joins and writes, out of core.

Distinct cells are read, matched, screened and decided in Python as for a small table; DuckDB holds the
lines. Tables pass between the two as Parquet files in a temporary folder. Needs the extra `bulk`.
"""

# ruff: noqa: S608 (names of columns are quoted, cells never enter a query)
from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import MissingDataError, Problem
from .check_book import book
from .check_bulk import GROUPS, Fault, Plan, Progress
from .check_source import open_source, quoted
from .load import newest_source_date
from .verdict import Decision

if TYPE_CHECKING:
    import polars as pl

MEMORY = "700MB"
THREADS = 2
MOST_PLACED = 20
"""Cells that cannot be read whose shipments are looked up; the others are counted."""
BATCH = 100_000
"""Distinct rows read into Python at a time."""


@dataclass
class Written:
    """What was written: lines, counts by verdict, the distinct decisions, cells that could not be read."""

    path: Path
    lines: int
    verdicts: dict[str, int]
    decisions: list[Decision]
    problems: list[Problem]

    def counts(self) -> dict[str, int]:
        """Shipments by verdict."""
        return self.verdicts


def check_file(
    source: Path | str,
    out: Path | str,
    on: date | None = None,
    extra: Iterable[Path | str] = (),
    progress: Progress | None = None,
) -> Written:
    """Decide a CSV or Parquet file of any size and write id, verdict, clauses and question.

    Parameters
    ----------
    out : .csv or .parquet. progress : called with a line of text and the part done (0 to 1).
    """
    steps = len(GROUPS) + 3
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder)) as base:
        place = Path(folder)
        opened = open_source(base, Path(source), place)
        plan = Plan(book(extra), on or newest_source_date())
        names = f"SELECT DISTINCT {', '.join(GROUPS['party'])} FROM lines LIMIT {BATCH}"
        plan.screen_ahead(base.sql(names).fetchall())
        for step, (group, columns) in enumerate(GROUPS.items(), start=1):
            count = _read_group(base, plan, group, columns, place)
            _tell(progress, f"{count:,} distinct: {', '.join(columns)}", step / steps)
        count = _decide_keys(base, plan, place)
        _tell(progress, f"{count:,} distinct shipments decided", (steps - 2) / steps)
        _write_answers(base, plan, place, Path(out))
        _tell(progress, f"written to {out}", 1.0)
        verdicts = dict(base.sql("SELECT verdict, count(*) FROM answer GROUP BY 1").fetchall())
        problems = [*opened.problems, *_placed(base, list(plan.faults), Path(source).name)]
    return Written(Path(out), sum(verdicts.values()), verdicts, plan.decisions.values, problems)


def _placed(base: Any, faults: Sequence[Fault], name: str) -> list[Problem]:
    """The faults of cells with the ids of the shipments they belong to."""
    found = []
    for fault in faults[:MOST_PLACED]:
        cut = fault.cell.endswith("...")
        same = f"starts_with({fault.column}, ?)" if cut else f"{fault.column} = ?"
        query = f"SELECT count(*), list(id ORDER BY id)[:5] FROM lines WHERE {same}"
        ((count, ids),) = base.execute(query, [fault.cell[:-3] if cut else fault.cell]).fetchall()
        shown = ", ".join(ids) + (" ..." if count > len(ids) else "")
        found.append(
            Problem(
                f"{fault.cell!r} cannot be read",
                f"{name}, {'id' if count == 1 else 'ids'} {shown}, column {fault.column}",
                fault.why,
                "decided without this fact",
            )
        )
    if len(faults) > MOST_PLACED:
        found.append(Problem(f"{len(faults) - MOST_PLACED:,} more cells cannot be read", name))
    return found


@contextmanager
def _database(folder: Path) -> Iterator[Any]:
    try:
        import duckdb
    except ImportError as error:
        raise MissingDataError(
            Problem(
                "DuckDB is not installed",
                why="it reads files larger than memory",
                fix="pip install 'kanmon[bulk]'",
            )
        ) from error
    base = duckdb.connect(config={"memory_limit": MEMORY, "threads": THREADS, "temp_directory": str(folder)})
    base.execute("SET preserve_insertion_order = false")
    try:
        yield base
    finally:
        base.close()


def _read_group(base: Any, plan: Plan, group: str, columns: Sequence[str], folder: Path) -> int:
    """Read the distinct rows of a group of columns; a table of their numbers joins back by equality."""
    import polars as pl

    listed = ", ".join(columns)
    source, target = folder / f"{group}.parquet", folder / f"{group}_numbers.parquet"
    base.execute(f"COPY (SELECT DISTINCT {listed} FROM lines) TO {quoted(str(source))} (FORMAT parquet)")
    rows = pl.read_parquet(source)
    numbers: list[int] = []
    for batch in rows.iter_slices(BATCH):
        numbers += plan.read(group, batch.rows())
    rows.with_columns(pl.Series(group, numbers, pl.UInt32)).write_parquet(target)
    base.execute(f"CREATE TABLE map_{group} AS SELECT * FROM read_parquet({quoted(str(target))})")
    return len(rows)


def _decide_keys(base: Any, plan: Plan, folder: Path) -> int:
    """Number every line's facts and decide each distinct combination."""
    import polars as pl

    joins = " ".join(f"JOIN map_{g} USING ({', '.join(columns)})" for g, columns in GROUPS.items())
    groups = ", ".join(GROUPS)
    base.execute(f"CREATE TABLE keyed AS SELECT id, {groups} FROM lines {joins}")
    source, target = folder / "keys.parquet", folder / "decided.parquet"
    base.execute(f"COPY (SELECT DISTINCT {groups} FROM keyed) TO {quoted(str(source))} (FORMAT parquet)")
    keys = pl.read_parquet(source)
    numbers = [plan.decide(key) for key in keys.select(list(GROUPS)).rows()]
    keys.with_columns(pl.Series("decision", numbers, pl.UInt32)).write_parquet(target)
    base.execute(f"CREATE TABLE decided AS SELECT * FROM read_parquet({quoted(str(target))})")
    return len(keys)


def _write_answers(base: Any, plan: Plan, folder: Path, out: Path) -> None:
    """Join the decisions to the lines and write them."""
    target = folder / "decisions.parquet"
    answers(plan.decisions.values).write_parquet(target)
    base.execute(
        f"CREATE VIEW answer AS SELECT keyed.id, a.* EXCLUDE (decision) FROM keyed "
        f"JOIN decided USING ({', '.join(GROUPS)}) "
        f"JOIN read_parquet({quoted(str(target))}) a USING (decision)"
    )
    kind = "FORMAT csv, HEADER" if out.suffix.lower() == ".csv" else "FORMAT parquet"
    base.execute(f"COPY (SELECT * FROM answer) TO {quoted(str(out))} ({kind})")


def answers(decisions: Sequence[Decision]) -> pl.DataFrame:
    """Decisions as a table: number, verdict, rules, missing facts, question, notes."""
    import polars as pl

    text = {
        "verdict": pl.String,
        "rules": pl.String,
        "missing": pl.String,
        "question": pl.String,
        "notes": pl.String,
    }
    return pl.DataFrame(
        {
            "decision": list(range(len(decisions))),
            "verdict": [d.verdict for d in decisions],
            "rules": ["; ".join(f"{c.measure} {c.rule} {c.outcome}" for c in d.clauses) for d in decisions],
            "missing": ["; ".join(d.missing) for d in decisions],
            "question": [d.question for d in decisions],
            "notes": ["; ".join(d.notes) for d in decisions],
        },
        schema={"decision": pl.UInt32, **text},
    )


def _tell(progress: Progress | None, text: str, done: float) -> None:
    if progress:
        progress(text, done)
