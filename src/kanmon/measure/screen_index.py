"""Look-up tables over the names of the listed parties, and the rules that meet a query without search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from .name_keys import NameKey, fold, name_key, party_words
from .screen_lists import Group, ListedParty, PartyName

NEAR_LETTERS = 6
"""Letters that a listed name of one word needs to be recognised inside another name."""
SWAPPED = 4
"""Signs that a name needs for the same signs in another order to be a slip."""
HALF = 0.5
"""Share of a listed name that its beginning must make up, alone, to be worth showing."""


@dataclass(frozen=True)
class Entry:
    """One name of one party, folded."""

    party: ListedParty
    name: PartyName
    key: NameKey


@dataclass(frozen=True)
class Found:
    """An entry that a rule met: band and score before dates, countries and numbers are looked at."""

    entry: Entry
    band: str
    score: float
    rule: str


class NameIndex:
    """The folded names by every key that a rule needs."""

    def __init__(self, parties: Iterable[ListedParty], groups: Sequence[Group]) -> None:
        self.entries = tuple(Entry(p, n, name_key(n.text)) for p in parties for n in p.names)
        self.heads = _Heads(groups)
        self.by_key: dict[str, list[Entry]] = {}
        self.by_sound: dict[str, list[Entry]] = {}
        self.by_loose: dict[str, list[Entry]] = {}
        self.by_bag: dict[tuple[str, ...], list[Entry]] = {}
        self.by_letters: dict[str, list[Entry]] = {}
        self.by_head: dict[str, list[Entry]] = {}
        self.by_first: dict[str, list[Entry]] = {}
        self.starts: dict[str, list[Entry]] = {}
        for entry in self.entries:
            self._add(entry)
        self.lengths = sorted({len(s) for s in self.by_sound}, reverse=True)

    def _add(self, entry: Entry) -> None:
        key = entry.key
        self.by_key.setdefault(key.key, []).append(entry)
        self.by_sound.setdefault(key.sound, []).append(entry)
        self.by_loose.setdefault(key.loose, []).append(entry)
        if len(key.words) > 1:
            self.by_bag.setdefault(key.bag, []).append(entry)
        if len(key.sound) >= SWAPPED:
            self.by_letters.setdefault("".join(sorted(key.sound)), []).append(entry)
        head = self.heads.canonical(key)
        if head:
            self.by_head.setdefault(head, []).append(entry)
        self.by_first.setdefault(key.sounds[0], []).append(entry)
        for size in range(1, len(key.sounds)):
            self.starts.setdefault("".join(key.sounds[:size]), []).append(entry)

    def equal(self, key: NameKey) -> list[Found]:
        """Entries whose key equals the query's, by the strictest rule that holds."""
        steps = (
            (self.by_key, key.key, "same name but for legal form, spacing, punctuation or script variant"),
            (self.by_sound, key.sound, "same name in another romanisation"),
        )
        for table, wanted, rule in steps:
            if wanted in table:
                return [
                    Found(e, "match" if e.name.strong else "review", 1.0, _named(_plainly(rule, key, e), e))
                    for e in table[wanted]
                ]
        head = self.heads.canonical(key)
        if head in self.by_head:
            alone = self.heads.alone(head)
            band = "review" if alone else "match"
            rule = "the group's short name alone" if alone else "same name, the group's name in another form"
            return [
                Found(e, band if e.name.strong else "review", 0.97, _named(rule, e))
                for e in self.by_head[head]
            ]
        return self._written_together(key)

    def almost(self, key: NameKey) -> list[Found]:
        """Entries equal only when plural endings, short forms, scan errors or word order are ignored."""
        if key.loose in self.by_loose and len(key.loose) > 2:
            rule = "same name but for word endings, short forms or signs that scans confuse"
            return [Found(e, "review", 0.96, _named(rule, e)) for e in self.by_loose[key.loose]]
        if len(key.words) > 1 and key.bag in self.by_bag:
            rule = "same words in another order"
            return [Found(e, "review", 0.95, _named(rule, e)) for e in self.by_bag[key.bag]]
        letters = "".join(sorted(key.sound))
        if letters in self.by_letters and len(letters) >= SWAPPED:
            rule = "same signs in another order"
            return [Found(e, "review", 0.9, _named(rule, e)) for e in self.by_letters[letters]]
        return []

    def _written_together(self, key: NameKey) -> list[Found]:
        """Entries equal once a legal form that was joined to the name is taken off."""
        rule = "same name, a legal form joined to it"
        if not key.latin or not key.key.endswith(_joined_forms()):
            return []
        return [
            Found(e, "match" if e.name.strong else "review", 0.97, _named(rule, e))
            for form in _joined_forms()
            if key.key.endswith(form)
            for e in self.by_key.get(key.key.removesuffix(form), ())
        ]

    def contained(self, key: NameKey) -> list[Found]:
        """Listed names that stand whole in the query: a branch, a unit, or another company of the group."""
        found = [_extra(e, extra, at) for e, extra, at in self._inside(key)]
        return [f for f in found if f is not None]

    def _inside(self, key: NameKey) -> Iterator[tuple[Entry, tuple[str, ...], int]]:
        for at, word in enumerate(key.sounds):
            for entry in self.by_first.get(word, ()):
                words = entry.key.sounds
                end = at + len(words)
                if len(words) < len(key.sounds) and key.sounds[at:end] == words:
                    yield entry, (*key.words[:at], *key.words[end:]), at
        if key.latin:
            return
        for size in self.lengths:
            if 1 < size < len(key.sound):
                for entry in self.by_sound.get(key.sound[:size], ()):
                    if not (_latin_letter(key.sound[size - 1]) and _latin_letter(key.sound[size])):
                        yield entry, (key.sound[size:],), 0

    def related(self, key: NameKey) -> list[Found]:
        """Parent, short name or sister: the query begins a listed name, or begins as a group's names do."""
        found: list[Found] = []
        start = "".join(key.sounds)
        rule = "the beginning of a listed name, not the whole: a parent or sister is not listed by it"
        begun = self.starts.get(start, [])
        # A word that begins many parties' names ("National") says nothing alone.
        common = len(key.sounds) == 1 and len({e.party.names[0].text for e in begun}) > 1
        for entry in begun:
            share = len(key.sound) / len(entry.key.sound)
            if share >= (HALF if common else HALF - 0.15):
                found.append(Found(entry, "near", share, _named(rule, entry)))
        group = self.heads.group(key)
        if group is not None:
            found += [
                Found(
                    e,
                    "near",
                    0.5,
                    f"of the group {group.name}, some of whose companies are listed; not itself listed",
                )
                for e in self.members(group)
            ]
        return found

    def members(self, group: Group) -> tuple[Entry, ...]:
        """First names of the listed members of a group."""
        return self._members.get(group.name, ())

    @cached_property
    def _members(self) -> dict[str, tuple[Entry, ...]]:
        first = [e for e in self.entries if e.name is e.party.names[0]]
        return {
            g.name: tuple(
                e for e in first if e.party.group.startswith(g.name) or self.heads.group(e.key) == g
            )
            for g in self.heads.groups
        }


