"""The answer for one firm as a workbook: the user's rows and columns, and the verdicts beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from functools import lru_cache
from itertools import chain, count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..company.ledger import TOLD
from .company_sheets import (
    assumption_rows,
    evidence_rows,
    fix_rows,
    item_rows,
    money_rows,
    product_rows,
    streamed_rows,
    summary_rows,
)

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from ..company.answer import Answer
    from ..company.ledger import LedgerAnswer
    from ..company.records import Line

ADDED = (
    *("verdict", "layer", "measure", "control entry", "reason", "source"),
    *("how sure the verdict is", "content known from", "question to settle it"),
)
BESIDE = (13, 12, 18, 34, 60, 34, 22, 16, 44)
"""Width of each added column, in Latin letters."""
BESIDE_LINES = 8
"""Lines that a row of the user's shows at most; the cell holds the rest."""
SURE = {
    "prohibited": "certain: a clause names it",
    "licence": "certain: a clause names it",
    "review": "open: see the question",
    "not_covered": "the facts given suffice",
}
CONTENT = {"unknown": "not told", "guessed_from_grade": "guessed from grade"}
"""Basis of the content -> words; the others stand for themselves."""
LEFT_OUT = "repeated or left out: see Notes on files"
FILL = {"prohibited": "#E8998D", "review": "#F4E285", "licence": "#A9CCE3", "not_covered": "#FFFFFF"}
"""Colour of a verdict; the word always stands in the cell as well."""
WIDEST = 60
A3 = 8
"""Number of the paper size in the format of the workbook."""
EXACT = 1000
"""Number from which no decimals are shown."""
ROUGH = 100
"""Number from which two decimals are shown."""
LINE = 15
"""Height of a line of text in points."""
TALLEST = 20
"""Lines that a row shows at most."""
WIDE = 0x2E80
"""First sign of the East Asian scripts."""
WHICH = 12
"""Sources that are named one by one beside a question."""
LONGEST = 32_000
"""Characters a cell of a workbook may hold, with some room."""
CUT = " [cut here: the cell of a workbook holds no more]"
ROWS = 1_048_575
"""Rows of data that a sheet of a workbook holds; more go to further sheets."""
HELD = 50_000
"""Rows of the user up to which the workbook is held in memory until it is written."""
NUMBERS = frozenset({"quantity", "money", "share", "days", "price_per"})


