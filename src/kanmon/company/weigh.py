"""Purchases before the coverage rules: one decision a row, whoever and whatever the item goes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..measure.verdict import DECIDES, VERDICTS, Clause, Decision, headline

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from ..measure.check_bulk import Memory

UNTOLD_USE = (
    "the end use is not told; of the uses that the rules name, save weapons of mass destruction, "
    "none would change the answer"
)


def decisions(
    goods: pl.DataFrame,
    on: date,
    progress: Callable[[str, float], None] | None = None,
    memory: Memory | None = None,
) -> dict[str, Decision]:
    """Id of a purchase -> what the rules say of it.

    A purchase that goes to several kinds of end use has a row for each in `goods`, under one id; the most
    severe answer stands, with the clauses of all. Where only the end use is missing and no use would change
    the answer, that answer stands: it is no question for the user.
    """
    import polars as pl

    from ..measure.check import check

    if goods.height == 0:
        return {}
    told = [name for name in goods.columns if name != "id"]
    distinct = goods.select(told).unique(maintain_order=True).with_row_index("number")
    untold = distinct.filter(pl.col("end_use") == "")
    tries = pl.concat([distinct, *(untold.with_columns(end_use=pl.lit(use)) for use in end_uses())])
    # All in one table: what an item is is found out once for all its uses.
    found = check(
        tries.rename({"number": "id"}).with_columns(pl.col("id").cast(pl.String)),
        on,
        progress=progress,
        memory=memory,
    )
    said: dict[int, list[Decision]] = {}
    for number, place in zip(tries["number"].to_list(), found.frame["decision"].to_list(), strict=True):
        said.setdefault(number, []).append(found.decisions[place])
    same: dict[tuple[int, ...], Decision] = {}
    answers = []
    for number in range(distinct.height):
        ids = tuple(map(id, said[number]))
        if ids not in same:
            same[ids] = _whatever_use(said[number])
        answers.append(same[ids])
    of = goods.join(distinct, on=told, how="left", maintain_order="left", nulls_equal=True)[
        "number"
    ].to_list()
    by_id: dict[str, dict[int, None]] = {}
    for name, number in zip(goods["id"].to_list(), of, strict=True):
        by_id.setdefault(name, {})[number] = None
    kept: dict[tuple[int, ...], Decision] = {}
    out = {}
    for name, numbers in by_id.items():
        key = tuple(numbers)
        if key not in kept:
            kept[key] = merged([answers[number] for number in key])
        out[name] = kept[key]
    return out


def _whatever_use(said: Sequence[Decision]) -> Decision:
    """The answer without an end use, or with any: the first of several was given without one."""
    first, *others = said
    silent = not any(clause.outcome in DECIDES for clause in first.clauses)
    open_ = first.verdict == "review" and first.missing == ("end_use",) and silent
    if others and open_ and all(one.verdict == "not_covered" for one in others):
        return replace(others[0], notes=(UNTOLD_USE, *others[0].notes))
    return first


def end_uses() -> tuple[str, ...]:
    """One end use of each kind that the rules tell apart, a harmless one first.

    Weapons of mass destruction are left out: that rule bites where the exporter knows of such a use, and
    a use that nobody told is not known.
    """
    from ..measure.check_words import table

    told = table("parties_words")["uses"]
    kinds = [kind for kind in told if kind not in {"harmless", "unclear", "wmd"}]
    return (str(told["harmless"][0]), *(str(told[kind][0]) for kind in kinds))


def merged(said: Sequence[Decision]) -> Decision:
    """The most severe of several decisions on one purchase, with the clauses of all, each once."""
    worst = min(said, key=lambda one: VERDICTS.index(one.verdict))
    if len(said) == 1:
        return worst
    clauses = {(c.measure, c.rule, c.outcome, c.fact): c for one in said for c in reversed(one.clauses)}
    return replace(
        worst,
        clauses=tuple(sorted(clauses.values(), key=lambda c: c.rank)),
        missing=tuple(dict.fromkeys(name for one in said for name in one.missing)),
        notes=tuple(dict.fromkeys(note for one in (worst, *said) for note in one.notes)),
    )


def with_clauses(one: Decision, more: Sequence[Clause]) -> Decision:
    """A decision with clauses added and its verdict weighed again.

    Of clauses equally severe the added ones come last. An open question stays, unless the added clauses
    alone stop the purchase: then theirs is asked.
    """
    if not more:
        return one
    clauses = tuple(sorted((*one.clauses, *more), key=lambda c: c.rank))
    verdict = min(headline(clauses), one.verdict, key=VERDICTS.index)
    ask = next((c.ask for c in sorted(more, key=lambda c: c.rank) if c.ask), "")
    first = ask if verdict != one.verdict else one.question
    return replace(one, clauses=clauses, verdict=verdict, question=first or ask)
