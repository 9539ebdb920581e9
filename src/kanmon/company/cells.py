"""Columns of text cells as numbers, dates, codes; every cell is read rightly or named with its row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..core.errors import Problem
from .fields import Field, countries_by_word, currencies, fold, origin_marks, per_cent_words, units, words
from .style import Style, bare, days_as_iso, own_mark, unclear

if TYPE_CHECKING:
    import polars as pl

NAMED = 10
"""Cells of one column that are named one by one."""
BLANK = r"(?i)^(-+|—|–|n/?a|#n/a|#value!|#ref!|#div/0!|nan|none|null|不明|未定|unknown|tbd)$"
"""Cells of a column of numbers that hold no number; a dash may mean nought in a report, so it is unknown."""
CLEARLY_PER_CENT = 1.5
MUCH_SCRAP = 0.3
"""A scrap that is named, since it may be a figure in per cent."""
UNKNOWN_CURRENCY = "XXX"
"""ISO 4217 code for no currency: an amount in it has no rate, and is not taken for the firm's money."""
UNREAD = "?"
"""Put before a unit that is not known: a quantity in it is not taken for one in the item's unit."""
PARTS_OF_ONE = frozenset({"share", "scrap_rate", "margin", "mass_share", "yield"})
"""Shares that cannot exceed 1: a column with larger values is in per cent."""


NUMBERS = frozenset({"quantity", "money", "days", "share", "price_per"})
"""Types of fields that hold numbers."""
STYLE = Style()


def typed(
    cells: pl.Series, rows: pl.Series, field: Field, where: str, style: Style = STYLE
) -> tuple[pl.Series, list[Problem]]:
    """One column of text as the field's type, null where empty or unreadable, with what was wrong.

    style: how the file writes numbers and days, for columns that do not settle it by themselves.
    """
    text = plain_text(cells)
    if field.kind in NUMBERS:
        return _numbers(text, rows, field, where, style)
    if field.kind == "date":
        found = days_as_iso(text.drop_nulls().unique().to_list(), style.dates)
        iso = text.replace(found) if found else text
        return _by_word(iso, rows, where, *_word_reader("date"))
    if field.kind == "key":
        return _keys(text), _cut_keys(text, rows, where)
    if field.kind == "text":
        return text, []
    return _by_word(text, rows, where, *_word_reader(field.kind))


def plain_text(cells: pl.Series) -> pl.Series:
    """Widths folded, outer spaces off, blank cells null."""
    import polars as pl

    text = cells.cast(pl.String).str.normalize("NFKC").str.strip_chars().str.strip_chars("\u3000")
    return text.replace("", None)


def _keys(text: pl.Series) -> pl.Series:
    """Keys of tables joined by them: numbers without a spreadsheet's ".0" and without leading noughts; the
    code alone where a system writes the name behind it ("[A1] bolt, long").
    """
    text = text.str.replace(r"^\[\s*([^\]]+?)\s*\](\s.*)?$", "$1")
    text = text.str.replace(r"^(\d+)\.0+$", "$1")
    return text.str.replace(r"^0+(\d+)$", "$1").str.to_uppercase()


def _cut_keys(text: pl.Series, rows: pl.Series, where: str) -> list[Problem]:
    """Keys that a spreadsheet turned into powers of ten: digits are lost, and they meet no other table."""
    cut = text.str.contains(r"^\d[.,]\d+[eE]\+?\d+$").fill_null(value=False)
    return _named(
        text.filter(cut),
        rows.filter(cut),
        where,
        "a spreadsheet cut the digits of a number",
        "kept as it stands",
    )


def without_blanks(text: pl.Series) -> pl.Series:
    """Cells that stand for "no number" as null."""
    return text.set(text.str.contains(BLANK).fill_null(value=False), None)


def _numbers(
    text: pl.Series, rows: pl.Series, field: Field, where: str, style: Style
) -> tuple[pl.Series, list[Problem]]:
    """Numbers in the spellings of spreadsheets and ledgers: (1), 1-, △1, 1'000, 1.234,56, 5 %."""
    import polars as pl

    text = without_blanks(text)
    per_cent = text.str.ends_with("%").fill_null(value=False)
    cells = bare(text)
    mark = own_mark(cells, exact=style.exact)[0] or style.decimal
    doubtful = unclear(cells, mark, exact=style.exact)
    plain = cells.str.replace_all(".", "", literal=True) if mark == "," else cells.str.replace_all(",", "")
    plain = plain.str.replace(",", ".", literal=True) if mark == "," else plain
    value = plain.cast(pl.Float64, strict=False)
    value = value.set((value.is_infinite() | value.is_nan()).fill_null(value=False), None)
    if field.kind == "price_per":
        doubtful |= (value <= 0).fill_null(value=False)
    bad = text.is_not_null() & (value.is_null() | doubtful)
    value = value.set(doubtful, None)
    why = "not a number that can be read one way only"
    if not mark:
        why += '; say decimal = "," or "." for the file in the mapping'
    faults = _named(text.filter(bad), rows.filter(bad), where, why)
    if field.name in PARTS_OF_ONE:
        value, more = _shares(text, value, per_cent, rows, where, field.name)
        faults += more
    else:
        value = pl.select(pl.when(per_cent).then(value / 100.0).otherwise(value)).to_series()
    if field.kind == "days":
        value = value.ceil()
    return value.rename(text.name), faults


