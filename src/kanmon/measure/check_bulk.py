"""Many shipments at once: what repeats is read, matched, screened and decided once.

A ledger of a million lines holds few distinct goods, names, uses and routes. Each is read once and gets
a number; lines with the same five numbers share one decision. The plan is the same for a table in memory
and for files larger than memory (check_duckdb.py).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from ..core.errors import Problem
from .check import countries_in
from .check_ahead import Ahead
from .check_book import Book, epoch
from .check_decide import Scope, decide, scope_of
from .check_facts import Facts, PartyFinding, read_party, read_use
from .check_read import MOST_PROBLEMS, Sheet
from .hs_codes import edition_turns
from .item_match import match_item
from .transaction import CellError, read_country, read_date, read_hs, read_names, read_text
from .verdict import Decision, Verdict

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")
Progress = Callable[[str, float], None]
GROUPS: dict[str, tuple[str, ...]] = {
    "item": ("item_description", "hs_code", "control_code", "content"),
    "party": ("end_user", "other_parties"),
    "use": ("end_use",),
    "route": ("origin_country", "exporter_country", "ship_from", "ship_to"),
    "day": ("date",),
}
"""Columns that are read together; each distinct combination is read once."""
FEW_DAYS = 64
"""Up to this many distinct days each is decided by itself; above, days between two changes of any
status are decided as one."""
MOST_KNOWN = 200_000
"""Goods, or names, that are remembered from one table to the next: some 100 MB."""
UNREADABLE = date.max
NO_NAMES: tuple[str, ...] = ()
ELSEWHERE = "elsewhere"
"""Stands for every country that no loaded measure names."""


@dataclass
class Numbers:
    """Distinct values with numbers, in the order of first appearance."""

    values: list[Any] = field(default_factory=list)
    _of: dict[Any, int] = field(default_factory=dict)

    def number(self, value: Hashable, key: Hashable = None) -> int:
        """The number of a value; a key that is quicker to compare can stand for it."""
        key = value if key is None else key
        found = self._of.get(key)
        if found is None:
            found = self._of[key] = len(self.values)
            self.values.append(value)
        return found


@dataclass(frozen=True)
class Fault:
    """A cell that could not be read: its column, what it holds, and why."""

    column: str
    cell: str
    why: str


@dataclass
class Memory:
    """Goods and names already read, for tables judged one after the other; bounded, oldest out at once.

    items: cells of a good -> its match; names: name -> what the screening found.
    """

    items: dict[tuple[str, ...], Hashable] = field(default_factory=dict)
    names: dict[str, tuple[PartyFinding, ...]] = field(default_factory=dict)

    def bound(self) -> None:
        """Forget what was read once it is too much to hold."""
        for known in (self.items, self.names):
            if len(known) > MOST_KNOWN:
                known.clear()


def _with_note(said: str, decision: Decision) -> Decision:
    """A decision shared by goods, with what is said of one good's HS code."""
    return replace(decision, notes=(said, *decision.notes)) if said else decision


