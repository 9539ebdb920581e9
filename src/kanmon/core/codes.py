"""Countries and tariff codes: one spelling inside, any common spelling from outside.

Names, short forms, adjectives, seats of government and public bodies stand in `core/data`, each
row with its source. Countries are ISO 3166 alpha-3 text; the European Union is written EUR.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .errors import InputError, Problem, nearest

LANGUAGES = ("en", "ja", "zh", "zh_hant")
"""Languages in which every country has a name."""

_QUOTES = {"‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"'}
_DASHES = dict.fromkeys("‐‑‒–—−", "-")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]")


@dataclass(frozen=True)
class Country:
    """One row of countries.csv: its codes and its name by language."""

    alpha3: str
    alpha2: str
    numeric: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class Mention:
    """A country named in a text.

    kind says how: name, adjective, capital, body (a ministry or the like) or toward (a short form
    that already means "towards this country"). [start, end) are characters of the text.
    """

    alpha3: str
    start: int
    end: int
    kind: str


def flat(text: str) -> str:
    """A copy of equal length with plain quotes, dashes, spaces and full-width forms folded.

    Character i of the copy stands for character i of the text, so that spans found in the copy
    hold in the text. (Full NFKC may change lengths; this does not.)
    """
    return "".join(_flat_char(c) for c in text)


@cache
def _flat_char(char: str) -> str:
    if char in _QUOTES:
        return _QUOTES[char]
    if char in _DASHES:
        return _DASHES[char]
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def _key(text: str) -> str:
    folded = unicodedata.normalize("NFKC", flat(text)).casefold()
    words = re.sub(r"[\s.,()]+", " ", folded).strip()
    return words.removeprefix("the ")


def _rows(name: str) -> list[dict[str, str]]:
    text = (Path(__file__).parent / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def countries() -> Mapping[str, Country]:
    """All countries by alpha-3, with the European Union as EUR."""
    return {
        r["alpha3"]: Country(r["alpha3"], r["alpha2"], r["numeric"], {lang: r[lang] for lang in LANGUAGES})
        for r in _rows("countries.csv")
    }


@cache
def _aliases() -> tuple[tuple[str, str, str], ...]:
    return tuple((r["alpha3"], r["kind"], r["text"]) for r in _rows("country_aliases.csv"))


@cache
def _by_key() -> Mapping[str, str]:
    """Folded spelling -> alpha-3. Codes win over names, names over other forms."""
    table: dict[str, str] = {}
    for alpha3, kind, text in reversed(_aliases()):
        if kind not in {"trap", "toward"}:
            table[_key(text)] = alpha3
    for country_ in countries().values():
        for name in country_.names.values():
            if name:
                table[_key(name)] = country_.alpha3
    for country_ in countries().values():
        for code in (country_.numeric, country_.alpha2, country_.alpha3):
            if code:
                table[_key(code)] = country_.alpha3
    return table


def country(text: str, where: str = "") -> str:
    """The alpha-3 code of a country given by any code, name, adjective or seat of government.

    Parameters
    ----------
    text : what the user wrote: alpha-3, alpha-2, numeric or a name in a known language, any case.
    where : file, column or option, for the error.

    Raises
    ------
    InputError : the spelling is unknown; the error names the nearest known ones.
    """
    key = _key(str(text))
    found = _by_key().get(key) or (_by_key().get(key.zfill(3)) if key.isdigit() else None)
    if found:
        return found
    english = [c.names["en"] for c in countries().values()]
    near = nearest(str(text), english) or nearest(str(text), countries())
    raise InputError(
        Problem(
            what=f"unknown country {text!r}",
            where=where,
            why="countries are ISO 3166 codes or names in English, Japanese or Chinese",
            fix="write the three-letter code or the full name",
            near=near,
        ),
    )


def country_name(alpha3: str, lang: str = "en") -> str:
    """The name of a country for print; "all" stands for all destinations and stays as it is."""
    if alpha3 == "all":
        return "all"
    if lang not in LANGUAGES:
        raise InputError(Problem(f"unknown language {lang!r}", fix="choose one of " + ", ".join(LANGUAGES)))
    names = countries()[country(alpha3)].names
    return names[lang] or names["en"]


@cache
def _index() -> Mapping[str, tuple[tuple[str, str, str], ...]]:
    """First two characters (lower case) -> (spelling, alpha-3, kind), longest spelling first."""
    spellings: dict[str, tuple[str, str]] = {}
    for c in countries().values():
        for name in c.names.values():
            if name:
                spellings.setdefault(flat(name), (c.alpha3, "name"))
    for alpha3, kind, text in _aliases():
        spellings[flat(text)] = (alpha3, kind)
    table: dict[str, list[tuple[str, str, str]]] = {}
    for text, (alpha3, kind) in spellings.items():
        table.setdefault(text[:2].lower(), []).append((text, alpha3, kind))
    return {k: tuple(sorted(v, key=lambda t: -len(t[0]))) for k, v in table.items()}


def mentions(text: str) -> tuple[Mention, ...]:
    """Every country mentioned in a text, in order, the longest spelling at each place.

    Latin names need word boundaries and a capital ("turkey" is no country), unless the whole text
    is lower case; short forms in capitals ("US") must stand in capitals. Names that only contain
    a country's word (a newspaper, a sea) are passed over.
    """
    plain = flat(text)
    lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in plain)
    any_case = lowered == plain
    index = _index()
    found: list[Mention] = []
    at = 0
    while at < len(plain) - 1:
        hit = None
        for spelling, alpha3, kind in index.get(lowered[at : at + 2], ()):
            if _stands_at(spelling, plain, lowered, at, any_case=any_case):
                hit = Mention(alpha3, at, at + len(spelling), kind)
                break
        if hit is None:
            at += 1
            continue
        if hit.kind != "trap":
            found.append(hit)
        at = hit.end
    return tuple(found)


def _stands_at(spelling: str, plain: str, lowered: str, at: int, *, any_case: bool) -> bool:
    end = at + len(spelling)
    before, after = plain[at - 1 : at], plain[end : end + 1]
    if not spelling[0].isascii():
        same = plain.startswith(spelling, at)
        if _KATAKANA.match(spelling):
            return same and not (_KATAKANA.match(before) or _KATAKANA.match(after))
        return same
    if (before.isascii() and before.isalnum()) or (after.isascii() and after.isalnum()):
        return False
    if not any_case and spelling.upper() == spelling:
        return plain.startswith(spelling, at)
    capital = any_case or plain[at] == spelling[0] or plain[at].isupper()
    return capital and lowered.startswith(spelling.lower(), at)


def find_countries(text: str) -> list[tuple[str, int, int]]:
    """(alpha-3, start, end) of every country mentioned in a text, in order."""
    return [(m.alpha3, m.start, m.end) for m in mentions(text)]


_FLOAT_TEXT = re.compile(r"^\d+(\.\d+)?[eE][+-]?\d+$|^\d{5,}\.0+$|^\d+\.\d$|^\d+,\d$")


def hs(code: object, where: str = "") -> str:
    """A Harmonized System code as bare digits (4, 6, 8 or 10 of them).

    Dots, spaces, hyphens and full-width digits are accepted. Numbers that passed through a
    spreadsheet as floats are refused: their leading or trailing digits may be gone, and a guess
    would name another product.
    """
    if isinstance(code, float):
        raise _bad_hs(code, where, "it is a floating-point number: leading zeros and digits may be lost")
    text = unicodedata.normalize("NFKC", str(code)).strip()
    if _FLOAT_TEXT.match(text):
        raise _bad_hs(code, where, "it looks like a number changed by a spreadsheet, digits may be lost")
    text = re.sub(r"^HS\s*:?\s*", "", text, flags=re.IGNORECASE)
    digits = re.sub(r"[\s.\-·_]", "", text)
    if not re.fullmatch(r"[0-9]+", digits):
        raise _bad_hs(code, where, "a code has digits only")
    if len(digits) in {3, 5, 7, 9}:
        raise _bad_hs(code, where, f"it has {len(digits)} digits: a leading zero is probably lost")
    if len(digits) not in {4, 6, 8, 10}:
        raise _bad_hs(code, where, f"it has {len(digits)} digits, not 4, 6, 8 or 10")
    return digits


def _bad_hs(code: object, where: str, why: str) -> InputError:
    return InputError(
        Problem(
            what=f"not an HS code: {code!r}",
            where=where,
            why=why,
            fix="give the code as text of 4, 6, 8 or 10 digits, with its leading zero",
        ),
    )
