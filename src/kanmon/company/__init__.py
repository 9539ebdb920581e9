"""One firm: from its own files to the lines touched, days of cover, money and the cheapest fix."""

from pathlib import Path

SAMPLE = Path(__file__).parent / "sample"
"""Folder of the invented sample company."""
