"""Word lists of data/check and a scanner that finds their spellings in mixed scripts, longest first."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from .words import DATA, words

_TOKEN = re.compile(r"[a-z0-9]+|[^\x00-\x7f]")
# Typographic marks carry no sense of their own; Latin letters with accents are folded before.
_MARKS = frozenset("’‘“”–—−‐‑・、。，．（）「」【】・…°±×µμ™®©～〜：；／％ \u3000")


def plain_forms() -> frozenset[str]:
    """Kinds of the table of controlled items whose name is the form of the good."""
    return frozenset(table("words")["graded"]["plain_forms"])


def graded_form() -> str:
    """The form of goods that is sold by grade, where the grade hints at the composition."""
    return str(table("words")["graded"]["form"])


@cache
def table(name: str) -> dict[str, Any]:
    """One file of data/check."""
    return tomllib.loads((DATA / "check" / f"{name}.toml").read_text("utf-8"))


def folded(text: str) -> str:
    """Compatibility forms folded (full-width Latin, half-width kana), lower case."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def tokens(text: str) -> tuple[str, ...]:
    """Latin words and single characters of other scripts, in order; marks are dropped."""
    return tuple(word for word, _, _ in _spans(folded(text)))


def spans(text: str) -> list[tuple[str, int, int]]:
    """Words as `tokens` gives them, each with the characters [start, end) of the folded text it takes."""
    return _spans(folded(text))


def _spans(low: str) -> list[tuple[str, int, int]]:
    if low.isascii():
        return [(hit[0], hit.start(), hit.end()) for hit in _TOKEN.finditer(low)]
    return [(hit[0], hit.start(), hit.end()) for hit in _TOKEN.finditer(low) if hit[0] not in _MARKS]


def is_blank(text: str) -> bool:
    """Whether a cell holds nothing, or a word that says "unknown"."""
    plain = folded(text).strip()
    return not plain or plain in _unknown()


@cache
def _unknown() -> frozenset[str]:
    return frozenset(word.casefold() for word in table("words")["vague"]["unknown"])


FILLERS = frozenset({"for", "of", "the", "a", "an", "and", "or", "in", "to", "use", "purpose", "only", "own"})
"""Words that add nothing to a text of one class."""


@dataclass(frozen=True)
class Found:
    """One spelling found in a text: its tags and the characters [start, end) it takes."""

    tags: frozenset[str]
    start: int
    end: int


class Lexicon:
    """Spellings with tags. At each place the longest spelling wins and is consumed, so that a name
    inside a longer one is not found (a short element name inside a longer one in kana).
    """

    def __init__(self, spellings: Iterable[tuple[str, str]]) -> None:
        tags: dict[tuple[str, ...], set[str]] = {}
        for spelling, tag in spellings:
            key = tokens(spelling)
            if key:
                tags.setdefault(key, set()).add(tag)
        self._by_first: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
        for key, found in tags.items():
            self._by_first.setdefault(key[0], []).append((key, frozenset(found)))
        for options in self._by_first.values():
            options.sort(key=lambda option: -len(option[0]))
        self._openings = {word + end for word in self._by_first for end in ("", "s", "es")}

    def scan(self, text: str) -> tuple[Found, ...]:
        """Every spelling in the text, left to right; spans count the characters of the folded text."""
        spans = _spans(folded(text))
        parts = [word for word, _, _ in spans]
        if self._openings.isdisjoint(parts):
            return ()
        found: list[Found] = []
        at = 0
        while at < len(parts):
            hit = self._at(parts, at)
            if hit is None:
                at += 1
                continue
            tags, end = hit
            found.append(Found(tags, spans[at][1], spans[end - 1][2]))
            at = end
        return tuple(found)

    def only(self, text: str, tag: str) -> bool:
        """Whether a text holds spellings of this tag and little fillers, and nothing else."""
        spans = [(f.start, f.end) for f in self.scan(text) if tag in f.tags]
        rest = [w for w, a, b in _spans(folded(text)) if not any(s <= a and b <= e for s, e in spans)]
        return bool(spans) and not [w for w in rest if w not in FILLERS]

    def tags(self, text: str) -> frozenset[str]:
        """The tags of all spellings in the text."""
        return frozenset(tag for found in self.scan(text) for tag in found.tags)

    def _at(self, parts: list[str], at: int) -> tuple[frozenset[str], int] | None:
        for first in _singulars(parts[at]):
            for key, tags in self._by_first.get(first, ()):
                end = at + len(key)
                if end <= len(parts) and all(
                    want in _singulars(have) for want, have in zip(key[1:], parts[at + 1 : end], strict=True)
                ):
                    return tags, end
        return None


@cache
def _singulars(word: str) -> tuple[str, ...]:
    """A Latin word and its form without a plural ending."""
    if len(word) > 3 and word.isascii() and word.endswith("s"):
        short = word[:-1]
        return (word, short, word[:-2]) if word.endswith("es") else (word, short)
    return (word,)


def goods_spellings() -> list[tuple[str, str]]:
    """Spellings with tags: elements, forms, controlled items, families, look-alikes, articles, ordinary."""
    own = table("words")
    pairs: list[tuple[str, str]] = []
    more: Mapping[str, list[str]] = own["elements_more"]
    for symbol, names in words()["elements"].items():
        pairs += [(name, f"element:{symbol}") for name in names]
    for symbol, names in more.items():
        pairs += [(name, f"element:{symbol}") for name in names]
    for form, names in own["forms"].items():
        pairs += [(name, f"form:{form}") for name in names]
    for group, names in own["groups"].items():
        pairs += [(name, f"group:{group}") for name in names]
    pairs += [(name, "graded") for name in own["graded"]["words"]]
    pairs += [(name, "article") for name in own["articles"]["words"]]
    pairs += [(name, "ordinary") for name in own["ordinary"]["words"]]
    pairs += [(name, "heavy_free") for name in own["nothing"]["heavy"]]
    for alike in own["alike"]:
        pairs += [(name, f"alike:{alike['name']}") for name in alike["words"]]
    for family in table("families")["family"]:
        pairs += [(name, f"family:{family['name']}") for name in family["words"]]
    for entry in table("goods")["entry"]:
        pairs += [(name, f"item:{key}") for name in entry.get("words", ()) for key in entry["items"]]
    for row in table("goods")["phrase"]:
        pairs += [(name, f"phrase:{row['phrase']}") for name in row["words"]]
    return pairs


@cache
def names_lexicon(part: str) -> Lexicon:
    """Words in names of parties (`names`) or in end uses (`uses`); each tag is the class of the word.

    An end use that names armed forces is a military one.
    """
    own = table("parties_words")
    more = own["names"]["military"] if part == "uses" else ()
    pairs = [(word, tag) for tag, spellings in own[part].items() for word in spellings]
    return Lexicon([*pairs, *((word, "military") for word in more)])
