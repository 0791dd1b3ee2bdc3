import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from pipeline.cli.app import app
from pipeline.stages.train import Training
from tests.articles.marked import STORY, mark_up

ARTICLE = """The ministry denied the accusation on Monday.

Rain fell in the hills.
"""


def stance(
    *arguments: str | Path, stdin: str | bytes = "", expect: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", "from pipeline.cli.app import main; main()", *map(str, arguments)],
        input=stdin if isinstance(stdin, bytes) else stdin.encode(),
        capture_output=True,
        check=False,
    )
    result = subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
    assert result.returncode == expect, result.stderr
    return result


def test_predict_prints_plain_lines_in_a_pipe(training: Training) -> None:
    done = stance("predict", "--model", training.model, "She denied the charge.", "Rain fell.")
    assert done.stdout.splitlines() == ["deny\tShe denied the charge.", "none\tRain fell."]
    assert done.stderr == ""


def test_predict_reads_lines_and_writes_json(training: Training) -> None:
    done = stance("predict", "--json", "--model", training.model, stdin="She denied it.\r\n\n")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["text"] == "She denied it."
    assert first["stance"] == "deny"
    assert first["scores"]["deny"] > 0.5
    assert second["stance"] == "none"


def test_failures_exit_1_without_traceback(tmp_path: Path) -> None:
    done = stance("predict", "--model", tmp_path, "Hm.", expect=1)
    assert done.stderr.startswith("stance: no model at")
    assert "run: make train" in done.stderr
    done = stance("train", "--data", tmp_path / "gone.csv", "--models", tmp_path / "m", expect=1)
    assert "no such file or folder" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [["predict", "--nonsense"], ["nonsense"], ["train", "--data"]]
)
def test_bad_usage_exits_2(arguments: list[str]) -> None:
    stance(*arguments, expect=2)


def test_input_that_is_not_utf8_names_its_line(training: Training) -> None:
    done = stance("predict", "--model", training.model, stdin=b"Fine.\ncaf\xe9\n", expect=1)
    assert "standard input, line 2: not UTF-8 at byte 3" in done.stderr


