"""A scenario of the user's for the shortage engine: read from TOML, checked as a whole against a world."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any, cast

from ..core.draws import Uncertain
from ..core.errors import InputError, Problem, nearest
from ..core.figure import BASES, Basis
from ..core.source import Source
from ..expose.case import Handling
from ..expose.restrictions import ALL, Restriction
from .ario_fields import Fields

TEMPLATE = Path(__file__).with_name("shortage_template.toml")
"""A scenario file with every field explained."""
DAYS, FEWEST, MOST = 365, 31, 3650
KINDS = ("ban", "licence", "quota", "listing", "throttling")
UNITS = ("usd_m", "tonnes", "units")

TOP = ("name", "start", "days", "buyers", "overlap", "restriction")
COMMON = (
    *("name", "kind", "seller", "product", "buyer", "first", "last", "goods", "share", "enforcement"),
    *("leakage", "leakage_half_days", "rush_days", "goods_afloat_days", "source", "basis"),
)
SPECIAL: dict[str, tuple[str, ...]] = {
    "ban": (),
    "licence": ("review_days", "approval"),
    "quota": ("volume_share", "volume", "unit", "normal"),
    "listing": ("buyer_share",),
    "throttling": ("delay_days", "volume_share"),
}
VALUES: dict[str, tuple[str, float, float, str]] = {
    "share": ("share", 0.0, 1.0, "share of the flow"),
    "enforcement": ("e_enforce", 0.0, 1.0, "share"),
    "leakage": ("l_max", 0.0, 1.0, "share of the stopped flow"),
    "leakage_half_days": ("l_half", 1.0, math.inf, "days"),
    "rush_days": ("rush_days", 0.0, math.inf, "days of use"),
    "goods_afloat_days": ("afloat", 0.0, math.inf, "days of the seller's sales"),
    "review_days": ("t_review", 0.0, math.inf, "working days"),
    "approval": ("approval", 0.0, 1.0, "share"),
    "volume_share": ("volume_share", 0.0, 1.0, "share of the normal flow"),
    "volume": ("volume", 0.0, math.inf, "a year"),
    "normal": ("normal", 1e-9, math.inf, "a year"),
    "delay_days": ("delay", 0.0, math.inf, "days"),
    "buyer_share": ("buyer_share", 0.0, 1.0, "share of purchases"),
}
"""Field -> symbol of `expose.case.Case.own`, bounds, unit."""


@dataclass(frozen=True)
class Known:
    """What names of a scenario are held against.

    region: word -> label of the table, or None; regions: labels, for the nearest. goods: word -> the split
    products or sectors that it names; absent: product -> why the table has no place for it. codes: HS code
    of six digits -> products that hold it.
    """

    region: Callable[[str], str | None]
    regions: Sequence[str]
    goods: Mapping[str, tuple[str, ...]]
    absent: Mapping[str, str]
    codes: Callable[[str], tuple[str, ...]]


@dataclass(frozen=True)
class ShortageScenario:
    """What is to be run.

    buyers: regions reported; start: date of day 0; notes: what was made of the words.
    """

    name: str
    start: date | None
    days: int
    buyers: tuple[str, ...]
    restrictions: tuple[Restriction, ...]
    notes: tuple[str, ...]


def parse(text: str) -> dict[str, Any]:
    """The tables of a scenario file; InputError where it is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        fix = "kanmon sector shortage --template prints a scenario that can be read"
        raise InputError(Problem("the scenario is not TOML", "scenario", str(fault), fix)) from None


def read_shortage(raw: Mapping[str, Any], known: Known, *, days: int | None = None) -> ShortageScenario:
    """Read the tables of a scenario.

    days: length of the run in place of the scenario's own.

    Raises
    ------
    InputError : every field that is wrong, all at once.
    """
    top = Fields(raw, "scenario")
    top.known(TOP)
    start = raw.get("start")
    if start is not None and type(start) is not date:
        top.wrong(f"start is {start!r}", "a date is needed", "start = 2030-02-01", key="start")
        start = None
    count = top.whole("days", DAYS, FEWEST) if days is None else days
    if not FEWEST <= count <= MOST:
        top.wrong(f"{count} days", f"a run has {FEWEST} to {MOST}", key="days")
        count = DAYS
    # A run cut short may leave days of the file's own behind; others never happen by mistake.
    own = raw.get("days", DAYS)
    last = max(count, own if isinstance(own, int) else 0) - 1
    name = top.text("name", "scenario")
    reading = _Reading(top, known, start, last, name)
    entries = top.raw.get("restriction", [])
    if not isinstance(entries, list):
        top.wrong("restriction is no list of tables", fix="write [[restriction]] above each")
        entries = []
    found = [reading.restriction(k, entry) for k, entry in enumerate(entries, 1)]
    reading.contradictions(found, stated=top.choice("overlap", "ask", ("ask", "strictest")) == "strictest")
    buyers = reading.buyers(found)
    if top.problems:
        raise InputError(top.problems)
    return ShortageScenario(name, start, count, buyers, tuple(found), tuple(reading.notes))


