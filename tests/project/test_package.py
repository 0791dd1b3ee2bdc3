"""What would break without a sound: files left out of the package, stale caches, wrong imports."""

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipeline.inference.compiler import kernel_sources
from tests.conftest import ROOT

PACKAGE = ROOT / "pipeline"
SOURCES = sorted(PACKAGE.rglob("*.py"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and of what builds and checks it."""
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "pipeline", ignore=leave_out)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_wheel_holds_every_module_and_template(copy: Path) -> None:
    (copy / "pipeline/newroom/inner").mkdir(parents=True)
    for name in ("__init__.py", "inner/__init__.py", "inner/page.html.jinja", "inner/a.css"):
        (copy / "pipeline/newroom" / name).touch()
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", "built")
    done = run(copy, "-m", "pip", "wheel", *options, ".")
    assert done.returncode == 0, done.stderr
    (wheel,) = (copy / "built").glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        held = {name for name in content.namelist() if name.startswith("pipeline/")}
    files = [file for file in (copy / "pipeline").rglob("*") if file.is_file()]
    wanted = {file.relative_to(copy).as_posix() for file in files if file.suffix != ".md"}
    assert held == wanted
    assert {"pipeline/py.typed", "pipeline/newroom/inner/a.css"} <= held


def imported_modules(source: Path) -> set[Path]:
    """Find the modules of the package that a module names in its imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    files = {ROOT / f"{name.replace('.', '/')}.py" for name in found if name.startswith("pipeline")}
    return {file for file in files if file.is_file()}


def test_the_kernel_is_compiled_again_when_anything_it_is_made_of_changes() -> None:
    reached = set((PACKAGE / "inference/kernel").glob("*.py"))
    assert len(reached) > 5
    waiting = list(reached)
    while waiting:
        new = imported_modules(waiting.pop()) - reached
        reached |= new
        waiting += new
    assert PACKAGE / "model/features.py" in reached
    assert reached <= set(kernel_sources())


def test_only_one_module_says_where_the_checkout_is() -> None:
    climbs = re.compile(r"__file__.*(?:\.parent){2}|__file__.*\.parents\[")
    found = [file for file in SOURCES if climbs.search(file.read_text(encoding="utf-8"))]
    assert found == [PACKAGE / "files.py"]


def fingerprint(folder: Path) -> str:
    code = "from pipeline.model import features; print(features.__file__, features.fingerprint())"
    done = run(folder, "-c", code)
    assert done.returncode == 0, done.stderr
    file, found = done.stdout.split()
    assert Path(file).is_relative_to(folder)
    return found


def test_the_fingerprint_changes_with_what_a_feature_is_and_with_nothing_else(copy: Path) -> None:
    first = fingerprint(copy)
    file, words = copy / "pipeline/model/features.py", copy / "pipeline/model/lexicon.py"
    features, lexicon = (each.read_text(encoding="utf-8") for each in (file, words))
    documented = features.replace('"""', '"""In other words: ', 1) + "\n# a remark\n"
    assert documented != features
    file.write_text(documented)
    assert fingerprint(copy) == first
    changed = re.sub(r"^STEM = (\d+)$", lambda m: f"STEM = {int(m[1]) + 1}", features, flags=re.M)
    assert changed != features
    file.write_text(changed)
    other = fingerprint(copy)
    file.write_text(features)
    words.write_text(lexicon + '\nFAMILY_OF["zzyzx"] = "DENY"\nENDING_OF["zzyzx"] = ""\n')
    assert len({first, other, fingerprint(copy)}) == 3


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    code = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(cache_dir=None))"
    )
    return run(folder, "-c", code)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("model/classifier.py", "from pipeline.stages import train"),
        ("evaluation/metrics.py", "from pipeline.inference import predict"),
        ("errors.py", "from pipeline import files"),
    ],
)
def test_an_import_against_the_direction_is_found(copy: Path, module: str, line: str) -> None:
    file = copy / "pipeline" / module
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    done = lint_imports(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def test_the_imports_of_today_go_one_way(copy: Path) -> None:
    done = lint_imports(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lint-imports" in (ROOT / "Makefile").read_text(encoding="utf-8")
