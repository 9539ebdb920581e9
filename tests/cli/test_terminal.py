"""What differs between a terminal and a pipe: progress and set tables on the one, plain text in the other."""

import io
import math
import sys
from datetime import date

import pytest

from kanmon.app.progress import shown
from kanmon.app.tables import plain, print_table, print_text, width
from kanmon.core.figure import Figure
from kanmon.core.source import ASSUMPTION
from kanmon.measure.measure import When


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_silent_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with shown() as progress:
        progress("splitting", 0.5)
    assert stream.getvalue() == ""


def test_progress_is_drawn_on_a_terminal_and_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    with shown() as progress:
        progress("splitting", 0.5)
    assert "splitting" in stream.getvalue()
    assert stream.getvalue().rstrip("\r").endswith("\x1b[2K"), "the line is wiped when the work is done"


ROWS = [("a", "日本語", "one"), ("bb", "x", "two words")]


def test_plain_table_aligns_wide_characters(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("id", "name", "what"), ROWS)
    lines = capsys.readouterr().out.splitlines()
    ends = ("what", "one", "two words")
    assert {width(line[: line.index(end)]) for line, end in zip(lines, ends, strict=True)} == {12}


def test_table_on_a_terminal_holds_the_same_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys, "stdout", stream)
    print_table(("id", "name", "what"), ROWS)
    for cell in ("日本語", "two words"):
        assert cell in stream.getvalue()


def test_markup_in_data_is_printed_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    print_table(("id", "what"), [("a", "[red]not a colour[/red]")])
    assert "[red]not a colour[/red]" in stream.getvalue()


def test_long_addresses_are_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    link = "https://example.org/" + "x" * 150
    print_text("Sources", [f"A title | {link}"])
    assert link in capsys.readouterr().out
    print_text("Nothing", [])
    assert capsys.readouterr().out == ""


def test_records_as_json_can_hold_them() -> None:
    figure = Figure("loss", 1.5, "%", "assumed", (ASSUMPTION,), low=1.0, high=2.0)
    assert plain(figure)["sources"][0]["id"] == ASSUMPTION.id
    assert plain({"when": When(date(2020, 5, 1), "month"), "share": math.inf, "days": (1, None)}) == {
        "when": "2020-05",
        "share": None,
        "days": [1, None],
    }
