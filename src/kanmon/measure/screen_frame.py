"""`kanmon.screen`: one name, many names or a frame against the lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, overload

from ..core.codes import country
from ..core.errors import InputError, Problem
from .parties import Hit, default_screener


@overload
def screen(names: str, on: date | str | None = None) -> Hit: ...  # type: ignore[overload-overlap]
@overload
def screen(names: Sequence[str], on: date | str | None = None) -> list[Hit]: ...
@overload
def screen(names: Any, on: date | str | None = None) -> Any: ...
def screen(names: Any, on: date | str | None = None) -> Any:
    """Screen parties against the lists held here.

    Parameters
    ----------
    names : one name (gives one hit), a sequence of names (a list of hits), or a polars or pandas
        frame with a column name and, if known, country and registration_number.
    on : the day asked about, a date or YYYY-MM-DD; without one, every list as last known here.

    Returns
    -------
    Hit, list of hits, or the frame with columns band, entity_id, matched_name, score, reason, list_type
    and date_listed added, of the kind that came in.
    """
    day = date.fromisoformat(on) if isinstance(on, str) else on
    screener = default_screener()
    if isinstance(names, str):
        return screener.screen(names, on=day)
    if not hasattr(names, "columns"):
        return screener.screen_many(list(names), on=day)
    frame = names
    if "name" not in frame.columns:
        raise InputError(
            Problem("column 'name' is missing", "frame", fix="name the column of the parties' names")
        )
    texts = _texts(frame, "name")
    places = [country(p, "column country") if p else "" for p in _texts(frame, "country")]
    hits = screener.screen_many(texts, places, _texts(frame, "registration_number"), day)
    return _with_columns(frame, hits)


ADDED = ("band", "entity_id", "matched_name", "score", "reason", "list_type", "date_listed")
"""Fields of a hit that become columns."""


def _texts(frame: Any, column: str) -> list[str]:
    """A column as text, "" where it is absent or empty."""
    if column not in frame.columns:
        return [""] * len(frame)
    # An empty cell is None in polars and NaN, which differs from itself, in pandas.
    return ["" if v is None or v != v else str(v) for v in list(frame[column])]  # noqa: PLR0124


def _with_columns(frame: Any, hits: Sequence[Hit]) -> Any:
    columns = {name: [getattr(hit, name) for hit in hits] for name in ADDED}
    if hasattr(frame, "with_columns"):
        import polars as pl

        return frame.with_columns(pl.Series(name, values) for name, values in columns.items())
    return frame.assign(**columns)
