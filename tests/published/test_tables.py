"""Own tables in, and the checks: labels decide, every problem at once, nothing is guessed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


@given(order=st.permutations(range(N)), kept=st.sets(st.sampled_from(REGIONS[:2])))
@settings(max_examples=15)
def test_any_order_and_any_regions_keep_every_flow(order: list[int], kept: set[str]) -> None:
    economy = Economy(5)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "own_2020.csv"
        economy.frame(order).write_csv(path)
        table = read_table(path, regions=sorted(kept))
    assert set(table.regions) == {*kept, "ROW"}
    assert not table.findings
    regions = [r if r in kept else "ROW" for r in REGIONS]
    blocks = economy.Z.reshape(3, 2, 3, 2)
    for seller in table.regions:
        for buyer in table.regions:
            for k, sector in enumerate(SECTORS):
                pairs = [
                    blocks[a, k, b].sum()
                    for a in range(3)
                    for b in range(3)
                    if (regions[a], regions[b]) == (seller, buyer)
                ]
                assert table.flow(seller, buyer, sector) == pytest.approx(sum(pairs))


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


# --- bad input: named, all at once ------------------------------------------------------------------------


def written(tmp_path: Path, frame: pl.DataFrame) -> Path:
    path = tmp_path / "own_2020.csv"
    frame.write_csv(path)
    return path


def test_cells_without_a_number_are_named(tmp_path: Path, economy: Economy) -> None:
    economy.Z[1, 2] = np.nan
    economy.Z[4, 0] = np.inf
    with pytest.raises(InputError) as caught:
        read_table(written(tmp_path, economy.frame()))
    text = str(caught.value)
    assert "2 cells hold no number" in text
    assert "row AAA s_2, column BBB_s_1" in text
    assert "row ROW s_1, column AAA_s_1" in text


def test_text_in_the_numbers_is_found_by_line_and_column(tmp_path: Path, economy: Economy) -> None:
    path = written(tmp_path, economy.frame())
    lines = path.read_text().splitlines()
    cells = lines[3].split(",")
    cells[4] = "n.a."
    lines[3] = ",".join(cells)
    lines[5] += ",9"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError) as caught:
        read_table(path)
    text = str(caught.value)
    assert "'n.a.' is not a number" in text
    assert "line 4, column 5" in text
    assert "line 6 has 16 cells, not 15" in text


def test_labels_twice_and_missing_are_named_at_once(tmp_path: Path, economy: Economy) -> None:
    frame = economy.frame().drop("BBB_s_2")
    frame = pl.concat([frame, frame.head(1)])
    with pytest.raises(InputError) as caught:
        read_table(written(tmp_path, frame))
    text = str(caught.value)
    assert "1 row labels stand twice: AAA s_1" in text
    assert "1 rows without a column of their name: BBB s_2" in text


def test_a_sector_that_one_region_lacks_is_named(tmp_path: Path, economy: Economy) -> None:
    frame = economy.frame()
    frame = frame.filter(~((pl.col("region") == "BBB") & (pl.col("sector") == "s_2"))).drop("BBB_s_2")
    with pytest.raises(InputError, match="1 rows are missing: BBB s_2"):
        read_table(written(tmp_path, frame))


def test_a_column_of_no_region_is_named(tmp_path: Path, economy: Economy) -> None:
    with pytest.raises(InputError, match="1 columns belong to no region of the rows: QQQ_s_1"):
        read_table(written(tmp_path, economy.frame().with_columns(pl.lit(1.0).alias("QQQ_s_1"))))


def test_a_column_above_output_is_refused_and_can_be_looked_at(tmp_path: Path, economy: Economy) -> None:
    economy.Z[:, 3] += 60.0
    economy.x = economy.Z.sum(1) + economy.Y.sum(1)
    economy.x[3] = 20.0
    economy.va = economy.x - economy.Z.sum(0)
    path = written(tmp_path, economy.frame())
    with pytest.raises(InputError) as caught:
        read_table(path)
    text = str(caught.value)
    assert "1 industries buy more than they produce" in text
    assert "BBB s_2: 20, gap" in text
    assert "do not add up to output" in text
    table = read_table(path, check=False)
    refused = [f for f in table.findings if f.severity == "refuse"]
    assert {f.law for f in refused} == {"columns within output", "row balance"}
    assert refused[0].worst[0].gap == pytest.approx(economy.Z[:, 3].sum() - 20.0)


def test_small_faults_are_warned_of_with_the_worst_cell(tmp_path: Path, economy: Economy) -> None:
    economy.Z[2, 5] = -0.25
    economy.Y[2, 0] += 0.5
    economy.Z[4] = economy.Z[:, 4] = 0.0
    economy.Y[4] = 0.0
    economy.x = economy.Z.sum(1) + economy.Y.sum(1)
    economy.va = economy.x - economy.Z.sum(0)
    economy.x[0] += 0.125
    economy.va[0] += 0.125
    table = read_table(written(tmp_path, economy.frame()))
    by_law = {f.law: f for f in table.findings}
    assert set(by_law) == {"flows not negative", "row balance", "live industries"}
    assert all(f.severity == "warn" for f in table.findings)
    cell = by_law["flows not negative"].worst[0]
    assert (cell.region, cell.sector, cell.buyer, cell.value) == ("BBB", "s_1", ("ROW", "s_2"), -0.25)
    assert str(by_law["row balance"].worst[0]).startswith("AAA s_1")
    assert by_law["row balance"].worst[0].gap == pytest.approx(-0.125)
    assert by_law["live industries"].worst[0].sector == "s_1"


def test_stocks_run_down_are_warned_of(tmp_path: Path, economy: Economy) -> None:
    economy.Y[3] -= 10.0
    economy.x = economy.Z.sum(1) + economy.Y.sum(1)
    economy.va = economy.x - economy.Z.sum(0)
    (found,) = [
        f
        for f in read_table(written(tmp_path, economy.frame()), check=False).findings
        if f.law.startswith("final")
    ]
    assert found.severity == "warn"
    assert [(c.region, c.sector) for c in found.worst] == [("BBB", "s_2")]
    assert found.worst[0].gap == pytest.approx(economy.Y[3].sum())


def test_many_negative_flows_and_negative_output_are_refused(tmp_path: Path, economy: Economy) -> None:
    economy.Z[0, 1] = -30.0
    economy.x = economy.Z.sum(1) + economy.Y.sum(1)
    economy.x[1] = -1.0
    with pytest.raises(InputError) as caught:
        read_table(written(tmp_path, economy.frame()))
    assert "output is negative" in str(caught.value)
    assert "1 flows are negative" in str(caught.value)


def test_too_large_a_table_is_refused_before_it_is_loaded(tmp_path: Path, economy: Economy) -> None:
    path = written(tmp_path, economy.frame())
    need = N * (N + 6) * 8
    with pytest.raises(InputError) as caught:
        read_table(path, memory=need)
    text = str(caught.value)
    assert "float32" in text
    assert "--regions" in text
    assert read_table(path, memory=need, dtype="float32").Z.dtype == np.float32
    assert len(read_table(path, memory=need, regions=["AAA"]).regions) == 2


def test_memory_of_this_machine_is_known() -> None:
    from kanmon.world.tables.memory import free_memory

    free = free_memory()
    assert free is None or free > 1 << 20


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kind": "icoi"}, "no format is called 'icoi'"),
        ({"dtype": "int8"}, "held as int8"),
        ({"kind": "figaro"}, "has no area"),
    ],
)
def test_wrong_wishes_are_named(tmp_path: Path, economy: Economy, options: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_table(written(tmp_path, economy.frame()), **options)  # type: ignore[arg-type]


def test_the_year_is_never_guessed(tmp_path: Path, economy: Economy) -> None:
    path = tmp_path / "mine.csv"
    economy.frame().write_csv(path)
    with pytest.raises(InputError, match="year of the table is not known"):
        read_table(path)
    assert read_table(path, year=2019).year == 2019


def test_a_missing_file_is_said() -> None:
    with pytest.raises(InputError, match="no such file"):
        read_table("nowhere/table.csv")
