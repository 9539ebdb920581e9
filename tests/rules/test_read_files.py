"""From bytes to text, and the reader's vocabularies: bad input and the data behind the words."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kanmon.measure
from kanmon.core.codes import flat, hs, mentions
from kanmon.core.errors import InputError
from kanmon.measure import read_vocab
from kanmon.measure.read import read, read_text
from kanmon.measure.read_file import language_of
from kanmon.measure.read_sentence import parse

TEXTS = Path(__file__).parent / "texts"
DATA = Path(kanmon.measure.__file__).parent / "data"
TOPICS = sorted(p.stem for p in (Path(kanmon.measure.__file__).parent / "reading").glob("*.toml"))


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("cn_gallium_2023", "utf-8"),
        ("cn_gallium_2023", "utf-8-sig"),
        ("cn_gallium_2023", "utf-16"),
        ("ja_ban_2026", "utf-8"),
        ("ja_ban_2026", "cp932"),
        ("ja_ban_2026", "utf-16"),
        ("ja_korea_2019", "cp932"),
        ("ja_russia_2023", "cp932"),
        ("zh_announcement_2026", "gb18030"),
        ("zh_gallium_2023", "gb18030"),
        ("zh_control_list_2026", "gb18030"),
        ("zh_entity_list_2024", "utf-16"),
    ],
)
def test_encodings_give_the_same_text(tmp_path, name, encoding):
    text = (TEXTS / f"{name}.txt").read_text(encoding="utf-8")
    file = tmp_path / "report.txt"
    file.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert read_text(file) == text


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (bytes(range(256)) * 4, "binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "binary"),
        ("Η Κίνα απαγόρευσε τις εξαγωγές".encode(), "language"),
        (b"China verbietet die Ausfuhr von Gallium nach Japan und in die USA.", "language"),
        (b"1234 5678 90", "language"),
    ],
)
def test_unreadable_files_are_one_clear_input_error(tmp_path, content, word):
    file = tmp_path / "report.txt"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_text(file)
    (problem,) = caught.value.problems
    assert word in problem.what
    assert str(file) in problem.where
    assert problem.why
    assert problem.fix


def test_missing_file_and_folder(tmp_path):
    for path, word in ((tmp_path / "none.txt", "not found"), (tmp_path, "folder")):
        with pytest.raises(InputError) as caught:
            read_text(path)
        assert word in caught.value.problems[0].what


def test_language_of():
    assert language_of("The ban on exports will take effect in May.") == "en"
    assert language_of("輸出を禁止すると発表した。") == "ja"
    assert language_of("商务部决定禁止出口。") == "zh"


@pytest.mark.parametrize("topic", [t for t in TOPICS if t != "words"])
def test_every_pattern_compiles_in_every_language(topic):
    assert read_vocab.entries(topic)
    for language in read_vocab.LANGUAGES:
        read_vocab.find(topic, "nothing", language)


def test_goods_have_codes_and_symbols_that_exist():
    for entry in read_vocab.entries("items"):
        for code in entry.extra.get("hs", ()):
            assert hs(code) == code
            assert len(code) in {4, 6}
        for symbol in entry.extra.get("elements", ()):
            assert symbol in read_vocab.groups() or 1 <= len(symbol) <= 2


def test_chapters_of_controlled_metals_agree_with_the_control_list():
    rows = list(csv.DictReader((DATA / "controlled_items.csv").open(encoding="utf-8")))
    listed: dict[str, set[str]] = {}
    for row in rows:
        for code in row["hs6"].split():
            listed.setdefault(row["element_or_group"].strip(), set()).add(code[:2])
    checked, wrong = [], []
    for entry in read_vocab.entries("items"):
        codes = {c[:2] for c in entry.extra.get("hs", ())}
        if entry.value in listed and codes and listed[entry.value]:
            checked.append(entry.value)
            if not codes & listed[entry.value]:
                wrong.append((entry.value, codes, listed[entry.value]))
    assert wrong == []
    assert len(checked) >= 8, checked


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Norland bans exports of gallium to Japan. ",
                "China’s export controls, announced on 3 July 2023, ",
                "“rare earths” could also be restricted.\n\n",
                "Tokyo lodged a protest with Beijing on May 4, 2023. ",
                "日本への輸出を禁止。",
                "８５０５ ﬁne — ",
                "\n",
                "İ",
            ]
        ),
        min_size=1,
        max_size=8,
    )
)
def test_places_hold_in_any_text(pieces):
    text = "The ban is on exports. " + "".join(pieces)
    assert len(flat(text)) == len(text)
    for m in mentions(text):
        assert 0 <= m.start < m.end <= len(text)
    for sentence in parse(text, "en").sentences:
        assert flat(text)[sentence.start : sentence.end] == sentence.plain
        assert len(sentence.mask) == len(sentence.plain)
    try:
        found = read(text)
    except InputError:
        # Letters of no language that is read are refused, never guessed.
        return
    for span in (*found.spans, *found.claims):
        assert text[span.start : span.end] == span.quote
