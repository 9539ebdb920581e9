"""Which goods of the library a shipment's item is, may be, or is not: codes, HS lines, words, composition.

Words and HS lines only propose. A match is certain where the user's own control code says so, or where
two independent facts (words, composition, HS line) name the same entry and its limits are met.
"""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Literal

from .check_entries import Catalogue, Thing, codes_meet
from .check_words import graded_form, table
from .composition import quantities
from .hs_codes import not_looked_up, readings, unheld_days, unknown_in
from .item_features import Features, features
from .item_grades import open_alloy_items
from .item_rules import drop_other_goods

Strength = Literal["certain", "possible", "near"]


@dataclass(frozen=True)
class Hit:
    """A thing that the item is or may be, with the facts that say so and the question left open."""

    thing: str
    strength: Strength
    why: str
    ask: str = ""


@dataclass(frozen=True)
class ItemFinding:
    """What is known of the item. suffices: the facts are enough to say that no entry is met.

    dated: what is known instead on days whose edition of the Harmonized System lacks the code given: its
    heading is all that is left of it. code_note: what is said of the HS code alone, kept apart so that goods
    that differ in nothing else are decided once.
    """

    hits: tuple[Hit, ...] = ()
    families: tuple[str, ...] = ()
    unloaded: tuple[str, ...] = ()
    suffices: bool = False
    ordinary: bool = False
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ask: str = ""
    dated: tuple[tuple[date, date, ItemFinding], ...] = ()
    code_note: str = ""

    def on(self, day: date) -> ItemFinding:
        """What is known of the item on a day."""
        return next((found for start, end, found in self.dated if start <= day < end), self)

    @property
    def open_to_list(self) -> bool:
        """Whether the item belongs to a family, or has a code, that the loaded entries do not hold."""
        return bool(self.families or self.unloaded)

    @property
    def clear(self) -> bool:
        """Whether the facts suffice and no loaded entry is met in any way."""
        return self.suffices and not self.hits and not self.open_to_list


def match_item(description: str, hs: str, code: str, content: str, goods: Catalogue) -> ItemFinding:
    """What an item is on the lists of a library.

    Parameters
    ----------
    description, content : text in any language that the word lists know.
    hs : digits, or "" where not given. code : control code as the user wrote it.
    """
    seen = features(description, hs, code, content, goods)
    found = _found(seen, goods)
    lacking = unknown_in(hs, ChainMap(goods.by_hs6, _families_by_hs())) if hs else ()
    if not lacking:
        return found
    less = _found(replace(seen, hs=lacking[0].left, hs_lost=True), goods)
    dated = [(u.start, u.end, replace(less, code_note=u.note)) for u in lacking]
    unheld = replace(found, code_note=not_looked_up(hs))
    return replace(found, dated=(*dated, *((start, end, unheld) for start, end in unheld_days())))


def _found(seen: Features, goods: Catalogue) -> ItemFinding:
    evidence = _evidence(seen, goods)
    kept, notes = drop_other_goods(seen, evidence, goods)
    hits = tuple(_hit(seen, goods.things[key], facts) for key, facts in kept.items())
    hits = _one_paragraph(hits, goods)
    families = _families(seen)
    if any(h.strength == "certain" for h in hits):
        families = ()
    unloaded = tuple(
        ".".join(p)
        for p in seen.codes
        if not any(codes_meet(p, c) for t in goods.things.values() for c in t.codes)
    )
    return _finding(seen, hits, families, unloaded, notes)


def _evidence(seen: Features, goods: Catalogue) -> dict[str, set[str]]:
    """Thing -> facts that speak for it: code, words, content, hs, proposed (the words only point to it)."""
    found: dict[str, set[str]] = {}

    def add(key: str, fact: str) -> None:
        found.setdefault(key, set()).add(fact)

    for key, thing in goods.things.items() if seen.codes else ():
        if any(codes_meet(p, c) for p in seen.codes for c in thing.codes):
            add(key, "code")
    for fact, made in (("content", seen.content), ("words", seen.described)):
        for name in (*made.cas, *made.formulas):
            for key in goods.by_name.get(name, ()):
                add(key, fact)
    for key in _by_hs(seen.hs, goods):
        add(key, "hs")
    for key in seen.tagged("item"):
        if key in goods.things:
            add(key, "words")
    for symbol in seen.present:
        for key in goods.by_element.get(symbol, ()):
            for fact in _by_element(seen, goods.things[key], symbol):
                add(key, fact)
    for key in _proposed(seen, goods):
        add(key, "proposed")
    for symbol in seen.contradicted:
        for key in goods.by_element.get(symbol, ()):
            forms = goods.things[key].forms
            if goods.things[key].is_goods and (not forms or not seen.forms or forms & seen.forms):
                add(key, "contradicted")
    # In the order of the library: sets of words have none of their own.
    return dict(sorted(found.items(), key=lambda pair: goods.order[pair[0]])) if len(found) > 1 else found


