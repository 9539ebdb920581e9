"""Where the embedded data lie, and the cache of tables cut from them."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

DEFAULT = Path(__file__).parent / "default"
"""Folder of the embedded data."""


def read_csv(path: Path, text: tuple[str, ...] = ()) -> pl.DataFrame:
    """A facts table as a frame; the columns named in `text` are kept as text (codes with leading zeros)."""
    import polars as pl

    return pl.read_csv(
        path,
        infer_schema_length=None,
        schema_overrides=dict.fromkeys(text, pl.String),
    )


@cache
def file_hash(path: Path) -> str:
    """SHA-256 of a file, read once per process."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def cache_folder() -> Path:
    """Folder for tables cut from larger ones; outside the package, safe to delete."""
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("kanmon", appauthor=False))


def cached_arrays(
    key: str, build: Callable[[], Mapping[str, NDArray[np.generic]]]
) -> Mapping[str, NDArray[np.generic]]:
    """Arrays from the cache, or built and put there.

    `key` must name everything the arrays depend on (it is hashed into the file's name). A cache that
    cannot be read is built again; one that cannot be written is done without: the cache is speed, not
    truth.
    """
    name = hashlib.sha256(key.encode()).hexdigest()[:24]
    path = cache_folder() / f"{name}.npz"
    stored = _read_cached(path, key)
    if stored is not None:
        return stored
    arrays = dict(build())
    _write_aside(path, {**arrays, "key": np.array(key)})
    return arrays


def cached_points(dimensions: int, m: int, seed: int) -> NDArray[np.float64]:
    """`core.draws.sobol` from the cache: importing what makes them takes longer than reading them."""
    from importlib.metadata import version

    from ..core.draws import sobol

    key = f"sobol {dimensions} {m} {seed} scipy {version('scipy')} numpy {version('numpy')}"
    return np.asarray(cached_arrays(key, lambda: {"points": sobol(dimensions, m, seed)})["points"])


def _read_cached(path: Path, key: str) -> Mapping[str, NDArray[np.generic]] | None:
    """Arrays stored under this key, or None where the file is absent, cut short or foreign."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["key"]) != key:
                return None
            return {k: stored[k] for k in stored.files if k != "key"}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


def _write_aside(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write under another name, then rename, so that no reader ever sees half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, **arrays)  # type: ignore[arg-type]
        Path(aside).replace(path)
    except OSError:
        Path(aside).unlink(missing_ok=True)
