"""kanmon check: may these shipments go, on which day, under which clause?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ...core.errors import InputError, Problem
from ..options import day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import polars as pl

    from ...measure.check_bulk import Checked
    from ...measure.verdict import Decision, Verdict

SHOWN = 40
"""Shipments shown on a terminal, the most severe first; --json and --out give all."""
LONG = 2_000_000
"""Bytes of a file from which progress is shown on a terminal."""
NAMED = 20
"""Problems written out on a terminal."""


@click.command(
    epilog="""\b
Examples:
  kanmon check shipments.csv --on 2025-06-01
  kanmon check ledger.parquet --out verdicts.parquet""",
)
@click.argument("file", metavar="FILE")
@click.option("--on", metavar="DATE", help="Day for rows without a date. Default: newest source date.")
@click.option(
    "--add", "extra", multiple=True, metavar="PATH", help="One more notice: folder or measure file."
)
@click.option("--out", metavar="FILE", help="Write id, verdict, rules, question: .csv or .parquet.")
@click.option("--bulk", is_flag=True, help="Through DuckDB, for files larger than memory; needs --out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(
    file: str, on: str | None, extra: tuple[str, ...], out: str | None, bulk: bool, as_json: bool
) -> None:
    """Decide each shipment of a CSV or Parquet file, with every clause that meets it.

    Verdicts, most severe first: prohibited, review, licence, not_covered. Rows that cannot be read in
    full are named with row and column and decided on what is left; the exit code is then 2.
    """
    from ...measure.check import check as decide

    when = day(on)
    target = _target(out)
    if bulk and as_json:
        raise InputError(Problem("--bulk prints no JSON", "--json", fix="--bulk --out verdicts.csv"))
    if bulk:
        _through_duckdb(file, target, when, extra)
        return
    result = decide(file, when, extra, _progress if sys.stderr.isatty() and _is_long(file) else None)
    if target:
        _write(result, target)
    if as_json:
        _print_json(result)
    else:
        _print(result)
    for fault in [*result.notices, *result.problems][:NAMED]:
        click.echo(str(fault), err=True)
    more = len(result.notices) + len(result.problems) - NAMED
    if more > 0:
        click.echo(f"... and {more} more of this kind", err=True)
    if result.problems:
        sys.exit(InputError.exit_code)


def _through_duckdb(file: str, out: str, on: date | None, extra: tuple[str, ...]) -> None:
    """Decide a file out of core; the answers go to a file, the counts to the terminal."""
    from ...measure.check_duckdb import check_file
    from ...measure.verdict import VERDICTS

    if not out:
        raise InputError(Problem("--bulk writes a file", "--out", fix="--bulk --out verdicts.parquet"))
    done = check_file(file, out, on, extra, _progress)
    counts = done.counts()
    shown = ", ".join(f"{counts.get(v, 0):,} {v.replace('_', ' ')}" for v in VERDICTS)
    click.echo(f"{done.lines:,} shipments: {shown}")
    for fault in done.problems[:NAMED]:
        click.echo(str(fault), err=True)
    if done.problems:
        sys.exit(InputError.exit_code)


def _target(out: str | None) -> str:
    """An output file of a kind that can be written, in a folder that exists."""
    from pathlib import Path

    if out is None:
        return ""
    path = Path(out)
    if path.suffix.lower() not in {".csv", ".parquet"}:
        raise InputError(
            Problem(f"no such kind of file is written: {out}", "--out", fix="--out verdicts.csv")
        )
    if not path.resolve().parent.is_dir():
        raise InputError(Problem(f"there is no folder {path.resolve().parent}", "--out", fix="make it first"))
    return out


def _is_long(file: str) -> bool:
    """Whether a file takes long enough for a word on the way."""
    from pathlib import Path

    path = Path(file)
    return path.is_file() and path.stat().st_size > LONG


def _progress(text: str, done: float) -> None:
    click.echo(f"[{done:4.0%}] {text}", err=True)


def _print_json(result: Checked) -> None:
    """The rows as one JSON list, written as they come."""
    first = True
    for line in result.lines():
        click.echo(("[\n " if first else ",\n ") + line, nl=False)
        first = False
    click.echo("[]" if first else "\n]")


def _write(result: Checked, out: str) -> None:
    """One line a shipment: id, verdict, the rules that meet it, missing facts, question."""
    import polars as pl

    from ...measure.check_duckdb import answers

    rows = answers(result.decisions)[result.frame["decision"]].drop("decision", "verdict")
    whole = pl.concat([result.frame.select("id", "verdict"), rows], how="horizontal")
    if out.lower().endswith(".csv"):
        whole.write_csv(out)
    else:
        whole.write_parquet(out)


def _print(result: Checked) -> None:
    """The most severe shipments as a table, then counts and what the answer rests on."""
    from ...measure.verdict import VERDICTS
    from ..tables import print_table

    order = {verdict: k for k, verdict in enumerate(VERDICTS)}
    rows = [
        (id_, verdict, result.decisions[number])
        for id_, verdict, number in _worst(result, order).select("id", "verdict", "decision").iter_rows()
    ]
    if rows:
        print_table(
            ("id", "verdict", "clause", "why, and what would settle it"),
            [(id_, verdict.replace("_", " "), _clause(d), _why(d)) for id_, verdict, d in rows],
        )
    if len(result.frame) > SHOWN:
        click.echo(f"{len(result.frame) - SHOWN:,} more shipments: --json or --out gives all.")
    counts = result.counts()
    parts = [f"{counts.get(v, 0):,} {v.replace('_', ' ')}" for v in VERDICTS]
    click.echo(f"\n{len(result.frame):,} shipments: {', '.join(parts)}")
    click.echo(_rests_on(result.on))


def _worst(result: Checked, order: Mapping[Verdict, int]) -> pl.DataFrame:
    import polars as pl

    rank = pl.col("verdict").replace_strict(dict(order), return_dtype=pl.Int8)
    return (
        result.frame.sort(rank, maintain_order=True).head(SHOWN)
        if len(result.frame) > SHOWN
        else result.frame
    )


def _clause(decision: Decision) -> str:
    """Measure and rule of the clauses that give the verdict."""
    deciding = [c for c in decision.clauses if c.rank < 4]
    worst = min((c.rank for c in deciding), default=4)
    return ", ".join(dict.fromkeys(f"{c.measure} {c.rule}" for c in deciding if c.rank == worst)) or "-"


def _why(decision: Decision) -> str:
    deciding = [c for c in decision.clauses if c.rank < 4]
    parts = [min(deciding, key=lambda c: c.rank).fact] if deciding else []
    parts += [f"Ask: {decision.question}"] if decision.question else []
    parts += [decision.notes[-1]] if decision.verdict == "not_covered" and decision.notes else []
    return " ".join(part if part.endswith("?") else f"{part}." for part in parts)


def _rests_on(on: date) -> str:
    return (
        f"Rows without a date are decided as on {on}. No verdict is legal advice: `not covered` says that no "
        "loaded entry is met."
    )
