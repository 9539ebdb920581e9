"""The goods a text names: stated as restricted, or only feared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ..core.codes import hs as hs_code
from ..core.errors import InputError
from .measure import Certainty, Item
from .read_frames import is_goods, joined, parts, phrase_pattern
from .read_kind import Direction, has_word
from .read_sentence import Parsed, Sentence
from .read_vocab import Hit, compile_patterns, find

USE_REACH = 12
"""Characters from the start of a good within which a word of use may follow it (where it comes last)."""


@dataclass(frozen=True)
class Goods:
    """An item with its place in the text; key tells two mentions of one thing."""

    item: Item
    key: str
    start: int
    end: int
    heading: bool = False
    in_vocabulary: bool = True


_CODE = re.compile(r"\bHS\s*(?:codes?\s*)?:?\s*(\d{4}(?:[. ]?\d{2}){0,3})\b", re.IGNORECASE)
_CONTROL = re.compile(r"(?<![\w.])(\d[A-E]\d{3}(?:\.[a-z0-9]+)*)(?![\w])")


def goods(parsed: Parsed, about: Direction) -> tuple[Goods, ...]:
    """Every item once: its first stated mention, else its first possible one.

    Sentences on earlier years are read only where the rest of the text names no goods.
    """
    found = _once(_all(parsed, about, past=False))
    if any(g.in_vocabulary for g in found):
        return found
    return _once(_all(parsed, about, past=True)) or found


def _all(parsed: Parsed, about: Direction, *, past: bool) -> list[Goods]:
    found: list[Goods] = []
    previous = False
    for sentence in parsed.sentences:
        export = sentence in about.export_sentences
        cover = has_word("cover", sentence.plain, parsed.language) is not None
        restriction = bool(find("instruments", sentence.mask, parsed.language))
        feared = has_word("fear", sentence.mask, parsed.language) is not None
        eligible = (
            export or (cover and (restriction or previous)) or (feared and (restriction or _joins(sentence)))
        )
        previous = export or (previous and cover)
        if sentence.background is not past or not eligible:
            continue
        found += _in_sentence(sentence, parsed, export or cover)
    return found


def _in_sentence(sentence: Sentence, parsed: Parsed, export: bool) -> list[Goods]:
    hits = find("items", sentence.mask, parsed.language)
    found = []
    for hit in hits:
        if _is_use(sentence, hit.start, parsed.language) or _is_excluded(
            sentence, hit.start, hit.end, parsed.language
        ):
            continue
        certainty = _certainty(sentence, hit.start, hit.end, parsed.language)
        item = Item(
            phrase=parsed.text[sentence.start + hit.start : sentence.start + hit.end],
            hs=tuple(hit.entry.extra.get("hs", ())),
            elements=tuple(hit.entry.extra.get("elements", ())),
            certainty=certainty,
        )
        place = sentence.start + hit.start, sentence.start + hit.end
        found.append(Goods(item, hit.value, *place, sentence.heading))
    if export:
        found += _unknown_goods(sentence, parsed, hits)
    return found + _codes(sentence, parsed)


def _codes(sentence: Sentence, parsed: Parsed) -> list[Goods]:
    """HS codes and control-list entries written in the text."""
    found = []
    for m in _CODE.finditer(sentence.plain):
        try:
            code = hs_code(m.group(1))[:6]
        except InputError:
            continue  # a number after "HS" that is no code names no goods
        start, end = sentence.start + m.start(), sentence.start + m.end()
        found.append(Goods(Item(parsed.text[start:end], hs=(code,)), f"hs {code}", start, end))
    for m in _CONTROL.finditer(sentence.plain):
        start, end = sentence.start + m.start(1), sentence.start + m.end(1)
        item = Item(parsed.text[start:end], control_codes=(m.group(1),))
        found.append(Goods(item, m.group(1).upper(), start, end))
    return found


def _unknown_goods(sentence: Sentence, parsed: Parsed, known: list[Hit]) -> list[Goods]:
    """Goods in the frames of `phrase_pattern` that no vocabulary knows."""
    found = []
    language = parsed.language
    for m in phrase_pattern(language).finditer(sentence.mask):
        group = next(g for g in m.groupdict() if m.group(g))
        for start, end in parts(sentence.mask, *m.span(group), language):
            if any(h.start < end and start < h.end for h in known):
                continue
            if not is_goods(sentence.mask[start:end], language) or _is_use(sentence, start, language):
                continue
            if _is_excluded(sentence, start, end, language):
                continue
            place = sentence.start + start, sentence.start + end
            phrase = parsed.text[place[0] : place[1]]
            item = Item(phrase, certainty=_certainty(sentence, start, end, parsed.language))
            found.append(Goods(item, phrase.casefold(), *place, sentence.heading, in_vocabulary=False))
    return found


def _clause(sentence: Sentence, at: int) -> int:
    """Start of the clause that holds a place: after the last comma-like break before it."""
    before = sentence.mask[:at]
    return max((m.end() for m in re.finditer(r"[;:，；]| but | while ", before)), default=0)


def _is_use(sentence: Sentence, start: int, language: str) -> bool:
    """Whether goods stand after words of use ("critical for ...") in the same clause."""
    if language == "ja":
        use = has_word("use", sentence.mask[start : start + USE_REACH], language)
        return use is not None
    before = sentence.mask[_clause(sentence, start) : start]
    last = None
    for m in re.finditer(
        rf"\b(?:{joined('use', language)})\b" if language == "en" else f"(?:{joined('use', language)})",
        before,
        re.IGNORECASE,
    ):
        last = m
    if last is None:
        return False
    # A new verb of restriction ends the clause of use.
    return not find("instruments", before[last.end() :], language)


def _is_excluded(sentence: Sentence, start: int, end: int, language: str) -> bool:
    if language == "en":
        before = sentence.mask[_clause(sentence, start) : start]
        after = sentence.mask[end : end + 40]
        behind = re.match(
            r"\s+(is|are|was|were|remain|remains|stay|stays|exports\s+(?:stay|stays|remain|remains))\s+(unchanged|not\s+(covered|affected|subject|included|restricted)|exempt\w*|excluded|unaffected)",
            after,
        )
        return bool(has_word("exclusion", before, language) or behind)
    after = re.split(r"[、。，；]", sentence.mask[end:])[0]
    return bool(has_word("exclusion", after, language))


@cache
def _subject_modal() -> re.Pattern[str]:
    verbs = joined("modal_verb", "en")
    return re.compile(rf"\b(?:{joined('modal', 'en')})\s+(?:{verbs})\b", re.IGNORECASE)


@cache
def _verb_modal() -> re.Pattern[str]:
    return compile_patterns(
        ["(could|may|might) <3> ({B}|extend|add|widen|expand|impose|include|cover|target)"], "en"
    )


def _certainty(sentence: Sentence, start: int, end: int, language: str) -> Certainty:
    """Possible where a fear introduces the goods, or a modal verb restricts or joins them."""
    clause = _clause(sentence, start)
    before = sentence.mask[clause:start]
    if language != "en":
        tail = re.split(r"[。；]|が、|一方", sentence.mask[end:])[0]
        lead = re.split(r"[，、；]", before)[-1]
        return (
            "possible" if has_word("fear", tail, language) or has_word("fear", lead, language) else "stated"
        )
    fear = has_word("fear", before, language) or has_word("plan", before, language)
    if fear or _verb_modal().search(before[-90:]):
        return "possible"
    after = re.split(r";|\bbut\b", sentence.mask[end:])[0]
    modal = _subject_modal().search(after)
    if modal and not find("instruments", after[: modal.start()], language):
        return "possible"
    return "stated"


def _joins(sentence: Sentence) -> bool:
    """Whether a modal verb restricts or adds something in an English sentence."""
    return bool(_subject_modal().search(sentence.mask) or _verb_modal().search(sentence.mask))


def _once(found: list[Goods]) -> tuple[Goods, ...]:
    """Each thing once. Stated beats possible, running text beats a heading.

    Goods that no vocabulary knows are taken from a heading only where nothing else is found.
    """
    kept: dict[str, Goods] = {}
    for one in found:
        old = kept.get(one.key)
        if old is None or _rank(one) < _rank(old):
            kept[one.key] = one
    if any(g.in_vocabulary or not g.heading for g in kept.values()):
        kept = {k: g for k, g in kept.items() if g.in_vocabulary or not g.heading}
    # Words that no vocabulary knows add nothing within goods that stand whole elsewhere.
    whole = [g.item.phrase.casefold() for g in kept.values()]
    kept = {
        k: g
        for k, g in kept.items()
        if g.in_vocabulary
        or not any(g.item.phrase.casefold() in w and g.item.phrase.casefold() != w for w in whole)
    }
    # A bare word of the heading adds nothing to the fuller phrase of the text.
    phrases = [g.item.phrase.casefold() for g in kept.values() if not g.heading]
    kept_goods = [
        g for g in kept.values() if not (g.heading and any(g.item.phrase.casefold() in p for p in phrases))
    ]
    return tuple(sorted(kept_goods, key=lambda g: g.start))


def _rank(one: Goods) -> tuple[bool, bool]:
    return one.item.certainty == "possible", one.heading
