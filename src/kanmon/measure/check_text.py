"""Text tables as they come: encodings, separators, titles above the header, quotes never closed.

Files that are plain are read by polars; this module finds out whether a file is, and reads the others line
by line, so that a broken line is named and the lines after it are kept.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import InputError, Problem

SAMPLE = 1 << 16
SEPARATORS = ",\t;|"
HEADER_WITHIN = 20
"""Lines at the top of a file among which the header is looked for."""
LOST = "\ufffd"
"""Stands where bytes could not be decoded."""
MOST_LOST = 0.02
"""Share of signs lost, or of control signs, from which a file is no text."""
ARCHIVE = b"PK\x03\x04"
"""First bytes of a workbook."""
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f]")
LONGEST_CELL = 1 << 30
_INSIDE_WORDS = re.compile(
    r"[A-Za-z][\u0370-\uffff][a-z]|[A-Za-z][\u0370-\uffff]{1,2}(?=[a-z])"
    # One half-width kana behind a Latin letter: the sharp s at the end of a German word.
    r"|[A-Za-z][\uff66-\uff9f](?![\uff66-\uff9f])"
)


def decode(data: bytes, where: str, known: Callable[[str], int]) -> str:
    """Text of a file; where single bytes fit no encoding, U+FFFD stands and the cell cannot be read."""
    return data.decode(encoding_of(data, where, known), errors="replace")


def encoding_of(data: bytes, where: str, known: Callable[[str], int]) -> str:
    """UTF-8 (with or without a mark), UTF-16, cp932, gb18030 or cp1252; InputError where it is no text.

    Where two encodings fit, the one in which more column names are `known` in the first line is taken;
    where none fits, the one in which the fewest bytes are lost.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    if data[:200].count(b"\0") > len(data[:200]) // 4:
        return "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    if data.startswith(ARCHIVE):
        fix = "save the sheet as CSV (UTF-8) or Parquet"
        raise InputError(Problem("the file is a workbook or archive, not a text", where, fix=fix))
    found = _encoding(data, known)
    text = data.decode(found, errors="replace")
    if len(_CONTROLS.findall(text)) + text.count(LOST) > MOST_LOST * len(text):
        why = "its bytes fit neither UTF-8 nor the encodings tried"
        raise InputError(Problem("the file is not text", where, why, "save it as UTF-8"))
    return found


def _encoding(data: bytes, known: Callable[[str], int]) -> str:
    if _try(data, "utf-8-sig") is not None:
        return "utf-8-sig"
    fits = {e: text for e in ("cp932", "gb18030") if (text := _try(data, e)) is not None}
    western = _try(data, "cp1252")
    if western is not None and all(map(_is_garbled, fits.values())) and _is_plain(western):
        return "cp1252"
    if fits:
        return max(fits, key=lambda e: known(fits[e].split("\n", 1)[0]))
    tried = ("utf-8-sig", "cp932", "gb18030")
    return min(tried, key=lambda e: data.decode(e, errors="replace").count(LOST))


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_garbled(text: str) -> bool:
    """Whether most signs beyond Latin stand inside Latin words: an accented letter read as a character."""
    beyond = sum(ord(c) >= 0x370 for c in text)
    return len(_INSIDE_WORDS.findall(text)) > beyond // 2


def _is_plain(text: str) -> bool:
    """Whether signs beyond ASCII are letters inside words, as in names of Western Europe."""
    accented = [c for c in text if ord(c) > 0x7F]
    return sum(c.isalpha() for c in accented) > 0.8 * len(accented) and "\0" not in text


def separator_of(line: str) -> str:
    """The separator that stands most often in a line."""
    return max(SEPARATORS, key=line.count)


def header_line(head: str, known: Callable[[str], int]) -> int:
    """Number of the first line, from 0, with two or more known column names; 0 where none has them."""
    for number, line in enumerate(head.split("\n")[:HEADER_WITHIN]):
        if known(line) >= 2:
            return number
    return 0


def plain_lines(source: Path | bytes) -> int | None:
    """Lines of a file, the last counted without its end; None where a line ends in a lone CR, or where it
    holds zero bytes.
    """
    breaks = returns = pairs = 0
    last = previous = b""
    for block in _blocks(source):
        if b"\0" in block:
            return None
        breaks += block.count(b"\n")
        returns += block.count(b"\r")
        pairs += block.count(b"\r\n") + (previous == b"\r" and block[:1] == b"\n")
        previous, last = block[-1:], block
    if returns != pairs:
        return None
    return breaks + (not last.endswith(b"\n"))


def _blocks(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        while block := file.read(1 << 22):
            yield block


@dataclass
class Lines:
    """A table read line by line: header, rows of cells, and the number of the line each begins on
    (place in the text plus `offset`).
    """

    names: list[str]
    offset: int = 1
    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_lines(
    text: str, separator: str, name: str, skipped: int = 0, at: int = 0, *, cut: bool = True
) -> Lines:
    """Every record of a text; a line with too many cells, or with a quote never closed, is named.

    Parameters
    ----------
    skipped : lines above the header. at : number in the file of the line after the header, where the
        text is a block of a longer one; 0 where it is the whole. cut : name lines with too many cells
        and keep their first cell alone; without it they stay as they are.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    held = csv.field_size_limit(LONGEST_CELL)
    try:
        found = Lines(next(csv.reader([lines[skipped]], delimiter=separator), []))
        found.offset = at - skipped - 1 if at else 1
        place = skipped + 1
        while place < len(lines):
            place = _record(lines, place, separator, name, found, cut=cut)
    finally:
        csv.field_size_limit(held)
    return found


def _record(lines: Sequence[str], at: int, separator: str, name: str, found: Lines, *, cut: bool) -> int:
    """Read the record that begins on a line; the number of the line after it."""
    line = lines[at]
    where = f"{name}, row {at + found.offset}"
    if not line.strip(separator + " \t\0"):
        if "\0" in line:
            found.problems.append(
                Problem("the row holds zero bytes only", where, "a damaged file", "left out")
            )
        return at + 1
    width = len(found.names)
    reader = csv.reader((lines[k] + "\n" for k in range(at, len(lines))), delimiter=separator)
    cells = [cell.removesuffix("\n") for cell in next(reader)]
    end = at + reader.line_num
    if reader.line_num > 1:
        open_ = end == len(lines) and "\n".join(lines[at:end]).count('"') % 2 == 1
        if open_ or len(cells) != width:
            why = "the quote that opens a cell is never closed; read without it"
            found.problems.append(
                Problem("a quote is not closed", where, why, 'write "" for a quote in a cell')
            )
            cells = next(csv.reader([line], delimiter=separator, quoting=csv.QUOTE_NONE))
            cells, end = [cell.strip('"') for cell in cells], at + 1
    if cut and len(cells) > width:
        found.problems.append(
            Problem(
                f"{len(cells)} cells under {width} columns",
                where,
                "a separator inside a cell needs quotes around the cell",
                "the row is decided on nothing but its id",
            )
        )
        cells = cells[:1]
    found.rows.append([*cells, *[""] * (width - len(cells))])
    found.numbers.append(at + found.offset)
    return end


def first_cells(line: str) -> list[str]:
    """The cells of one line, by the separator that stands most often in it."""
    plain = line.strip("\r\n\ufeff")
    return next(csv.reader(io.StringIO(plain), delimiter=separator_of(plain)), [])
