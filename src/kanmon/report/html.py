"""Findings -> one self-contained HTML file: template, style, charts and shapes all inside it."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from ..core.figure import Figure
from ..core.source import Source, unite
from .chart_world import atlas
from .format import amount, plain
from .page import Column, DataTable, Findings
from .words import Axis, Brief, Cite, Code, Line, Name, Numbering, Part, Quote, Stamp, marks_text

HERE = Path(__file__).parent
BUNDLES = ("vega.min.js", "vega-lite.min.js", "vega-embed.min.js")
_KANA = re.compile(r"[\u3040-\u30ff]")
_CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]+")


def write_html(findings: Findings, path: Path) -> Path:
    """Write the report beside its final name, then move it into place; returns the path."""
    text = render_html(findings)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=".report-", suffix=".html", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return path


def render_html(findings: Findings) -> str:
    """The report as text of one HTML file."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    numbering = findings.numbering

    def words(parts: Line) -> Markup:
        # Every piece is escaped in `part_html`; only our own tags are marked safe.
        return Markup("".join(part_html(part, numbering) for part in parts))  # noqa: S704

    def table(content: DataTable) -> Markup:
        return Markup(table_html(content, numbering))  # noqa: S704

    specs = {c.id: c.spec for s in (*findings.first, *findings.below) for c in s.charts}
    return env.get_template("report.html.j2").render(
        f=findings,
        s=findings.strings,
        words=words,
        table=table,
        amount=amount,
        basis=lambda name: findings.strings[name],
        runs=lambda sources: Markup(citation(sources, numbering, limit=None)),  # noqa: S704
        style=Markup((HERE / "assets" / "report.css").read_text("utf-8")),  # noqa: S704
        scripts=[Markup((HERE / "vendor" / name).read_text("utf-8")) for name in BUNDLES],  # noqa: S704
        specs=Markup(script_json(specs)),  # noqa: S704
        atlas=Markup(script_json(atlas() if "map" in specs else {})),  # noqa: S704
        start=Markup((HERE / "assets" / "report.js").read_text("utf-8")),  # noqa: S704
        sources=list(numbering.sources.items()),
        figures=list(numbering.figures.items()),
        safe_url=safe_url,
    )


def script_json(content: Any) -> str:
    """JSON that may stand inside a script element: no '<' can close it, no NaN."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def safe_url(url: str) -> str:
    """The address when it is a web page; nothing else may stand behind a link of the report."""
    return url if url.startswith(("https://", "http://")) else ""


def in_script(text: str) -> str:
    """Escaped text with runs of Japanese or Chinese marked, so that the right font is taken."""
    lang = "ja" if _KANA.search(text) else "zh"
    return _CJK.sub(lambda run: f'<span lang="{lang}">{run[0]}</span>', escape(text))


def citation(sources: Iterable[Source], numbering: Numbering, limit: int | None = 4) -> str:
    """Reference marks as links to the list of sources."""
    runs, more = numbering.marks(sources, limit)
    if not runs:
        return ""
    links = [f'<a href="#s{a}">{escape(marks_text([(a, b)], more=False))}</a>' for a, b in runs]
    return f'<sup class="ref">[{", ".join(links)}{", …" if more else ""}]</sup>'


def part_html(part: Part, numbering: Numbering) -> str:
    """One part of a line as HTML; the class says what kind of number may stand in it."""
    if isinstance(part, str):
        return escape(part)
    if isinstance(part, Figure):
        return figure_html(part, numbering)
    if isinstance(part, Brief):
        return figure_html(part.figure, numbering, brief=True)
    if isinstance(part, Stamp):
        return f"<time>{escape(part.text)}</time>"
    if isinstance(part, Code):
        return f"<code>{escape(part.text)}</code>"
    if isinstance(part, Name):
        return f'<span class="name">{in_script(part.text)}</span>'
    if isinstance(part, Axis):
        return f'<span class="axis">{escape(part.text)}</span>'
    if isinstance(part, Cite):
        return citation(part.sources, numbering)
    return quote_html(part, numbering)


def figure_html(figure: Figure, numbering: Numbering, *, brief: bool = False) -> str:
    """A figure linked to its row in the list of all figures, with the mark of its basis and its sources.

    brief: the number alone; unit stands in the head of its table, sources in its row of the list.
    """
    name = numbering.figure(figure)
    title = escape("; ".join(t for t in (figure.label, figure.basis, figure.note) if t))
    shown = escape(amount(figure, unit=not brief))
    link = f'<a class="fig {figure.basis}" href="#{name}" title="{title}">{shown}</a>'
    return link if brief else link + citation(figure.sources, numbering)


def quote_html(quote: Quote, numbering: Numbering) -> str:
    """Words of a record or text with their reference marks."""
    tag = "q" if quote.mark else "span"
    marks = "" if quote.beside else citation(quote.sources, numbering)
    return f'<{tag} class="said">{in_script(quote.text)}</{tag}>{marks}'


def table_html(content: DataTable, numbering: Numbering) -> str:
    """A table whose number columns carry unit, basis and sources in their heads."""
    heads = "".join(_head(column, numbering) for column in content.columns)
    rows = "".join(
        "<tr>"
        + "".join(_cell(column, cell, numbering) for column, cell in zip(content.columns, row, strict=True))
        + "</tr>"
        for row in content.rows
    )
    body = f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    return body + _under(content, numbering)


def _under(content: DataTable, numbering: Numbering) -> str:
    """Basis and sources of the figures that stand in a table without their own marks."""
    briefs = [
        p.figure
        for row in content.rows
        for cell in row
        if isinstance(cell, tuple)
        for p in cell
        if isinstance(p, Brief)
    ]
    if not briefs:
        return ""
    marks = citation(unite(*(figure.sources for figure in briefs)), numbering)
    bases = ", ".join(dict.fromkeys(figure.basis for figure in briefs))
    return f'<p class="under">{escape(bases)} {marks}</p>'


def _head(column: Column, numbering: Numbering) -> str:
    label = (
        f'<span class="axis">{in_script(column.label)}</span>' if column.declared else escape(column.label)
    )
    if column.kind != "number":
        return f'<th scope="col">{label}</th>'
    card = f"<small>{escape(column.unit)}, {escape(str(column.basis))}</small>"
    return f'<th scope="col" class="carded">{label}<br>{card}{citation(column.sources, numbering)}</th>'


def _cell(column: Column, cell: Any, numbering: Numbering) -> str:
    label = escape(column.label, quote=True)
    if column.kind == "text":
        return f'<td data-label="{label}">{"".join(part_html(part, numbering) for part in cell)}</td>'
    if column.kind == "axis":
        return f'<td class="axis" data-label="{label}">{escape(str(cell))}</td>'
    text = "" if cell is None else plain(cell, column.unit)
    return f'<td class="carded" data-label="{label}">{escape(text)}</td>'
