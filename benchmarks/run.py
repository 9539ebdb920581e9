"""Every benchmark of this folder as one table: python benchmarks/run.py [word of a file's name ...]."""

import importlib
import os
import platform
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(words: list[str]) -> int:
    sys.path.insert(0, str(HERE))
    names = sorted(path.stem for path in HERE.glob("bench_*.py"))
    chosen = [name for name in names if not words or any(word in name for word in words)]
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores\n")
    bad = 0
    for name in chosen:
        module = importlib.import_module(name)
        if not hasattr(module, "rows"):
            # A benchmark of another shape prints its own table.
            module.main()
            continue
        for row in module.rows():
            limit = "" if row.limit is None else f"<= {row.limit:g}"
            print(
                f"{row.what:<64} {row.value:>10.3g} {row.unit:<6} {limit:<10} {row.verdict:<9} {row.note}",
                flush=True,
            )
            bad += row.verdict not in {"", "ok"}
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
