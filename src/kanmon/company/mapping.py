"""Which table a sheet is, and which of its columns is which field: guessed, shown, edited, saved."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import InputError, Problem, nearest
from .fields import LANGUAGES, TableKind, fold, table_kinds

NAME_BONUS = 3
"""Header words that a telling file name is worth."""
FEWEST = 2
"""Columns that must be known of a sheet whose name says nothing."""


@dataclass(frozen=True)
class SheetMapping:
    """One sheet's reading: table, field -> column, and the system or language of the header words."""

    table: str
    columns: Mapping[str, str]
    system: str


def columns_of(kind: TableKind, header: Sequence[str]) -> SheetMapping:
    """Fields found in a header; a column serves one field, an exact word of the field's own first.

    Where several columns fit one field the first stands; where one column fits several fields the one
    that lists its word earliest does.
    """
    fits = [
        (list(field.words).index(fold(column)), place, field.name, column)
        for field in kind.fields
        for place, column in enumerate(header)
        if fold(column) in field.words
    ]
    found: dict[str, str] = {}
    for _, _, field, column in sorted(fits):
        if field not in found and column not in found.values():
            found[field] = column
    told = [kind.field(field).words[fold(column)] for field, column in found.items()]
    counts = {word: told.count(word) for word in told if word != "kanmon"}
    system = max(counts, key=lambda word: (counts[word], word not in LANGUAGES)) if counts else "kanmon"
    return SheetMapping(kind.name, {f.name: found[f.name] for f in kind.fields if f.name in found}, system)


def guess(file: str, sheet: str, header: Sequence[str]) -> SheetMapping | None:
    """The table a sheet most likely is; None where no table's required fields are all there.

    A word of the file or sheet name counts as several header words; with equal scores the table with
    the larger part of its fields found wins.
    """
    name = fold(Path(file).stem) + " " + fold(sheet)
    best: tuple[float, float, str] | None = None
    chosen: SheetMapping | None = None
    for kind in table_kinds().values():
        read = columns_of(kind, header)
        if any(field.must and field.name not in read.columns for field in kind.fields):
            continue
        named = max((len(word) for word in kind.file_words if word in name), default=0)
        if len(read.columns) < FEWEST and not named:
            continue  # one word such as "Material" makes no table
        score = (
            len(read.columns) + NAME_BONUS * (named > 0) + named / 100,
            len(read.columns) / len(kind.fields),
            kind.name,
        )
        if best is None or score > best:
            best, chosen = score, read
    return chosen


def written(mappings: Mapping[str, SheetMapping]) -> str:
    """The mappings as a TOML text that can be edited and given back; key: file or "file#sheet"."""
    lines = [
        "# How the files were read. Edit a line and run again with --mapping and this file.",
        '# table = "" leaves a file out.',
    ]
    for key, one in mappings.items():
        lines += ["", f'["{_quoted(key)}"]', f'table = "{one.table}"', f'# header words: "{one.system}"']
        lines += [f'{field} = "{_quoted(column)}"' for field, column in one.columns.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def load(path: Path) -> Mapping[str, SheetMapping]:
    """Read a mapping file; InputError lists every table or field that does not exist."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(Problem("the mapping cannot be read", str(path), str(error))) from error
    kinds, problems, found = table_kinds(), [], {}
    for key, entry in told.items():
        table = entry.get("table", "") if isinstance(entry, dict) else None
        if table is None or (table and table not in kinds):
            problems.append(
                Problem(
                    f"no such table: {table!r}",
                    f"{path.name} [{key}]",
                    near=nearest(str(table), kinds) or tuple(kinds),
                )
            )
            continue
        columns = {f: c for f, c in entry.items() if f != "table"}
        known = {f.name for f in kinds[table].fields} if table else set()
        problems += [
            Problem(f"{table} has no field {field!r}", f"{path.name} [{key}]", near=nearest(field, known))
            for field in columns
            if table and field not in known
        ]
        found[key] = SheetMapping(table, columns, "mapping file")
    if problems:
        raise InputError(problems)
    return found
