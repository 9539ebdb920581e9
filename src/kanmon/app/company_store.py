"""Writing the answer for one firm: all files aside first, then moved into place."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError, Problem
from .store import check_out

if TYPE_CHECKING:
    from ..company.answer import Answer
    from ..company.ledger_bulk import BulkAnswer, Progress


def write(
    answer: Answer, main: str, out: Path | None = None, progress: Progress | None = None
) -> tuple[Answer, dict[str, Path]]:
    """Write company.html, company.json, company.xlsx and mapping.toml, and the verdicts of large ledgers.

    Returns the answer with what the large ledgers came to, and the paths by name.
    """
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
        answer = _with_ledgers(answer, aside, folder, progress)
        (aside / "company.html").write_text(company_html(answer, main), "utf-8")
        content = json.dumps(company_json(answer), indent=1, ensure_ascii=False, allow_nan=False)
        (aside / "company.json").write_text(content + "\n", "utf-8")
        write_workbook(answer, main, aside / "company.xlsx")
        mappings = {f.path: SheetMapping(f.table, f.mapping, f.system) for f in answer.company.files}
        (aside / "mapping.toml").write_text(written(mappings), "utf-8")
        paths = {}
        for made in sorted(aside.iterdir()):
            made.replace(folder / made.name)
            paths[made.name] = folder / made.name
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return answer, paths


def _with_ledgers(answer: Answer, aside: Path, folder: Path, progress: Progress | None) -> Answer:
    """The answer with the large ledgers judged; a file that cannot be judged is named, the rest goes on."""
    from ..company.ledger_bulk import judge_ledger_file

    found: list[BulkAnswer] = []
    faults: list[Problem] = []
    for path in answer.company.large_ledgers:
        name = f"{path.stem}-verdicts.parquet"
        try:
            one = judge_ledger_file(
                path, aside / name, answer.company, answer.asked, answer.network, progress
            )
        except InputError as fault:
            faults += fault.problems
            continue
        found.append(replace(one, out=folder / name))
        faults += one.problems
    return replace(answer, streamed=tuple(found), problems=(*answer.problems, *faults))
