"""kanmon company on a purchase ledger of ten million lines, in a process of its own (peak memory)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from row import Row

LINES, STEP = 10_000_000, 1_000_000
DISTINCT = (45_000, 2_200_000)
TEXTS = 20
LIMIT_S, LIMIT_GB = 60.0, 1.0


def write_ledger(path: Path, lines: int, distinct: int) -> None:
    """The sample's purchases repeated with other texts and suppliers, as Parquet or CSV.

    `distinct` is the number of different purchases (item, text, code, origin, supplier), of up to
    TEXTS x 7,348 different texts.
    """
    import polars as pl

    from kanmon.company import SAMPLE

    rng = np.random.default_rng(3)
    base = pl.read_csv(SAMPLE / "purchase_ledger.csv", infer_schema=False)
    number = pl.Series("lot", np.arange(distinct) // base.height)
    some = base[pl.Series(np.arange(distinct) % base.height)].with_columns(
        short_text=pl.col("short_text") + pl.lit(" LOT ") + (number % TEXTS).cast(pl.String),
        vendor_name=pl.col("vendor_name") + pl.lit(" ") + (number // TEXTS).cast(pl.String),
    )
    pieces = []
    for start in range(0, lines, STEP):
        n = min(STEP, lines - start)
        line = pl.int_range(start, start + n, eager=True)
        piece = some[pl.Series(rng.integers(0, distinct, n))].with_columns(
            purch_doc=(line // 5 + 4_500_000_000).cast(pl.String),
            item=(line % 5 * 10 + 10).cast(pl.String),
            quantity=pl.Series(rng.integers(1, 999, n)).cast(pl.String),
        )
        pieces.append(path.with_name(f"{path.stem}.{start}.piece"))
        piece.write_parquet(pieces[-1])
    whole = pl.scan_parquet(pieces)
    whole.sink_csv(path) if path.suffix == ".csv" else whole.sink_parquet(path)
    for piece_path in pieces:
        piece_path.unlink()


def judge(path: str, out: str) -> None:
    """Judge a ledger against the sample's items; prints seconds, peak of resident memory in GB, lines."""
    from kanmon.company import SAMPLE
    from kanmon.company.ledger_bulk import judge_ledger_file
    from kanmon.company.lines import Asked
    from kanmon.company.network import network
    from kanmon.company.read import read_company
    from kanmon.measure.load import find

    begin = time.perf_counter()
    company = read_company(SAMPLE)
    asked = Asked((find("CN-2026-01"),), date(2026, 1, 6), "JPN", "sample")
    found = judge_ledger_file(Path(path), Path(out), company, asked, network(company)[0])
    # The kernel's own high-water mark: ru_maxrss of a child can hold its parent's.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1e6
    print(time.perf_counter() - begin, peak, found.lines)


def rows() -> Iterator[Row]:
    """All measurements of this file."""
    for distinct in DISTINCT:
        with TemporaryDirectory() as place:
            source = Path(place) / "purchase_ledger.parquet"
            write_ledger(source, LINES, distinct)
            command = [sys.executable, __file__, str(source), f"{place}/out.parquet"]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds, peak, lines = (float(text) for text in done.stdout.split())
        what = f"ledger: {int(lines):,} lines, {distinct:,} distinct, Parquet"
        yield Row(what, seconds, "s", LIMIT_S if distinct == DISTINCT[0] else None)
        yield Row("the same, peak memory", peak, "GB", LIMIT_GB)


if __name__ == "__main__":
    judge(*sys.argv[1:])