def _by_hs(hs: str, goods: Catalogue) -> list[str]:
    if len(hs) < 4:
        return []
    if len(hs) < 6:
        return [key for code, keys in goods.by_hs6.items() if code.startswith(hs) for key in keys]
    codes = readings(hs)
    found = [key for code in codes for key in goods.by_hs6.get(code[:6], ())]
    found += [key for code in codes for key in goods.by_hs6.get(code[:4], ()) if key not in found]
    return found


def _by_element(seen: Features, thing: Thing, symbol: str) -> list[str]:
    """What the element says for a thing: "words" and "content" where its form is named too."""
    if not thing.is_goods or not (thing.forms or thing.any_element):
        return []
    if thing.forms and not (thing.forms & seen.forms):
        return []
    if thing.partners and not (thing.partners & (seen.present | seen.said)):
        return ["proposed"]
    if thing.forms == {graded_form()} and symbol not in (seen.content.present | seen.said):
        return ["proposed"]
    facts = []
    if symbol in seen.said:
        facts.append("words")
    if symbol in seen.content.present:
        facts.append("content")
    return facts


def _proposed(seen: Features, goods: Catalogue) -> set[str]:
    """Things that the words only point to: a group of elements, a kind of good whose content is open."""
    own = table("words")
    found: set[str] = set()
    for symbol in seen.present & set(own["strong"]):
        found |= {key for key in goods.by_element.get(symbol, ()) if goods.things[key].is_goods}
    found |= open_alloy_items(seen)
    if "graded" in seen.tags or _is_graded(seen):
        found |= set(own["graded"]["items"])
    elif graded_form() in seen.forms:
        found |= set(own["graded"]["form_items"])
    if seen.tagged("group"):
        from .words import words

        for symbol in words()["groups"][table("words")["graded"]["group"]]:
            for key in goods.by_element.get(symbol, ()):
                forms = goods.things[key].forms
                if not forms or not seen.forms or forms & seen.forms:
                    found.add(key)
    return {key for key in found if key in goods.things}


def _is_graded(seen: Features) -> bool:
    return graded_form() in seen.forms and {"Nd", "B"} & seen.present != set()


def _hit(seen: Features, thing: Thing, facts: set[str]) -> Hit:
    """How strongly the facts name a thing, and what is left to ask."""
    why = _why(seen, thing, facts)
    if "code" in facts:
        return Hit(thing.id, "certain", why)
    if "contradicted" in facts:
        return Hit(thing.id, "possible", why, _contradiction(seen, thing))
    kinds = facts & {"words", "content", "hs"}
    named = bool(facts & {"words", "content"})
    state, limits = _limits(seen, thing)
    if state == "failed" and named:
        return Hit(thing.id, "near", f"{why}; {limits}")
    if not (named and len(kinds) > 1):
        return Hit(thing.id, "possible", why, _question(seen, thing, facts))
    if state == "open":
        return Hit(thing.id, "possible", why, limits)
    return Hit(thing.id, "certain", f"{why}; {limits}" if limits else why)


def _limits(seen: Features, thing: Thing) -> tuple[str, str]:
    """("met" | "failed" | "open", words) for the limits of a thing."""
    unknown, stated = [], []
    for limit in thing.limits:
        values = [value for value, _ in quantities(limit.quantity, seen.text)]
        if not values:
            unknown.append(str(limit))
            continue
        value = max(values)
        stated.append(f"{limit}: {value:g} given")
        if not limit.met(value):
            return "failed", f"outside the limit ({limit}: {value:g} given)"
    if unknown or thing.asked:
        ask = ", ".join(unknown) if unknown else thing.asked
        return "open", f"Are the limits of {thing.label} met ({ask})?"
    return "met", "; ".join(stated)


def _why(seen: Features, thing: Thing, facts: set[str]) -> str:
    parts = []
    if "code" in facts:
        parts.append(f"control code {', '.join('.'.join(p) for p in seen.codes)} given")
    if "words" in facts:
        parts.append("named in the description")
    if "content" in facts:
        parts.append("named in the composition")
    if "hs" in facts:
        printed = any(c.startswith(seen.hs[:6]) for c in thing.hs)
        line = (
            f"HS {seen.hs} is a line of the entry"
            if printed
            else f"such goods are declared under HS {seen.hs[:6]}"
        )
        parts.append(line + (f" ({thing.hs_note})" if thing.hs_note and seen.hs[:4] in thing.hs_note else ""))
    if "contradicted" in facts:
        told = ", ".join(sorted(thing.elements & seen.contradicted))
        parts.append(f"the composition says no {told}, the name or the HS line says {told}")
    if not parts:
        parts.append("the words point to it")
    return f"{thing.label}: {', '.join(parts)}"


