"""Files as readers see them: a file, a folder or a zip archive, with .gz members opened on the fly."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, cast

from ...core.errors import InputError, Problem

PIECE = 1 << 20


@dataclass(frozen=True)
class Files:
    """One thing that the user named: a file, a folder, or a zip with members."""

    path: Path

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Members by name, relative to the folder or archive; for one file its own name."""
        if self.path.is_dir():
            found = (p.relative_to(self.path).as_posix() for p in self.path.rglob("*") if p.is_file())
            return tuple(sorted(found))
        if self.is_zip:
            with zipfile.ZipFile(self.path) as archive:
                return tuple(n for n in archive.namelist() if not n.endswith("/"))
        return (self.path.name,)

    @cached_property
    def is_zip(self) -> bool:
        """Whether the file is an archive of files (an npz is one array file, not an archive)."""
        return self.path.is_file() and self.path.suffix.lower() != ".npz" and zipfile.is_zipfile(self.path)

    @property
    def many(self) -> bool:
        """Whether this is a folder or an archive."""
        return self.path.is_dir() or self.is_zip

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A member as bytes, decompressed where its name ends in .gz; a cut file is an InputError."""
        try:
            with self._raw(name) as raw:
                if not name.lower().endswith(".gz"):
                    yield raw
                    return
                with gzip.GzipFile(fileobj=raw) as plain:
                    yield cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", plain), PIECE))
        except (EOFError, zipfile.BadZipFile, gzip.BadGzipFile, UnicodeDecodeError) as fault:
            raise InputError(
                Problem(
                    "the file cannot be read to its end",
                    where=f"{self.path} {name if self.many else ''}".strip(),
                    why=str(fault),
                    fix="fetch it again: it is cut short or damaged",
                )
            ) from None

    @contextmanager
    def _raw(self, name: str) -> Iterator[BinaryIO]:
        if self.is_zip:
            with zipfile.ZipFile(self.path) as archive, archive.open(name) as stream:
                yield cast("BinaryIO", stream)
        else:
            path = self.path / name if self.path.is_dir() else self.path
            with path.open("rb") as stream:
                yield cast("BinaryIO", stream)

    def head(self, name: str, size: int = 1 << 16) -> str:
        """The first characters of a member."""
        with self.open(name) as stream:
            return decoded(stream.read(size))

    def one(self, pattern: str) -> str | None:
        """The member whose last part matches a pattern, with or without .gz; None if there is none."""
        found = [n for n in self.names if re.fullmatch(pattern + r"(\.gz)?", Path(n).name, re.IGNORECASE)]
        return min(found, key=lambda n: (n.count("/"), n)) if found else None

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file; of a folder, that of its members' names and hashes in order."""
        if self.path.is_file():
            return _hash(self.path)
        whole = hashlib.sha256()
        for name in self.names:
            whole.update(f"{name} {_hash(self.path / name)}\n".encode())
        return whole.hexdigest()


def files(path: Path | str) -> Files:
    """The files at a path; InputError where there are none."""
    found = Path(path).expanduser()
    if not found.exists():
        raise InputError(
            Problem(
                "no such file or folder",
                where=str(path),
                fix="check the path; `kanmon data get NAME` fetches a published table",
            )
        )
    return Files(found)


def decoded(text: bytes) -> str:
    """Text in UTF-8 (a byte-order mark dropped), else in Latin-1, which some publishers still use."""
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        # A piece of a file may end inside a character.
        if fault.start >= len(text) - 3:
            return text[: fault.start].decode("utf-8-sig")
        return text.decode("latin-1")


def year_in(name: str) -> int | None:
    """The one year in a file's name; None where there is none or several."""
    found = set(re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", Path(name).name))
    return int(found.pop()) if len(found) == 1 else None


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
