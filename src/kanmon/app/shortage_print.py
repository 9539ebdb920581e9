"""The answer of a shortage run on a terminal: figures with unit, range and basis, then what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ..core.spread import NOUGHT
from .tables import print_table, print_text

if TYPE_CHECKING:
    from .shortage import Shortage

    Json = dict[str, Any]

SHOWN = 6
MEANING = {
    "a": "contracts first, then final demand",
    "b": "contracts and final demand alike",
    "c": "all in proportion",
}


def show(run: Shortage, files: Sequence[str]) -> None:
    """Print the answer."""
    told = run.answer()
    start = f", day 0 is {told['start']}" if told["start"] else ""
    click.echo(
        f"{told['scenario']}: shortage model, {told['days']} days{start}, {told['draws']} draws, table of "
        f"{told['table_year']} ({', '.join(told['regions'])})."
    )
    print_text("What is stopped", run_sentences(told))
    if told["upper_bound_only"]:
        click.echo("\nOnly an upper bound: no volume is known for a quota.")
    _losses(told)
    for buyer in told["buyers"]:
        _buyer(buyer)
    _flows(told)
    _unserved(told)
    print_text("Notes", told["notes"])
    print_text("What this run assumes", told["assumptions"])
    _inputs(told, files)
    print_text("Files", files)


def run_sentences(told: Json) -> list[str]:
    """What is stopped, how restrictions that meet are joined, and which stop nothing."""
    idle = [f"{name} stops nothing: it is left out of the run." for name in told["stop_nothing"]]
    return [*told["what_is_stopped"], *told["joined"], *idle]


def band(g: Json | None, digits: int = 3) -> str:
    """A figure as mid (low to high); what is not known as a dash."""
    if g is None:
        return "-"
    low, mid, high = (_number(g[end], digits) for end in ("low", "mid", "high"))
    if g["exact"] or low == mid == high == "never":
        return mid
    return f"at most {high}" if g["mid"] is None and g["low"] is None else f"{mid} ({low} to {high})"


def band_low(g: Json) -> str:
    """The low end of a figure."""
    return _number(g["low"], 3)


def _share(row: Json) -> str:
    """A loss in % of GDP; one that is nought only by its rounding is called small."""
    ends = ("low", "mid", "high")
    nought = not any(row[end] for end in ends)
    return f"below {NOUGHT['% of GDP']:g}" if nought and any(row["money"][end] for end in ends) else band(row)


def _number(value: float | None, digits: int) -> str:
    if value is None:
        return "never"
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"


def _losses(told: Json) -> None:
    rows = told["losses"]
    basis = rows[0]["basis"]
    rules = dict.fromkeys(row["rule"] for row in rows)
    last = max(row["months"] for row in rows)
    click.echo(f"\nValue added lost: median (5 to 95 % of draws), basis {basis}; sources below.")
    for rule in rules:
        click.echo(f"Rule {rule}: {MEANING[rule]}.")
    head = (
        "rule",
        "region",
        "months",
        "% of GDP",
        "+- Monte Carlo, %",
        "USD million",
        "of it direct, % of GDP",
    )
    print_table(
        head,
        [
            (
                row["rule"],
                row["region"] + ("" if row["reported"] else " *"),
                str(row["months"]),
                _share(row),
                _number(row["monte_carlo_error"], 2),
                band(row["money"]),
                band(row["direct"]),
            )
            for row in rows
            if row["reported"] or (row["rule"], row["months"]) == (rows[0]["rule"], last)
        ],
    )
    click.echo(
        "* not among the buyers asked for: the longest period under the first rule, all others under --json. "
        "Below nought: a gain."
    )


def _buyer(told: Json) -> None:
    region, first = told["region"], told["first_stop"]
    where = f" ({first['sector']})" if first["sector"] else ""
    day = f"on day {band(first)}"
    if first["mid"] is None:
        day = (
            "never"
            if first["low"] is None
            else f"never in the middle case, in some from day {band_low(first)} on"
        )
    click.echo(
        f"\n{region}: first sector 5 % below base {day}{where}, basis {first['basis']}; {first['note']}."
    )
    if told["first_stop_by_sector"]:
        print_table(
            ("sector that stops", "first day, days", "in draws"),
            [(s["sector"], band(s), s["note"].split(";")[0]) for s in told["first_stop_by_sector"][:SHOWN]],
        )
    if told["binding"]:
        click.echo("\nInputs that bind")
        print_table(
            ("sector", "input", "% of a year's output lost", "binds in % of draws", "5 % down on day"),
            [
                (b["sector"], b["input"], band(b["output_lost"]), band(b["draws"]), band(b["first_stop"]))
                for b in told["binding"]
            ],
        )
    if told["margin"]:
        click.echo("\nMargin to the threshold: least days of cover left over the run")
        print_table(
            ("sector", "input", "days (assumed)"),
            [(m["sector"], m["input"], band(m)) for m in told["margin"][:SHOWN]],
        )


def _flows(told: Json) -> None:
    if not told["flows"]:
        return
    click.echo("\nFlows over the run, USD million (inferred); leaked goods arrive and are no loss")
    print_table(
        ("seller", "product", "buyer", "normal", "stopped", "of it leaked"),
        [
            (f["seller"], f["product"], f["buyer"], *(band(f[k]) for k in ("normal", "stopped", "leaked")))
            for f in told["flows"]
        ],
    )


def _unserved(told: Json) -> None:
    first = told["losses"][0]["rule"] if told["losses"] else ""
    rows = [u for u in told["final_demand_unserved"] if u["rule"] == first and u["high"]]
    if rows:
        click.echo(f"\nFinal demand not served, by seller, USD million over the run (assumed), rule {first}")
        rows.sort(key=lambda u: -u["high"])
        print_table(("seller", "unserved"), [(u["seller"], band(u)) for u in rows[:SHOWN]])


def _inputs(told: Json, files: Sequence[str]) -> None:
    """How many inputs stand behind the figures and where they are listed."""
    by_basis: dict[str, int] = {}
    for row in told["inputs"]:
        by_basis[row["basis"]] = by_basis.get(row["basis"], 0) + 1
    counts = ", ".join(f"{n} {basis}" for basis, n in sorted(by_basis.items(), key=lambda p: -p[1]))
    where = "inputs.csv" if files else "--json (key inputs) or --out (inputs.csv)"
    lines = [f"{len(told['inputs'])} uncertain inputs were read: {counts}. Each with its source: {where}."]
    lines += [f"{s['title']}{', ' + s['date'] if s['date'] else ''}" for s in told["sources"] if s["title"]]
    print_text("Sources", lines)
