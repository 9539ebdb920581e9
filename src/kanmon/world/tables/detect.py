"""Which format a file has, from its content; where that is not sure, an error with the candidates."""

from __future__ import annotations

import re
from pathlib import Path

from ...core.errors import InputError, Problem
from .arrays import ArrayFile
from .files import Files
from .layouts import layout
from .stream import fields, separator_of

FINAL_WORDS = 2
"""Words of a format's own that must stand in a header before it is believed."""


CLOSED = {".xlsx", ".xlsb", ".xls", ".dta", ".rdata", ".rda", ".mat"}


def detect(source: Files) -> str:
    """The one format that the content fits; InputError with the candidates when it is none or several."""
    found = _of_many(source) if source.many else _of_one(source, source.names[0])
    if len(found) == 1:
        return found[0]
    held = f"it holds {', '.join(source.names[:6])}" if source.many else "header and labels were looked at"
    raise InputError(
        Problem(
            "the format is not sure" if found else "the format is not known",
            where=str(source.path),
            why=f"{held}; candidates: {', '.join(found)}" if found else held,
            fix="say which: kind=... (--kind), one of icio, wiod, exiobase, figaro, eora, plain",
        )
    )


def _of_many(source: Files) -> list[str]:
    """A folder or archive by the names of its members, else by its only table's content."""
    found = []
    if source.one(r".*_T\.txt") and source.one(r"labels_T\.txt"):
        found.append("eora")
    if (source.one(r"Z\.txt") or source.one(r"A\.txt")) and source.one(r"Y\.txt"):
        found.append("exiobase")
    if source.one(r"Z\.(csv|tsv|parquet)") and not found:
        found.append("plain")
    if found:
        return found
    tables = [n for n in source.names if re.search(r"\.(csv|txt|tsv)(\.gz)?$", n, re.IGNORECASE)]
    closed = [n for n in source.names if Path(n).suffix.lower() in CLOSED]
    if closed and not tables:
        raise _closed(source, closed[0])
    return sorted({k for n in tables[:3] for k in _of_one(source, n)})


def _closed(source: Files, name: str) -> InputError:
    """The error of a file in a program's own format."""
    return InputError(
        Problem(
            f"{name} is not read: it is a workbook or a file of a statistics program",
            str(source.path),
            "reading it would need a library that Kanmon does not depend on",
            "save the table as CSV (spreadsheet: Save as, CSV UTF-8; Stata: export delimited; R: write.csv)",
        )
    )


def _of_one(source: Files, name: str) -> list[str]:
    suffix = Path(name.lower().removesuffix(".gz")).suffix
    if suffix == ".npz" and not source.many:
        return _of_arrays(source.path)
    if suffix == ".parquet":
        return ["plain"]
    if suffix in CLOSED:
        raise _closed(source, name)
    return _of_text(source.head(name, 1 << 20))


def _of_arrays(path: Path) -> list[str]:
    """An npz by the names of its arrays; WIOD's also by its industry codes."""
    with ArrayFile(path) as held:
        if held.has("Z_byte0", "output", "countries", "sectors"):
            return ["icio"]
        if held.has("Z", "F", "output", "countries", "industries"):
            codes = held.texts("industries")
            if all(re.fullmatch(r"c\d+", c) for c in codes):
                return ["wiod"]
        return ["plain"] if held.has("Z") else []


def _of_text(text: str) -> list[str]:
    """A text file by its first lines."""
    lines = text.splitlines()
    if not lines:
        return []
    separator = separator_of(lines[0])
    cells = fields(lines[0], separator)
    low = {c.casefold() for c in cells}
    if [c.casefold() for c in cells[:2]] == ["region", "sector"]:
        return ["plain"]
    if {"refarea", "counterpartarea", "obsvalue"} <= low:
        return ["figaro"]
    found = []
    if _words(cells, layout("figaro").final) >= FINAL_WORDS:
        found.append("figaro")
    if _words(cells, layout("icio").final) >= FINAL_WORDS and cells[-1].upper() in layout("icio").output:
        found.append("icio")
    if {"industrycode", "country", "rnr"} <= low or _wiod_sheet(lines[:12]):
        found.append("wiod")
    return found


def _words(cells: list[str], words: frozenset[str]) -> int:
    """How many of a format's own words end (or begin) labels of a header."""
    return len({w for w in words for c in cells if c.endswith("_" + w) or c.startswith(w + "_")})


def _wiod_sheet(lines: list[str]) -> bool:
    """Whether a line among the first ones repeats the numbered column codes c1, c2, ... of the WIOD sheet."""
    return any({"c1", "c2", "c3"} <= set(fields(line, separator_of(line))) for line in lines if line)
