"""How an instrument is handled: what it reaches, and what of that it stops on each day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.draws import Uncertain
from ..core.source import ASSUMPTION
from . import paths
from .case import Case, Handling, Notes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..measure.measure import Covered

    Array = NDArray[np.float64]


def reach_of(case: Case, item: Covered, notes: Notes) -> Array:
    """Share of the buyer's purchases that the clause reaches, (draws,)."""
    assert item.affected is not None
    low, mid, high = item.affected
    if high <= low:
        found = np.full(case.draws.count, mid)
    else:
        notes.say(
            f"Share of purchases reached ({item.scenario}): {low:g}-{mid:g}-{high:g}, one draw for all "
            "products."
        )
        found = paths.from_rank(item.affected, case.rank("affected", item.scenario))
    for symbol in ("share", "buyer_share"):
        if symbol in case.own:
            found = found * case.sampled(case.own[symbol], notes)
    return found


def path_of(case: Case, instrument: Handling, item: Covered, cell: str, product: str, notes: Notes) -> Array:
    """Stopped share of what is reached, by draw and day, for one instrument.

    product: whose parameters are read, "" for those of all products; cell: row of the table.
    """
    ones = np.ones(case.draws.count)
    moves = volume_of(case, instrument, item, cell, notes)
    if instrument in ("quota", "other", "tax") and moves is None:
        if instrument != "tax":
            notes.say(
                f"The record gives no volume for the instrument ({instrument}): a complete stop of what it "
                "reaches stands in its place, so the result is an upper bound."
            )
        return paths.ban(ones, case.days)
    enforced = case.values("e_enforce", product, case.coverage.buyer, notes)
    if enforced is None:
        notes.say("Enforcement is unknown: complete.")
        enforced = ones
    if instrument == "licence":
        return np.asarray(enforced[:, None] * _licence(case, product, notes))
    if instrument == "throttling":
        late = case.sampled(case.own["delay"], notes) if "delay" in case.own else 0.0 * ones
        rest = ones if moves is None else moves
        return np.asarray(enforced[:, None] * paths.licence(late, rest, case.days))
    return paths.ban(enforced if moves is None else enforced * (1.0 - moves), case.days)


def volume_of(case: Case, instrument: Handling, item: Covered, cell: str, notes: Notes) -> Array | None:
    """Share of the normal flow that a quota or throttling lets through, (draws,): min(1, quota / flow).

    None where the instrument has no volume or none is given.
    """
    if instrument not in ("quota", "throttling"):
        return None
    if "volume_share" in case.own:
        return np.minimum(1.0, case.sampled(case.own["volume_share"], notes))
    if "volume" in case.own:
        amount = case.sampled(case.own["volume"], notes)
        if "normal" in case.own:
            flow = case.sampled(case.own["normal"], notes)
        elif case.normal is not None:
            notes.say("One volume serves all its sellers, goods and buyers, in proportion to normal flows.")
            flow = case.normal
        else:
            flow = flow_of(case, cell)
        share = np.divide(amount, flow, out=np.ones(case.draws.count), where=flow > 0)
        return np.minimum(1.0, share)
    row = volume_row(item, case.coverage.buyer)
    if row is None:
        return None
    notes.say("A quota is spread evenly over the year.")
    return np.minimum(1.0, case.sampled(row, notes))


def volume_row(item: Covered, buyer: str) -> Uncertain | None:
    """What the record says of a quota's volume, as an uncertain input; None where it says nothing."""
    volume = item.volume
    if volume is None or volume.low is None or volume.value is None or volume.high is None:
        return None
    key = ("volume_share", item.product or ", ".join(item.hs), item.scenario, buyer)
    ends = volume.low, volume.value, volume.high
    source = volume.sources[0] if volume.sources else ASSUMPTION
    return Uncertain(key, *ends, "triangular", "share", volume.basis, source, volume.note)


def flow_of(case: Case, cell: str) -> Array:
    """What the seller normally sells of a row of the table to the buyer's industries, USD million a year.

    (draws,). Of a table whose versions are made chunk by chunk the sales of a sector are known for the first
    versions only: their mean stands for all (sectors do not differ between draws but for what is carved out).
    """
    regions = case.table.regions
    sold = case.table.sold(cell)[:, regions.index(case.coverage.seller), regions.index(case.coverage.buyer)]
    return per_draw(sold, case.draws.count)


def per_draw(values: Array, count: int) -> Array:
    """Values by version of the table as values by draw, (draws,)."""
    if values.shape[0] >= count:
        return np.asarray(values[:count])
    return np.full(count, float(values.mean()))


def _licence(case: Case, product: str, notes: Notes) -> Array:
    """All during the review, then what is not approved; watch-listed buyers get no licence."""
    buyer, seller = case.coverage.buyer, case.coverage.seller
    review = case.values("t_review", product, seller, notes)
    approval = case.values("approval", product, buyer, notes)
    if approval is None:
        notes.say(
            "Approval of licences is unknown for some goods: anything from none to all, one draw for all."
        )
        approval = case.unknown("approval")
    watched = case.values("watch_share", product, buyer, notes)
    if watched is None:
        notes.say(
            "The share of purchases by buyers on a watch list, whose review has no end, is unknown: "
            "approval rates are used as they were observed over all civil buyers."
        )
    else:
        approval = approval * (1 - watched)
    if review is None:
        notes.say("The review time of licences is unknown: no licence is given within the horizon.")
        return paths.ban(np.ones(case.draws.count), case.days)
    notes.say(
        f"Applications are made on day {case.begins}; working days count 7/5 calendar days, without holidays."
    )
    return paths.licence(paths.calendar_days(review), approval, case.days)
