"""kanmon measures: the library as a list, one record, a timeline, or what changed between two dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from ..options import Faults, day, place

if TYPE_CHECKING:
    from ...measure.load import Party
    from ...measure.measure import Event, Limb, Measure

MARKS = {
    "proposed": "· proposed",
    "announced": "○ announced",
    "in_force": "● in force",
    "suspended": "◐ suspended",
    "lifted": "✓ lifted",
    "unknown": "? unknown",
}
"""A sign and a word for each state, so that the state reads without colour."""
MOST_NAMED = 4
"""Countries named in one cell of a list."""

on_option = click.option("--on", metavar="DATE", help="Status on this day. Default: newest source date.")
country_option = click.option("--country", metavar="COUNTRY", help="Only what this country does or meets.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(
    invoke_without_command=True,
    epilog="Example: kanmon measures timeline --country Germany",
)
@click.pass_context
def measures(ctx: click.Context) -> None:
    """The library of export restrictions; without a subcommand, `list`."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@measures.command("list", epilog="Example: kanmon measures list --country Korea --on 2020-01-01")
@country_option
@on_option
@json_option
def list_(country: str | None = None, on: str | None = None, as_json: bool = False) -> None:
    """Every measure with its parties, dates and status on a day."""
    from ...measure.load import library
    from ...measure.status import status
    from ...measure.timeline import concerns
    from ..tables import plain, print_json, print_table

    who, when = _asked(country, on)
    chosen = [m for m in library().values() if who is None or concerns(m, who)]
    found = [(m, status(m, when)) for m in chosen]
    if as_json:
        print_json([{**_head(m), "on": when.isoformat(), "status": plain(s)} for m, s in found])
        return
    rows = [
        (m.id, MARKS[s.state], str(m.effective or "-"), f"{_who(m.imposers)} > {_who(m.targets)}", m.title)
        for m, s in found
    ]
    if rows:
        print_table(("id", "status", "effective", "by > against", "title"), rows)
    click.echo(f"\n{len(rows)} measures; status on {when}. One in full: kanmon measures show ID")


@measures.command(epilog="Example: kanmon measures show RU-2022-GAS")
@click.argument("id_", metavar="ID")
@on_option
@json_option
def show(id_: str, on: str | None, as_json: bool) -> None:
    """One record in full: limbs with their status, goods, responses, sources."""
    from ...measure.load import find
    from ...measure.status import status
    from ..tables import plain, print_json

    faults = Faults()
    measure = faults.take(find, id_)
    when = faults.take(_day, on)
    faults.settle()
    if measure is None or when is None:
        raise AssertionError("settle() lets nothing unknown pass")
    if as_json:
        state = {"on": when.isoformat(), "status_on": plain(status(measure, when))}
        print_json({**plain(measure), **state, "parties": plain(_parties(measure))})
        return
    _show(measure, when)


@measures.command(epilog="Example: kanmon measures timeline --country Germany --until 2023-01-01")
@country_option
@click.option("--until", metavar="DATE", help="Last day shown. Default: newest source date.")
@json_option
def timeline(country: str | None, until: str | None, as_json: bool) -> None:
    """Measures and responses to them, in order of their dates."""
    from ...measure.load import library
    from ...measure.timeline import timeline as events
    from ..tables import plain, print_json

    who, when = _asked(country, until, "--until")
    found = events(library(), country=who, until=when)
    if as_json:
        print_json([plain(event) for event in found])
        return
    _events(found)


@measures.command(epilog="Example: kanmon measures diff 2023-01-01 2024-01-01")
@click.argument("date1")
@click.argument("date2")
@country_option
@json_option
def diff(date1: str, date2: str, country: str | None, as_json: bool) -> None:
    """Clauses whose status differs between two days."""
    from ...measure.load import library
    from ...measure.timeline import concerns
    from ...measure.timeline import diff as changes
    from ..tables import plain, print_json, print_table

    faults = Faults()
    first, last = faults.take(day, date1, "DATE1"), faults.take(day, date2, "DATE2")
    who = faults.take(place, country, "--country")
    faults.settle()
    if first is None or last is None:
        raise AssertionError("settle() lets nothing unknown pass")
    chosen = {key: m for key, m in library().items() if who is None or concerns(m, who)}
    found = changes(chosen, first, last)
    if as_json:
        print_json([plain(change) for change in found])
        return
    rows = [(c.measure, c.limb, MARKS[c.before.state], MARKS[c.after.state], c.text) for c in found]
    if rows:
        print_table(("measure", "clause", str(first), str(last), "what"), rows)
    click.echo(f"{len(rows)} clauses changed their status between {first} and {last}")


def _asked(country: str | None, on: str | None, where: str = "--on") -> tuple[str | None, date]:
    """Country and day as values, all faults at once."""
    faults = Faults()
    who = faults.take(place, country, "--country")
    when = faults.take(_day, on, where)
    faults.settle()
    if when is None:
        raise AssertionError("settle() lets nothing unknown pass")
    return who, when


