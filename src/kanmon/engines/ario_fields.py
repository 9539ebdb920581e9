"""Fields of a scenario file, taken one by one; every fault is noted and the reading goes on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..core.errors import Problem, nearest

ALL = "all"


@dataclass(frozen=True)
class Labels:
    """Names of a table's regions and sectors, and what else a region may be called.

    called: function from a word to a region's label, or None (for names of countries).
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    called: Callable[[str], str | None] = lambda _word: None

    def region(self, word: str) -> str | None:
        """The label of a region written as its label, in any case, or by its name."""
        by_fold = {r.casefold(): r for r in self.regions}
        found = by_fold.get(word.casefold()) or self.called(word)
        return found if found in self.regions else None

    def sector(self, word: str) -> str | None:
        """The label of a sector written in any case."""
        return {s.casefold(): s for s in self.sectors}.get(word.casefold())


@dataclass
class Fields:
    """One table of the file: `where` names it in messages."""

    raw: Mapping[str, Any]
    where: str
    problems: list[Problem] = field(default_factory=list)

    def part(self, raw: Any, where: str) -> Fields:
        """A table inside this one, noting its faults in the same list."""
        if isinstance(raw, Mapping):
            return Fields(raw, where, self.problems)
        self.wrong(f"{where} is not a table", fix=f"write [{where}] or [[{where}]] on a line of its own")
        return Fields({}, where, self.problems)

    def wrong(
        self, what: str, why: str = "", fix: str = "", near: tuple[str, ...] = (), key: str = ""
    ) -> None:
        """Note a fault."""
        where = f"{self.where}, {key}" if key else self.where
        self.problems.append(Problem(what, where, why, fix, near))

    def known(self, keys: Iterable[str]) -> None:
        """Note every key that is not one of these."""
        keys = tuple(keys)
        for key in self.raw:
            if key not in keys:
                self.wrong(
                    f"no field is called {key!r}", f"there are {', '.join(keys)}", "", nearest(key, keys)
                )

    def number(self, key: str, default: float | None, low: float, high: float = math.inf) -> float:
        """A number between two bounds, both allowed."""
        value = self.raw.get(key, default)
        if value is None:
            self.wrong(f"{key} is missing", key=key, fix=f"{key} = {low:g}")
            return low
        return self.checked(value, key, low, high)

    def checked(self, value: Any, key: str, low: float, high: float) -> float:
        """A value as a number within bounds."""
        span = f"{low:g} to {high:g}" if math.isfinite(high) else f"{low:g} or more"
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
            self.wrong(f"{value!r} is not a number", "a number is needed", f"{key} = {low:g}", key=key)
        elif not low <= value <= high:
            self.wrong(f"{key} is {value:g}", f"it must be {span}", key=key)
        else:
            return float(value)
        return low

    def choice(self, key: str, default: str, valid: Sequence[str]) -> str:
        """One of some words."""
        value = self.raw.get(key, default)
        if value in valid:
            return str(value)
        self.wrong(
            f"{key} is {value!r}", f"it is one of {', '.join(valid)}", "", nearest(str(value), valid), key
        )
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.raw.get(key, default)
        if not isinstance(value, bool):
            self.wrong(f"{value!r} is neither true nor false", fix=f"{key} = true", key=key)
            return default
        return value

    def text(self, key: str, default: str) -> str:
        """Words."""
        value = self.raw.get(key, default)
        if not isinstance(value, str):
            self.wrong(f"{value!r} is not text", fix=f'{key} = "..."', key=key)
            return default
        return value

    def day(self, key: str, start: date | None, default: int | None, last: int) -> int:
        """A day counted from 0, given as a number or, where the run has a start, as a date."""
        value = self.raw.get(key, default)
        if type(value) is date:  # a date with a time of day is no day
            if start is None:
                self.wrong(
                    f"{key} is a date", "the run has no start", "start = 2025-01-01 at the top", key=key
                )
                return 0
            value = (value - start).days
        if value is None:
            self.wrong(f"{key} is missing", key=key, fix=f"{key} = 0")
            return 0
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(f"{value!r} is no day", "a whole number of days from the first, or a date", key=key)
            return 0
        if not 0 <= value <= last:
            self.wrong(f"day {value} lies outside the run", f"days run from 0 to {last}", key=key)
            return 0
        return value

    def whole(self, key: str, default: int, low: int) -> int:
        """A whole number, no lower than a bound."""
        value = self.raw.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            self.wrong(f"{value!r} is not a whole number of {low} or more", fix=f"{key} = {default}", key=key)
            return default
        return value

    def words(self, key: str) -> list[str]:
        """One word or a list of them."""
        value = self.raw.get(key)
        found = [value] if isinstance(value, str) else value
        if isinstance(found, list) and found and all(isinstance(w, str) for w in found):
            return found
        what = f"{key} is missing" if value is None else f"{value!r} is neither a word nor a list of words"
        self.wrong(what, fix=f'{key} = ["..."]', key=key)
        return []

    def places(self, key: str, labels: Labels) -> set[str]:
        """Regions; `all` for every one."""
        return self._found(key, labels.regions, labels.region, "region")

    def sectors(self, key: str, labels: Labels) -> set[str]:
        """Sectors; `all` for every one."""
        return self._found(key, labels.sectors, labels.sector, "sector")

    def industries(self, key: str, labels: Labels) -> set[tuple[str, str]]:
        """Industries (region, sector): "REGION" for all of a region, "REGION/SECTOR" for one, or `all`."""
        out: set[tuple[str, str]] = set()
        for word in self.words(key):
            place, _, sector = word.partition("/")
            regions = self._one(place, key, labels.regions, labels.region, "region")
            sectors = (
                self._one(sector, key, labels.sectors, labels.sector, "sector") if sector else labels.sectors
            )
            out |= {(r, s) for r in regions for s in sectors}
        return out

    def _found(
        self, key: str, valid: tuple[str, ...], find: Callable[[str], str | None], kind: str
    ) -> set[str]:
        return {label for word in self.words(key) for label in self._one(word, key, valid, find, kind)}

    def _one(
        self, word: str, key: str, valid: tuple[str, ...], find: Callable[[str], str | None], kind: str
    ) -> tuple[str, ...]:
        if word.casefold() == ALL:
            return valid
        found = find(word)
        if found is not None:
            return (found,)
        why = f"it has {len(valid)}, from {valid[0]} to {valid[-1]}"
        self.wrong(f"the table has no {kind} {word!r}", why, "", nearest(word, valid), key)
        return ()
