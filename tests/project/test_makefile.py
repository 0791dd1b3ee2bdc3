import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

STANCE, PYTHON = ".venv/bin/stance", ".venv/bin/python"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the Makefile's world with a `stance` that only notes its arguments."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".requirements").mkdir()
    for folder in ("models", "pipeline/model", "data/statements", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".requirements/run.txt").touch()
    (tmp_path / "pipeline/model/features.py").touch()
    (tmp_path / "data/statements/a.jsonl").touch()
    (tmp_path / "mine.csv").touch()
    stance = tmp_path / ".venv/bin/stance"
    stance.write_text(
        '#!/bin/sh\necho "stance $*"\n[ "$1" = train ] && touch models/stance.joblib; exit 0\n'
    )
    stance.chmod(0o755)
    (tmp_path / ".venv/.run").touch()
    return tmp_path


def make(folder: Path, *arguments: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def age(path: Path) -> None:
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 100))


def test_help_is_the_default_and_lists_every_target() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.M))
    assert {"train", "evaluate", "test", "lint", "clean", "help"} <= targets
    assert {line.split()[1] for line in make(ROOT).splitlines()} == targets


def test_the_demo_reads_three_articles_and_writes_a_page(checkout: Path) -> None:
    table, page = re.findall(r"^stance read (.*)", make(checkout, "demo"), re.M)
    assert page == f"{table} --html models/demo.html --force"
    files = table.removeprefix("--one-story ").split()
    assert len(files) == 3
    assert all((ROOT / file).is_file() for file in files)


def test_serve_passes_the_port_on(checkout: Path) -> None:
    (checkout / ".requirements/serve.txt").touch()
    (checkout / ".venv/.serve").touch()
    assert "stance serve\n" in make(checkout, "serve")
    assert "stance serve --port 9000\n" in make(checkout, "serve", "PORT=9000")


def test_trains_once_and_again_after_a_change(checkout: Path) -> None:
    assert "stance train --data data/statements --models models" in make(checkout, "train")
    assert "stance" not in make(checkout, "train").replace("models/stance", "")
    for changed in ("data/statements/a.jsonl", "pipeline/model/features.py"):
        age(checkout / "models/stance.joblib")
        (checkout / changed).touch()
        assert "stance train" in make(checkout, "train")


def test_own_data(checkout: Path) -> None:
    both = "DATA=data/statements mine.csv"
    assert "--data data/statements --data mine.csv" in make(checkout, "train", both)
    assert "stance train" not in make(checkout, "train", both)
    assert "stance train --data data/statements --models" in make(checkout, "train")


def test_evaluating_other_data_does_not_retrain(checkout: Path) -> None:
    make(checkout, "train", "DATA=mine.csv")
    found = make(checkout, "evaluate", "DATA=data/statements")
    assert "stance evaluate --data data/statements" in found
    assert "stance train" not in found
    assert "stance evaluate --data mine.csv" in make(checkout, "evaluate")


def test_every_module_is_code_that_the_model_depends_on(checkout: Path) -> None:
    deep = checkout / "pipeline/a/room/of/its/own.py"
    deep.parent.mkdir(parents=True)
    deep.touch()
    make(checkout, "train")
    age(checkout / "models/stance.joblib")
    assert "stance train" in make(checkout, "train")
    printed = make(ROOT, "--print-data-base", "--dry-run", "help")
    (code,) = re.findall(r"^CODE := (.*)$", printed, re.M)
    modules = {str(file.relative_to(ROOT)) for file in (ROOT / "pipeline").rglob("*.py")}
    assert set(code.split()) == modules


def test_the_hooks_call_the_checks_of_lint() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (local,) = hooks["repos"]
    called = {tuple(hook["entry"].split()[:2]) for hook in local["hooks"]}
    recipe = make(ROOT, "--dry-run", "lint").splitlines()
    tools = (line.split() for line in recipe if line.startswith(".venv/bin/"))
    checks = {tuple(words[:2]) for words in tools if words[0] not in (STANCE, PYTHON)}
    assert called == checks
    assert len(checks) == 4


def test_the_form_for_a_wrong_label_asks_what_the_model_card_asks() -> None:
    file = ROOT / ".github/ISSUE_TEMPLATE/wrong-label.yml"
    form = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(form)
    required = [one["id"] for one in form["body"] if one.get("validations", {}).get("required")]
    assert {"sentence", "output", "rule"} <= set(required)
    card = (ROOT / "pipeline/model/model_card.md.jinja").read_text(encoding="utf-8")
    assert f'form "{form["name"]}"' in card
