"""kanmon sector static: four static models of one restriction side by side, and why they differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from ...core.errors import InputError, Problem, nearest
from ..options import Faults, embedded_regions, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...engines.rerouting import Rerouting
    from ...engines.static import Base, Diagnostic
    from ...world.records import IOTable

TOP_SECTORS = 5
DEFAULTS = {"--share": "1.0", "--price": "0.3", "--friction": "0.3", "--leakage": "0.1"}

REASONS = """
Extraction follows the money backwards: who sold, and who sold to them. Ghosh follows the goods forwards:
who bought, and who bought from them. The same cut falls on opposite sides; the two are not to be added.

Neither lets anyone change supplier. Rerouting does, at once and at no cost but for the friction; its loss
is that friction passed on through input shares that hardly give. It falls on both sides, because what is
lost leaves the seller's sales and the buyer's purchases alike.

Price counts dearer inputs, not missing ones, so it does not compare with a loss of output. Ghosh and price
are one piece of arithmetic read twice: the Ghosh loss in per cent is about the cost rise in per cent if
the inputs in scope became dearer by the whole of the share cut.

All four count gross output, in which an input is counted again in each product made of it; value added
lost is less. None knows stocks, time, or a good inside its sector.
"""
WHY = tuple(" ".join(reason.split()) for reason in REASONS.split("\n\n"))
ELSEWHERE = (
    "The default answer comes from the shortage engine, which knows stocks, time, spare capacity and the good"
    " inside its sector: kanmon assess WHAT (docs/method-sector.md)."
)


@dataclass(frozen=True)
class Asked:
    """What the user asked for, checked."""

    table: IOTable
    sellers: tuple[str, ...]
    buyers: tuple[str, ...]
    sectors: tuple[str, ...]
    share: float
    rise: float
    friction: float
    leakage: float
    top: int


@dataclass(frozen=True)
class Own:
    """What was said of a table of the user's, as typed."""

    path: str | None
    kind: str | None
    regions: str | None
    year: str | None
    order: str | None


@click.command(
    epilog="""\b
Examples:
  kanmon sector static --seller Chile --buyer Germany
  kanmon sector static --seller EUR --buyer RUS --sector C28,C26 --share 0.8""",
)
@click.option("--seller", required=True, metavar="LIST", help="Who stops selling: countries or groups.")
@click.option("--buyer", required=True, metavar="LIST", help="Whose industries no longer get it.")
@click.option("--sector", metavar="LIST", help="Sectors of the seller in scope; default: all.")
@click.option(
    "--share", default=DEFAULTS["--share"], show_default=True, help="Share of each flow that is cut, 0 to 1."
)
@click.option(
    "--price",
    default=DEFAULTS["--price"],
    show_default=True,
    help="Price rise for the price model; 0.3 is 30 %.",
)
@click.option(
    "--friction",
    default=DEFAULTS["--friction"],
    show_default=True,
    help="Rerouting: share of the cut lost for good.",
)
@click.option(
    "--leakage",
    default=DEFAULTS["--leakage"],
    show_default=True,
    help="Rerouting: share that passes all the same.",
)
@click.option("--table", metavar="PATH", help="An input-output table of yours; default: the embedded one.")
@click.option("--kind", metavar="FORMAT", help="Format of the table; default: found from its content.")
@click.option("--regions", metavar="LIST", help="Regions of the table to keep, the others summed into ROW.")
@click.option("--year", metavar="YEAR", help="Year of the table, where its file states none or several.")
@click.option("--order", metavar="ORDER", help="country-major or sector-major, for a table without labels.")
@click.option("--top", metavar="N", default="6", show_default=True, help="Countries shown.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def static(  # one parameter an option
    seller: str,
    buyer: str,
    sector: str | None,
    share: str,
    price: str,
    friction: str,
    leakage: str,
    table: str | None,
    kind: str | None,
    regions: str | None,
    year: str | None,
    order: str | None,
    top: str,
    as_json: bool,
) -> None:
    """Extraction, Ghosh, prices and rerouting on one cut of trade, side by side, and why they differ.

    Diagnostics that bracket an answer; none of them decides it.
    """
    asked = _asked(
        seller, buyer, sector, (share, price, friction, leakage), Own(table, kind, regions, year, order), top
    )
    base, found, rerouted = _solve(asked)
    if as_json:
        from ..static_json import static_json
        from ..tables import print_json

        told = static_json(asked, base, found, rerouted)
        print_json(told | {"why_they_differ": list(WHY), "elsewhere": ELSEWHERE})
        return
    _print(asked, base, found, rerouted)


