"""The sentences of a text that assert something a figure or a fact may be held against."""

from __future__ import annotations

from .read_sentence import Parsed
from .read_vocab import find
from .reading import Claim


def claims(parsed: Parsed) -> tuple[Claim, ...]:
    """One claim per sentence and topic; headings assert nothing. Topics are those of claims.toml.

    The quote is the whole sentence: what it rests on (who says so, since when) stays in sight.
    """
    found = []
    for sentence in parsed.sentences:
        if sentence.heading:
            continue
        topics: dict[str, None] = {}
        for hit in find("claims", sentence.mask, parsed.language, overlapping=True):
            topics.setdefault(hit.value)
        if "feared_coverage" in topics:
            topics.pop("covers", None)
        quote = parsed.text[sentence.start : sentence.end]
        found += [Claim(quote, sentence.start, sentence.end, topic) for topic in topics]
    return tuple(found)
