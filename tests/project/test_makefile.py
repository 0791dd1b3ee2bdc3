import os
import re
import shutil
import socket
import subprocess
import sys
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


def check_dependencies(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    ours = ("MAKE", "PIP_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        ["make", f"PYTHON={sys.executable}", "check-dependencies"],
        cwd=folder,
        env={**kept, "PIP_CONFIG_FILE": os.devnull, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def told_by_us(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if not line.startswith("make: ")]


OFFLINE = """Traceback (most recent call last):
  File "connection.py", line 1, in connect
OSError: [Errno 111] Connection refused
"""


@pytest.mark.parametrize(
    ("printed", "noted", "status", "told"),
    [
        ("", "No known vulnerabilities found\n", 0, []),
        (
            "alpha 1.0 ADVISORY-1\n",
            "Found 1 known vulnerability in 1 package\n",
            1,
            ["A pinned version has a known weakness: see above"],
        ),
        (
            "",
            OFFLINE,
            1,
            ["Cannot look up known weaknesses, which needs the network: see .venv/audit/log"],
        ),
    ],
    ids=["none", "one", "offline"],
)
def test_checking_dependencies_tells_a_weakness_from_no_network(
    checkout: Path, printed: str, noted: str, status: int, told: list[str]
) -> None:
    audit = checkout / ".venv/audit/bin/pip-audit"
    audit.parent.mkdir(parents=True)
    (checkout / "printed").write_text(printed)
    (checkout / "noted").write_text(noted)
    audit.write_text(f"#!/bin/sh\ncat printed\ncat noted >&2\nexit {status}\n")
    audit.chmod(0o755)
    (checkout / ".venv/.audit").touch()
    done = check_dependencies(checkout)
    assert bool(done.returncode) == bool(status)
    assert done.stdout == printed + ("" if status else noted)
    assert told_by_us(done) == told
    assert (checkout / ".venv/audit/log").read_text() == noted


def test_checking_dependencies_without_a_registry_says_so_in_one_line(checkout: Path) -> None:
    with socket.socket() as closed:  # bound, so nobody else takes it, and not listening
        closed.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        done = check_dependencies(checkout, PIP_INDEX_URL=index)
    assert done.returncode
    assert told_by_us(done) == [
        "Cannot install pip-audit, which needs the network: see .venv/audit/log"
    ]
    assert "pip-audit" in (checkout / ".venv/audit/log").read_text()
    assert not (checkout / ".venv/.audit").exists()