class Plan:
    """Reads distinct cells into numbered facts, and decides distinct combinations of them."""

    def __init__(self, known: Book, on: date, memory: Memory | None = None) -> None:
        self.book = known
        self.on = on
        self.numbers = {group: Numbers() for group in GROUPS}
        self.faults: dict[Fault, None] = {}
        self.decisions = Numbers()
        self._memory = memory or Memory()
        self._memory.bound()
        self._screened = self._memory.names
        self._listed = {
            day for found in self._screened.values() for f in found for day in (f.listed, f.removed) if day
        }
        self._ahead: Ahead | None = None
        self.coarse = False
        self._scopes: dict[tuple[int, ...], Scope] = {}
        self._decided: dict[tuple[tuple[int, ...], date], Decision] = {}
        self._goods = Numbers()

    def read(self, group: str, rows: Sequence[tuple[str, ...]]) -> list[int]:
        """The number of the facts in each distinct row of a group of columns."""
        numbers = self.numbers[group]
        if group == "party":
            self._screen(rows)
        if group == "day":
            return self._days([row[0] for row in rows])
        read: Callable[..., Hashable] = getattr(self, f"_{group}")
        return [numbers.number(read(*row)) for row in rows]

    def decide(self, key: tuple[int, int, int, int, int]) -> int:
        """The number of the decision for five numbers, in the order of GROUPS."""
        values = [self.numbers[group].values[k] for group, k in zip(GROUPS, key, strict=True)]
        (item, made_of), (user, others, given), use, route, day = values
        origin, exporter, start, end = route
        known = item.on(self.on if day == UNREADABLE else day)
        said, known = known.code_note, replace(known, code_note="", dated=()) if item.dated else known
        facts = Facts(known, user, others, given, use, origin, exporter, start, end, made_of)
        if day == UNREADABLE:
            return self._keep(_with_note(said, without_day(decide(facts, self.on, self.book))))
        if not self.coarse:
            return self._keep(_with_note(said, decide(facts, day, self.book)))
        memo = (self._goods.number((known, made_of)), *key[1:4])
        if memo not in self._scopes:
            self._scopes[memo] = scope_of(facts, self.book)
        scope = self._scopes[memo]
        since = epoch(day, scope.turns)
        if (memo, since) not in self._decided:
            self._decided[memo, since] = decide(facts, since, self.book, scope)
        return self._keep(_with_note(said, self._decided[memo, since]))

    def _keep(self, decision: Decision) -> int:
        said = tuple((c.measure, c.rule, c.outcome, c.fact, c.status.text) for c in decision.clauses)
        key = (decision.verdict, said, decision.missing, decision.notes, decision.question)
        return self.decisions.number(decision, key)

    def _cell(self, column: str, cell: str, read: Callable[..., T], empty: T) -> T:
        try:
            return read(cell)
        except CellError as fault:
            shown = cell if len(cell) <= 60 else f"{cell[:57]}..."
            self.faults.setdefault(Fault(column, shown, str(fault)))
            return empty

    def _item(self, *cells: str) -> Hashable:
        known = self._memory.items
        if cells not in known:
            known[cells] = self._matched(*cells)
        return known[cells]

    def _matched(self, description: str, hs: str, code: str, content: str) -> Hashable:
        made = self._cell("content", content, read_text, "")
        found = match_item(
            self._cell("item_description", description, read_text, ""),
            self._cell("hs_code", hs, read_hs, ""),
            self._cell("control_code", code, read_text, ""),
            made,
            self.book.goods,
        )
        return found, countries_in(made)

    def _party(self, user: str, others: str) -> Hashable:
        first = self._known(self._cell("end_user", user, read_text, ""))
        names = self._cell("other_parties", others, read_names, NO_NAMES)
        more = tuple(f for name in names if name != "none" for f in self._known(name))
        return first[0], tuple(dict.fromkeys((*first[1:], *more))), bool(names)

    def _use(self, text: str) -> Hashable:
        return read_use(self._cell("end_use", text, read_text, ""))

    def _route(self, *cells: str) -> Hashable:
        columns = GROUPS["route"]
        places = [self._cell(c, cell, read_country, "") for c, cell in zip(columns, cells, strict=True)]
        known = self.book.places
        return tuple(
            [p if not p or p in known[c] else ELSEWHERE for c, p in zip(columns, places, strict=True)]
        )

    def _days(self, cells: Sequence[str]) -> list[int]:
        days = [self._cell("date", cell, self._day, UNREADABLE) for cell in cells]
        if len(set(days)) > FEW_DAYS:
            self.coarse = True
            turns = sorted({*self.book.turns, *self._listed, *edition_turns()})
            days = [d if d == UNREADABLE else epoch(d, turns) for d in days]
        return [self.numbers["day"].number(d) for d in days]

    def _day(self, cell: str) -> date:
        return read_date(cell) or self.on

    def screen_ahead(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Start to screen the names of the rows (end user, other parties); `read` waits for the answer."""
        names: dict[str, None] = {}
        for user, others in rows:
            for name in (self._quiet(read_text, user, ""), *self._quiet(read_names, others, NO_NAMES)):
                if name and name not in self._screened:
                    names[name] = None
        self._ahead = Ahead(list(names), self.book)

    def _screen(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Take the names under way, then what else the rows hold."""
        self._take_screened()
        self.screen_ahead(rows)
        self._take_screened()

    def _take_screened(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return
        for name, found in zip(ahead.names, ahead.found(), strict=True):
            self._screened[name] = found
            self._listed |= {day for f in found for day in (f.listed, f.removed) if day}

    @staticmethod
    def _quiet(read: Callable[..., T], cell: str, empty: T) -> T:
        try:
            return read(cell)
        except CellError:
            return empty

    def _known(self, name: str) -> tuple[PartyFinding, ...]:
        if name not in self._screened:
            self._screened[name] = read_party(name, self.book.parties.screen)
        return self._screened[name]


def without_day(decision: Decision) -> Decision:
    """The decision for a shipment whose date cannot be read: never better than a question."""
    verdict: Verdict = "prohibited" if decision.verdict == "prohibited" else "review"
    note = "the date could not be read; status as on the day asked about"
    return Decision(
        verdict,
        decision.clauses,
        (*decision.missing, "date"),
        (*decision.notes, note),
        decision.question or "On which day does the good leave?",
    )


@dataclass
class Checked:
    """Decisions of a table. `frame` has id, verdict and the number of the decision, in the table's order.

    problems: cells and rows that could not be read; notices: what could, and needs a look.
    """

    frame: pl.DataFrame
    decisions: list[Decision]
    problems: list[Problem]
    notices: list[Problem]
    on: date

    def rows(self) -> Iterator[dict[str, Any]]:
        """One record a shipment, in the form of the contract."""
        for id_, number in self.frame.select("id", "decision").iter_rows():
            yield self.decisions[number].as_json(id_)

    def lines(self) -> Iterator[str]:
        """The same records as JSON texts; each decision is written out once."""
        import json

        tails: dict[int, str] = {}
        for id_, number in self.frame.select("id", "decision").iter_rows():
            if number not in tails:
                whole = json.dumps(self.decisions[number].as_json(""), ensure_ascii=False)
                tails[number] = whole.removeprefix('{"id": ""')
            yield f'{{"id": {json.dumps(id_, ensure_ascii=False)}{tails[number]}'

    def counts(self) -> dict[str, int]:
        """Shipments by verdict."""
        found = self.frame.group_by("verdict").len()
        return dict(found.iter_rows())


def check_sheet(
    sheet: Sheet, known: Book, on: date, progress: Progress | None = None, memory: Memory | None = None
) -> Checked:
    """Decide every row of a sheet."""
    import polars as pl

    plan = Plan(known, on, memory)
    frame = sheet.frame
    keys = pl.DataFrame({"id": frame.get_column("id")})
    plan.screen_ahead(frame.select(GROUPS["party"]).unique(maintain_order=True).rows())
    for step, (group, columns) in enumerate(GROUPS.items()):
        distinct = frame.select(columns).unique(maintain_order=True)
        numbers = plan.read(group, distinct.rows())
        lookup = distinct.with_columns(pl.Series(group, numbers, pl.UInt32))
        joined = frame.select(columns).join(lookup, on=list(columns), how="left", maintain_order="left")
        keys = keys.with_columns(joined.get_column(group))
        if progress:
            progress(f"{len(distinct):,} distinct: {', '.join(columns)}", (step + 1) / (len(GROUPS) + 1))
    groups = list(GROUPS)
    distinct = keys.select(groups).unique(maintain_order=True)
    numbers = [plan.decide(key) for key in distinct.rows()]
    lookup = distinct.with_columns(pl.Series("decision", numbers, pl.UInt32))
    found = keys.join(lookup, on=groups, how="left", maintain_order="left").get_column("decision")
    verdicts = pl.Series("verdict", [d.verdict for d in plan.decisions.values], pl.String)
    answer = pl.DataFrame([keys.get_column("id"), verdicts.gather(found).alias("verdict"), found])
    if progress:
        progress(f"{len(distinct):,} distinct shipments decided", 1.0)
    problems = [*sheet.problems, *_placed(plan.faults, sheet)]
    return Checked(answer, plan.decisions.values, problems, sheet.notices, on)


def _placed(faults: dict[Fault, None], sheet: Sheet) -> list[Problem]:
    """The faults of cells with the rows they stand in."""
    found = []
    for fault in list(faults)[:MOST_PROBLEMS]:
        column = sheet.frame.get_column(fault.column)
        same = (
            column == fault.cell
            if not fault.cell.endswith("...")
            else column.str.starts_with(fault.cell[:-3])
        )
        rows = [sheet.row_number(k) for k in same.arg_true().head(5).to_list()]
        count = int(same.sum())
        at = (
            f"row {rows[0]}"
            if count == 1
            else f"rows {', '.join(map(str, rows))}" + (" ..." if count > 5 else "")
        )
        found.append(
            Problem(
                f"{fault.cell!r} cannot be read",
                f"{sheet.name}, {at}, column {fault.column}",
                fault.why,
                "the row is decided without this fact",
            )
        )
    if len(faults) > MOST_PROBLEMS:
        found.append(Problem(f"{len(faults) - MOST_PROBLEMS:,} more cells cannot be read", sheet.name))
    return found
