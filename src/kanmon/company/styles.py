"""Decimal mark and order of days of each file: its own, the mapping's, its header's, that of its kin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.errors import Problem
from .cells import NUMBERS, plain_text, without_blanks
from .fields import table_kinds
from .mapping import SheetMapping, language_of
from .style import Style, bare, file_mark, hinted, own_order

if TYPE_CHECKING:
    import polars as pl

    from .files import Sheet


MARKS = r"[.,．，]"
"""Marks of decimals and thousands, also in full width."""


def styles_of(found: Sequence[tuple[Sheet, SheetMapping]]) -> tuple[list[Style], list[Problem]]:
    """A style for each sheet.

    A file that neither its cells nor the mapping nor its header settle is written as the other files of the
    same system and separator are, since one user exported them with one setting; the reader is told so.
    """
    own = [_settled(sheet, read) for sheet, read in found]
    styles, guessed = [], []
    for (sheet, read), settled in zip(found, own, strict=True):
        mark, dates = hinted(language_of(table_kinds()[read.table], read.columns), sheet.separator)
        kin = [
            style
            for (other, its), style in zip(found, own, strict=True)
            if (other.separator, its.system) == (sheet.separator, read.system)
        ]
        kin_mark, kin_dates = _agreed([s.decimal for s in kin]), _agreed([s.dates for s in kin])
        style = replace(
            settled,
            decimal=settled.decimal or mark or kin_mark,
            dates=settled.dates or dates or kin_dates,
        )
        if not (settled.decimal or mark) and kin_mark and _doubtful(sheet, read):
            guessed.append((sheet.file, kin_mark))
        styles.append(style)
    why = "its own cells do not tell; the other files of the same system do"
    fix = "say decimal in the mapping if that is wrong"
    return styles, [
        Problem(f"numbers were read with {mark!r} as decimal mark", f, why, fix) for f, mark in guessed
    ]


def _agreed(told: Sequence[str]) -> str:
    """What all that tell something say; "" where they differ."""
    said = set(told) - {""}
    return said.pop() if len(said) == 1 else ""


def _settled(sheet: Sheet, read: SheetMapping) -> Style:
    """What the sheet's own cells settle, else what the mapping says."""
    exact = not sheet.separator
    mark = file_mark((bare(c) for c in _cells(sheet, read, "number")), exact=exact)
    orders = [own_order(c.drop_nulls().unique().to_list()) for c in _cells(sheet, read, "date")]
    return Style(mark or read.decimal, _agreed(orders) or read.dates, exact)


def _cells(sheet: Sheet, read: SheetMapping, kind: str) -> list[pl.Series]:
    """Distinct cells of columns of numbers, of those with a mark in them, or of columns of days."""
    fields = [f for f in table_kinds()[read.table].fields if f.name in read.columns]
    wanted = [f for f in fields if ("number" if f.kind in NUMBERS else f.kind) == kind]
    columns = [sheet.frame[read.columns[f.name]].unique() for f in wanted]
    if kind == "number":
        columns = [c.filter(c.str.contains(MARKS).fill_null(value=False)) for c in columns]
    return [without_blanks(plain_text(c)) for c in columns]


def _doubtful(sheet: Sheet, read: SheetMapping) -> bool:
    """Whether any cell of a number has a mark at all."""
    return any(len(c) for c in _cells(sheet, read, "number"))
