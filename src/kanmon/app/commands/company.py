"""kanmon company: a firm's own files -> lines touched, days of cover, money, fixes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core.errors import InputError, Problem, nearest
from ..options import Faults, day, place, whole

if TYPE_CHECKING:
    from datetime import date

    from ...company.answer import Answer
    from ...company.lines import Asked
    from ...company.records import Company, Scenario
    from ...measure.measure import Measure

SCENARIOS = ("measure", "in_force", "foreign_content", "feared")


@click.command(
    epilog="""\b
Examples:
  kanmon company --sample
  kanmon company --template my-firm
  kanmon company my-firm --measure US-2022-CHIPS,NL-2023-DUV --home KOR --days 120""",
)
@click.argument("where", metavar="FOLDER", required=False)
@click.option("--measure", "measures", metavar="ID[,ID]", help="Measures that are asked about.")
@click.option("--scenario", default="in_force", show_default=True, help=f"One of {', '.join(SCENARIOS)}.")
@click.option("--on", metavar="DATE", help="Day of the rules. Default: the stock date.")
@click.option("--days", metavar="N", default="180", show_default=True, help="Days looked ahead.")
@click.option("--home", metavar="COUNTRY", help="Where the plant is. Default: the measure's only target.")
@click.option("--firm", metavar="NAME", help="The firm's name, screened as end user. Default: the folder's.")
@click.option("--currency", metavar="CODE", help="The firm's currency, where no table of rates tells it.")
@click.option(
    "--mapping", metavar="FILE", help="How columns are read: the mapping.toml of an earlier run, edited."
)
@click.option("--budget", metavar="LIST", help="Budgets for fixes, in the firm's currency: 5000000,20000000.")
@click.option(
    "--tail", metavar="SHARE", default="0", show_default=True, help="Weight of the worst fifth, 0 to 1."
)
@click.option(
    "--stock-ahead", is_flag=True, help="Count stock that is bought ahead although the measure holds."
)
@click.option("--assumptions", metavar="FILE", help="A copy of the assumptions with your own figures.")
@click.option("--out", metavar="DIR", help="Folder for the answer. Default: kanmon-company/<folder>.")
@click.option("--sample", is_flag=True, help="Run the invented sample company.")
@click.option("--template", metavar="DIR", help="Write empty files with explanations there, and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; files are written only with --out.")
def company(
    where: str | None,
    measures: str | None,
    scenario: str,
    on: str | None,
    days: str,
    home: str | None,
    firm: str | None,
    currency: str | None,
    mapping: str | None,
    budget: str | None,
    tail: str,
    stock_ahead: bool,
    assumptions: str | None,
    out: str | None,
    sample: bool,
    template: str | None,
    as_json: bool,
) -> None:
    """Which purchases a measure touches, when the plant stops, what it costs, and the cheapest fix.

    FOLDER holds the files of an ERP: parts, bill of materials, sources, stock, orders, products ...
    as CSV, xlsx or Parquet, with headers in English, Japanese or Chinese. See docs/company.md.
    """
    if template is not None:
        from ...company.template import write_template

        click.echo(f"empty files with explanations: {write_template(Path(template))}")
        return
    if sample:
        where, measures, firm = _sample(measures, firm)
    faults = Faults()
    asked_for = faults.take(_measures, measures)
    name = faults.take(_scenario, scenario)
    when = faults.take(day, on)
    horizon = faults.take(_horizon, days)
    at = faults.take(place, home, "--home")
    money = faults.take(_amounts, budget) or ()
    weight = faults.take(_weight, tail)
    target = faults.take(_target, out, where, as_json)
    given = faults.take(_read, where, mapping, when, currency)
    faults.settle()
    if given is None or asked_for is None or name is None or horizon is None or weight is None:
        raise AssertionError("settle() lets nothing unknown pass")
    asked = _asked(given, asked_for, when, at, firm)
    result = _answer(given, asked, name, horizon, money, weight, stock_ahead or None, assumptions)
    _show(result, name, target, as_json=as_json)


def _target(out: str | None, where: str | None, as_json: bool) -> Path | None:
    """Where the answer is written, seen to be usable; None where only JSON is printed."""
    from ..company_store import check_target, default_out

    if out is None and (as_json or where is None):
        return None
    given = Path(where) if where is not None else None
    return check_target(
        Path(out) if out is not None else default_out(Path(where or "").resolve().name), given
    )


def _sample(measures: str | None, firm: str | None) -> tuple[str, str, str]:
    """The sample's folder, and the measure and firm it is about unless others are given."""
    import tomllib

    from ...company import SAMPLE

    told = tomllib.loads((SAMPLE / "sample.toml").read_text(encoding="utf-8"))
    return str(SAMPLE), measures or told["measure"], firm or told["firm"]


