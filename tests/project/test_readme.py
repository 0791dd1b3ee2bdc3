"""Every block of code in the README is run; what it prints is what it says."""

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warcio.warcwriter import WARCWriter

from pipeline.model.news import NewsWeights, whole_article_line
from pipeline.stages.train import train
from tests.conftest import ROOT, run, write_small

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / ".github" / "GUIDE.md").read_text(encoding="utf-8")
NEWS_CARD = (ROOT / "data" / "news" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README + GUIDE, re.M | re.S)
PRINTED = [code for kind, code in BLOCKS if kind == "text"]
EXAMPLE, *SCRIPTS = [code for kind, code in BLOCKS if kind == "python"]
SPARK = [code for code in SCRIPTS if "spark" in code]
COMMANDS = [
    line.split(" #")[0].strip()
    for kind, code in BLOCKS
    if kind == "sh"
    for line in code.replace("\\\n", " ").splitlines()
    if line.strip()
]
STANCE = [line for line in COMMANDS if ".venv/bin/stance " in line]
OUTPUTS = ("scored", "scored.parquet", "all.parquet", "page.html", "statements.csv", "all.csv")


def test_every_block_is_of_a_kind_that_is_run() -> None:
    assert {kind for kind, _ in BLOCKS} <= {"sh", "python", "text"}
    others = [line for line in COMMANDS if line not in STANCE and not line.startswith("make ")]
    allowed = re.compile(r"\.venv/bin/python -m pip install '\.\[(\w+)\]'$|.*bin/spark-submit ")
    for line in others:
        found = allowed.match(line)
        assert found, line
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert found[1] is None or found[1] in project["optional-dependencies"]


@pytest.mark.usefixtures("shipped_model")
def test_the_example_prints_what_the_readme_says() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(EXAMPLE, {})
    assert printed.getvalue() == PRINTED[0]


@pytest.mark.usefixtures("shipped_model")
def test_the_table_is_what_the_readme_says() -> None:
    command = next(line for line in STANCE if "data/demo" in line).split()[1:]
    terminal = {"TTY_COMPATIBLE": "1", "TERM": "dumb", "COLUMNS": "96", "LINES": "40"}
    script = "from pipeline.cli import main; main()"
    shown = run(script, *command, **terminal)
    assert [line.rstrip() for line in shown.splitlines()] == PRINTED[1].splitlines()


def test_the_figures_are_those_of_the_shipped_weights() -> None:
    facts = NewsWeights.load().facts
    assert whole_article_line(facts) in " ".join(README.split())
    for stance, found in facts["held_out"]["by_stance"].items():
        f1 = found["f1"]
        shown = (found["precision"]["value"], found["recall"]["value"], f1["value"])
        row = " | ".join(f"{value:.2f}" for value in shown)
        assert f"| {stance} | {row} | {f1['low']:.2f} to {f1['high']:.2f} |" in NEWS_CARD
    assert f"{100 * facts['marks_right']:.0f} % of the marks" in NEWS_CARD


def test_the_card_of_the_news_counts_its_labels() -> None:
    labels = pq.read_table(ROOT / "data" / "news" / "labels.parquet")
    for source, count in Counter(labels["source"].to_pylist()).items():
        assert f"| `{source}` | {count:,} |" in NEWS_CARD
    stances = Counter(s for one in labels["stances"].to_pylist() for s in one or ["none"])
    for stance, verb in (("accuse", "accuse"), ("deny", "deny"), ("announce", "announce")):
        assert f"{stances[stance]:,} {verb}" in NEWS_CARD
    assert f"{stances['none']:,} have no stance" in NEWS_CARD


