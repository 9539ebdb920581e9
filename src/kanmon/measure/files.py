"""A user's own measure file, TOML or JSON, in the form of the library (docs/measures.md)."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from ..core.errors import InputError, Problem
from .build import build
from .measure import Measure

SUFFIXES = (".toml", ".json")


def load_file(path: Path | str) -> Measure:
    """The measure of a .toml or .json file; InputError lists every fault of it at once."""
    from .load import items_of
    from .schema import check

    place = Path(path)
    row = _parsed(place, _text(place))
    checked = check(row, str(place))
    for limb in checked["limb"]:
        if limb["controlled_items"]:
            items_of(limb["controlled_items"])
    return build(checked, items_of, origin="file")


def _text(path: Path) -> str:
    where = str(path)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(Problem("not a measure file", where, "its name must end in .toml or .json"))
    if not path.is_file():
        raise InputError(Problem("there is no such file", where, fix="check the path and the spelling"))
    data = path.read_bytes()
    if not data.strip():
        raise InputError(Problem("the file is empty", where, fix="docs/measures.md shows a measure file"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        why = f"byte {error.start} is no UTF-8: a binary file or another encoding"
        raise InputError(Problem("the file is not text", where, why, "save it as UTF-8")) from error
    if "\0" in text:
        raise InputError(Problem("the file is not text", where, "it holds zero bytes: a binary file"))
    return text


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        row = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except ValueError as error:  # both decoders' errors are ValueErrors that name line and column
        kind = path.suffix.lower().lstrip(".").upper()
        raise InputError(Problem(f"the file is not valid {kind}", str(path), str(error))) from error
    if not isinstance(row, dict):
        raise InputError(Problem("the file holds no measure", str(path), "its top level must be a table"))
    return row
