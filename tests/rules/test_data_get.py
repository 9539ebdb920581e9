"""kanmon data get against a server on this machine: whole, resumed, cut, changed, wrong, absent."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kanmon.app.cli import run
from kanmon.core.errors import InputError, MissingDataError
from kanmon.world import fetch as fetching
from kanmon.world.fetch import CARDS, Download, downloads, fetch

BODY = bytes(range(256)) * 4096  # 1 MiB
SUM = hashlib.sha256(BODY).hexdigest()


class Publisher(ThreadingHTTPServer):
    """What the server does next: cut after so many bytes, know ranges, carry this tag."""

    daemon_threads = True
    cut: int | None = None
    cuts_left = 0
    ranges = True
    tag = '"one"'
    body = BODY
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        s = self.server
        wanted = self.headers.get("Range", "")
        s.asked.append(wanted)
        if self.path == "/none":
            self.send_error(404)
            return
        if self.path == "/plain":
            self.send_response(302)
            self.send_header("Location", "http://example.org/table.zip")
            self.end_headers()
            return
        start = 0
        found = re.fullmatch(r"bytes=(\d+)-", wanted)
        if s.ranges and found and self.headers.get("If-Range") == s.tag:
            start = int(found[1])
            if start >= len(s.body):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(s.body)}")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(s.body) - 1}/{len(s.body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(s.body) - start))
        self.send_header("ETag", s.tag)
        self.end_headers()
        rest = s.body[start:]
        if s.cuts_left:
            s.cuts_left -= 1
            rest = rest[: s.cut]
        self.wfile.write(rest)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Publisher]:
    made = Publisher(("127.0.0.1", 0), Handler)
    made.asked = []
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def card(server: Publisher, path: str = "/table.zip", sha256: str = SUM) -> Download:
    return Download(
        name="test-table",
        title="A table",
        publisher="nobody",
        licence="none",
        kind="icio",
        url=f"http://127.0.0.1:{server.server_address[1]}{path}",
        file="table.zip",
        page="https://example.org/tables",
        by_hand="Take table.zip.",
        seen_in="this test",
        sha256=sha256,
    )


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_whole_then_there(server: Publisher, tmp_path: Path) -> None:
    seen: list[float] = []
    got = fetch(card(server), tmp_path / "new", lambda _step, share: seen.append(share))
    assert got.path.read_bytes() == BODY
    assert (got.state, got.checked, got.sha256) == ("fetched", "publisher", SUM)
    assert names(tmp_path / "new") == {"table.zip", "table.zip.sha256"}
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    again = fetch(card(server), tmp_path / "new")
    assert again.state == "there"
    assert len(server.asked) == 1


def test_a_cut_connection_is_continued(server: Publisher, tmp_path: Path) -> None:
    server.cut, server.cuts_left = 300_000, 2
    got = fetch(card(server), tmp_path)
    assert got.state == "resumed"
    assert got.path.read_bytes() == BODY
    assert server.asked == ["", "bytes=300000-", "bytes=600000-"]


def test_a_cut_that_lasts_keeps_the_part_and_never_the_name(server: Publisher, tmp_path: Path) -> None:
    server.cut, server.cuts_left = 200_000, 3
    with pytest.raises(MissingDataError) as caught:
        fetch(card(server), tmp_path)
    text = str(caught.value)
    assert "run the command again to continue" in text
    assert "https://example.org/tables" in text
    assert str(tmp_path / "table.zip") in text
    assert "has not been tried" in text
    assert (tmp_path / "table.zip.part").read_bytes() == BODY[:600_000]
    assert not (tmp_path / "table.zip").exists()
    got = fetch(card(server), tmp_path)
    assert got.state == "resumed"
    assert server.asked[-1] == "bytes=600000-"
    assert names(tmp_path) == {"table.zip", "table.zip.sha256"}


def test_folders_made_for_a_file_that_did_not_come_are_removed(server: Publisher, tmp_path: Path) -> None:
    nowhere = replace(card(server), url=card(server).url.replace("//127.0.0.1", "//localhost.invalid"))
    nowhere = replace(nowhere, url=nowhere.url.replace("http:", "https:"))
    with pytest.raises(MissingDataError):
        fetch(nowhere, tmp_path / "one" / "two")
    assert not list(tmp_path.iterdir())


def test_a_server_without_ranges_sends_all_again(server: Publisher, tmp_path: Path) -> None:
    server.cut, server.cuts_left, server.ranges = 100_000, 1, False
    got = fetch(card(server), tmp_path)
    assert got.path.read_bytes() == BODY
    assert got.state == "fetched"


def test_a_file_that_changed_meanwhile_is_not_mixed(server: Publisher, tmp_path: Path) -> None:
    server.cut, server.cuts_left = 100_000, 3
    with pytest.raises(MissingDataError):
        fetch(card(server), tmp_path)
    server.body, server.tag = BODY[::-1], '"two"'
    got = fetch(card(server, sha256=""), tmp_path)
    assert got.path.read_bytes() == BODY[::-1]


def test_a_part_that_is_whole_is_finished(server: Publisher, tmp_path: Path) -> None:
    (tmp_path / "table.zip.part").write_bytes(BODY)
    notes = {"url": card(server).url, "validator": server.tag}
    (tmp_path / "table.zip.part.json").write_text(json.dumps(notes))
    assert fetch(card(server), tmp_path).path.read_bytes() == BODY


def test_a_foreign_part_is_not_continued(server: Publisher, tmp_path: Path) -> None:
    (tmp_path / "table.zip.part").write_bytes(b"something else")
    assert fetch(card(server), tmp_path).path.read_bytes() == BODY
    assert server.asked == [""]


def test_a_wrong_checksum_leaves_nothing(server: Publisher, tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="not 0000"):
        fetch(card(server, sha256="0" * 64), tmp_path)
    assert names(tmp_path) == set()


def test_without_a_known_checksum_the_first_one_is_kept(server: Publisher, tmp_path: Path) -> None:
    first = fetch(card(server, sha256=""), tmp_path)
    assert (first.sha256, first.checked) == (SUM, "")
    assert fetch(card(server, sha256=""), tmp_path).checked == "first fetch"
    (tmp_path / "table.zip").write_bytes(b"changed")
    with pytest.raises(InputError, match="has changed"):
        fetch(card(server, sha256=""), tmp_path)


def test_not_found_says_what_to_do(server: Publisher, tmp_path: Path) -> None:
    with pytest.raises(MissingDataError) as caught:
        fetch(card(server, "/none"), tmp_path)
    text = str(caught.value)
    assert "404" in text
    assert "Take table.zip." in text
    assert "kanmon data get test-table" in text
    assert len(server.asked) == 1
    assert names(tmp_path) == set()


def test_nobody_answers(tmp_path: Path, server: Publisher) -> None:
    gone = card(server)
    server.shutdown()
    server.server_close()
    with pytest.raises(MissingDataError, match="could not be fetched"):
        fetch(gone, tmp_path)


def test_only_encrypted_addresses(server: Publisher, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not encrypted"):
        fetch(replace(card(server), url="http://example.org/x.zip"), tmp_path)
    with pytest.raises(InputError, match="not encrypted"):
        fetch(card(server, "/plain"), tmp_path)


def test_a_folder_that_cannot_be_made(server: Publisher, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        fetch(card(server), tmp_path / "file" / "folder")


def test_every_card_is_complete_and_encrypted() -> None:
    for name, one in downloads().items():
        assert one.url.startswith("https://"), name
        assert one.page.startswith("https://"), name
        assert one.by_hand, name
        assert one.seen_in, name
        assert one.licence, name
        assert re.fullmatch(r"([0-9a-f]{64})?", one.sha256), name
        assert "/" not in one.file
    assert set(tomllib.loads(CARDS.read_text("utf-8"))) == set(downloads())


def test_the_command(
    server: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fetching, "downloads", lambda: {"test-table": card(server)})
    assert run(["data", "get", "test-table", "--to", str(tmp_path), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["sha256"] == SUM
    assert row["state"] == "fetched"
    assert Path(row["path"]).read_bytes() == BODY
    assert run(["data", "get", "test-table", "--to", str(tmp_path)]) == 0
    assert "is there already" in capsys.readouterr().out
    assert run(["data", "get", "tset-table"]) == 2
    assert "test-table" in capsys.readouterr().err
