"""Read a report, notice or circular into a draft measure, each field with the words that say it.

The reader works offline and always gives the same answer: vocabularies in `reading/*.toml` find
who restricts what to whom, sentence by sentence; nothing is added that the text does not say.
What the library knows stands apart, under `matches`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ..core.source import Source
from .claims import claims
from .measure import EndUse, EndUser, Instrument, Limb, Measure
from .read_actors import Actors, actors
from .read_dates import Dated, announced_and_effective, dates
from .read_file import language_of, read_text
from .read_items import Goods, goods
from .read_kind import Direction, Found, direction, instruments, legal, scopes, status, why_not_export
from .read_match import MATCH_NEEDED, matches
from .read_responses import Answer, responses
from .read_sentence import Parsed, parse
from .reading import Reading, Span

__all__ = ["MATCH_NEEDED", "read", "read_text", "reading_json"]


def read(text: str, library: Mapping[str, Measure] | None = None) -> Reading:
    """Read a text into a draft measure.

    Parameters
    ----------
    text : the report, notice or circular, in English, Japanese or Chinese.
    library : measures by id, to be recognised; nothing of them enters the draft.

    Returns
    -------
    Reading : draft measure, spans (text[start:end] == quote), claims, matches.
    """
    parsed = parse(text, language_of(text))
    about = direction(parsed)
    why_not = why_not_export(about)
    who = actors(parsed, about.export_sentences)
    kinds = () if why_not else instruments(about, parsed.language)
    things = () if why_not else goods(parsed, about)
    users = () if why_not else scopes(parsed, about, "end_user_scope")
    uses = () if why_not else scopes(parsed, about, "end_use_scope")
    state = None if why_not else status(parsed, about)
    reach, reach_place, laws = legal(parsed)
    relevant = _dated_sentences(parsed, about)
    found_dates = dates(parsed)
    announced, effective, at_once = announced_and_effective(parsed, relevant)
    names = [f.value for f in who.imposers], [f.value for f in who.targets]
    answers = responses(parsed, found_dates, *names)
    scope_values = {
        "end_user_scope": tuple(f.value for f in users) or ("unknown",),
        "end_use_scope": tuple(f.value for f in uses) or ("unknown",),
    }
    draft = _draft(parsed, who, kinds, things, scope_values, announced, effective, reach, laws, answers)
    if why_not:
        draft = replace(draft, limbs=())
    spans = _Spans(text)
    spans.fields("imposers", who.imposers)
    spans.fields("targets", who.targets)
    spans.fields("instrument", kinds)
    for i, thing in enumerate(things):
        spans.add(f"items[{i}]", thing.start, thing.end)
    spans.fields("end_user_scope", users)
    spans.fields("end_use_scope", uses)
    spans.dates(announced, effective, at_once)
    spans.fields("status", (state,) if state else ())
    spans.fields("re_export", (reach_place,) if reach_place else ())
    spans.fields("legal_basis", laws)
    for i, answer in enumerate(answers):
        spans.add(f"responses[{i}]", answer.start, answer.end)
    full_days = [d.when.day for d in found_dates if d.day and d.year_given]
    values = [f.value for f in kinds]
    found = () if why_not else matches(text, parsed.language, draft, values, full_days, library or {})
    return Reading(
        text=text,
        language=parsed.language,
        is_export_restriction=not why_not,
        why_not=why_not,
        draft=draft,
        scopes=scope_values,
        status=state.value if state else "unknown",
        announced=str(announced.when) if announced else "",
        effective=str(effective.when) if effective else "",
        matches=found,
        claims=claims(parsed),
        spans=tuple(spans.found),
    )


def _dated_sentences(parsed: Parsed, about: Direction) -> list[Any]:
    """Sentences whose dates may be the measure's: those on exports, and those right after them."""
    near = []
    for index, sentence in enumerate(parsed.sentences):
        after = index > 0 and parsed.sentences[index - 1] in about.export_sentences
        if (sentence in about.export_sentences or after) and not sentence.background:
            near.append(sentence)
    return near


