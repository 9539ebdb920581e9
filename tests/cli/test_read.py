"""kanmon read: the draft with its quoted words, from a file and from standard input."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Answer

Kanmon = Callable[..., Answer]
TEXT = """Indonesia bans nickel ore exports

JAKARTA, 1 January 2020 - Indonesia has banned all exports of nickel ore from today. The European
Union said it will challenge the ban at the WTO, and analysts warn that costs for steel makers will rise.
"""


@pytest.fixture
def text(room: Path) -> str:
    (room / "report.txt").write_text(TEXT, "utf-8")
    return "report.txt"


def test_json_quotes_the_text(kanmon: Kanmon, text: str) -> None:
    reading = json.loads(kanmon("read", text, "--json").out)
    assert reading["is_export_restriction"] is True
    assert reading["imposers"] == ["IDN"]
    assert reading["instrument"] == ["ban"]
    assert reading["spans"]
    assert all(TEXT[s["start"] : s["end"]] == s["quote"] for s in reading["spans"])


def test_table_shows_values_beside_quotes(kanmon: Kanmon, text: str) -> None:
    printed = kanmon("read", text).out
    assert "imposers" in printed
    assert "IDN" in printed
    assert "“Indonesia" in printed
    assert "ID-2020-NICKEL" in printed


def test_standard_input_reads_the_same(kanmon: Kanmon, text: str) -> None:
    script = "import sys; from kanmon.app.cli import run; sys.exit(run(['read', '-', '--json']))"
    done = subprocess.run(
        [sys.executable, "-c", script], input=TEXT.encode(), capture_output=True, check=True
    )
    assert json.loads(done.stdout) == json.loads(kanmon("read", text, "--json").out)


@pytest.mark.parametrize("content", [b"", bytes(range(256)) * 4])
def test_standard_input_that_is_no_text(content: bytes) -> None:
    script = "import sys; from kanmon.app.cli import run; sys.exit(run(['read', '-']))"
    done = subprocess.run([sys.executable, "-c", script], input=content, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"standard input" in done.stderr


def test_a_text_about_something_else(kanmon: Kanmon, room: Path) -> None:
    (room / "weather.txt").write_text(
        "The weather in Oslo was mild and dry on Monday, said the office. " * 3, "utf-8"
    )
    assert "Not an export restriction" in kanmon("read", "weather.txt").out
    refused = kanmon("assess", "weather.txt", "--out", "report")
    assert refused.code == 2
    assert "does not report an export restriction" in refused.err
    assert not (room / "report").exists()
