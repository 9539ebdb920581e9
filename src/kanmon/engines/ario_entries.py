"""The events of a scenario file, each [[...]] of it read and checked against the labels of a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..kernels.ario_events import (
    CURVES,
    SHORTEST,
    CapacityLoss,
    CapitalDestroyed,
    CapitalRecovers,
    Curve,
    FinalDemand,
    Restriction,
)
from .ario_fields import Fields, Labels
from .ario_overlaps import Entry, FinalStop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

MOST_STEPS = 36_500
RESTRICTION = (
    *("name", "seller", "product", "buyer", "begin", "end", "enforcement", "leakage", "share"),
    *("resource_days", "domestic", "final"),
)
CAPACITY = ("name", "region", "sector", "loss", "begin", "duration", "recovery", "curve", "timing")
CAPITAL = (
    *("name", "region", "sector", "amount", "begin", "duration", "rebuilders", "rebuild_days", "factor"),
    *("recover", "recovery"),
)
DEMAND = ("name", "region", "sector", "change", "begin", "end", "destination")


@dataclass
class EventReader:
    """What the parts of a scenario are read against."""

    top: Fields
    labels: Labels
    value_added: Array
    start: date | None
    last: int
    final: Array | None = None
    final_to: Array | None = None

    def _days(self, f: Fields) -> tuple[int, int]:
        begin = f.day("begin", self.start, None, self.last)
        end = f.day("end", self.start, self.last, MOST_STEPS)
        if end < begin:
            f.wrong(
                f"it ends on day {end}, before it begins on day {begin}", fix="give a later end", key="end"
            )
        return begin, max(begin, end)

    def restriction(self, f: Fields) -> Entry:
        """Sales that stop: across borders, unless `domestic`; to final buyers too, if `final`."""
        f.known(RESTRICTION)
        sellers, products = f.places("seller", self.labels), f.sectors("product", self.labels)
        buyers = f.industries("buyer", self.labels)
        begin, end = self._days(f)
        terms = (
            f.number("enforcement", 1.0, 0.0, 1.0),
            f.number("leakage", 0.0, 0.0, 1.0),
            f.number("share", 1.0, 0.0, 1.0),
            f.number("resource_days", math.inf, 0.0),
        )
        entry, at_home = Entry(f.where), f.flag("domestic", default=False)
        parts = _across(sellers, buyers, domestic=at_home)
        for who, whom in parts:
            sold, bought = self._flags({(r, s) for r in who for s in products}), self._flags(whom)
            entry.events.append(Restriction(sold, bought, begin, end, *terms))
        both = sellers & {r for r, _ in buyers}
        if both and not at_home:
            if not parts:
                f.wrong(
                    f"{', '.join(sorted(both))} is seller and buyer",
                    "an export restriction does not cover sales at home",
                    "name another buyer, or domestic = true",
                    key="buyer",
                )
            named = ", ".join(sorted(both)[:4]) + (f" and {len(both) - 4} more" if len(both) > 4 else "")
            entry.notes.append(f"{f.where}: sales at home are not covered ({named}); domestic = true does")
        if f.flag("final", default=False):
            self._final(f, entry, sellers, products, {r for r, _ in buyers}, at_home=at_home)
        return entry

    def _final(
        self, f: Fields, entry: Entry, sellers: set[str], products: set[str], to: set[str], *, at_home: bool
    ) -> None:
        """The same restriction on sales to final buyers."""
        if self.final_to is None:
            f.wrong(
                "the table does not say where final demand is",
                "a restriction of final sales needs its destination",
                "final = false, or a table with final demand by region (--table)",
                key="final",
            )
            return
        for limit in entry.limits[:1]:
            for seller in sorted(sellers):
                regions = np.array([r in to and (at_home or r != seller) for r in self.labels.regions])
                sold = self._flags({(seller, s) for s in products})
                entry.stops.append(FinalStop(replace(limit, sellers=sold), regions))

    def capacity(self, f: Fields) -> Entry:
        """Capacity lost for a while."""
        f.known(CAPACITY)
        hit = self._hit(f)
        loss = np.where(hit, f.number("loss", None, 0.0, 1.0), 0.0)
        begin, duration = f.day("begin", self.start, None, self.last), f.whole("duration", 1, 0)
        curve = cast("Curve", f.choice("curve", "linear", CURVES))
        timing = cast("Any", f.choice("timing", "exact", ("exact", "reference")))
        recovery = self._recovery(f, curve, 0)
        return Entry(f.where, [CapacityLoss(loss, begin, duration, recovery, curve, timing)])

    def _recovery(self, f: Fields, curve: Curve, least: int) -> int:
        """Days of recovery, long enough for the curve."""
        days, short = f.whole("recovery", least, least), SHORTEST.get(curve, 1)
        if max(least, 1) <= days < short:
            f.wrong(
                f"a curve {curve} cannot recover in {days} days",
                f"it takes {short} or more",
                f'recovery = {short}, or the curve "linear"',
                key="recovery",
            )
            return short
        return days

    def capital(self, f: Fields) -> Entry:
        """Capital lost, rebuilt on demand or coming back by itself."""
        f.known(CAPITAL)
        hit = self._hit(f)
        amount = f.number("amount", None, 0.0)
        base = np.where(hit, np.maximum(self.value_added, 0.0), 0.0)
        if hit.any() and amount > 4 * base.sum():
            why = f"the industries hit have {4 * base.sum():,.6g}, four times a year's value added"
            f.wrong(f"{amount:,.6g} of capital is more than there is", why, key="amount")
            amount = 0.0
        impact = amount * base / max(float(base.sum()), 1e-300)
        begin = f.day("begin", self.start, None, self.last)
        duration = f.whole("duration", 1, 0)
        if "recover" in f.raw:
            curve = cast("Curve", f.choice("recover", "linear", CURVES))
            recovery = self._recovery(f, curve, 1)
            return Entry(f.where, [CapitalRecovers(impact, begin, duration, recovery, curve)])
        shares = self._rebuilders(f)
        days = f.number("rebuild_days", 60.0, 1.0)
        factor = f.number("factor", 1.0, 1e-6, 1e6)
        return Entry(f.where, [CapitalDestroyed(impact, begin, duration, shares, days, factor)])

    def demand(self, f: Fields) -> Entry:
        """Final demand for goods of some regions rises or falls; everywhere, or at some destinations."""
        f.known(DEMAND)
        hit, change = self._hit(f), f.number("change", None, -1.0, 10.0)
        begin, end = self._days(f)
        base = np.zeros(hit.size) if self.final is None else np.maximum(self.final, 0.0)
        if "destination" in f.raw:
            to = f.places("destination", self.labels)
            if self.final_to is None:
                f.wrong(
                    "the table does not say where final demand is",
                    fix="leave destination out, or take a table with final demand by region (--table)",
                    key="destination",
                )
            else:
                at = [r in to for r in self.labels.regions]
                base = np.asarray(np.maximum(self.final_to[:, at], 0.0).sum(axis=1))
        return Entry(f.where, [FinalDemand(change * np.where(hit, base, 0.0), begin, end)])

    def _rebuilders(self, f: Fields) -> Array:
        """Share of the rebuilding bought from each product, (S,)."""
        shares = np.zeros(len(self.labels.sectors))
        given = f.raw.get("rebuilders")
        if not isinstance(given, Mapping) or not given:
            f.wrong("rebuilders is missing", "somebody must rebuild", "rebuilders = { SECTOR = 1.0 }")
            return shares
        for word, share in given.items():
            one = f.part({"sector": word}, f"{f.where}, rebuilders").sectors("sector", self.labels)
            for sector in one:
                shares[self.labels.sectors.index(sector)] = f.checked(share, f"rebuilders.{word}", 0.0, 1.0)
        if abs(shares.sum() - 1) > 1e-9:
            f.wrong(
                f"the shares sum to {shares.sum():g}", "together they rebuild all of it", key="rebuilders"
            )
        return shares

    def _hit(self, f: Fields) -> NDArray[np.bool_]:
        regions, sectors = f.places("region", self.labels), f.sectors("sector", self.labels)
        return self._flags({(r, s) for r in regions for s in sectors})

    def _flags(self, nodes: set[tuple[str, str]]) -> NDArray[np.bool_]:
        return np.array([(r, s) in nodes for r in self.labels.regions for s in self.labels.sectors])


def _across(
    sellers: set[str], buyers: set[tuple[str, str]], *, domestic: bool
) -> list[tuple[set[str], set[tuple[str, str]]]]:
    """Sellers with those buyers that a restriction covers; each seller that buys too stands by itself."""
    both = set() if domestic else sellers & {r for r, _ in buyers}
    parts = [(sellers - both, buyers)] if sellers - both else []
    parts += [({seller}, {(r, s) for r, s in buyers if r != seller}) for seller in sorted(both)]
    return [(who, whom) for who, whom in parts if who and whom]
