"""kanmon sector drivers: which unknown drives the loss of one measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...core.errors import InputError, Problem
from ..options import Faults, day, place, whole

if TYPE_CHECKING:
    from ...world.world import World
    from ..drivers import Drivers
    from ..what import Question

SHOWN = 12
FEWEST, MOST = 4, 64


@click.command(
    epilog="""\b
Examples:
  kanmon sector drivers report.txt --buyer Germany
  kanmon sector drivers report.txt --trajectories 16 --json
A measure is named by its id (kanmon measures list); without data on its products none can be ranked.""",
)
@click.argument("what")
@click.option("--buyer", metavar="COUNTRY", help="Whose losses. Default: the target of the measure.")
@click.option("--on", metavar="DATE", help="Date asked about, YYYY-MM-DD. Default: newest source date.")
@click.option("--months", metavar="N", default="12", show_default=True, help="Horizon in months.")
@click.option("--trajectories", metavar="N", default="8", show_default=True, help="Starting points.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def drivers(
    what: str, buyer: str | None, on: str | None, months: str, trajectories: str, as_json: bool
) -> None:
    """Which unknown drives the loss: each is moved alone through its range, from many places (Morris).

    WHAT is a measure as for `kanmon assess`. Every parameter and flow that the run reads is screened.
    """
    faults = Faults()
    question = faults.take(_resolve, what)
    buyer = faults.take(place, buyer, "--buyer")
    date = faults.take(day, on)
    horizon = faults.take(whole, months, "--months", "--months 12")
    count = faults.take(whole, trajectories, "--trajectories", "--trajectories 8")
    faults.take(_bounds, horizon, 1, 36, "--months")
    faults.take(_bounds, count, FEWEST, MOST, "--trajectories")
    faults.settle()
    if question is None or horizon is None or count is None:
        raise AssertionError("settle() lets nothing unknown pass")
    from ...world.world import World
    from ..drivers import drivers as screen
    from ..progress import shown

    world = World.default()
    with shown() as progress:
        found = screen(question, world, buyer=buyer, on=date, months=horizon, count=count, progress=progress)
    if as_json:
        from ..tables import print_json

        print_json(_json(found, world))
        return
    _print(found, world)


def _resolve(what: str) -> Question:
    from ..what import resolve

    return resolve(what)


def _bounds(value: int | None, least: int, most: int, where: str) -> None:
    if value is not None and not least <= value <= most:
        raise InputError(Problem(f"{value} is not between {least} and {most}", where=where))


def _rows(found: Drivers, world: World) -> list[dict[str, Any]]:
    """Every unknown that moves the loss at all, the strongest first."""
    from ...world.lookups import describe, symbols

    words, s = symbols(world), found.screening
    return [
        {
            "unknown": describe(world, u.key, words),
            "mu_star": float(s.mu_star[k]),
            "low": float(s.low[k]),
            "high": float(s.high[k]),
            "mu": float(s.mu[k]),
            "sigma": float(s.sigma[k]),
            "strongest_in": float(s.first[k]),
            "range": {"low": u.low, "mid": u.mid, "high": u.high, "unit": u.unit, "basis": u.basis},
            "source": u.source.title,
        }
        for k in s.order.tolist()
        for u in [found.unknowns[k]]
        if s.mu_star[k] > 0
    ]


def _json(found: Drivers, world: World) -> dict[str, Any]:
    from ..tables import plain

    return {
        "measure": found.measure,
        "scenario": found.scenario,
        "buyer": found.buyer,
        "on": found.on.isoformat(),
        "months": found.months,
        "trajectories": found.screening.trajectories,
        "unknowns_moved": len(found.unknowns),
        "loss": plain(found.loss),
        "unit": "percentage points of GDP as the unknown goes through its range",
        "basis": "assumed",
        "drivers": _rows(found, world),
    }


def _print(found: Drivers, world: World) -> None:
    """One sentence, then a table of the strongest, then what each is."""
    from ..tables import print_table, print_text

    rows, loss = _rows(found, world), found.loss
    click.echo(f"{found.measure}, {found.scenario}: {loss.label}: ", nl=False)
    click.echo(f"{loss.low:.2g} to {loss.high:.2g} % of GDP, mid {loss.value:.2g} (basis: {loss.basis}).")
    if not rows:
        click.echo("None of the unknowns moves it.")
        return
    top = rows[0]
    click.echo(f"Its strongest driver: {top['unknown']} (in {top['strongest_in']:.0%} of resamples).\n")
    shown = [
        (
            str(k),
            f"{r['mu_star']:.2g} ({r['low']:.2g} to {r['high']:.2g})",
            "more" if r["mu"] > 0 else "less",
            f"{r['sigma']:.2g}",
            f"{r['range']['low']:g} to {r['range']['high']:g} {r['range']['unit']}",
            r["range"]["basis"],
        )
        for k, r in enumerate(rows[:SHOWN], 1)
    ]
    heads = ("rank", "mu* (5-95 %)", "higher gives", "sigma", "its range", "basis")
    print_table(heads, shown)
    # Names are sentences: in the table they would make its lines too long for any screen.
    print_text("Unknowns by rank", [f"{k}: {r['unknown']}" for k, r in enumerate(rows[:SHOWN], 1)])
    click.echo(
        "\nmu*: percentage points of GDP by which the loss moves as the unknown goes through the inner nine\n"
        f"tenths of its range, mean of {found.screening.trajectories} places; sigma: how much that differs "
        f"between places.\n{len(rows)} of {len(found.unknowns)} unknowns move it. Held fixed: the rationing "
        "rule, and the mix of users where no source states it."
    )