def _asked(
    seller: str,
    buyer: str,
    sector: str | None,
    numbers: Sequence[str],
    own: Own,
    top: str,
) -> Asked:
    """Every option checked; one error with all that is wrong."""
    faults = Faults()
    world_table, groups = _table(own)
    place = _places(world_table.regions, groups)
    sellers, buyers = faults.take(place, seller, "--seller"), faults.take(place, buyer, "--buyer")
    sectors = faults.take(_sectors, sector, world_table.sectors)
    shares = {"--share": numbers[0], "--friction": numbers[2], "--leakage": numbers[3]}
    share, friction, leakage = (faults.take(_number, text, where, 1.0) for where, text in shares.items())
    rise = faults.take(_number, numbers[1], "--price", math.inf)
    count = faults.take(whole, top, "--top", "--top 6")
    if count is not None and count < 1:
        faults.problems.append(Problem(f"{count} countries cannot be shown", "--top", fix="--top 6"))
    if sellers and buyers and len({*sellers, *buyers}) == 1:
        faults.problems.append(
            Problem(
                f"{sellers[0]} is seller and buyer",
                "--seller, --buyer",
                "sales inside one country are no exports",
                "name another buyer",
            )
        )
    faults.settle()
    found = (sellers, buyers, sectors, share, rise, friction, leakage, count)
    return Asked(world_table, *found)  # type: ignore[arg-type]  # none is None once the faults are settled


def _table(own: Own) -> tuple[IOTable, Mapping[str, frozenset[str]]]:
    """The table asked for, and the members of codes that stand for several countries."""
    from ...world.world import World

    world = World.default()
    keep = None if own.regions is None else tuple(_words(own.regions))
    if own.path is None:
        given = [f"--{name}" for name in ("kind", "year", "order") if getattr(own, name) is not None]
        if given:
            raise InputError(
                Problem("no table is given", ", ".join(given), "the embedded table is known", "--table PATH")
            )
        if keep is None:
            return world.table, world.country_groups
        return world.focus(embedded_regions(world, keep), detail=True), world.country_groups
    from ...world.tables import read_table

    wanted = None if own.year is None else whole(own.year, "--year", "--year 2022")
    read = read_table(own.path, kind=own.kind, year=wanted, order=own.order, regions=keep)
    return read.io, world.country_groups


def _places(
    regions: Sequence[str], groups: Mapping[str, frozenset[str]]
) -> Callable[[str, str], tuple[str, ...]]:
    """Function from what the user wrote to regions of the table: labels, names of countries, groups."""

    def places(text: str, where: str) -> tuple[str, ...]:
        from ...core.codes import country

        found: list[str] = []
        problems: list[Problem] = []
        for word in _words(text):
            label = word if word in regions else word.upper()
            try:
                code = label if label in regions or label in groups else country(word, where)
            except InputError as fault:
                problems += fault.problems
                continue
            members = [code] if code in regions else [r for r in regions if r in groups.get(code, ())]
            if not members:
                why = f"it holds {len(regions)} regions; the others are in none of them"
                fix = "name one of its regions"
                problems.append(Problem(f"the table lacks {code}", where, why, fix, nearest(code, regions)))
            found += members
        if problems or not found:
            raise InputError(problems or Problem("no country is given", where, fix=f"{where} COUNTRY"))
        return tuple(dict.fromkeys(found))

    return places


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _sectors(text: str | None, valid: Sequence[str]) -> tuple[str, ...]:
    """Sectors of the table; empty for all."""
    if text is None:
        return ()
    by_fold = {s.casefold(): s for s in valid}
    words = _words(text)
    unknown = [word for word in words if word.casefold() not in by_fold]
    if unknown or not words:
        raise InputError(
            Problem(
                f"the table has no sector {word!r}" if word else "no sector is given",
                "--sector",
                f"its {len(valid)} sectors run from {valid[0]} to {valid[-1]}",
                "write codes of the table with commas between, or leave the option out for all",
                nearest(word, valid),
            )
            for word in unknown or [""]
        )
    return tuple(dict.fromkeys(by_fold[word.casefold()] for word in words))


