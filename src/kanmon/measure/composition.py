"""What a text says a good is made of: elements present and absent, formulas, CAS numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from .check_words import Found, Lexicon, folded, table

COMPLETE = 95.0
"""Per cent of the weight from which a stated composition names what the good is."""


@dataclass(frozen=True)
class Composition:
    """Elements said to be in a good and said not to be, with formulas, CAS numbers and kinds.

    kinds: forms that the formulas tell (oxide, alloy, compound). complete: the text says what the
    good is made of as a whole, so that an element it does not name is not a main part of it.
    """

    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    formulas: frozenset[str] = frozenset()
    cas: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    complete: bool = False


@dataclass(frozen=True)
class _Mention:
    symbol: str
    start: int
    end: int


def composition(text: str, found: Sequence[Found], *, strict: bool) -> Composition:
    """Read a composition.

    Parameters
    ----------
    text : a description or a composition.
    found : what the lexicon found in it (names of elements, statements of absence).
    strict : of a description, where "In" and "No" are words: symbols count only beside a share or a
        statement of absence, and formulas in capitals only as oxides and the like.
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if strict and not found and plain.islower() and "-" not in plain:
        return Composition()  # words without a capital or a number with dashes name nothing by themselves
    formulas = _formulas(plain, strict=strict)
    mentions = _named(found) + _symbols(plain)
    mentions.sort(key=lambda m: m.start)
    absent, shares, loose = _polarity(plain, mentions)
    present = (
        {m.symbol for m in _named(found)} | {s for parts in formulas.values() for s in parts} | set(shares)
    )
    if not strict:
        present |= loose
    if any("heavy_free" in f.tags for f in found):
        absent |= set(table("words")["nothing"]["heavy_elements"])
    total = sum(shares.values()) + sum(_formula_shares(plain, formulas))
    cas = frozenset(_cas(plain))
    compound = any(len(parts) > 1 for parts in formulas.values())
    named = bool(cas) or compound or (not strict and _is_material(text))
    # "CeO2 60 %, La2O3 30 %, others": what is not told may be anything.
    said = total >= COMPLETE or (named and not total and not _REST.search(plain))
    # "Ge 99.99 %" and nothing else: the element itself.
    pure = (
        {"metal"}
        if len(present) == 1 and not compound and max(shares.values(), default=0) >= COMPLETE
        else set()
    )
    return Composition(
        frozenset(present - absent),
        frozenset(absent),
        frozenset(formulas),
        cas,
        frozenset(kind for parts in formulas.values() if (kind := _kind(parts))) | pure,
        complete=said or (bool(present) and _purity(plain) >= COMPLETE),
    )


@cache
def symbols() -> frozenset[str]:
    """Every chemical symbol."""
    return frozenset(table("words")["periodic"].split())


def _named(found: Iterable[Found]) -> list[_Mention]:
    return [
        _Mention(tag.removeprefix("element:"), f.start, f.end)
        for f in found
        for tag in f.tags
        if tag.startswith("element:")
    ]


_SYMBOL = re.compile(r"(?<![A-Za-z0-9])([A-Z][a-z]?)(?![A-Za-z])")


def _symbols(text: str) -> list[_Mention]:
    return [_Mention(h[1], h.start(), h.end()) for h in _SYMBOL.finditer(text) if h[1] in symbols()]


_SHARE_AFTER = re.compile(
    r"^\s*[:=]?\s*(?P<less><|≤|<=|under|below|max\.?|未満|以下)?\s*(?P<v>\d+(?:\.\d+)?)"
    r"\s*(?:wt\.?|mass|at\.?|w/w)?\s*(?P<unit>%|ppm)",
    re.IGNORECASE,
)
_SHARE_BEFORE = re.compile(r"(?P<v>\d+(?:\.\d+)?)\s*(?:wt\.?|mass|at\.?)?\s*%\s*(?:of\s+)?$", re.IGNORECASE)
_NOT_AFTER = re.compile(
    r"^\s*[-:=(]?\s*(?:free\b|none\b|nil\b|zero\b|not detected|n\.d\."
    r"|フリー|不使用|無添加|含まず|含まない|なし"
    r"|0(?:\.0+)?\s*(?:wt\.?\s*)?%|0(?:\.0+)?(?![.\d]))",
    re.IGNORECASE,
)
_NOT_BEFORE = re.compile(
    r"(?:\bno|\bwithout|\bzero|\bfree of|\bcontains? no|不含有?|无|無|未添加)\s*$", re.IGNORECASE
)
_JOINED = re.compile(r"^\s*(?:/|,|、|和|及|与|or|and|nor|&|・|と|または|或)\s*$", re.IGNORECASE)


def _polarity(text: str, mentions: Sequence[_Mention]) -> tuple[set[str], dict[str, float], set[str]]:
    """(elements said to be absent, shares in per cent by element, elements named without a share)."""
    absent: set[str] = set()
    shares: dict[str, float] = {}
    loose: set[str] = set()
    marks = [_mark(text, m) for m in mentions]
    for k, m in enumerate(mentions):
        mark = marks[k]
        if mark is None:
            mark = _from_neighbours(text, mentions, marks, k)
        if mark == "absent":
            absent.add(m.symbol)
        elif isinstance(mark, float):
            shares[m.symbol] = shares.get(m.symbol, 0.0) + mark
        elif mark is None:
            loose.add(m.symbol)
    present = set(shares) | loose
    return absent - set(shares), shares, present - absent - set(shares)


