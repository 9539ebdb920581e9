"""A library prepared for deciding shipments: its goods, its limbs, who lists whom, days of change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from ..core.errors import InputError, Problem
from .check_entries import Catalogue, catalogue
from .check_parties import PartyLists, Unnamed
from .check_words import table
from .dates import last_day
from .goods import means_whole_list
from .load import items, library, load_file
from .measure import Limb, Measure, Status
from .rules_look import Reach
from .screen_added import parties_beside
from .screen_lists import ListedParty
from .status import limb_status
from .words import words


@dataclass(frozen=True)
class Part:
    """One limb as deciding needs it: its things, its role, whether it means the whole list, and the
    first days on which its state can be another one.
    """

    limb: Limb
    things: frozenset[str]
    role: str
    whole_list: bool
    everything: bool
    families: bool
    turns: tuple[date, ...]


@dataclass
class Book:
    """A library with what deciding needs, built once. `parties` are those that its notices list;
    `paths` the folders and files that were added to the library.
    """

    library: Mapping[str, Measure]
    parties: PartyLists = field(default_factory=PartyLists)
    paths: tuple[str, ...] = ()
    goods: Catalogue = field(init=False)

    def __post_init__(self) -> None:
        self.goods = catalogue(self.library)
        self.reached: dict[tuple[str, ...], tuple[tuple[Measure, tuple[Part, ...], Reach], ...]] = {}
        self.own: dict[str, tuple[tuple[Measure, tuple[Part, ...]], ...]] = {}
        self.held: dict[tuple[str, date], tuple[str, ...]] = {}
        self._status: dict[tuple[str, str, date], Status] = {}

    @cached_property
    def parts(self) -> tuple[tuple[Measure, tuple[Part, ...]], ...]:
        """Every measure with its limbs."""
        return tuple((m, tuple(self._part(m, limb) for limb in m.limbs)) for m in self.library.values())

    def _part(self, measure: Measure, limb: Limb) -> Part:
        things = self.goods.by_limb[measure.id, limb.id]
        return Part(
            limb,
            frozenset(things),
            self.role(measure, limb),
            any(means_whole_list(item) for item in limb.items),
            any(self.goods.things[key].everything for key in things),
            measure.id == table("families")["measure"],
            tuple(_turns(measure, limb)),
        )

    @cached_property
    def lists(self) -> dict[str, tuple[tuple[Measure, Limb], ...]]:
        """Imposer -> limbs that are its control lists: goods named, a licence for every destination."""
        found: dict[str, list[tuple[Measure, Limb]]] = {}
        for measure in self.library.values():
            if "all" not in measure.targets or measure.flow == "import":
                continue
            for limb in measure.limbs:
                plain = limb.end_user_scope == ("all",) and limb.end_use_scope == ("all",)
                letter = limb.instrument == "licence" and limb.handling == "letter"
                named = self.goods.by_limb[measure.id, limb.id]
                if plain and letter and named and not self.role(measure, limb):
                    for imposer in measure.imposers:
                        found.setdefault(imposer, []).append((measure, limb))
        return {imposer: tuple(limbs) for imposer, limbs in found.items()}

    @cached_property
    def list_takers(self) -> frozenset[str]:
        """Imposers with a measure on their whole list: an item off the loaded entries is not cleared."""
        return frozenset(
            imposer
            for measure, parts in self.parts
            for part in parts
            if part.whole_list
            for imposer in measure.imposers
        )

    @cached_property
    def entries(self) -> int:
        """Entries of control lists that are loaded."""
        return len(
            {key for limbs in self.lists.values() for m, l in limbs for key in self.goods.by_limb[m.id, l.id]}
        )

    @cached_property
    def annexes(self) -> dict[str, frozenset[str]]:
        """Measure -> things of the annexes that its reach over foreign-made goods names."""
        rows: Mapping[str, list[str]] = table("limbs")["annex"]
        by_notice: dict[str, set[str]] = {}
        for item in items():
            by_notice.setdefault(item.announcement, set()).add(item.id)
        return {m: frozenset(k for a in notices for k in by_notice.get(a, ())) for m, notices in rows.items()}

    @cached_property
    def places(self) -> Mapping[str, frozenset[str]]:
        """Column -> countries that tell shipments apart there: all others are alike to the rules.

        Goods go to targets and imposers; they come from imposers, or, where a measure stops imports, from
        its targets.
        """
        measures = self.library.values()
        by = {c for m in measures for c in m.imposers}
        aimed = {c for m in measures for c in (*m.targets, *_limb_targets(m))}
        made = {c for m in measures if m.flow != "export" for c in (*m.targets, *_limb_targets(m))}
        start, end = _members(by | made), _members(by | aimed)
        return {"origin_country": start, "ship_from": start, "exporter_country": _members(by), "ship_to": end}

    @cached_property
    def all_goods_places(self) -> frozenset[str]:
        """Imposers of measures on all goods: there the day counts whatever the item is."""
        return frozenset(i for m, parts in self.parts for p in parts if p.everything for i in m.imposers)

    @cached_property
    def turns(self) -> tuple[date, ...]:
        """Days on which the state of any limb can change, in order."""
        return tuple(sorted({day for _, parts in self.parts for part in parts for day in part.turns}))

    def status(self, measure: Measure, limb: Limb, on: date) -> Status:
        """State of a limb on a day; before the announcement of its measure it is "proposed"."""
        key = (measure.id, limb.id, on)
        found = self._status.get(key)
        if found is None:
            found = self._status[key] = _status(measure, limb, on)
        return found

    @cached_property
    def unnamed(self) -> Mapping[str, Unnamed]:
        """Notices that list parties whose names are not all held."""
        return self.parties.unnamed(self.library)

    def role(self, measure: Measure, limb: Limb) -> str:
        """The role of a limb (data/check/limbs.toml), "" for most."""
        return str(table("limbs")["role"].get(f"{measure.id}/{limb.id}", ""))


def _members(named: set[str]) -> frozenset[str]:
    """Countries with the members of the blocs among them."""
    blocs: Mapping[str, list[str]] = words()["blocs"]
    return frozenset(named | {c for bloc, members in blocs.items() if bloc in named for c in members})


def _status(measure: Measure, limb: Limb, on: date) -> Status:
    if measure.announced is not None and on < measure.announced.day:
        return Status("proposed", None, f"not yet announced: announced on {measure.announced}")
    return limb_status(limb, on)


def _turns(measure: Measure, limb: Limb) -> list[date]:
    """The first days of a new status, in order."""
    days = {measure.announced.day} if measure.announced else set()
    for when in (limb.effective, limb.ended, limb.unknown_since, limb.suspended_from, limb.suspended_until):
        if when:
            days |= {when.day, last_day(when) + timedelta(days=1)}
    before = timedelta(days=1)
    return [d for d in sorted(days) if _status(measure, limb, d) != _status(measure, limb, d - before)]


def epoch(on: date, turns: Sequence[date]) -> date:
    """The last turn on or before a day: between two turns (in order) all days are alike."""
    at = bisect_right(turns, on)
    return turns[at - 1] if at else date.min


def _limb_targets(measure: Measure) -> tuple[str, ...]:
    return tuple(target for limb in measure.limbs for target in limb.targets)


Notice = tuple[Measure, tuple[ListedParty, ...]]
_BOOKS: dict[tuple[str, ...], Book] = {}


def book(extra: Iterable[Path | str] = ()) -> Book:
    """The library, with the notices of more folders or files added. Kept for the next call.

    Parameters
    ----------
    extra : measure files, folders that hold a `measure.toml`, or folders of such folders; a
        `parties.csv` beside a measure file brings the parties that it lists.
    """
    paths = tuple(sorted({str(Path(p)) for p in extra}))
    if paths not in _BOOKS:
        notices = added(paths)
        measures = {**library(), **{measure.id: measure for measure, _ in notices}}
        _BOOKS[paths] = Book(measures, _lists(notices), paths)
    return _BOOKS[paths]


def lists_with(paths: Iterable[Path | str]) -> PartyLists:
    """The lists held here with the parties of more notices."""
    return _lists(added(paths))


def _lists(notices: Sequence[Notice]) -> PartyLists:
    return PartyLists(tuple(party for _, parties in notices for party in parties))


def added(paths: Iterable[Path | str]) -> list[Notice]:
    """The notices of folders and files, each with the parties of the parties.csv beside it."""
    found = []
    for path in paths:
        for file in _measure_files(Path(path)):
            measure = load_file(file)
            found.append((measure, parties_beside(file, measure)))
    return found


def _measure_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = (
        [path / "measure.toml"] if (path / "measure.toml").is_file() else sorted(path.glob("*/measure.toml"))
    )
    if not found:
        raise InputError(
            Problem("no measure.toml lies there", str(path), fix="a notice is a folder with a measure.toml")
        )
    return found
