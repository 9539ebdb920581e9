"""README and guide say what is true: links live, commands exist and run, CI runs the README's line."""

import re
import shlex
from pathlib import Path

import click
import pytest

from kanmon.app.cli import cli, run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
GUIDE = (ROOT / "docs" / "guide.md").read_text("utf-8")
CI = (ROOT / ".ci" / "run").read_text("utf-8")
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def commands(group: click.Group, before: str) -> list[tuple[str, click.Command]]:
    """Every command of a group and its subgroups by full name."""
    context = click.Context(group)
    found: list[tuple[str, click.Command]] = []
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        found.append((f"{before} {word}", command))
        if isinstance(command, click.Group):
            found += commands(command, f"{before} {word}")
    return found


ALL = commands(cli, "kanmon")


def quoted(text: str) -> list[str]:
    """Every `kanmon ...` line or inline code of a document."""
    return re.findall(r"(?m)^\s*(kanmon [^\n|]+)$", text) + re.findall(r"`(kanmon [a-z][^`]*)`", text)


def parsed(line: str) -> click.Context:
    """The line through the command line's own parser, down to the command; fails on unknown words."""
    words = shlex.split(line, comments=True)[1:]
    group: click.Command = cli
    context = click.Context(cli, info_name="kanmon")
    while isinstance(group, click.Group) and words and not words[0].startswith("-"):
        command = group.get_command(context, words[0])
        assert command is not None, f"{line}: no command {words[0]}"
        group, words = command, words[1:]
    if words in (["--help"], ["-h"]):
        return context
    return group.make_context(group.name, words, parent=context)


def examples() -> list[str]:
    """The example lines of every help page."""
    return [line for _, command in [("kanmon", cli), *ALL] for line in example_of(command)]


def example_of(command: click.Command) -> list[str]:
    return re.findall(r"(?m)(?:^\s*|Example: )(kanmon [^\n]+)$", command.epilog or "")


def test_links_lead_somewhere() -> None:
    dead = [
        f"{path.name}: {link}"
        for path in DOCUMENTS
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8"))
        if "://" not in link and not (path.parent / link).exists()
    ]
    assert not dead


def test_paths_named_in_code_exist() -> None:
    named = {
        (path.name, word)
        for path in DOCUMENTS
        for word in re.findall(
            r"`((?:src|tests|docs|benchmarks|scripts|\.ci)/[\w./-]+)`", path.read_text("utf-8")
        )
    }
    assert named
    assert not [pair for pair in named if not (ROOT / pair[1]).exists()]


@pytest.mark.parametrize("line", sorted(set(quoted(README) + quoted(GUIDE) + examples())))
def test_every_command_line_shown_is_accepted(line: str) -> None:
    parsed(line)


@pytest.mark.parametrize(("full", "command"), ALL, ids=[full for full, _ in ALL])
def test_every_command_is_documented(full: str, command: click.Command) -> None:
    section = f"## kanmon {full.split()[1]}\n"
    assert section in GUIDE
    text = GUIDE.split(section)[1].split("\n## ")[0]
    assert full.rsplit(maxsplit=1)[-1] in text
    options = [o for p in command.params if isinstance(p, click.Option) for o in p.opts if o.startswith("--")]
    if full.count(" ") == 1:
        assert not [o for o in options if o not in text and o not in {"--json", "--top"}]


@pytest.mark.parametrize(("full", "command"), ALL, ids=[full for full, _ in ALL])
def test_every_command_has_help_json_and_a_real_example(full: str, command: click.Command) -> None:
    assert command.help
    assert example_of(command)
    if not isinstance(command, click.Group):
        assert any("--json" in p.opts for p in command.params), f"{full} lacks --json"


CHEAP = [
    line
    for line in examples()
    if line.split()[1] in {"measures", "expose"} or line == "kanmon data list --json"
]


@pytest.mark.parametrize("line", CHEAP)
def test_cheap_examples_run(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shlex.split(line)[1:]) == 0
    assert len(capsys.readouterr().out) > len(line)


def test_the_shortage_example_of_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = [
        text for text in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL) if "km.shortage(" in text
    ]
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(code, "docs/guide.md", "exec"), names)  # noqa: S102 - our own document
    found = names["run"]
    assert found.losses()["usd_m_high"].max() > 0
    assert "run.json" in found.write("run")


def readme_line(start: str) -> str:
    lines = [line for line in README.splitlines() if line.startswith(start)]
    assert len(lines) == 1
    return lines[0]


def test_ci_runs_the_lines_of_the_readme_and_no_others() -> None:
    tests, first = readme_line("python3 -m venv .venv-test && "), readme_line("python3 -m venv .venv && ")
    # CI takes both lines out of the README; it must not hold a test or install line of its own.
    assert r"grep -E '^python3 -m venv \.venv-test && ' README.md" in CI
    assert r"grep -E '^python3 -m venv \.venv && ' README.md" in CI
    assert 'bash -c "$tests"' in CI
    assert 'bash -c "$first"' in CI
    assert "pip install" not in CI
    assert tests.endswith(".venv-test/bin/python -m pytest")
    assert "kanmon assess" in first
    assert all("-c constraints.txt" in line for line in (tests, first))
