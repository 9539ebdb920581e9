"""Which table a sheet is, and which of its columns is which field: guessed, shown, edited, saved."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import InputError, Problem, nearest
from .fields import (
    LANGUAGES,
    Field,
    TableKind,
    currencies,
    fold,
    shared_words,
    table_kinds,
    technical_names,
    units,
)
from .records import TableFile

STYLES = {"decimal": (",", "."), "dates": ("dmy", "mdy", "ymd")}
"""What a mapping may say of how a file is written."""
NAME_BONUS = 3
"""Header words that a telling file name is worth."""
ENOUGH = 3
"""Columns that must be known before a file is taken for a table."""
FEW = 3
"""Kinds of table that may share a header word which tells something."""
LONG_WORD = 5
"""Letters from which a file word may be the start or end of a longer word (Bestandsliste)."""
MAP_IT = "name its table and columns in a mapping file if it is one, or rename it (see --template)"


@dataclass(frozen=True)
class SheetMapping:
    """One sheet's reading: table, field -> column, and the system or language of the header words.

    decimal: "," or ".", dates: dmy, mdy or ymd, for columns that do not settle it; "" where it is not told.
    """

    table: str
    columns: Mapping[str, str]
    system: str
    decimal: str = ""
    dates: str = ""


def columns_of(kind: TableKind, header: Sequence[str]) -> SheetMapping:
    """Fields found in a header; a column serves one field, an exact word of the field's own first.

    Where the header is a system's, that system's word for a field goes before a general one: a "price_unit"
    is a price in one system and the number of pieces that a price holds for in plain English. Where several
    columns fit one field the first stands; where one fits several fields the one that lists it earliest does.
    """
    own = system_of(header)
    fits = []
    for field in kind.fields:
        for place, column in enumerate(header):
            word = _known_word(field, column)
            if word:
                general = 0 if own in field.origins.get(word, ()) else 1
                fits.append((general, list(field.words).index(word), place, field.name, column))
    found: dict[str, str] = {}
    for _, _, _, field_name, column in sorted(fits):
        if field_name not in found and column not in found.values():
            found[field_name] = column
    told = [kind.field(name).words[_known_word(kind.field(name), column)] for name, column in found.items()]
    counts = {word: told.count(word) for word in told if word != "kanmon"}
    system = max(counts, key=lambda word: (counts[word], word not in LANGUAGES)) if counts else "kanmon"
    ordered = {f.name: found[f.name] for f in kind.fields if f.name in found}
    return SheetMapping(kind.name, ordered, own or system)


def _known_word(field: Field, column: str) -> str:
    """The field's word that a column's name is, also with a currency or unit behind it; "" if none."""
    if fold(column) in field.words:
        return fold(column)
    behind = {"money": currency_in, "quantity": unit_in}.get(field.kind)
    held = behind(column) if behind else ""
    bare = fold(column.strip()[: -len(held)]) if held else ""
    return bare if bare in field.words else ""


def currency_in(column: str) -> str:
    """The code that a column's name ends in ("cost (EUR)", "price usd"), as it stands there; "" if none."""
    hit = re.search(r"\s*[\s_(（\[/]([A-Za-z]{3}|\w{1,3})[)）\]]?$", column.strip())
    return hit[0] if hit and (hit[1].upper() in currencies().values() or fold(hit[1]) in currencies()) else ""


def unit_in(column: str) -> str:
    """The unit in brackets that a column's name ends in ("stock (pcs)"), brackets included; "" if none."""
    hit = re.search(r"\s*[(（\[]([^()（）\[\]]+)[)）\]]$", column.strip())
    return hit[0] if hit and fold(hit[1]) in units() else ""


def system_of(header: Sequence[str]) -> str:
    """The system whose own column names a header is made of; "" where it is not one's.

    Two names are needed, and one that plain words do not make: in capitals or with a sign between.
    """
    votes: dict[str, list[str]] = {}
    for column in header:
        for system in technical_names().get(column.strip(), ()):
            votes.setdefault(system, []).append(column)
    sure = {
        system: len(held)
        for system, held in votes.items()
        if len(held) > 1 and any(re.search("[_/]", name) or name.isupper() for name in held)
    }
    most = [system for system, count in sure.items() if count == max(sure.values())]
    return most[0] if len(most) == 1 else ""


def language_of(kind: TableKind, columns: Mapping[str, str]) -> str:
    """The language that most header words belong to; "" where they are those of a system or of none.

    A word that two languages share ("Material") counts for both, so that the other words decide.
    """
    held = [kind.field(field).origins.get(fold(column), frozenset()) for field, column in columns.items()]
    counts = {language: sum(language in origins for origins in held) for language in LANGUAGES}
    most = max(counts.values())
    first = [language for language, count in counts.items() if count == most]
    return first[0] if most and len(first) == 1 else ""


