"""The optional language-model reader against a stand-in on loopback: fills what is open, by quotes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from kanmon.core.errors import InputError
from kanmon.measure import read_model
from kanmon.measure.load import library
from kanmon.measure.read import read, reading_json
from kanmon.measure.read_model import fill

TEXT = (
    "Jakarta bans exports of bauxite\n\nIndonesia banned exports of raw bauxite from 10 June 2023, "
    "the energy ministry said. Officials in Tokyo called the step regrettable. The rule is Regulation 96."
)


@contextmanager
def stand_in(body: str, status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A service that answers every request with `body`; yields its address and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append({"path": self.path, "key": self.headers.get("Authorization"), **json.loads(content)})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def said(*fields: tuple[str, str, str], fence: bool = False) -> str:
    content = json.dumps({"fields": [dict(zip(("field", "value", "quote"), f, strict=True)) for f in fields]})
    content = f"```json\n{content}\n```" if fence else content
    return json.dumps({"choices": [{"message": {"content": content}}]})


def record() -> dict[str, Any]:
    return reading_json(read(TEXT, library()))


def test_open_fields_are_filled_and_told_apart() -> None:
    body = said(("legal_basis", "Regulation 96", "The rule is Regulation 96"), fence=True)
    with stand_in(body) as (address, asked):
        answer = fill(TEXT, record(), address, "any", key="secret")
    assert answer.record["legal_basis"] == "Regulation 96"
    assert answer.filled == {"legal_basis": ["Regulation 96"]}
    assert asked[0]["path"] == "/v1/chat/completions"
    assert asked[0]["key"] == "Bearer secret"
    assert asked[0]["temperature"] == 0


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (("targets", "USA", "exports to the United States"), "not in the text"),
        (("targets", "USA", "Officials in Tokyo"), "do not name it"),
        (("instrument", "embargo", "banned exports"), "not one of"),
        (("announced", "2023-06-11", "from 10 June 2023"), "do not give this date"),
        (("legal_basis", "Law No. 4", "The rule is Regulation 96"), "not the text's own words"),
        (("price", "12", "Regulation 96"), "no such field"),
        (("response", "JPN applause", "Officials in Tokyo"), "not one of"),
    ],
)
def test_what_its_quote_does_not_say_is_refused(entry: tuple[str, str, str], why: str) -> None:
    with stand_in(said(entry)) as (address, _):
        answer = fill(TEXT, record(), address, "any")
    assert answer.filled == {}
    assert why in answer.refused[0]
    assert answer.record == record()


def test_the_offline_reader_is_never_overwritten() -> None:
    with stand_in(said(("imposers", "JPN", "Officials in Tokyo called"))) as (address, _):
        answer = fill(TEXT, record(), address, "any")
    assert answer.record["imposers"] == ["IDN"]
    assert answer.filled == {}


def test_no_restriction_stays_none() -> None:
    text = "Tokyo raised its tariff on imported steel on 3 March 2020, the ministry said."
    with stand_in(said(("instrument", "ban", "raised its tariff"))) as (address, _):
        answer = fill(text, reading_json(read(text, library())), address, "any")
    assert not answer.record["is_export_restriction"]
    assert answer.record["instrument"] == []
    assert "no restriction" in answer.differs[0]


@pytest.mark.parametrize(
    ("body", "status"), [("oops", 200), ("{}", 200), (said().replace("fields", "x"), 200), ("{}", 500)]
)
def test_an_answer_out_of_form_is_an_error_that_names_the_address(body: str, status: int) -> None:
    with stand_in(body, status) as (address, _), pytest.raises(InputError) as fault:
        fill(TEXT, record(), address, "any")
    assert address in str(fault.value)


def test_nobody_there_and_no_web_address() -> None:
    with pytest.raises(InputError, match="did not answer"):
        fill(TEXT, record(), "http://127.0.0.1:9/v1", "any")
    with pytest.raises(InputError, match="no web address"):
        fill(TEXT, record(), "ftp://example.org/v1", "any")


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_model, "LARGEST", 100)
    with stand_in("x" * 1000) as (address, _), pytest.raises(InputError, match="larger than"):
        fill(TEXT, record(), address, "any")
