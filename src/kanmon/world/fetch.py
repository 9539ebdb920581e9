"""Published tables brought from their publishers: resumed where cut, checked, never left half-written.

A download goes to `<file>.part` and is renamed when it is whole and its checksum holds. A part that is there
is continued with an HTTP Range request if the publisher's file is still the same (If-Range with its ETag or
date); a server that knows no ranges sends the whole file, which then replaces the part.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from ..core.errors import InputError, MissingDataError, Problem

CARDS = Path(__file__).parent / "downloads.toml"
PIECE = 1 << 18
TRIES = 3
TIMEOUT = 30.0
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
HTTP_PARTIAL, HTTP_RANGE = 206, 416

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Download:
    """One published file: where it is, what it is called, what is known of it, and the way by hand.

    sha256 is empty where no checksum of the publisher's is known. bytes is 0 where the size is not known.
    """

    name: str
    title: str
    publisher: str
    licence: str
    kind: str
    url: str
    file: str
    page: str
    by_hand: str
    seen_in: str
    sha256: str = ""
    bytes: int = 0
    reported: str = ""
    after: str = ""


@dataclass(frozen=True)
class Fetched:
    """What came of a download: the file, its checksum, and what that could be held against.

    state: "fetched", "resumed" or "there"; checked: "publisher", "first fetch" or "" (nothing to compare).
    """

    path: Path
    sha256: str
    bytes: int
    state: str
    checked: str


@cache
def downloads(path: Path = CARDS) -> Mapping[str, Download]:
    """Every published file that can be fetched, by name."""
    rows = tomllib.loads(path.read_text("utf-8"))
    return MappingProxyType({name: Download(name=name, **row) for name, row in rows.items()})


def default_folder() -> Path:
    """Where fetched files go unless the user says otherwise."""
    from platformdirs import user_data_dir

    return Path(user_data_dir("kanmon", appauthor=False)) / "tables"


def fetch(card: Download, folder: Path, progress: Progress | None = None) -> Fetched:
    """Bring a published file into a folder, or find it there.

    Raises
    ------
    InputError : the file that is there is not the one of its checksum, or the folder cannot be written.
    MissingDataError : the publisher could not be reached or sent something else; says what to do by hand.
    """
    target = folder / card.file
    told = progress or (lambda _step, _share: None)
    if target.exists():
        return _there(card, target)
    _allowed(card.url)
    new = [f for f in (folder, *folder.parents) if not f.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _brought(card, target, told)
    except MissingDataError:
        _emptied(new)
        raise
    except OSError as fault:
        # Network faults are answered inside; what is left is the disk.
        raise InputError(
            Problem("the file cannot be written", str(target), str(fault), "choose another folder with --to")
        ) from None


def _emptied(folders: Sequence[Path]) -> None:
    """Remove folders made for a file that did not come, the innermost first, as far as they are empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _brought(card: Download, target: Path, told: Progress) -> Fetched:
    part = target.with_name(target.name + ".part")
    resumed, said = False, ""
    for _ in range(TRIES):
        try:
            whole, again = _stream(card, part, told)
            resumed = resumed or again
            if whole:
                break
            said = f"the connection was cut; {part.stat().st_size:,} bytes are kept in {part.name}"
        except HTTPError as fault:
            raise _by_hand(card, target, f"the publisher answered {fault.code} {fault.reason}") from None
        except (URLError, HTTPException, TimeoutError, ConnectionError) as fault:
            said = str(getattr(fault, "reason", fault)) or type(fault).__name__
    else:
        raise _by_hand(card, target, said, kept=part.exists())
    digest = _hash(part)
    if card.sha256 and digest != card.sha256:
        part.unlink()
        _notes(part).unlink(missing_ok=True)
        raise _by_hand(card, target, f"its sha256 is {digest}, not {card.sha256}; what came was removed")
    checked = "publisher" if card.sha256 else ""
    size = part.stat().st_size
    _sum_file(target).write_text(f"{digest}  {target.name}\n", "ascii")
    part.replace(target)
    _notes(part).unlink(missing_ok=True)
    told(f"{card.file} is complete", 1.0)
    return Fetched(target, digest, size, "resumed" if resumed else "fetched", checked)


