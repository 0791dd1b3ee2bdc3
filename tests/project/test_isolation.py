"""The main job by itself: no network, and nothing in the user's home but one cache."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, write_small

# An audit hook sees every connection that Python code makes, through whatever module.
JOB = """
import json, sys

tried = []
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        tried.append(f"{event} {arguments[1:]}")
        raise OSError("no network")
sys.addaudithook(refuse)

from pipeline.cli.app import app
for arguments in json.loads(sys.argv[1]):
    try:
        app(arguments)
    except SystemExit as finished:
        assert not finished.code, arguments
import datasets
offline = datasets.config.HF_HUB_OFFLINE
print(json.dumps({"tried": tried, "offline": offline}), file=sys.stderr)
"""

PAGE = """<html><head><link rel="stylesheet" href="https://example.org/a.css">
<script src="https://example.org/a.js"></script></head><body><article><h1>Oslo denies spying</h1>
<img src="https://example.org/a.png"><iframe src="https://example.org/"></iframe>
<p>Oslo denied on Monday that it had spied on the ministry of Rome, a spokesman said.</p>
<p>Rome accused Oslo of fraud in a statement that it made public on Sunday.</p>
</article></body></html>"""


@dataclass
class Job:
    home: Path
    report: dict[str, object]
    output: str


def run(folder: Path, jobs: list[list[str]], **environment: str) -> Job:
    home = folder / "home"
    home.mkdir()
    moved = ("HF_", "XDG_", "STANCE_", "MPL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(moved)}
    done = subprocess.run(
        [sys.executable, "-c", JOB, json.dumps(jobs)],
        cwd=folder,
        env={**kept, "HOME": str(home), "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return Job(home, json.loads(done.stderr.splitlines()[-1]), done.stdout)


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    folder = tmp_path_factory.mktemp("alone")
    (folder / "page.html").write_text(PAGE)
    write_small(folder / "small.csv")
    (folder / "news.txt").write_text("Oslo denied it.\n")
    return run(
        folder,
        [
            ["train", "--data", "small.csv", "--models", "models", "--prior", "none"],
            ["evaluate", "--data", "small.csv"],
            ["predict", "They denied it."],
            ["read", "page.html", "--html", "read.html"],
            ["score", "news.txt", "scored.jsonl"],
            ["export", "model.skops"],
            ["verify"],
        ],
    )


def test_nothing_tries_the_network(job: Job) -> None:
    assert job.report == {"tried": [], "offline": True}
    assert "\tThey denied it.\n" in job.output


def test_the_job_did_what_it_is_for(job: Job) -> None:
    folder = job.home.parent
    assert (folder / "models/evaluation/report.html").stat().st_size > 10_000
    assert "Oslo denied on Monday" in (folder / "read.html").read_text(encoding="utf-8")


def test_nothing_is_written_but_what_was_named(job: Job) -> None:
    given = {"home", "page.html", "small.csv", "news.txt"}
    named = {"models", "read.html", "scored.jsonl", "model.skops"}
    assert {path.name for path in job.home.parent.iterdir()} == given | named


def test_nothing_is_left_at_home_but_one_cache(job: Job) -> None:
    assert {str(path.relative_to(job.home)) for path in job.home.iterdir()} <= {".cache"}
    assert {path.name for path in (job.home / ".cache").iterdir()} == {"stance"}


@pytest.mark.usefixtures("shipped_model")
@pytest.mark.parametrize("chosen", ["elsewhere", ""], ids=["moved", "off"])
def test_the_cache_can_be_moved_and_turned_off(tmp_path: Path, chosen: str) -> None:
    cache = str(tmp_path / chosen) if chosen else ""
    model = os.environ["STANCE_MODEL"]
    found = run(tmp_path, [["predict", "They denied it.", "--model", model]], STANCE_CACHE=cache)
    assert not list(found.home.iterdir())
    assert bool(list(tmp_path.glob("elsewhere/kernel-*.o"))) == bool(chosen)
