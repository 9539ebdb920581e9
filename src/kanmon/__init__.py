"""Kanmon: what an export restriction does, with a source and a range for every number."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PUBLIC = {
    "assess": "app.run",
    "read": "app.texts",
    "World": "world.world",
    "Table": "world.tables.table",
    "Outcome": "engines.base",
    "Shock": "expose.records",
    "Measure": "measure.measure",
    "Figure": "core.figure",
    "Source": "core.source",
    "check": "measure.check",
    "check_engine": "engines.checks",
    "screen": "measure.screen_frame",
    "shortage": "app.shortage_door",
}
"""Public name -> module it lives in; imported when first used, so that `import kanmon` is instant."""

__all__ = [
    "Figure",
    "Measure",
    "Outcome",
    "Shock",
    "Source",
    "Table",
    "World",
    "assess",
    "check",
    "check_engine",
    "measures",
    "read",
    "screen",
    "shortage",
]

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .app.run import assess as assess
    from .app.shortage_door import shortage as shortage
    from .app.texts import read as read
    from .core.figure import Figure as Figure
    from .core.source import Source as Source
    from .engines.base import Outcome as Outcome
    from .engines.checks import check_engine as check_engine
    from .expose.records import Shock as Shock
    from .measure.check import check as check
    from .measure.measure import Measure as Measure
    from .measure.screen_frame import screen as screen
    from .world.tables.table import Table as Table
    from .world.world import World as World

    measures: Mapping[str, Measure]


def __getattr__(name: str) -> Any:
    if name == "measures":
        value = import_module(".measure.load", __name__).library()
    elif name in _PUBLIC:
        value = getattr(import_module(f".{_PUBLIC[name]}", __name__), name)
    else:
        raise AttributeError(f"kanmon has no public name {name!r}; it has {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
