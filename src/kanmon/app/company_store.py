"""Writing the answer for one firm: all files aside first, then moved into place."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..company.answer_files import ANSWER, is_answer
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
    from ..company.mapping import of_file, written
    from ..report.company_html import company_html
    from ..report.company_json import company_json
    from ..report.company_xlsx import write_workbook

    folder = out or default_out(answer.company.name)
    check_out(folder)
    _check_free(folder, answer.company.folder)
    aside = _made(folder)
    try:
        answer = _with_ledgers(answer, aside, folder, progress)
        (aside / "company.html").write_text(company_html(answer, main), "utf-8")
        content = json.dumps(company_json(answer), indent=1, ensure_ascii=False, allow_nan=False)
        (aside / "company.json").write_text(content + "\n", "utf-8")
        write_workbook(answer, main, aside / "company.xlsx")
        mappings = {f.path: of_file(f) for f in answer.company.files}
        mappings |= {path.name: read for path, read in answer.company.large_ledgers.items()}
        (aside / "mapping.toml").write_text(written(mappings), "utf-8")
        paths = {}
        for made in sorted(aside.iterdir()):
            made.replace(folder / made.name)
            paths[made.name] = folder / made.name
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return answer, paths


def default_out(name: str) -> Path:
    """kanmon-company/<name of the firm's folder> below the current folder."""
    return Path("kanmon-company") / name


def check_target(folder: Path, given: Path | None) -> Path:
    """The folder, if an answer can be written there; InputError otherwise, before anything is counted.

    A file is written on trial; what is made for it is taken away again.
    """
    check_out(folder)
    _check_free(folder, given)
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        aside = _made(folder)
        aside.rmdir()
    finally:
        for one in new:
            if one.is_dir():
                one.rmdir()
    return folder


def _made(folder: Path) -> Path:
    """A new folder inside the folder, which is made where it is not there; InputError where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    except OSError as fault:
        raise InputError(
            Problem(f"{folder} cannot be used: {fault.strerror}", "--out", fix="name another folder")
        ) from fault


def _check_free(folder: Path, given: Path | None) -> None:
    """InputError where an answer would lie among the firm's own files, or replace files that are no answer.

    Among the files it is read as tables by the next run, and the firm's own company.xlsx would be lost.
    """
    problems = []
    fix = "name another folder with --out"
    if given is not None and folder.resolve() == given.resolve():
        why = "the next run would read the answer as the firm's tables"
        problems.append(Problem("the answer would be written among the firm's files", "--out", why, fix))
    if not is_answer(folder):
        there = [name for name in ANSWER if (folder / name).exists()]
        if there:
            why = f"{', '.join(there)} there are not from an earlier run"
            problems.append(Problem("files would be replaced", str(folder), why, fix))
    if problems:
        raise InputError(problems)


def _with_ledgers(answer: Answer, aside: Path, folder: Path, progress: Progress | None) -> Answer:
    """The answer with the large ledgers judged; a file that cannot be judged is named, the rest goes on."""
    from ..company.ledger_bulk import judge_ledger_file

    found: list[BulkAnswer] = []
    faults: list[Problem] = []
    for path, read in answer.company.large_ledgers.items():
        name = f"{path.stem}-verdicts.parquet"
        try:
            one = judge_ledger_file(
                path, aside / name, answer.company, answer.asked, answer.network, progress, read
            )
        except InputError as fault:
            faults += fault.problems
            continue
        found.append(replace(one, out=folder / name))
        faults += one.problems
    return replace(answer, streamed=tuple(found), problems=(*answer.problems, *faults))
