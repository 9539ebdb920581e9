"""A scenario of the user's for the ARIO engine: read from TOML, checked as a whole."""

from __future__ import annotations

from pathlib import Path

TEMPLATE = Path(__file__).with_name("ario_template.toml")
"""A scenario file with every field explained."""
