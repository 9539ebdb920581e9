"""No bare number in any output: every digit a reader sees belongs to something with a source or a meaning."""

import importlib.util
import json
import re
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest

from kanmon.core.figure import Figure
from kanmon.report.card import print_card
from kanmon.report.findings import findings
from kanmon.report.html import render_html
from kanmon.report.json_out import assessment_json
from kanmon.report.words import line

HERE = Path(__file__).parent
VOID = {"meta", "link", "br", "img", "hr", "input", "col"}
SILENT = {"script", "style", "title", "head"}
MARKED = {"time", "code", "q"}
CLASSES = {"carded", "fig", "ref", "said", "name", "axis", "source", "every"}
CLASSES |= {"figlabel", "figvalue", "brand", "note"}
DIGIT = re.compile(r"\d")


@pytest.fixture(scope="module")
def assessment():
    spec = importlib.util.spec_from_file_location("sample", HERE.parent / "golden" / "sample.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.sample()


class Bare(HTMLParser):
    """Visible text with a digit that stands in no marked element."""

    def __init__(self):
        super().__init__()
        self.path, self.found, self.seen = [], [], 0

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            known = dict(attrs)
            self.path.append((tag, set((known.get("class") or "").split()), "data-kind" in known))

    def handle_endtag(self, tag):
        while self.path and self.path.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tags = {tag for tag, _, _ in self.path}
        if tags & SILENT or not DIGIT.search(data):
            return
        self.seen += 1
        classes = set().union(*(c for _, c, _ in self.path)) if self.path else set()
        if not (tags & MARKED or classes & CLASSES or any(kind for *_, kind in self.path)):
            self.found.append((data.strip()[:80], [(t, sorted(c)) for t, c, _ in self.path[-3:]]))


def bare_numbers(html: str) -> list:
    parser = Bare()
    parser.feed(html)
    assert parser.seen > 50, "the page shows hardly a number: the test would not see a bare one"
    return parser.found


def test_the_page_has_no_bare_number(assessment) -> None:
    html = render_html(findings(assessment))
    assert bare_numbers(html) == []


def test_a_bare_number_in_the_page_is_found(assessment) -> None:
    html = render_html(findings(assessment)).replace("</body>", "<p>Losses reach 4.2 per cent.</p></body>")
    assert [text for text, _ in bare_numbers(html)] == ["Losses reach 4.2 per cent."]


def test_a_bare_number_in_a_sentence_is_refused() -> None:
    with pytest.raises(ValueError, match="bare number"):
        line("a loss of 4.2 per cent")


def figures(thing) -> list[Figure]:
    if isinstance(thing, Figure):
        return [thing]
    if is_dataclass(thing) and not isinstance(thing, type):
        return [f for field in fields(thing) for f in figures(getattr(thing, field.name))]
    if isinstance(thing, tuple | list):
        return [f for item in thing for f in figures(item)]
    return []


def test_every_figure_carries_unit_basis_source_and_range(assessment) -> None:
    found = figures(assessment)
    assert len(found) > 60
    for figure in found:
        assert figure.unit
        assert figure.sources
        assert figure.exact or figure.low is not None or figure.high is not None or figure.value is None


def test_a_figure_without_source_or_range_is_refused(assessment) -> None:
    some = next(f for f in figures(assessment) if f.value is not None)
    with pytest.raises(ValueError, match="no source"):
        Figure("x", 1.0, "days", "assumed", (), low=0.0)
    with pytest.raises(ValueError, match="neither a range"):
        Figure("x", 1.0, "days", "assumed", some.sources)


def numbers(thing, path=()):
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield from numbers(value, (*path, key, thing))
    elif isinstance(thing, list):
        for value in thing:
            yield from numbers(value, path)
    elif isinstance(thing, int | float) and not isinstance(thing, bool):
        yield path, thing


PLAIN = {"months", "elapsed_days", "start", "end", "day", "days", "draws", "draws_error", "score", "sample"}
PLAIN |= {"ended", "entries", "parties", "years", "year", "kept_draws"}


def test_every_number_of_the_json_stands_beside_its_unit_and_sources(assessment) -> None:
    found = json.loads(json.dumps(assessment_json(assessment), allow_nan=False))
    bare = []
    for path, value in numbers(found):
        keys = [k for k in path if isinstance(k, str)]
        holders = [h for h in path if isinstance(h, dict)]
        known = any(("unit" in h or "units" in h) and ("sources" in h or "basis" in h) for h in holders)
        if not known and keys[-1] not in PLAIN:
            bare.append((keys, value))
    assert sorted({".".join(k) for k, _ in bare}) == []


def test_the_card_shows_the_basis_of_its_numbers(assessment) -> None:
    from rich.console import Console

    out = StringIO()
    print_card(findings(assessment), Console(file=out, width=80, highlight=False))
    text = out.getvalue()
    assert "% of a year's GDP" in text
    assert len(re.findall(r"\[[msia] ", text)) > 10