def _number(text: str, where: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (0 <= number <= most and math.isfinite(number)):
        bounds = "of 0 or more" if most == math.inf else "between 0 and 1"
        raise InputError(
            Problem(f"{text!r} cannot be used", where, f"a number {bounds}", f"{where} {DEFAULTS[where]}")
        )
    return number


def _solve(asked: Asked) -> tuple[Base, tuple[Diagnostic, ...], Rerouting | InputError]:
    """The four models, in the order of the table; the last may be left out, with the reason in its place."""
    from ...engines.rerouting import Settings, arrange, rerouting
    from ...engines.static import TradeCut, extraction, ghosh, prepare, price

    legs = (TradeCut(asked.sellers, asked.buyers, asked.sectors, asked.share),)
    base = prepare(asked.table)
    three = (extraction(base, legs), ghosh(base, legs), price(base, legs, asked.rise))
    try:
        net = arrange(base)
    except InputError as fault:
        return base, three, fault
    settings = Settings(friction=asked.friction, leakage=asked.leakage)
    rerouted = rerouting(base, [legs], settings, net)[0]
    return base, (*three, rerouted.diagnostic), rerouted


def _countries(asked: Asked, found: Sequence[Diagnostic]) -> list[str]:
    """Sellers and buyers (where they are few), then the countries that lose most in any model."""
    sides = [*asked.sellers, *asked.buyers] if len({*asked.sellers, *asked.buyers}) <= asked.top else []
    worst: dict[str, float] = {}
    for one in found:
        for country, (usd, _) in one.by_country().items():
            worst[country] = max(worst.get(country, 0.0), usd)
    ranked = sorted(worst, key=lambda c: -worst[c])
    return list(dict.fromkeys([*sides, *ranked]))[: max(asked.top, len(sides))]


def _cell(usd: float, share: float) -> str:
    from ..tables import money

    amount, part = money(usd), f"{100 * share:.3f}"
    return f"{amount} ({'0.000' if float(part) == 0 else part} %)"


def _print(asked: Asked, base: Base, found: Sequence[Diagnostic], rerouted: Rerouting | InputError) -> None:
    from ..tables import print_table, print_text

    table = asked.table
    sides = f"{', '.join(asked.sellers)} -> industries of {', '.join(asked.buyers)}"
    cut = (
        f"{found[0].severed:,.1f} {table.unit} a year cut ({100 * asked.share:g} % of the flow; {table.year})"
    )
    click.echo(f"{sides}: {', '.join(asked.sectors) or 'all sectors'}; {cut}")
    if found[2].severed == 0:
        click.echo("The table holds no such flow: every model gives nought.")
    head = ("extraction", "Ghosh", f"price +{100 * asked.rise:g} %", "rerouting")[: len(found)]
    click.echo(f"\n{table.unit} a year (% of output): output lost; under price, rise of costs")
    by_country = [one.by_country() for one in found]
    rows = [(c, *(_cell(*one[c]) for one in by_country)) for c in _countries(asked, found)]
    rows.append(("world", *(_cell(one.total, one.total / one.output.sum()) for one in found)))
    print_table(("country", *head), rows)
    for side, name, model in ((asked.buyers, "buyer", 1), (asked.sellers, "seller", 0)):
        worst = max(side, key=lambda region: by_country[model][region][0])
        click.echo(f"\nSectors of {worst} ({name}) hit most, % of output")
        print_table(("rank", *head), _ranks(worst, found))
    for one, name in zip(found, head, strict=True):
        reading = one.reading
        notes = (f"counts: {reading.counts}", f"assumes: {reading.assumes}", f"does not see: {reading.blind}")
        print_text(name, notes)
    print_text("Why they differ", WHY)
    print_text("Beyond these", (ELSEWHERE,))
    print_text("How it was worked out", _made(asked, base, rerouted))
    click.echo(f"\nBasis: inferred from {table.source.title}; {table.source.publisher}, {table.source.date}")


def _ranks(region: str, found: Sequence[Diagnostic]) -> list[tuple[str, ...]]:
    """One row a rank; each model names its own sectors."""
    columns = []
    for one in found:
        ranked = sorted(one.by_sector(region).items(), key=lambda item: -item[1][1])[:TOP_SECTORS]
        columns.append([f"{s} {100 * share:.3f}" for s, (_, share) in ranked])
    return [(str(k + 1), *row) for k, row in enumerate(zip(*columns, strict=True))]


def _made(asked: Asked, base: Base, rerouted: Rerouting | InputError) -> tuple[str, ...]:
    capped = ", ".join(f"{r} {s}" for r, s in base.capped)
    reach = "each model is one point without a range of its own; the spread between them is the range"
    held = (f"inputs held to 98 % of output (they exceed it as published): {capped}",) if capped else ()
    if isinstance(rerouted, InputError):
        problems = rerouted.problems
        text = "; ".join(f"{p.what}: {p.why}" for p in problems)
        return (f"rerouting is left out. {text}", reach, *held)
    balancing, fulfilment, output = rerouted.solution.steps
    steps = f"{balancing} steps of balancing, {fulfilment} of fulfilment, {output} of output"
    unserved = f"final use not served {rerouted.final_unserved:,.1f} {asked.table.unit} a year"
    return (
        f"rerouting: friction {asked.friction:g}, leakage {asked.leakage:g}; {steps}; {unserved}",
        reach,
        *held,
    )
