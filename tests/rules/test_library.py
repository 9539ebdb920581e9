"""The library of measures against the raw compilation, and the reader of a user's file."""

import csv
import json
import re
import tomllib
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from kanmon.core.errors import InputError
from kanmon.measure import load
from kanmon.measure.measure import When
from kanmon.measure.schema import check

ROOT = Path(__file__).parents[2]
RAW = list(csv.DictReader((load.DATA / "measures.csv").open(encoding="utf-8")))
TEXTS = (
    "instrument",
    "measure_type",
    "scope",
    "items",
    "licence_or_ban",
    "exemptions",
    "official_reason",
    "trigger_as_reported",
    "target_response",
    "outcome",
    "note",
)
SAME = {
    "title": "title",
    "instrument": "instrument_name",
    "legal_basis": "legal_basis",
    "official_reason": "reasons_given",
    "trigger_as_reported": "trigger_as_reported",
    "exemptions": "exemptions",
    "outcome": "outcome",
    "confidence": "confidence",
}


def flat(value):
    """All text of a record, with dates as they are printed."""
    if isinstance(value, When):
        return f"{value.day.isoformat()} {value} {value.note}"
    if isinstance(value, dict):
        if set(value) == {"day", "precision", "note"}:
            return flat(When(**value))
        return " ".join(flat(v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return " ".join(flat(v) for v in value)
    return str(value)


def record_text(measure):
    return flat(asdict(measure))


def test_no_row_is_lost():
    assert set(load.library()) == {row["measure_id"] for row in RAW}
    assert len(load.library()) == 60


@pytest.mark.parametrize("row", RAW, ids=lambda r: r["measure_id"])
def test_record_keeps_the_row(row):
    measure = load.library()[row["measure_id"]]
    assert {c: getattr(measure, f) for c, f in SAME.items()} == {c: row[c] for c in SAME}
    text = record_text(measure)
    dates = {d for column in row.values() for d in re.findall(r"\b\d{4}-\d{2}(?:-\d{2})?\b", column)}
    assert not {d for d in dates if d not in text}
    words = {w.casefold() for c in TEXTS for w in re.findall(r"[^\W\d_]{4,}", row[c])}
    assert not {w for w in words if w not in text.casefold()}


@pytest.mark.parametrize("row", RAW, ids=lambda r: r["measure_id"])
def test_record_keeps_every_source(row):
    cards = load.library()[row["measure_id"]].sources
    for piece in row["sources"].split(" | "):
        url = re.search(r"https?://\S+", piece)
        name = re.split(r"[,(]", piece.replace(url[0], "") if url else piece)[0].strip()
        day = re.search(r"\d{4}-\d{2}(-\d{2})?", piece.replace(url[0], "") if url else piece)
        fits = [
            c
            for c in cards
            if name.split(" citing")[0] in c.title + c.publisher
            and (url is None or c.url == url[0])
            and (day is None or day[0] in (c.date, c.title) or day[0] in c.title)
        ]
        assert fits, piece


@pytest.mark.parametrize("path", sorted(load.LIBRARY.glob("*/measure.toml")), ids=lambda p: p.parent.name)
def test_every_file_keeps_the_form(path):
    row = tomllib.loads(path.read_text("utf-8"))
    check(row, path.name)
    assert path.parent.name == row["id"].lower()
    assert all(other in load.library() for other in row["related"])


def test_embedded_tables_are_the_compiled_ones():
    facts = ROOT.parent / "shared" / "facts"
    if not facts.is_dir():
        pytest.skip("facts are not beside this checkout")
    assert (load.DATA / "measures.csv").read_bytes() == (facts / "measures.csv").read_bytes()
    # The other two may be corrected here against their sources, but lose no row.
    for name, key in (("controlled_items.csv", "item_id"), ("listed_entities.csv", "entity_id")):
        ours, theirs = (
            [row[key] for row in csv.DictReader((folder / name).open(encoding="utf-8"))]
            for folder in (load.DATA, facts)
        )
        assert ours == theirs


def test_limbs_dates_of_the_hard_records():
    library = load.library()
    foreign = {limb.id: str(limb.effective) for limb in library["CN-2025-61"].limbs}
    assert foreign["origin"] == "2025-10-09"
    assert foreign["content"] == foreign["technology"] == "2025-12-01"
    partly = {limb.id: limb for limb in library["CN-2024-46"].limbs}
    assert partly["1"].suspended_from is None
    assert str(partly["2a"].suspended_from) == "2025-11-09"
    assert partly["2a"].suspended_until.day == date(2026, 11, 27)
    six = [f"CN-2025-{n}" for n in (55, 56, 57, 58, 61, 62)]
    for limb in (limb for name in six for limb in library[name].limbs):
        assert (limb.suspended_from.day, limb.suspended_until.day) == (date(2025, 11, 7), date(2026, 11, 10))
    assert library["CN-2026-HELIUM"].announced.precision == "month"
    assert library["CN-2010-RE-JP"].announced is None
    assert library["CN-2026-20"].targets == ("BEL", "DEU", "CZE")
    assert library["QUARTET-2017-QA"].imposers == ("SAU", "ARE", "BHR", "EGY")


def test_items_and_parties_are_all_tied_to_a_measure():
    carried = {item.sources for m in load.library().values() for item in m.items}
    assert len(load.items()) == 145
    assert all(item.sources in carried for item in load.items())
    numbers = {m.instrument_name.split(" ")[-1] for m in load.library().values()}
    assert len(load.parties()) == 80
    assert (
        {party.number for party in load.parties()} == {"11/2026", "12/2026", "27/2026", "28/2026"} <= numbers
    )
    assert {party.country for party in load.parties()} == {"JPN"}


def test_newest_source_date_is_the_newest_card():
    days = [s.date for m in load.library().values() for s in m.sources if len(s.date) == 10]
    assert load.newest_source_date() == date.fromisoformat(max(days)) == date(2026, 8, 24)


def test_find_without_regard_to_case_and_with_nearest_names():
    assert load.find(" cn-2026-01 ").id == "CN-2026-01"
    with pytest.raises(InputError) as error:
        load.find("CN-2026-001")
    assert "CN-2026-01" in error.value.problems[0].near


def example(tmp_path, change=lambda text: text, name="m.toml"):
    text = re.search(r"```toml\n(.*?)```", (ROOT / "docs/measures.md").read_text("utf-8"), re.DOTALL)[1]
    path = tmp_path / name
    path.write_text(change(text), "utf-8")
    return path


def test_a_users_file_in_both_forms(tmp_path):
    path = example(tmp_path)
    measure = load.load_file(path)
    assert measure.origin == "file"
    assert measure.limbs[1].affected.high == 0.4
    volume = measure.limbs[2].volume  # min(1, quota / normal flow), here of tonnes
    assert (volume.low, volume.value, volume.high) == (0.6, 0.7, 0.75)
    assert [str(r.when) for r in measure.responses] == ["2030-01-16"]
    other = tmp_path / "m.json"
    other.write_text(json.dumps(tomllib.loads(path.read_text("utf-8"))), "utf-8")
    assert load.load_file(other) == measure


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("instrument = ", "instrumnt = ", "instrument"),
        ('imposers = ["NOR"]', 'imposers = ["Norwy"]', "Norway"),
        ('announced = "2030-01-15"', 'announced = "15.1.2030"', "YYYY-MM-DD"),
        ('announced = "2030-01-15"', 'announced = "2030-02-30"', "2030-02-30"),
        ('hs = ["250410"]', 'hs = ["25041"]', "4 or 6 digits"),
        ('elements = ["C"]', 'elements = ["rare earth"]', "rare earths"),
        ('kind = "protest"', 'kind = "protst"', "protest"),
        ('sources = ["gazette"]', 'sources = ["gazete"]', "gazette"),
        ('suspended_until = "2030-09-01', 'suspended_until = "2030-05-01', "before"),
        ("high = 0.4", "high = 0.15", "order"),
        ('text = "No export of flake graphite"', "", "text is missing"),
        ("[[limb]]", "[[limb", "valid TOML"),
        ("normal = 20000", "#", "normal is missing"),
        ('unit = "tonnes"', 'unit = "share"', "above 1"),
        ("low = 12000", "low = 14500", "volume: low, mid, high are not in order"),
        ('instrument = "quota"', 'instrument = "ban"', "belongs to a quota"),
    ],
)
def test_faults_of_a_users_file_name_the_cure(tmp_path, old, new, word):
    path = example(tmp_path, lambda text: text.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        load.load_file(path)
    assert word in str(error.value)
    assert error.value.exit_code == 2


def test_all_faults_at_once(tmp_path):
    def spoil(text):
        return text.replace('targets = ["SWE"]', 'targets = ["Swedn"]').replace("related =", "relatd =")

    with pytest.raises(InputError) as error:
        load.load_file(example(tmp_path, spoil))
    assert len(error.value.problems) == 2
    assert "related" in error.value.problems[1].near


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("none.toml", None, "no such file"),
        ("empty.toml", b" \n", "empty"),
        ("binary.toml", b"\x00\xff\xfe\x01", "not text"),
        ("zeros.toml", b"id = \x00", "not text"),
        ("list.json", b"[1]", "no measure"),
        ("broken.json", b"{", "valid JSON"),
        ("words.txt", b"hello", ".toml or .json"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, data, word):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError, match=re.escape(word)):
        load.load_file(path)
