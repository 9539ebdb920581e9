"""Each source of each bought item as a shipment under the coverage rules: verdict, layer, question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from ..measure.verdict import DECIDES, Clause, Decision, cite
from . import watchlist
from .customers import Reached, reached_customers
from .elsewhere import freed, unsettled
from .facts import bought, key, shipments
from .records import Company, Line, Network, Scenario
from .weigh import decisions, merged, with_clauses

if TYPE_CHECKING:
    import polars as pl

    from ..measure.measure import Measure

Progress = Callable[[str, float], None]
COVERED = {"prohibited": "yes", "licence": "yes", "review": "maybe", "not_covered": "no"}
"""Verdict -> whether the line is taken to stop."""
CUSTOMERS = 8
"""Customers that are named one by one in a reason."""
WHENCE = "From which country does the material in it come?"
RANK = {"no": 0, "maybe": 1, "yes": 2}
SCENARIOS: tuple[Scenario, ...] = ("measure", "in_force", "foreign_content", "feared")


@dataclass(frozen=True)
class Asked:
    """What a firm's lines are judged against.

    measures: those the user names; on: the day; home: where the firm's plant is, alpha-3; firm: its
    name, screened as end user.
    """

    measures: tuple[Measure, ...]
    on: date
    home: str
    firm: str

    @property
    def imposers(self) -> frozenset[str]:
        """Countries that impose the named measures."""
        return frozenset(country for m in self.measures for country in m.imposers)


@dataclass(frozen=True)
class Judged:
    """Sources with their verdicts, and the classes of customers that they were judged for."""

    lines: tuple[Line, ...]
    reached: Reached


def judge(company: Company, net: Network, asked: Asked, progress: Progress | None = None) -> Judged:
    """Every source of every bought item with its verdict under each scenario.

    A good made elsewhere whose content comes from an imposer, or may do, is judged twice: as it is, and
    as if it came from the imposer; the second answer is the `foreign_content` layer. Each is judged for
    every class of customers that the item reaches: the verdict is the most severe, `by_class` has all.
    """
    import polars as pl

    rows = bought(company)
    found = watchlist.findings(company, asked.firm)
    reached = reached_customers(company, net, [f.code for f in found if f.role == "customer"], progress)
    met = watchlist.met(rows, reached, found, asked.imposers)
    goods = shipments(rows, reached, asked)
    said = decisions(pl.concat([goods, *as_if_imposed(rows, goods, asked)]), asked.on, progress)
    feared = _feared(asked)
    lines = []
    for number, row in enumerate(rows.iter_rows(named=True)):
        own: dict[int, Decision] = {}
        instead: dict[int, Decision | None] = {}
        for k in reached.classes_of(row["part"]):
            listed, name = met[key(number, k)], key(number, k)
            own[k] = _also(freed(row, said[name], asked), listed, asked)
            other = instead_of(said, name, asked)
            instead[k] = _also(other, listed, asked) if other else None
        line = _line(row, own, instead, feared, asked)
        lines.append(replace(line, reason=line.reason + _whom(line, reached)))
    return Judged(tuple(lines), reached)


def _whom(line: Line, reached: Reached) -> str:
    """For which customers a source stops, where it does not stop for all that the item reaches."""
    told = []
    covers = {k: by["in_force"] for k, by in line.by_class.items()}
    if len(set(covers.values())) > 1:
        for word, text in (("yes", "stops for"), ("maybe", "open for"), ("no", "goes on for")):
            classes = [reached.classes[k] for k, found in covers.items() if found == word]
            codes = [code for one in classes for code in one.customers]
            if codes:
                more = f" and {len(codes) - CUSTOMERS} more" if len(codes) > CUSTOMERS else ""
                told.append(f"{text} {', '.join(codes[:CUSTOMERS])}{more}")
    return f" By customer: {'; '.join(told)}." if told else ""


def _also(one: Decision, met: Sequence[watchlist.Finding], asked: Asked) -> Decision:
    """A decision with what the user's own list adds."""
    return with_clauses(one, watchlist.clauses(met, one.clauses, asked.on))


def as_if_imposed(rows: pl.DataFrame, goods: pl.DataFrame, asked: Asked) -> list[pl.DataFrame]:
    """Sources made elsewhere, put as if the good came from each imposer itself; ids "id@country".

    Asked where the origin of the content is that imposer, or is not told.
    """
    import polars as pl

    out = []
    for country in sorted(asked.imposers):
        content = pl.col("content_origin")
        wanted = (content == country) | content.is_null()
        elsewhere = pl.col("origin").is_not_null() & ~pl.col("origin").is_in(list(asked.imposers))
        numbers = rows.with_row_index("number").filter(wanted & elsewhere)["number"].cast(pl.String)
        number = pl.col("id").str.split(":").list.first()
        there = goods.filter(number.is_in(numbers.implode())).with_columns(
            origin_country=pl.lit(country), ship_from=pl.lit(country), exporter_country=pl.lit(country)
        )
        out.append(there.with_columns(id=pl.col("id") + f"@{country}"))
    return out


