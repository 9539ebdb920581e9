"""Material declarations in workbooks (CMRT, EMRT, AMRT) as rows of the one neutral table of contents.

Layout: declarations.toml with its sources; not tried on a real file. The answers are yes or no by mineral.
"Yes" tells that something is in it, not how much nor which of a group: it becomes a question. "No" tells that
the mineral named was not added, and nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ..core.errors import Problem
from .fields import fold

Grid = Sequence[Sequence[str]]
Row = dict[str, str]
"""One row of the table of contents, as cells of text under the names of its fields."""


@dataclass(frozen=True)
class Declared:
    """What a declaration says. rows: as of the table content; problems: what it leaves open."""

    kind: str
    rows: tuple[tuple[int, Row], ...]
    problems: tuple[Problem, ...]


@cache
def data() -> Mapping[str, Any]:
    """declarations.toml."""
    return tomllib.loads(files(__package__).joinpath("declarations.toml").read_text(encoding="utf-8"))


@cache
def minerals() -> Mapping[str, str]:
    """Folded word of a mineral -> its symbol or name here."""
    return {fold(word): name for name, row in data()["minerals"].items() for word in row["words"]}


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Names that stand for several elements -> those elements."""
    return {name: tuple(row["elements"]) for name, row in data()["minerals"].items() if row.get("group")}


def is_declaration(sheets: Mapping[str, Grid]) -> bool:
    """Whether a workbook is a declaration: a sheet of that name with numbered questions on minerals."""
    page = _sheet(sheets, "declaration")
    return page is not None and bool(_answers(page))


def read_workbook(sheets: Mapping[str, Grid], file: str) -> Declared:
    """The answers of a declaration, one row a product and mineral.

    A declaration for a whole company, or for products whose numbers it does not list, gives no row: its
    answers cannot be laid to a part, and are named.
    """
    page = _sheet(sheets, "declaration") or []
    said = _answers(page)
    parts = _products(_sheet(sheets, "products") or [])
    day = _beside(page, "date")
    problems = []
    for mineral, answer in said.items():
        if answer is None:
            problems.append(
                Problem(
                    f"{mineral}: neither yes nor no",
                    file,
                    "unknown, not declared or blank",
                    "ask the supplier",
                )
            )
        if answer and mineral in groups():
            problems.append(
                Problem(
                    f"{mineral}: yes",
                    file,
                    "the form does not tell which element, nor how much",
                    "ask for the composition; until then a good that an entry may name is asked about",
                )
            )
    if not parts and said:
        held = ", ".join(mineral for mineral, answer in said.items() if answer) or "none"
        problems.append(
            Problem(
                f"the declaration is not by product (scope: {_beside(page, 'scope') or 'not told'})",
                file,
                f"its answers cannot be laid to a part; it says yes to: {held}",
                "ask for one with the product list filled",
            )
        )
    rows = [
        (number, _row(part, mineral, answer, day, file))
        for number, part in parts
        for mineral, answer in said.items()
        if answer is not None
    ]
    name = "AMRT, EMRT or CMRT"
    return Declared(name, tuple(rows), tuple(problems))


def _row(part: str, mineral: str, answer: bool, day: str, file: str) -> Row:
    return {
        "part": part,
        "substance": mineral,
        "present": "yes" if answer else "no",
        "basis": "declaration",
        "date": day,
        "document": file,
    }


def _sheet(sheets: Mapping[str, Grid], kind: str) -> Grid | None:
    wanted = {fold(word) for word in data()["workbook"][kind]}
    return next((grid for name, grid in sheets.items() if fold(name) in wanted), None)


def _answers(page: Grid) -> dict[str, bool | None]:
    """Mineral -> whether it is in the product: question 1 (added or used) and, where asked, 2 (remains).

    Question 2 of a form that asks of suppliers instead has no answer "yes" or "no" and changes nothing.
    """
    first: dict[str, bool | None] = {}
    remains: dict[str, bool | None] = {}
    asked = 0
    for cells in page:
        filled = [cell.strip() for cell in cells if cell.strip()]
        if not filled:
            continue
        question = re.match(data()["workbook"]["question"], filled[0])
        if question:
            asked = int(question[1])
            continue
        mineral = minerals().get(fold(re.sub(r"[(（]\*[)）]", "", filled[0])))
        if mineral is None or asked not in {1, 2}:
            continue
        into = first if asked == 1 else remains
        into.setdefault(mineral, _yes(filled[1]) if len(filled) > 1 else None)
    for mineral, answer in remains.items():
        if first.get(mineral) and answer is False:
            first[mineral] = False
    return first


def _yes(cell: str) -> bool | None:
    told = data()["workbook"]
    if fold(cell) in {fold(word) for word in told["yes"]}:
        return True
    return False if fold(cell) in {fold(word) for word in told["no"]} else None


def _products(page: Grid) -> list[tuple[int, str]]:
    """(row, product number) of the product list: the requester's own number where given, else the maker's."""
    told = data()["workbook"]
    own = {fold(word) for word in told["requester_number"]}
    maker = {fold(word) for word in told["maker_number"]}
    columns: tuple[int | None, int | None] | None = None
    found = []
    for number, cells in enumerate(page, start=1):
        if columns is None:
            names = [fold(re.sub(r"[’']", "", cell)) for cell in cells]
            mine = next((i for i, name in enumerate(names) if name in own), None)
            theirs = next((i for i, name in enumerate(names) if name in maker), None)
            columns = (mine, theirs) if (mine, theirs) != (None, None) else None
            continue
        cell = next(
            (cells[i].strip() for i in columns if i is not None and i < len(cells) and cells[i].strip()), ""
        )
        if cell:
            found.append((number, cell))
    return found


def _beside(page: Grid, kind: str) -> str:
    """The first filled cell to the right of a label."""
    wanted = tuple(fold(word) for word in data()["workbook"][kind])
    for cells in page:
        filled = [cell.strip() for cell in cells if cell.strip()]
        if len(filled) > 1 and fold(filled[0]).startswith(wanted):
            return filled[1]
    return ""
