"""Which measure of the library a text speaks of, with the evidence in words.

Each feature (imposer, target, instrument, items, date, notice number, distinct words) is compared
only where the text says something about it; the score is their weighted mean. A contradiction (another
imposer, another target, another day) scales the whole down. docs/reading.md lists the weights.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ..core.codes import country_name, find_countries
from .measure import Item, Measure
from .read_vocab import find, groups, words
from .reading import Match

MATCH_NEEDED = 0.5
"""Score from which a text is taken to speak of a library measure; matches below it are not shown."""

WEIGHTS = {
    "imposer": 2.0,
    "target": 2.5,
    "instrument": 1.5,
    "parties": 2.0,
    "items": 3.0,
    "date": 4.0,
    "number": 6.0,
    "words": 2.0,
}
"""Weight of each feature in the score (docs/reading.md says why)."""

NEAR_DAYS = 3
SAME_CASE_DAYS = 45
"""A date given to the measure itself contradicts less within these days: reports take other days for it."""


@dataclass(frozen=True)
class Feature:
    """Agreement in one feature: value in [0, 1], a factor below 1 for a contradiction, and why."""

    name: str
    value: float
    why: str = ""
    factor: float = 1.0


def matches(
    text: str,
    language: str,
    draft: Measure,
    instruments: Sequence[str],
    days: Sequence[date],
    library: Mapping[str, Measure],
) -> tuple[Match, ...]:
    """Library measures that the text speaks of, best first; empty where none reaches MATCH_NEEDED."""
    if not library:
        return ()
    profiles = {key: profile(measure) for key, measure in library.items()}
    rarity = _rarity(profiles)
    stated = tuple(i for i in draft.items if i.certainty == "stated")
    own = _goods_of(stated, "", language)
    present = _tokens(text)
    found = []
    for key, measure in library.items():
        features = [
            _imposer(draft, measure),
            _target(draft, measure),
            _instrument(instruments, measure),
            _parties(draft, measure),
            _items(own, profiles[key].goods) if stated else None,
            _dates(days, draft, measure),
            _number(text, measure),
            _words(present, profiles[key].words, rarity),
        ]
        given = [f for f in features if f is not None]
        total = sum(WEIGHTS[f.name] for f in given)
        score = sum(WEIGHTS[f.name] * f.value for f in given) / total if total else 0.0
        for f in given:
            score *= f.factor
        agreeing = [f for f in given if f.value >= 0.5 and f.why]
        if score >= MATCH_NEEDED and len(agreeing) >= 3:
            found.append(Match(key, "; ".join(f.why for f in agreeing), round(score, 3)))
    return tuple(sorted(found, key=lambda m: (-m.score, m.measure)))


def _names(codes: Sequence[str]) -> str:
    return ", ".join(country_name(c) for c in codes)


def _imposer(draft: Measure, measure: Measure) -> Feature | None:
    if not draft.imposers:
        return None
    common = [c for c in draft.imposers if c in measure.imposers]
    if not common:
        return Feature("imposer", 0.0, factor=0.3)
    return Feature("imposer", 1.0, f"same imposer ({_names(common)})")


def _target(draft: Measure, measure: Measure) -> Feature | None:
    if not draft.targets:
        # A text that names nobody is nearer to a measure on all destinations.
        return Feature("target", 0.7 if "all" in measure.targets else 0.3)
    common = [c for c in draft.targets if c in measure.targets]
    if common:
        share = len(common) / max(len(draft.targets), min(len(measure.targets), 3))
        return Feature("target", max(0.6, share), f"same target ({_names(common)})")
    if "all" in measure.targets:
        return Feature("target", 0.35, factor=0.9)
    return Feature("target", 0.0, factor=0.6)


def _instrument(instruments: Sequence[str], measure: Measure) -> Feature | None:
    sharp = [i for i in instruments if i != "other"]
    if not sharp:
        return None
    theirs = {limb.instrument for limb in measure.limbs}
    common = [i for i in sharp if i in theirs]
    if not common:
        return Feature("instrument", 0.0, factor=0.85)
    # The first instrument is the one the text speaks of most.
    value = 1.0 if common[0] == sharp[0] else 0.6
    return Feature("instrument", value, f"same instrument ({', '.join(common)})")


_LISTED = {"listed_parties", "listed_and_affiliates", "named_companies"}


def _parties(draft: Measure, measure: Measure) -> Feature | None:
    """Whether both speak of named parties, or neither does."""
    own = bool(_LISTED & {u for limb in draft.limbs for u in limb.end_user_scope})
    scopes = [set(limb.end_user_scope) for limb in measure.limbs]
    if not scopes:
        return None
    theirs = all(s & _LISTED for s in scopes)
    if own and theirs:
        return Feature("parties", 1.0, "both on listed parties")
    if own != theirs:
        return Feature("parties", 0.0, factor=0.8)
    return None


@dataclass(frozen=True)
class GoodsOf:
    """Goods in comparable form: chemical symbols, classes of the vocabulary, four-digit headings."""

    elements: frozenset[str]
    classes: frozenset[str]
    headings: frozenset[str]


@dataclass(frozen=True)
class Profile:
    """What is compared of a library measure, worked out once per measure."""

    goods: GoodsOf
    words: frozenset[str]


@lru_cache(maxsize=1024)
def profile(measure: Measure) -> Profile:
    """Goods and distinct words of a measure."""
    text = " ; ".join([measure.title, *(i.phrase for i in measure.items[:12])])
    return Profile(_goods_of(measure.items, measure.title, "en"), frozenset(_tokens(text)))


def _goods_of(items: Sequence[Item], title: str, language: str) -> GoodsOf:
    """Goods named by elements, codes and phrases; group words are written out as their members."""
    hits = find("items", " ; ".join([*(i.phrase for i in items), title]), language)
    named = [e for i in items for e in i.elements]
    named += [e for h in hits for e in h.entry.extra.get("elements", ())]
    symbols = {s for name in named for s in _group(name)}
    headings = {c[:4] for i in items for c in i.hs}
    return GoodsOf(frozenset(symbols), frozenset(h.value for h in hits), frozenset(headings))


def _group(name: str) -> tuple[str, ...]:
    """Members of the group word that a name contains; else the name itself, a symbol."""
    return next((members for word, members in groups().items() if word in name), (name,))


def _items(own: GoodsOf, theirs: GoodsOf) -> Feature | None:
    """Shared elements (F1), share of the text's classes, and tariff headings where no element decides."""
    common, classes = own.elements & theirs.elements, own.classes & theirs.classes
    parts = []
    if own.elements and theirs.elements:
        parts.append(2 * len(common) / (len(own.elements) + len(theirs.elements)))
    elif own.headings and theirs.headings:
        parts.append(len(own.headings & theirs.headings) / len(own.headings))
    if own.classes:
        parts.append(len(classes) / len(own.classes))
    if not parts:
        return None
    value = max(parts)
    if value == 0.0:
        return Feature("items", 0.0, factor=0.75)
    named = ", ".join((sorted(classes) or sorted(common))[:6])
    return Feature("items", value, f"same goods ({named})" if named else "same tariff headings")


