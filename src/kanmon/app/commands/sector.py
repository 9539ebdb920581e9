"""kanmon sector: the group of commands that run models of sectors on a table and a scenario of the user's."""

from __future__ import annotations

from importlib import import_module

import click

SUBCOMMANDS = {
    "shortage": "sector_shortage",
    "run": "sector_run",
    "split": "sector_split",
    "template": "sector_template",
    "static": "sector_static",
    "published": "sector_published",
    "drivers": "sector_drivers",
}
"""Subcommand and the module beside this one that holds it under its own name; order of the help page."""


class Sector(click.Group):
    """A group that imports a subcommand only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Names in the order of the help page."""
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The subcommand, imported now; None for a name that is none."""
        if cmd_name not in SUBCOMMANDS:
            return None
        module = import_module(f".{SUBCOMMANDS[cmd_name]}", __package__)
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


@click.group(
    cls=Sector,
    epilog="""\b
Examples:
  kanmon sector shortage --template
  kanmon sector template""",
)
def sector() -> None:
    """Models of sectors on a table and a scenario of your own.

    Which one? `shortage` is the default model, the one behind `kanmon assess`: what bans, licences, quotas,
    listings and delays of yours cost, with ranges. `run` is ARIO as published (the equations of BoARIO): to
    compare with published runs, or for lost capacity and capital.
    """
