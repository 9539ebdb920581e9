"""One shipment as the user gave it, and the cells of a table read into it: codes, dates, countries."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache

from .check_words import folded, is_blank, table

FIELDS = (
    "id",
    "item_description",
    "hs_code",
    "control_code",
    "content",
    "origin_country",
    "exporter_country",
    "ship_from",
    "ship_to",
    "end_user",
    "other_parties",
    "end_use",
    "date",
)
"""The columns read, in order."""

LONGEST = 20_000
"""Characters of a cell that are read; a longer cell is named and counts as not given."""


@dataclass(frozen=True)
class Transaction:
    """A shipment. Empty text means that the fact is not known; nothing is assumed in its place.

    hs_code: bare digits; countries: alpha-3; other_parties: names, ("none",) where the user says
    that there are none; date: None where the day asked about stands for it.
    """

    id: str = ""
    item_description: str = ""
    hs_code: str = ""
    control_code: str = ""
    content: str = ""
    origin_country: str = ""
    exporter_country: str = ""
    ship_from: str = ""
    ship_to: str = ""
    end_user: str = ""
    other_parties: tuple[str, ...] = ()
    end_use: str = ""
    date: date | None = None


class CellError(ValueError):
    """A cell that cannot be read; the text says why and what would be readable."""


def plain(text: str) -> str:
    """A cell without outer spaces and with compatibility forms folded; case is kept."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=65536)
def read_hs(cell: str) -> str:
    """Digits of an HS code; "" for an empty cell.

    Dots, spaces, hyphens and full-width digits are accepted. A number that a spreadsheet turned into
    a power of ten ("8.50511E+09") gives the digits that it still shows, when they are at least six.
    Five or seven digits are a code whose leading zero was lost: no country has codes of that length.
    Nine are a code of some countries and stay as they are; matching looks at both readings.
    """
    if is_blank(cell):
        return ""
    text = re.sub(r"^HS\s*(CODE)?\s*:?\s*", "", plain(cell), flags=re.IGNORECASE)
    power = re.fullmatch(r"(\d)[.,](\d+)[eE]\+?0*(\d{1,2})", text)
    if power:
        shown = (power[1] + power[2])[: int(power[3]) + 1]
        if len(shown) < 6:
            raise CellError(f"a spreadsheet cut the code to {len(shown)} digits; six or more are needed")
        return shown
    text = re.sub(r"\.0+$", "", text) if re.fullmatch(r"\d{5,}\.0+", text) else text
    digits = re.sub(r"[\s.\-·_/'’]", "", text)
    if not re.fullmatch(r"\d+", digits):
        raise CellError("an HS code has digits only")
    if not 4 <= len(digits) <= 13:
        raise CellError(f"an HS code has 4 to 10 digits, this one has {len(digits)}")
    return f"0{digits}" if len(digits) in {5, 7} else digits


_ISO = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
_END_YEAR = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_SERIAL = re.compile(r"(4\d{4}|3\d{4})(?:\.0)?")
_WORDS = re.compile(
    r"(\d{1,2})[\s\-]([A-Za-z]{3,9})\.?[\s\-,]+(\d{4})|([A-Za-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@lru_cache(maxsize=65536)
def read_date(cell: str) -> date | None:
    """The day of a cell; None for an empty one.

    ISO, slashes, dots, compact, day month year in words, spreadsheet serials, and years of an
    emperor's era in characters or letters. "03/04/2026" can be two days and is refused.
    """
    if is_blank(cell):
        return None
    text = plain(cell)
    try:
        found = _numeric_day(text) or _era_day(text) or _worded_day(text)
    except ValueError as error:
        raise CellError(f"not a day of the calendar: {error}") from error
    if found is None:
        raise CellError("not a date: write YYYY-MM-DD")
    return found


def _numeric_day(text: str) -> date | None:
    for pattern in (_ISO, _COMPACT):
        hit = pattern.fullmatch(text)
        if hit:
            return date(int(hit[1]), int(hit[2]), int(hit[3]))
    hit = _END_YEAR.fullmatch(text)
    if hit:
        first, second = int(hit[1]), int(hit[2])
        if first <= 12 and second <= 12 and first != second:
            raise ValueError("day and month cannot be told apart; write YYYY-MM-DD")
        day, month = (first, second) if first > 12 or first == second else (second, first)
        return date(int(hit[3]), month, day)
    hit = _SERIAL.fullmatch(text)
    return date(1899, 12, 30) + timedelta(days=int(hit[1])) if hit else None


@cache
def _eras() -> tuple[re.Pattern[str], dict[str, int]]:
    starts = {name.upper(): year for name, year in table("words")["eras"].items()}
    names = "|".join(sorted(starts, key=len, reverse=True))
    return re.compile(
        rf"({names})\s*(\d{{1,2}}|元)\s*[年./\-]\s*(\d{{1,2}})\s*[月./\-]\s*(\d{{1,2}})\s*日?"
    ), starts


def _era_day(text: str) -> date | None:
    pattern, starts = _eras()
    hit = pattern.fullmatch(text.upper())
    if hit is None:
        return None
    return date(starts[hit[1]] + (1 if hit[2] == "元" else int(hit[2])), int(hit[3]), int(hit[4]))


def _worded_day(text: str) -> date | None:
    hit = _WORDS.fullmatch(text)
    if hit is None:
        return None
    day, month, year = (hit[1], hit[2], hit[3]) if hit[1] else (hit[5], hit[4], hit[6])
    if month[:3].lower() not in _MONTHS:
        return None
    return date(int(year), _MONTHS.index(month[:3].lower()) + 1, int(day))


@lru_cache(maxsize=4096)
def read_country(cell: str) -> str:
    """The alpha-3 code of a cell in any spelling; "" for an empty one."""
    from ..core.codes import country
    from ..core.errors import InputError

    if is_blank(cell):
        return ""
    try:
        return country(plain(cell))
    except InputError as fault:
        near = fault.problems[0].near
        raise CellError("not a known country" + (f"; nearest: {', '.join(near)}" if near else "")) from fault


@lru_cache(maxsize=65536)
def read_names(cell: str) -> tuple[str, ...]:
    """Names between semicolons; ("none",) where the cell says that there are none."""
    text = _sound(cell)
    if folded(text).strip() in {"none", "nil", "no others", "なし", "无"}:
        return ("none",)
    if is_blank(cell):
        return ()
    return tuple(
        name for part in re.split(r"[;；|\n]", text) if (name := part.strip()) and not is_blank(name)
    )


def read_text(cell: str) -> str:
    """A text cell; "" for an empty one or a word that says "unknown"."""
    text = _sound(cell)
    return "" if is_blank(cell) else text


def _sound(cell: str) -> str:
    """The plain text of a cell that is not too long and was decoded whole."""
    if len(cell) > LONGEST:
        raise CellError(f"the cell holds {len(cell):,} characters; at most {LONGEST:,} are read")
    if "\0" in cell or "\ufffd" in cell:
        raise CellError("the cell holds bytes that are no text: a damaged file, or several encodings in one")
    return plain(cell)
