"""Purchases before the coverage rules: one decision a row, whoever and whatever the item goes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..measure.verdict import DECIDES, VERDICTS, Clause, Decision, headline

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

UNTOLD_USE = (
    "the end use is not told; of the uses that the rules name, save weapons of mass destruction, "
    "none would change the answer"
)


def decisions(
    goods: pl.DataFrame, on: date, progress: Callable[[str, float], None] | None = None
) -> dict[int, Decision]:
    """Number of a purchase (column `id`) -> what the rules say of it.

    A purchase that goes to several kinds of end use has a row for each in `goods`; the most severe answer
    stands, with the clauses of all. Where only the end use is missing and no use would change the answer,
    that answer stands: it is no question for the user.
    """
    from ..measure.check import check

    if goods.height == 0:
        return {}
    found = check(goods, on, progress=progress)
    by_row: dict[int, list[Decision]] = {}
    untold: list[int] = []
    for number, place in zip(goods["id"].to_list(), found.frame["decision"].to_list(), strict=True):
        by_row.setdefault(int(number), []).append(found.decisions[place])
    for number, said in by_row.items():
        if any(_asks_use_only(one) for one in said):
            untold.append(number)
    for number, answer in _whatever_use(goods, untold, on).items():
        by_row[number] = [answer if _asks_use_only(one) else one for one in by_row[number]]
    return {number: merged(said) for number, said in by_row.items()}


def _asks_use_only(one: Decision) -> bool:
    silent = not any(clause.outcome in DECIDES for clause in one.clauses)
    return one.verdict == "review" and one.missing == ("end_use",) and silent


def _whatever_use(goods: pl.DataFrame, untold: Sequence[int], on: date) -> dict[int, Decision]:
    """Purchases that no end use would bring under a rule -> the decision that clears them."""
    import polars as pl

    from ..measure.check import check

    if not untold:
        return {}
    rows = goods.filter(pl.col("id").cast(pl.Int64).is_in(list(untold)))
    rows = rows.unique("id", keep="first", maintain_order=True)
    uses = end_uses()
    asked = pl.concat([rows.with_columns(end_use=pl.lit(use)) for use in uses])
    found = check(asked, on)
    said: dict[int, list[Decision]] = {}
    for number, place in zip(asked["id"].to_list(), found.frame["decision"].to_list(), strict=True):
        said.setdefault(int(number), []).append(found.decisions[place])
    return {
        number: replace(answers[0], notes=(UNTOLD_USE, *answers[0].notes))
        for number, answers in said.items()
        if all(one.verdict == "not_covered" for one in answers)
    }


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