def _dates(days: Sequence[date], draft: Measure, measure: Measure) -> Feature | None:
    """Full dates of the text against the days of the measure (announced, effective, suspended, ended).

    Any date may agree; only a date that the text gives to the measure itself may contradict.
    """
    theirs = [measure.announced]
    for limb in measure.limbs:
        theirs += [limb.effective, limb.suspended_from, limb.ended]
    known = [w for w in theirs if w is not None]
    if not days or not known:
        return None
    gap, day, when = min(
        (abs((d - w.day).days) if w.precision == "day" else _month_gap(d, w.day), d, w)
        for d in days
        for w in known
    )
    if gap == 0:
        return Feature("date", 1.0, f"same date ({when})")
    if gap <= NEAR_DAYS:
        return Feature("date", 0.6, f"{gap} days apart ({day} and {when})")
    own_dates = [w for w in (draft.announced, draft.effective) if w is not None and w.precision == "day"]
    if not own_dates:
        return None
    return Feature("date", 0.0, factor=0.85 if gap <= SAME_CASE_DAYS else 0.7)


def _month_gap(day: date, month: date) -> int:
    """Days between a day and a month known only as a month; 1 within it (never an exact match)."""
    if (day.year, day.month) == (month.year, month.month):
        return 1
    return abs((day - month).days)


_NUMBER = re.compile(
    r"(?:No\.?|number|Ann(?:ouncement)?\.?)\s*(\d{1,4})\s*(?:of\s+|/|,\s*)((?:19|20)\d\d)|((?:19|20)\d\d)\s*年\s*第\s*(\d{1,4})\s*号",
    re.IGNORECASE,
)


def _numbers(text: str) -> set[tuple[str, str]]:
    found = set()
    for m in _NUMBER.finditer(unicodedata.normalize("NFKC", text)):
        number, year = (m.group(1), m.group(2)) if m.group(1) else (m.group(4), m.group(3))
        found.add((number.lstrip("0"), year))
    return found


def _number(text: str, measure: Measure) -> Feature | None:
    """Numbers of notices ("No. 18 of 2025") decide where both sides have one."""
    # After the semicolon stand other notices ("suspended by ...").
    own, theirs = _numbers(text), _numbers(measure.instrument_name.split(";")[0])
    if not own or not theirs:
        return None
    common = own & theirs
    if not common:
        return Feature("number", 0.0, factor=0.8)
    number, year = min(common)
    return Feature("number", 1.0, f"same notice (No. {number} of {year})")


def _tokens(text: str) -> set[str]:
    """Words of three letters or more, folded, without country names and words common to all measures."""
    chars = list(text)
    for _, start, end in find_countries(text):
        chars[start:end] = " " * (end - start)
    folded = unicodedata.normalize("NFKC", "".join(chars)).casefold()
    common = {*words("common", "en"), *words("function", "en")}
    found = {
        w.removesuffix("s") if len(w) > 4 else w
        for w in re.findall(r"[a-z][a-z-]{2,}", folded)
        if w not in common
    }
    return found | set(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]{2,6}", folded))


def _rarity(profiles: Mapping[str, Profile]) -> Mapping[str, float]:
    """Inverse document frequency of each word over the library: a word of few measures tells more."""
    counts: dict[str, int] = {}
    for one in profiles.values():
        for token in one.words:
            counts[token] = counts.get(token, 0) + 1
    return {t: math.log((1 + len(profiles)) / n) for t, n in counts.items()}


def _words(present: set[str], own: frozenset[str], rarity: Mapping[str, float]) -> Feature | None:
    total = sum(rarity[t] for t in own)
    if total <= 0:
        return None
    shared = sorted(own & present, key=lambda t: (-rarity[t], t))
    value = min(1.0, 1.5 * sum(rarity[t] for t in shared) / total)
    return Feature("words", value, f"shared words ({', '.join(shared[:5])})" if shared else "")
