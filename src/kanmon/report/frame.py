"""What every builder of a section needs: the assessment, the strings of a language, names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..core.codes import countries
from ..core.errors import InputError, Problem
from ..core.source import ASSUMPTION, Source, unite
from .assessment import Assessment, ScenarioResult
from .words import Line, Name, Stamp, joined

STRINGS = Path(__file__).parent / "strings.toml"


@cache
def languages() -> dict[str, dict[str, str]]:
    """Strings of the frame by language."""
    return tomllib.loads(STRINGS.read_text("utf-8"))


def strings(lang: str) -> dict[str, str]:
    """The strings of one language; InputError names those there are."""
    found = languages().get(lang)
    if found is None:
        raise InputError(
            Problem(
                f"no report frame in language {lang!r}",
                where="--lang",
                fix="use one of these",
                near=tuple(languages()),
            )
        )
    return found


@dataclass(frozen=True)
class Frame:
    """An assessment with the language it is told in."""

    a: Assessment
    lang: str
    strings: dict[str, str]

    def s(self, key: str) -> str:
        """One string of the frame."""
        return self.strings[key]

    def country(self, code: str) -> str:
        """The name of a country by alpha-3; several joined by '+'; 'all' in words; else the code."""
        if "+" in code:
            return ", ".join(self.country(c) for c in code.split("+"))
        if code in {"all", ""}:
            return "all destinations"
        found = countries().get(code)
        return found.names.get(self.lang) or found.names["en"] if found else code

    def countries(self, codes: Iterable[str]) -> Line:
        """Names of several countries as a line."""
        return joined(Name(self.country(c)) for c in codes) or (Name("an unnamed party"),)

    def scenario(self, name: str) -> str:
        """The title of a scenario; a user's own word stays as it is."""
        return self.strings.get(name, name.replace("_", " "))

    @property
    def on(self) -> Stamp:
        """The date asked about."""
        return Stamp(self.a.on.isoformat())

    @property
    def record(self) -> tuple[Source, ...]:
        """Sources of the record and of what it covers; an assumption of ours where there are none."""
        found = unite(self.a.measure.sources, *(r.sources for r in self.a.coverage.reasons))
        return found or (ASSUMPTION,)

    @property
    def widest(self) -> ScenarioResult | None:
        """The scenario with the largest loss among those with a mid value; else among all; else None."""
        with_mid = [s for s in self.a.scenarios if s.losses and s.losses[-1].if_lasts.value is not None]
        pool = with_mid or [s for s in self.a.scenarios if s.losses]
        return max(pool, key=lambda s: s.losses[-1].if_lasts.high or 0.0, default=None)


def short(text: str, length: int) -> str:
    """A text cut at a word, with an ellipsis where something is left out."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    cut = text[: length - 1].rsplit(" ", 1)[0] if " " in text[: length - 1] else text[: length - 1]
    return cut.rstrip(" ,;:(") + "…"
