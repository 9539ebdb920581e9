"""Rows of our own data tables: one card for each table among a figure's sources, the rows listed apart.

A loss rests on a hundred rows of the parameters; a figure that cites each of them cites nothing a reader
can take in. `kanmon why` lists them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.source import Source, gathered, rows_of, unite
from ..world.store import file_hash

if TYPE_CHECKING:
    from ..engines.base import Outcome
    from ..expose.records import Shock
    from ..world.records import SplitTable
    from ..world.world import World

    Outcomes = Mapping[str, Mapping[str, Outcome]]


def rows_by_scenario(shocks: Sequence[Shock], outcomes: Outcomes) -> dict[str, tuple[Source, ...]]:
    """The rows that the figures of each scenario rest on, each once."""
    return {
        shock.scenario: rows_of(
            unite(shock.sources, *(outcome.sources for outcome in outcomes[shock.scenario].values()))
        )
        for shock in shocks
    }


def cards(world: World, rows: Sequence[Source]) -> dict[str, Source]:
    """For each table that rows come from, its card with the file's checksum and how many rows are used."""
    found = {}
    for table in dict.fromkeys(row.part_of for row in rows):
        count = sum(row.part_of == table for row in rows)
        card = world.sources[table]
        found[table] = replace(
            card,
            title=f"{card.title}: {count} rows used, listed with their sources by `kanmon why`",
            sha256=file_hash(world.data_file(table)),
        )
    return found


def gather(
    world: World, table: SplitTable, shocks: Sequence[Shock], outcomes: Outcomes
) -> tuple[SplitTable, tuple[Shock, ...], dict[str, dict[str, Outcome]]]:
    """Table, shocks and outcomes with one source card for all rows of a table of ours."""
    every = unite(table.sources, *(s.sources for s in shocks), *_all(outcomes))
    by_table = cards(world, rows_of(every))
    return (
        replace(table, sources=gathered(table.sources, by_table)),
        tuple(replace(s, sources=gathered(s.sources, by_table)) for s in shocks),
        {
            scenario: {
                rule: replace(outcome, sources=gathered(outcome.sources, by_table))
                for rule, outcome in by_rule.items()
            }
            for scenario, by_rule in outcomes.items()
        },
    )


def _all(outcomes: Outcomes) -> list[tuple[Source, ...]]:
    return [outcome.sources for by_rule in outcomes.values() for outcome in by_rule.values()]
