"""kanmon company at the size of a large plant: cover, programme, ledger, workbook."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from row import Row

ITEMS, PRODUCTS, DAYS = 100_000, 2_000, 180
LEVELS = (PRODUCTS, 6_000, 8_000, 10_000, 14_000, 60_000)
LINES_EACH = 27


def write_plant(folder: Path) -> int:
    """A plant of 100,000 items and about 1,000,000 lines of its bill of materials as CSV; lines written."""
    import polars as pl

    rng = np.random.default_rng(0)
    start = np.concatenate(([0], np.cumsum(LEVELS)))
    parents = np.arange(start[-2])
    level = np.searchsorted(start, parents, side="right") - 1
    parent = np.repeat(parents, LINES_EACH)
    below = np.repeat(start[level + 1], LINES_EACH)
    width = np.repeat(np.array(LEVELS)[level + 1], LINES_EACH)
    leaf = rng.random(len(parent)) < 0.88
    child = np.where(
        leaf,
        rng.integers(start[-2], start[-1], len(parent)),
        below + (rng.random(len(parent)) * width).astype(np.int64),
    )
    name = np.char.add("P", np.char.zfill(np.arange(start[-1]).astype(str), 6))
    bom = pl.DataFrame(
        {"parent": name[parent], "child": name[child], "qty_per": rng.integers(1, 5, len(parent))}
    )
    bom = bom.unique(["parent", "child"], keep="first", maintain_order=True)
    bom.write_csv(folder / "bom.csv")
    pl.DataFrame(
        {
            "part_no": name,
            "make_buy": np.where(np.arange(start[-1]) < start[-2], "M", "B"),
            "uom": "EA",
        }
    ).write_csv(folder / "parts.csv")
    stock = {"part_no": name, "unrestricted_qty": rng.integers(0, 200_000, start[-1]), "as_of": "2026-01-06"}
    pl.DataFrame(stock).write_csv(folder / "inventory.csv")
    weekly = rng.integers(1, 70, PRODUCTS)
    pl.DataFrame(
        {"product": name[:PRODUCTS], "weekly_demand": weekly, "price": 100.0, "gross_margin": 0.3}
    ).write_csv(folder / "products.csv")
    return bom.height


def stopped_items(names: tuple[str, ...], share: float = 0.05) -> dict[str, float]:
    """A twentieth of the bought items, stopped in full."""
    rng = np.random.default_rng(1)
    bought = sorted(n for n in names if int(n[1:]) >= ITEMS - LEVELS[-1])
    return {n: 1.0 for n in bought if rng.random() < share}


def cover_rows() -> Iterator[Row]:
    """From files to the days of every product."""
    from kanmon.company.cover import cover
    from kanmon.company.network import network
    from kanmon.company.read import read_company

    with TemporaryDirectory() as place:
        lines = write_plant(Path(place))
        begin, cpu = time.perf_counter(), time.process_time()
        company = read_company(place)
        read = time.perf_counter() - begin
        net, _ = network(company)
        cover(net, stopped_items(net.items), "in_force", DAYS)
        wall, used = time.perf_counter() - begin, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    what = f"cover: {ITEMS:,} items, {lines:,} lines, {DAYS} days, from CSV"
    yield Row(what, wall, "s", 10, note=f"reading {read:.1f} s, processor {used:.1f} s")
    yield Row("the same, peak memory", peak, "GB", 2)


def programme_rows() -> Iterator[Row]:
    """Least lost margin with about 100,000 variables."""
    from kanmon.company.program import affected, balance, least_lost
    from kanmon.kernels.netting import Netting

    rng = np.random.default_rng(2)
    made, bought = 900, 1_500
    child = np.concatenate([made + rng.choice(bought, 12, replace=False) for _ in range(made)])
    n = made + bought
    first = np.concatenate((np.arange(made + 1) * 12, np.full(bought, made * 12)))
    flags = np.arange(n) >= made
    g = Netting(
        first.astype(np.int64),
        child.astype(np.int64),
        rng.integers(1, 5, len(child)).astype(float),
        np.arange(made),
        rng.integers(1, 40, made) / 7,
        np.zeros(made),
        ~flags,
        flags,
        np.where(flags, rng.integers(0, 20_000, n), 0).astype(float),
        np.zeros(n),
        np.zeros(n + 1, np.int64),
        np.zeros(0, np.int64),
        np.zeros(0),
        np.full(n, 1e-6),
    )
    size = balance(g, affected(g, DAYS)).matrix.shape
    begin = time.perf_counter()
    least_lost(g, rng.integers(1, 9, made).astype(float), DAYS)
    wall = time.perf_counter() - begin
    yield Row(f"least lost margin: {size[1]:,} variables, {size[0]:,} rows", wall, "s", 30)


def workbook_rows() -> Iterator[Row]:
    """A workbook of 50,000 purchase lines, with the sample's other sheets."""
    import polars as pl

    from kanmon.company import SAMPLE
    from kanmon.company.answer import answer
    from kanmon.company.lines import Asked
    from kanmon.company.read import read_company
    from kanmon.measure.load import find
    from kanmon.report.company_xlsx import write_workbook

    with TemporaryDirectory() as place:
        folder = Path(place)
        for file in SAMPLE.glob("*.csv"):
            if "ledger" not in file.name:
                (folder / file.name).write_bytes(file.read_bytes())
        ledger = pl.read_csv(SAMPLE / "purchase_ledger.csv", infer_schema=False)
        many = pl.concat([ledger.with_columns(purch_doc=pl.col("purch_doc") + f"-{k}") for k in range(7)])
        many.head(50_000).write_csv(folder / "purchase_ledger.csv")
        company = read_company(folder)
        asked = Asked((find("CN-2026-01"),), date(2026, 1, 6), "JPN", "sample")
        found = answer(company, asked, scenarios=("in_force",), main="measure")
        begin = time.perf_counter()
        write_workbook(found, "in_force", folder / "answer.xlsx")
        wall = time.perf_counter() - begin
    yield Row("workbook of 50,000 purchase lines, 24 columns", wall, "s", 10)


def rows() -> Iterator[Row]:
    """All measurements of this file."""
    yield from cover_rows()
    yield from programme_rows()
    yield from workbook_rows()