def _measures(text: str | None) -> tuple[Measure, ...]:
    """Measures of the library; every unknown one is named."""
    from ...measure.load import find

    if not text:
        fix = "--measure ID; kanmon measures list shows the ids"
        raise InputError(Problem("which measure?", "--measure", fix=fix))
    found: list[Measure] = []
    problems: list[Problem] = []
    for name in dict.fromkeys(part.strip() for part in text.split(",") if part.strip()):
        try:
            found.append(find(name))
        except InputError as fault:
            problems += fault.problems
    if problems:
        raise InputError(problems)
    return tuple(found)


def _scenario(text: str) -> Scenario:
    for name in SCENARIOS:
        if text.casefold().replace("-", "_") == name:
            return name  # type: ignore[return-value]
    raise InputError(
        Problem(f"no scenario is called {text!r}", "--scenario", near=nearest(text, SCENARIOS) or SCENARIOS)
    )


def _horizon(text: str) -> int:
    number = whole(text, "--days", "--days 180")
    if not 1 <= number <= 1100:
        raise InputError(Problem(f"{number} days cannot be looked ahead", "--days", "1 to 1100 can"))
    return number


def _amounts(text: str | None) -> tuple[float, ...]:
    try:
        found = tuple(float(part.replace("_", "")) for part in (text or "").split(",") if part.strip())
    except ValueError:
        raise InputError(
            Problem(f"{text!r} is not a list of amounts", "--budget", fix="--budget 5000000,20000000")
        ) from None
    if any(not 0 <= amount < float("inf") for amount in found):
        raise InputError(Problem("a budget is an amount of nought or more", "--budget"))
    return found


def _weight(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise InputError(
            Problem(f"{text!r} is not a weight", "--tail", "0 (means only) to 1 (worst cases only)")
        )
    return number


def _read(where: str | None, mapping: str | None, on: date | None, currency: str | None) -> Company:
    from ...company.mapping import load
    from ...company.read import read_company

    if where is None:
        fix = "kanmon company FOLDER --measure ID, or kanmon company --sample"
        raise InputError(Problem("which folder?", "FOLDER", fix=fix))
    return read_company(where, load(Path(mapping)) if mapping else None, on, (currency or "").upper())


def _asked(
    given: Company, measures: tuple[Measure, ...], on: date | None, home: str | None, firm: str | None
) -> Asked:
    from ...company.lines import Asked
    from ...measure.cover import default_buyer

    targets = {target for m in measures if (target := default_buyer(m))}
    if home is None and len(targets) != 1:
        fix = "say where the plant is: --home COUNTRY"
        raise InputError(Problem("the measures have no single target country", "--home", fix=fix))
    return Asked(measures, on or given.stock_date, home or targets.pop(), firm or given.name)


def _answer(
    given: Company,
    asked: Asked,
    name: Scenario,
    days: int,
    budgets: tuple[float, ...],
    weight: float,
    ahead: bool | None,
    assumed: str | None,
) -> Answer:
    from ...company.answer import answer
    from ..progress import shown

    path = Path(assumed) if assumed else None
    if path is not None and not path.is_file():
        raise InputError(Problem("there is no such file", "--assumptions", str(path)))
    with shown() as progress:
        return answer(
            given,
            asked,
            main=name,
            days=days,
            budgets=budgets,
            tail_weight=weight,
            ahead=ahead,
            assumed=path,
            progress=progress,
        )


def _show(result: Answer, main: Scenario, target: Path | None, *, as_json: bool) -> None:
    from ...report.company_card import company_card
    from ..company_store import write
    from ..progress import shown

    paths: dict[str, Path] = {}
    if target or not as_json:
        with shown() as progress:
            result, paths = write(result, main, target, progress)
    if as_json:
        from ...report.company_json import company_json
        from ..tables import print_json

        print_json(company_json(result))
        return
    for line in company_card(result, main):
        click.echo(line)
    click.echo("")
    for what, path in paths.items():
        click.echo(f"{what}: {path}")
