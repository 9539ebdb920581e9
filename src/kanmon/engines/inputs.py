"""From parameters and a shock to the arrays of the shortage kernel, for all draws of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..core.draws import Draws, Uncertain
from ..core.errors import InputError, Problem, nearest
from ..core.source import Source
from ..expose.records import Shock
from ..world.records import SplitTable
from .extras import extras, switched_off

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

GOODS = "ABC"
"""Sections of ISIC Rev. 4 whose products can be stored: agriculture, mining, manufacturing. Group codes of
industries begin with the letter of their section."""
CLASSES = 5
ORDINARY = "ordinary inputs"
ORDINARY_MADE = "ordinary manufactured inputs"
MANUFACTURING = "manufacturing"


class ParameterBook(Protocol):
    """What the engine asks of the parameters (`kanmon.world.parameters.Parameters` offers it)."""

    def lookup(self, symbol: str, product: str = "", sector: str = "", country: str = "") -> Uncertain | None:
        """The row that holds for (product, sector, country), or None."""
        ...

    def scale(self, symbol: str, product: str, country: str) -> Uncertain | None:
        """The multiplier for a value transferred to this country, or None."""
        ...


@dataclass
class Reader:
    """Looks parameters up, samples them, and remembers what it took from where."""

    book: ParameterBook
    draws: Draws
    used: dict[Source, None] = field(default_factory=dict)
    transferred: dict[str, set[str]] = field(default_factory=dict)
    absent: dict[str, set[str]] = field(default_factory=dict)

    def of(self, symbol: str, product: str, sector: str, country: str) -> Array | None:
        """Draws of one parameter, (draws,); None where no row holds. Transferred values are scaled."""
        row = self.book.lookup(symbol, product, sector, country)
        if row is None:
            return None
        value = self._sampled(row)
        if row.note.startswith("transferred"):
            self.transferred.setdefault(symbol, set()).add(country)
            factor = self.book.scale(symbol, product, country)
            if factor is not None:
                value = value * self._sampled(factor)
        return value

    def own(self, symbol: str, product: str, country: str) -> Array | None:
        """As `of`, but a value of another country does not serve (state stocks are not transferable)."""
        row = self.book.lookup(symbol, product, "", country)
        if row is None or row.note.startswith("transferred"):
            return None
        return self._sampled(row)

    def first(self, *wishes: tuple[str, str, str, str], otherwise: float, say: str) -> Array:
        """The first parameter that is known; else a constant, remembered under the sentence `say`."""
        for wish in wishes:
            found = self.of(*wish)
            if found is not None:
                return found
        self.absent.setdefault(say, set()).add(f"{wishes[0][1]} ({wishes[0][3]})")
        return np.full(self.draws.count, otherwise)

    def _sampled(self, row: Uncertain) -> Array:
        self.used.setdefault(row.source)
        found = self.draws.values.get(row.key)
        return np.full(self.draws.count, row.mid) if found is None else np.asarray(found)


@dataclass(frozen=True)
class Structure:
    """Which products are controlled, which are stored, and the stock rows of each."""

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    controlled: tuple[str, ...]
    first: NDArray[np.int64]
    index: NDArray[np.int64]
    goods: NDArray[np.bool_]

    @property
    def product(self) -> NDArray[np.int64]:
        """Product of each stock row."""
        return np.repeat(np.arange(len(self.sectors)), np.diff(self.first))


def structure(table: SplitTable, shock: Shock) -> Structure:
    """Split products, and sectors under a leg, are controlled; other goods have one stock row."""
    legs = {leg.product for leg in shock.legs}
    controlled = tuple(s for s in table.sectors if s in table.products or s in legs)
    index = np.array([controlled.index(s) if s in controlled else -1 for s in table.sectors])
    goods = np.array([c >= 0 or s[0] in GOODS for s, c in zip(table.sectors, index, strict=True)])
    rows = np.where(index >= 0, CLASSES, goods.astype(np.int64))
    first = np.concatenate([[0], np.cumsum(rows)])
    return Structure(table.regions, table.sectors, controlled, first, index, goods)


@dataclass(frozen=True)
class Prepared:
    """Parameters of all draws, draw axis first; names as in `ShortageInput`."""

    structure: Structure
    phi: Array
    phi_ordinary: Array
    goal: Array
    restock: Array
    sigma: Array
    working: Array
    spare: Array
    ramp: Array
    resource: Array
    beta_max: Array
    beta_lead: Array
    state: Array
    release: Array
    restart: Array
    upstream: Array
    recapture: Array
    overtime: Array
    waiting: Array
    assumptions: tuple[str, ...]
    sources: tuple[Source, ...]


def prepare(
    table: SplitTable,
    shock: Shock,
    draws: Draws,
    book: ParameterBook,
    without: frozenset[str] = frozenset(),
) -> Prepared:
    """Look every parameter up once, for all draws; `without`: parts left out (extras.SWITCHES)."""
    s, read = structure(table, shock), Reader(book, draws)
    arrays = _stocks(s, read) | _sellers(s, read) | _thrift(s, read)
    arrays |= extras(s.regions, s.sectors, s.goods, draws.count, read)
    arrays = switched_off(arrays, without)
    if "private_stocks" in without:
        arrays["goal"][:, s.index >= 0] = 1.0
    phi, ordinary, guessed = _phi(table, s, read)
    return Prepared(
        structure=s,
        phi=phi,
        phi_ordinary=ordinary,
        assumptions=_sentences(read, guessed, table),
        sources=tuple(read.used),
        **arrays,
    )


def _stocks(s: Structure, read: Reader) -> dict[str, Array]:
    """Cover, refill time and working stock, (draws, S, R); spread of cover over classes, (draws, K)."""
    D, shape = read.draws.count, (len(s.sectors), len(s.regions))
    goal, restock, working = np.ones((D, *shape)), np.ones((D, *shape)), np.ones((D, *shape))
    for p, product in enumerate(s.sectors):
        if not s.goods[p]:
            continue
        controlled = s.index[p] >= 0
        for r, region in enumerate(s.regions):
            plain = ("n_ordinary", ORDINARY, MANUFACTURING, region)
            wishes = (("n_private", product, "", region), plain) if controlled else (plain,)
            goal[:, p, r] = read.first(*wishes, otherwise=30.0, say="a stock of 30 days is assumed for")
            name = product if controlled else ORDINARY
            restock[:, p, r] = read.first(
                ("tau_restock", name, "", region), otherwise=30.0, say="30 days to refill are assumed for"
            )
            if controlled:
                working[:, p, r] = read.first(
                    ("m_work", product, "", region),
                    otherwise=1.0,
                    say="a working stock of one day is assumed for",
                )
    sigma = (
        np.stack(
            [
                read.first(
                    ("sigma_stock", k, "", ""),
                    otherwise=0.0,
                    say="no spread of stocks is assumed for",
                )
                for k in s.controlled
            ],
            axis=1,
        )
        if s.controlled
        else np.zeros((D, 0))
    )
    # Below one day of cover a daily model has no stock at all.
    return {
        "goal": np.maximum(goal, 1.0),
        "restock": np.maximum(restock, 1.0),
        "working": working,
        "sigma": sigma,
    }


def _sellers(s: Structure, read: Reader) -> dict[str, Array]:
    """Spare output and ramp by seller, (draws, N); days to leave a throttled cell, (draws, K, R)."""
    D, S, R = read.draws.count, len(s.sectors), len(s.regions)
    spare, ramp = np.zeros((D, R * S)), np.ones((D, R * S))
    resource = np.ones((D, len(s.controlled), R))
    for k, product in enumerate(s.controlled):
        p = s.sectors.index(product)
        for r, region in enumerate(s.regions):
            found = read.of("spare", product, "", region)
            if found is not None:
                spare[:, r * S + p] = found
                ramp[:, r * S + p] = read.first(
                    ("ramp", product, "", region), otherwise=1.0, say="spare output is ready at once for"
                )
            resource[:, k, r] = read.first(
                ("tau_resource", product, "", region), otherwise=45.0, say="orders move within 45 days for"
            )
    return {"spare": spare, "ramp": np.maximum(ramp, 1.0), "resource": np.maximum(resource, 1.0)}


def _thrift(s: Structure, read: Reader) -> dict[str, Array]:
    """Thrift and state stocks of each controlled product and buyer region, (draws, K, R)."""
    shape = (read.draws.count, len(s.controlled), len(s.regions))
    beta, lead, state, release = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for k, product in enumerate(s.controlled):
        for r, region in enumerate(s.regions):
            saved = read.of("beta_max", product, "", region)
            if saved is not None:
                beta[:, k, r] = saved
                lead[:, k, r] = read.first(
                    ("beta_lead", product, "", region),
                    otherwise=150.0,
                    say="thrift begins after 150 days for",
                )
            held = read.own("n_state", product, region)
            if held is not None:
                state[:, k, r] = held
                release[:, k, r] = read.first(
                    ("t_release", "state stocks", "", region),
                    otherwise=20.0,
                    say="state stocks open after 20 days for",
                )
    return {"beta_max": beta, "beta_lead": lead, "state": state, "release": release}


def _phi(table: SplitTable, s: Structure, read: Reader) -> tuple[Array, Array, dict[str, set[str]]]:
    """Share of output that needs each controlled product, (draws, K, N); the ordinary share; what is guessed.

    A split product without a figure of its own takes its parent's. Service industries stop for no ordinary
    input; other buyers without a figure take the ordinary share.
    """
    D, S, N = read.draws.count, len(s.sectors), len(s.sectors) * len(s.regions)
    ordinary = read.of("phi", ORDINARY_MADE, MANUFACTURING, "")
    if ordinary is None:
        ordinary = np.full(D, 0.5)
        read.absent.setdefault("half of output needs each of", set()).add("the ordinary goods")
    phi = np.zeros((D, len(s.controlled), N))
    guessed: dict[str, set[str]] = {}
    for k, product in enumerate(s.controlled):
        for j in np.flatnonzero(table.buyers[s.sectors.index(product)]):
            buyer, region = s.sectors[j % S], s.regions[j // S]
            found = read.of("phi", product, buyer, region)
            if found is None and buyer in table.parents:
                found = read.of("phi", product, table.parents[buyer], region)
            if found is None and s.goods[j % S]:
                found = ordinary
                guessed.setdefault(product, set()).add(buyer)
            if found is not None:
                phi[:, k, j] = np.clip(found, 0.0, 1.0)
    return phi, ordinary, guessed


def _sentences(read: Reader, guessed: dict[str, set[str]], table: SplitTable) -> tuple[str, ...]:
    """What was assumed for want of a figure, in words."""
    found = [
        f"No figure says what share of output needs {p} in {_list(b)}: the share of ordinary inputs is used."
        for p, b in sorted(guessed.items())
    ]
    found += [
        f"Figures for {symbol} in {_list(places)} are taken over from another country."
        for symbol, places in sorted(read.transferred.items())
        if places & set(table.regions)
    ]
    found += [f"For want of a figure, {say} {_list(what)}." for say, what in sorted(read.absent.items())]
    return tuple(found)


def _list(words: Iterable[str]) -> str:
    ordered = sorted(words)
    return ", ".join(ordered[:8]) + (f" and {len(ordered) - 8} more" if len(ordered) > 8 else "")


def check_run(table: SplitTable, shock: Shock, draws: Draws, months: tuple[int, ...]) -> None:
    """Refuse a run whose parts do not fit together, all problems at once."""
    problems = []
    if draws.count < 1:
        problems.append(Problem("no draws", fix="ask for at least 1 draw"))
    if not months or min(months) < 1:
        problems.append(Problem("no horizon", where="months", fix="give months of 1 or more"))
    elif (horizon := round(max(months) * 365 / 12)) > shock.days:
        problems.append(
            Problem(
                f"the shock is given for {shock.days} days, the horizon needs {horizon}",
                where="months",
                fix="build the shock with more days, or ask for fewer months",
            )
        )
    for name, have in (("table", table.draws), ("shock", shock.draws)):
        if have not in (1, draws.count) and have < draws.count:
            problems.append(
                Problem(f"the {name} has {have} draws, the run {draws.count}", fix="use the same draws")
            )
    if table.Z.min() < 0:
        problems.append(Problem("a flow of the table is negative", why="an order cannot be negative"))
    off = np.abs(table.x - table.Z.sum(axis=2) - table.final).max()
    if off > 1e-6 * np.abs(table.x).max():
        problems.append(
            Problem(f"output differs from the sum of its uses by {off:.3g}", fix="balance the table")
        )
    for leg in shock.legs:
        if not ((leg.kept >= 0) & (leg.kept <= 1)).all():  # not a number fails both
            problems.append(
                Problem(
                    "the share that still moves is not within 0 and 1 on every day",
                    where=f"leg {leg.seller} {leg.product}",
                    fix="give shares, leakage included, of normal sales",
                )
            )
        unknown = [(leg.product, table.sectors)] + [(r, table.regions) for r in (leg.seller, *leg.buyers)]
        problems += [
            Problem(
                f"{name!r} is not in the table",
                where=f"leg {leg.seller} {leg.product}",
                near=nearest(name, valid),
            )
            for name, valid in unknown
            if name not in valid
        ]
    if problems:
        raise InputError(problems)
