"""The readers on real tables (beside the checkout): known flows, known totals, either order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import kanmon as km
from kanmon.core.errors import InputError
from kanmon.world.tables import read_table

SHARED = Path(__file__).parents[3] / "shared" / "data"
ICIO = SHARED / "icio2022" / "icio2022_80x50_exact.npz"
WIOD = SHARED / "wiod2013"
needs_icio = pytest.mark.skipif(not ICIO.exists(), reason="the real table is not beside the checkout")
needs_wiod = pytest.mark.skipif(not WIOD.exists(), reason="the real tables are not beside the checkout")
KEPT = ["CHN", "JPN"]


@pytest.fixture(scope="module")
def icio() -> km.Table:
    return km.Table.from_icio(ICIO)


def known_flows(table: km.Table, rel: float = 1e-3) -> None:
    """Published values; a table read in the wrong order has others (held by the test below)."""
    assert table.flow("CHN", "JPN") == pytest.approx(117.8e3, rel=rel)
    assert table.flow("CHN", "JPN", "C26") == pytest.approx(22.43e3, rel=rel)


@needs_icio
def test_icio_values(icio: km.Table) -> None:
    known_flows(icio)
    assert icio.flow("JPN", "CHN") == pytest.approx(143.5e3, rel=1e-3)
    assert icio.x.sum() == pytest.approx(192.419e6, rel=1e-5)
    assert icio.year == 2022
    assert icio.seen
    by_law = {f.law: f for f in icio.findings}
    assert by_law["live industries"].count == 51
    over = by_law["columns within output"]
    assert over.severity == "warn"
    assert [(c.region, c.sector, round(c.gap, 4)) for c in over.worst] == [
        ("ISL", "C21", 12.3992),
        ("CYP", "H51", 3.8287),
    ]


@needs_icio
def test_icio_is_the_embedded_table(icio: km.Table) -> None:
    embedded = km.World.default().table
    assert icio.regions == embedded.regions
    assert icio.sectors == embedded.sectors
    assert np.array_equal(icio.Z, embedded.Z)
    assert np.array_equal(icio.x, embedded.x)


@needs_icio
def test_the_known_flows_tell_the_orders_apart(icio: km.Table, tmp_path: Path) -> None:
    keep = km.Table.from_icio(ICIO, regions=KEPT)
    known_flows(keep)
    assert keep.regions == ("CHN", "JPN", "ROW")
    assert keep.x.sum() == pytest.approx(icio.x.sum(), rel=1e-12)
    path = tmp_path / "turned_2022.npz"
    np.savez(path, Z=keep.Z, x=keep.x, regions=keep.regions, sectors=keep.sectors)
    known_flows(km.Table.from_plain(path, order="country-major"))
    wrong = km.Table.from_plain(path, order="sector-major", check=False)
    assert wrong.flow("CHN", "JPN") != pytest.approx(117.8e3, rel=0.01)


@needs_icio
@pytest.mark.parametrize("by_sector", [False, True])
def test_icio_written_to_the_csv_layout(tmp_path: Path, by_sector: bool) -> None:
    """Real values in the publisher's layout, final use summed over destinations; rows in either order."""
    table = km.Table.from_icio(ICIO, regions=[*KEPT, "DEU", "USA"])
    names = [f"{r}_{s}" for r, s in table.labels]
    order = list(range(len(names)))
    if by_sector:
        S = len(table.sectors)
        order = [r * S + s for s in range(S) for r in range(len(table.regions))]
    columns: dict[str, object] = {"V1": [names[k] for k in order]}
    columns |= {names[k]: table.Z[order, k] for k in order}
    final = table.io.final
    columns |= {"ROW_HFCE": 0.75 * final[order], "ROW_GFCF": 0.25 * final[order], "OUT": table.x[order]}
    path = tmp_path / "2022_SML.csv"
    pl.DataFrame(columns).write_csv(path)
    read = read_table(path)
    known_flows(read)
    assert read.kind == "icio"
    assert read.final is not None
    assert read.final.sum() == pytest.approx(final.sum())
    assert {f.law for f in read.findings} <= {"live industries"}


@needs_icio
def test_single_precision_keeps_the_flows() -> None:
    table = km.Table.from_icio(ICIO, regions=KEPT, dtype="float32")
    known_flows(table)
    assert table.Z.dtype == np.float32


@needs_wiod
@pytest.mark.parametrize(("year", "total"), [(2009, 114.2e6), (2010, 125.84e6), (2011, 141.8e6)])
def test_wiod_values(year: int, total: float) -> None:
    table = read_table(WIOD / f"wiod{year}.npz")
    assert table.kind == "wiod"
    assert table.year == year
    assert table.x.sum() == pytest.approx(total, rel=1e-3)
    assert table.final is not None
    assert table.final.shape == (1435, 205)
    assert "ROU" in table.regions
    assert "ROM" not in table.regions
    assert table.regions[-1] == "ROW"
    rows = next(f for f in table.findings if f.law == "row balance")
    assert rows.severity == "warn"
    assert abs(rows.worst[0].gap) <= 108
    assert (table.value_added >= 0).all()
    imported = table.flow("CHN", "JPN")
    own = table.flow("JPN", "JPN")
    whole = table.Z[:, table.node("JPN", "c1") : table.node("JPN", "c35") + 1].sum()
    if year == 2010:
        assert imported / (whole - own) == pytest.approx(0.139, abs=0.001)


@needs_wiod
def test_wiod_may_not_be_read_as_something_else() -> None:
    with pytest.raises(InputError):
        km.Table.from_icio(WIOD / "wiod2010.npz")
    with pytest.raises(InputError, match="order of the rows"):
        km.Table.from_plain(WIOD / "wiod2010.npz")
