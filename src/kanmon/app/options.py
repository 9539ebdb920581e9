"""What the user typed after an option, as values; every fault is collected before any is reported."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..core.errors import InputError, Problem, nearest

if TYPE_CHECKING:
    from ..world.world import World

T = TypeVar("T")
LANGUAGES = ("en", "ja")
EMBEDDED = "default"
"""The word for the table of the package."""
PRODUCTS_HELP = "More products: a TOML of yours, or a set of ours (docs/split.md); repeatable."


class Faults:
    """Collects the problems of several checks, so that the user mends them in one go."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def take(self, check: Callable[..., T], *arguments: object) -> T | None:
        """The value of a check, or None after noting its problems."""
        try:
            return check(*arguments)
        except InputError as fault:
            self.problems += fault.problems
            return None

    def settle(self) -> None:
        """Raise one InputError with every problem noted; nothing when there is none."""
        if self.problems:
            raise InputError(self.problems)


def day(text: str | None, where: str = "--on") -> date | None:
    """A date of the form YYYY-MM-DD; None when the option was not given."""
    if text is None:
        return None
    found = _calendar_day(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    if found is None:
        raise InputError(
            Problem(
                f"{text!r} is not a date",
                where=where,
                why="a calendar day is needed, written YYYY-MM-DD",
                fix=f"{where} 2025-12-31",
            )
        )
    return found


def _calendar_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def whole(text: str, where: str, fix: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise InputError(
            Problem(f"{text!r} is not a whole number", where=where, why="a count is needed", fix=fix)
        ) from None


def month_list(text: str) -> tuple[int, ...]:
    """Horizons in months: whole numbers with commas between, in rising order, each once."""
    found = [whole(part.strip(), "--months", "--months 3,6,12") for part in text.split(",")]
    return tuple(sorted(set(found)))


def language(text: str) -> str:
    """A language the report is written in."""
    if text.casefold() in LANGUAGES:
        return text.casefold()
    raise InputError(
        Problem(
            f"no report is written in {text!r}",
            where="--lang",
            why=f"the languages are {' and '.join(LANGUAGES)}",
            fix="--lang en",
            near=nearest(text, LANGUAGES),
        )
    )


def place(text: str | None, where: str) -> str | None:
    """A country in any spelling as its alpha-3 code; None when the option was not given."""
    if text is None:
        return None
    from ..core.codes import country

    return country(text, where)


def folder(text: str | None) -> Path | None:
    """An output folder that can be written to (it need not exist); None when not given."""
    if text is None:
        return None
    from .store import check_out

    path = Path(text)
    check_out(path)
    return path


def table_world(path: str | None, kind: str | None, year: int | None) -> World | None:
    """The embedded data on the input-output table of a file, in any format that the readers know."""
    if path is None:
        return None
    from ..world.tables.read import read_table
    from ..world.world import World

    return World.default().with_table(read_table(path, kind=kind, year=year))


def own_world(products: Sequence[str], flows: str | None, base: World | None = None) -> World:
    """The embedded data with further products (files, or sets of the package) and the user's own flows.

    base: a world in place of the embedded data.
    """
    from ..world.world import World

    world = base or World.default()
    for path in products:
        world = world.with_products(path)
    return world if flows is None else world.with_flows(flows)


def embedded_regions(world: World, words: Sequence[str]) -> tuple[str, ...]:
    """Regions of the embedded table from codes in any case, names of countries, and groups of them."""
    from ..core.codes import country

    valid = {r.casefold(): r for r in (*world.table.regions, *world.country_groups, "ROW")}
    found: list[str] = []
    problems: list[Problem] = []
    for word in words:
        code = valid.get(word.casefold())
        if code is None:
            try:
                code = country(word, "--regions")
            except InputError as fault:
                problems += fault.problems
                continue
        if code not in valid.values():
            why = f"the table holds {len(world.table.regions)} regions; the others are in none of them"
            near = nearest(code, valid.values())
            problems.append(Problem(f"the table lacks {code}", "--regions", why, "name one it has", near))
        found.append(code)
    if problems:
        raise InputError(problems)
    return tuple(dict.fromkeys(found))


def refuse_table_words(kind: str | None, year: int | None, order: str | None) -> None:
    """Words about a table of the user's are wrong where the embedded one is meant."""
    given = [name for name, v in (("--kind", kind), ("--year", year), ("--order", order)) if v is not None]
    if given:
        raise InputError(
            Problem("no table is given", ", ".join(given), "the embedded table is known", "--table PATH")
        )
