"""The command line as a user meets it: arguments in, exit code, output and files out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kanmon.app.cli import run


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    folder = tmp_path / "room"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def kanmon(room: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run one command line in the empty folder."""

    def call(*words: str) -> Answer:
        capsys.readouterr()
        code = run(list(words))
        seen = capsys.readouterr()
        return Answer(code, seen.out, seen.err)

    return call
