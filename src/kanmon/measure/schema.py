"""The form of a measure file, checked with pydantic. Imported only when a file is read."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ..core.errors import InputError, Problem, nearest
from .dates import FORM, parse_when
from .measure import Certainty, EndUse, EndUser, Instrument, ResponseKind
from .words import words


def _when(value: Any) -> str:
    parse_when(value)
    return str(value)


def _country(value: str) -> str:
    if value == "all":
        return value
    from ..core.codes import country

    try:
        return country(value)
    except InputError as error:
        problem = error.problems[0]
        near = f"; nearest: {', '.join(problem.near)}" if problem.near else ""
        raise ValueError(f'{problem.what}: write the three-letter code, EUR or "all"{near}') from error


def _hs(value: str) -> str:
    if not re.fullmatch(r"\d{4}|\d{6}", value):
        raise ValueError(f"{value!r} is not an HS code: text of 4 or 6 digits")
    return value


def _element(value: str) -> str:
    table = words()
    if value not in table["elements"] and value not in table["groups"]:
        known = [*table["elements"], *table["groups"]]
        near = ", ".join(nearest(value, known)) or "a chemical symbol or a group word"
        raise ValueError(f"{value!r} is not a known element or group; nearest: {near}")
    return value


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
DateText = Annotated[Any, AfterValidator(_when)]
Country = Annotated[str, AfterValidator(_country)]
Hs = Annotated[str, AfterValidator(_hs)]
Element = Annotated[str, AfterValidator(_element)]
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Strict(BaseModel):
    """Unknown fields are faults."""

    model_config = ConfigDict(extra="forbid")


class ItemForm(Strict):
    """Goods, in the words of the source."""

    phrase: Text
    hs: list[Hs] = []
    elements: list[Element] = []
    control_codes: list[str] = []
    certainty: Certainty = "stated"
    sources: list[str] = []


class AffectedForm(Strict):
    """Share of the buyer's purchases that a clause reaches."""

    low: Share
    mid: Share
    high: Share
    basis: Literal["measured", "sourced", "inferred", "assumed"]
    note: str = ""
    sources: list[str] = []


class VolumeForm(Strict):
    """What a quota lets through in a year: a share of the normal flow, or an amount beside the normal one."""

    low: Amount
    mid: Amount
    high: Amount
    unit: Literal["share", "tonnes", "units", "usd_m"] = "share"
    normal: Positive | None = None
    basis: Literal["measured", "sourced", "inferred", "assumed"]
    note: str = ""
    sources: list[str] = []


class LimbForm(Strict):
    """One operative part with dates of its own."""

    id: Text
    text: Text
    instrument: Instrument
    effective: DateText = None
    suspended_from: DateText = None
    suspended_until: DateText = None
    ended: DateText = None
    unknown_since: DateText = None
    handling: Literal["letter", "practice"] = "letter"
    end_user_scope: list[EndUser] = ["all"]
    end_use_scope: list[EndUse] = ["all"]
    targets: list[Country] = []
    controlled_items: str = ""
    item: list[ItemForm] = []
    affected: AffectedForm | None = None
    volume: VolumeForm | None = None
    sources: list[str] = []


class ResponseForm(Strict):
    """What a government did about the measure."""

    by: Country
    kind: ResponseKind
    when: DateText = None
    text: Text
    sources: list[str] = []


class SourceForm(Strict):
    """Where it is said."""

    id: Text
    title: Text
    publisher: str = ""
    date: Annotated[Any, AfterValidator(str)] = ""
    url: str = ""
    licence: str = ""
    confidence: str = ""


class MeasureForm(Strict):
    """A measure file."""

    id: Text
    title: Text
    imposers: Annotated[list[Country], Field(min_length=1)]
    targets: Annotated[list[Country], Field(min_length=1)]
    flow: Literal["export", "import", "both"] = "export"
    announced: DateText = None
    kind: str = ""
    instrument_name: str = ""
    legal_basis: str = ""
    re_export: Literal["yes", "no", "unknown"] = "unknown"
    reasons_given: str = ""
    trigger_as_reported: str = ""
    exemptions: str = ""
    outcome: str = ""
    related: list[str] = []
    confidence: str = ""
    notes: str = ""
    limb: Annotated[list[LimbForm], Field(min_length=1)]
    response: list[ResponseForm] = []
    source: Annotated[list[SourceForm], Field(min_length=1)]


