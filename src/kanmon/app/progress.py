"""Progress of long work: a line that moves on a terminal, nothing at all in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Progress


@contextmanager
def shown() -> Iterator[Progress]:
    """A progress callable (step, share done) for the length of a `with` block, drawn on standard error.

    The line shows the share, the time spent, the time left at the speed so far, and the step with its
    counts. A share below one already shown does not move the bar back.
    """
    if not sys.stderr.isatty():
        yield lambda _step, _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0)

        def tell(step: str, share: float) -> None:
            bar.update(task, description=step, completed=max(share, bar.tasks[0].completed))

        yield tell