class _Spans:
    """Collects quoted spans; every quote is cut from the text itself."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Span] = []

    def add(self, field: str, start: int, end: int) -> None:
        self.found.append(Span(field, start, end, self.text[start:end]))

    def fields(self, field: str, found: Sequence[Found]) -> None:
        for one in found:
            self.add(field, one.start, one.end)

    def dates(
        self, announced: Dated | None, effective: Dated | None, at_once: tuple[int, int] | None
    ) -> None:
        if announced:
            self.add("announced", announced.start, announced.end)
        if at_once:
            self.add("effective", *at_once)
        elif effective:
            self.add("effective", effective.start, effective.end)


def _draft(
    parsed: Parsed,
    who: Actors,
    kinds: Sequence[Found],
    things: Sequence[Goods],
    scope_values: Mapping[str, tuple[str, ...]],
    announced: Dated | None,
    effective: Dated | None,
    reach: str,
    laws: Sequence[Found],
    answers: Sequence[Answer],
) -> Measure:
    """The record that the text alone supports: one limb per instrument, the goods on the first."""
    title = parsed.text[parsed.sentences[0].start : parsed.sentences[0].end].strip()[:160]
    source = Source("text", title, publisher="the text given", confidence="as far as the text says")
    values = [f.value for f in kinds] or ["other"]
    limbs = tuple(
        Limb(
            id=f"draft-{i + 1}",
            text=parsed.text[kinds[i].start : kinds[i].end] if kinds else "",
            instrument=cast("Instrument", value),
            effective=effective.when if effective else None,
            end_user_scope=cast("tuple[EndUser, ...]", scope_values["end_user_scope"]),
            end_use_scope=cast("tuple[EndUse, ...]", scope_values["end_use_scope"]),
            # Goods stand on one limb only, so that nothing is counted twice.
            items=tuple(replace(t.item, sources=(source,)) for t in things) if i == 0 else (),
            sources=(source,),
        )
        for i, value in enumerate(values)
    )
    return Measure(
        id="draft",
        title=title,
        imposers=tuple(f.value for f in who.imposers),
        targets=tuple(f.value for f in who.targets),
        announced=announced.when if announced else None,
        limbs=limbs,
        legal_basis="; ".join(parsed.text[f.start : f.end] for f in laws),
        re_export={"true": True, "false": False}.get(reach),
        responses=tuple(replace(a.response, sources=(source,)) for a in answers),
        sources=(source,),
        confidence="draft from a text",
        notes="drafted from one text; what the text does not say is left empty",
        origin="draft",
    )


def reading_json(reading: Reading) -> dict[str, Any]:
    """The reading as the JSON of `kanmon read --json`, with the claims and the reason of a "no"."""
    draft = reading.draft
    return {
        "is_export_restriction": reading.is_export_restriction,
        "why_not": reading.why_not,
        "language": reading.language,
        "imposers": list(draft.imposers),
        "targets": list(draft.targets),
        "instrument": [limb.instrument for limb in draft.limbs],
        "items": [
            {
                "phrase": i.phrase,
                "hs": list(i.hs),
                "elements": list(i.elements),
                "control_codes": list(i.control_codes),
                "certainty": i.certainty,
            }
            for i in draft.items
        ],
        "end_user_scope": list(reading.scopes["end_user_scope"]),
        "end_use_scope": list(reading.scopes["end_use_scope"]),
        "announced": reading.announced,
        "effective": reading.effective,
        "status": reading.status,
        "re_export": "unknown" if draft.re_export is None else draft.re_export,
        "legal_basis": draft.legal_basis,
        "responses": [
            {"by": r.by, "kind": r.kind, "date": str(r.when) if r.when else ""} for r in draft.responses
        ],
        "matches": [{"measure": m.measure, "why": m.why, "score": m.score} for m in reading.matches],
        "claims": [
            {"topic": c.topic, "quote": c.quote, "start": c.start, "end": c.end} for c in reading.claims
        ],
        "spans": [
            {"field": s.field, "start": s.start, "end": s.end, "quote": s.quote} for s in reading.spans
        ],
    }
