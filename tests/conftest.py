import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import pytest
from filelock import FileLock

from pipeline.stages.train import Training, train
from tests.trained import copied_training

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
STATEMENTS = ROOT / "data" / "statements"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]


def train_once(factory: pytest.TempPathFactory, name: str, data: Path) -> Training:
    """Train in a folder that all of pytest-xdist's workers share; the others wait and read."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(f"{folder}.lock"):
        noted = folder / "training.joblib"
        if not noted.exists():
            trained = Path(os.environ.get("STANCE_TRAINED", folder / "none"))
            known = copied_training(trained, folder / "models")
            joblib.dump(known or train([data], folder / "models"), noted)
        found: Training = joblib.load(noted)
    return found


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """The training on the shipped statements, or one run of it; no test may change its files."""
    return train_once(tmp_path_factory, "shipped", STATEMENTS)


@pytest.fixture
def shipped_model(training: Training, monkeypatch: pytest.MonkeyPatch) -> Training:
    """Make `predict` find the session's model."""
    monkeypatch.setenv("STANCE_MODEL", str(training.model))
    return training


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium for all tests."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine; install it to test the pages")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


def run(script: str, *arguments: object, **environment: str) -> str:
    """Run a script in a process of its own; gives what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return done.stdout


def write_small(file: Path) -> Path:
    """Write two hundred labelled lines in forty groups, no two alike, enough to train on."""
    letters = random.Random(1)

    def noise() -> str:
        return " ".join("".join(letters.choices("bdfgklmnprtv", k=7)) for _ in range(5))

    frames = {
        "deny": "They denied {}.",
        "accuse": "They accused {} of fraud.",
        "announce": "They will build {}.",
        "none": "Rain over {}.",
    }
    lines = ["text,stances,group"] + [
        f"{frame.format(noise())},{stance},g{i % 40}"
        for i in range(50)
        for stance, frame in frames.items()
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def small_data(tmp_path: Path) -> Path:
    """What `write_small` writes."""
    return write_small(tmp_path / "small.csv")
