"""How the program starts, ends and is stopped."""

import subprocess
import sys
from collections.abc import Callable

import pytest

import kanmon as package
from kanmon.app import cli
from kanmon.core.errors import KanmonError, Problem

from .conftest import Answer

Kanmon = Callable[..., Answer]
HEAVY = {"numpy", "polars", "scipy", "numba", "rich", "jinja2", "pydantic", "pandas"}


def loaded_by(code: str) -> set[str]:
    """Top-level modules in memory after a fresh interpreter ran some code."""
    script = f"{code}\nimport sys\nprint('\\n' + ' '.join({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["--help"], ["assess", "--help"], ["--version"], ["measures", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    assert not loaded_by(f"from kanmon.app.cli import run\nassert run({words!r}) == 0") & HEAVY


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert not loaded_by("import kanmon") & (HEAVY | {"click"})


def test_the_library_is_listed_without_heavy_modules() -> None:
    found = loaded_by("from kanmon.app.cli import run\nassert run(['measures', 'list', '--json']) == 0")
    assert not found & HEAVY


def test_public_names_exist_and_are_few() -> None:
    assert len(package.__all__) <= 14
    for name in package.__all__:
        assert getattr(package, name) is not None
    assert package.measures["RU-2022-GAS"].id == "RU-2022-GAS"
    with pytest.raises(AttributeError, match="no public name"):
        _ = package.nothing_of_the_kind


def test_version_and_both_helps(kanmon: Kanmon) -> None:
    assert kanmon("--version").out == f"kanmon {package.__version__}\n"
    assert kanmon("-h").out == kanmon("--help").out
    assert "Example: kanmon" in kanmon("-h").out


def test_commands_that_are_not_built_are_not_there(kanmon: Kanmon) -> None:
    # The contract names these too; until one does its work it must not pretend to be there.
    for word in {"check", "screen", "company", "sector", "firms", "trade", "serve"} - set(cli.COMMANDS):
        answer = kanmon(word)
        assert answer.code == 2
        assert "No such command" in answer.err


def stopped_by(fault: BaseException, monkeypatch: pytest.MonkeyPatch, kanmon: Kanmon) -> Answer:
    """What the program says when a command raises."""

    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(cli.cli, "invoke", fail)
    return kanmon("measures", "list")


def test_interrupt(monkeypatch: pytest.MonkeyPatch, kanmon: Kanmon) -> None:
    answer = stopped_by(KeyboardInterrupt(), monkeypatch, kanmon)
    assert answer.code == 130
    assert "Traceback" not in answer.err


def test_a_fault_of_ours_is_short_and_says_how_to_report(
    monkeypatch: pytest.MonkeyPatch, kanmon: Kanmon
) -> None:
    answer = stopped_by(ZeroDivisionError("division by zero"), monkeypatch, kanmon)
    assert answer.code == 1
    assert "KANMON_DEBUG=1" in answer.err
    assert "test_program.py" in answer.err
    assert "Traceback" not in answer.err
    monkeypatch.setenv("KANMON_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        kanmon("measures", "list")


def test_an_error_of_ours_with_problems_exits_1(monkeypatch: pytest.MonkeyPatch, kanmon: Kanmon) -> None:
    answer = stopped_by(KanmonError([Problem("first"), Problem("second")]), monkeypatch, kanmon)
    assert answer.code == 1
    assert answer.err.startswith("kanmon: 2 problems\n1. first\n2. second")


def test_a_reader_that_goes_away_is_no_error() -> None:
    script = "import sys; from kanmon.app.cli import run; sys.exit(run(['measures', 'timeline', '--json']))"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        said = program.stderr.read()
    assert program.returncode == 141
    assert said == b""
