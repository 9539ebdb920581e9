"""kanmon sector published: the sector model beside published estimates, and the switches that lead there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ...engines.plausibility import Comparison

DRAWS = 32
FEWEST, MOST = 8, 1024


@click.command(
    epilog="""\b
Examples:
  kanmon sector published
  kanmon sector published --draws 64 --json""",
)
@click.option("--draws", metavar="N", default=str(DRAWS), show_default=True, help="Draws of the unknowns.")
@click.option("--seed", metavar="N", default="1", show_default=True, help="Seed of the draws.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def published(draws: str, seed: str, as_json: bool) -> None:
    """Published losses beside ours, and the named change of our model that comes nearest to each.

    Nothing is fitted: every estimate is run as it is described, on the ranges of the parameters.
    """
    from ...engines.plausibility import compare, read_plausibility
    from ...world.world import World
    from ..progress import shown

    count, start = _whole(draws, "--draws", FEWEST, MOST), _whole(seed, "--seed", 0, 2**31)
    world = World.default()
    path = world.data_file("plausibility")
    switches, estimates = read_plausibility(path, world.loss_estimates.iter_rows(named=True))
    with shown() as progress:
        found = compare(world, switches, estimates, count=count, seed=start, progress=progress)
    if as_json:
        from ..tables import print_json

        print_json({"draws": count, "seed": start, "estimates": [_json(c) for c in found]})
        return
    _print(found, count)


def _whole(text: str, where: str, least: int, most: int) -> int:
    from ...core.errors import InputError, Problem

    if not text.isdigit() or not least <= int(text) <= most:
        raise InputError(
            Problem(
                f"{text!r} is no whole number from {least} to {most}", where=where, fix=f"{where} {DRAWS}"
            )
        )
    return int(text)


def _print(found: tuple[Comparison, ...], count: int) -> None:
    from ...report.format import amount
    from ..tables import print_table

    rows = [
        (
            f"{c.estimate.author.split(' (')[0]}, {c.estimate.country}",
            f"{c.estimate.months}",
            amount(c.theirs),
            amount(c.ours),
            f"{c.below.value:.0f} %",
            f"{c.nearest}: {amount(c.nearest_ours)}",
        )
        for c in found
    ]
    columns = ("estimate", "months", "theirs", "ours, as it stands", "of ours below", "nearest switch")
    print_table(columns, rows)
    click.echo()
    for note in dict.fromkeys(
        f"{c.estimate.author.split(' (')[0]}, {c.estimate.country}, "
        f"{c.estimate.months} months ({c.estimate.scenario}): {c.estimate.note}"
        for c in found
    ):
        click.echo(note)
    click.echo(f"Losses of value added; ranges are 5 to 95 % of {count} draws. No parameter was moved.")


def _json(c: Comparison) -> dict[str, Any]:
    from ...report.json_out import figure

    e = c.estimate
    return {
        "author": e.author,
        "date": e.date,
        "scenario": e.scenario,
        "country": e.country,
        "months": e.months,
        "products": list(e.products),
        "share_stopped": e.stopped,
        "theirs": figure(c.theirs),
        "ours": figure(c.ours),
        "below": figure(c.below),
        "nearest": c.nearest,
        "by_switch": [{"switch": name, **(figure(f) or {})} for name, f in c.by_switch],
        "note": e.note,
    }
