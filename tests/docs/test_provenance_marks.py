"""Marks tell the truth: figure texts are those of their cards, references are listed, digits are typed."""

import importlib.util
import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest

from kanmon.report.card import card
from kanmon.report.findings import findings
from kanmon.report.format import amount
from kanmon.report.html import render_html

SAMPLE = Path(__file__).parents[1] / "golden" / "sample.py"
KINDS = {"figure", "ref", "code", "said", "name", "axis", "date"}


@pytest.fixture(scope="module")
def found():
    spec = importlib.util.spec_from_file_location("sample", SAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return findings(module.sample())


class Links(HTMLParser):
    """Texts of links by their target, and all ids."""

    def __init__(self):
        super().__init__()
        self.links, self.ids, self.open = [], set(), None

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if known.get("id"):
            self.ids.add(known["id"])
        if tag == "a" and (known.get("href") or "").startswith("#"):
            self.open = [known["href"][1:], set((known.get("class") or "").split()), ""]

    def handle_data(self, data):
        if self.open:
            self.open[2] += data

    def handle_endtag(self, tag):
        if tag == "a" and self.open:
            self.links.append(self.open)
            self.open = None


def faults(html: str, found) -> list[str]:
    """Figures whose text is not that of their card, and references to nothing."""
    parser = Links()
    parser.feed(html)
    cards = {name: figure for figure, name in found.numbering.figures.items()}
    wrong = []
    for target, classes, text in parser.links:
        if "fig" in classes and (
            target not in cards or text not in {amount(cards[target]), amount(cards[target], unit=False)}
        ):
            wrong.append(text)
        if target not in parser.ids:
            wrong.append(f"#{target}")
    return wrong


def test_every_figure_shown_is_the_one_of_its_card(found) -> None:
    html = render_html(found)
    assert html.count('class="fig ') > 100
    assert faults(html, found) == []


def test_a_figure_altered_on_its_way_to_the_page_is_found(found) -> None:
    figure = next(g for g in found.figures() if g.unit == "% of GDP")
    html = render_html(found).replace(f">{amount(figure)}</a>", ">9.9 % of GDP</a>", 1)
    assert faults(html, found) == ["9.9 % of GDP"]


def test_a_reference_to_no_source_is_found(found) -> None:
    html = render_html(found).replace('href="#s1"', 'href="#s999"', 1)
    assert faults(html, found) == ["#s999"]


def test_every_source_and_figure_is_numbered(found) -> None:
    used = {s for g in found.figures() for s in g.sources}
    assert used <= set(found.numbering.sources)
    assert set(found.figures()) <= set(found.numbering.figures)
    assert sorted(found.numbering.sources.values()) == list(range(1, len(found.numbering.sources) + 1))


def bare_in_card(pieces) -> tuple[list[str], int]:
    """Texts of the card with a digit and no kind; and how many digits had one."""
    from rich.console import Console

    console = Console(width=80, file=StringIO(), color_system="truecolor", highlight=False)
    bare, typed = [], 0
    for piece in pieces:
        for segment in console.render(piece):
            if not re.search(r"\d", segment.text):
                continue
            kind = segment.style.meta.get("kind") if segment.style else None
            typed += kind in KINDS
            if kind not in KINDS:
                bare.append(segment.text.strip())
    return bare, typed


def test_the_card_has_no_bare_number(found) -> None:
    bare, typed = bare_in_card(card(found, Path("report.html")))
    assert bare == []
    assert typed > 60


def test_a_bare_number_in_the_card_is_found(found) -> None:
    from rich.text import Text

    assert bare_in_card([*card(found), Text("Losses reach 4.2 per cent.")])[0] == [
        "Losses reach 4.2 per cent."
    ]


def test_the_page_loads_nothing_and_stays_small(found) -> None:
    html = render_html(found)
    head = html.split("<script>", 1)[0]
    assert not re.search(r"<(link|img|iframe|script)[^>]+(src|href)=", head)
    assert not re.search(r"<script[^>]+src=", html)
    assert "@import" not in head
    assert "url(" not in head
    assert len(html.encode()) < 2_500_000


def test_every_chart_has_sentence_alt_text_units_and_table(found) -> None:
    charts = [c for s in (*found.first, *found.below) for c in s.charts]
    assert len(charts) >= 8
    for chart in charts:
        assert chart.sentence
        assert chart.alt
        assert chart.table.rows
    assert len({c.id for c in charts}) == len(charts)
