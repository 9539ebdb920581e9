"""Draws weighed against a past episode: weights, relevance, bad files."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import engine_cases as cases

from kanmon.core.draws import Draws
from kanmon.core.errors import InputError
from kanmon.core.source import Source
from kanmon.core.spread import spread, weighted_quantiles
from kanmon.engines.episode import Episode, Target, by_grade, fit, read_episodes, relevant, shock_of
from kanmon.engines.sector import SectorEngine
from kanmon.world.world import World

STOCK = ("n_private", "ALPHA", "", "all")
WHOLE = Target("output_lost", "BUY", "C29", 0.01, 0.01, day=40)


def past(*targets: Target, kept: float = 0.0) -> Episode:
    flows = (("ALPHA", 0, kept), ("ALPHA", 50, 1.0))
    return Episode("past", "a stop", "SEL", ("all",), 60, (), flows, targets, Source("past", "a test"), "")


def stocks(days: list[float]) -> Draws:
    return Draws(len(days), 0, {STOCK: np.array(days)})


def test_draws_that_lose_what_was_not_lost_weigh_nothing() -> None:
    found = fit(past(WHOLE), cases.table(0), stocks([5.0] * 8 + [90.0] * 8), cases.book())
    assert found.weights[:8].sum() < 1e-6
    assert found.weights.sum() == pytest.approx(1.0)
    assert found.effective == pytest.approx(8.0, rel=1e-6)
    assert found.whole == 8
    assert found.usable
    low, mid, high = found.band(np.array([1.0] * 8 + [2.0] * 8))
    assert (low, mid, high) == pytest.approx((2, 2, 2))
    assert "8 of 16 draws" in found.sentence()


def test_a_stop_that_was_seen_makes_full_stocks_unlikely() -> None:
    seen = Target("first_day", "BUY", "C29", 15, 1.5)
    found = fit(past(seen), cases.table(0), stocks([25.0, 60.0, 90.0]), cases.book())
    assert found.weights[0] > 5 * found.weights[2]
    assert not found.usable
    assert "too few" in found.sentence()


def test_an_episode_counts_for_its_seller_buyer_and_goods() -> None:
    table, episode = cases.table(0), past(WHOLE)
    assert relevant([episode], table, "SEL", "BUY", ["ALPHA", "BETA"]) is episode
    assert relevant([episode], table, "SEL", "OTH", ["ALPHA"]) is None
    assert relevant([episode], table, "OTH", "BUY", ["ALPHA"]) is None
    assert relevant([episode], table, "SEL", "BUY", ["BETA"]) is None
    small = replace(table, sectors=("X", *table.sectors[1:5], "GAMMA", "BETA"))
    assert relevant([episode], small, "SEL", "BUY", ["ALPHA"]) is None
    shock = shock_of(episode, table)
    assert set(shock.legs[0].buyers) == {"BUY", "OTH"}
    assert shock.legs[0].kept[0, 49] == 0
    assert shock.legs[0].kept[0, 50] == 1


def test_weighted_quantiles() -> None:
    values = np.random.default_rng(0).random(1001)
    even = weighted_quantiles(values, np.ones(1001))
    np.testing.assert_allclose(even, np.quantile(values, (0.05, 0.5, 0.95)), atol=2e-3)
    # Twice the weight is the same as twice the draw.
    twice = np.append(values, values[:500])
    weights = np.where(np.arange(1001) < 500, 2.0, 1.0)
    np.testing.assert_allclose(
        weighted_quantiles(values, weights), weighted_quantiles(twice, np.ones(1501)), atol=2e-3
    )
    figure = spread("x", "days", values, (cases.SOURCE,), weights=weights)
    assert figure.value == pytest.approx(weighted_quantiles(values, weights)[1])


def test_the_embedded_episodes_read_and_name_known_goods() -> None:
    world = World.default()
    for episode in read_episodes(world.data_file("fit_episodes")):
        assert episode.products <= set(world.catalogue)
        assert episode.targets
        assert by_grade(episode, world.parts).products <= set(world.products)


def test_a_product_in_grades_is_throttled_and_seen_in_all_of_them() -> None:
    """Two grades that move alike are the product: the same weights as of an episode in one product."""
    two = {"WHOLE": ("ALPHA", "BETA")}
    seen = Target("output_lost", "BUY", "WHOLE", 0.01, 0.01, day=40)
    flows = (("WHOLE", 0, 0.0), ("WHOLE", 50, 1.0))
    whole = replace(past(seen, WHOLE), flows=flows)
    episode = by_grade(whole, lambda product: two.get(product, ()))
    assert episode.products == {"ALPHA", "BETA"}
    assert episode.targets[0].nodes == (("BUY", "ALPHA"), ("BUY", "BETA"))
    assert episode.targets[1].nodes == (("BUY", "C29"),)
    table, draws = cases.table(0), stocks([5.0] * 8 + [90.0] * 8)
    assert relevant([episode], table, "SEL", "BUY", ["ALPHA"]) is episode
    assert relevant([whole], table, "SEL", "BUY", ["WHOLE"]) is None
    found = fit(episode, table, draws, cases.book())
    engine = SectorEngine(cases.book())
    nodes = [("BUY", "ALPHA"), ("BUY", "BETA")]
    output = engine.outputs(table, shock_of(episode, table), draws, nodes)[:, :40]
    weight = np.array([table.x[0, table.node(*n)] for n in nodes])
    lost = 1 - (output.mean(axis=1) * weight).sum(axis=1) / weight.sum()
    assert found.seen[0][1] == pytest.approx(weighted_quantiles(lost, np.ones(16)))


def test_a_bad_file_names_every_fault(tmp_path: Path) -> None:
    text = World.default().data_file("fit_episodes").read_text("utf-8")
    bad = text.replace("kept = 0.54", "kept = 1.54").replace('"first_day"', '"frist_day"')
    path = tmp_path / "bad.toml"
    path.write_text(
        bad.replace("value = 52, tolerance = 2.0", "value = 52, tolerance = -1") + "\n[x]\ntitle = 'y'\n"
    )
    with pytest.raises(InputError) as caught:
        read_episodes(path)
    for words in ("1.54", "frist_day", "first_day", "tolerance -1", "episode x cannot be read"):
        assert words in str(caught.value)
