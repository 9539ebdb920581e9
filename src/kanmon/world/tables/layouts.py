"""Reader of layouts.toml: what is known of each format beside its shape (titles, words, codes)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from ...core.errors import InputError

CARDS = Path(__file__).parent / "layouts.toml"


@dataclass(frozen=True)
class Layout:
    """One format: names, unit, words for final demand and primary inputs, regions written otherwise.

    value_added: primary rows that make up value added. final: categories of final demand. regions:
    the file's code -> ISO 3166 alpha-3 or ROW; several codes may fold into one economy.
    seen: how far the reader has met a real file, in words; empty when it has not.
    """

    kind: str
    title: str
    publisher: str
    url: str
    licence: str
    unit: str
    seen: str = ""
    value_added: frozenset[str] = frozenset()
    final: frozenset[str] = frozenset()
    primary: frozenset[str] = frozenset()
    output: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()
    regions: Mapping[str, str] = field(default_factory=dict)

    def region(self, code: str) -> str:
        """A region of the file in ISO 3166 alpha-3 or ROW; a code that is not known stays as it is."""
        text = code.strip()
        if text in self.regions:
            return self.regions[text]
        return _alpha3(text)


@cache
def _alpha3(text: str) -> str:
    from ...core.codes import country

    if len(text) not in {2, 3}:
        return text
    try:
        return country(text)
    except InputError:
        return text


@cache
def layouts() -> Mapping[str, Layout]:
    """Every format by kind."""
    rows = tomllib.loads(CARDS.read_text("utf-8"))
    return MappingProxyType({kind: _card(kind, row) for kind, row in rows.items()})


def _card(kind: str, row: Mapping[str, object]) -> Layout:
    made = {k: frozenset(v) if isinstance(v, list) else v for k, v in row.items()}
    return Layout(kind=kind, **made)  # type: ignore[arg-type]


def layout(kind: str) -> Layout:
    """The format of this kind."""
    return layouts()[kind]
