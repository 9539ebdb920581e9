"""What is read off the cells of an item: words of the lists, elements, formulas, codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property

from .check_entries import Catalogue, Path, normal_code
from .check_words import Found, graded_form, spans, table, tokens
from .composition import Composition, composition, elements_of
from .item_grades import pattern_items
from .words import words

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Features:
    """What was read off an item: words found, both compositions joined, HS digits, codes.

    read: whether every word of the description is known; looked at only where it tells a composition.
    hs_lost: whether a code of six digits was given that the edition of the day lacks; hs is its heading.
    """

    text: str
    tags: frozenset[str]
    described: Composition
    content: Composition
    content_given: bool
    hs: str
    codes: tuple[Path, ...]
    known_words: bool
    implied: frozenset[str] = frozenset()
    implied_forms: frozenset[str] = frozenset()
    read: bool = True
    hs_lost: bool = False

    @cached_property
    def said(self) -> frozenset[str]:
        """Elements that the description names, by themselves or inside a trade name."""
        return self.described.present | self.implied

    @cached_property
    def present(self) -> frozenset[str]:
        """Elements named anywhere and nowhere said to be absent."""
        return (self.said | self.content.present) - self.absent

    @cached_property
    def absent(self) -> frozenset[str]:
        """Elements said to be absent; the composition overrules the description."""
        return self.content.absent | (self.described.absent - self.content.present)

    @cached_property
    def complete(self) -> bool:
        """Whether the whole composition is told. A description read in part tells no whole, nor does one
        that names a group of elements of which none is told.
        """
        groups = words()["groups"]
        if any(not self.present & set(groups.get(name, ())) for name in self._groups):
            return False
        return self.content.complete or (self.described.complete and self.read)

    @property
    def _groups(self) -> list[str]:
        return [table("words")["graded"]["group"]] if self.tagged("group") else []

    @cached_property
    def contradicted(self) -> frozenset[str]:
        """Elements that the name or the HS line says are in the good, and the composition says are not."""
        if not self.content.absent:
            return NOTHING
        return (self.said | _named_by_hs(self.hs)) & self.content.absent

    @cached_property
    def _by_kind(self) -> dict[str, frozenset[str]]:
        kinds: dict[str, set[str]] = {}
        for tag in self.tags:
            kind, _, name = tag.partition(":")
            kinds.setdefault(kind, set()).add(name)
        return {kind: frozenset(names) for kind, names in kinds.items()}

    def tagged(self, kind: str) -> frozenset[str]:
        """The tags of one kind, without the kind."""
        return self._by_kind.get(kind, NOTHING)

    @cached_property
    def forms(self) -> frozenset[str]:
        """Forms named in words or told by formulas."""
        more = {graded_form()} if "graded" in self.tags else set()
        told = self.content.kinds | self.described.kinds | self.implied_forms
        if "graded" in self.tags:  # the formula in a trade name tells of no other alloy
            told -= {"alloy"}
        return self.tagged("form") | told | more


def features(description: str, hs: str, code: str, content: str, goods: Catalogue) -> Features:
    """Read an item's cells."""
    said, made = goods.lexicon.scan(description), goods.lexicon.scan(content)
    tags = frozenset(tag for found in said for tag in found.tags)
    described = composition(description, said, strict=True)
    if any(set(table("words")["graded"]["elements"]) <= set(elements_of(f)) for f in described.formulas):
        tags |= {"graded"}
    tags |= {f"item:{key}" for key in pattern_items(description, described.present | _named_by_hs(hs))}
    implied = [goods.things[t[5:]] for t in tags if t.startswith("item:") and t[5:] in goods.things]
    implied = [thing for thing in implied if not thing.any_element and len(thing.elements) == 1]
    return Features(
        text=f"{description} | {content}",
        tags=tags | _trade_names(made),
        described=described,
        content=composition(content, made, strict=False) if content else Composition(),
        content_given=bool(content),
        hs=hs,
        codes=normal_code(code),
        known_words=_tells(description, said),
        implied=frozenset(s for thing in implied for s in thing.elements),
        implied_forms=frozenset(f for thing in implied for f in thing.forms),
        read=not described.complete
        or not _matters(hs, described)
        or not _unread(description, said, described),
    )


def _named_by_hs(hs: str) -> frozenset[str]:
    """The element that the text of an HS line names."""
    names: dict[str, str] = table("words")["hs_names"]
    return frozenset(names[hs[:k]] for k in (4, 6) if len(hs) >= k and hs[:k] in names)


def _matters(hs: str, described: Composition) -> bool:
    """Whether a word that is not known may hide an element: beside an alloy's formula, or by the HS line."""
    return bool("alloy" in described.kinds) or hs[:4] in table("words")["in_part"]["headings"]


def _unread(description: str, found: tuple[Found, ...], described: Composition) -> list[str]:
    """Words of a description that no list knows, and that are no formula, number or filler."""
    known = {word for spelling in described.formulas for word in (spelling.lower(), *_parts(spelling))}
    rest = []
    for word, start, end in spans(description):
        taken = any(f.start <= start and end <= f.end for f in found)
        if taken or word in known or word in _vague() or any(c.isdigit() for c in word):
            continue
        if (word.isascii() and len(word) > 1) or _READ.match(word):
            rest.append(word)
    return rest


def _parts(spelling: str) -> tuple[str, ...]:
    return tuple(symbol.lower() for symbol in elements_of(spelling))


def _trade_names(found: tuple[Found, ...]) -> frozenset[str]:
    return frozenset(t for f in found for t in f.tags if t == "graded" or t.startswith("item:"))


NAMING = ("element:", "item:", "alike:", "article", "ordinary", "family:", "graded", "phrase:")
"""Tags of words that say what a good is."""


_READ = re.compile(r"[\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff]")
"""Signs of the East Asian languages of the word lists; words in other scripts tell nothing here."""


def _tells(description: str, found: tuple[Found, ...]) -> bool:
    """Whether the words say what the good is: more than part numbers, forms and fillers."""
    if any(tag.startswith(NAMING) for f in found for tag in f.tags):
        return True
    vague = _vague()
    words = [w for w in tokens(description) if not any(c.isdigit() for c in w)]
    latin = [w for w in words if w.isascii() and len(w) > 2 and w not in vague]
    other = "".join(w for w in words if _READ.match(w))
    for filler in _fillers() if other else ():
        other = other.replace(filler, "")
    return bool(latin) or len(other) > 1


@cache
def _fillers() -> tuple[str, ...]:
    return tuple(sorted((v for v in _vague() if not v.isascii()), key=len, reverse=True))


@cache
def _vague() -> frozenset[str]:
    return frozenset(table("words")["vague"]["words"])