def _stream(card: Download, part: Path, told: Progress) -> tuple[bool, bool]:
    """One request; (whether the file is whole now, whether a part was continued)."""
    request = urllib.request.Request(card.url, headers={"User-Agent": "kanmon"})  # noqa: S310 (checked)
    held = part.stat().st_size if part.exists() else 0
    same = _read_notes(part)
    if held and same.get("url") == card.url and same.get("validator"):
        request.add_header("Range", f"bytes={held}-")
        request.add_header("If-Range", same["validator"])
    else:
        held = 0
    try:
        answer = _open(card.url, request)
    except HTTPError as fault:
        if fault.code != HTTP_RANGE or not held:
            raise
        if fault.headers.get("Content-Range", "").rpartition("/")[2] == str(held):
            return True, True
        part.unlink()
        return False, False
    with answer:
        again = answer.status == HTTP_PARTIAL and answer.headers.get("Content-Range", "").startswith(
            f"bytes {held}-"
        )
        start = held if again else 0
        length = answer.headers.get("Content-Length")
        total = start + int(length) if length else None
        validator = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        # A weak tag does not promise the same bytes, so a part under it cannot be continued.
        validator = "" if validator.startswith("W/") else validator
        _notes(part).write_text(json.dumps({"url": card.url, "validator": validator}), "utf-8")
        with part.open("ab" if again else "wb") as out:
            done = _copy(answer, out, start, total or card.bytes, card.file, told)
    return (total is None or done == total), again


def _copy(
    answer: HTTPResponse, out: IO[bytes], start: int, total: int | None, name: str, told: Progress
) -> int:
    """Copy what comes; how many bytes of the file are there now."""
    done = start
    while True:
        try:
            piece = answer.read(PIECE)
        except (HTTPException, OSError):
            return done  # what came is kept, the caller asks for the rest
        if not piece:
            return done
        out.write(piece)
        done += len(piece)
        told(f"{name}: {done / 1e6:,.1f} MB", min(1.0, done / total) if total else 0.0)


def _open(url: str, request: urllib.request.Request) -> HTTPResponse:
    handlers: list[Any] = [_SafeRedirects()]
    if urlsplit(url).hostname in LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    opener = urllib.request.build_opener(*handlers)
    return cast("HTTPResponse", opener.open(request, timeout=TIMEOUT))


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a publisher's redirects, but never to an address without encryption."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """The next request, after the same check as the first."""
        _allowed(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _allowed(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return
    raise InputError(Problem("the address is not encrypted", url, "only https is fetched", "take it by hand"))


def _there(card: Download, target: Path) -> Fetched:
    """A file that is already in the folder, held against what is known of it."""
    digest = _hash(target)
    beside = _sum_file(target)
    known = card.sha256 or (beside.read_text("ascii").split()[0] if beside.exists() else "")
    if known and digest != known:
        raise InputError(
            Problem(
                "the file that is there has changed",
                str(target),
                f"its sha256 is {digest}, not {known}",
                "move it away and get it again",
            )
        )
    checked = "publisher" if card.sha256 else "first fetch" if known else ""
    return Fetched(target, digest, target.stat().st_size, "there", checked)


def _by_hand(card: Download, target: Path, said: str, *, kept: bool = False) -> MissingDataError:
    """The error of a download that failed, with the way by hand."""
    again = "run the command again to continue where it stopped; or " if kept else ""
    return MissingDataError(
        Problem(
            f"{card.name} could not be fetched: {said}",
            where=card.url,
            why="the publisher's address is as others use it, it has not been tried by this project",
            fix=f"{again}by hand, from {card.page} : {card.by_hand} Put it at {target} (as {card.file}), "
            f"then: kanmon data get {card.name}",
        )
    )


def _notes(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_notes(part: Path) -> dict[str, str]:
    try:
        found = json.loads(_notes(part).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _sum_file(target: Path) -> Path:
    return target.with_name(target.name + ".sha256")


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
