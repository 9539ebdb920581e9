"""Read a report, notice or circular into a draft measure, each field with the words that say it.

The reader works offline and always gives the same answer: vocabularies in `reading/*.toml` find
who restricts what to whom, sentence by sentence; nothing is added that the text does not say.
What the library knows stands apart, under `matches`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from ..core.source import Source
from .claims import claims
from .measure import EndUse, EndUser, Instrument, Limb, Measure, State
from .read_actors import Actors, actors
from .read_dates import Dated, announced_and_effective, dates
from .read_file import language_of, read_text
from .read_items import Goods, goods
from .read_kind import (
    Direction,
    Found,
    act_sentences,
    direction,
    instruments,
    legal,
    scopes,
    status,
    why_not_export,
)
from .read_match import MATCH_NEEDED, matches
from .read_responses import Answer, responses
from .read_sentence import Parsed, parse
from .reading import Reading, Span

LONGEST_TITLE = 160
"""Characters of a text's first sentence that stand as the title of its draft."""

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
    found = _fields(parsed)
    draft = _draft(parsed, found)
    full_days = [d.when.day for d in found.all_dates if d.day and d.year_given]
    kinds = [f.value for f in found.kinds]
    same = () if found.why_not else matches(text, parsed.language, draft, kinds, full_days, library or {})
    return Reading(
        text=text,
        language=parsed.language,
        is_export_restriction=not found.why_not,
        why_not=found.why_not,
        draft=draft,
        scopes={"end_user_scope": _values(found.users), "end_use_scope": _values(found.uses)},
        status=found.state.value if found.state else "unknown",
        announced=str(found.announced.when) if found.announced else "",
        effective=str(found.effective.when) if found.effective else "",
        matches=same,
        claims=claims(parsed),
        spans=_spans(text, found),
    )


@dataclass(frozen=True)
class _Fields:
    """Everything found in a text, each with its place."""

    why_not: str
    who: Actors
    kinds: tuple[Found, ...]
    things: tuple[Goods, ...]
    users: tuple[Found, ...]
    uses: tuple[Found, ...]
    state: Found | None
    announced: Dated | None
    effective: Dated | None
    at_once: tuple[int, int] | None
    all_dates: tuple[Dated, ...]
    reach: str
    reach_place: Found | None
    laws: tuple[Found, ...]
    answers: tuple[Answer, ...]


def _fields(parsed: Parsed) -> _Fields:
    about = direction(parsed)
    all_dates = dates(parsed)
    why_not = why_not_export(about) or _nobody(parsed, about)
    if why_not:
        # Where no export is restricted the fields of a measure stay empty; responses stay.
        nobody = Actors((), ())
        answers = responses(parsed, all_dates, (), ())
        return _Fields(
            why_not, nobody, (), (), (), (), None, None, None, None, all_dates, "unknown", None, (), answers
        )
    who = actors(parsed, about.export_sentences)
    announced, effective, at_once = announced_and_effective(parsed, act_sentences(parsed, about))
    reach, reach_place, laws = legal(parsed)
    state, things = status(parsed, about), goods(parsed, about)
    if state and state.value == "proposed":
        # What is only proposed meets no goods yet.
        things = tuple(replace(g, item=replace(g.item, certainty="possible")) for g in things)
    imposers, targets = [f.value for f in who.imposers], [f.value for f in who.targets]
    return _Fields(
        why_not="",
        who=who,
        kinds=instruments(parsed, about),
        things=things,
        users=scopes(parsed, about, "end_user_scope"),
        uses=scopes(parsed, about, "end_use_scope"),
        state=state,
        announced=announced,
        effective=effective,
        at_once=at_once,
        all_dates=all_dates,
        reach=reach,
        reach_place=reach_place,
        laws=laws,
        answers=responses(parsed, all_dates, imposers, targets),
    )


def _nobody(parsed: Parsed, about: Direction) -> str:
    """Why goods that merely stopped flowing are no measure: nobody restricts and no instrument is named."""
    if actors(parsed, about.export_sentences).imposers:
        return ""
    if any(f.value != "other" for f in instruments(parsed, about)):
        return ""
    return (
        "the text names neither who restricts exports nor an instrument (ban, licence, quota, tax, listing)"
    )


def _values(found: Sequence[Found]) -> tuple[str, ...]:
    return tuple(f.value for f in found) or ("unknown",)


def _spans(text: str, found: _Fields) -> tuple[Span, ...]:
    """Where each field was found; every quote is cut from the text itself."""
    places: list[tuple[str, int, int]] = []
    simple: tuple[tuple[str, Sequence[Found]], ...] = (
        ("imposers", found.who.imposers),
        ("targets", found.who.targets),
        ("instrument", found.kinds),
        ("end_user_scope", found.users),
        ("end_use_scope", found.uses),
        ("status", (found.state,) if found.state else ()),
        ("re_export", (found.reach_place,) if found.reach_place else ()),
        ("legal_basis", found.laws),
    )
    for field, values in simple:
        places += [(field, f.start, f.end) for f in values]
    places += [(f"items[{i}]", g.start, g.end) for i, g in enumerate(found.things)]
    places += [(f"responses[{i}]", a.start, a.end) for i, a in enumerate(found.answers)]
    if found.announced:
        places.append(("announced", found.announced.start, found.announced.end))
    if found.at_once:
        places.append(("effective", *found.at_once))
    elif found.effective:
        places.append(("effective", found.effective.start, found.effective.end))
    return tuple(Span(field, start, end, text[start:end]) for field, start, end in places)


def _draft(parsed: Parsed, found: _Fields) -> Measure:
    """The record that the text alone supports: one limb per instrument, the goods on the first."""
    title = parsed.text[parsed.sentences[0].start : parsed.sentences[0].end].strip()
    title = (
        title.rstrip(".。").strip() if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE].rstrip()}…"
    )
    source = Source("text", title, publisher="the text given", confidence="as far as the text says")
    return Measure(
        id="draft",
        title=title,
        imposers=tuple(f.value for f in found.who.imposers),
        targets=tuple(f.value for f in found.who.targets),
        announced=found.announced.when if found.announced else None,
        limbs=() if found.why_not else _limbs(parsed, found, source),
        legal_basis="; ".join(parsed.text[f.start : f.end] for f in found.laws),
        re_export={"true": True, "false": False}.get(found.reach),
        responses=tuple(replace(a.response, sources=(source,)) for a in found.answers),
        sources=(source,),
        confidence="draft from a text",
        notes="drafted from one text; what the text does not say is left empty",
        origin="draft",
    )


def _limbs(parsed: Parsed, found: _Fields, source: Source) -> tuple[Limb, ...]:
    values = [f.value for f in found.kinds] or ["other"]
    return tuple(
        Limb(
            id=f"draft-{i + 1}",
            text=parsed.text[found.kinds[i].start : found.kinds[i].end] if found.kinds else "",
            instrument=cast("Instrument", value),
            effective=found.effective.when if found.effective else None,
            told=cast("State", found.state.value if found.state else "unknown"),
            end_user_scope=cast("tuple[EndUser, ...]", _values(found.users)),
            end_use_scope=cast("tuple[EndUse, ...]", _values(found.uses)),
            # Goods stand on one limb only, so that nothing is counted twice.
            items=tuple(replace(g.item, sources=(source,)) for g in found.things) if i == 0 else (),
            sources=(source,),
        )
        for i, value in enumerate(values)
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
