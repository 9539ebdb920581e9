"""Readers of input-output tables, one format a file; `read_table` finds the format and checks the table."""

from __future__ import annotations

from .read import KINDS, read_table
from .table import Table

__all__ = ["KINDS", "Table", "read_table"]
