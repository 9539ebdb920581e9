"""Time and memory of `check` on a ledger of a million lines, with distinct goods and names as in practice.

    python benchmarks/bench_check.py [lines] [csv|parquet|duckdb]
"""

from __future__ import annotations

import resource
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


def ledger(lines: int) -> pl.DataFrame:
    rng = np.random.default_rng(SEED)
    codes = pl.Series([f"{c:06d}" for c in rng.integers(250000, 960000, 1500)])
    hot = ["284690", "850511", "280530", "811292", "382499", "810110", "281111", "710510", "850760", "380110"]
    words = ["bracket", "housing", "ball bearing", "printed label", "seal ring", "copper cable", "oxide powder",
             "magnet segment", "alloy ingot", "pump", "gallium arsenide wafer", "dysprosium oxide", "steel plate"]
    goods = pl.DataFrame(
        {
            "item_description": [f"{words[k % len(words)]} {k}" for k in range(GOODS)],
            "hs_code": [hot[k % len(hot)] if k % 20 == 0 else codes[int(i)] for k, i in enumerate(rng.integers(0, 1500, GOODS))],
            "content": ["Dy 3%, Nd 28%, Fe 68%, B 1%" if k % 97 == 0 else "" for k in range(GOODS)],
        }
    )
    vendors = pl.Series([f"Vendor {k} {'Seimitsu' if k % 3 else 'Trading'} Co., Ltd." for k in range(VENDORS - 2)] + ["TDK Corporation", "三菱造船株式会社"])
    good = rng.integers(0, GOODS, lines)
    days = pl.Series([(date(2025, 1, 1) + timedelta(days=int(d))).isoformat() for d in range(700)])
    return goods[good].with_columns(
        pl.Series("id", np.arange(lines)).cast(pl.String),
        pl.Series("origin_country", ORIGINS).gather(rng.integers(0, len(ORIGINS), lines)),
        pl.Series("ship_to", ["JP", "US", "DE", "KR"]).gather(rng.integers(0, 4, lines)),
        vendors.gather(rng.integers(0, VENDORS, lines)).alias("end_user"),
        pl.Series("end_use", ["civil vehicles", "machine tools, civil", "consumer goods", ""]).gather(rng.integers(0, 4, lines)),
        days.gather(rng.integers(0, 700, lines)).alias("date"),
    )


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    kind = sys.argv[2] if len(sys.argv) > 2 else "csv"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"ledger.{'csv' if kind == 'csv' else 'parquet'}"
        table = ledger(lines)
        if kind == "csv":
            table.write_csv(path)
        else:
            table.write_parquet(path)
        size = path.stat().st_size / 1e6
        code = (
            "import sys,time,resource;t=time.perf_counter();\n"
            "from kanmon.measure.check import check\n"
            f"from kanmon.measure.check_duckdb import check_file\n" if kind == "duckdb" else
            "import sys,time,resource;t=time.perf_counter();\nfrom kanmon.measure.check import check\n"
        )
        run = f"check_file({str(path)!r}, {str(Path(folder) / 'out.parquet')!r})" if kind == "duckdb" else f"check({str(path)!r})"
        code += (
            f"r={run}\n"
            "print(r.counts(), len(r.decisions), 'decisions')\n"
            "print(f'{time.perf_counter()-t:.1f} s, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1e6:.2f} GB')"
        )
        import subprocess

        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        print(f"{lines:,} lines, {kind}, {size:.0f} MB; {time.perf_counter() - started:.1f} s with the start of Python")
    _ = resource


if __name__ == "__main__":
    main()