class _Heads:
    """What the names of a group's members begin with."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self.groups = groups
        self.equal = _starts((g.name, i, t) for i, g in enumerate(groups) for t in g.equal)
        self.all = _starts((g.name, i, t) for i, g in enumerate(groups) for t in (*g.equal, *g.texts))

    def canonical(self, key: NameKey) -> str:
        """The key with the group's name in one form, "" where it begins with no group's name."""
        found = _begins(key, self.equal)
        return f"\x00{found[0]}\x00{found[1]}" if found else ""

    @staticmethod
    def alone(head: str) -> bool:
        """Whether a canonical key is the group's name and nothing more."""
        return head.endswith("\x00")

    def group(self, key: NameKey) -> Group | None:
        """The group whose names begin like this one."""
        found = _begins(key, self.all)
        return self.groups[found[0]] if found else None


_Starts = tuple[dict[str, list[tuple[tuple[str, ...], int]]], dict[str, int], tuple[int, ...]]


def _starts(texts: Iterable[tuple[str, int, str]]) -> _Starts:
    """Spellings by first word (words) and whole (key), with the lengths of the latter."""
    words: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    whole: dict[str, int] = {}
    for _, number, text in texts:
        key = name_key(text)
        words.setdefault(key.sounds[0], []).append((key.sounds, number))
        whole[key.sound] = number
    for found in words.values():
        found.sort(key=lambda f: -len(f[0]))
    return words, whole, tuple(sorted({len(k) for k in whole}, reverse=True))


