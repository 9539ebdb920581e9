"""A user's table in the world: ICIO codes as they are, another classification through its mapping."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kanmon as km
from kanmon.core.errors import InputError
from kanmon.world import IOTable, World
from kanmon.world.tables import read_table
from kanmon.world.tables.into_world import into_world, read_sectors

WIOD = Path(__file__).parents[3] / "shared" / "data" / "wiod2013"
needs_wiod = pytest.mark.skipif(not WIOD.exists(), reason="the real tables are not beside the checkout")


@pytest.fixture(scope="module")
def world() -> World:
    return World.default()


def table(
    sectors: tuple[str, ...], unit: str = "USD million", regions: tuple[str, ...] = ("DEU", "ROW")
) -> IOTable:
    N = len(sectors) * len(regions)
    Z = np.random.default_rng(3).uniform(1, 2, (N, N))
    source = World.default().sources["icio2022"]
    return IOTable(regions, sectors, Z, Z.sum(1) + 5 * N, 2020, unit, source)


def test_icio_codes_go_in_as_they_are(world: World) -> None:
    own = table(("B07", "C20", "C26"))
    placed = into_world(world, own)
    assert placed.world.table is own
    assert placed.notes == ()
    assert placed.world.products is world.products or placed.world.products == world.products


def test_a_rest_of_the_table_stays_one_region(world: World) -> None:
    placed = world.with_table(table(("C20", "C26"), regions=("DEU", "FRA", "ROW")))
    regions = placed.focus_regions(["DEU"], ["FRA"])
    assert regions == ("DEU", "FRA")
    for named in (regions, (*regions, "ROW")):
        focus = placed.focus(named)
        assert focus.regions == ("DEU", "FRA", "ROW")
        assert focus.x.sum() == pytest.approx(placed.table.x.sum())


def test_unknown_codes_and_units_are_named_at_once(world: World) -> None:
    with pytest.raises(InputError) as caught:
        into_world(world, table(("C20", "zz9", "Mining"), unit="EUR million"))
    text = str(caught.value)
    assert "zz9, Mining" in text
    assert "the table is in EUR million" in text
    assert "stands_as, holds" in text


def test_own_mapping_and_what_it_cannot_split(world: World, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("kind,sector,stands_as,holds\nplain,chem,C20,C20;C21\nplain,rest,G,G\n")
    placed = into_world(world, table(("chem", "rest")), path)
    assert placed.world.table.sectors == ("C20", "G")
    assert set(placed.world.products) == {k for k, p in world.products.items() if p.parent in {"C20", "C21"}}
    assert any("not splittable on this table: it has no sector C24B" in n for n in placed.notes)
    assert "C20 of this table holds C20, C21 together" in placed.notes


def test_every_mapped_code_is_one_of_ours_and_held_once(world: World) -> None:
    known = set(world.groups.group)
    places = read_sectors()
    for key, place in places.items():
        assert place.stands_as in place.holds, key
        assert set(place.holds) <= known, key
    old = [p for (_, s), p in places.items() if s[0] == "c"]
    assert len(old) == 35
    assert {h for p in old for h in p.holds} == known


@needs_wiod
def test_wiod_in_the_world(world: World) -> None:
    read = read_table(WIOD / "wiod2009.npz")
    placed = into_world(world, read)
    made = placed.world
    assert made.table.x.sum() == pytest.approx(read.x.sum(), rel=1e-12)
    assert made.table.year == 2009
    assert {p.parent for p in made.products.values()} <= set(made.table.sectors)
    assert any(note.startswith("C24B of this table holds C24A, C24B, C25") for note in placed.notes)
    assert made.products["MAGH"].parent == "C24B"
    assert set(made.parents_of(["850511"])) == {"C24B"}
    flow = made.unsplit_share("CHN", "JPN", ["280530"])
    assert flow is not None
    assert 0 < flow < 1
    split = made.split(made.focus(made.focus_regions(["CHN"], ["JPN"])))
    assert set(split.products) == set(made.products)
    assert split.Z.min() >= 0


@needs_wiod
def test_a_measure_of_2010_is_assessed_on_the_table_before_it() -> None:
    world = km.World.default().with_table(read_table(WIOD / "wiod2009.npz"))
    result = km.assess("CN-2010-RE-JP", buyer="JPN", months=(3,), draws=8, world=world)
    assert result.scenarios
