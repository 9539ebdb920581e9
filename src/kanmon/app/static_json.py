"""The answer of `kanmon sector static` as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..core.errors import InputError

if TYPE_CHECKING:
    from ..engines.rerouting import Rerouting
    from ..engines.static import Base, Diagnostic
    from .commands.sector_static import Asked


def static_json(
    asked: Asked, base: Base, found: Sequence[Diagnostic], rerouted: Rerouting | InputError
) -> dict[str, Any]:
    """The four models (or three) on one cut of trade."""
    from .tables import plain

    return {
        "sellers": list(asked.sellers),
        "buyers": list(asked.buyers),
        "sectors": list(asked.sectors or asked.table.sectors),
        "share": asked.share,
        "price_rise": asked.rise,
        "severed_usd_m": found[0].severed,
        "year": asked.table.year,
        "unit": asked.table.unit,
        "basis": "inferred",
        "models": [
            {
                "model": one.reading.name,
                **{k: getattr(one.reading, k) for k in ("counts", "assumes")},
                "does_not_see": one.reading.blind,
                "measure": "rise of costs" if one.reading.name == "price" else "output lost",
                "world_usd_m": one.total,
                "by_country": [
                    {"country": c, "usd_m": usd, "share_of_output": share}
                    for c, (usd, share) in one.by_country().items()
                ],
                "sectors": [
                    {"country": c, "sector": s, "usd_m": usd, "share_of_output": share}
                    for c in (*asked.sellers, *asked.buyers)
                    for s, (usd, share) in one.by_sector(c).items()
                ],
            }
            for one in found
        ],
        "rerouting": _rerouting_json(asked, rerouted),
        "inputs_capped": [list(pair) for pair in base.capped],
        "sources": plain([asked.table.source]),
    }


def _rerouting_json(asked: Asked, rerouted: Rerouting | InputError) -> dict[str, Any]:
    """What stands behind the fourth model, or why it is left out."""
    if isinstance(rerouted, InputError):
        return {"left_out": [p.what for p in rerouted.problems], "why": rerouted.problems[0].why}
    return {
        "friction": asked.friction,
        "leakage": asked.leakage,
        "final_use_not_served_usd_m": rerouted.final_unserved,
        "steps": list(rerouted.solution.steps),
        "margin_error": rerouted.solution.margin_error,
    }
