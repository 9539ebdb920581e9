"""Decide one shipment: every rule over every limb that can meet it, then status, headline, question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from .check_book import Book, Part, epoch
from .check_facts import Facts
from .check_loaded import loaded_notes, loaded_turns
from .item_match import Hit
from .measure import Limb, Measure, Reason, Status
from .rules import Case, g1_dates, g2_suspended, g3_unknown
from .rules_all import rules_for
from .rules_look import Known, Level, Look, Reach
from .verdict import DECIDES, Clause, Decision, Verdict, headline
from .words import meets

OPEN_LIST = frozenset({"review", "names_not_held"})
"""Outcomes of a rule about parties whose names are not held."""


@dataclass(frozen=True)
class Scope:
    """The limbs that can have something to say of a shipment on any day, and the days that count.

    said: what the rules said of a limb, kept for the next day: it changes only with the item's place on
    the list and the listings in effect; once more with the status of the limb applied.
    """

    rows: tuple[tuple[Measure, Part, Reach], ...]
    turns: tuple[date, ...]
    said: dict[tuple[object, ...], list[Clause]] = field(default_factory=dict, compare=False)


def decide(facts: Facts, on: date, book: Book, scope: Scope | None = None) -> Decision:
    """The verdict for one shipment on a day, with every clause that meets it.

    scope: from `scope_of` for the same facts, where many days are asked about.
    """
    clauses: list[Clause] = []
    levels: dict[tuple[str, ...], Level] = {}
    watched = any(p.listing == "watch_list" and p.band == "match" and p.on_list(on) for p in facts.parties)
    listed = tuple(p.on_list(on) for p in facts.parties if p.listed)
    scope = scope or scope_of(facts, book)
    for number, (measure, part, where) in enumerate(scope.rows):
        level = levels.get(measure.imposers)
        if level is None:
            level = levels[measure.imposers] = list_level(measure.imposers, facts, on, book)
        key = (number, level.state, level.why, listed)
        found = scope.said.get(key)
        if found is None:
            look = _look(measure, part, where, level, facts, on, book, watched=watched)
            found = scope.said[key] = [c for rule in rules_for(look) if (c := rule(look)) is not None]
        if found:
            dated = (*key, epoch(on, part.turns))
            if dated not in scope.said:
                status = book.status(measure, part.limb, on)
                scope.said[dated] = _in_status(found, measure, part.limb, status, on)
            clauses += scope.said[dated]
    clauses = _ordered(_once(clauses))
    return _decision(facts, tuple(clauses), on, book, levels)


def scope_of(facts: Facts, book: Book) -> Scope:
    """The limbs that facts can touch, whatever the day, with the days on which their state can change."""
    hit_things = {hit.thing for hit in facts.item.hits}
    days = {day for p in facts.parties for day in (p.listed, p.removed) if day} | loaded_turns(facts, book)
    listers = {p.measure.casefold() for p in facts.parties if p.measure}
    annexes = book.annexes
    rows = []
    for measure, parts, where in _reached(facts, book):
        annex = not annexes.get(measure.id, frozenset()).isdisjoint(hit_things)
        listing = measure.id.casefold() in listers
        open_list = measure.id in book.unnamed and not facts.item.clear
        for part in parts:
            speaks = open_list or _speaks(part, facts, hit_things, annex)
            if listing or (speaks and _aimed(measure, part, facts)):
                rows.append((measure, part, where))
                days.update(part.turns)
    return Scope(tuple(rows), tuple(sorted(days)))


def _reached(facts: Facts, book: Book) -> Sequence[tuple[Measure, tuple[Part, ...], Reach]]:
    """Measures that a route can touch; kept by route."""
    route = (facts.origin, facts.exporter, facts.ship_from, facts.ship_to)
    found = book.reached.get(route)
    if found is None:
        all_ = ((m, parts, reach(m, facts)) for m, parts in book.parts)
        found = book.reached[route] = tuple(row for row in all_ if _can_meet(row[0], row[2], facts))
    return found


def reach(measure: Measure, facts: Facts) -> Reach:
    """How a shipment touches the imposing country: by leaving it, by origin, or not at all."""
    by = set(measure.imposers)
    start, seller = facts.ship_from, facts.exporter
    if start in by and facts.ship_to in by:
        return "domestic"
    if start in by or seller in by:
        return "leaves"
    if facts.origin in by:
        if not start and not seller:
            return "leaves"
        return "abroad" if start and seller else "unclear"
    return "foreign" if facts.origin and start and seller else "unclear"


def _aimed(measure: Measure, part: Part, facts: Facts) -> bool:
    """Whether the destination may be a target; measures on imports are aimed at where goods come from."""
    return measure.flow != "export" or _target(measure, part.limb, facts) != "no"


def _speaks(part: Part, facts: Facts, hit_things: set[str], annex: bool) -> bool:
    """Whether any rule can have something to say of a limb: a quick look that spares the full one."""
    if part.everything or not part.things.isdisjoint(hit_things):
        return True
    item = facts.item
    if part.families and item.open_to_list:
        return True
    if part.role == "catch_all":
        return "wmd" in facts.use.kinds
    if part.role:
        return annex or bool(item.hits) or not item.suffices
    parties_only = part.limb.end_user_scope == ("listed_parties",)
    return part.whole_list and not parties_only and not item.ordinary


def list_level(imposers: Sequence[str], facts: Facts, on: date, book: Book) -> Level:
    """Whether the item is on the control lists of the imposers on a day."""
    sure: list[Hit] = []
    maybe: list[Hit] = []
    by_thing = {hit.thing: hit for hit in facts.item.hits if hit.strength != "near"}
    limbs = [pair for imposer in imposers for pair in book.lists.get(imposer, ())]
    for measure, limb in limbs if by_thing else ():
        met = by_thing.keys() & book.goods.by_limb_set[measure.id, limb.id]
        state = book.status(measure, limb, on).state if met else "lifted"
        if state not in {"in_force", "unknown"}:
            continue
        for key in met:
            hit = by_thing[key]
            (sure if hit.strength == "certain" and state == "in_force" else maybe).append(hit)
    sure.sort(key=lambda hit: hit.thing)
    maybe.sort(key=lambda hit: hit.thing)
    if sure:
        return Level("listed", tuple(sure), sure[0].why)
    if maybe:
        ask = next((h.ask for h in maybe if h.ask), "Is the entry in force on the day?")
        return Level("possible", tuple(maybe), maybe[0].why, ask)
    item = facts.item
    if item.families or item.unloaded or not item.suffices:
        return Level("possible", (), "what the item is, is not settled", item.ask)
    if not limbs and not item.ordinary and any(i in book.list_takers for i in imposers):
        named = _named_by(imposers, facts, on, book)
        if named is not None:
            return Level("listed", (named,), named.why)
        return Level("possible", (), "no entry of this list is loaded", "Is the item on the control list?")
    return Level("not_listed")


def _named_by(imposers: Sequence[str], facts: Facts, on: date, book: Book) -> Hit | None:
    """A certain hit on goods for which an imposer whose list is not loaded asks a licence somewhere."""
    for hit in facts.item.hits:
        for measure_id, limb_id in book.goods.things[hit.thing].places if hit.strength == "certain" else ():
            measure = book.library[measure_id]
            limb = next(limb for limb in measure.limbs if limb.id == limb_id)
            asks = limb.instrument == "licence" and limb.handling == "letter"
            if asks and measure.imposers == imposers and book.status(measure, limb, on).state == "in_force":
                return hit
    return None


def _can_meet(measure: Measure, where: Reach, facts: Facts) -> bool:
    if measure.flow != "export" and facts.ship_to in measure.imposers:
        return True
    if where == "domestic":
        return False
    return where != "foreign" or measure.re_export is True


def _look(
    measure: Measure,
    part: Part,
    where: Reach,
    level: Level,
    facts: Facts,
    on: date,
    book: Book,
    *,
    watched: bool,
) -> Look:
    hits = tuple([hit for hit in facts.item.hits if hit.thing in part.things])
    if part.everything:
        hits += (Hit(min(part.things), "certain", "the measure meets all goods"),)
    annex = book.annexes.get(measure.id, frozenset()) if part.role else frozenset()
    key = measure.id.casefold()
    return Look(
        facts=facts,
        measure=measure,
        limb=part.limb,
        status=book.status(measure, part.limb, on),
        on=on,
        reach=where,
        target=_target(measure, part.limb, facts),
        level=level,
        hits=hits,
        annex=tuple([hit for hit in facts.item.hits if hit.thing in annex]),
        named=tuple(
            [p for p in facts.parties if p.measure and p.measure.casefold() == key and p.on_list(on)]
        ),
        role=part.role,
        whole_list=part.whole_list,
        watched=watched,
        unnamed=book.unnamed.get(measure.id) if part.limb.instrument == "listing" else None,
    )


def _target(measure: Measure, limb: Limb, facts: Facts) -> Known:
    targets = limb.targets or measure.targets
    if "all" in targets:
        return "yes"
    if not facts.ship_to:
        return "unknown"
    return "yes" if meets(facts.ship_to, targets) else "no"


def _in_status(found: list[Clause], measure: Measure, limb: Limb, status: Status, on: date) -> list[Clause]:
    """What the rules say of one limb, seen through its status on the day (rules G1 to G3)."""
    if found[0].status != status:
        found = [replace(c, status=status) for c in found]
    if status.state == "in_force":
        return found
    case = Case(measure, limb, on, "all")
    deciding = [c for c in found if c.outcome in DECIDES]
    if status.state == "unknown" and limb.handling == "practice":
        return found
    if not deciding:
        return []
    if status.state == "suspended":
        said = [replace(c, outcome="suspended", ask="") for c in deciding]
        return [*said, _status_clause(g2_suspended(case), "suspended", found)]
    if status.state == "unknown":
        name = (measure.instrument_name or measure.id).partition(";")[0]
        ask = f"Is {name} in force on the day? Its state is {status.text}."
        said = [replace(c, outcome="review", ask=c.ask or ask) for c in deciding]
        return [*said, replace(_status_clause(g3_unknown(case), "review", found), ask=ask)]
    return [_status_clause(g1_dates(case), "not_applicable", found)]


def _status_clause(reason: Reason | None, outcome: str, found: list[Clause]) -> Clause:
    if reason is None:
        raise AssertionError("a status rule speaks wherever its state is reached")
    worst = min(found, key=lambda c: c.rank)
    fact = f"rule {worst.rule} would say {worst.outcome.replace('_', ' ')}; {reason.status.text}"
    return Clause(reason.measure, reason.rule, reason.status, outcome, fact, reason.text, reason.sources)


def _once(clauses: Sequence[Clause]) -> list[Clause]:
    """One clause for each measure, rule, outcome and fact."""
    seen: dict[tuple[str, str, str, str], Clause] = {}
    for c in clauses:
        seen.setdefault(
            (c.measure, c.rule, c.outcome, c.status.text if c.rule.startswith("G") else c.fact), c
        )
    return list(seen.values())


def _ordered(clauses: Sequence[Clause]) -> list[Clause]:
    return sorted(clauses, key=lambda c: c.rank)


@dataclass(frozen=True)
class _Gaps:
    """Facts that are missing, and what to ask for the first of them."""

    names: tuple[str, ...]
    ask: str


def _gaps(facts: Facts, listed: bool) -> _Gaps:
    """What is missing: always origin, item, end user and end use; route and others for a listed item."""
    asks = {}
    if not facts.item.suffices and not listed:
        for name in facts.item.missing or ("item_description",):
            asks[name] = facts.item.ask
    if not facts.origin:
        asks["origin_country"] = "In which country was the good made?"
    if not facts.user.given:
        asks["end_user"] = "Who is the end user?"
    if not facts.use.given:
        asks["end_use"] = "What is the end use?"
    return _Gaps(tuple(asks), next((ask for ask in asks.values() if ask), ""))


def _decision(
    facts: Facts, clauses: tuple[Clause, ...], on: date, book: Book, levels: dict[tuple[str, ...], Level]
) -> Decision:
    verdict = headline(clauses)
    listed = any(level.state == "listed" for level in levels.values())
    gaps = _gaps(facts, listed)
    missing = [*gaps.names]
    question = next((c.ask for c in clauses if c.ask and c.outcome == "review"), "")
    if verdict == "review" and "Is " in question and not facts.item.suffices:
        question = question or facts.item.ask
    if verdict in {"review", "licence"} and _item_open(facts, clauses):
        missing += [name for name in facts.item.missing if name not in missing]
    missing += [f"names of parties: {c.fact}" for c in clauses if c.rule == "X2" and c.outcome in OPEN_LIST]
    verdict, question, extra = _lift(facts, verdict, question, gaps, levels)
    missing += [name for name in extra if name not in missing]
    notes = [*filter(None, [facts.item.code_note]), *facts.item.notes, *_other_lists(facts, on)]
    if _other_lists(facts, on) and verdict in {"licence", "not_covered"}:
        verdict, question = "review", "Does the other list bind this shipment?"
    if verdict == "not_covered":
        notes += loaded_notes(facts, on, book)
    elif question == "" and verdict == "review":
        question = gaps.ask
    if verdict == "prohibited":
        question = ""  # nothing that is still open would change the answer
    return Decision(verdict, clauses, tuple(missing), tuple(dict.fromkeys(notes)), question)


def _lift(
    facts: Facts, verdict: Verdict, question: str, gaps: _Gaps, levels: dict[tuple[str, ...], Level]
) -> tuple[Verdict, str, list[str]]:
    """Facts that must be given before a shipment is cleared, or taken to need no more than a licence."""
    listed = any(level.hits for level in levels.values())
    if verdict == "not_covered":
        extra = []
        if listed and not facts.others_given:
            extra.append("other_parties")
        if gaps.names or extra:
            return "review", question or gaps.ask or "Which other parties take part?", extra
        return verdict, question, []
    if verdict == "licence":
        extra = [] if facts.ship_to else ["ship_to"]
        if not facts.user.given or extra:
            ask = "Who is the end user?" if not facts.user.given else "To which country does the good go?"
            return "review", question or ask, extra
    route = [n for n, v in (("ship_from", facts.ship_from), ("exporter_country", facts.exporter)) if not v]
    open_route = verdict == "review" and "exports it" in question
    return verdict, question, [*(route if open_route else []), *([] if facts.ship_to else ["ship_to"])]


def _item_open(facts: Facts, clauses: Sequence[Clause]) -> bool:
    return bool(facts.item.missing) and any(c.rule == "I2" or c.outcome == "review" for c in clauses)


def _other_lists(facts: Facts, on: date) -> list[str]:
    """Parties on lists that no loaded measure explains."""
    return [
        f"{p.name} {'is' if p.band == 'match' else 'may be'} {p.matched_name} ({p.entity_id}) "
        f"on another list: {p.listing.replace('_', ' ')}; its rules are not among the measures loaded"
        for p in facts.parties
        if p.band in {"match", "review"} and not p.measure and p.on_list(on)
    ]