def _mark(text: str, m: _Mention) -> str | float | None:
    """What is said of a mention: "absent", a share in per cent, "below" for an upper bound, or None."""
    after, before = text[m.end : m.end + 40], text[max(0, m.start - 24) : m.start]
    if _NOT_AFTER.match(after) or _NOT_BEFORE.search(before):
        return "absent"
    share = _SHARE_AFTER.match(after)
    if share:
        value = float(share["v"]) / (1e4 if share["unit"] == "ppm" else 1.0)
        return "below" if share["less"] else value
    share = _SHARE_BEFORE.search(before)
    if share and float(share["v"]) > 0:
        return float(share["v"])
    return None


def _from_neighbours(
    text: str, mentions: Sequence[_Mention], marks: list[str | float | None], k: int
) -> str | None:
    """The word "absent" where the mention is joined to one that is ("Dy and Tb free", "no Dy or Tb")."""
    for step in (1, -1):
        at = k
        while 0 <= at + step < len(mentions):
            left, right = sorted((mentions[at], mentions[at + step]), key=lambda m: m.start)
            if not _JOINED.match(text[left.end : right.start]):
                break
            at += step
            if marks[at] == "absent":
                near = mentions[at]
                side = (
                    text[near.end : near.end + 40]
                    if step == 1
                    else text[max(0, near.start - 24) : near.start]
                )
                if _NOT_AFTER.match(side) if step == 1 else _NOT_BEFORE.search(side):
                    return "absent"
                break
            if marks[at] is not None:
                break
    return None


_FORMULA = re.compile(r"(?<![A-Za-z0-9.\-])((?:[A-Z][a-z]?\d*(?:\.\d+)?){2,})(?![a-z0-9])")
_DASHED = re.compile(r"(?<![A-Za-z0-9])((?:[A-Z][a-z]?)+(?:[-–](?:[A-Z][a-z]?)+)+)(?![A-Za-z0-9])")
_PART = re.compile(r"([A-Z][a-z]?)(\d*(?:\.\d+)?)")
_ANION = re.compile(r"^[A-Z][a-z]?\d*(?:O|F|C|N|P|S|Cl)\d*$")


def _formulas(text: str, *, strict: bool) -> dict[str, tuple[str, ...]]:
    """Formulas in the text: spelling without dashes -> its elements."""
    found: dict[str, tuple[str, ...]] = {}
    skip = set(table("words")["not_formulas"])
    for hit in (*_FORMULA.finditer(text), *_DASHED.finditer(text)):
        spelling = hit[1].replace("-", "").replace("–", "")
        parts = tuple(dict.fromkeys(symbol for symbol, _ in _PART.findall(spelling)))
        if spelling in skip or not all(part in symbols() for part in parts) or len(parts) < 2:
            continue
        capitals = spelling.upper() == spelling
        digits = any(c.isdigit() for c in spelling)
        if strict and capitals and not (digits and _ANION.match(spelling)):
            continue
        found[spelling] = parts
    return found


def elements_of(formula: str) -> tuple[str, ...]:
    """Elements of a formula, each once."""
    return tuple(dict.fromkeys(symbol for symbol, _ in _PART.findall(formula)))


def _kind(parts: Sequence[str]) -> str:
    """The form a formula tells: metal and oxygen are an oxide; metals alone an alloy."""
    others = {"O", "H", "C", "N", "F", "Cl", "Br", "I", "S", "P"} & set(parts)
    if not others:
        return "alloy"
    return "oxide" if others == {"O"} else "compound"


_REST = re.compile(r"\b(?:others?|other elements|etc)\b|その他|其他|其它|其余", re.IGNORECASE)
"""Words for a part of the composition that is not told."""


def _formula_shares(text: str, formulas: Iterable[str]) -> list[float]:
    """Shares in per cent that stand after formulas ("La2O3 40 %"); upper bounds count as nothing."""
    found = []
    for spelling in formulas:
        for hit in re.finditer(rf"(?<![A-Za-z0-9]){re.escape(spelling)}(?![a-z0-9])", text):
            share = _SHARE_AFTER.match(text[hit.end() : hit.end() + 40])
            if share and not share["less"] and share["unit"] == "%":
                found.append(float(share["v"]))
    return found


_CAS = re.compile(r"(?<!\d)(\d{2,7})-(\d{2})-(\d)(?!\d)")


def _cas(text: str) -> list[str]:
    """CAS registry numbers with a right check digit."""
    good = []
    for hit in _CAS.finditer(text):
        digits = (hit[1] + hit[2])[::-1]
        if sum(k * int(d) for k, d in enumerate(digits, 1)) % 10 == int(hit[3]):
            good.append(hit[0])
    return good


def _purity(text: str) -> float:
    found = [number for number, _ in quantities("purity", text)]
    return max(found, default=0.0)


@cache
def _material_lexicon() -> Lexicon:
    return Lexicon((word, "material") for word in table("words")["materials"]["words"])


def _is_material(text: str) -> bool:
    return bool(_material_lexicon().scan(text))


@cache
def _pattern(quantity: str) -> re.Pattern[str]:
    return re.compile(table("limits")["quantities"][quantity], re.IGNORECASE)


def quantities(quantity: str, text: str) -> list[tuple[float, str]]:
    """Values of a quantity in a text, with the words they stand in; "5N" is 99.999 per cent."""
    plain = unicodedata.normalize("NFKC", text) if quantity == "purity" else folded(text)
    values = []
    for hit in _pattern(quantity).finditer(plain):
        groups = hit.groupdict()
        if groups.get("v"):
            values.append((float(groups["v"]), hit[0].strip()))
        elif groups.get("n"):
            values.append((100 - 100 * 10 ** -float(groups["n"]), hit[0].strip()))
    return values
