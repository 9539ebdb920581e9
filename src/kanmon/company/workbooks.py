"""Workbooks as grids of text: hidden sheets named, merged areas told, material declarations recognised."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence

from ..core.errors import InputError, Problem
from . import declarations
from .files import Sheet, content_sheet, from_grid

LARGEST = 1 << 30
"""Bytes a sheet may unfold to; a workbook that says more is not read for merged areas."""
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_FIRST = re.compile(rb'<dimension ref="([A-Z]+)\d+')


def read_workbook(file: str, data: bytes, digest: str) -> list[Sheet]:
    """Every visible sheet that holds anything, or the one table of a material declaration."""
    import fastexcel

    try:
        book = fastexcel.read_excel(data)
        found = {
            name: book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            for name in book.sheet_names
        }
        grids = {name: _grid(sheet.to_polars().rows()) for name, sheet in found.items()}
    except Exception as error:  # the library raises many kinds for files that are no workbooks
        raise InputError(Problem("not an Excel workbook", file, str(error).splitlines()[0])) from error
    if declarations.is_declaration(grids):
        return [content_sheet(file, digest, "workbook", declarations.read_workbook(grids, file))]
    hidden = [name for name, sheet in found.items() if sheet.visible != "visible" and _filled(grids[name])]
    faults = [
        Problem(
            "a hidden sheet was not read",
            f"{file}#{name}",
            "a sheet put out of sight is often an older copy",
            "show it in the workbook if it counts",
        )
        for name in hidden
    ]
    shown = [name for name, grid in grids.items() if name not in hidden and _filled(grid)]
    if not shown:
        raise InputError([Problem("the workbook holds no visible table", file, fix="leave it out"), *faults])
    areas = _merged(data)
    sheets = []
    for name in shown:
        inside = _texts(grids[name], areas.get(name, ()))
        told = faults if name == shown[0] else []
        sheets.append(from_grid(file, name, digest, "workbook", grids[name], told, inside))
    return sheets


def _grid(rows: Sequence[Sequence[str | None]]) -> list[list[str]]:
    return [["" if cell is None else cell for cell in row] for row in rows]


def _filled(grid: Sequence[Sequence[str]]) -> bool:
    return any(cell.strip() for row in grid for cell in row)


Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, from 0."""


def _texts(grid: Sequence[Sequence[str]], areas: Sequence[Area]) -> dict[tuple[int, int], str]:
    """(row, column) of cells below the first of a merged area -> the text of the area."""
    found: dict[tuple[int, int], str] = {}
    for top, left, bottom, _ in areas:
        if top < len(grid) and 0 <= left < len(grid[top]):
            found |= dict.fromkeys(((row, left) for row in range(top + 1, bottom + 1)), grid[top][left])
    return found


def _merged(data: bytes) -> Mapping[str, Sequence[Area]]:
    """Sheet -> its merged areas; empty for workbooks that are not zip archives of XML."""
    from .declarations_xml import parse

    found: dict[str, Sequence[Area]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            names = set(book.namelist())
            if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
                return {}
            links = parse(book.read("xl/_rels/workbook.xml.rels"), "workbook")
            paths = {n.told.get("id", ""): n.told.get("target", "") for n in links.below()}
            for node in parse(book.read("xl/workbook.xml"), "workbook").below():
                if node.name != "sheet":
                    continue
                target = paths.get(node.told.get("id", ""), "")
                path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                if path in names and book.getinfo(path).file_size < LARGEST:
                    found[node.told.get("name", "")] = _areas(book.read(path))
    except (zipfile.BadZipFile, InputError):
        return {}
    return found


def _areas(xml: bytes) -> list[Area]:
    start = _FIRST.search(xml)
    left = _column(start[1]) if start else 0
    return [
        (int(top) - 1, _column(a) - left, int(bottom) - 1, _column(b) - left)
        for a, top, b, bottom in _MERGED.findall(xml)
    ]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number - 1
