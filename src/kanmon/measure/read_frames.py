"""Frames around goods that no vocabulary knows: "exports of X to", "Xの輸出", "禁止X出口"."""

from __future__ import annotations

import re
from functools import cache

from .read_vocab import MASK, words

_HAN = "\u3400-\u9fff"
_JA_WORD = rf"[{_HAN}\u30a1-\u30faーA-Za-z0-9]+"
_JA_JOINT = r"(?:、|と|や|および|及び|または|又は|ならびに)"
_ZH_WORD = rf"(?:(?!出口|进口|和|及|与|或)[{_HAN}A-Za-z0-9])+"
_ZH_JOINT = r"(?:、|和|及|与|或|以及)"
_CUT = {"en": r",?\s+and\s+|,?\s+or\s+|,\s+", "ja": _JA_JOINT, "zh": _ZH_JOINT}


def joined(name: str, language: str) -> str:
    """A word list of words.toml as one alternative of a regular expression, longest first."""
    known = sorted(words(name, language), key=len, reverse=True)
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in known)


def _english() -> tuple[str, ...]:
    stop = joined("phrase_end", "en")
    word = rf"(?!(?:{stop})\b)[\w%'/-]+"
    joint = r"(?:,\s+(?!(?:a|an|the|its|his|her|their|he|she|they)\b)|\s+)"
    phrase = rf"(?P<goods>{word}(?:{joint}{word}){{0,12}})"
    short = rf"(?P<goods>{word}(?:\s+{word}){{0,3}})"
    verb = "ban|bans|banned|curbs?|restricts?|halts?|halted|restricted|limits?|suspends?|suspended"
    noun = "exports?|exporting|shipments?|sales?|supplies|deliver(?:y|ies)|supply|transfers?"
    return (
        rf"\b(?:{noun})\s+of\s+{phrase}",
        rf"\b(?:{verb}|tax|taxes|caps?)\s+{short}\s+(?:exports?|shipments)\b",
        rf"\b(?:appl(?:y|ies|ied)\s+to|covers?|covering|covered|cover)\s+{phrase}",
        rf"\b(?:ban|curbs|restrictions|controls|embargo|quotas?|duty|tax|levy|cess)\s+on\s+{phrase}",
        rf"\b(?:let|lets|allow|allows|permit|permits)\s+{phrase}\s+(?:out\s+of|to\s+leave|leave)\b",
        rf"\b(?:supply|export|ship|sell|deliver)\s+{short}\s+to\b",
    )


def _japanese() -> tuple[str, ...]:
    phrase = rf"(?P<goods>{_JA_WORD}(?:{_JA_JOINT}{_JA_WORD})*)"
    place = rf"{MASK}+(?:など)?(?:向け|への|宛ての?)の?"
    return (rf"{phrase}(?:など\w{{0,6}})?の(?:{place})?(?:輸出|禁輸|出荷)", rf"{phrase}を禁輸")


def _chinese() -> tuple[str, ...]:
    phrase = rf"(?P<goods>{_ZH_WORD}(?:{_ZH_JOINT}{_ZH_WORD})*)"
    return (
        rf"(?:禁止|限制|暂停|停止|管制){phrase}(?:等产品)?的?出口(?!商|经营|企业)",
        rf"(?:不得|禁止|限制)(?:向(?:其|{MASK}+))?出口(?!商|经营|企业|{MASK}){phrase}(?=[，。；、])",
        rf"对{phrase}(?:等)?(?:相关物项)?(?:实施|实行)出口",
        rf"限制(?:其|{MASK}+)(?:获取|获得|购买)(?:{MASK}+的?)?{phrase}(?=[，。；])",
    )


@cache
def phrase_pattern(language: str) -> re.Pattern[str]:
    """The frames of a language as one expression; the goods stand in the groups goods0, goods1, ..."""
    frames = {"en": _english, "ja": _japanese, "zh": _chinese}[language]()
    return re.compile(
        "|".join(f.replace("<goods>", f"<goods{i}>") for i, f in enumerate(frames)), re.IGNORECASE
    )


def parts(mask: str, start: int, end: int, language: str) -> list[tuple[int, int]]:
    """Conjuncts of a noun phrase, each without leading determiners."""
    found, at = [], start
    for cut in [*re.finditer(_CUT[language], mask[start:end]), None]:
        stop = start + cut.start() if cut else end
        lead = re.match(_determiners(language), mask[at:stop], re.IGNORECASE)
        left = at + (lead.end() if lead else 0)
        if left < stop:
            found.append((left, stop))
        at = start + cut.end() if cut else end
    return found


@cache
def _determiners(language: str) -> str:
    known = joined("determiner", language)
    if not known:
        return ""
    return rf"(?:(?:{known})\s+)+" if language == "en" else rf"(?:{known})+"


def is_goods(phrase: str, language: str) -> bool:
    """Whether a noun phrase can be goods: words, no country or year, more than a determiner or "products"."""
    if MASK in phrase or re.search(r"\b(?:19|20)\d\d\b", phrase):
        return False
    general, determiner = joined("general_goods", language), joined("determiner", language)
    plain = "|".join(filter(None, (general, determiner)))
    blank = r"\s+" if language == "en" else ""
    if plain and re.fullmatch(rf"(?:{plain})(?:{blank}(?:{plain}))*", phrase, re.IGNORECASE):
        return False
    if language == "en":
        return re.search(r"[a-z]{3}", phrase) is not None
    if language == "zh" and phrase[0] in "向对其从将":
        return False
    return re.search(r"\d[月日年]", phrase) is None and len(phrase) <= 16
