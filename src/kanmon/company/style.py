"""How a file writes its numbers and days: which mark is decimal, which order day, month and year have.

A column that settles it is read by itself. Where it does not, the file's other columns tell, then what the
user says in the mapping, then the header's language and the separator; and where nothing tells, a cell that
can be read in two ways is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from .fields import month_number

if TYPE_CHECKING:
    import polars as pl

DECIMAL = {"de": ",", "en": ".", "ja": ".", "zh": "."}
"""Language of a header -> decimal mark that files in it carry."""
ORDER = {"de": "dmy", "ja": "ymd", "zh": "ymd"}
"""Language of a header -> order of day, month and year. English headers stand over both orders."""
YEARS = range(2010, 2040)
"""Years that two digits may stand for in a firm's open books."""

TWO_WAYS = r"^[-+]?[1-9]\d{0,2}[.,]\d{3}$"
"""Cells that are thousands with one decimal mark and three decimals with the other."""
_NUMBER_CELL = r"^[-+]?\d*\.\d*[1-9]$"
"""Cells that a spreadsheet writes for a number: a point, and no nought at the end."""


@dataclass(frozen=True)
class Style:
    """decimal: "," or ".", "" where nothing tells; dates: dmy, mdy, ymd or "".
    exact: cells may be numbers of a workbook, which are written with a point whatever the language.
    """

    decimal: str = "."
    dates: str = ""
    exact: bool = False


def bare(text: pl.Series) -> pl.Series:
    """Numbers without signs of currency, spaces and apostrophes; minus signs of ledgers put in front."""
    plain = text.str.replace_all(r"[\s'’_¥$€£%円元]", "")
    plain = plain.str.replace(r"^\((.+)\)$", "-$1").str.replace(r"^[△▲−–](.+)$", "-$1")
    return plain.str.replace(r"^(.+)-$", "-$1")


def own_mark(cells: pl.Series, *, exact: bool) -> tuple[str, bool]:
    """The decimal mark that a column of bare numbers settles by itself ("" if none), and whether the
    settling cells are text, so that they tell something about the file's other columns.

    "1.234,5" and "1.234.567" settle it; so do "12,34", "1234,567" and "0,500" (no thousand starts with 0).
    """
    told = cells.drop_nulls()
    told = told.filter(told.str.contains(r"[.,]")).unique()
    if not len(told):
        return "", False
    marks = {",": r"\.", ".": ","}
    sure = {mark: _count(told, _sure(re.escape(mark), group)) for mark, group in marks.items()}
    text = told.filter(~told.str.contains(_NUMBER_CELL)) if exact else told
    likely = {mark: _count(text, _likely(re.escape(mark))) for mark in marks}
    for votes in (sure, likely):
        if any(votes.values()):
            return max(votes, key=lambda mark: votes[mark]), True
    lone = told.str.contains(_NUMBER_CELL) & ~told.str.contains(TWO_WAYS)
    return (".", False) if exact and bool(lone.any()) else ("", False)


def _count(cells: pl.Series, pattern: str) -> int:
    return int(cells.str.contains(pattern).sum())


def _sure(mark: str, group: str) -> str:
    """Both marks in one cell, or groups told by repeating them (in the Indian way too, for commas)."""
    indian = r"|^-?\d{1,2}(,\d{2})+,\d{3}(\.\d*)?$" if group == "," else ""
    return rf"^-?\d{{1,3}}({group}\d{{3}})+{mark}\d+$|^-?\d{{1,3}}({group}\d{{3}}){{2,}}$" + indian


def _likely(mark: str) -> str:
    """One mark where no mark of thousands can stand."""
    return rf"^-?\d+{mark}(\d{{1,2}}|\d{{4,}})$|^-?0?{mark}\d+$|^-?\d{{4,}}{mark}\d+$"


