"""Screen many names in a second process while this one matches the goods: both are pure Python work.

Run as `python -m kanmon.measure.check_ahead`: names and the paths of added notices in, findings out, pickled.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from threading import Thread

from .check_book import Book, book
from .check_facts import PartyFinding

WORTH_IT = 5_000
"""Names from which a second process gains more than its start costs."""

Findings = list[tuple[PartyFinding, ...]]


class Ahead:
    """Names on their way through the screening; `found` waits for the answer."""

    def __init__(self, names: list[str], known: Book) -> None:
        self.names = names
        self._book = known
        self._answer = b""
        self._code = 0
        self._thread: Thread | None = None
        if len(names) >= WORTH_IT and (os.cpu_count() or 1) > 1 and sys.executable:
            self._thread = Thread(target=self._run, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "kanmon.measure.check_ahead"],
            input=pickle.dumps((self.names, self._book.paths)),
            stdout=subprocess.PIPE,
            check=False,
        )
        self._answer, self._code = done.stdout, done.returncode

    def found(self) -> Findings:
        """One answer a name, in order; a fault of the second process is raised here."""
        if self._thread is None:
            return self._book.parties.read_many(self.names)
        self._thread.join()
        if self._code:
            raise RuntimeError(f"the screening process ended with code {self._code}")
        answer: Findings = pickle.loads(self._answer)
        return answer


def main() -> None:
    """Answer one list of names."""
    gc.disable()  # one short task: what it makes is needed to the end
    names, paths = pickle.loads(sys.stdin.buffer.read())
    found = book(paths).parties.read_many(names)
    # Most findings are one and the same: told apart by value, each is written once.
    same: dict[tuple[PartyFinding, ...], tuple[PartyFinding, ...]] = {}
    sys.stdout.buffer.write(pickle.dumps([same.setdefault(f, f) for f in found]))


if __name__ == "__main__":
    main()
