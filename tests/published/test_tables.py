"""Own tables in, and the checks: labels decide, every problem at once, nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import kanmon as km
from kanmon.core.errors import InputError
from kanmon.world.tables import read_table

REGIONS, SECTORS, FINALS = ("AAA", "BBB", "ROW"), ("s_1", "s_2"), ("hh", "gov")
N = len(REGIONS) * len(SECTORS)


class Economy:
    """A balanced table of three regions and two sectors, and its files."""

    def __init__(self, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self.Z = np.round(rng.uniform(1, 5, (N, N)), 2)
        self.Y = np.round(rng.uniform(5, 9, (N, len(REGIONS) * len(FINALS))), 2)
        self.x = self.Z.sum(1) + self.Y.sum(1)
        self.va = self.x - self.Z.sum(0)
        self.nodes = [(r, s) for r in REGIONS for s in SECTORS]
        self.finals = [(r, f) for r in REGIONS for f in FINALS]

    def frame(self, order: list[int] | None = None) -> pl.DataFrame:
        """The wide table with its rows and industry columns in this order."""
        order = order or list(range(N))
        columns: dict[str, object] = {
            "region": [self.nodes[k][0] for k in order] + ["VA"],
            "sector": [self.nodes[k][1] for k in order] + [""],
        }
        for k in order:
            columns["_".join(self.nodes[k])] = [*self.Z[order, k], self.va[k]]
        for k, (region, use) in enumerate(self.finals):
            columns[f"{region}_{use}"] = [*self.Y[order, k], None]
        columns["x"] = [*self.x[order], None]
        return pl.DataFrame(columns, strict=False)


@pytest.fixture
def economy() -> Economy:
    return Economy()


def same(table: km.Table, economy: Economy) -> None:
    order = [table.labels.index(node) for node in economy.nodes]
    assert table.Z[np.ix_(order, order)] == pytest.approx(economy.Z)
    assert table.x[order] == pytest.approx(economy.x)
    assert table.value_added[order] == pytest.approx(economy.va)


def sector_major() -> list[int]:
    return [r * len(SECTORS) + s for s in range(len(SECTORS)) for r in range(len(REGIONS))]


@pytest.mark.parametrize("order", [None, sector_major(), [3, 0, 5, 1, 4, 2]])
@pytest.mark.parametrize("ending", ["csv", "parquet", "csv.gz"])
def test_labels_decide_whatever_the_order(
    tmp_path: Path, economy: Economy, order: list[int] | None, ending: str
) -> None:
    path = tmp_path / f"own_2020.{ending}"
    frame = economy.frame(order)
    if ending == "parquet":
        frame.write_parquet(path)
    elif ending == "csv":
        frame.write_csv(path)
    else:
        import gzip

        path.write_bytes(gzip.compress(frame.write_csv().encode()))
    table = read_table(path)
    same(table, economy)
    assert table.kind == "plain"
    assert table.year == 2020
    assert table.final is not None
    where = [table.labels.index(node) for node in economy.nodes]
    assert table.final[where] == pytest.approx(economy.Y)
    assert table.final_labels == tuple(economy.finals)
    assert not table.findings
    assert table.io.Z is table.Z
    with pytest.raises(ValueError):
        table.Z[0, 0] = 1


def test_arrays_without_labels_need_their_order(tmp_path: Path, economy: Economy) -> None:
    path = tmp_path / "own_2020.npz"
    np.savez(path, Z=economy.Z, Y=economy.Y, x=economy.x, regions=REGIONS, sectors=SECTORS)
    with pytest.raises(InputError, match="order of the rows is not stated"):
        km.Table.from_plain(path)
    same(km.Table.from_plain(path, order="country-major"), economy)
    turned = tmp_path / "turned_2020.npz"
    k = sector_major()
    np.savez(
        turned, Z=np.asfortranarray(economy.Z[np.ix_(k, k)]), x=economy.x[k], regions=REGIONS, sectors=SECTORS
    )
    same(km.Table.from_plain(turned, order="sector-major"), economy)
    labelled = tmp_path / "labelled_2020.npz"
    np.savez(
        labelled,
        Z=economy.Z[np.ix_(k, k)],
        x=economy.x[k],
        regions=REGIONS,
        sectors=SECTORS,
        row_regions=[economy.nodes[i][0] for i in k],
        row_sectors=[economy.nodes[i][1] for i in k],
    )
    same(km.Table.from_plain(labelled), economy)


def test_a_folder_of_parts_is_one_table(tmp_path: Path, economy: Economy) -> None:
    frame = economy.frame().head(N)
    folder = tmp_path / "own_2020"
    folder.mkdir()
    names = frame.columns
    frame.select(names[: 2 + N]).write_csv(folder / "Z.csv")
    frame.select([*names[:2], *names[2 + N : -1]]).write_csv(folder / "Y.csv")
    frame.select([*names[:2], "x"]).write_csv(folder / "x.csv")
    same(read_table(folder), economy)
    frame.select([*names[:2], "x"]).reverse().write_csv(folder / "x.csv")
    with pytest.raises(InputError, match=r"rows of x\.csv are not those of Z\.csv"):
        read_table(folder)
