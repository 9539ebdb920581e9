"""One spelling for a party's name in any script: what is left is what tells parties apart.

Width, case, punctuation, legal forms, old and simplified characters, kana and romanised long vowels
are folded; the words come from data/party_words.toml and data/party_kanji.csv.
"""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from .words import DATA

_CJK = "\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
_IS_CJK = re.compile(f"[{_CJK}]")
_SINGLE_DOTS = re.compile(r"(?<![a-z0-9])((?:[a-z]\. ?)+)(?=[a-z](?![a-z0-9])\.?)")
_NOT_WORD = re.compile(r"[\W_]+")
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_ACCENTED = re.compile(r"[\u00c0-\u024f\u0300-\u036f\u0370-\u058f\u1e00-\u1fff]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_ASCII_DROPPED = re.compile("['\"`]")
_DOUBLED = re.compile(r"(.)\1+")
_SOKUON = "ッ"


@dataclass(frozen=True, slots=True)
class NameKey:
    """A name folded for comparison.

    text: as given; words: folded words without legal forms, a run of East Asian script being one
    word; forms: legal forms taken off; key: the words joined, so that equal keys differ only in
    spacing, punctuation, legal form or script variant; sounds, sound: words and key with romanised
    long vowels and the two usual romanisations folded; latin: no East Asian script in it.
    """

    text: str
    words: tuple[str, ...]
    forms: tuple[str, ...]
    key: str
    sounds: tuple[str, ...]
    sound: str
    latin: bool

    @property
    def loose(self) -> str:
        """The key blind to plural endings, usual short forms and signs that scans confuse."""
        return "".join([w for w in map(_loose, self.words) if w not in _loose_connectors()]) or self.key

    @property
    def bag(self) -> tuple[str, ...]:
        """The words in alphabetical order."""
        return tuple(sorted(self.sounds))


@cache
def party_words() -> dict[str, Any]:
    """The tables of party_words.toml."""
    return tomllib.loads((DATA / "party_words.toml").read_text("utf-8"))


@cache
def _kanji() -> dict[int, str]:
    with (DATA / "party_kanji.csv").open(encoding="utf-8", newline="") as file:
        return {ord(r["variant"]): r["key"] for r in csv.DictReader(file)}


@cache
def _characters() -> dict[int, str | None]:
    """One table for all one-to-one foldings: kanji, hiragana, dropped signs, letters."""
    fold = party_words()["fold"]
    table: dict[int, str | None] = dict(_kanji())
    table |= {n: chr(n + 0x60) for n in range(0x3041, 0x3097)}
    table |= {ord(c): None for c in fold["dropped"]}
    table |= {ord(a): b for a, b in fold["letters"].items()}
    return table


@cache
def _kana_rules() -> tuple[re.Pattern[str], tuple[tuple[str, str], ...], dict[int, str], re.Pattern[str]]:
    fold = party_words()["fold"]
    marks = re.compile(f"(?<=[\u30a1-\u30fa])[{re.escape(fold['long_marks'])}](?![\u4e00-\u9fff])")
    small = {ord(a): b for a, b in fold["small_kana"].items()}
    long = re.compile(f"(?<=[{fold['long_o_u']}ヨユ])ウ|(?<=[{fold['long_e']}])イ")
    return marks, tuple((a, b) for a, b in fold["kana"]), small, long


def fold(text: str) -> str:
    """Width, case, accents, kana and character variants folded; punctuation and spaces stay."""
    if text.isascii():
        return _ASCII_DROPPED.sub("", text.lower())
    plain = unicodedata.normalize("NFKC", text).casefold()
    if _ACCENTED.search(plain):
        plain = _without_accents(plain)
    plain = _INVISIBLE.sub("", plain)
    marks, pairs, small, long = _kana_rules()
    plain = plain.translate(_characters())
    plain = marks.sub("ー", plain)
    for old, new in pairs:
        plain = plain.replace(old, new)
    return long.sub("", plain.translate(small))


def _without_accents(text: str) -> str:
    """Latin letters without accents; the voicing marks of kana stay."""
    parts = unicodedata.normalize("NFD", text)
    kept = "".join(c for c in parts if c in "\u3099\u309a" or unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", kept)


def _pattern(phrases: Iterable[str], longer: Iterable[str] = ()) -> str:
    """Any of the phrases, spaces allowed inside, but not as the end of one of the longer words."""
    folded = sorted({fold(p) for p in phrases}, key=len, reverse=True)
    words = {fold(w) for w in longer}

    def one(phrase: str) -> str:
        before = sorted({w.removesuffix(phrase) for w in words if w.endswith(phrase) and w != phrase})
        guard = "".join(f"(?<!{re.escape(b)})" for b in before)
        return guard + r"\s*".join(re.escape(c) for c in phrase)

    return "|".join(one(p) for p in folded)


@cache
def _cjk_forms() -> tuple[re.Pattern[str], re.Pattern[str]]:
    forms = party_words()["forms"]
    ends = _pattern(forms["cjk_end"])
    branches = party_words()["units"]["branch"]
    return re.compile(_pattern(forms["cjk"], branches)), re.compile(f"^(?:{ends})|(?:{ends})$")


@cache
def _latin_forms() -> tuple[dict[str, tuple[tuple[str, ...], ...]], dict[str, tuple[tuple[str, ...], ...]]]:
    """Legal forms in Latin script by their first word, longest first: anywhere, and only at the ends."""
    forms = party_words()["forms"]
    return _by_first(forms["anywhere"]), _by_first([*forms["anywhere"], *forms["end"]])


def _by_first(phrases: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    table: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        words = tuple(fold(phrase).split())
        table.setdefault(words[0], []).append(words)
    return {k: tuple(sorted(v, key=len, reverse=True)) for k, v in table.items()}


@cache
def _word_maps() -> tuple[dict[str, str], dict[str, str], frozenset[str], frozenset[str]]:
    fold_ = party_words()["fold"]
    salutation = frozenset(fold(w) for w in party_words()["units"]["salutation"])
    return fold_["spelling"], fold_["loose"], frozenset(fold_["connectors"]), salutation


def name_key(text: str) -> NameKey:
    """Fold a name: legal forms off, words in one spelling. A name of nothing else keeps its words."""
    plain = fold(_JOINED.sub(" ", text))
    forms: list[str] = []
    if not plain.isascii():
        plain = _strip_cjk_forms(plain, forms)
    if "." in plain:
        plain = _SINGLE_DOTS.sub(lambda m: m[1].replace(".", "").replace(" ", ""), plain)
    raw = [w for w in _NOT_WORD.split(plain) if w]
    words = _strip_latin_forms(raw, forms)
    spelling, _, connectors, salutation = _word_maps()
    kept = [spelling.get(w, w) for w in words if w not in connectors and w not in salutation]
    final = tuple(kept or words or raw)
    key = "".join(final)
    sounds = tuple([_sound(w) for w in final])
    return NameKey(text, final, tuple(forms), key, sounds, "".join(sounds), _IS_CJK.search(key) is None)


def _strip_cjk_forms(plain: str, forms: list[str]) -> str:
    anywhere, ends = _cjk_forms()

    def note(match: re.Match[str]) -> str:
        forms.append(match[0])
        return " "

    shorter = anywhere.sub(note, plain).strip()
    shorter = ends.sub(note, shorter)
    return shorter if _NOT_WORD.sub("", shorter) else plain


def _strip_latin_forms(words: list[str], forms: list[str]) -> list[str]:
    """Take unmistakable forms off anywhere and the others off the ends, never all words."""
    anywhere, ends = _latin_forms()
    if len(words) == 1:
        return words
    kept: list[str] = []
    at = 0
    while at < len(words):
        form = _form_at(words, at, anywhere) if words[at] in anywhere else None
        if form and (kept or at + len(form) < len(words)):
            forms.append(" ".join(form))
            at += len(form)
        else:
            kept.append(words[at])
            at += 1
    changed = True
    while changed and len(kept) > 1:
        changed = False
        for start in range(1, len(kept)):
            form = _form_at(kept, start, ends) if kept[start] in ends else None
            if form and start + len(form) == len(kept):
                forms.append(" ".join(form))
                kept, changed = kept[:start], True
                break
    return kept


def _form_at(
    words: list[str], at: int, table: Mapping[str, tuple[tuple[str, ...], ...]]
) -> tuple[str, ...] | None:
    for form in table.get(words[at], ()):
        if tuple(words[at : at + len(form)]) == form:
            return form
    return None


@cache
def _romanisation() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(a), b) for a, b in party_words()["fold"]["romanisation"])


@lru_cache(maxsize=200_000)
def _sound(word: str) -> str:
    if not word.isascii() or not word.isalpha():
        return word
    for pattern, new in _romanisation():
        word = pattern.sub(new, word)
    return word


@cache
def _lookalikes() -> tuple[dict[int, str], dict[int, str], tuple[tuple[str, str], ...]]:
    """Signs that scans confuse: East Asian ones, single Latin ones, pairs of Latin ones."""
    table = party_words()["lookalikes"]
    kanji = {ord(a): b for a, b in table["kanji"].items()}
    single = {ord(a): b for a, b in table["latin"].items() if len(a) == 1}
    return kanji, single, tuple((a, b) for a, b in table["latin"].items() if len(a) > 1)


def _as_scanned(word: str) -> str:
    """A Latin word with the signs that scans confuse made one, and doubled letters single."""
    _, single, pairs = _lookalikes()
    word = word.translate(single)
    for old, new in pairs:
        word = word.replace(old, new)
    return _DOUBLED.sub(r"\1", word)


@cache
def _loose_connectors() -> frozenset[str]:
    return frozenset(_as_scanned(w) for w in _word_maps()[2] if len(w) > 1)


@cache
def _loose_words() -> dict[str, str]:
    return {_as_scanned(a): _as_scanned(b) for a, b in _word_maps()[1].items()}


@lru_cache(maxsize=200_000)
def _loose(word: str) -> str:
    if word.isascii():
        scanned = _as_scanned(word)
        return _loose_words().get(scanned, scanned)
    return _DOUBLED.sub(r"\1", word.translate(_lookalikes()[0]))


def romanised(kana: str) -> str:
    """A reading in katakana as Hepburn writes it; long marks vanish, a doubled consonant is doubled."""
    table: dict[str, str] = party_words()["syllables"]
    out: list[str] = []
    double = False
    at = 0
    text = kana.replace("ー", "")
    while at < len(text):
        if text[at] == _SOKUON:
            double, at = True, at + 1
            continue
        pair = text[at : at + 2]
        size = 2 if pair in table else 1
        latin = table.get(text[at : at + size], "")
        out.append(latin[:1] + latin if double else latin)
        double, at = False, at + size
    return "".join(out)


def letters_in_kana(text: str) -> str:
    """A name with each Latin letter of its short forms (two to four capitals) as it sounds, or ""."""
    table: dict[str, str] = party_words()["letters"]
    plain = unicodedata.normalize("NFKC", text)

    def spell(match: re.Match[str]) -> str:
        return "".join(table[c.lower()] for c in match[0])

    spelled = re.sub(r"(?<![A-Za-z])[A-Z]{2,4}(?![A-Za-z])", spell, plain)
    return spelled if spelled != plain and _IS_CJK.search(plain) else ""
