"""Lines on logarithmic axes as SVG, for the pictures of docs/ that benchmarks draw."""

import math
from collections.abc import Callable

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9")
"""Okabe and Ito: told apart by colour-blind readers."""
WIDTH, HEIGHT, LEFT, TOP, ROOM = 300, 240, 52, 56, 110
WIDE = LEFT + WIDTH + ROOM

Point = tuple[float, float]


def page(title: str, told: str, heading: str, panels: list[str]) -> str:
    """Two panels side by side; told: the numbers in words, for readers who do not see the picture."""
    size = f'viewBox="0 0 {2 * WIDE} {TOP + HEIGHT + 60}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif" font-size="12">',
        f"<title>{title}</title>",
        f"<desc>{told}</desc>",
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{heading}</text>',
        *panels,
    ]
    return "\n".join([*parts, "</svg>\n"])


def scale(low: float, high: float, begin: float, end: float) -> Callable[[float], float]:
    """Function from a value to its place on a logarithmic axis."""
    a, b = math.log(low), math.log(high)
    return lambda value: begin + (end - begin) * ((math.log(value) - a) / (b - a) if b > a else 0.5)


def ticks(low: float, high: float) -> list[float]:
    """Round values between two: powers of ten, and 2 and 5 times them where these are few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low < 100 else (1,)
    return [k * 10.0**power for power in powers for k in steps if low <= k * 10.0**power <= high]


def panel(
    lines: dict[str, list[Point]],
    name: str,
    marks: list[int],
    left: float,
    y: Callable[[float], float],
    times: list[float],
    unit: str = "seconds",
) -> list[str]:
    """Lines on logarithmic axes; y: place of a value, of which `times` are all."""
    x = scale(min(marks), max(marks), left, left + WIDTH)
    bottom = TOP + HEIGHT
    found = [
        f'<path d="M{left} {TOP} V{bottom} H{left + WIDTH}" fill="none" stroke="#444"/>',
        f'<text x="{left + WIDTH / 2}" y="{bottom + 40}" text-anchor="middle">{name}</text>',
        f'<text x="{left - 8}" y="{TOP - 10}" text-anchor="middle">{unit}</text>',
    ]
    for mark in marks:
        found.append(f'<text x="{x(mark):.1f}" y="{bottom + 18}" text-anchor="middle">{mark:,}</text>')
        found.append(f'<path d="M{x(mark):.1f} {bottom} v4" stroke="#444"/>')
    for value in ticks(min(times), max(times)):
        at = y(value)
        found.append(f'<path d="M{left} {at:.1f} H{left + WIDTH}" stroke="#ddd"/>')
        found.append(f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{value:g}</text>')
    below = -math.inf
    # From the top: labels at the ends of lines are pushed down where lines end close together.
    for k, (label, points) in sorted(enumerate(lines.items()), key=lambda one: y(one[1][1][-1][1])):
        colour = COLOURS[k % len(COLOURS)]
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
        found.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        found += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{colour}"/>' for a, b in points]
        below = max(y(points[-1][1]), below + 14)
        end = left + WIDTH + 8
        found.append(f'<text x="{end}" y="{below + 4:.1f}" fill="{colour}">{label}</text>')
    return found
