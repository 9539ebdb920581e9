"""Kanmon: what an export restriction does, with a source and a range for every number."""

__version__ = "0.1.0"
