"""Vocabularies of the reader: word patterns in data files, compiled to regular expressions.

A pattern is a regular expression with a few marks that keep it readable:

    a space         any run of blanks, line ends included
    ban*            any ending of the word
    (lift|ease)     alternatives, never captured
    <6>             up to six words between (characters in Japanese and Chinese), no country among them
    <~6>            the same, countries allowed
    {C}  {O}        the country the pattern is about (with those joined to it); any other country
    {B} {N} ...     a list of words named in roles.toml under macros

Case does not matter. Country names are masked before matching (see `masked`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..core.codes import Mention

MASK = "\ue000"
"""Stands for each character of a country name in a masked text (a private-use character)."""

LANGUAGES = ("en", "ja", "zh")
_CJK = frozenset({"ja", "zh"})
_FOLDER = Path(__file__).parent / "reading"
_JOIN = {
    "en": r"(?:(?:,?\s+(?:and|or)|,)\s+(?:to\s+)?(?:member(?:s|\s+states)\s+of\s+)?(?:the\s+)?|\s*/\s*)",
    "ja": r"(?:・|、|と|および|及び|や)",
    "zh": r"(?:、|和|与|及|以及|，)",
}


@dataclass(frozen=True)
class Entry:
    """One row of a vocabulary: its value, its patterns by language, and further columns."""

    value: str
    patterns: Mapping[str, tuple[str, ...]]
    extra: Mapping[str, Any]


@dataclass(frozen=True)
class Hit:
    """A vocabulary entry found in a text at [start, end); [c_start, c_end) is its {C}, if it has one."""

    value: str
    start: int
    end: int
    entry: Entry
    c_start: int = -1
    c_end: int = -1


def masked(text: str, mentions: Iterable[Mention]) -> str:
    """The text with every character of each country mention replaced by MASK."""
    chars = list(text)
    for m in mentions:
        chars[m.start : m.end] = MASK * (m.end - m.start)
    return "".join(chars)


@cache
def _file(topic: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{topic}.toml").read_text(encoding="utf-8"))


@cache
def entries(topic: str) -> tuple[Entry, ...]:
    """All rows of one vocabulary file."""
    rows = []
    for row in _file(topic)["entry"]:
        patterns = {lang: tuple(row[lang]) for lang in LANGUAGES if lang in row}
        extra = {k: v for k, v in row.items() if k not in LANGUAGES and k != "value"}
        rows.append(Entry(row["value"], patterns, extra))
    return tuple(rows)


@cache
def words(name: str, lang: str) -> tuple[str, ...]:
    """A plain list of words of `words.toml` in one language (abbreviations, stop words, ...)."""
    return tuple(_file("words").get(name, {}).get(lang, ()))


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Group words of elements with their members."""
    return {name: tuple(members) for name, members in _file("words")["group"].items()}


@cache
def _macros(lang: str) -> Mapping[str, str]:
    table: Mapping[str, Sequence[str]] = _file("roles")["macros"].get(lang, {})
    return {name: "(?:" + "|".join(_translate(w, lang, {}) for w in ws) + ")" for name, ws in table.items()}


_TOKEN = re.compile(r"<(~?)(\d+)>|\{([A-Z]+)\}|(?<=\w)(\*)|(\((?!\?))|(\s+\??)")


def _gap(count: str, lang: str, *, countries: bool) -> str:
    if lang in _CJK:
        stop = "。；\n" if countries else f"。；\n{MASK}"
        return rf"[^{stop}]{{0,{count}}}?"
    stop = ";" if countries else f";{MASK}"
    return rf",?(?:\s+[^\s{stop}]+){{0,{count}}}?\s+"


def _translate(pattern: str, lang: str, macros: Mapping[str, str]) -> str:
    out, at = [], 0
    country = rf"{MASK}+(?:{_JOIN[lang]}{MASK}+)*"
    # A gap brings its own blanks: those written around it are dropped.
    pattern = re.sub(r"\s*(<~?\d+>)\s*", r"\1", pattern)
    for token in _TOKEN.finditer(pattern):
        out.append(pattern[at : token.start()])
        at = token.end()
        any_country, count, name, star, bracket, space = token.groups()
        if count:
            out.append(_gap(count, lang, countries=bool(any_country)))
        elif name == "C":
            out.append(f"(?P<c>{country})")
        elif name == "O":
            out.append(country)
        elif name:
            out.append(macros[name])
        elif star:
            out.append(r"\w*")
        elif bracket:
            out.append("(?:")
        elif space:
            # A space is any run of blanks, line ends included.
            out.append(r"\s*" if lang in _CJK or space.endswith("?") else r"\s+")
    out.append(pattern[at:])
    return "".join(out)


def compile_patterns(patterns: Sequence[str], lang: str) -> re.Pattern[str]:
    """One regular expression for several patterns; longer patterns are tried first."""
    macros = _macros(lang)
    parts = [_translate(p, lang, macros) for p in sorted(patterns, key=len, reverse=True)]
    body = "|".join(parts)
    if lang not in _CJK:
        body = rf"(?<![\w{MASK}])(?:{body})(?![\w{MASK}])"
    return re.compile(body, re.IGNORECASE)


@cache
def _compiled(topic: str, lang: str) -> tuple[tuple[Entry, tuple[re.Pattern[str], ...]], ...]:
    table = []
    for entry in entries(topic):
        given = entry.patterns.get(lang, ())
        # A group name may stand once in an expression, so patterns with {C} are compiled apart.
        named = [compile_patterns([p], lang) for p in given if "{C}" in p]
        rest = [p for p in given if "{C}" not in p]
        if rest:
            named.append(compile_patterns(rest, lang))
        table.append((entry, tuple(named)))
    return tuple(table)


def find(topic: str, text: str, lang: str, *, overlapping: bool = False) -> list[Hit]:
    """All hits of a vocabulary in a (masked) text, in order; of overlapping ones the longest.

    overlapping=True keeps every hit (roles: two countries may be named by overlapping words).
    """
    hits = []
    for entry, patterns in _compiled(topic, lang):
        for pattern in patterns:
            for m in pattern.finditer(text):
                c = m.span("c") if "c" in pattern.groupindex else (-1, -1)
                hits.append(Hit(entry.value, m.start(), m.end(), entry, *c))
    hits.sort(key=lambda h: (h.start, -(h.end - h.start)))
    if overlapping:
        return hits
    kept: list[Hit] = []
    for hit in hits:
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept
