"""A folder of files of one run: written aside as a whole, then moved into place, the manifest last."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..core.errors import InputError, Problem

MANIFEST = "run.json"


def write_folder(
    folder: Path, files: Mapping[str, Callable[[Path], object]], manifest: Mapping[str, Any]
) -> dict[str, Path]:
    """Write each file by its function, then run.json with the SHA-256 of all of them; paths by name.

    An interrupted run leaves the old files as they were.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    except OSError as fault:
        raise InputError(
            Problem(f"{folder} cannot be written: {fault.strerror}", "--out", fix="name another folder")
        ) from fault
    try:
        for name, write in files.items():
            write(aside / name)
        hashes = {name: hashlib.sha256((aside / name).read_bytes()).hexdigest() for name in files}
        write_json(aside / MANIFEST, {**manifest, "files_sha256": hashes})
        paths = {}
        for name in (*files, MANIFEST):
            (aside / name).replace(folder / name)
            paths[name] = folder / name
        return paths
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def write_json(path: Path, content: Any) -> None:
    """One JSON document; NaN is refused."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
