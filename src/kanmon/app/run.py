"""One run: from what the user named to a full Assessment. Every door (command line, Python) comes here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from .. import __version__
from ..core.errors import InputError, MissingDataError, Problem
from ..measure.cover import cover, default_buyer
from ..measure.load import library, newest_source_date
from ..measure.measure import Coverage, Measure
from ..measure.status import status
from ..measure.timeline import timeline
from .what import Question, resolve

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from ..report.assessment import Assessment
    from ..world.world import World
    from .model import Progress

SEED = 1
DRAWS = 64


def assess(
    what: str | Measure | Question,
    *,
    buyer: str | None = None,
    on: date | None = None,
    months: Sequence[int] = (3, 6, 12),
    draws: int = DRAWS,
    seed: int = SEED,
    detail: bool = False,
    world: World | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    keep: Path | None = None,
) -> Assessment:
    """Assess an export restriction for one buyer on one date.

    Parameters
    ----------
    what
        id of a library measure, path of a measure file or of a text, a Measure, or what `resolve` made
        of one of these.
    buyer
        Country (any spelling); default: the measure's only target, else the largest importer of the
        covered goods from the imposer in the loaded trade data.
    on
        Date asked about; default: the newest source date of the library. The clock is never read.
    months
        Horizons in months; the longest sets the length of the run.
    draws
        Scrambled Sobol draws per scenario, at least 8.
    detail
        All industries of the table instead of industry groups.
    world, progress
        Other data than the embedded ones; a callable (step, share done).
    executor, keep
        Where draws are run, and the folder that keeps the finished ones (`engines.ensemble.run_ensemble`).
        Neither changes a result.

    Raises
    ------
    InputError
        The question or the files cannot be used; lists every problem.
    """
    from . import assemble
    from .model import How, build

    tell = progress or silent
    question = resolve(what) if isinstance(what, str) else what
    if isinstance(question, Measure):
        question = Question(question, None, b"")
    months = tuple(sorted(set(months)))
    check_numbers(months, draws)
    day = on or newest_source_date()
    note = "given" if on else "the newest source date of the library; the clock is not read"
    tell("loading the world", 0.02)
    if world is None:
        from ..world.world import World

        world = World.default()
    who, who_note, coverage = find_coverage(question, buyer, day, world)
    horizon = -(-max(months) * 365 // 12)
    model = build(
        world,
        question.measure,
        coverage,
        count=draws,
        seed=seed,
        days=max(365, horizon),
        months=months,
        detail=detail,
        progress=tell,
        how=How(executor, keep),
    )
    tell("drawing the findings together", 0.75)
    asked = assemble.Asked(
        question=question,
        on=day,
        on_note=note,
        state=status(question.measure, day),
        buyer=who,
        buyer_note=who_note,
        coverage=coverage,
        months=months,
        events=timeline(library(), country=who, until=day),
        manifest=manifest(question, who, day, months, draws, seed, detail=detail, world=world),
    )
    return assemble.assessment(asked, world, model, tell)


def silent(_step: str, _share: float) -> None:
    """Progress nobody watches."""


def check_numbers(months: Sequence[int], draws: int) -> None:
    """Refuse horizons and draw counts outside their bounds, all faults at once."""
    problems = []
    if not months or min(months) < 1 or max(months) > 36:
        problems.append(
            Problem(
                f"months {','.join(map(str, months)) or '(none)'} cannot be run",
                where="--months",
                why="each horizon is between 1 and 36 months",
                fix="--months 3,6,12",
            )
        )
    if not 8 <= draws <= 4096:
        problems.append(
            Problem(
                f"{draws} draws cannot be run",
                where="--draws",
                why="fewer than 8 give no band; the outcomes of more than 4096 do not fit in memory at once",
                fix="--draws 64 (default) to 1024",
            )
        )
    if problems:
        raise InputError(problems)


def find_coverage(
    question: Question, buyer: str | None, day: date, world: World
) -> tuple[str, str, Coverage]:
    """Buyer, why that buyer, and the coverage for it."""
    from ..core.codes import country

    extra = question.reading.draft.items if question.reading else ()
    measure = question.measure
    if buyer:
        who, note = country(buyer), "given"
    else:
        only = default_buyer(measure)
        who, note = (only, "the target of the measure") if only else ("", "")
    if not who:
        wide = cover(measure, day, "all", library(), world.products, extra_items=extra)
        who, note = _largest_importer(measure, wide, world)
    if who in measure.imposers:
        raise InputError(
            Problem(
                f"{who} imposes this measure",
                where="--buyer",
                why="a loss is assessed for a country that the measure is aimed at",
                fix=f"name another buyer, such as {', '.join(measure.targets)}",
            )
        )
    return who, note, cover(measure, day, who, library(), world.products, extra_items=extra)


def _largest_importer(measure: Measure, coverage: Coverage, world: World) -> tuple[str, str]:
    """The country that bought most of the covered goods from the imposer, by product or else by sector."""
    from ..world.lookups import largest_importer, largest_sector_buyer

    codes = {code for c in coverage.covered for code in c.hs} | {c for i in measure.items for c in i.hs}
    codes |= {code for c in coverage.covered if c.product for code in world.products[c.product].hs}
    found = largest_importer(world, measure.imposers, sorted(codes), measure.targets)
    if found:
        note = f"the largest importer of the covered goods from the imposer in {found[1]}"
        return found[0], note + "; --buyer chooses another"
    by_sector = largest_sector_buyer(world, measure.imposers, sorted(codes), measure.targets)
    if by_sector:
        note = f"the target that buys most of the imposer's {by_sector[1]} in {world.table.year}"
        return by_sector[0], note + " (no trade data for the goods); --buyer chooses another"
    raise MissingDataError(
        Problem(
            "no buyer can be chosen for this measure",
            where=measure.id,
            why="it has no single target, and neither trade data nor the table hold its goods",
            fix="name the buyer: --buyer COUNTRY",
        )
    )


def manifest(
    question: Question,
    buyer: str,
    day: date,
    months: Sequence[int],
    draws: int,
    seed: int,
    *,
    detail: bool,
    world: World,
) -> dict[str, str]:
    """Everything that decides the result: the same manifest gives the same bytes."""
    from ..world.lookups import content_hash

    entries = {
        "kanmon": __version__,
        "measure": question.measure.id,
        "buyer": buyer,
        "on": day.isoformat(),
        "months": ",".join(map(str, months)),
        "draws": str(draws),
        "seed": str(seed),
        "detail": str(detail).lower(),
        "data": content_hash(world),
    }
    if world.own_files:
        entries["own_files"] = " ".join(world.own_files)
    if question.content:
        entries["input_sha256"] = hashlib.sha256(question.content).hexdigest()
    return entries
