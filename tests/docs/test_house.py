"""The house keeps its own rules: layers, sizes, no facts of one case in code, no traces of a machine."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "kanmon"
FILE_LINES = 400
FUNCTION_LINES = 60


def tracked() -> list[Path]:
    """Files of the checkout: what git tracks, or every file outside caches where there is no git."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode == 0 and found.stdout:
        return [ROOT / name for name in found.stdout.split("\0") if name and (ROOT / name).is_file()]
    skip = re.compile(
        r"(^|/)(\.venv[^/]*|\.git|__pycache__|\.[a-z_]+_cache|kanmon-report|dist|\.hypothesis)(/|$)"
    )
    files = (p for p in ROOT.rglob("*") if p.is_file())
    return [p for p in files if not skip.search(p.relative_to(ROOT).as_posix())]


def own_code() -> list[Path]:
    """Python files written here: everything tracked but what others made (vendor)."""
    return [p for p in tracked() if p.suffix == ".py" and "vendor" not in p.parts]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_layers_import_downward_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_kernels_import_arrays_only() -> None:
    plain = {"__future__", "collections", "contextlib", "dataclasses", "math", "typing"}
    threads = {"concurrent", "os", "threading"}  # a kernel may share its work out over the cores
    allowed = {"numpy", "scipy", "numba", *plain, *threads}
    found = {
        f"{name(path)}: {module}"
        for path in (SOURCE / "kernels").glob("*.py")
        for module in imported(path)
        if module.split(".")[0] not in allowed and not (module.startswith(".") and module.count(".") == 1)
    }
    assert not found


def imported(path: Path) -> set[str]:
    """Modules a file imports; relative ones start with their dots."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def test_files_are_short() -> None:
    long = {name(p): n for p in own_code() if (n := len(p.read_text("utf-8").splitlines())) > FILE_LINES}
    assert not long


def test_functions_are_short() -> None:
    long = {
        f"{name(path)}:{node.lineno} {node.name}": lines
        for path in own_code()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := length(node)) > FUNCTION_LINES
    }
    assert not long


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring: explaining at length is no fault."""
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        whole -= (first.end_lineno or first.lineno) - first.lineno + 1
    return whole


FOUNDING_CASE = re.compile(
    r"\b(CHN|JPN|CN|JP|china|chinese|beijing|mofcom|prc|japan|japanese|tokyo|meti|keidanren|takaichi|taiwan"
    r"|rare[ _-]earths?|HREE|LREE|dysprosium|terbium|gallium|germanium|antimony|tungsten|graphite|magnets?"
    r"|2026-01-06|2026, ?1, ?6|20260106|6 january|january 6)\b|CN-20\d\d"
    r"|中国|日本|商务部|経済産業省|稀土|レアアース|中國",
    re.IGNORECASE,
)
"""Countries, products and dates of the case Kanmon was built on: facts, so they live in data files."""
MAY_BE_NAMED = re.compile(
    r"(English, )?\bJapanese,? (and|or) Chinese\b|English, Japanese, Chinese\b|Noto Sans CJK JP"
    r"|Japanese cp932 or Chinese gb18030"
)
"""The languages that Kanmon reads, their encodings and a typeface."""


def test_no_fact_of_the_founding_case_stands_in_code() -> None:
    found = [
        f"{name(path)}:{number}: {line.strip()}"
        for path in sorted(SOURCE.rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if FOUNDING_CASE.search(MAY_BE_NAMED.sub("", line))
    ]
    assert not found, "\n".join(found)


def test_the_pattern_finds_what_it_is_for() -> None:
    for text in (
        'buyer = "JPN"',
        "if seller == 'CHN'",
        "rare_earths = 3",
        "date(2026, 1, 6)",
        "kanmon show cn-2026-01",
    ):
        assert FOUNDING_CASE.search(text), text
    for text in ("buyer", "china_wall", "in_force", "magnetic", "2026-01-07"):
        assert not FOUNDING_CASE.search(text), text


# Put together here so that this file does not hold what it looks for.
TRACES = re.compile(
    "|".join(
        [
            "/" + "work/",
            "/" + "tmp/venv",
            "/" + "home/[a-z]",
            "/" + "opt/pypi",
            "pypi" + r"\.org",
            "file:" + "//" + "/",
        ]
    )
)


def test_no_trace_of_a_machine() -> None:
    found = [
        f"{name(path)}:{number}"
        for path in tracked()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if TRACES.search(line)
    ]
    assert not found


def text_of(path: Path) -> str:
    """The text of a file, or nothing for one that is not text or was written elsewhere (vendor)."""
    if "vendor" in path.parts:
        return ""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def test_uv_lock_is_not_committed() -> None:
    assert not [name(p) for p in tracked() if p.name == "uv.lock"]


def test_constraints_are_exact_and_name_no_index() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    wrong = [
        line
        for line in pins
        if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*( ; [a-z_]+ .+)?", line)
    ]
    assert pins
    assert not wrong
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    pinned = {normal(line.split("==")[0]) for line in pins}
    assert {normal(re.split(r"[<>=]", line)[0]) for line in asked} <= pinned


def normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def test_every_module_says_what_it_is_for() -> None:
    silent = [name(p) for p in SOURCE.rglob("*.py") if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
    assert not silent


def test_no_promise_instead_of_code() -> None:
    promise = re.compile(r"\b(" + "TO" + r"DO|FIX" + r"ME)\b|raise NotImplemented" + "Error")
    found = [
        f"{name(path)}:{number}"
        for path in own_code()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if promise.search(line)
    ]
    assert not found