@dataclass
class _Reading:
    """What the parts of a scenario are read against."""

    top: Fields
    known: Known
    start: date | None
    last: int
    name: str
    notes: dict[str, None] = field(default_factory=dict)

    def restriction(self, number: int, entry: Any) -> Restriction:
        title = entry.get("name") if isinstance(entry, Mapping) else None
        where = f"restriction {number}" + (f" ({title})" if title else "")
        f = self.top.part(entry, where)
        if "kind" not in f.raw:
            f.wrong("kind is missing", f"it is one of {', '.join(KINDS)}", 'kind = "ban"', key="kind")
        kind = f.choice("kind", "ban", KINDS)
        self._fields(f, kind)
        sellers, buyers = self._places(f, "seller"), self._places(f, "buyer")
        if sellers and len({*sellers, *buyers}) == 1 and ALL not in sellers:
            f.wrong(f"{sellers[0]} is seller and buyer", "sales at home are never met", "name another buyer")
        goods, hs = self._goods(f)
        first = f.day("first", self.start, 0, self.last)
        last = f.day("last", self.start, None, self.last) if "last" in f.raw else None
        if last is not None and last < first:
            f.wrong(
                f"it ends on day {last}, before its first, day {first}", fix="give a later last", key="last"
            )
            last = first
        own = self._own(f, number, kind)
        self._volumes(f, kind, own, hs)
        return Restriction(
            where, sellers, goods, hs, buyers, cast("Handling", kind), first, last, own, f.text("goods", "")
        )

    def _fields(self, f: Fields, kind: str) -> None:
        """Note unknown fields, and those of another kind."""
        of_others = {key: other for other, keys in SPECIAL.items() for key in keys}
        every = (*COMMON, *of_others)
        f.known(every)
        for key in f.raw:
            if key in of_others and key not in SPECIAL[kind]:
                kinds = [k for k, keys in SPECIAL.items() if key in keys]
                f.wrong(f"a {kind} has no {key}", f"it belongs to: {', '.join(kinds)}", key=key)

    def _places(self, f: Fields, key: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for word in f.words(key):
            if word.casefold() == ALL:
                return (ALL,)
            label = self.known.region(word)
            if label is not None:
                found.setdefault(label)
                continue
            why = f"it has {len(self.known.regions)}, and groups of them"
            near = nearest(word, self.known.regions)
            f.wrong(f"the table has no country or group {word!r}", why, "", near, key)
        return tuple(found)

    def _goods(self, f: Fields) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Rows of the table and bare HS codes."""
        goods: dict[str, None] = {}
        hs: dict[str, None] = {}
        for word in f.words("product"):
            if word.isdigit():
                self._code(f, word, goods, hs)
            elif word.casefold() in self.known.absent:
                f.wrong(
                    f"{word} has no place in this table", self.known.absent[word.casefold()], key="product"
                )
            elif word.casefold() in self.known.goods:
                goods |= dict.fromkeys(self.known.goods[word.casefold()])
            else:
                ids = dict.fromkeys(g for several in self.known.goods.values() for g in several)
                near = nearest(word, ids) or nearest(word, self.known.goods)
                why = "neither a product that can be carved out, nor a sector of the table, nor an HS code"
                f.wrong(f"{word!r} is no product", why, "kanmon sector split --help", near, "product")
        return tuple(goods), tuple(hs)

    def _code(self, f: Fields, code: str, goods: dict[str, None], hs: dict[str, None]) -> None:
        if len(code) != 6:
            f.wrong(f"HS {code} has not six digits", "a wider code holds several goods", key="product")
            return
        products = self.known.codes(code)
        for product in products:
            goods.setdefault(product)
        if products:
            self.notes.setdefault(f"HS {code} stands for {' and '.join(products)}, carved out of its sector.")
        else:
            hs.setdefault(code)

    def _own(self, f: Fields, number: int, kind: str) -> dict[str, Uncertain]:
        """Values that the restriction gives itself."""
        basis = cast("Basis", f.choice("basis", "assumed", BASES))
        text = f.text("source", "") or f"scenario {self.name}, restriction {number}: given there"
        source = Source(f"scenario-restriction-{number}", text, part_of="")
        found = {}
        for key in (*COMMON, *SPECIAL[kind]):
            if key not in VALUES or key not in f.raw:
                continue
            symbol, low, high, unit = VALUES[key]
            span = _span(f, key, low, high)
            if key in ("volume", "normal"):
                unit = f"{f.raw.get('unit', '')} {unit}"
            shape = "fixed" if span[0] == span[2] else "triangular"
            row = Uncertain((symbol, f.where, "", ""), *span, shape, unit, basis, source)
            found[symbol] = row
        return found

    def _volumes(self, f: Fields, kind: str, own: Mapping[str, Uncertain], hs: Sequence[str]) -> None:
        """Faults between the fields of a volume."""
        if kind == "throttling" and not own.keys() & {"delay", "volume_share"}:
            f.wrong("nothing is throttled", "a delay or a share is needed", "delay_days = 30", key="kind")
        if kind != "quota":
            return
        if "volume" in own and "volume_share" in own:
            f.wrong("volume and volume_share say the same thing twice", fix="keep one", key="volume")
        if "volume" not in own:
            for key in ("unit", "normal"):
                if key in f.raw:
                    f.wrong(f"{key} without volume", "it belongs to a volume", "volume = 100", key=key)
            return
        if "unit" not in f.raw:
            f.wrong("unit is missing", f"it is one of {', '.join(UNITS)}", 'unit = "tonnes"', key="unit")
        unit = f.choice("unit", "usd_m", UNITS)
        whole = unit == "usd_m" and not hs and "share" not in own and not f.raw.get("goods")
        if "normal" not in own and not whole:
            why = "the table knows the flow of whole rows in USD million only"
            f.wrong(
                "normal is missing", why, "normal = the flow of a normal year, in that unit", key="normal"
            )

    def buyers(self, found: Iterable[Restriction]) -> tuple[str, ...]:
        """Regions reported: those asked for, else all named buyers."""
        if "buyers" in self.top.raw:
            asked = self._places(self.top, "buyers")
            if ALL not in asked:
                return asked
        named = tuple(dict.fromkeys(b for r in found for b in r.buyers if b != ALL))
        if not named:
            self.top.wrong(
                "whose losses are asked for?", "no buyer is named", 'buyers = ["DEU"]', key="buyers"
            )
        return named

    def contradictions(self, found: Sequence[Restriction], *, stated: bool) -> None:
        """Note restrictions of one kind that say two things of the same goods, flows and days."""
        for one, two in combinations(() if stated else found, 2):
            last = min(r.last if r.last is not None else MOST for r in (one, two))
            days = max(one.first, two.first), last
            same = one.kind == two.kind and one.part == two.part and days[0] <= days[1]
            meet = (
                _common(one.sellers, two.sellers)
                and _common(one.buyers, two.buyers)
                and ({*one.goods} & {*two.goods} or {*one.hs} & {*two.hs})
            )
            if same and meet and _said(one) != _said(two):
                self.top.wrong(
                    f"{one.name} and {two.name} contradict each other from day {days[0]}",
                    f"each is a {one.kind} on the same goods of the same flow, with other values",
                    "end one before the other begins, name other `goods` in each, or say "
                    'overlap = "strictest"',
                )


def _common(one: Sequence[str], two: Sequence[str]) -> bool:
    return ALL in one or ALL in two or bool({*one} & {*two})


def _said(r: Restriction) -> dict[str, tuple[float, float, float]]:
    return {symbol: (row.low, row.mid, row.high) for symbol, row in r.own.items()}


def _span(f: Fields, key: str, low: float, high: float) -> tuple[float, float, float]:
    """A number, or [low, mid, high], within bounds and in order."""
    value = f.raw[key]
    if any(isinstance(v, float) and math.isinf(v) for v in (value if isinstance(value, list) else [value])):
        f.wrong(
            f"{key} has no end", "it must be finite", f"leave {key} out, or write a large number", key=key
        )
        return low, low, low
    if not isinstance(value, list):
        number = f.checked(value, key, low, high)
        return number, number, number
    if len(value) != 3:
        f.wrong(f"{value!r} is no range", "one number, or [low, mid, high]", key=key)
        return low, low, low
    ends = [f.checked(v, key, low, high) for v in value]
    if not ends[0] <= ends[1] <= ends[2]:
        f.wrong(f"{value!r} is not in order", "low, mid, high", key=key)
        return low, low, low
    return ends[0], ends[1], ends[2]
