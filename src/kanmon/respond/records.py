"""What a response is worth: a changed World or Shock, its cost and ready day, on the same draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..core.draws import Draws
from ..core.figure import Figure
from ..expose.records import Shock


class Response(Protocol):
    """Something a buyer can do. A user's own response is any object with these names.

    `apply` returns the shock and draws as they are with the response and changes neither argument.
    The draws keep their number and order, so that each is compared with itself. `cost` is USD million,
    None where no source gives one; `ready_days` the day of the measure from which it helps.
    """

    @property
    def name(self) -> str:
        """A few words."""
        ...

    @property
    def sentence(self) -> str:
        """What is done, in one sentence."""
        ...

    def apply(self, shock: Shock, draws: Draws) -> tuple[Shock, Draws]:
        """The shock and the draws with the response."""
        ...

    def cost(self, shock: Shock) -> Figure | None:
        """What it costs, USD million."""
        ...

    def ready_days(self, shock: Shock, draws: Draws) -> Figure:
        """Days after the measure took effect until it helps."""
        ...


@dataclass(frozen=True)
class ResponseValue:
    """One response valued against doing nothing, on the same draws and scenario.

    avoided: value added saved if the measure lasts 12 months (USD million, low-mid-high over draws);
    avoided_expected: the same over the survival curve; cost: USD million, None where no source gives
    one; ready_days: days until it starts to help; per_cost: avoided_expected per USD of cost, None
    where the cost is unknown; days_left: expected days the measure still lasts within the horizon,
    counted from its first day, None without a survival curve; in_time: whether the response is ready
    before then.
    """

    name: str
    sentence: str
    scenario: str
    avoided: Figure
    avoided_expected: Figure
    cost: Figure | None
    ready_days: Figure
    per_cost: Figure | None = None
    days_left: Figure | None = None
    in_time: bool | None = None
