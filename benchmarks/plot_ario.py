"""Cost of ARIO against industries and draws: draws docs/ario-cost.svg from the table of `run.py ario`.

python benchmarks/run.py ario > ario.txt; python benchmarks/plot_ario.py ario.txt
"""

import re
import sys
from pathlib import Path

from cost_plot import HEIGHT, LEFT, TOP, WIDE, Point, page, panel, scale

OUT = Path(__file__).parent.parent / "docs" / "ario-cost.svg"
NUMBER = r"([\d.e+-]+) ms"
STEP = re.compile(r"^(BoARIO|ARIO), (\d+) industries(?:, (f64|f32))?, a step +" + NUMBER, re.MULTILINE)
READ = re.compile(r"^ARIO, (\d+) industries, (f64|f32), a step .* read of the table, " + NUMBER, re.MULTILINE)
DRAWS = re.compile(
    r"^ARIO, 4000 industries, (\d+) draws at once, f32, a draw and step +" + NUMBER, re.MULTILINE
)
NAMES = {"f64": "double", "f32": "single"}


def main(words: list[str]) -> None:
    text = Path(words[0]).read_text("utf-8")
    OUT.write_text(svg(text), "utf-8")
    print(OUT.name)


def svg(text: str) -> str:
    """Milliseconds a step by industries, beside BoARIO and the read of the table; by draws at 4,000."""
    by_size: dict[str, list[Point]] = {}
    for program, size, kind, ms in STEP.findall(text):
        name = program if program == "BoARIO" else f"Kanmon, {NAMES[kind]}"
        by_size.setdefault(name, []).append((float(size), float(ms)))
    for size, kind, ms in READ.findall(text):
        by_size.setdefault(f"read, {NAMES[kind]}", []).append((float(size), float(ms)))
    by_draws = {"single": [(float(k), float(ms)) for k, ms in DRAWS.findall(text)]}
    parts: list[str] = []
    for lines, what, left in ((by_size, "industries", LEFT), (by_draws, "draws at once", LEFT + WIDE)):
        times = [ms for points in lines.values() for _, ms in points]
        marks = sorted({int(x) for points in lines.values() for x, _ in points})
        axis = scale(min(times), max(times), TOP + HEIGHT, TOP)
        parts += panel(lines, what, marks, left, axis, times, "ms")
    told = "; ".join(f"{n}: " + ", ".join(f"{x:g}: {ms:g} ms" for x, ms in p) for n, p in by_size.items())
    told += "; draws at 4000 industries: " + ", ".join(f"{x:g}: {ms:g} ms" for x, ms in by_draws["single"])
    said = "ARIO: milliseconds a step; right: a draw and step at 4,000 industries (logarithmic axes)"
    return page("Milliseconds of a step of ARIO", told, said, parts)


if __name__ == "__main__":
    main(sys.argv[1:])