def _question(seen: Features, thing: Thing, facts: set[str]) -> str:
    graded = table("words")["graded"]
    if thing.forms == {graded_form()}:
        return str(graded["ask"])
    if facts == {"hs"}:
        shared = "this HS line also carries goods that are not controlled"
        return f"What is the good, and what is it made of ({shared})?"
    if thing.elements and not seen.content_given:
        return f"What is it made of, in % by weight: is it {thing.label}?"
    if not seen.hs:
        return (
            f"Which HS code of six or more digits, or which control code, does it have: is it {thing.label}?"
        )
    return f"Is it {thing.label}?"


def _contradiction(seen: Features, thing: Thing) -> str:
    told = ", ".join(sorted(thing.elements & seen.contradicted))
    return f"The name or HS line says {told}, the composition or declaration says none: which is right?"


def _one_paragraph(hits: tuple[Hit, ...], goods: Catalogue) -> tuple[Hit, ...]:
    """A code above several entries of different measures names none of them for certain."""
    by_code = [h for h in hits if "control code" in h.why]
    owners = [frozenset(m for m, _ in goods.things[h.thing].places) for h in by_code]
    if len(by_code) < 2 or frozenset.intersection(*owners):
        return hits
    ask = "Which paragraph under the given control code is it?"
    return tuple(replace(h, strength="possible", ask=ask) if h in by_code else h for h in hits)


def _families(seen: Features) -> tuple[str, ...]:
    """Families of the list, not itemised, that the item belongs to by words or HS line."""
    found = dict.fromkeys(sorted(seen.tagged("family")))
    for length in (4, 6) if seen.hs else ():
        for code in readings(seen.hs):
            for name in _families_by_hs().get(code[:length], ()):
                found.setdefault(name)
    return tuple(found)


@cache
def _families_by_hs() -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for family in table("families")["family"]:
        for code in family["hs"]:
            lines.setdefault(code, []).append(family["name"])
    return lines


def _finding(
    seen: Features,
    hits: tuple[Hit, ...],
    families: tuple[str, ...],
    unloaded: tuple[str, ...],
    notes: list[str],
) -> ItemFinding:
    own = table("words")["ordinary"]
    nothing = not hits and not families and not unloaded
    chapter = (len(seen.hs) >= 6 or (seen.hs_lost and seen.hs != "")) and all(
        code[:2] in own["chapters"] for code in readings(seen.hs)
    )
    ordinary = nothing and (chapter or "ordinary" in seen.tags)
    missing = []
    if not ordinary:
        missing += [] if seen.known_words else ["item_description"]
        missing += [] if len(seen.hs) >= 6 else ["hs_code"]
        open_hits = any(h.strength == "possible" for h in hits)
        missing += ["content"] if open_hits and not seen.content_given else []
    return ItemFinding(
        hits=hits,
        families=families,
        unloaded=unloaded,
        suffices=ordinary or (seen.known_words and len(seen.hs) >= 6),
        ordinary=ordinary,
        missing=tuple(missing),
        notes=tuple(dict.fromkeys([*([] if hits else notes), *_grade_notes(seen)])),
        ask=_ask(seen, families, unloaded),
    )


def _ask(seen: Features, families: tuple[str, ...], unloaded: tuple[str, ...]) -> str:
    """The question about the item where no entry asks one."""
    if unloaded:
        return (
            f"Is control code {', '.join(unloaded)} on the list in force? It is not among the loaded entries."
        )
    if families:
        return f"Does the good meet an entry of the family {', '.join(families)}, which is not itemised here?"
    if not seen.known_words:
        return "What is the good, in words of English, Japanese or Chinese that name it?"
    return "" if len(seen.hs) >= 6 else "Which HS code of six or more digits does the good have?"


def _grade_notes(seen: Features) -> list[str]:
    """What a grade proves, where a grade is given."""
    own = table("words")["graded"]
    if graded_form() not in seen.forms:
        return []
    for word in re.findall(r"[A-Za-z0-9]+", seen.text.upper()):
        hit = re.fullmatch(own["grade"], word)
        if hit:
            note = own["suffix_note"] if (hit[2] or "") in own["strong_suffix"] else own["plain_note"]
            return [f"grade {word}: {note}"]
    return []
