"""Draws weighed against a past episode: which of them could have given what was seen then.

The prior of the parameters is wide and partly judgement. An episode with a known shock and known effects
says which draws are credible: each is run on that shock and weighed by how near it comes to what was seen
(importance weights; Kennedy and O'Hagan 2001 for the idea of calibration on observed output). Fitted and
unfitted bands are both shown, and the episode is then no test of the model any more.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.draws import Draws
from ..core.errors import InputError, Problem
from ..core.source import Source
from ..core.spread import weighted_quantiles
from ..expose.records import Leg, Shock
from ..world.records import SplitTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .inputs import ParameterBook

    Array = NDArray[np.float64]

ALL = "all"
LEAST_DRAWS = 8.0
"""A fitted band needs as many draws of full weight; below, none is given."""
METRICS = ("output_lost", "first_day")


@dataclass(frozen=True)
class Target:
    """Something seen in the episode; meaning of the fields in fit_episodes.toml.

    grades: what stands in the table for `sector` where that is a product in grades; empty for any other.
    """

    metric: str
    region: str
    sector: str
    value: float
    tolerance: float
    day: int = 0
    threshold: float = 0.01
    grades: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[tuple[str, str], ...]:
        """(region, sector) of what was seen, in the table's names."""
        return tuple((self.region, sector) for sector in self.grades or (self.sector,))


@dataclass(frozen=True)
class Episode:
    """A past restriction: what moved and what was seen. flows: (product, from day, share moved)."""

    id: str
    title: str
    seller: str
    buyers: tuple[str, ...]
    days: int
    without: tuple[str, ...]
    flows: tuple[tuple[str, int, float], ...]
    targets: tuple[Target, ...]
    source: Source
    note: str

    @property
    def products(self) -> frozenset[str]:
        """Products that it throttled."""
        return frozenset(product for product, _, _ in self.flows)


@dataclass(frozen=True)
class Fit:
    """Weights of draws after an episode, (draws,), summing to one.

    effective: (sum w)^2 / sum w^2, the number of draws of full weight that they are worth. whole: draws
    within every limit. seen: (target, median and 5-95 % of what the unweighted draws give).
    """

    episode: Episode
    weights: Array
    effective: float
    whole: int
    seen: tuple[tuple[Target, tuple[float, float, float]], ...]

    @property
    def usable(self) -> bool:
        """Whether enough draws are left for a band."""
        return self.effective >= LEAST_DRAWS

    def band(self, values: Array) -> tuple[float, float, float]:
        """Weighted 5, 50 and 95 % quantiles of values by draw, (draws,)."""
        low, mid, high = weighted_quantiles(values, self.weights)
        return low, mid, high

    def sentence(self) -> str:
        """What was done, for the report."""
        count = self.weights.size
        text = f"{self.whole} of {count} draws give what was seen in the episode '{self.episode.title}'"
        worth = f"weighed by nearness they are worth {self.effective:.0f} draws"
        end = "" if self.usable else ", too few for a band"
        return f"{text}; {worth}{end}. That episode is no test of the model any more."


def read_episodes(path: Path) -> tuple[Episode, ...]:
    """Episodes of a TOML file; InputError names every fault."""
    with path.open("rb") as stream:
        raw = tomllib.load(stream)
    found, problems = [], []
    for key, record in raw.items():
        try:
            episode = _episode(key, record)
        except (KeyError, TypeError, ValueError) as fault:
            problems.append(Problem(f"episode {key} cannot be read: {fault}", path.name))
            continue
        problems += _faults(episode, path.name)
        found.append(episode)
    if problems:
        raise InputError(problems)
    return tuple(found)


def by_grade(e: Episode, parts: Callable[[str], tuple[str, ...]]) -> Episode:
    """The episode in the names of a table: of a product in grades every grade moved alike, and all are seen.

    parts: a product's id to what stands in the table for it, nothing for a sector (`World.parts`).
    """
    flows = tuple((part, day, share) for k, day, share in e.flows for part in parts(k) or (k,))
    targets = tuple(replace(t, grades=parts(t.sector)) for t in e.targets)
    return replace(e, flows=flows, targets=targets)


def _episode(key: str, record: dict[str, Any]) -> Episode:
    buyers = record["buyers"]
    return Episode(
        id=key,
        title=record["title"],
        seller=record["seller"],
        buyers=(buyers,) if isinstance(buyers, str) else tuple(buyers),
        days=int(record["days"]),
        without=tuple(record.get("without", ())),
        flows=tuple((str(f["product"]), int(f["day"]), float(f["kept"])) for f in record["flows"]),
        targets=tuple(Target(**t) for t in record["targets"]),
        source=Source(f"episode-{key}", record["source"], url=record["url"], confidence=record["confidence"]),
        note=record["note"],
    )


