"""Each published layout, written small from its documentation, reads back to the same table."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import kanmon as km
from kanmon.core.errors import InputError
from kanmon.world.tables import read_table

S = ("A01", "C17_18", "C26")
R = ("DEU", "MEX", "USA", "ROW")
C = ("HFCE", "GFCF")
N, F = len(R) * len(S), len(R) * len(C)
NODES = [(r, s) for r in R for s in S]


class Economy:
    """Balanced flows, final demand, output and value added, in the order of NODES."""

    def __init__(self) -> None:
        rng = np.random.default_rng(7)
        self.Z = np.round(rng.uniform(1, 5, (N, N)), 3)
        self.Y = np.round(rng.uniform(5, 9, (N, F)), 3)
        self.x = self.Z.sum(1) + self.Y.sum(1)
        self.va = self.x - self.Z.sum(0)


@pytest.fixture(scope="module")
def economy() -> Economy:
    return Economy()


def same(table: km.Table, e: Economy, nodes: list[tuple[str, str]] = NODES) -> None:
    at = [table.labels.index(node) for node in nodes]
    assert table.Z[np.ix_(at, at)] == pytest.approx(e.Z, abs=1e-9)
    assert table.x[at] == pytest.approx(e.x)
    assert table.value_added[at] == pytest.approx(e.va)
    assert table.final is not None
    assert table.final.sum() == pytest.approx(e.Y.sum())
    assert not table.findings
    assert not table.seen
    assert any("not been run on a real file" in note for note in table.notes)
    assert len(table.sha256) == 64


def line(cells: list[object], separator: str = ",") -> str:
    return separator.join(str(c) for c in cells) + "\n"


# --- ICIO ----------------------------------------------------------------------------------------------


def icio_csv(e: Economy, *, turned: bool = False, extended: bool = False) -> str:
    def label(region: str, rest: str) -> str:
        return f"{rest}_{region}" if turned else f"{region}_{rest}"

    nodes, Z, va, x, Y = list(NODES), e.Z, e.va, e.x, e.Y
    if extended:  # one economy in two parts, 30 and 70 per cent of its rows and columns
        part = np.zeros((N + len(S), N))
        part[np.arange(N), np.arange(N)] = 1.0
        for k, (region, sector) in enumerate(NODES):
            if region == "MEX":
                part[k, k] = 0.3
                part[N + S.index(sector), k] = 0.7
        nodes = [("MX1" if r == "MEX" else r, s) for r, s in NODES] + [("MX2", s) for s in S]
        Z, va, x, Y = part @ Z @ part.T, part @ va, part @ x, part @ Y
    finals = [label(r, c) for r in R for c in C]
    out = line(["V1", *(label(r, s) for r, s in nodes), *finals, "OUT"])
    for k, (r, s) in enumerate(nodes):
        out += line([label(r, s), *Z[k], *Y[k], x[k]])
    out += line(["TLS", *(0.25 * va), *([0.0] * F), 0.25 * va.sum()])
    out += line(["VA", *(0.75 * va), *([0.0] * F), 0.75 * va.sum()])
    return out + line(["OUT", *x, *Y.sum(0), x.sum()])


@pytest.mark.parametrize("shape", ["regular", "turned", "extended"])
def test_icio_csv(tmp_path: Path, economy: Economy, shape: str) -> None:
    path = tmp_path / "2021_SML.csv"
    path.write_text(icio_csv(economy, turned=shape == "turned", extended=shape == "extended"))
    table = read_table(path)
    assert table.kind == "icio"
    assert table.year == 2021
    at = [table.labels.index(node) for node in NODES]
    assert table.Z[np.ix_(at, at)] == pytest.approx(economy.Z)
    assert table.value_added[at] == pytest.approx(0.75 * economy.va)
    assert dict(table.primary)["TLS"][at] == pytest.approx(0.25 * economy.va)
    assert not table.findings
    assert ("MEX is the sum of MX1, MX2" in table.notes) == (shape == "extended")


def test_icio_inside_a_zip_needs_a_year(tmp_path: Path, economy: Economy) -> None:
    path = tmp_path / "2016-2022_SML.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2021_SML.csv", icio_csv(economy))
        archive.writestr("2022_SML.csv", icio_csv(economy).replace("HFCE", "NPISH"))
    with pytest.raises(InputError, match="2021, 2022"):
        read_table(path)
    table = read_table(path, year=2022)
    assert table.year == 2022
    assert ("DEU", "NPISH") in table.final_labels


def test_gzip_and_cut_gzip(tmp_path: Path, economy: Economy) -> None:
    whole = gzip.compress(icio_csv(economy).encode())
    path = tmp_path / "2021_SML.csv.gz"
    path.write_bytes(whole)
    assert read_table(path).x.sum() == pytest.approx(economy.x.sum())
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="cannot be read to its end"):
        read_table(path, kind="icio")


def test_regions_are_summed_while_reading(tmp_path: Path, economy: Economy) -> None:
    path = tmp_path / "2021_SML.csv"
    path.write_text(icio_csv(economy))
    table = read_table(path, regions=["USA", "DEU"], dtype="float32")
    assert table.regions == ("DEU", "USA", "ROW")
    assert table.Z.dtype == np.float32
    whole = economy.Z.reshape(4, 3, 4, 3)
    rest = whole[[1, 3]][:, :, [1, 3]].sum(axis=(0, 2))
    at = table.node("ROW", "A01")
    assert table.Z[at : at + 3, at : at + 3] == pytest.approx(rest, rel=1e-6)
    assert table.x.sum() == pytest.approx(economy.x.sum())
    assert not table.findings
    with pytest.raises(InputError, match="no economy 'XXX'"):
        read_table(path, regions=["XXX"])


# --- WIOD ----------------------------------------------------------------------------------------------


def wiod_sheet(e: Economy, codes: tuple[str, ...], *, release: int) -> str:
    """The sheet as a spreadsheet saves it: titles, four header lines, four label columns, totals below."""
    uses = [f"c{len(S) + k + 1}" if release == 2013 else f"USE{k}" for k in range(len(C))]
    regions = ["RoW" if r == "ROW" else r for r in R]
    total = "c99" if release == 2013 else "GO"
    heads: list[list[object]] = [["", "", "", ""] for _ in range(4)]
    columns = [(c, f"name, of {c}", r, f"c{k + 1}") for r in regions for k, c in enumerate(codes)]
    columns += [(u, f"use {u}", r, f"c{len(S) + k + 1}") for r in regions for k, u in enumerate(uses)]
    columns.append((total, "Total output", "TOT", "c99"))
    text = line([f"World Input-Output Table, {2007}"]) + line(["(millions of US$)"])
    for k, head in enumerate(heads):
        text += line([*head, *(f'"{c[k]}"' for c in columns)])
    for k, (r, s) in enumerate((r, s) for r in regions for s in range(len(S))):
        text += line([codes[s], f'"name, of {codes[s]}"', r, f"c{s + 1}", *e.Z[k], *e.Y[k], e.x[k]])
    below = [
        ("r60", "II_fob", "Total intermediate consumption", e.Z.sum(0)),
        ("r61", "TXSP", "taxes less subsidies on products", 0.1 * e.va),
        ("r64", "VA", "Value added at basic prices", 0.9 * e.va),
        ("r69", "GO", "Output at basic prices", e.x),
    ]
    for old, new, name, row in below:
        code = old if release == 2013 else new
        text += line([code, name, "TOT", old, *row, *e.Y.sum(0), row.sum()])
    return text


@pytest.mark.parametrize(("codes", "release"), [(("c1", "c2", "c3"), 2013), (S, 2016)])
def test_wiod_sheet(tmp_path: Path, economy: Economy, codes: tuple[str, ...], release: int) -> None:
    path = tmp_path / "WIOT07.csv"
    path.write_text(wiod_sheet(economy, codes, release=release))
    table = read_table(path)
    assert table.kind == "wiod"
    assert table.year == 2007
    assert table.sectors == codes
    at = [table.labels.index((r, codes[S.index(s)])) for r, s in NODES]
    assert table.Z[np.ix_(at, at)] == pytest.approx(economy.Z)
    assert table.x[at] == pytest.approx(economy.x)
    assert table.value_added[at] == pytest.approx(0.9 * economy.va)
    assert table.final is not None
    assert table.final.shape == (N, F)
    assert not table.findings


def test_wiod_2016_as_in_r_and_stata(tmp_path: Path, economy: Economy) -> None:
    e = economy
    head = ["IndustryCode", "IndustryDescription", "Country", "RNr", "Year"]
    head += [f"v{r}{k + 1}" for r in R for k in range(len(S))]
    head += [f"v{r}{k + 57}" for r in R for k in range(len(C))]
    text = line([*head, "TOT"])
    for k, (r, s) in enumerate(NODES):
        text += line([s, f'"name, of {s}"', r, S.index(s) + 1, 2014, *e.Z[k], *e.Y[k], e.x[k]])
    for code, row in (("II_fob", e.Z.sum(0)), ("TXSP", 0 * e.va), ("VA", e.va), ("GO", e.x)):
        text += line([code, "text", "TOT", 70, 2014, *row, *([0] * F), row.sum()])
    path = tmp_path / "wiot.csv"
    path.write_text(text)
    table = read_table(path)
    assert table.kind == "wiod"
    assert table.year == 2014
    same(table, e)


# --- EXIOBASE ------------------------------------------------------------------------------------------


def exiobase(folder: Path, e: Economy, *, coefficients: bool) -> None:
    folder.mkdir()
    codes = {"DEU": "DE", "MEX": "MX", "USA": "US", "ROW": "WA"}
    nodes = [(codes[r], f"Sector {s}") for r, s in NODES]
    finals = [(codes[r], c) for r in R for c in C]

    def matrix(name: str, columns: list[tuple[str, str]], values: np.ndarray, second: str) -> None:
        text = line(["region", "", *(c[0] for c in columns)], "\t")
        text += line([second, "", *(c[1] for c in columns)], "\t")
        text += line(["region", "sector", *([""] * len(columns))], "\t")
        for node, row in zip(nodes, values, strict=True):
            text += line([*node, *row], "\t")
        (folder / name).write_text(text)

    if coefficients:
        matrix("A.txt", nodes, e.Z / e.x, "sector")
    else:
        matrix("Z.txt", nodes, e.Z, "sector")
    matrix("Y.txt", finals, e.Y, "category")
    x = line(["region", "sector", "indout"], "\t")
    (folder / "x.txt").write_text(x + "".join(line([*n, v], "\t") for n, v in zip(nodes, e.x, strict=True)))
    unit = line(["region", "sector", "unit"], "\t")
    (folder / "unit.txt").write_text(unit + "".join(line([*n, "M.EUR"], "\t") for n in nodes))


@pytest.mark.parametrize("coefficients", [False, True])
def test_exiobase(tmp_path: Path, economy: Economy, coefficients: bool) -> None:
    folder = tmp_path / "IOT_2015_ixi"
    exiobase(folder, economy, coefficients=coefficients)
    table = read_table(folder)
    assert table.kind == "exiobase"
    assert table.year == 2015
    assert table.unit == "EUR million"
    same(table, economy, [("WA" if r == "ROW" else r, f"Sector {s}") for r, s in NODES])


def test_exiobase_names_everything_that_is_missing(tmp_path: Path, economy: Economy) -> None:
    folder = tmp_path / "IOT_2015_ixi"
    exiobase(folder, economy, coefficients=True)
    (folder / "x.txt").unlink()
    (folder / "Y.txt").unlink()
    with pytest.raises(InputError) as caught:
        km.Table.from_exiobase(folder)
    assert len(caught.value.problems) == 2


# --- FIGARO --------------------------------------------------------------------------------------------

AREAS = {"DEU": "DE", "MEX": "MX", "USA": "US", "ROW": "FIGW1"}
USES = {"HFCE": "P3_S14", "GFCF": "P51G"}


def figaro_cells(e: Economy) -> list[tuple[str, str, str, str, float]]:
    cells = []
    columns = [*NODES, *((r, USES[c]) for r in R for c in C)]
    for k, (r, s) in enumerate(NODES):
        values = [*e.Z[k], *e.Y[k]]
        cells += [(AREAS[r], s, AREAS[a], c, v) for (a, c), v in zip(columns, values, strict=True)]
    for code, share in (("B2A3G", 0.4), ("D1", 0.6)):
        cells += [("W2", code, AREAS[a], c, share * v) for (a, c), v in zip(NODES, e.va, strict=True)]
    return cells


@pytest.mark.parametrize("words", [("rowIi", "colIi"), ("rowCode", "colCode")])
def test_figaro_flat(tmp_path: Path, economy: Economy, words: tuple[str, str]) -> None:
    path = tmp_path / "flatfile_eu-ic-io_ind-by-ind_25ed_2019.csv"
    text = line(["refArea", words[0], "counterpartArea", words[1], "obsValue"])
    cells = figaro_cells(economy)
    path.write_text(text + "".join(line(list(c)) for c in cells))
    table = read_table(path)
    assert table.kind == "figaro"
    assert table.year == 2019
    same(table, economy)
    path.write_text(text + "".join(line(list(c)) for c in [*cells, cells[3]]))
    with pytest.raises(InputError, match="1 cells stand twice"):
        read_table(path)


def test_figaro_matrix(tmp_path: Path, economy: Economy) -> None:
    path = tmp_path / "matrix_eu-ic-io_ind-by-ind_25ed_2019.csv"
    cells = figaro_cells(economy)
    columns = list(dict.fromkeys(f"{c[2]}_{c[3]}" for c in cells))
    values = {(f"{a}_{b}", f"{c}_{d}"): v for a, b, c, d, v in cells}
    text = line(["rowLabels", *columns])
    for row in dict.fromkeys(k[0] for k in values):
        text += line([row, *(values.get((row, c), 0.0) for c in columns)])
    path.write_text(text)
    table = read_table(path)
    assert table.kind == "figaro"
    same(table, economy)


# --- Eora26 --------------------------------------------------------------------------------------------


def test_eora(tmp_path: Path, economy: Economy) -> None:
    e, folder = economy, tmp_path / "Eora26_2015_bp"
    folder.mkdir()
    odd_row, odd_col = np.full(N, 0.01), np.full(N, 0.02)
    T = np.block([[e.Z, odd_col[:, None]], [odd_row[None, :], np.zeros((1, 1))]])
    FD = np.vstack([e.Y - odd_col[:, None] / F, np.full((1, F), 0.5)])
    VA = np.vstack([0.7 * (e.va - odd_row), 0.3 * (e.va - odd_row)])
    VA = np.hstack([VA, np.zeros((2, 1))])

    def write(name: str, values: np.ndarray) -> None:
        (folder / f"Eora26_2015_bp_{name}.txt").write_text("".join(line(list(r), "\t") for r in values))

    write("T", T)
    write("FD", FD)
    write("VA", VA)
    rows = [["Some land", r, "Industries", s, ""] for r, s in NODES] + [["Rest", "ROW", "TOTAL", "TOTAL", ""]]
    (folder / "labels_T.txt").write_text("".join(line(list(r), "\t") for r in rows), "latin-1")
    uses = [["Land", r, "Final demand", c, ""] for r in R for c in C]
    (folder / "labels_FD.txt").write_text("".join(line(list(r), "\t") for r in uses))
    (folder / "labels_VA.txt").write_text("Primary Inputs\tWages\t\nPrimary Inputs\tSurplus\t\n")
    table = read_table(folder)
    assert table.kind == "eora"
    assert table.unit == "USD thousand"
    assert table.regions == R
    assert table.x.sum() == pytest.approx(e.x.sum())
    assert table.value_added.sum() == pytest.approx(e.va.sum() - odd_row.sum())
    assert not table.findings
    assert "statistical discrepancy" in dict(table.primary)
    (folder / "labels_FD.txt").write_text("".join(line(list(r), "\t") for r in uses[1:]))
    with pytest.raises(InputError, match="8 columns, but 7 labels"):
        read_table(folder)


# --- finding the format --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "write", "said"),
    [
        ("notes_2020.txt", lambda p: p.write_text("dear reader,\nno table here\n"), "not known"),
        ("empty_2020.csv", lambda p: p.write_text(""), "the file is empty"),
        ("book.xlsx", lambda p: p.write_bytes(b"PK\x03\x04rest"), "workbook"),
        ("cut.npz", lambda p: p.write_bytes(b"PK\x03\x04rest"), "not an npz"),
    ],
)
def test_what_is_no_table_is_said(
    tmp_path: Path, name: str, write: Callable[[Path], object], said: str
) -> None:
    path = tmp_path / name
    write(path)
    with pytest.raises(InputError, match=said):
        read_table(path)


def test_an_archive_of_closed_files_says_how_to_save_them(tmp_path: Path) -> None:
    path = tmp_path / "WIOTS_in_Stata.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("WIOT2014_October16_ROW.dta", b"<stata>")
    with pytest.raises(InputError, match="export delimited"):
        read_table(path)


def test_two_formats_in_one_folder_are_candidates(tmp_path: Path, economy: Economy) -> None:
    folder = tmp_path / "both_2015"
    exiobase(folder, economy, coefficients=False)
    (folder / "Eora26_2015_bp_T.txt").write_text("1\n")
    (folder / "labels_T.txt").write_text("a\tAAA\tx\ty\n")
    with pytest.raises(InputError, match="candidates: eora, exiobase"):
        read_table(folder)
    assert km.Table.from_exiobase(folder).kind == "exiobase"
