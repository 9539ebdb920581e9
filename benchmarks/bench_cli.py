"""The program as a user starts it: seconds to the help, to the first line, to the end; peak memory."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from row import Row

RUNS = 5
MEASURE = "CN-2026-01"
PROGRAM = [sys.executable, "-c", "from kanmon.app.cli import main; main()"]


@dataclass(frozen=True)
class Run:
    """Seconds to the first line and to the end, and peak memory, of one child process."""

    first: float
    whole: float
    peak_gb: float


def child(words: list[str], folder: str) -> Run:
    """Run the program once; its exit code must be nought."""
    begin = time.perf_counter()
    with subprocess.Popen([*PROGRAM, *words], cwd=folder, stdout=subprocess.PIPE, bufsize=0) as program:
        assert program.stdout is not None
        program.stdout.readline()
        first = time.perf_counter() - begin
        program.stdout.read()
        _, status, used = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        raise SystemExit(f"kanmon {' '.join(words)} ended with {program.returncode}")
    kilobytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Run(first, time.perf_counter() - begin, kilobytes / 1e6)


def median(runs: list[Run], field: str) -> float:
    return statistics.median(getattr(run, field) for run in runs)


def spread(runs: list[Run], field: str) -> str:
    found = sorted(getattr(run, field) for run in runs)
    return f"median of {len(found)}: {found[0]:.2f} to {found[-1]:.2f}"


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        cold = child(["assess", MEASURE, "--out", str(Path(folder) / "cold")], folder)
        whole = [child(["assess", MEASURE, "--out", str(Path(folder) / "r")], folder) for _ in range(RUNS)]
        helped = [child(["--help"], folder) for _ in range(2 * RUNS)]
    return [
        Row("kanmon --help", median(helped, "whole"), "s", 0.3, spread(helped, "whole")),
        Row(f"kanmon assess {MEASURE}: first line", median(whole, "first"), "s", 1.0, spread(whole, "first")),
        Row(f"kanmon assess {MEASURE}: whole", median(whole, "whole"), "s", 10.0, spread(whole, "whole")),
        Row(f"kanmon assess {MEASURE}: the run before those", cold.whole, "s", None, "fills caches if empty"),
        Row(f"kanmon assess {MEASURE}: peak memory", median(whole, "peak_gb"), "GB", 1.5),
    ]
