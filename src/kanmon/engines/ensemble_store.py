"""Finished chunks of an ensemble on disk: written aside and renamed, believed only with key and digest."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import platform
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import InputError, Problem
from ..core.source import Source
from .base import Outcome

CODE = ("core", "world", "expose", "engines", "kernels")
"""Packages whose code decides an outcome."""
UNSEEN = frozenset({"threads"})
"""Attributes of an engine that change the time it takes and nothing else."""


@cache
def code_version() -> str:
    """Digest of our own code, of the libraries that compute, and of the kind of machine."""
    from importlib.metadata import version

    digest = hashlib.sha256(f"{platform.machine()} {platform.python_version()}".encode())
    for library in ("numpy", "scipy", "numba", "kanmon"):
        digest.update(f"{library} {version(library)}\n".encode())
    root = Path(__file__).parents[1]
    for package in CODE:
        for path in sorted((root / package).glob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def fingerprint(*things: Any) -> str:
    """SHA-256 of records, arrays, texts and numbers by content, whatever objects hold them."""
    digest = hashlib.sha256()
    for thing in things:
        _feed(digest, thing)
    return digest.hexdigest()


def _feed(digest: Any, thing: Any) -> None:
    """Add one thing; each begins with its kind and length, so that no two contents read alike."""
    if isinstance(thing, np.ndarray):
        digest.update(f"array {thing.dtype.str} {thing.shape}".encode())
        digest.update(np.ascontiguousarray(thing).data)
    elif isinstance(thing, Mapping):
        digest.update(f"map {len(thing)}".encode())
        for key in sorted(thing, key=repr):
            _feed(digest, key)
            _feed(digest, thing[key])
    elif isinstance(thing, tuple | list):
        digest.update(f"list {len(thing)}".encode())
        for item in thing:
            _feed(digest, item)
    elif isinstance(thing, set | frozenset):
        _feed(digest, ["set", *sorted(fingerprint(item) for item in thing)])
    elif isinstance(thing, float | np.floating):
        digest.update(b"float" + struct.pack("<d", thing))
    elif thing is None or isinstance(thing, str | bytes | int | np.integer | np.bool_):
        text = repr(thing).encode()
        digest.update(f"{type(thing).__name__} {len(text)} ".encode() + text)
    elif is_dataclass(thing):
        held = {f.name: getattr(thing, f.name) for f in fields(thing) if not f.name.startswith("_")}
        _feed(digest, held | {"is": _kind(thing)})
    elif isinstance(thing, type):
        _feed(digest, f"{thing.__module__}.{thing.__qualname__}")
    elif hasattr(thing, "__dict__"):
        public = {k: v for k, v in vars(thing).items() if not k.startswith("_") and k not in UNSEEN}
        _feed(digest, public | {"is": _kind(thing)})
    else:
        raise TypeError(f"{type(thing).__name__} has no content that a fingerprint can be taken of")


def _kind(thing: Any) -> str:
    """Class of an object, with its code where that is not ours (a user's own engine)."""
    kind = type(thing)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind.__module__.partition(".")[0] == __name__.partition(".")[0]:
        return name
    try:
        return name + Path(inspect.getfile(kind)).read_text("utf-8")
    except (OSError, TypeError):
        return name


@dataclass(frozen=True)
class Store:
    """A folder of finished chunks. Other files in it, and chunks of other runs, are left alone."""

    folder: Path

    def open(self) -> None:
        """Make the folder; InputError where that cannot be done."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as fault:
            raise InputError(
                Problem(
                    f"cannot write to {self.folder}",
                    where="--keep",
                    why=str(fault.strerror or fault),
                    fix="name a folder you may write to",
                )
            ) from fault

    def path(self, key: str) -> Path:
        """File of the chunk with this key."""
        return self.folder / f"draws-{key[:32]}.npz"

    def load(self, key: str) -> Outcome | None:
        """The chunk with this key; None where it is absent, cut short, altered or another's."""
        try:
            with np.load(self.path(key), allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            meta, digest = str(arrays.pop("meta")), str(arrays.pop("digest"))
            if digest != fingerprint(key, meta, arrays):
                return None
            return _outcome(json.loads(meta), arrays)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
            return None

    def save(self, key: str, outcome: Outcome) -> None:
        """Write a chunk aside, then rename it: no reader ever sees half of one."""
        arrays = {n: v for n, v in _fields(outcome).items() if isinstance(v, np.ndarray)}
        meta = {n: v for n, v in _fields(outcome).items() if n not in arrays}
        meta["sources"] = [{f.name: getattr(s, f.name) for f in fields(s)} for s in outcome.sources]
        text = json.dumps(meta)
        handle, aside = tempfile.mkstemp(dir=self.folder, prefix=".draws-", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                extra: dict[str, Any] = {
                    "meta": np.array(text),
                    "digest": np.array(fingerprint(key, text, arrays)),
                }
                np.savez(stream, **(extra | arrays))
            Path(aside).replace(self.path(key))
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise


def _fields(outcome: Outcome) -> dict[str, Any]:
    return {f.name: getattr(outcome, f.name) for f in fields(outcome)}


def _outcome(meta: dict[str, Any], arrays: dict[str, Any]) -> Outcome:
    """An Outcome from its stored parts; lists are tuples again."""
    sources = tuple(Source(**card) for card in meta.pop("sources"))
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in meta.items()
    }
    return Outcome(**plain, **arrays, sources=sources)
