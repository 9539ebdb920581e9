"""Time and memory of `check` on a ledger of a million lines, with distinct goods and names as in practice.

python benchmarks/bench_check.py [lines] [csv|parquet|duckdb]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

GOODS = 20_000
VENDORS = 50_000
ORIGINS = ["CN", "JP", "DE", "US", "KR", "TW", "FR", "TH"]
SEED = 20260106


HOT = ["284690", "850511", "280530", "811292", "382499", "810110", "281111", "710510", "850760", "380110"]
WORDS = [
    "bracket",
    "housing",
    "ball bearing",
    "printed label",
    "seal ring",
    "copper cable",
    "oxide powder",
    "magnet segment",
    "alloy ingot",
    "pump",
    "gallium arsenide wafer",
    "dysprosium oxide",
    "steel plate",
]
LISTED = ["TDK Corporation", "三菱造船株式会社"]


def ledger(lines: int) -> pl.DataFrame:
    rng = np.random.default_rng(SEED)
    codes = [f"{c:06d}" for c in rng.integers(250000, 960000, 1500)]
    of_good = rng.integers(0, len(codes), GOODS)
    goods = pl.DataFrame(
        {
            "item_description": [f"{WORDS[k % len(WORDS)]} {k}" for k in range(GOODS)],
            "hs_code": [HOT[k % len(HOT)] if k % 20 == 0 else codes[of_good[k]] for k in range(GOODS)],
            "content": ["Dy 3%, Nd 28%, Fe 68%, B 1%" if k % 97 == 0 else "" for k in range(GOODS)],
        }
    )
    names = [f"Vendor {k} {'Seimitsu' if k % 3 else 'Trading'} Co., Ltd." for k in range(VENDORS - 2)]
    days = pl.Series([(date(2025, 1, 1) + timedelta(days=d)).isoformat() for d in range(700)])
    uses = pl.Series(["civil vehicles", "machine tools, civil", "consumer goods", ""])
    return goods[rng.integers(0, GOODS, lines)].with_columns(
        pl.Series("id", np.arange(lines)).cast(pl.String),
        pl.Series("origin_country", ORIGINS).gather(rng.integers(0, len(ORIGINS), lines)),
        pl.Series("ship_to", ["JP", "US", "DE", "KR"]).gather(rng.integers(0, 4, lines)),
        pl.Series("end_user", [*names, *LISTED]).gather(rng.integers(0, VENDORS, lines)),
        uses.gather(rng.integers(0, 4, lines)).alias("end_use"),
        days.gather(rng.integers(0, 700, lines)).alias("date"),
    )


RUN = """
import resource, sys, time
started = time.perf_counter()
from kanmon.measure.check import check
from kanmon.measure.check_duckdb import check_file
source, kind, out = sys.argv[1:]
done = check_file(source, out) if kind == "duckdb" else check(source)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(done.counts(), len(done.decisions), "decisions")
print(f"{time.perf_counter() - started:.1f} s, processor {time.process_time():.1f} s, peak {peak:.2f} GB")
"""


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    kind = sys.argv[2] if len(sys.argv) > 2 else "csv"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"ledger.{'csv' if kind == 'csv' else 'parquet'}"
        table = ledger(lines)
        (table.write_csv if kind == "csv" else table.write_parquet)(path)
        del table
        print(f"{lines:,} lines, {kind}, {path.stat().st_size / 1e6:.0f} MB")
        out = str(Path(folder) / "out.parquet")
        subprocess.run([sys.executable, "-c", RUN, str(path), kind, out], check=True)


if __name__ == "__main__":
    main()
