"""An optional second reader: a language model at an address of the user's choosing fills what is open.

Off unless an address is given. The text is sent there, and nowhere else. Every value of the answer must
come with words quoted from the text; a quote that is not in the text, a value that is not one of the
record's words, or a date or country that its quote does not say is refused and named. What the offline
reader has read is never overwritten: where the two differ, both are told.
"""

from __future__ import annotations

import json
import re
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from ..core.errors import InputError, Problem
from .measure import EndUse, EndUser, Instrument, ResponseKind, State

LARGEST = 1_000_000
"""Bytes of an answer that are read."""
SECONDS = 120.0
WORDS: Mapping[str, tuple[str, ...]] = {
    "instrument": get_args(Instrument),
    "end_user_scope": get_args(EndUser),
    "end_use_scope": get_args(EndUse),
    "status": get_args(State),
}
COUNTRIES = ("imposers", "targets")
DATES = ("announced", "effective")
LISTS = ("imposers", "targets", "instrument", "end_user_scope", "end_use_scope")
ASK = """You read a text on export restrictions. Answer with one JSON object and nothing else:
{"fields": [{"field": F, "value": V, "quote": Q}, ...]}
F is one of: imposers, targets (V: alpha-3 country code, EUR or all), instrument (%s), end_user_scope (%s),
end_use_scope (%s), announced, effective (V: YYYY-MM-DD or YYYY-MM), status (%s), re_export (V: true or
false), legal_basis (V: the words), stated_item, possible_item (V: the goods, in the text's words),
response (V: "COUNTRY kind", kind of %s). One entry a value. Q is copied letter by letter from the text.
Leave out what the text does not say."""


