"""Reading a text with the library at hand: what `kanmon.read` and `kanmon read` do."""

from __future__ import annotations

from ..measure.load import library
from ..measure.read import read as read_alone
from ..measure.reading import Reading


def read(text: str) -> Reading:
    """Read a text into a draft measure, with its claims and the library measures it speaks of.

    The draft holds what the text says and nothing else; what the library knows stands apart, in
    `matches`.
    """
    return read_alone(text, library())