def _faults(e: Episode, where: str) -> list[Problem]:
    place = f"{where} {e.id}"
    found = [Problem(f"a share of {s:g} of {p}", place) for p, _, s in e.flows if not 0 <= s <= 1]
    found += [
        Problem(f"unknown metric {t.metric}", place, near=METRICS)
        for t in e.targets
        if t.metric not in METRICS
    ]
    found += [
        Problem(f"tolerance {t.tolerance:g} of {t.sector}", place) for t in e.targets if t.tolerance <= 0
    ]
    found += [Problem(f"day {t.day} is after the run", place) for t in e.targets if t.day > e.days]
    return found


def relevant(
    episodes: Iterable[Episode], table: SplitTable, seller: str, buyer: str, products: Iterable[str]
) -> Episode | None:
    """The first episode of this seller with a target at this buyer and a product in common; else None.

    All that it throttled and saw must stand apart in the table.
    """
    asked = set(products)
    for e in episodes:
        named = {t.region for t in e.targets} | {e.seller}
        known = {sector for t in e.targets for _, sector in t.nodes} | e.products
        fits = e.seller == seller and any(t.region == buyer for t in e.targets) and bool(e.products & asked)
        if fits and named <= set(table.regions) and known <= set(table.sectors):
            return e
    return None


def shock_of(e: Episode, table: SplitTable) -> Shock:
    """The episode as a shock: the same in every draw."""
    buyers = tuple(r for r in table.regions if r != e.seller) if ALL in e.buyers else e.buyers
    legs = []
    for product in sorted(e.products):
        kept = np.ones((1, e.days))
        for _, day, share in sorted((f for f in e.flows if f[0] == product), key=lambda f: f[1]):
            kept[:, day:] = share
        legs.append(Leg(e.seller, product, buyers, kept, np.zeros_like(kept)))
    return Shock(e.id, e.title, tuple(legs), e.days, 1, {}, False, (e.note,), (e.source,))


def fit(
    e: Episode, table: SplitTable, draws: Draws, book: ParameterBook, *, table_dtype: type = np.float64
) -> Fit:
    """Run every draw on the episode and weigh it by what was seen.

    A draw's weight is the product over targets of exp(-miss^2 / 2), miss in tolerances: how far a loss lies
    above its limit, or the first day from the day seen (ratio, in logarithms; a day that never comes counts
    as the end of the run).
    """
    from .sector import SectorEngine

    engine = SectorEngine(book, without=e.without, table_dtype=table_dtype)
    nodes = [node for t in e.targets for node in t.nodes]
    output = engine.outputs(table, shock_of(e, table), draws, nodes)
    log_weight = np.zeros(draws.count)
    whole = np.ones(draws.count, dtype=bool)
    seen = []
    for target in e.targets:
        value, miss = _miss(target, _joint(table, output, nodes, target))
        log_weight -= miss**2 / 2
        whole &= miss <= 1.0 if target.metric == "first_day" else miss <= 0.0
        low, mid, high = weighted_quantiles(value, np.ones_like(value))
        seen.append((target, (low, mid, high)))
    weights = np.exp(log_weight - log_weight.max())
    weights /= weights.sum()
    return Fit(e, weights, float(1.0 / (weights**2).sum()), int(whole.sum()), tuple(seen))


def _joint(table: SplitTable, output: Array, nodes: Sequence[tuple[str, str]], target: Target) -> Array:
    """Daily output of a target as a share of normal, (draws, days): its grades weighed by normal output."""
    x = np.stack([table.x[:, table.node(*node)] for node in target.nodes], axis=1)
    weight = x / np.maximum(x.sum(axis=1, keepdims=True), 1e-300)
    mine = output[:, :, [nodes.index(node) for node in target.nodes]]
    return np.asarray((mine * weight[:, None]).sum(axis=2))


def _miss(target: Target, output: Array) -> tuple[Array, Array]:
    """What the draws give, and how many tolerances that is from what was seen, (draws,) each."""
    if target.metric == "output_lost":
        lost = 1.0 - output[:, : target.day].mean(axis=1)
        return lost, np.maximum(0.0, lost - target.value) / target.tolerance
    below = output <= 1.0 - target.threshold
    day = np.where(below.any(axis=1), below.argmax(axis=1), output.shape[1]).astype(np.float64)
    return day, np.abs(np.log(np.maximum(day, 1.0) / target.value)) / np.log(target.tolerance)