def instead_of(said: Mapping[str, Decision], name: str, asked: Asked) -> Decision | None:
    """What the rules would say of a source if it came from an imposer: the most severe of them."""
    found = [said[there] for country in sorted(asked.imposers) if (there := f"{name}@{country}") in said]
    return merged(found) if found else None


def _line(
    row: Mapping[str, str | float | None],
    decisions: Mapping[int, Decision],
    others: Mapping[int, Decision | None],
    feared: Callable[[Mapping[str, str | float | None]], bool],
    asked: Asked,
) -> Line:
    """One source with its verdict, the layer it belongs to, and what each scenario makes of it.

    decisions, others: class of customers -> what the rules say, and would say of content put as the good.
    """
    fear = feared(row)
    by_class = {k: _covers(row, one, others[k], asked, fear=fear) for k, one in decisions.items()}
    by: dict[Scenario, str] = {
        name: max((covers[name] for covers in by_class.values()), key=RANK.__getitem__) for name in SCENARIOS
    }
    decision = merged(list(decisions.values()))
    known = [d for d in others.values() if d]
    instead = merged(known) if known else None
    deciding = tuple(c for c in decision.clauses if c.outcome in DECIDES)
    layer = _layer(by, instead)
    shown = deciding or tuple(
        c for c in (instead.clauses if instead and layer != "none" else ()) if c.outcome in DECIDES
    )
    questions = [q for q in (decision.question, instead.question if instead and layer != "none" else "") if q]
    if layer == "foreign_content" and row["content_origin"] is None:
        questions.insert(0, WHENCE)
    return Line(
        part=str(row["part"]),
        supplier=str(row["supplier"] or ""),
        origin=str(row["origin"] or ""),
        content_origin=str(row["content_origin"] or ""),
        share=None if row["share"] is None else float(row["share"]),
        verdict=decision.verdict,
        measures=tuple(dict.fromkeys(c.measure for c in shown)),
        entries=tuple(dict.fromkeys(c.fact for c in shown if c.fact and c.measure != watchlist.OWN)),
        rules=tuple(dict.fromkeys(f"{c.measure} {c.rule}" for c in shown)),
        reason=lead(row, layer) + _reason(row, decision, shown, asked) + guessed(row),
        source=_source(shown),
        content_basis=str(row["basis"]),
        layer=layer,
        covered=by,
        by_class=by_class,
        question=questions[0] if questions else "",
        file=str(row["file"] or ""),
        row=None if row["row"] is None else int(row["row"]),
    )


def _covers(
    row: Mapping[str, str | float | None],
    decision: Decision,
    instead: Decision | None,
    asked: Asked,
    *,
    fear: bool,
) -> dict[Scenario, str]:
    """Whether a source stops for one class of customers, by scenario."""
    deciding = [c for c in decision.clauses if c.outcome in DECIDES]
    named = {m.id for m in asked.measures}
    own = [COVERED[DECIDES[c.outcome]] for c in deciding if c.measure in named]
    gap = "maybe" if decision.verdict == "review" and not deciding else "no"
    by: dict[Scenario, str] = {
        "measure": max([*own, gap], key=RANK.__getitem__),
        "in_force": _stops(decision),
    }
    through = _stops(instead) if instead else "no"
    if row["content_origin"] is None and through == "yes":
        through = "maybe"  # where its content comes from is not told
    by["foreign_content"] = _more(by["in_force"], through)
    by["feared"] = _more(by["foreign_content"], "maybe" if fear else "no")
    return by


def _stops(decision: Decision) -> str:
    """Whether a line stops: one clause that is certain is enough, whatever else is open."""
    found = [COVERED[DECIDES[c.outcome]] for c in decision.clauses if c.outcome in DECIDES]
    return max([*found, COVERED[decision.verdict]], key=RANK.__getitem__)


def _more(one: str, other: str) -> str:
    return max(one, other, key=RANK.__getitem__)


def _layer(by: Mapping[Scenario, str], instead: Decision | None) -> str:
    if by["in_force"] != "no":
        return "direct"
    return "foreign_content" if instead is not None and by["foreign_content"] != "no" else "none"


def lead(row: Mapping[str, str | float | None], layer: str) -> str:
    """What stands before the reason: a trader in between, or content judged and not the good."""
    origin, seller, via = row["origin"], row["supplier_country"], row["content_origin"]
    if layer == "foreign_content":
        held = f"holds material from {via}" if via else "where the material in it comes from is not told"
        return f"made in {origin}, {held}; if it came from the imposer itself: "
    if layer == "direct" and origin and seller and origin != seller:
        return f"bought in {seller}, made in {origin}, judged where it leaves {origin}: "
    return ""


