"""Seconds of the default model against industries and draws: measures a grid, draws docs/shortage-cost.svg.

python benchmarks/plot_shortage.py [largest number of draws, 256]
"""

import math
import os
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE.parent / "docs" / "shortage-cost.svg"
DRAWS = (16, 64, 256, 1024)
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9")
"""Okabe and Ito: told apart by colour-blind readers."""
WIDTH, HEIGHT, LEFT, TOP, ROOM = 300, 240, 52, 56, 110

Point = tuple[float, float]


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
    wide = LEFT + WIDTH + ROOM
    size = f'viewBox="0 0 {2 * wide} {TOP + HEIGHT + 60}"'
    said = f"Default model, 365 days, one rationing rule, {os.cpu_count()} cores: seconds (logarithmic axes)"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif" font-size="12">',
        "<title>Seconds of a year-run of the default model</title>",
        f"<desc>{words_of(grid)}</desc>",
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{said}</text>',
        *panel(by_size, "industries", sizes, LEFT, axis, times),
        *panel(by_draws, "draws", draws, LEFT + wide, axis, times),
    ]
    return "\n".join([*parts, "</svg>\n"])


def words_of(grid: dict[int, dict[int, float]]) -> str:
    """The numbers of the picture for readers who do not see it."""
    return "; ".join(
        f"{n} industries: " + ", ".join(f"{d} draws {t:.2g} s" for d, t in sorted(row.items()))
        for n, row in sorted(grid.items())
    )


def scale(low: float, high: float, begin: float, end: float) -> Callable[[float], float]:
    """Function from a value to its place on a logarithmic axis."""
    a, b = math.log(low), math.log(high)
    return lambda value: begin + (end - begin) * ((math.log(value) - a) / (b - a) if b > a else 0.5)


def panel(
    lines: dict[str, list[Point]],
    name: str,
    marks: list[int],
    left: float,
    y: Callable[[float], float],
    times: list[float],
) -> list[str]:
    x = scale(min(marks), max(marks), left, left + WIDTH)
    bottom = TOP + HEIGHT
    found = [
        f'<path d="M{left} {TOP} V{bottom} H{left + WIDTH}" fill="none" stroke="#444"/>',
        f'<text x="{left + WIDTH / 2}" y="{bottom + 40}" text-anchor="middle">{name}</text>',
        f'<text x="{left - 8}" y="{TOP - 10}" text-anchor="middle">seconds</text>',
    ]
    for mark in marks:
        found.append(f'<text x="{x(mark):.1f}" y="{bottom + 18}" text-anchor="middle">{mark:,}</text>')
        found.append(f'<path d="M{x(mark):.1f} {bottom} v4" stroke="#444"/>')
    for power in range(math.ceil(math.log10(min(times))), math.floor(math.log10(max(times))) + 1):
        at = y(10.0**power)
        found.append(f'<path d="M{left} {at:.1f} H{left + WIDTH}" stroke="#ddd"/>')
        found.append(f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    last_at = math.inf
    for k, (label, points) in reversed(list(enumerate(lines.items()))):
        colour = COLOURS[k % len(COLOURS)]
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
        found.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        found += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{colour}"/>' for a, b in points]
        # Labels at the ends of lines, pushed apart where lines end close together.
        at = y(points[-1][1]) if math.isinf(last_at) else max(y(points[-1][1]), last_at + 14)
        last_at = at
        end = left + WIDTH + 8
        found.append(f'<text x="{end}" y="{at + 4:.1f}" fill="{colour}">{label}</text>')
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