def test_text_that_the_output_cannot_show_is_escaped(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8:strict")
    done = stance("predict", "--json", "--model", training.model, "\udcff denied it")
    assert json.loads(done.stdout)["text"] == "\udcff denied it"
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = stance("predict", "--model", training.model, "Äh, denied it")
    assert done.stdout.endswith("\\xc4h, denied it\n")


def test_train_and_evaluate(tmp_path: Path, small_data: Path) -> None:
    done = stance("train", "--data", small_data, "--models", tmp_path / "m")
    assert "Learned" in done.stdout
    assert "Next: " in done.stdout
    done = stance("evaluate", "--data", small_data, "--model", tmp_path / "m")
    assert done.stdout.splitlines()[1].split("\t")[:2] == ["stance", "statements"]
    assert done.stdout.splitlines()[-1] == f"Report: {tmp_path / 'm/evaluation/report.html'}"
    assert "model was trained are left out" in " ".join(done.stderr.split())
    mapped = tmp_path / "mapped.csv"
    mapped.write_text("text,label\nThey denied it.,016\nThey met.,040\n")
    scheme = ["--data", mapped, "--map", "016=deny", "--only", "deny"]
    done = stance("compare", tmp_path / "m", tmp_path / "m", *scheme)
    assert "On 2 statements: too little to tell which is better" in done.stdout
    assert "labels counted as none: 040 (1)" in done.stderr
    assert "deny_f1\t" in done.stdout
    assert "accuse_f1" not in done.stdout
    assert "main_stance_accuracy\t" in done.stdout


def test_only_takes_stances() -> None:
    assert "'none' is not one of" in stance("evaluate", "--only", "none", expect=2).stderr


@pytest.fixture
def read_marked(training: Training, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `stance read` on articles whose speakers are marked, not found."""
    monkeypatch.setattr(
        "pipeline.articles.stream.read_entry",
        lambda entry, model, explain: mark_up(entry.content.decode(), Path(entry.name).name, model),
    )
    names = ["harbour.txt", "cabinet.txt", "navy.txt"]

    def run(*options: str | Path, files: list[str] = names) -> Result:
        arguments = ["--model", training.model, *options, *(STORY / name for name in files)]
        return CliRunner().invoke(app, ["read", "--one-story", *map(str, arguments)])

    return run


def test_read_prints_tab_separated_lines_by_party(read_marked: Callable[..., Result]) -> None:
    head, *lines = [line.split("\t") for line in read_marked().stdout.splitlines()]
    assert head == ["article", "party", "stances", "accused", "sentence"]
    assert {len(line) for line in lines} == {5}
    parties = [line[1] for line in lines]
    assert parties.count("Ida Brask") == 3
    assert parties == sorted(parties, key=parties.index), "the lines of a party stand together"
    assert parties[-1] == "unattributed"
    assert lines[0][:4] == ["harbour.txt", "Ida Brask", "accuse", "the Velmoran navy"]


@pytest.mark.parametrize("width", [60, 200])
def test_read_prints_a_table_on_a_terminal(
    read_marked: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    screen = io.StringIO()
    terminal = Console(file=screen, force_terminal=True, width=width, color_system=None)
    monkeypatch.setattr("pipeline.cli.read.out", terminal)
    read_marked(files=["harbour.txt"])
    lines = [line.rstrip() for line in screen.getvalue().splitlines()]
    assert max(map(len, lines)) <= width
    shown = " ".join(screen.getvalue().split())
    assert "Ida Brask accuses the" in shown
    assert "unattributed" in lines
    assert ("accuses the Velmoran navy" in shown) == (width == 200)


def test_read_writes_csv_one_row_a_statement(read_marked: Callable[..., Result]) -> None:
    rows = list(csv.DictReader(io.StringIO(read_marked("--csv").stdout)))
    tabbed = read_marked().stdout.splitlines()
    assert len(rows) == len(tabbed) - 1
    first = rows[1]
    assert first["party"] == "Ida Brask"
    assert first["stances"] == "accuse"
    assert float(first["accuse"]) > 0.5


def test_read_writes_json(read_marked: Callable[..., Result]) -> None:
    found = json.loads(read_marked("--json").stdout)
    sentence = found["articles"][0]["sentences"][1]
    assert found["articles"][0]["text"][sentence["start"] : sentence["end"]] == sentence["text"]
    assert sentence["prediction"]["stances"] == ["accuse"]
    charge = next(one for one in found["charges"] if one["accused"] == "the Velmoran navy")
    assert charge["denials"] == [{"article": 0, "sentence": 6}, {"article": 2, "sentence": 2}]


def test_read_writes_a_page_once(read_marked: Callable[..., Result], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = read_marked("--html", page)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "3 articles, side by side" in page.read_text(encoding="utf-8")
    page.write_text("mine")
    refused = read_marked("--html", page)
    assert refused.exit_code == 1
    assert "overwrite it with --force" in " ".join(refused.stderr.split())
    assert page.read_text() == "mine"
    assert read_marked("--html", page, "--force").exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_read_lets_no_control_character_through(
    training: Training, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "evil.txt"
    file.write_text("[x | \x1b[31mOslo] Oslo denied the \x1b]0;title\x07 charge\tof fraud.")
    monkeypatch.setattr(
        "pipeline.articles.stream.read_entry",
        lambda entry, model, explain: mark_up(entry.content.decode(), Path(entry.name).name, model),
    )
    done = CliRunner().invoke(app, ["read", "--model", str(training.model), str(file)])
    assert done.stdout.splitlines()[1].count("\t") == 4
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout


def test_read_takes_files_and_standard_input(training: Training, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(ARTICLE)
    for arguments in ([file], ["-"], []):
        done = stance("read", "--model", training.model, *arguments, stdin=ARTICLE)
        _, line = done.stdout.splitlines()
        assert line.split("\t")[2] == "deny"
        assert line.endswith("The ministry denied the accusation on Monday.")
    stance("read", "--model", training.model, tmp_path / "gone.txt", expect=1)
    stance("read", "--json", "--csv", file, expect=2)
    done = stance("read", "--model", training.model, stdin=b"caf\xe9", expect=1)
    assert "standard input: byte 3 is not UTF-8" in done.stderr


def test_the_shell_completes_commands_and_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_STANCE_COMPLETE", "complete_bash")
    for words, expected in {"stance pre": "predict", "stance read --one": "--one-story"}.items():
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        found = CliRunner().invoke(app, [], prog_name="stance").stdout.split()
        assert found == [expected]