def _reason(
    row: Mapping[str, str | float | None], decision: Decision, shown: Sequence[Clause], asked: Asked
) -> str:
    """The weightiest clause, or what was looked at; and the parties of the user's own list it reaches."""
    own = [c.fact for c in decision.clauses if c.measure == watchlist.OWN and c not in shown[:1]]
    listed = f" It reaches: {'; '.join(own[:2])}." if own else ""
    if shown:
        return (f"{shown[0].fact}. {shown[0].text}" if shown[0].fact else shown[0].text) + listed
    tied = {row["origin"], row["content_origin"]} & asked.imposers
    held = [
        f"{c.measure}: {c.fact} (suspended)" for c in decision.clauses if c.outcome == "suspended" and tied
    ]
    told = [*filter(None, [unsettled(decision)]), *held[:1], *decision.notes[:2]]
    ready = "; ".join(told) or "nothing in the loaded measures meets it"
    return f"{ready}.{listed}" if listed else ready


def guessed(row: Mapping[str, str | float | None]) -> str:
    """What the grade lets one guess, as a sentence after the reason."""
    return f". {row['guess']}." if row["guess"] else ""


def _source(shown: Sequence[Clause]) -> str:
    return "; ".join(cite(s) for s in shown[0].sources[:1]) if shown else ""


def _feared(asked: Asked) -> Callable[[Mapping[str, str | float | None]], bool]:
    """Test of a source: from an imposer, and among the goods that a named measure marks as possible."""
    from ..measure.cover import cover
    from ..measure.load import library
    from ..world.world import World

    products = World.default().products
    codes: set[str] = set()
    symbols: set[str] = set()
    for measure in asked.measures:
        for one in cover(measure, asked.on, asked.home or "all", library(), products).scenario("feared"):
            codes |= set(one.hs)
            symbols |= set(products[one.product].elements) if one.product in products else set()

    def test(row: Mapping[str, str | float | None]) -> bool:
        if not {row["origin"], row["content_origin"]} & asked.imposers:
            return False
        hs = str(row["hs_code"] or "")
        held = set(str(row["symbols"] or "").split())
        return bool(hs and hs.startswith(tuple(codes))) or bool(held & symbols)

    return test


def covered_shares(lines: Sequence[Line], scenario: Scenario, *, possible: bool) -> dict[str, float]:
    """Share of each item's volume that stops for any of its customers; see `class_stops`."""
    stops = class_stops(lines, scenario, possible=possible)
    return {part: max(by.values()) for part, by in stops.items()}


def class_stops(lines: Sequence[Line], scenario: Scenario, *, possible: bool) -> dict[str, dict[int, float]]:
    """Share of each item's volume that stops, for each class of customers that it reaches.

    Counted are sources judged yes, and with `possible` those judged maybe. Sources without a share split
    evenly what the others leave; shares are scaled to sum to 1. Items of which nothing stops are left out.
    """
    by_part: dict[str, list[Line]] = {}
    for line in lines:
        by_part.setdefault(line.part, []).append(line)
    out: dict[str, dict[int, float]] = {}
    least = RANK["maybe"] if possible else RANK["yes"]
    for part, group in by_part.items():
        stopped = dict.fromkeys(group[0].by_class, 0.0)
        for share, line in zip(shares(group), group, strict=True):
            for k, covers in line.by_class.items():
                stopped[k] += share if RANK[covers[scenario]] >= least else 0.0
        if any(stopped.values()):
            out[part] = {k: min(1.0, s) for k, s in stopped.items()}
    return out


def shares(group: Sequence[Line]) -> list[float]:
    """Share of an item's volume that each of its sources has; they sum to 1."""
    told = [line.share for line in group]
    left = max(0.0, 1.0 - sum(s for s in told if s is not None))
    blank = sum(s is None for s in told)
    filled = [left / blank if s is None else s for s in told]
    total = sum(filled)
    return [s / total for s in filled] if total > 0 else [1.0 / len(group)] * len(group)


def by_row(lines: Sequence[Line]) -> pl.DataFrame:
    """The lines as a table, one row a source."""
    import polars as pl

    return pl.DataFrame(
        [
            {
                "part": line.part,
                "supplier": line.supplier,
                "origin": line.origin,
                "content_origin": line.content_origin,
                "share": line.share,
                "verdict": line.verdict,
                "layer": line.layer,
                "measures": ", ".join(line.measures),
                "entries": ", ".join(line.entries),
                "reason": line.reason,
                "source": line.source,
                "content_basis": line.content_basis,
                "question": line.question,
                **{f"covered_{name}": line.covered[name] for name in SCENARIOS},
            }
            for line in lines
        ],
        infer_schema_length=None,
    )
