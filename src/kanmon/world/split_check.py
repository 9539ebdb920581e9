"""Checks that a user's files of products and flows share: names, ranges, and every fault at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import Problem

if TYPE_CHECKING:
    from .world import World

USER = "user"
"""Basis of a row of flows that a user's file gave: it stands before every other source."""


@dataclass(frozen=True)
class Context:
    """What a file's names are checked against, and where problems are gathered."""

    world: World
    path: Path
    problems: list[Problem]
    label: str
    """What figures that rest on the file name as their source."""

    def wrong(self, what: str, where: str, why: str = "", fix: str = "", near: tuple[str, ...] = ()) -> None:
        """Note one problem of a place in the file."""
        self.problems.append(Problem(what, f"{self.path.name} {where}".strip(), why, fix, near))

    def is_country(self, code: str) -> bool:
        """Whether the world knows a country or group by this code."""
        world = self.world
        return code in world.country_sales[0] or code in world.country_groups

    def members(self, label: str) -> tuple[str, ...]:
        """Sectors of a group of several, so that a figure for it holds in the detailed table too."""
        inside = tuple(s for s, g in self.world.groups.group.items() if g == label)
        return inside if len(inside) > 1 else ()

    @property
    def sectors(self) -> tuple[str, ...]:
        """Labels of industries: sectors, their groups, and those of the table."""
        groups = self.world.groups.group
        return tuple(dict.fromkeys((*groups, *groups.values(), *self.world.country_sales[1])))


def range_of(
    context: Context, value: object, where: str, *, top: float | None
) -> tuple[float, float, float] | None:
    """(low, mid, high) of a number or a list of three, or None after noting the fault."""
    given = value if isinstance(value, list) else [value] * 3
    numbers = [float(v) for v in given if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(given) != 3 or len(numbers) != 3:
        context.wrong(f"{value!r} is no range", where, fix="one number, or [low, mid, high]")
        return None
    low, mid, high = numbers
    if not 0 <= low <= mid <= high < float("inf") or (top is not None and high > top):
        bound = "" if top is None else f" and at most {top:g}"
        context.wrong(f"{value!r} is out of bounds", where, f"0 <= low <= mid <= high{bound}")
        return None
    return low, mid, high