def guess(file: str, sheet: str, header: Sequence[str]) -> SheetMapping | None:
    """The table a sheet most likely is; None where that cannot be told (`why_not` says why).

    A word of the sheet's or the file's name tells the table; a table that it does not name must fit far
    better. Without such a word the header must be most of a table's, with a word that few tables share.
    """
    read = {kind.name: columns_of(kind, header) for kind in table_kinds().values()}
    usable = {name for name, one in read.items() if not table_kinds()[name].lacking(one.columns)}
    fits = {name: len(read[name].columns) for name in usable}
    filled = sum(1 for column in header if column.strip() and not re.fullmatch(r"column \d+", column))
    by_name = [name for name in named_tables(file, sheet) if name in usable]
    by_name = [name for name in by_name if _enough(fits[name], filled) or _exact(file, sheet, name)]
    free = [
        name for name in usable if fits[name] >= ENOUGH and 2 * fits[name] >= filled and _telling(read[name])
    ]
    order = list(table_kinds())
    best = max(free, key=lambda name: (fits[name], -order.index(name)), default="")
    if by_name:
        same = [name for name in by_name if _length(file, sheet, name) == _length(file, sheet, by_name[0])]
        first = max(same, key=lambda name: fits[name])
        return read[best] if best and fits[best] >= fits[first] + NAME_BONUS else read[first]
    if named_tables(file, sheet) and not sheet:
        return None
    return read[best] if best else None


def _enough(found: int, filled: int) -> bool:
    """Whether the columns found are enough for a table that the name tells."""
    return found >= ENOUGH or 2 * found >= filled


def _telling(read: SheetMapping) -> bool:
    """Whether a column is called by a word that few kinds of table share."""
    return any(shared_words().get(fold(column), 0) <= FEW for column in read.columns.values())


def named_tables(file: str, sheet: str) -> list[str]:
    """Tables that a word in the name of the sheet, else of the file, stands for; longest word first."""
    for name in (sheet, Path(file).stem):
        found = {kind.name: size for kind in table_kinds().values() if (size := _longest(kind, name))}
        if found:
            return sorted(found, key=lambda table: -found[table])
    return []


def _length(file: str, sheet: str, table: str) -> int:
    kind = table_kinds()[table]
    return _longest(kind, sheet) or _longest(kind, Path(file).stem)


def _exact(file: str, sheet: str, table: str) -> bool:
    """Whether the name of the sheet or file is a word of the table and nothing else."""
    return any(
        fold(name).rstrip("0123456789") in table_kinds()[table].file_words
        for name in (sheet, Path(file).stem)
    )


def _longest(kind: TableKind, name: str) -> int:
    """Length of the longest file word of a table in a name: whole words, or the start or end of a long one.

    Japanese and Chinese names have no spaces; there a word may stand anywhere.
    """
    text = unicodedata.normalize("NFKC", name)
    tokens = [fold(token) for token in re.findall(r"[^\W\d_]+?(?=[A-Z][a-z]|[\W\d_]|$)|\d+", text)]
    whole = {"".join(tokens[i:j]) for i in range(len(tokens)) for j in range(i + 1, len(tokens) + 1)}
    together = fold(name)
    best = 0
    for word in kind.file_words:
        wide = not word.isascii() and any(ord(letter) > 0x2E80 for letter in word)
        part = len(word) >= LONG_WORD and any(t.startswith(word) or t.endswith(word) for t in tokens)
        if word in whole or (wide and word in together) or part:
            best = max(best, len(word) * (2 if wide else 1))
    return best


def why_not(file: str, sheet: str, header: Sequence[str]) -> tuple[str, str]:
    """Why a sheet was not used, and how to have it read."""
    shown = ", ".join(header[:8])
    names = named_tables(file, sheet)
    if names:
        kind = table_kinds()[names[0]]
        lacking = kind.lacking(columns_of(kind, header).columns)
        if lacking:
            why = f"its name says {kind.name}, and no column was found for {', '.join(lacking)}: {shown}"
            return why, f'name the column in a mapping file: ["{file}"] table = "{kind.name}"'
        return f"its name says {kind.name}, and few of its columns are known: {shown}", MAP_IT
    return f"its header is not that of any table for sure: {shown}", MAP_IT


def of_file(file: TableFile) -> SheetMapping:
    """The reading of a file as it was done."""
    return SheetMapping(file.table, file.mapping, file.system, file.decimal, file.dates)


def written(mappings: Mapping[str, SheetMapping]) -> str:
    """The mappings as a TOML text that can be edited and given back; key: file or "file#sheet"."""
    lines = [
        "# How the files were read. Edit a line and run again with --mapping and this file.",
        '# table = "" leaves a file out. decimal ("," or ".") and dates ("dmy", "mdy" or "ymd") hold for',
        "# cells that can be read in two ways, in columns where no other cell tells.",
    ]
    for key, one in mappings.items():
        lines += ["", f'["{_quoted(key)}"]', f'table = "{one.table}"', f'# header words: "{one.system}"']
        lines += [
            f'{name} = "{told}"' for name, told in (("decimal", one.decimal), ("dates", one.dates)) if told
        ]
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
        columns = {f: c for f, c in entry.items() if f not in {"table", *STYLES}}
        style = {name: str(entry.get(name, "")) for name in STYLES}
        problems += [
            Problem(f"{name} = {told!r}", f"{path.name} [{key}]", fix=f"one of {', '.join(STYLES[name])}")
            for name, told in style.items()
            if told and told not in STYLES[name]
        ]
        known = {f.name for f in kinds[table].fields} if table else set()
        problems += [
            Problem(f"{table} has no field {field!r}", f"{path.name} [{key}]", near=nearest(field, known))
            for field in columns
            if table and field not in known
        ]
        found[key] = SheetMapping(table, columns, "mapping file", **style)
    if problems:
        raise InputError(problems)
    return found
