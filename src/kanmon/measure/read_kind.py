"""Is the text about a restriction on exports, of which kind, in which state, on which basis?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .read_sentence import Parsed, Sentence
from .read_vocab import Hit, entries, find, words

NEGATION_REACH = 24
"""Characters before a word in which a negation takes it back."""

SURE_MENTION = 0.9
"""Weight of an instrument from which it is kept: one mention in the body that is no fear or plan."""


@dataclass(frozen=True)
class Found:
    """A value of a field with the place in the text that says it."""

    value: str
    start: int
    end: int


@cache
def _word_pattern(name: str, language: str) -> re.Pattern[str]:
    known = sorted(words(name, language), key=len, reverse=True)
    body = "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in known)
    if not body:
        return re.compile(r"(?!)")
    return re.compile(rf"\b(?:{body})\b" if language == "en" else f"(?:{body})", re.IGNORECASE)


def has_word(name: str, text: str, language: str) -> re.Match[str] | None:
    """The first word of a list of words.toml in a text."""
    return _word_pattern(name, language).search(text)


def negated(sentence: Sentence, start: int, language: str) -> bool:
    """Whether the words just before a place (of the sentence) take it back ("not a ban on ...")."""
    before = sentence.mask[max(0, start - NEGATION_REACH) : start]
    before = re.split(r"[,;.]", before)[-1]
    return bool(has_word("negation", before, language))


def hedged(sentence: Sentence, start: int, language: str) -> bool:
    """Whether a fear or a modal verb before a place of the sentence makes it only possible."""
    before = sentence.mask[:start]
    if has_word("fear", before, language) or has_word("plan", before, language):
        return True
    near = re.split(r"[,;]", before)[-1]
    return bool(has_word("modal", near[-60:], language))


def denied(sentence: Sentence, start: int, end: int, language: str) -> bool:
    """Whether the words around a restriction deny it, rule it out or call it unlikely."""
    if language != "en":
        return bool(find("denial", sentence.mask, language))
    before = re.split(r"[;:]|\bbut\b", sentence.mask[:end])[-1]
    after = re.split(r"[;:]|\bbut\b|, (?:and|which|while)\b", sentence.mask[start:])[0]
    sides = {"before": before, "after": after}
    return any(
        hit.entry.extra["side"] == side and (side == "after" or start >= end - len(before) + hit.start)
        for side, part in sides.items()
        for hit in find("denial", part, language, overlapping=True)
    )


def _feared(sentence: Sentence, start: int, language: str) -> bool:
    """Whether a restriction is only feared: by words before it, in East Asian languages after it too."""
    if language != "en":
        return has_word("fear", sentence.mask, language) is not None
    return has_word("fear", sentence.mask[:start], language) is not None


@dataclass(frozen=True)
class Direction:
    """Weights of what the text is about, and the sentences that tell of a restriction on exports."""

    weights: dict[str, float]
    export_sentences: tuple[Sentence, ...]
    first: dict[str, Found]


def direction(parsed: Parsed) -> Direction:
    """Weigh the sentences: the lead counts more, fears and denials count less or not at all."""
    weights: dict[str, float] = {}
    first: dict[str, Found] = {}
    about: list[Sentence] = []
    for index, sentence in enumerate(parsed.sentences):
        later = parsed.sentences[index + 1].mask if index + 1 < len(parsed.sentences) else ""
        denials = find("denial", later, parsed.language, overlapping=True)
        disowned = any(hit.entry.extra["side"] == "next" for hit in denials)
        for hit in _directions(sentence, parsed.language):
            weight = sentence.weight * (0.3 if sentence.background else 1.0)
            if hit.value == "export" and (disowned or denied(sentence, hit.start, hit.end, parsed.language)):
                weights["denied"] = weights.get("denied", 0.0) + weight
                continue
            if hedged(sentence, hit.start, parsed.language):
                weight *= 0.4
            weights[hit.value] = weights.get(hit.value, 0.0) + weight
            if hit.value == "export" and not _feared(sentence, hit.start, parsed.language):
                weights["stated"] = weights.get("stated", 0.0) + weight
            first.setdefault(
                hit.value, Found(hit.value, sentence.start + hit.start, sentence.start + hit.end)
            )
            if hit.value == "export" and sentence not in about:
                about.append(sentence)
    return Direction(weights, tuple(about), first)


def _directions(sentence: Sentence, language: str) -> list[Hit]:
    """At most one hit of each kind in a sentence; an export word inside an import phrase is none."""
    kept: dict[str, Hit] = {}
    for hit in find("direction", sentence.mask, language, overlapping=True):
        if hit.value in kept or negated(sentence, hit.start, language):
            continue
        kept[hit.value] = hit
    export, tariff = kept.get("export"), kept.get("tariff")
    if export and tariff and tariff.start < export.end and export.start < tariff.end:
        # "export tariff" is a tax on exports.
        del kept["tariff"]
    return list(kept.values())


def act_sentences(parsed: Parsed, about: Direction) -> list[Sentence]:
    """Sentences that tell of the measure: on exports, right after such, or on the act itself."""
    near = []
    for index, sentence in enumerate(parsed.sentences):
        after = index > 0 and parsed.sentences[index - 1] in about.export_sentences
        act = bool(find("notice", sentence.mask, parsed.language))
        if (sentence in about.export_sentences or after or act) and not sentence.background:
            near.append(sentence)
    return near


def why_not_export(about: Direction) -> str:
    """Empty where the text tells of a restriction on exports; else what it tells of instead."""
    export = about.weights.get("export", 0.0)
    stated, taken_back = about.weights.get("stated", 0.0), about.weights.get("denied", 0.0)
    if taken_back > stated:
        return "the text denies a restriction on exports or calls it unlikely; it states none"
    if export > 0 and not stated:
        return "the text reports only the fear or the rumour of a restriction on exports; it states none"
    others = {k: w for k, w in about.weights.items() if k not in {"export", "stated", "denied", "protest"}}
    strongest = max(others, key=lambda k: others[k], default="")
    if export > 0 and export >= 0.5 * others.get(strongest, 0.0):
        return ""
    reasons = {e.value: str(e.extra["why"]) for e in entries("direction") if "why" in e.extra}
    if strongest:
        return f"the text reports {reasons[strongest]}; it states no restriction on exports"
    if "protest" in about.weights:
        return f"the text reports {reasons['protest']}"
    return "no sentence of the text states a restriction on exports"


_OF_ACTS = frozenset({"licence", "quota", "tax"})
"""Instruments also taken from sentences on the act itself ("the decree sets quotas")."""


def instruments(parsed: Parsed, about: Direction) -> tuple[Found, ...]:
    """Instruments stated in the sentences on exports or on the act, strongest evidence first.

    "other" (curbs, controls) stands only where no sharper word is found.
    """
    weights: dict[str, float] = {}
    first: dict[str, Found] = {}
    for sentence in act_sentences(parsed, about):
        own = sentence in about.export_sentences
        for hit in find("instruments", sentence.mask, parsed.language, overlapping=True):
            if negated(sentence, hit.start, parsed.language):
                continue
            if not own and (hit.value not in _OF_ACTS or not find("notice", sentence.mask, parsed.language)):
                continue
            sure = not hedged(sentence, hit.start, parsed.language)
            weight = sentence.weight * (1.0 if sure else 0.2)
            weights[hit.value] = weights.get(hit.value, 0.0) + weight
            first.setdefault(
                hit.value, Found(hit.value, sentence.start + hit.start, sentence.start + hit.end)
            )
    sharp = {k: w for k, w in weights.items() if k != "other"}
    # One sure mention is enough; a word seen only in a fear or a plan stands only where nothing is sure.
    kept = [k for k, w in sharp.items() if w >= SURE_MENTION] or list(sharp)
    if not kept:
        kept = ["other"] if "other" in weights else []
    return tuple(first[k] for k in sorted(kept, key=lambda k: (-weights[k], k)))


def status(parsed: Parsed, about: Direction) -> Found | None:
    """The state of the measure in the words of the text.

    Demands and hopes do not count ("demanded that it withdraw the ban"). A text whose title or
    first sentences only consider a measure is a proposal, whatever is said later in the future tense.
    """
    ranks: list[tuple[int, int, Found]] = []
    near = act_sentences(parsed, about)
    for index, sentence in enumerate(parsed.sentences):
        if sentence not in near:
            continue
        for hit in find("status", sentence.mask, parsed.language, overlapping=True):
            if hit.value in {"lifted", "suspended"} and _only_wished(sentence, hit, parsed.language):
                continue
            if hit.value != "proposed" and (
                negated(sentence, hit.start, parsed.language) or _future(sentence, hit, parsed.language)
            ):
                continue
            if hit.value == "proposed" and index > 2:
                continue
            rank = int(hit.entry.extra["rank"])
            ranks.append(
                (rank, index, Found(hit.value, sentence.start + hit.start, sentence.start + hit.end))
            )
    return min(ranks, key=lambda r: r[:2])[2] if ranks else None


def _only_wished(sentence: Sentence, hit: Hit, language: str) -> bool:
    before = sentence.mask[max(0, hit.start - 70) : hit.start]
    if language == "en":
        before = re.split(r"[;]", before)[-1]
        return has_word("wish", before, language) is not None
    return has_word("wish", sentence.mask, language) is not None


def _future(sentence: Sentence, hit: Hit, language: str) -> bool:
    if hit.value != "in_force":
        return False
    if language == "en":
        return bool(re.search(r"\b(will|would|could|may|might|to)\s*$", sentence.mask[: hit.start]))
    return False


def scopes(parsed: Parsed, about: Direction, field: str) -> tuple[Found, ...]:
    """End users or end uses named in the text, in order of appearance, without definitions of terms."""
    found: dict[str, Found] = {}
    near = set(about.export_sentences)
    for index, sentence in enumerate(parsed.sentences):
        before = index > 0 and parsed.sentences[index - 1] in near
        operative = bool(find("instruments", sentence.mask, parsed.language))
        if sentence.background or not (sentence in near or before or operative):
            continue
        hits = find("scopes", sentence.mask, parsed.language, overlapping=True)
        taken = [h for h in hits if h.value == "definition"]
        for hit in hits:
            if hit.entry.extra["field"] not in {field, "both"} or hit.value in found:
                continue
            if any(t.start < hit.end and hit.start < t.end for t in taken):
                continue
            if negated(sentence, hit.start, parsed.language) or hedged(sentence, hit.start, parsed.language):
                continue
            found[hit.value] = Found(hit.value, sentence.start + hit.start, sentence.start + hit.end)
    if "listed_and_affiliates" in found:
        found.pop("listed_parties", None)
    return tuple(found.values())


def legal(parsed: Parsed) -> tuple[str, Found | None, tuple[Found, ...]]:
    """Re-export reach ("true", "false" or "unknown") with its place, and the texts of law named."""
    reach: Found | None = None
    answer = "unknown"
    laws: list[Found] = []
    for sentence in parsed.sentences:
        for hit in find("legal", sentence.plain, parsed.language):
            place = Found(hit.value, sentence.start + hit.start, sentence.start + hit.end)
            if hit.value == "law":
                laws.append(place)
            elif sentence.background or hedged(sentence, hit.start, parsed.language):
                continue
            elif hit.value == "no_re_export" and reach is None:
                answer, reach = "false", place
            elif hit.value == "re_export" and reach is None:
                answer, reach = "true", place
    seen: dict[str, Found] = {}
    for law in laws:
        seen.setdefault(parsed.plain[law.start : law.end].casefold(), law)
    return answer, reach, tuple(seen.values())
