"""What the grade in a good's name lets one guess of its content; a guess asks and never clears."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

GUESSED = "guessed_from_grade"
_WORD = re.compile(r"[A-Za-z0-9]+")


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("grades.toml").read_text("utf-8"))


def guess(text: str, hs: str) -> str:
    """What the grade in a text says of its content, in words; "" where there is no grade.

    Only of goods whose words or HS heading say that they are of the kind that is sold by grade.
    """
    from ..measure.check_words import table

    own = _table()
    plain = unicodedata.normalize("NFKC", text)
    kinds = table("words")["forms"][own["form"]] + table("words")["graded"]["words"]
    if not (hs[:4] in own["headings"] or any(word in plain.lower() for word in kinds)):
        return ""
    for word in _WORD.findall(plain):
        hit = re.fullmatch(own["grade"], word)
        if hit:
            row = next(r for r in own["suffix"] if r["name"] == (hit[1] or ""))
            low, high = row["share"]
            return (
                f"Guess from grade {word} ({row['class']}): {own['elements']} {row['word']}, {low:g} to "
                f"{high:g} % by weight, confidence {row['confidence']}; a guess clears nothing"
            )
    return ""


def with_guesses(rows: pl.DataFrame) -> pl.DataFrame:
    """Sources or purchase lines with `guess`, and its basis where nothing better is known of the content."""
    import polars as pl

    known: dict[tuple[str, str], str] = {}
    told = []
    for one, other, hs, basis in rows.select("description", "description_local", "hs_code", "basis").rows():
        key = ("; ".join(filter(None, (one, other))), hs or "")
        if key not in known:
            known[key] = guess(*key)
        told.append(known[key] if basis == "unknown" else "")
    rows = rows.with_columns(guess=pl.Series(told, dtype=pl.String))
    return rows.with_columns(basis=pl.when(pl.col("guess") != "").then(pl.lit(GUESSED)).otherwise("basis"))
