"""Which format a file has, from its content; where that is not sure, an error with the candidates."""

from __future__ import annotations

import re
from pathlib import Path

from ...core.errors import InputError, Problem, nearest
from .arrays import ArrayFile
from .files import Files
from .layouts import layout
from .stream import fields, separator_of

FINAL_WORDS = 2
"""Words of a format's own that must stand in a header before it is believed."""


OWN = ("region", "sector")
"""How a table of the user's own begins."""
ARRAYS = {".npz", ".parquet"}
CLOSED = {".xlsx", ".xlsb", ".xls", ".dta", ".rdata", ".rda", ".mat"}


def detect(source: Files) -> str:
    """The one format that the content fits; InputError with the candidates when it is none or several."""
    unreadable(source)
    found = _of_many(source) if source.many else _of_one(source, source.names[0])
    if len(found) == 1:
        return found[0]
    held, near = _looked(source)
    raise InputError(
        Problem(
            "the format is not sure" if found else "the format is not known",
            where=str(source.path),
            why=f"{held}; candidates: {', '.join(found)}" if found else held,
            fix="say which: --kind, one of icio, wiod, exiobase, figaro, eora, plain",
            near=near,
        )
    )


def _looked(source: Files) -> tuple[str, tuple[str, ...]]:
    """What was found, and the header that its first columns are nearest to."""
    if source.many:
        return f"it holds {', '.join(source.names[:6])}", ()
    if source.path.suffix.lower() in ARRAYS:
        return "names of arrays or columns were looked at; a table of your own has Z, regions, sectors", ()
    line = next(iter(source.head(source.names[0], 1 << 16).splitlines()), "")
    cells = fields(line, separator_of(line))[:2] if line else []
    wrong = [c for c, want in zip(cells, OWN, strict=False) if c.casefold() != want]
    near = tuple(dict.fromkeys(name for c in wrong for name in nearest(c, OWN, 1)))
    shown = ", ".join(repr(c[:30]) for c in cells) or "nothing"
    return f"its first columns are {shown}; a table of your own begins with region and sector", near


def unreadable(source: Files) -> None:
    """InputError where there is nothing to read, or no text in UTF-8: which it is, in words."""
    if not source.names:
        raise InputError(Problem("the folder is empty", str(source.path), fix="name a folder with a table"))
    if source.many or Path(source.names[0].lower().removesuffix(".gz")).suffix in {*ARRAYS, *CLOSED}:
        return
    with source.open(source.names[0]) as stream:
        start = stream.read(4096)
    what = ""
    if not start.strip():
        what, fix = "the file is empty", "export the table again"
    elif start[:2] in (b"\xff\xfe", b"\xfe\xff") or start[1::2].count(0) > len(start) // 4:
        what, fix = "the file is text in UTF-16", "save it as CSV in UTF-8"
    elif b"\0" in start or sum(b < 9 or 13 < b < 32 for b in start) > len(start) // 50:
        what, fix = "the file holds no text", "a table is CSV in UTF-8, npz or Parquet"
    if what:
        raise InputError(Problem(what, str(source.path), "its first bytes were looked at", fix))


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
