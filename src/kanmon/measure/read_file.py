"""From bytes to text, and from text to its language; what cannot be read is the user's error."""

from __future__ import annotations

import re
from pathlib import Path

from ..core.errors import InputError, Problem
from .read_vocab import words

ENCODINGS = ("utf-8-sig", "cp932", "gb18030")
"""Tried in this order after byte-order marks; each is tested for reading as a known language."""

_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_KANA = re.compile(r"[\u3041-\u30fa\uff66-\uff9d]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)

ENOUGH = 0.12
"""Share of function words from which Latin text is taken as English (running text has 0.3 to 0.5)."""


def read_text(path: str | Path) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, Japanese cp932 or Chinese gb18030.

    Raises
    ------
    InputError : missing, a folder, empty, binary, or in no known encoding or language.
    """
    file = Path(path)
    if not file.exists():
        raise _bad("file not found", file, "nothing stands at this path", "check the path")
    if file.is_dir():
        raise _bad("this is a folder, not a text file", file, "one text is read at a time", "name the file")
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise _bad("file cannot be opened", file, str(error.strerror), "check who may read it") from error
    text = decode(raw, file)
    language_of(text, str(file))
    return text


def decode(raw: bytes, where: Path) -> str:
    """Bytes to text; line ends become one newline each."""
    if not raw.strip():
        raise _bad("empty file", where, "there is no text to read", "give a report, notice or circular")
    encoding = next((name for mark, name in _BOMS if raw.startswith(mark)), "")
    tried = (encoding,) if encoding else ENCODINGS
    readable = [t for t in (_try(raw, name) for name in tried) if t is not None]
    if not readable:
        why = "it is no text in UTF-8, UTF-16 (with mark), cp932 or gb18030"
        raise _bad("binary file or unknown encoding", where, why, "save it as plain text in UTF-8")
    # UTF-8 is strict enough to trust; between the two East Asian encodings the text decides.
    text = readable[0] if encoding or _try(raw, "utf-8-sig") is not None else max(readable, key=_likely)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _try(raw: bytes, encoding: str) -> str | None:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def _likely(text: str) -> float:
    """How much a decoding looks like running Japanese or Chinese: common characters, no oddities."""
    usual = len(re.findall(r"[\u3041-\u3096\u30a1-\u30fa\u3001\u3002\uff0c]", text))
    common = sum(text.count(c) for c in words("frequent", "zh")) + sum(
        text.count(c) for c in words("frequent", "ja")
    )
    odd = len(re.findall(r"[\uff61-\uff9f\ue000-\uf8ff]", text))
    return (usual + common - 2 * odd) / max(1, len(text))


def language_of(text: str, where: str = "") -> str:
    """The language of a text, "en", "ja" or "zh"; InputError where it is none of them."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        raise _unknown(where, "it has no letters")
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    if kana + han >= 0.2 * len(letters):
        return "ja" if kana >= 0.1 * (kana + han) else "zh"
    tokens = [w.lower() for w in _WORD.findall(text)]
    known = set(words("function", "en"))
    share = sum(t in known for t in tokens) / max(1, len(tokens))
    other = sum(c.isalpha() and not c.isascii() for c in text) / len(letters)
    if share < ENOUGH or other > 0.3:
        raise _unknown(where, "its words are not English, and it has no Japanese or Chinese script")
    return "en"


def _unknown(where: str, why: str) -> InputError:
    return InputError(
        Problem(
            what="the language of the text is not known",
            where=where,
            why=why,
            fix="give the text in English, Japanese or Chinese",
            near=("en", "ja", "zh"),
        )
    )


def _bad(what: str, where: Path, why: str, fix: str) -> InputError:
    return InputError(Problem(what=what, where=str(where), why=why, fix=fix))
