"""What keeps look-alikes out: composition, other kinds of the same form by name, finished articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .check_words import graded_form, table

if TYPE_CHECKING:
    from .check_entries import Catalogue, Thing
    from .item_features import Features

Evidence = dict[str, set[str]]
WEAK = frozenset({"hs", "proposed", "contradicted"})


def drop_other_goods(seen: Features, evidence: Evidence, goods: Catalogue) -> tuple[Evidence, list[str]]:
    """The evidence without the things that the facts rule out, and notes that say why.

    A thing named by a control code is never ruled out.
    """
    notes: list[str] = []
    named = {key for key, facts in evidence.items() if not facts <= WEAK}
    article = _is_article(seen, goods)
    alike = _alike(seen)
    kept: Evidence = {}
    for key, facts in evidence.items():
        thing = goods.things[key]
        reason = ""
        if "code" not in facts:
            reason = (
                _ruled_out(seen, thing, facts)
                or (alike and _meant(alike, thing) and str(alike["why"]))
                or (article if thing.is_goods and (thing.elements or not facts & {"words"}) else "")
                or _another_is_named(thing, facts, named, goods)
                or ""
            )
        if reason:
            notes.append(reason)
        else:
            kept[key] = facts
    return kept, [n for n in dict.fromkeys(notes) if n != "-"]


def _ruled_out(seen: Features, thing: Thing, facts: set[str]) -> str:
    """Why the composition rules a thing out, or "". One that contradicts the name rules out nothing."""
    if "contradicted" in facts:
        return ""
    if not thing.elements:
        weak = facts <= {"hs"}
        return "the composition given is another good" if weak and seen.content.complete else ""
    if thing.elements <= seen.absent:
        return f"said to hold no {', '.join(sorted(thing.elements))}"
    if not facts <= WEAK:
        return ""
    if graded_form() in thing.forms and len(thing.forms) == 1:
        return _other_kind(seen, thing)
    if seen.complete and not thing.elements & seen.present:
        return "the composition given names other elements only"
    return ""


def _other_kind(seen: Features, thing: Thing) -> str:
    """Goods of the form by another name or composition; traces are settled only by a clear "none"."""
    own = table("words")["graded"]
    boron = "graded" in seen.tags or {"Nd", "B"} <= seen.present
    samarium = set(own["form_items"]) - set(own["items"])
    if thing.id in samarium and boron and not thing.elements & seen.present:
        return "-"
    if thing.id in own["items"]:
        if seen.tagged("item") & samarium or (seen.present & {"Sm"} and not boron):
            return "-"
        if seen.content.complete and not boron and not seen.present & {"Nd", "Pr"}:
            return "the composition given is that of another kind"
    elif seen.content.complete and not thing.elements & seen.present:
        return "-"
    return ""


def _another_is_named(thing: Thing, facts: set[str], named: set[str], goods: Catalogue) -> str:
    """Beside a good that is named, entries of the same HS line or element that nothing names fall away."""
    if not facts <= WEAK or thing.any_element:
        return ""
    others = [goods.things[key] for key in named]
    others = [o for o in others if o.is_goods and not o.any_element]
    same = any(_same_line(o, thing) or (thing.elements and thing.elements <= o.elements) for o in others)
    return "-" if same else ""


def _same_line(one: Thing, other: Thing) -> bool:
    return bool({c[:6] for c in (*one.hs, *one.hints)} & {c[:6] for c in (*other.hs, *other.hints)})


def _is_article(seen: Features, goods: Catalogue) -> str:
    """The reason why a finished article is none of the materials, or ""."""
    own = table("words")["articles"]
    hs = seen.hs
    if "article" not in seen.tags or len(hs) < 6 or hs[:2] not in own["chapters"]:
        return ""
    if hs[:4] in own["not_articles"] or hs[:6] in goods.by_hs6:
        return ""
    return "a finished article that may contain a listed element: the entries name materials, not articles"


def _alike(seen: Features) -> dict[str, object] | None:
    """The look-alike that the words name, where HS line or composition agrees."""
    names = seen.tagged("alike")
    for row in table("words")["alike"]:
        if row["name"] in names and (seen.hs[:6] in row["hs"] or (seen.content.complete and not seen.hs)):
            found: dict[str, object] = row
            return found
    return None


def _meant(alike: dict[str, object], thing: Thing) -> bool:
    drops = alike["drops"]
    if not isinstance(drops, list):
        return False
    return bool(set(drops) & (thing.forms | thing.elements))
