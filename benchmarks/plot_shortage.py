"""Seconds of the default model against industries and draws: measures a grid, draws docs/shortage-cost.svg.

python benchmarks/plot_shortage.py [largest number of draws, 256]
"""

import os
import sys
from pathlib import Path

from cost_plot import HEIGHT, LEFT, TOP, WIDE, page, panel, scale

HERE = Path(__file__).parent
OUT = HERE.parent / "docs" / "shortage-cost.svg"
DRAWS = (16, 64, 256, 1024)


def main(words: list[str]) -> None:
    sys.path.insert(0, str(HERE))
    from shortage_case import SIZES, seconds

    most = int(words[0]) if words else 256
    grid: dict[int, dict[int, float]] = {}
    for regions, detail in SIZES:
        for draws in (d for d in DRAWS if d <= most):
            industries, took = seconds(regions, detail=detail, draws=draws)
            grid.setdefault(industries, {})[draws] = took
            print(f"{industries:>5} industries {draws:>5} draws {took:8.2f} s", flush=True)
    OUT.write_text(svg(grid), "utf-8")
    print(OUT.relative_to(HERE.parent))


def svg(grid: dict[int, dict[int, float]]) -> str:
    """Two panels on logarithmic axes: a line a number of draws, and a line a number of industries."""
    draws = sorted({d for row in grid.values() for d in row})
    sizes = sorted(grid)
    by_size = {f"{d:,} draws": [(float(n), grid[n][d]) for n in sizes] for d in draws}
    by_draws = {f"{n} industries": [(float(d), grid[n][d]) for d in draws] for n in sizes}
    times = [t for row in grid.values() for t in row.values()]
    axis = scale(min(times), max(times), TOP + HEIGHT, TOP)
    said = f"Default model, 365 days, one rationing rule, {os.cpu_count()} cores: seconds (logarithmic axes)"
    panels = [
        *panel(by_size, "industries", sizes, LEFT, axis, times),
        *panel(by_draws, "draws", draws, LEFT + WIDE, axis, times),
    ]
    return page("Seconds of a year-run of the default model", words_of(grid), said, panels)


def words_of(grid: dict[int, dict[int, float]]) -> str:
    """The numbers of the picture for readers who do not see it."""
    return "; ".join(
        f"{n} industries: " + ", ".join(f"{d} draws {t:.2g} s" for d, t in sorted(row.items()))
        for n, row in sorted(grid.items())
    )


if __name__ == "__main__":
    main(sys.argv[1:])