FORMS: dict[str, type[Strict]] = {
    "": MeasureForm,
    "limb": LimbForm,
    "item": ItemForm,
    "affected": AffectedForm,
    "volume": VolumeForm,
    "response": ResponseForm,
    "source": SourceForm,
}
_TABLE = re.compile(r"([a-z_]+)")


def check(row: dict[str, Any], where: str) -> dict[str, Any]:
    """The checked fields of a measure file; InputError lists every fault at once."""
    try:
        checked = MeasureForm.model_validate(row)
    except ValidationError as error:
        raise InputError([_problem(dict(fault), where) for fault in error.errors()]) from error
    problems = _cross_checks(checked, where)
    if problems:
        raise InputError(problems)
    return checked.model_dump(exclude_none=True)


def _problem(fault: dict[str, Any], where: str) -> Problem:
    """A pydantic fault in this program's words, with the nearest valid names."""
    path = fault["loc"]
    shown = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    tables = [part for part in path[:-1] if isinstance(part, str)]
    place = f"{where}, {shown}"
    if fault["type"] == "extra_forbidden":
        fields = list(FORMS.get(tables[-1] if tables else "", MeasureForm).model_fields)
        near = nearest(str(path[-1]), fields)
        return Problem(
            f"unknown field {path[-1]!r}", place, fix="docs/measures.md lists the fields", near=near
        )
    if fault["type"] == "missing":
        return Problem(f"{path[-1]} is missing", place, "every measure needs it", f"add {path[-1]} = ...")
    if fault["type"] == "literal_error":
        valid = re.findall(r"'([^']+)'", fault["ctx"]["expected"])
        near = nearest(str(fault["input"]), valid) or tuple(valid)
        return Problem(f"{fault['input']!r} is no valid word here", place, near=near)
    message = str(fault["msg"]).removeprefix("Value error, ")
    fix = f"write dates as {FORM}" if "is not a date" in message else ""
    return Problem(message, place, fix=fix)


def _cross_checks(form: MeasureForm, where: str) -> list[Problem]:
    """Faults between fields: sources that are cited but not given, dates and shares out of order."""
    problems: list[Problem] = []
    cards = [s.id for s in form.source]
    cited = [(f"limb {limb.id}", limb.sources) for limb in form.limb]
    cited += [(f"limb {limb.id}", item.sources) for limb in form.limb for item in limb.item]
    cited += [(f"limb {limb.id}", limb.volume.sources) for limb in form.limb if limb.volume]
    cited += [(f"response of {r.by}", r.sources) for r in form.response]
    for place, names in cited:
        for name in names:
            if name not in cards:
                near = nearest(name, cards)
                problems.append(Problem(f"source {name!r} is not given", f"{where}, {place}", near=near))
    for limb in form.limb:
        problems += _order_faults(limb, f"{where}, limb {limb.id}")
    return problems


def _order_faults(limb: LimbForm, place: str) -> list[Problem]:
    problems = []
    for first, second in (("effective", "ended"), ("suspended_from", "suspended_until")):
        start, end = getattr(limb, first), getattr(limb, second)
        if start and end and parse_when(end).day < parse_when(start).day:
            problems.append(Problem(f"{second} lies before {first}", place))
    share = limb.affected
    if share and not share.low <= share.mid <= share.high:
        problems.append(Problem("affected: low, mid, high are not in order", place))
    return problems + _volume_faults(limb, place)


def _volume_faults(limb: LimbForm, place: str) -> list[Problem]:
    volume = limb.volume
    if volume is None:
        return []
    problems = []
    if limb.instrument != "quota":
        problems.append(Problem(f"volume: a {limb.instrument} has none", place, "it belongs to a quota"))
    if not volume.low <= volume.mid <= volume.high:
        problems.append(Problem("volume: low, mid, high are not in order", place))
    if volume.unit != "share" and volume.normal is None:
        why = "the share that may move is the quota over the flow of a normal year"
        problems.append(Problem("volume: normal is missing", place, why, "normal = the flow, in that unit"))
    if volume.unit == "share" and volume.normal is not None:
        problems.append(Problem("volume: a share has no normal flow beside it", place, fix='unit = "tonnes"'))
    if volume.unit == "share" and volume.high > 1:
        problems.append(Problem("volume: a share is above 1", place, fix='unit = "tonnes", normal = ...'))
    return problems