def unclear(cells: pl.Series, mark: str, *, exact: bool) -> pl.Series:
    """Cells of bare numbers that cannot be read with that decimal mark, or in one way only."""
    plain = r"^[-+]?\d+$|[eE][-+]?\d+$"
    two = cells.str.contains(TWO_WAYS)
    if mark == ",":
        fits = cells.str.contains(rf"{plain}|^[-+]?\d*,\d+$|^[-+]?\d{{1,3}}(\.\d{{3}})+(,\d*)?$")
        if exact:  # "1.125" is a number cell, or a text with a mark of thousands
            fits &= ~(two & cells.str.contains(_NUMBER_CELL))
    else:
        grouped = r"^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$|^[-+]?\d{1,2}(,\d{2})*,\d{3}(\.\d*)?$"
        fits = cells.str.contains(rf"{plain}|^[-+]?\d*\.\d*$|{grouped}")
        if not mark:
            fits &= ~two
    return ~fits.fill_null(value=True)


def file_mark(columns: Iterable[pl.Series], *, exact: bool) -> str:
    """The decimal mark that the columns of numbers of a file agree on; "" where none tells or they differ."""
    told = [own_mark(cells, exact=exact) for cells in columns]
    marks = {mark for mark, text in told if mark and text}
    return marks.pop() if len(marks) == 1 else ""


def hinted(language: str, separator: str) -> tuple[str, str]:
    """Decimal mark and order of days by the header's language and the separator, "" where they do not tell.

    A spreadsheet puts semicolons between cells where commas are decimal marks, and commas where they are not.
    """
    by_separator = {";": ",", ",": ".", "": "."}.get(separator, "")
    if language == "en" and separator == ";":
        return ",", "dmy"
    return DECIMAL.get(language, by_separator), ORDER.get(language, "dmy" if separator == ";" else "")


_TRIPLE = re.compile(r"(\d{1,2})[./\-](\d{1,2})[./\-](\d{4}|\d{2})")
_WORDED = re.compile(r"(\d{1,2})[-\s./]+([^\W\d]{3,10})\.?[-\s./,]+(\d{4}|\d{2})")


def days_as_iso(cells: Iterable[str], dates: str) -> dict[str, str]:
    """Cells with two or four digits of a year at the end -> ISO day, where their order can be told."""
    distinct = list(dict.fromkeys(cells))
    found = {cell: day for cell in distinct if (day := _worded(cell))}
    ways = {cell: held for cell in distinct if (held := _ways(cell))}
    order = own_order(distinct) or dates
    for cell, held in ways.items():
        if order in held:
            found[cell] = held[order]
        elif len(set(held.values())) == 1 and not order:
            found[cell] = next(iter(held.values()))
    return found


def own_order(cells: Iterable[str]) -> str:
    """The only order in which every day of a column can be read; "" where there are several or none."""
    common = {"dmy", "mdy", "ymd"}
    some = False
    for cell in cells:
        held = _ways(cell)
        if held:
            common &= set(held)
            some = True
    return common.pop() if some and len(common) == 1 else ""


def _ways(cell: str) -> dict[str, str]:
    """Order -> ISO day, for a cell of three numbers with the year not written in front in full."""
    hit = _TRIPLE.fullmatch(cell.strip())
    if hit is None:
        return {}
    numbers = [int(part) for part in hit.groups()]
    orders = ("dmy", "mdy") if len(hit[3]) == 4 else ("dmy", "mdy", "ymd")
    found = {}
    for order in orders:
        year, month, day = (numbers[order.index(letter)] for letter in "ymd")
        try:
            made = date(year if year > 99 else 2000 + year, month, day)
        except ValueError:
            continue
        if year > 99 or made.year in YEARS:
            found[order] = made.isoformat()
    return found


def _worded(cell: str) -> str:
    """ISO day of "05-JAN-26", "31. Dez. 2025"; "" for others."""
    hit = _WORDED.fullmatch(cell.strip())
    month = month_number(hit[2]) if hit else 0
    if hit is None or not month:
        return ""
    year = int(hit[3]) if len(hit[3]) == 4 else 2000 + int(hit[3])
    try:
        return date(year, month, int(hit[1])).isoformat()
    except ValueError:
        return ""
