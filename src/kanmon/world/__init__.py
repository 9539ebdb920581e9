"""Read-only tables with their sources: input-output, trade, production, parameters."""

from .icio import REST
from .parameters import Parameters
from .records import IOTable, SplitTable
from .world import World

__all__ = ["REST", "IOTable", "Parameters", "SplitTable", "World"]