def _shares(
    text: pl.Series, value: pl.Series, per_cent: pl.Series, rows: pl.Series, where: str, name: str
) -> tuple[pl.Series, list[Problem]]:
    """Shares of one. A column is in per cent where its header says so or a value is far above one.

    A value a little above one, in a column of shares of one, is a fault of that cell and not a unit. No line
    of a bill of materials loses all it takes, so that a scrap of one or more is in per cent.
    """
    import polars as pl

    said = any(word in where.casefold() for word in per_cent_words())
    large = value >= 1 if name == "scrap_rate" else value > CLEARLY_PER_CENT
    column = not per_cent.any() and (said or bool(large.any()))
    faults = []
    if column:
        value = value / 100.0
        told = "a column of shares with values above 1 was read as per cent"
        if name == "scrap_rate":
            told = "a column of scrap with values of 1 or more was read as per cent"
        faults = [] if said else [Problem(told, where)]
    elif name == "scrap_rate" and not said and not per_cent.any() and bool((value > MUCH_SCRAP).any()):
        why = "more than is usual; if the column is in per cent, say % in its header"
        faults = [Problem(f"scrap above {MUCH_SCRAP:.0%} was read as a share of one", where, why)]
    value = pl.select(pl.when(per_cent).then(value / 100.0).otherwise(value)).to_series()
    above = ((value > 1) | (value < 0)).fill_null(value=False)
    faults += _named(text.filter(above), rows.filter(above), where, "a share lies between 0 and 1")
    return value.set(above, None), faults


def _word_reader(kind: str) -> tuple[Callable[[str], Any], str]:
    """Reader of one distinct cell (ValueError where it cannot) and the polars type of the column."""
    from ..measure.transaction import read_date, read_hs

    readers: dict[str, tuple[Callable[[str], Any], str]] = {
        "date": (read_date, "Date"),
        "country": (_country, "String"),
        "hs": (read_hs, "String"),
        "unit": (_unit, "String"),
        "currency": (_currency, "String"),
        "yes": (_flag("yes", "no"), "Boolean"),
        "state": (_flag("state_out", "state_in"), "Boolean"),
        "cleared": (_flag("cleared", "not_cleared"), "Boolean"),
        "make_buy": (_make_buy, "String"),
    }
    return readers[kind]


def _country(cell: str) -> str:
    """A country in any spelling, also in kana and inside the words of [words] made_before and made_behind."""
    from ..measure.transaction import read_country

    try:
        return read_country(cell)
    except ValueError:
        short = origin_marks().sub("", cell).strip()
        if fold(short) in countries_by_word():
            return countries_by_word()[fold(short)]
        if short == cell.strip():
            raise
        return read_country(short)


def _unit(cell: str) -> str:
    if fold(cell) not in units():
        raise ValueError("not a unit of measure that is known")
    return units()[fold(cell)].name


def _currency(cell: str) -> str:
    code = currencies().get(fold(cell), cell.strip().upper())
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise ValueError("not a currency: write its three letters")
    return code


def _flag(yes: str, no: str) -> Callable[[str], bool]:
    def read(cell: str) -> bool:
        if fold(cell) in words(yes):
            return True
        if fold(cell) in words(no):
            return False
        raise ValueError(
            f"neither {' / '.join(sorted(words(yes))[:4])} nor {' / '.join(sorted(words(no))[:4])}"
        )

    return read


def _make_buy(cell: str) -> str:
    if fold(cell) in words("make"):
        return "M"
    if fold(cell) in words("buy"):
        return "B"
    raise ValueError("neither made nor bought: write M or B")


def _by_word(
    text: pl.Series, rows: pl.Series, where: str, read: Callable[[str], Any], kind: str
) -> tuple[pl.Series, list[Problem]]:
    """Each distinct cell read once."""
    import polars as pl

    value: dict[str, Any] = {}
    why: dict[str, str] = {}
    for cell in text.drop_nulls().unique().to_list():
        try:
            value[cell] = read(cell) if read(cell) != "" else None
        except ValueError as error:
            value[cell], why[cell] = None, str(error)
    if read is _currency:
        value |= dict.fromkeys(why, UNKNOWN_CURRENCY)
    if read is _unit:
        value |= {cell: UNREAD + cell for cell in why}
    dtype = getattr(pl, kind)
    column = text.replace_strict(value, default=None, return_dtype=dtype) if value else text.cast(dtype)
    bad = text.is_in(list(why)).fill_null(value=False) if why else None
    if bad is None:
        return column, []
    return column, _named(text.filter(bad), rows.filter(bad), where, why)


def _named(
    cells: pl.Series,
    rows: pl.Series,
    where: str,
    why: str | dict[str, str],
    then: str = "the cell is taken as unknown",
) -> list[Problem]:
    """The first bad cells of a column one by one, then their count."""
    pairs: Sequence[tuple[str, int]] = list(zip(cells.head(NAMED), rows.head(NAMED), strict=True))
    found = [
        Problem(
            f"cannot read {cell[:60]!r}",
            f"{where}, row {row}",
            why if isinstance(why, str) else why[cell],
            then,
        )
        for cell, row in pairs
    ]
    if len(cells) > NAMED:
        found.append(Problem(f"{len(cells) - NAMED} more cells that cannot be read", where))
    return found
