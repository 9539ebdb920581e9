"""Refresh src/kanmon/report/vendor from unpacked npm packages, and the points of countries.

Usage: npm pack vega@6.4.0 vega-lite@6.4.3 vega-embed@7.3.0 world-atlas@2.0.2, unpack each tarball
into FOLDER/<name>, then `python scripts/vendor_report.py FOLDER`.
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "src/kanmon/report/vendor"
COUNTRIES = ROOT / "src/kanmon/core/data/countries.csv"
FILES = {
    "vega/build/vega.min.js": "vega.min.js",
    "vega/LICENSE": "LICENSE-vega.txt",
    "vega-lite/build/vega-lite.min.js": "vega-lite.min.js",
    "vega-lite/LICENSE": "LICENSE-vega-lite.txt",
    "vega-embed/build/vega-embed.min.js": "vega-embed.min.js",
    "vega-embed/LICENSE": "LICENSE-vega-embed.txt",
    "world-atlas/countries-110m.json": "countries-110m.json",
    "world-atlas/LICENSE": "LICENSE-world-atlas.txt",
}


def arcs_of(topology):
    """Arcs in degrees: undo the delta coding and the grid of the file."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    decoded = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        decoded.append(points)
    return decoded


def ring_of(indices, arcs):
    """One closed ring; a negative index is an arc read backwards."""
    points = []
    for index in indices:
        part = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(part[1:] if points else part)
    return unwrapped(points)


def unwrapped(points):
    """The ring without the jump from 180 to -180 degrees that shapes across the date line have."""
    turn, found = 0.0, [points[0]]
    for (x0, _), (x1, y1) in pairwise(points):
        turn += 360 if x1 - x0 < -180 else -360 if x1 - x0 > 180 else 0
        found.append((x1 + turn, y1))
    return found


def centre(ring):
    """Signed area and centroid of a ring in degrees."""
    area = cx = cy = 0.0
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = x0 * y1 - x1 * y0
        area, cx, cy = area + cross / 2, cx + (x0 + x1) * cross, cy + (y0 + y1) * cross
    if area == 0:
        return 0.0, *ring[0]
    return abs(area), cx / (6 * area), cy / (6 * area)


def main(folder: Path) -> None:
    """Copy the bundles and write places.csv (centroid of each country's largest piece of land)."""
    for name, target in FILES.items():
        shutil.copy(folder / name, TARGET / target)
    topology = json.loads((folder / "world-atlas/countries-50m.json").read_text("utf-8"))
    arcs = arcs_of(topology)
    points = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        found = max(centre(ring_of(polygon[0], arcs)) for polygon in polygons)
        if "id" in shape:
            points[shape["id"]] = max(found, points.get(shape["id"], (0.0,)))
    with COUNTRIES.open(encoding="utf-8") as rows:
        known = [(r["alpha3"], r["numeric"]) for r in csv.DictReader(rows) if r["numeric"]]
    with (TARGET / "places.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["alpha3", "numeric", "lon", "lat"])
        for alpha3, numeric in sorted(known):
            if numeric in points:
                _, lon, lat = points[numeric]
                writer.writerow([alpha3, numeric, f"{(lon + 180) % 360 - 180:.2f}", f"{lat:.2f}"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
