"""The command line: finds the command, runs it, and turns every outcome into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click
from click.exceptions import NoSuchCommand

from .. import __version__
from ..core.errors import KanmonError

COMMANDS = {
    "assess": "what a measure covers, who depends on it, what it costs",
    "read": "draft a measure from a text",
    "check": "may this shipment go, on which day, under which clause",
    "measures": "the library of export restrictions",
    "screen": "names of parties against the lists",
    "company": "your own purchases, stock and products: days of cover, money, fixes",
    "expose": "dependence and chokepoints",
    "sector": "models of sectors on your own table and scenario",
    "why": "how a figure of the last run came about",
    "data": "data sets, their sources, licences and checksums",
}
"""Commands in the order of the help page; each lives in commands/<name>.py as `<name>`."""

EXIT_OURS = 1
EXIT_INTERRUPTED = 130
EXIT_CLOSED_PIPE = 141
"""The shell's own number for a reader that went away (128 + SIGPIPE), as in `kanmon ... | head`."""

NAME = "kanmon"


class Commands(click.Group):
    """A group that imports a command only when it is asked for, and keeps its order in the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Names in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now; None for a name that is no command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f".commands.{cmd_name}", __package__)
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown name is answered with the nearest ones."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)


@click.command(
    NAME,
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: kanmon assess RU-2022-GAS --months 3,6,12",
)
@click.version_option(__version__, "-V", "--version", message="kanmon %(version)s")
def cli() -> None:
    """Kanmon tells what an export restriction does: what it covers, who depends on it, how the shortage
    and its cost spread, how long it may last - with a range and a source for every number.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code: 0 done, 2 the input's fault, 1 ours."""
    asked = os.environ.get("_KANMON_COMPLETE")
    if asked:
        from click.shell_completion import shell_complete

        return shell_complete(cli, {}, NAME, "_KANMON_COMPLETE", asked)
    try:
        with cli.make_context(NAME, list(sys.argv[1:] if arguments is None else arguments)) as context:
            cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except KanmonError as fault:
        click.echo(message(fault), err=True)
        return fault.exit_code
    except (KeyboardInterrupt, click.Abort, EOFError) as stop:
        # An ensemble says what it has kept; click's own Abort and a bare interruption say nothing.
        click.echo(f"\n{str(stop) or 'stopped; nothing was written half'}", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Python would complain once more when it flushes at exit; give it somewhere to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_CLOSED_PIPE
    except Exception as bug:
        if os.environ.get("KANMON_DEBUG"):
            raise
        click.echo(report(bug), err=True)
        return EXIT_OURS
    return 0


def message(fault: KanmonError) -> str:
    """All problems of one error, numbered when there is more than one."""
    problems = fault.problems
    if len(problems) == 1:
        return f"kanmon: {problems[0]}"
    lines = [f"kanmon: {len(problems)} problems"]
    return "\n".join(lines + [f"{n}. {problem}" for n, problem in enumerate(problems, 1)])


def report(bug: Exception) -> str:
    """A short account of a fault of ours, with the place in the code and how to report it."""
    place = bug.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "unknown place"
    return (
        f"kanmon: this is a fault of the program, not of your input: {type(bug).__name__}: {bug}\n"
        f"    where: {where}\n"
        "    fix: run the command again with KANMON_DEBUG=1 in front of it, and send the command and\n"
        f"         what it printed to the maintainers (kanmon {__version__}, Python {sys.version.split()[0]})"
    )


def main() -> None:
    """Entry point of the program `kanmon`."""
    sys.exit(run())
