"""Writing a run's folder: all files aside first, then moved into place; and finding the last run."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import InputError, Problem

if TYPE_CHECKING:
    from ..report.assessment import Assessment


def check_out(out: Path) -> None:
    """Refuse an output folder that is a file or cannot be written, before any work is done."""
    if out.exists() and not out.is_dir():
        raise InputError(
            Problem(f"{out} is a file", where="--out", why="a folder is needed", fix="name another folder")
        )
    parent = out
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise InputError(
            Problem(f"{parent} is a file", where="--out", why="no folder lies below it", fix="name another")
        )
    if not os.access(parent, os.W_OK):
        raise InputError(
            Problem(f"cannot write to {parent}", where="--out", fix="name a folder you may write to")
        )


def default_out(assessment: Assessment) -> Path:
    """kanmon-report/<measure>-<buyer>-<date> below the current folder."""
    name = f"{assessment.measure.id}-{assessment.buyer}-{assessment.on.isoformat()}"
    return Path("kanmon-report") / name


def write(assessment: Assessment, out: Path | None = None, lang: str = "en") -> dict[str, Path]:
    """Write report.html, assessment.json, figures.json and run.json; returns their paths by name.

    Everything is written to a folder aside and moved file by file, so that an interrupted run
    leaves the old files as they were.
    """
    from ..report.findings import findings
    from ..report.html import write_html
    from ..report.json_out import assessment_json
    from .figures import figure_book

    folder = out or default_out(assessment)
    check_out(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise InputError(
            Problem(f"{folder} cannot be made: {fault.strerror}", where="--out", fix="name another folder")
        ) from fault
    aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        write_html(findings(assessment, lang), aside / "report.html")
        _json(aside / "assessment.json", assessment_json(assessment))
        _json(aside / "figures.json", figure_book(assessment))
        _json(aside / "run.json", assessment.manifest)
        paths = {}
        for made in sorted(aside.iterdir()):
            made.replace(folder / made.name)
            paths[made.name] = folder / made.name
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _remember(folder)
    return paths


def _json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


KEPT_DAYS = 7
"""Draws of runs that were stopped and never taken up again are removed after so long."""


@contextmanager
def draws_folder(own: Path | None, asked: Sequence[object], *, long: bool) -> Iterator[Path | None]:
    """Folder in which the finished draws of a run are kept, for a `with` block.

    own: the user's, left as it is. Without one a long run gets a folder in the cache, named after what was
    asked, so that the same command goes on there; it is removed when the run ends well.
    """
    if own is not None or not long:
        yield own
        return
    from ..world.store import cache_folder

    root = cache_folder() / "draws"
    _prune(root)
    folder = root / hashlib.sha256(repr(asked).encode()).hexdigest()[:16]
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _prune(root: Path) -> None:
    """Remove folders of runs that nobody took up again; one in use by another run is newer."""
    for old in root.glob("*"):
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > KEPT_DAYS * 86400:
                shutil.rmtree(old, ignore_errors=True)


def _pointer() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("kanmon") / "last-run.txt"


def _remember(folder: Path) -> None:
    """Note where the last run lies; a cache that cannot be written only costs `kanmon why` its default."""
    pointer = _pointer()
    try:
        pointer.parent.mkdir(parents=True, exist_ok=True)
        pointer.write_text(str(folder.resolve()), "utf-8")
    except OSError:
        return


def last_run() -> Path:
    """Folder of the last run; InputError when there is none."""
    try:
        folder = Path(_pointer().read_text("utf-8"))
    except OSError:
        folder = Path()
    if not (folder / "assessment.json").is_file():
        raise InputError(
            Problem(
                "there is no last run to explain",
                where="kanmon why",
                fix="run kanmon assess first, or pass --run FOLDER",
            )
        )
    return folder
