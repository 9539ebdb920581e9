"""The goods of a library as things that a shipment can match: codes, HS lines, elements, words, limits."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from .check_words import Lexicon, goods_spellings, plain_forms, table
from .goods import means_everything, means_whole_list
from .load import ControlledItem, items, items_of
from .match import symbols_of
from .measure import Item, Measure
from .words import DATA, words

_CODE = re.compile(r"\d[A-E]\d{3}(?:\.[a-z0-9]+)*(?:-[a-z])?", re.IGNORECASE)
Path = tuple[str, ...]


@dataclass(frozen=True)
class Limit:
    """A threshold of an entry: quantity, comparison (>=, >, <=, <), value and unit."""

    quantity: str
    sign: str
    value: float
    unit: str

    def met(self, value: float) -> bool:
        """Whether a value lies on the controlled side."""
        if self.sign == ">=":
            return value >= self.value
        if self.sign == ">":
            return value > self.value
        return value <= self.value if self.sign == "<=" else value < self.value

    def __str__(self) -> str:
        return f"{self.quantity} {self.sign} {self.value:g} {self.unit}"


@dataclass(frozen=True)
class Thing:
    """Goods that measures name. `places` are the (measure, limb) that name them.

    codes: control codes as paths; hs6 and national: lines printed for it; hints: lines in which it
    is declared although none is printed; lists: which list prints a national line; elements with
    any_element: one of them is enough; partners: metals it must be alloyed with, one of them;
    forms: empty where any form is meant; asked: limits that only a person can judge.
    """

    id: str
    name: str
    places: tuple[tuple[str, str], ...]
    codes: tuple[Path, ...] = ()
    hs: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    hs_note: str = ""
    elements: frozenset[str] = frozenset()
    any_element: bool = False
    partners: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    formulas: frozenset[str] = frozenset()
    cas: frozenset[str] = frozenset()
    limits: tuple[Limit, ...] = ()
    asked: str = ""
    is_goods: bool = True
    everything: bool = False

    @property
    def label(self) -> str:
        """Control code and name, for a reader."""
        code = ".".join(self.codes[0]) if self.codes else ""
        return f"{code} {self.name}".strip()


def code_paths(text: str) -> tuple[Path, ...]:
    """Control codes in a cell as paths: "1C902.a.3" -> ("1C902", "a", "3"). A range is its parent.

    Where the cell gives a code and a newer one below it, the newer one counts.
    """
    found = []
    for code in _CODE.findall(text.replace(" ", "") if "(" not in text else text):
        whole = ".".join(code.split(".")[:-1]) if "-" in code else code
        head, *rest = whole.split(".")
        found.append((head.upper(), *(part.lower() for part in rest)))
    unique = list(dict.fromkeys(found))
    return tuple(p for p in unique if not any(q != p and q[: len(p)] == p for q in unique))


def codes_meet(one: Path, other: Path) -> bool:
    """Whether two control codes lie on one branch of the tree: a rule on 1C902 meets 1C902.a.4."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


@dataclass
class Catalogue:
    """The things of one library, with what is needed to find them."""

    things: dict[str, Thing] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)
    by_limb: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    by_limb_set: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    by_hs6: dict[str, list[str]] = field(default_factory=dict)
    by_element: dict[str, list[str]] = field(default_factory=dict)
    by_name: dict[str, list[str]] = field(default_factory=dict)
    lexicon: Lexicon = field(default_factory=lambda: Lexicon(()))


def catalogue(library: Mapping[str, Measure]) -> Catalogue:
    """Every good that the measures of a library name."""
    found = Catalogue()
    known = _known_items()
    places: dict[str, list[tuple[str, str]]] = {}
    plain: dict[str, tuple[Item, ControlledItem | None]] = {}
    for measure in library.values():
        for limb in measure.limbs:
            keys = []
            for number, item in enumerate(limb.items):
                if means_whole_list(item):
                    continue
                row = known.get(item)
                key = row.id if row else f"{measure.id}/{limb.id}#{number}"
                plain[key] = (item, row)
                places.setdefault(key, []).append((measure.id, limb.id))
                keys.append(key)
            found.by_limb[measure.id, limb.id] = tuple(keys)
            found.by_limb_set[measure.id, limb.id] = frozenset(keys)
    spellings = goods_spellings()
    for key, (item, row) in plain.items():
        at = tuple(places[key])
        thing = _controlled(row, at) if row else _worded(key, item, at)
        found.things[key] = thing
        if row is None:
            spellings += [(word, f"item:{key}") for word in _phrase_words(item)]
    _index(found)
    found.lexicon = Lexicon(spellings)
    return found


def _index(found: Catalogue) -> None:
    found.order = {key: place for place, key in enumerate(found.things)}
    for key, thing in found.things.items():
        for code in dict.fromkeys(c[:6] for c in (*thing.hs, *thing.hints)):
            found.by_hs6.setdefault(code, []).append(key)
        for symbol in thing.elements:
            found.by_element.setdefault(symbol, []).append(key)
        for name in (*thing.formulas, *thing.cas):
            found.by_name.setdefault(name, []).append(key)


@cache
def _known_items() -> dict[Item, ControlledItem]:
    """Item of a limb -> row of the table it was made from."""
    groups: dict[str, list[ControlledItem]] = {}
    for row in items():
        groups.setdefault(row.announcement, []).append(row)
    return {
        item: row
        for announcement, rows in groups.items()
        for item, row in zip(items_of(announcement), rows, strict=True)
    }


