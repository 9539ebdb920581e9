"""Time and memory of `kanmon check` on a ledger of a million lines, from the start of the program to the file
of answers. Goods and names repeat as in practice: 20,000 goods, 50,000 parties, 700 days.

python benchmarks/bench_check.py [lines] [csv|parquet|duckdb|duckdb-csv]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

GOODS = 20_000
VENDORS = 50_000
ORIGINS = ["CN", "JP", "DE", "US", "KR", "TW", "FR", "TH"]
SEED = 20260106
START = "from kanmon.app.cli import main; main()"


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


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    kind = sys.argv[2] if len(sys.argv) > 2 else "csv"
    with tempfile.TemporaryDirectory() as folder:
        text = kind in {"csv", "duckdb-csv"}
        path = Path(folder) / f"ledger.{'csv' if text else 'parquet'}"
        table = ledger(lines)
        (table.write_csv if text else table.write_parquet)(path)
        del table
        print(f"{lines:,} lines, {kind}, {path.stat().st_size / 1e6:.0f} MB")
        more = ["--bulk"] if kind.startswith("duckdb") else []
        command = [
            sys.executable,
            "-c",
            START,
            "check",
            str(path),
            "--out",
            f"{folder}/out.parquet",
            *more,
        ]
        started = time.perf_counter()
        subprocess.run(command, check=True)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall, busy = time.perf_counter() - started, used.ru_utime + used.ru_stime
        print(f"{wall:.1f} s, processor {busy:.1f} s, peak {used.ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
