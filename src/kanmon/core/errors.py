"""Errors that list every problem at once: what, where, why, how to fix, nearest valid names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with what the user gave.

    what: the fault in a few words; where: file, row, column or option; why: the rule it breaks;
    fix: what to do; near: nearest valid names, best first.
    """

    what: str
    where: str = ""
    why: str = ""
    fix: str = ""
    near: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [self.what + (f"  [{self.where}]" if self.where else "")]
        if self.why:
            lines.append(f"    why: {self.why}")
        if self.fix:
            lines.append(f"    fix: {self.fix}")
        if self.near:
            lines.append(f"    nearest: {', '.join(self.near)}")
        return "\n".join(lines)


class KanmonError(Exception):
    """A fault of ours (exit code 1). Subclasses say whose fault it is."""

    exit_code = 1

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class InputError(KanmonError):
    """The user's input cannot be used as it is (exit code 2)."""

    exit_code = 2


class MissingDataError(InputError):
    """The question is sound but the loaded data do not reach it; the fix says what to load."""


def nearest(name: str, valid: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Names in `valid` closest to `name`, without regard to case, best first."""
    by_fold = {v.casefold(): v for v in valid}
    found = get_close_matches(name.casefold(), by_fold, n=count, cutoff=0.5)
    return tuple(by_fold[f] for f in found)