def _day(text: str | None, where: str = "--on") -> date:
    from ...measure.load import newest_source_date

    return day(text, where) or newest_source_date()


def _who(parties: Sequence[str]) -> str:
    """Countries in a few words; a long list by its first ones and a count."""
    if len(parties) > MOST_NAMED:
        return f"{', '.join(parties[: MOST_NAMED - 1])} and {len(parties) - MOST_NAMED + 1} more"
    return ", ".join(parties) or "unknown"


def _head(measure: Measure) -> dict[str, Any]:
    """What a list says of a measure, for JSON."""
    return {
        "id": measure.id,
        "title": measure.title,
        "imposers": list(measure.imposers),
        "targets": list(measure.targets),
        "announced": str(measure.announced) if measure.announced else None,
        "effective": str(measure.effective) if measure.effective else None,
    }


def _show(measure: Measure, when: date) -> None:
    """Print one record: who and when, then limbs, goods, responses and sources."""
    from ...measure.status import status
    from ..tables import print_table, print_text

    now = status(measure, when)
    click.echo(f"{measure.id}  {measure.title}")
    click.echo(f"{_who(measure.imposers)} against {_who(measure.targets)}; {MARKS[now.state]} on {when}")
    facts = [
        ("status", now.text),
        ("announced", str(measure.announced or "unknown")),
        ("effective", str(measure.effective or "unknown")),
        ("instrument", measure.instrument_name),
        ("legal basis", measure.legal_basis),
        ("re-export", {True: "covered", False: "not covered", None: "unknown"}[measure.re_export]),
        ("reasons given", measure.reasons_given),
        ("trigger as reported", measure.trigger_as_reported),
        ("exemptions", measure.exemptions),
        ("outcome", measure.outcome),
        ("confidence", measure.confidence),
        ("notes", measure.notes),
        ("related", ", ".join(measure.related)),
    ]
    print_text("Record", [f"{name}: {value}" for name, value in facts if value])
    print_text("Limbs", [_limb(limb, when) for limb in measure.limbs])
    items = [
        (
            i.phrase,
            i.certainty,
            " ".join(i.control_codes),
            " ".join(i.hs),
            " ".join((*i.elements, *i.products)),
        )
        for i in measure.items
    ]
    if items:
        click.echo(f"\nGoods ({len(items)} entries)")
        print_table(("goods", "certainty", "control code", "HS", "elements, products"), items)
    parties = _parties(measure)
    if parties:
        click.echo(f"\nListed parties ({len(parties)})")
        rows = [
            (p.id, str(p.listed), str(p.removed or "-"), p.name_en, p.name_ja or p.name_zh) for p in parties
        ]
        print_table(("id", "listed", "removed", "name", "as written there"), rows)
    print_text("Responses", [f"{r.when or 'no date'}  {r.by}  {r.kind}: {r.text}" for r in measure.responses])
    print_text(
        "Sources", [" | ".join(filter(None, (s.title, s.publisher, s.date, s.url))) for s in measure.sources]
    )


def _parties(measure: Measure) -> tuple[Party, ...]:
    """The parties that this measure itself lists, by the number of its announcement."""
    from ...measure.load import parties

    number = measure.instrument_name.rsplit(" ", maxsplit=1)[-1]
    return tuple(party for party in parties() if party.number and party.number == number)


def _limb(limb: Limb, when: date) -> str:
    """One operative part in a line: its words, kind, dates and status on the day."""
    from ...measure.status import limb_status

    now = limb_status(limb, when)
    dates = [f"from {limb.effective}" if limb.effective else "no effective date"]
    if limb.suspended_from:
        dates.append(f"suspended {limb.suspended_from} until {limb.suspended_until or 'unknown'}")
    if limb.ended:
        dates.append(f"ended {limb.ended}")
    scope = f"end users {', '.join(limb.end_user_scope)}; end uses {', '.join(limb.end_use_scope)}"
    return f"{limb.id} [{limb.instrument}, {MARKS[now.state]}] {limb.text} ({'; '.join(dates)}; {scope})"


def _events(events: Sequence[Event]) -> None:
    """Events as a table; a sign tells measures (■) from responses (→)."""
    from ...measure.measure import ResponseKind
    from ..tables import print_table

    responses = ResponseKind.__args__  # type: ignore[attr-defined]
    rows = [
        (
            str(e.when),
            f"{'→' if e.kind in responses else '■'} {e.kind.replace('_', ' ')}",
            f"{e.actor} > {e.target}",
            e.measure,
            e.text,
        )
        for e in events
    ]
    if not rows:
        click.echo("nothing recorded")
        return
    print_table(("date", "event", "by > against", "measure", "what"), rows)
    click.echo("\n■ measure or change of its status   → response to it")
