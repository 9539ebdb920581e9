"""What the user asks about: a measure of the library, a measure file, or a text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..core.errors import InputError, Problem, nearest
from ..measure.load import library, load_file
from ..measure.measure import Measure
from ..measure.reading import Reading

MATCH_NEEDED = 0.5
"""Score from which a text is taken to speak of a library measure (docs/reading.md)."""


@dataclass(frozen=True)
class Question:
    """The measure to assess and, where a text led to it, how the text was read."""

    measure: Measure
    reading: Reading | None
    content: bytes
    """The bytes the user gave (for the manifest's hash); empty for a library measure."""


def resolve(what: str) -> Question:
    """Find what `what` names; InputError with the nearest ids when it is neither id nor file."""
    by_id = {key.casefold(): key for key in library()}
    if what.casefold() in by_id:
        return Question(library()[by_id[what.casefold()]], None, b"")
    path = Path(what)
    if not path.exists():
        raise InputError(
            Problem(
                what=f"{what!r} is neither a measure of the library nor a file",
                where="WHAT",
                why="an id of `kanmon measures list`, a measure file (.toml, .json) or a text file is needed",
                fix="kanmon measures list",
                near=nearest(what, library()),
            )
        )
    if path.suffix.lower() in {".toml", ".json"}:
        return Question(load_file(path), None, path.read_bytes())
    return from_text(path)


def from_text(path: Path) -> Question:
    """Read a text; the best library match stands for it, else the draft made from the text alone."""
    from ..measure.read import read, read_text

    reading = read(read_text(path), library())
    if not reading.is_export_restriction:
        raise InputError(
            Problem(
                what="this text does not report an export restriction",
                where=str(path),
                why=reading.why_not,
                fix="kanmon read shows how the text was understood; name a measure id to assess it anyway",
            )
        )
    best = reading.matches[0] if reading.matches else None
    # What a text only proposes is another measure than the one in force that it reminds of.
    known = best is not None and best.score >= MATCH_NEEDED and reading.status != "proposed"
    measure = library()[best.measure] if best is not None and known else reading.draft
    return Question(measure, reading, path.read_bytes())