def test_the_readme_is_two_screens() -> None:
    assert len(README.splitlines()) <= 125


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the commands name."""
    folder = tmp_path_factory.mktemp("readme")
    train([write_small(folder / "small.csv")], folder / "models", prior="none")
    shutil.copytree(folder / "models", folder / "old", symlinks=True)
    shutil.copytree(ROOT / "data" / "demo", folder / "data" / "demo")
    for name in ("article.txt", "a.txt", "b.txt"):
        (folder / name).write_text(f"Oslo denied the charge of {name}. Rome accused Oslo.\n")
    (folder / "sentences.txt").write_text("Oslo denied it.\nRain fell.\n")
    rows = [{"text": "They denied it.", "stances": ["deny"]}, {"text": "Hail.", "stances": []}]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "mine.jsonl").write_text(lines)
    (folder / "feed.jsonl").write_text('{"text": "They denied it."}\n')
    (folder / "events.csv").write_text("text,label\nThey accused her.,ACCUSE\nThey met.,CONSULT\n")
    (folder / "archive").mkdir()
    (folder / "pages").mkdir()
    (folder / "pages" / "a.html").write_text("<p>Oslo denied it.</p>")
    with (folder / "saved.warc.gz").open("wb") as file:
        archive = WARCWriter(file)
        page = io.BytesIO(b"Rome denied it.")
        archive.write_record(
            archive.create_warc_record(
                "http://a.example/", "resource", page, warc_content_type="text/plain"
            )
        )
    for name in ("one.csv", "two.csv"):
        (folder / "archive" / name).write_text("text\nOslo denied it.\n")
    pq.write_table(pa.table({"text": ["Oslo denied it.", "Rain fell."]}), folder / "news.parquet")
    main = "from pipeline.cli import main; main()"
    commands = {
        ".venv/bin/stance": f'exec "{sys.executable}" -c "{main}" "$@"',
        "bin/tail": 'exec cat "$2"',  # it would wait for more for ever
    }
    for name, script in commands.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("command", STANCE)
def test_the_command_does_something(command: str, folder: Path) -> None:
    for name in OUTPUTS:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STANCE_")}
    path = f"{folder / 'bin'}{os.pathsep}{kept['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env={**kept, "PATH": path, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    if " < sentences.txt" not in command:
        assert done.stdout or any((folder / name).exists() for name in OUTPUTS)


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make ")])
def test_the_target_exists_and_takes_what_it_is_given(command: str) -> None:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["bash", "-c", command.replace("make ", "make --dry-run ", 1)],
        cwd=ROOT,
        env=ours,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_target_it_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:^|`)make ([a-z-]+)", README + GUIDE, re.M)):
        assert re.search(rf"^{target}:", makefile, re.M), target


@pytest.mark.usefixtures("shipped_model")
@pytest.mark.parametrize("code", [code for code in SCRIPTS if code not in SPARK])
def test_the_script_runs(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    rows = {"text": ["Oslo denied it.", "Rain fell."]}
    names = {
        "table": pa.table(rows),
        "frame": pd.DataFrame(rows),
        "dataset": datasets.Dataset.from_dict(rows),
    }
    exec(code, names)


def test_names_of_the_package_in_the_text_exist() -> None:
    for document in (
        *("README.md", "pipeline/README.md", "data/README.md", "data/news/README.md"),
        *(".github/CONTRIBUTING.md", ".github/GUIDE.md", ".github/SECURITY.md"),
    ):
        text = (ROOT / document).read_text(encoding="utf-8")
        for dotted in set(re.findall(r"`pipeline((?:\.\w+)+)[`(]", text)):
            parts = dotted.strip(".").split(".")
            below = [ROOT.joinpath("pipeline", *parts[:n]) for n in range(1, len(parts) + 1)]
            assert any(p.is_dir() or p.with_suffix(".py").is_file() for p in below), dotted
        for path in set(re.findall(r"`((?:pipeline|tests|data)/[\w/.-]+)`", text)):
            known = (ROOT / path).exists() or path.endswith("__pycache__")
            assert known or "<" in path, f"{document}: {path}"


def test_the_map_shows_every_module() -> None:
    text = (ROOT / "pipeline/README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"`(\w+\.py)`", text))
    rooms = set(re.findall(r"`(?:\w+/)*(\w+)/`", text))
    for file in (ROOT / "pipeline").rglob("*.py"):
        room = file.relative_to(ROOT / "pipeline").parent.name
        inner = room in ("kernel", "page")
        assert file.name in shown or file.name == "__init__.py" or inner, file
        assert room in rooms or not room, file
    assert shown <= {file.name for file in (ROOT / "pipeline").rglob("*.py")}
