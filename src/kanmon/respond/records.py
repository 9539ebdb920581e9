"""What a response is worth: a changed World or Shock, its cost and ready day, on the same draws."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.figure import Figure


@dataclass(frozen=True)
class ResponseValue:
    """One response valued against doing nothing, on the same draws and scenario.

    avoided: value added saved if the measure lasts 12 months (USD million, low-mid-high over draws);
    avoided_expected: the same over the survival curve; cost: USD million, None where no source gives
    one; ready_days: days until it starts to help.
    """

    name: str
    sentence: str
    scenario: str
    avoided: Figure
    avoided_expected: Figure
    cost: Figure | None
    ready_days: Figure
