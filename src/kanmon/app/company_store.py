"""Writing the answer for one firm: all files aside first, then moved into place."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, Problem
from .store import check_out

if TYPE_CHECKING:
    from ..company.answer import Answer


def write(answer: Answer, main: str, out: Path | None = None) -> dict[str, Path]:
    """Write company.html, company.json, company.xlsx and mapping.toml; returns their paths by name."""
    from ..company.ledger_bulk import judge_ledger_file
    from ..company.mapping import SheetMapping, written
    from ..report.company_html import company_html
    from ..report.company_json import company_json
    from ..report.company_xlsx import write_workbook

    folder = out or Path("kanmon-company") / answer.company.name
    check_out(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise InputError(
            Problem(f"{folder} cannot be made: {fault.strerror}", "--out", fix="name another folder")
        ) from fault
    aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        (aside / "company.html").write_text(company_html(answer, main), "utf-8")
        content = json.dumps(company_json(answer), indent=1, ensure_ascii=False, allow_nan=False)
        (aside / "company.json").write_text(content + "\n", "utf-8")
        write_workbook(answer, main, aside / "company.xlsx")
        for path in answer.company.large_ledgers:
            judge_ledger_file(
                path, aside / f"{path.stem}-verdicts.parquet", answer.company, answer.asked, answer.network
            )
        mappings = {f.path: SheetMapping(f.table, f.mapping, f.system) for f in answer.company.files}
        (aside / "mapping.toml").write_text(written(mappings), "utf-8")
        paths = {}
        for made in sorted(aside.iterdir()):
            made.replace(folder / made.name)
            paths[made.name] = folder / made.name
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return paths