def write_workbook(answer: Answer, main: str, path: Path) -> None:
    """Write the workbook. Cells of the user are written as text, so that no code loses its noughts and
    no text is taken for a formula; only columns read as numbers are written as numbers.
    """
    from xlsxwriter import Workbook

    # Rows are written once and in order, so memory need not grow with the sheet; with it the file is smaller.
    rows = sum(frame.height for frame in answer.company.originals.values())
    options = {"constant_memory": rows > HELD, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(str(path), options) as book:
        # The day of the rules, not of the run: the same answer gives the same bytes.
        book.set_properties({"created": datetime.combine(answer.asked.on, time())})
        look = _Look(book)
        _sheet(book, look, "Answer", summary_rows(answer, main))
        _sources(book, look, answer)
        if answer.ledger is not None:
            _purchases(book, look, answer, answer.ledger)
        if answer.streamed:
            _sheet(book, look, "Large ledgers", streamed_rows(answer))
        _sheet(book, look, "Products", product_rows(answer, main))
        _sheet(book, look, "Items", item_rows(answer, main))
        _sheet(book, look, "Money", money_rows(answer, main))
        _sheet(book, look, "Fixes", fix_rows(answer, main))
        _sheet(book, look, "Questions", _questions(answer))
        _sheet(book, look, "Assumptions", assumption_rows(answer))
        _sheet(book, look, "Evidence", evidence_rows(answer))
        _sheet(book, look, "Notes on files", [("note",), *((str(p),) for p in answer.problems)])


class _Look:
    """Formats of the workbook."""

    def __init__(self, book: Workbook) -> None:
        self.head: Format = book.add_format(
            {"bold": True, "bg_color": "#1F3A4D", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
        )
        self.added: Format = book.add_format(
            {"bold": True, "bg_color": "#2E6F7E", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
        )
        self.text: Format = book.add_format(
            {"num_format": "@", "valign": "top", "text_wrap": True, "align": "left", "indent": 1}
        )
        self.number: Format = book.add_format({"num_format": "#,##0.######", "valign": "top"})
        self.rough: Format = book.add_format({"num_format": "#,##0.0#", "valign": "top"})
        self.whole: Format = book.add_format({"num_format": "#,##0", "valign": "top"})
        self.verdict: Mapping[str, Format] = {
            word: book.add_format(
                {"bg_color": colour, "bold": True, "border": 1, "border_color": "#888888", "valign": "top"}
            )
            for word, colour in FILL.items()
        }


def _sheet(book: Workbook, look: _Look, name: str, rows: Iterable[Sequence[Any]]) -> None:
    """A plain sheet: first row the header, frozen and with filters; further sheets where one is full."""
    head, *lines = rows
    for number, start in enumerate(range(0, max(1, len(lines)), ROWS), start=1):
        _one_sheet(book, look, _numbered(name, number), [head, *lines[start : start + ROWS]])


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} {number}"


def _one_sheet(book: Workbook, look: _Look, name: str, table: Sequence[Sequence[Any]]) -> None:
    sheet = book.add_worksheet(name)
    widths = _widths(table)
    for k, width in enumerate(widths):
        sheet.set_column(k, k, width)
    for r, row in enumerate(table):
        # Told outright: not every program makes room for text that runs over several lines.
        lines = max((_tall(v, w) for v, w in zip(row, widths, strict=False)), default=1)
        if lines > 1:
            sheet.set_row(r, LINE * min(lines, TALLEST))
        for k, value in enumerate(row):
            _cell(sheet, r, k, value, look.head if r == 0 else None, look)
    _printed(sheet)
    sheet.freeze_panes(1, 0)
    if len(table) > 1:
        sheet.autofilter(0, 0, len(table) - 1, len(table[0]) - 1)


def _shown(value: Any) -> str:
    return f"{value:,.0f}" if isinstance(value, float) and abs(value) >= EXACT else str(value)


def _wide(value: Any) -> int:
    """Width of a cell in columns of a Latin letter; East Asian signs take two."""
    if not isinstance(value, str):
        return 1
    return len(value) if value.isascii() else len(value) + sum(ord(sign) >= WIDE for sign in value)


def _tall(value: Any, width: int) -> int:
    """Lines of text that a cell needs in a column of a width; a sign is kept free for the indent."""
    if not isinstance(value, str):
        return 1
    return sum(max(1, -(-_wide(line) // (width - 1))) for line in value.split("\n"))


def _printed(sheet: Any) -> None:
    """Prints across one page, with the header on each."""
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _widths(table: Sequence[Sequence[Any]]) -> list[int]:
    first = table[:200]
    return [
        min(WIDEST, max(8, 2 + max((_wide(_shown(row[k])) for row in first if k < len(row)), default=8)))
        for k in range(max(len(row) for row in first))
    ]


def _cell(sheet: Any, r: int, k: int, value: Any, style: Format | None, look: _Look) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = str(value)
        sheet.write_string(r, k, text if len(text) <= LONGEST else text[:LONGEST] + CUT, style or look.text)
    else:
        # Decimals of an amount in the thousands are noise; the cell keeps them. A whole number has none.
        whole = abs(value) >= EXACT or value == int(value)
        decimals = look.rough if abs(value) >= ROUGH else look.number
        sheet.write_number(r, k, value, style or (look.whole if whole else decimals))


def _sources(book: Workbook, look: _Look, answer: Answer) -> None:
    """The user's sources as they were written, with the verdict of each; items without one at the end."""
    by_place = {(line.file, line.row): line for line in answer.lines if line.row is not None}
    files = [f for f in answer.company.files if f.table == "sources"]
    rows = []
    for file in files:
        for cells in answer.company.originals[file.path].iter_rows(named=True):
            line = by_place.get((file.path, cells["row"]))
            rows.append((cells, _of_line(line)))
    columns = list(
        dict.fromkeys(c for f in files for c in answer.company.originals[f.path].columns if c != "row")
    )
    loose = [line for line in answer.lines if line.row is None]
    rows += [({columns[0]: line.part} if columns else {}, _of_line(line)) for line in loose]
    numeric = {c for f in files for field, c in f.mapping.items() if field in {"share", "lead_time_days"}}
    _with_verdicts(book, look, "Sources", columns or ["part"], rows, numeric)


def _of_line(line: Line | None) -> tuple[str, ...]:
    if line is None:
        return _beside(None, f"made here, {LEFT_OUT}")
    told = {
        "verdict": line.verdict,
        "layer": line.layer,
        "measures": ", ".join(line.measures),
        "entries": "; ".join(line.entries),
        "reason": line.reason,
        "source": line.source,
        "content_basis": line.content_basis,
        "question": line.question,
    }
    return _beside(told, "")


def _beside(told: Mapping[str, Any] | None, why: str) -> tuple[str, ...]:
    """What stands beside a row of the user: the columns ADDED; `why` where it was not judged."""
    if told is None:
        return ("", "", "", "", why, "", "", "", "")
    front = (told[k] for k in ("verdict", "layer", "measures", "entries", "reason", "source"))
    basis = told["content_basis"]
    return (*front, SURE[told["verdict"]], CONTENT.get(basis, basis), told["question"])


def _purchases(book: Workbook, look: _Look, answer: Answer, ledger: LedgerAnswer) -> None:
    """The user's purchase lines; files whose columns differ stand on sheets of their own."""
    by_columns: dict[tuple[str, ...], list[str]] = {}
    for file in answer.company.files:
        if file.table == "ledger":
            columns = tuple(c for c in answer.company.originals[file.path].columns if c != "row")
            by_columns.setdefault(columns, []).append(file.path)
    told = {
        (row["file"], row["row"]): row
        for row in ledger.lines.select("file", "row", "content_basis", *TOLD).iter_rows(named=True)
    }

    def rows(paths: Sequence[str]) -> Iterable[tuple[Mapping[str, Any], tuple[str, ...]]]:
        for path in paths:
            for cells in answer.company.originals[path].iter_rows(named=True):
                yield cells, _beside(told.get((path, cells["row"])), LEFT_OUT)

    number = 1
    for columns, paths in by_columns.items():
        numeric = _numeric(answer, "ledger")
        number = _with_verdicts(book, look, "Purchases", columns, rows(paths), numeric, number)


def _numeric(answer: Answer, table: str) -> set[str]:
    """The user's columns of a table that were read as numbers."""
    from ..company.fields import table_kinds

    kind = table_kinds()[table]
    return {
        column
        for file in answer.company.files
        if file.table == table
        for field, column in file.mapping.items()
        if kind.field(field).kind in NUMBERS
    }


def _with_verdicts(
    book: Workbook,
    look: _Look,
    name: str,
    columns: Sequence[str],
    rows: Iterable[tuple[Mapping[str, Any], tuple[str, ...]]],
    numeric: set[str],
    begin: int = 1,
) -> int:
    """The user's columns, then the added ones; the verdict in colour and in words. Full sheets go on in
    further ones. begin: number of the first sheet; returns the next one that is free.
    """
    left = iter(rows)
    for number in count(begin):
        some = islice(left, ROWS)
        first = next(some, None)
        if first is None and number > begin:
            return number
        sheet = _headed(book, look, _numbered(name, number), columns)
        last = 0
        for last, (cells, added) in enumerate(chain([first] if first else [], some), start=1):
            lines = _lines(added)
            if lines > 1:
                sheet.set_row(last, LINE * min(lines, BESIDE_LINES))
            for k, column in enumerate(columns):
                value = cells.get(column)
                if value:
                    _cell(sheet, last, k, _number(value) if column in numeric else value, None, look)
            for k, value in enumerate(added, start=len(columns)):
                if value:
                    style = look.verdict.get(value) if k == len(columns) else None
                    _cell(sheet, last, k, value, style, look)
        if last:
            sheet.autofilter(0, 0, last, len(columns) + len(ADDED) - 1)
    raise AssertionError("the rows end")


def _headed(book: Workbook, look: _Look, name: str, columns: Sequence[str]) -> Worksheet:
    """A sheet for the user's rows with its header, widths and print settings."""
    sheet = book.add_worksheet(name)
    for k, column in enumerate(columns):
        sheet.set_column(k, k, min(30, max(14, _wide(column) + 4)))
    for k, width in enumerate(BESIDE, start=len(columns)):
        sheet.set_column(k, k, width)
    for k, column in enumerate((*columns, *ADDED)):
        sheet.write_string(0, k, column, look.head if k < len(columns) else look.added)
    _printed(sheet)
    sheet.freeze_panes(1, 1)
    return sheet


@lru_cache(maxsize=20_000)
def _lines(added: tuple[str, ...]) -> int:
    """Lines of text that the added cells of a row need."""
    return max(_tall(text, width) for text, width in zip(added, BESIDE, strict=True))


def _number(text: Any) -> Any:
    """A plain number as a number; whatever else the user wrote as it is."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return text


def _questions(answer: Answer) -> list[Sequence[Any]]:
    """Open questions, the one that settles the most sources first."""
    asked: dict[str, list[Line]] = {}
    for line in answer.lines:
        if line.question:
            asked.setdefault(line.question, []).append(line)
    ranked = sorted(asked.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [
        ("question", "sources it settles", "which"),
        *((text, len(lines), _which(lines)) for text, lines in ranked),
    ]


def _which(lines: Sequence[Line]) -> str:
    """Sources as "item from supplier (origin)", the first by name and the others by number."""
    named = [
        f"{x.part} from {x.supplier or 'unknown supplier'} ({x.origin or 'origin unknown'})" for x in lines
    ]
    more = f"; and {len(named) - WHICH} more" if len(named) > WHICH else ""
    return "; ".join(named[:WHICH]) + more
