"""kanmon sector template: a scenario file to start from."""

from __future__ import annotations

import click


@click.command(epilog="Example: kanmon sector template")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (without the notes).")
def template(as_json: bool) -> None:
    """Print a scenario file with every field explained."""
    from ...engines.ario_scenario import TEMPLATE

    text = TEMPLATE.read_text("utf-8")
    if not as_json:
        click.echo(text, nl=False)
        return
    import tomllib

    from ..tables import print_json

    print_json(tomllib.loads(text))
