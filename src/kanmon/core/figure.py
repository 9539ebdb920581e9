"""A number as a user sees it: value, unit, range or "exact", basis and sources."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .source import Source, unite

Basis = Literal["measured", "sourced", "inferred", "assumed"]
BASES: tuple[Basis, ...] = ("measured", "sourced", "inferred", "assumed")


def weakest(*bases: Basis) -> Basis:
    """The weakest of several bases: measured < sourced < inferred < assumed."""
    return max(bases, key=BASES.index)


@dataclass(frozen=True)
class Figure:
    """One number with all a reader needs to judge it.

    value may be None ("unknown", or only a bound is known); low and high are the range in the same
    unit; exact says that there is no range because the number is a count, a date difference or a
    published value. A figure that is neither exact nor has a range is refused.
    """

    label: str
    value: float | None
    unit: str
    basis: Basis
    sources: tuple[Source, ...]
    low: float | None = None
    high: float | None = None
    exact: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if not self.unit:
            raise ValueError(f"figure {self.label!r} has no unit")
        if not self.sources:
            raise ValueError(f"figure {self.label!r} has no source")
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValueError(f"figure {self.label!r}: {name} is {number}")
        if self.value is not None and not self.exact and self.low is None and self.high is None:
            raise ValueError(f"figure {self.label!r} has neither a range nor the mark 'exact'")

    @property
    def known(self) -> bool:
        """Whether anything at all is known: a value or one bound."""
        return not (self.value is None and self.low is None and self.high is None)

    def relabel(self, label: str) -> Figure:
        """The same figure under another label."""
        return replace(self, label=label)


def combined(
    label: str,
    unit: str,
    parts: Sequence[Figure],
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    note: str = "",
) -> Figure:
    """A figure computed from others: sources unite, the weakest basis wins."""
    return Figure(
        label=label,
        value=value,
        unit=unit,
        basis=weakest(*(p.basis for p in parts)),
        sources=unite(*(p.sources for p in parts)),
        low=low,
        high=high,
        exact=low is None and high is None and all(p.exact for p in parts),
        note=note,
    )
