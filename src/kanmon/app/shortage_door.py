"""`kanmon.shortage`: a scenario of the user's on the default model, from a file, a mapping or a frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import InputError, Problem
from ..engines.shortage_scenario import parse
from .run import DRAWS, SEED
from .shortage import Shortage, run_shortage

if TYPE_CHECKING:
    from ..world.records import IOTable
    from ..world.tables.table import Table
    from ..world.world import World
    from .model import Progress


def shortage(
    scenario: Any,
    *,
    buyers: str | Sequence[str] | None = None,
    start: date | str | None = None,
    table: Table | IOTable | None = None,
    regions: Sequence[str] | None = None,
    draws: int = DRAWS,
    days: int | None = None,
    rationing: str = "all",
    without: Iterable[str] = (),
    seed: int = SEED,
    world: World | None = None,
    progress: Progress | None = None,
) -> Shortage:
    """Run restrictions of your own on the default (shortage) model.

    Parameters
    ----------
    scenario
        Path of a TOML file, its text, a mapping of its tables, a list of restrictions (mappings), or a polars
        or pandas frame with one restriction a row; fields as `kanmon sector shortage --template` shows them.
    buyers, start
        Whose losses are reported, and the date of day 0, where the scenario does not say.
    table, world
        An input-output table (`kanmon.Table`) in place of the embedded one; other data beside it.
    regions
        Regions that stand alone, the others summed; default: those that matter for the restrictions.
    draws, seed
        Scrambled Sobol draws, 8 to 4096. The first 64 of 1,024 are the same 64.
    days
        Length of the run in place of the scenario's.
    rationing
        "a" contracts first, "b" contracts and final demand alike, "c" all in proportion, or "all".
    without
        Parts of the model left out (`kanmon.engines.extras.SWITCHES`).

    Returns
    -------
    Shortage
        `losses()`, `daily()`, `sectors()`, `flows()`, `margins()` and `inputs()` give frames, of the kind
        that came in (else polars); `answer()` everything as JSON can hold it; `write(folder)` the files;
        `outcomes` the `kanmon.Outcome` of each rule.

    Raises
    ------
    InputError
        The scenario or an option cannot be used; lists every problem.
    """
    raw, frames = _raw(scenario)
    if buyers is not None:
        raw["buyers"] = [buyers] if isinstance(buyers, str) else list(buyers)
    if start is not None:
        raw["start"] = date.fromisoformat(start) if isinstance(start, str) else start
    found = run_shortage(
        raw,
        world=world,
        table=table,
        regions=regions,
        draws=draws,
        days=days,
        rationing=rationing,
        without=without,
        seed=seed,
        progress=progress,
    )
    return replace(found, frames=frames)


def _raw(scenario: Any) -> tuple[dict[str, Any], str]:
    """The tables of a scenario in any of its forms, and the kind of frame that came in."""
    if isinstance(scenario, Path):
        return parse(read_text(scenario)), "polars"
    if isinstance(scenario, str):
        is_text = "\n" in scenario or "=" in scenario
        return parse(scenario if is_text else read_text(Path(scenario))), "polars"
    if isinstance(scenario, Mapping):
        return dict(scenario), "polars"
    if hasattr(scenario, "columns"):
        kind = "polars" if hasattr(scenario, "with_columns") else "pandas"
        rows = scenario.to_dicts() if kind == "polars" else scenario.to_dict("records")
        return {"restriction": [_row(row) for row in rows]}, kind
    if isinstance(scenario, Iterable):
        return {"restriction": list(scenario)}, "polars"
    raise InputError(Problem(f"{type(scenario).__name__} is no scenario", fix="a path, a mapping or a frame"))


def read_text(path: Path, where: str = "scenario") -> str:
    """The text of a scenario file; InputError where it cannot be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is not text in UTF-8"
        fix = "kanmon sector shortage --template prints one to start from"
        raise InputError(Problem(f"{path} cannot be read", where, str(why), fix)) from None


LISTS = ("seller", "product", "buyer")


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row of a frame as a restriction: empty cells are not there, `;` parts lists of words."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if value is None or (not isinstance(value, str | list | tuple) and value != value):  # noqa: PLR0124
            continue
        found[key] = _cell(value)
        if key in LISTS and isinstance(value, str):
            found[key] = [word.strip() for word in value.split(";") if word.strip()]
    return found


def _cell(value: Any) -> Any:
    """A cell as TOML would give it: whole numbers where a column holds them as 3.0, days without a time."""
    if hasattr(value, "tolist"):  # a number or a list of numpy's
        value = value.tolist()
    if isinstance(value, tuple):
        value = list(value)
    if isinstance(value, datetime) and value == datetime(value.year, value.month, value.day):  # noqa: DTZ001
        return date(value.year, value.month, value.day)
    return int(value) if isinstance(value, float) and value.is_integer() else value
