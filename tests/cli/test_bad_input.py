"""Input that cannot be used: one clear error with every problem in it, exit 2, nothing written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Answer

Kanmon = Callable[..., Answer]
GOOD = "RU-2022-GAS"


def refused(answer: Answer, *words: str) -> None:
    """Exit 2, nothing on standard output, the words in the message, and no trace of a program fault."""
    assert answer.code == 2, answer
    assert answer.out == ""
    for word in ("fix: ", *words):
        assert word in answer.err
    assert "Traceback" not in answer.err


def files(room: Path) -> list[str]:
    return sorted(p.relative_to(room).as_posix() for p in room.rglob("*"))


TEXTS = {
    "empty.txt": (b"", "empty"),
    "blank.txt": (b" \n\t\n", "empty"),
    "binary.txt": (bytes(range(256)) * 4, "binary"),
    "nolanguage.txt": (("ᚠᚢᚦᚨᚱᚲ ᚷᚹᚺᚾᛁᛃ ᛇᛈᛉᛊᛏᛒ ᛖᛗᛚᛜᛞᛟ. " * 8).encode(), "language"),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("command", ["assess", "read"])
def test_texts_that_cannot_be_read(kanmon: Kanmon, room: Path, command: str, name: str) -> None:
    content, word = TEXTS[name]
    (room / name).write_bytes(content)
    out = ["--out", "report"] if command == "assess" else []
    answer = kanmon(command, name, *out)
    refused(answer, name, "why: ")
    assert word in answer.err.lower()
    assert files(room) == [name]


@pytest.mark.parametrize("command", ["assess", "read"])
def test_missing_file(kanmon: Kanmon, room: Path, command: str) -> None:
    refused(kanmon(command, "no/such/report.txt"), "no/such/report.txt", "why: ")
    assert files(room) == []


def test_a_folder_is_no_text(kanmon: Kanmon, room: Path) -> None:
    (room / "folder").mkdir()
    refused(kanmon("assess", "folder"), "folder")
    assert files(room) == ["folder"]


def test_a_misspelt_id_names_the_nearest(kanmon: Kanmon) -> None:
    refused(kanmon("assess", "RU-2022-GSA"), "nearest: ", GOOD)
    refused(kanmon("measures", "show", "ru-2022-gaz"), "nearest: ", GOOD)


OPTIONS = {
    "unknown country": (["--buyer", "Germny"], ["--buyer", "Germny", "nearest: Germany"]),
    "date of another form": (["--on", "01/02/2023"], ["--on", "YYYY-MM-DD"]),
    "date that is no day": (["--on", "2023-02-30"], ["--on", "2023-02-30"]),
    "months nought": (["--months", "0"], ["--months", "0", "why: "]),
    "months below nought": (["--months", "3,-6"], ["--months", "-6"]),
    "months too many": (["--months", "1200"], ["--months", "1200"]),
    "months no number": (["--months", "3,six"], ["--months", "six"]),
    "months none": (["--months", ""], ["--months"]),
    "draws nought": (["--draws", "0"], ["--draws", "0 draws", "why: "]),
    "draws a thousand million": (["--draws", "1000000000"], ["--draws", "1000000000", "why: "]),
    "draws in scientific form": (["--draws", "1e9"], ["--draws", "1e9"]),
    "language": (["--lang", "xx"], ["--lang", "en"]),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_options_of_assess(kanmon: Kanmon, room: Path, case: str) -> None:
    options, words = OPTIONS[case]
    refused(kanmon("assess", GOOD, *options, "--out", "report"), *words)
    assert files(room) == []


def test_the_output_folder_must_not_be_a_file(kanmon: Kanmon, room: Path) -> None:
    (room / "report").write_text("mine", "utf-8")
    refused(kanmon("assess", GOOD, "--out", "report"), "--out", "is a file")
    assert (room / "report").read_text("utf-8") == "mine"
    assert files(room) == ["report"]


def test_all_problems_at_once(kanmon: Kanmon) -> None:
    options = ["--buyer", "Atlantis", "--on", "soon", "--months", "0", "--draws", "0"]
    answer = kanmon("assess", "nothing-like-it", *options)
    refused(answer, "5 problems", "nothing-like-it", "Atlantis", "soon", "--months", "--draws")


OTHERS = {
    "list": ["measures", "list", "--country", "Atlantis", "--on", "soon"],
    "timeline": ["measures", "timeline", "--country", "Atlantis", "--until", "soon"],
    "diff": ["measures", "diff", "2023", "soon", "--country", "Atlantis"],
    "expose": ["expose", "--buyer", "Atlantis", "--product", "nothing-like-it", "--top", "0"],
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_commands_list_all_problems_too(kanmon: Kanmon, case: str) -> None:
    answer = kanmon(*OTHERS[case])
    refused(answer, "problems", "Atlantis")


def test_expose_needs_a_side(kanmon: Kanmon) -> None:
    refused(kanmon("expose"), "--buyer")


def test_data_set_that_does_not_exist(kanmon: Kanmon) -> None:
    refused(kanmon("data", "get", "icio2020"), "nearest: icio2022")


def test_why_without_a_run(kanmon: Kanmon, room: Path) -> None:
    refused(kanmon("why", "--run", "nowhere"), "nowhere")
    (room / "figures.json").write_text("{half", "utf-8")
    refused(kanmon("why", "--run", "."), "figures.json")


MISSPELT = [["asess", "x"], ["measures", "lst"], ["assess"], ["assess", GOOD, "--moths", "3"]]


@pytest.mark.parametrize("words", MISSPELT)
def test_misspelt_commands_and_options(kanmon: Kanmon, words: list[str]) -> None:
    answer = kanmon(*words)
    assert answer.code == 2
    assert answer.out == ""
    assert "Usage: kanmon" in answer.err


def test_a_misspelt_command_names_the_nearest(kanmon: Kanmon) -> None:
    assert "assess" in kanmon("asess").err
    assert "timeline" in kanmon("measures", "timelin").err