@dataclass(frozen=True)
class ModelAnswer:
    """The record with what the model filled in, where each value comes from, and what was refused.

    record: as `kanmon read --json` prints it. filled: field -> values from the model; refused and
    differs: sentences for the user.
    """

    record: dict[str, Any]
    filled: dict[str, list[str]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The record with the account of the model beside it."""
        told = {"filled": self.filled, "refused": list(self.refused), "differs": list(self.differs)}
        return {**self.record, "model": told}


def fill(text: str, record: dict[str, Any], address: str, model: str, key: str = "") -> ModelAnswer:
    """Ask the model for the open fields of a record and take what stands the check.

    Parameters
    ----------
    record : `reading_json` of the offline reader. address : base of an OpenAI-compatible service, such as
        http://localhost:8000/v1. key : sent as a bearer token where given.

    Raises InputError where the address cannot be asked or does not answer in the form agreed.
    """
    entries = _entries(_ask(text, address, model, key), address)
    filled: dict[str, list[str]] = {}
    refused: list[str] = []
    differs: list[str] = []
    out = json.loads(json.dumps(record))
    if not record["is_export_restriction"]:
        if entries:
            differs.append(f"the offline reader finds no restriction on exports: {record['why_not']}")
        return ModelAnswer(out, {}, (), tuple(differs))
    for entry in entries:
        name, value, quote = (str(entry.get(k, "")).strip() for k in ("field", "value", "quote"))
        why = _fault(text, name, value, quote)
        if why:
            refused.append(f"{name or 'a value'} {value!r}: {why}")
        elif not _put(out, record, name, value):
            if not _said(record, name, value):
                differs.append(f"{name}: the model reads {value!r} in “{quote}”; the offline reader does not")
        else:
            filled.setdefault(name, []).append(value)
            out["spans"].append(_span(text, name, quote))
    return ModelAnswer(out, filled, tuple(refused), tuple(differs))


def _ask(text: str, address: str, model: str, key: str) -> str:
    where = address.rstrip("/") + "/chat/completions"
    if not re.match(r"https?://", where):
        raise InputError(Problem(f"{address!r} is no web address", "--model-url", fix="http://host:port/v1"))
    system = ASK % tuple(", ".join(w) for w in (*WORDS.values(), get_args(ResponseKind)))
    body = {
        "model": model,
        "temperature": 0,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": text}],
    }
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    request = urllib.request.Request(where, json.dumps(body).encode(), headers)  # noqa: S310 (checked above)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            data = answer.read(LARGEST + 1)
    except (urllib.error.URLError, TimeoutError, OSError, ValueError) as error:
        raise InputError(
            Problem(
                "the language model did not answer",
                where,
                str(error),
                "leave --model-url out to read offline",
            )
        ) from error
    if len(data) > LARGEST:
        raise InputError(Problem(f"the answer is larger than {LARGEST:,} bytes", where))
    return str(data.decode("utf-8", errors="replace"))


def _entries(answer: str, address: str) -> list[Mapping[str, Any]]:
    """The list of values in an answer; the message may stand in a fence of backticks."""
    try:
        content = json.loads(answer)["choices"][0]["message"]["content"]
        found = json.loads(re.sub(r"^\s*```(?:json)?|```\s*$", "", content))["fields"]
        entries: list[Mapping[str, Any]] = [dict(entry) for entry in list(found)]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise InputError(
            Problem(
                "the language model's answer is not in the form asked for",
                address,
                f"{type(error).__name__}: {error}",
                "leave --model-url out to read offline",
            )
        ) from error
    return entries


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _fault(text: str, name: str, value: str, quote: str) -> str:
    """Why a value cannot be taken; "" where it can."""
    if name not in {
        *LISTS,
        *DATES,
        "status",
        "re_export",
        "legal_basis",
        "stated_item",
        "possible_item",
        "response",
    }:
        return "no such field"
    if not quote or _plain(quote) not in _plain(text):
        return f"the words “{quote[:80]}” are not in the text"
    if name in WORDS and value not in WORDS[name]:
        return f"not one of {', '.join(WORDS[name])}"
    if name in COUNTRIES and not _country_said(value, quote):
        return "the quoted words do not name it"
    if name in DATES and not _date_said(value, quote):
        return "the quoted words do not give this date"
    if name == "re_export" and value.lower() not in {"true", "false"}:
        return "neither true nor false"
    if name in {"legal_basis", "stated_item", "possible_item"} and _plain(value) not in _plain(text):
        return "not the text's own words"
    if name == "response":
        return _response_fault(value, quote)
    return ""


def _response_fault(value: str, quote: str) -> str:
    by, _, kind = value.partition(" ")
    if kind not in get_args(ResponseKind):
        return f"not one of {', '.join(get_args(ResponseKind))}"
    return "" if _country_said(by, quote) else "the quoted words do not name who responded"


def _country_said(code: str, quote: str) -> bool:
    from ..core.codes import find_countries

    if code == "all":
        return bool(re.search(r"\ball\b|every|any|所有|すべて|全て", quote, re.IGNORECASE))
    return code in {alpha3 for alpha3, _, _ in find_countries(quote)}


def _date_said(value: str, quote: str) -> bool:
    """Whether the offline vocabulary reads this date, or its month, off the quoted words."""
    from .read_dates import dates
    from .read_file import language_of
    from .read_sentence import parse

    if not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", value):
        return False
    found = {str(d.when) for d in dates(parse(quote, language_of(quote)))}
    return value in found


def _put(out: dict[str, Any], record: Mapping[str, Any], name: str, value: str) -> bool:
    """Put a value into a field that the offline reader left open; False where it did not."""
    if name in LISTS:
        if [v for v in record[name] if v != "unknown"]:
            return False
        out[name] = [*(v for v in out[name] if v != "unknown"), value]
    elif name in {*DATES, "status", "legal_basis"}:
        if record[name] not in ("", "unknown") or out[name] not in ("", "unknown"):
            return False
        out[name] = value
    elif name == "re_export":
        if record[name] != "unknown":
            return False
        out[name] = value.lower() == "true"
    elif name == "response":
        by, _, kind = value.partition(" ")
        if any(r["by"] == by and r["kind"] == kind for r in record["responses"]):
            return False
        out["responses"].append({"by": by, "kind": kind, "date": ""})
    else:
        if any(
            _plain(value) in _plain(i["phrase"]) or _plain(i["phrase"]) in _plain(value)
            for i in record["items"]
        ):
            return False
        certainty = name.removesuffix("_item")
        out["items"].append(
            {"phrase": value, "hs": [], "elements": [], "control_codes": [], "certainty": certainty}
        )
    return True


def _said(record: Mapping[str, Any], name: str, value: str) -> bool:
    """Whether the offline reader says the same."""
    if name in LISTS:
        return value in record[name]
    if name == "response" or name.endswith("_item"):
        return True
    return str(record[name]).lower() == value.lower()


def _span(text: str, name: str, quote: str) -> dict[str, Any]:
    start = text.find(quote)
    return {"field": name, "start": start, "end": start + len(quote) if start >= 0 else -1, "quote": quote}