@cache
def _goods_rows() -> dict[str, list[dict[str, object]]]:
    rows: dict[str, list[dict[str, object]]] = {}
    for row in table("goods")["entry"]:
        for key in row["items"]:
            rows.setdefault(key, []).append(row)
    return rows


def _gather(key: str, column: str) -> tuple[str, ...]:
    found: list[str] = []
    for row in _goods_rows().get(key, ()):
        value = row.get(column, ())
        found += [str(v) for v in value] if isinstance(value, list) else []
    return tuple(found)


def _controlled(row: ControlledItem, places: tuple[tuple[str, str], ...]) -> Thing:
    """The thing of one row of the table of controlled items."""
    base, _ = symbols_of([row.group])
    auto = row.kind in plain_forms() and row.is_goods and len(base) == 1
    broad = row.kind.startswith("metal and") and row.is_goods
    elements = frozenset(_gather(row.id, "elements")) or base
    forms = frozenset(_gather(row.id, "forms"))
    if auto:
        forms |= {row.kind}
    elif broad:
        forms |= frozenset(plain_forms()) - {"oxide", "compound"}
    partners: frozenset[str] = frozenset()
    if row.kind == "alloy":
        partners = frozenset(_all_symbols(row.description)) - base
    return Thing(
        id=row.id,
        name=row.description,
        places=places,
        codes=code_paths(row.code),
        hs=row.hs_national or row.hs6,
        hints=_gather(row.id, "hs_hint"),
        hs_note=_misprint(row.id),
        # A group of elements ("ores of ...") is met by its own words only.
        elements=elements if row.is_goods and len(base) <= 1 else frozenset(),
        partners=partners,
        forms=forms,
        formulas=frozenset(_gather(row.id, "formulas")),
        cas=frozenset(_gather(row.id, "cas")),
        limits=_limits(row.id),
        asked=(row.parameters or row.description) if row.id in table("limits")["asked"]["items"] else "",
        is_goods=row.is_goods,
    )


def _all_symbols(text: str) -> set[str]:
    names: dict[str, list[str]] = words()["elements"]
    more: dict[str, list[str]] = table("words")["elements_more"]
    low = text.casefold()
    pairs = [(s, n) for source in (names, more) for s, spellings in source.items() for n in spellings]
    return {s for s, n in pairs if n.isascii() and re.search(rf"\b{re.escape(n.casefold())}\b", low)}


@cache
def _misprints() -> dict[str, str]:
    with (DATA / "controlled_items.csv").open(encoding="utf-8", newline="") as file:
        return {r["item_id"]: r["hs_note"] for r in csv.DictReader(file) if "misprint" in r["hs_note"]}


def _misprint(key: str) -> str:
    return _misprints().get(key, "")


_SIGNS = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}


@cache
def _limit_rows() -> dict[str, tuple[Limit, ...]]:
    found: dict[str, list[Limit]] = {}
    for row in table("limits")["limit"]:
        (name,) = _SIGNS.keys() & row.keys()
        limit = Limit(row["quantity"], _SIGNS[name], float(row[name]), row["unit"])
        for key in row["items"]:
            found.setdefault(key, []).append(limit)
    return {key: tuple(limits) for key, limits in found.items()}


def _limits(key: str) -> tuple[Limit, ...]:
    return _limit_rows().get(key, ())


def _worded(key: str, item: Item, places: tuple[tuple[str, str], ...]) -> Thing:
    """The thing of an item that a measure writes out itself."""
    forms = {tag.removeprefix("form:") for tag in _forms().tags(item.phrase)}
    return Thing(
        id=key,
        name=item.phrase,
        places=places,
        codes=tuple(path for code in item.control_codes for path in code_paths(code)),
        hs=item.hs,
        hints=_phrase_hints(item),
        elements=symbols_of(item.elements)[0],
        any_element=True,
        forms=frozenset(forms) - {"equipment", "technology"},
        everything=means_everything(item),
    )


@cache
def _forms() -> Lexicon:
    return Lexicon(
        (word, f"form:{form}") for form, names in table("words")["forms"].items() for word in names
    )


def _phrase_words(item: Item) -> Iterable[str]:
    """The phrase, its pieces, and the spellings that goods.toml has for it."""
    low = item.phrase.casefold()
    pieces = [piece.strip() for piece in re.split(r"[,;:()]| and ", item.phrase)]
    vague = {*table("words")["vague"]["words"], *words()["elements"]}
    yield item.phrase
    yield from (p for p in pieces if len(p) > 3 and p.casefold() not in vague and not symbols_of([p])[0])
    for row in table("goods")["phrase"]:
        if str(row["phrase"]).casefold() in low:
            yield from row["words"]


def _phrase_hints(item: Item) -> tuple[str, ...]:
    low = item.phrase.casefold()
    rows = [row for row in table("goods")["phrase"] if str(row["phrase"]).casefold() in low]
    return tuple(str(code) for row in rows for code in row.get("hs_hint", ()))


def normal_code(text: str) -> tuple[Path, ...]:
    """Control codes that a user wrote; empty where the cell holds none."""
    from .check_words import folded

    if not text:
        return ()
    return code_paths(re.sub(r"\s+", "", folded(text)).upper().replace("，", ","))