def _begins(key: NameKey, starts: _Starts) -> tuple[int, str] | None:
    words, whole, lengths = starts
    for spelling, number in words.get(key.sounds[0], ()):
        if key.sounds[: len(spelling)] == spelling:
            return number, "".join(key.sounds[len(spelling) :])
    if key.latin:
        return None
    sound = key.sound
    for size in lengths:
        if size <= len(sound) and sound[:size] in whole:
            if size < len(sound) and _latin_letter(sound[size - 1]) and _latin_letter(sound[size]):
                continue
            return whole[sound[:size]], sound[size:]
    return None


def _latin_letter(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _plainly(rule: str, key: NameKey, entry: Entry) -> str:
    """The rule, or plain equality where nothing had to be folded."""
    return "same name" if entry.name.text == key.text else rule


def _named(rule: str, entry: Entry) -> str:
    """The rule with what is special about the name it met."""
    name = entry.name
    if name.kind == "former":
        rule += " (a former name)"
    elif name.kind not in {"listed", "name_ja"}:
        rule += f" ({name.kind.replace('_', ' ')})"
    if name.basis in {"knowledge", "inferred"}:
        origin = "general knowledge" if name.basis == "knowledge" else "inferred"
        rule += f" (this name is {origin}, not from a source)"
    return rule


@cache
def _joined_forms() -> tuple[str, ...]:
    """Legal forms of four letters or more, or unmistakable, as they look when joined to a name."""
    forms = {fold(f).replace(" ", "") for f in party_words()["forms"]["anywhere"]}
    return tuple(sorted((f for f in forms if len(f) >= 3), key=len, reverse=True))


@cache
def _units() -> tuple[frozenset[str], frozenset[str], tuple[str, ...], tuple[str, ...]]:
    """Branch and division words: of Latin script as last words, of East Asian script as endings."""
    units = party_words()["units"]
    branch = [fold(w) for w in units["branch"]]
    division = [fold(w) for w in units["division"]]
    return (
        frozenset(w.split()[-1] for w in branch if w.isascii()),
        frozenset(w.split()[-1] for w in division if w.isascii()),
        tuple(w for w in branch if not w.isascii()),
        tuple(w for w in division if not w.isascii()),
    )


def _extra(entry: Entry, extra: tuple[str, ...], at: int) -> Found | None:
    """What the words beside a listed name make of it."""
    branch, division, branch_ends, division_ends = _units()
    weight = len(entry.key.sound) / (len(entry.key.sound) + sum(map(len, extra)))
    first, last = extra[0], extra[-1]
    strong = "match" if entry.name.strong and sum(map(len, extra)) <= 30 and len(extra) <= 4 else "review"
    if last in branch or first in branch or last.endswith(branch_ends):
        return Found(entry, strong, 0.95, _named("a branch or site of the listed party", entry))
    if last in division or first in division or last.endswith(division_ends):
        rule = "a unit named under the listed party: the same legal person unless it is a company of its own"
        return Found(entry, "review", 0.9, _named(rule, entry))
    if at == 0 or len(entry.key.sound) >= NEAR_LETTERS or len(entry.key.sounds) > 1:
        rule = "the listed name stands in it with other words: another company of the group is not listed"
        return Found(entry, "near", round(weight, 3), _named(rule, entry))
    return None
