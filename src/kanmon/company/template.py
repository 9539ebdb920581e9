"""Empty files with explanations, for a firm that has no export at hand."""

from __future__ import annotations

import csv
from pathlib import Path

from ..core.errors import InputError, Problem
from .fields import Field, table_kinds

MEANING = {
    "key": "a code",
    "text": "text",
    "quantity": "a number",
    "money": "an amount",
    "share": "a share of 1, or per cent with the sign %",
    "days": "days",
    "date": "a day, YYYY-MM-DD",
    "country": "a country: code or name",
    "hs": "a customs code as text",
    "unit": "a unit: EA, KG, G, M ...",
    "currency": "three letters",
    "yes": "x where it holds",
    "state": "cancelled or draft where it is no purchase",
    "cleared": "cleared (has left the exporting country) or open",
    "make_buy": "M made here, B bought",
    "price_per": "1, 100 or 1000",
}


def write_template(folder: Path) -> Path:
    """Write one empty CSV a table and a README.md; a file that exists is left alone and named."""
    there = [f"{name}.csv" for name in table_kinds() if (folder / f"{name}.csv").exists()]
    if there:
        raise InputError(
            Problem("files of these names exist", str(folder), ", ".join(there), "name an empty folder")
        )
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["Fill what you have; leave out what you have not. A star marks columns a table needs.", ""]
    for name, kind in table_kinds().items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerow([field.name for field in kind.fields])
        lines += [f"{name}.csv", *(_line(field) for field in kind.fields), ""]
    (folder / "README.md").write_text("\n".join(lines), encoding="utf-8")
    return folder


def _line(field: Field) -> str:
    star = "*" if field.must else " "
    also = [word for word, origin in field.words.items() if origin in {"ja", "zh", "sap"}][:3]
    return f"  {star} {field.name:<18} {MEANING[field.kind]}" + (
        f"   (also: {', '.join(also)})" if also else ""
    )
