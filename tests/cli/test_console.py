import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from rich.console import Console

from pipeline.cli import console
from pipeline.cli.console import failures, printable
from pipeline.errors import StanceError
from pipeline.stages.train import Training
from tests.cli.test_cli import stance

EVIL = "She denied\x1b]0;title\x07 it\x9b31m and \u202eleft\x7f."


def on_a_terminal(*arguments: str | Path) -> str:
    """Run the command with a terminal for output and errors; gives what the terminal got."""
    ours, its = pty.openpty()
    command = [sys.executable, "-c", "from pipeline.cli.app import main; main()"]
    with subprocess.Popen(
        [*command, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=its, stderr=its,
        env={**os.environ, "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "200"},
    ):  # fmt: skip
        os.close(its)
        got = b""
        try:
            while part := os.read(ours, 1 << 16):
                got += part
        except OSError:  # Linux says so when the other side is closed
            pass
    os.close(ours)
    return got.decode()


def assert_harmless(shown: str) -> None:
    for mark in "\x07\x9b\u202e\x7f":
        assert mark not in shown
    assert "\x1b]0" not in shown
    assert "title" in shown


@pytest.mark.parametrize("options", [[], ["--explain"], ["--json"]], ids=str)
def test_predict_sends_a_terminal_no_commands_of_the_input(
    training: Training, options: list[str]
) -> None:
    shown = on_a_terminal("predict", "--model", training.model, *options, EVIL)
    assert_harmless(shown)
    if options == ["--json"]:
        assert json.loads(shown)["text"] == EVIL


def test_read_and_score_send_a_terminal_no_commands_of_the_input(
    training: Training, tmp_path: Path
) -> None:
    article = tmp_path / "title\x1b]0;\x07.txt"
    article.write_text("Oslo\x9b31m denied title it.\n")
    for options in ([], ["--csv"], ["--json"]):
        assert_harmless(on_a_terminal("read", "--model", training.model, *options, article))
    rows = tmp_path / "title\x1b]0;\x07.csv"
    rows.write_text("a\x9b31m\nNo.\n")
    shown = on_a_terminal("score", "--model", training.model, rows, tmp_path / "out.csv")
    assert_harmless(shown)
    assert "no column 'text'" in shown
    assert "--text-column" in shown


def test_scored_rows_send_a_terminal_no_commands_of_the_input(
    training: Training, tmp_path: Path
) -> None:
    rows = tmp_path / "in.jsonl"
    rows.write_text(json.dumps({"text": EVIL}, ensure_ascii=False) + '\n{"text": "\x9btitle')
    options = ["--model", training.model, "--on-error", "skip"]
    shown = on_a_terminal("score", rows, "-", *options)
    assert_harmless(shown)
    assert json.loads(shown.splitlines()[0])["text"] == EVIL
    shown = on_a_terminal("score", rows, "-", "--format", "parquet", *options)
    assert "a terminal cannot show Parquet" in shown
    assert EVIL in json.loads(stance("score", rows, "-", *options).stdout)["text"]


def test_errors_are_escaped_in_a_log_too(training: Training, tmp_path: Path) -> None:
    done = stance("read", "--model", training.model, tmp_path / "title\x1b]0;\x07.txt", expect=1)
    assert_harmless(done.stderr)
    done = stance("audit", tmp_path / "title\x9b1m.csv", expect=1)
    assert_harmless(done.stderr)


def test_a_pipe_gets_the_input_as_it_is(training: Training) -> None:
    done = stance("predict", "--model", training.model, stdin=EVIL)
    assert done.stdout.split("\t")[1] == f"{EVIL}\n"
    done = stance("predict", "--model", training.model, "She denied\nit,\tall.")
    assert done.stdout.split("\t")[1] == "She denied it, all.\n"


def test_text_that_is_no_command_stays() -> None:
    text = "Ärger\tüber “Ошибка” — \U0001f469\u200d\U0001f680 שלום\u200f\nnext"
    assert printable(text) == text


def test_read_guards_cells_unless_told_not_to(training: Training, tmp_path: Path) -> None:
    article = tmp_path / "=1+1.txt"
    article.write_text("@Oslo denied the charge.\n")

    def names(*options: str) -> set[str]:
        os.chdir(tmp_path)
        done = stance("read", "--model", training.model, "--csv", *options, article.name)
        return {row["article"] for row in csv.DictReader(io.StringIO(done.stdout))}

    assert names() == {"'=1+1.txt"}
    assert names("--raw") == {"=1+1.txt"}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "stance: out of memory; close other programs, or give it less at once"),
        (StanceError("a: b; c"), "stance: a: b; c"),
        (OSError(28, "No space left on device", "out.csv"),
         "stance: out.csv: No space left on device"),
        (OSError("Arrow says so"), "stance: Arrow says so"),
    ],
)  # fmt: skip
def test_errors_are_one_line(
    error: Exception, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.err, "_file", None)
    with pytest.raises(typer.Exit) as ended, failures():
        raise error
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == f"{told}\n"


def closed_soon(arguments: list[str], lines: int, feed: bytes) -> tuple[int, bytes]:
    """Read so many lines of a command's output, then close it; gives status and errors."""
    with subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli.app import main; main()", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as runner:  # fmt: skip
        assert runner.stdin is not None
        assert runner.stdout is not None
        assert runner.stderr is not None
        runner.stdin.write(feed)
        runner.stdin.close()
        for _ in range(lines):
            runner.stdout.readline()
        runner.stdout.close()
        return runner.wait(120), runner.stderr.read()


@pytest.mark.parametrize("count", [1, 20_000], ids=["at the end", "amid"])
def test_a_closed_pipe_ends_quietly_with_the_shells_status(training: Training, count: int) -> None:
    arguments = ["predict", "--model", str(training.model)]
    assert closed_soon(arguments, 0, b"She denied it.\n" * count) == (141, b"")


def test_the_version() -> None:
    assert stance("--version").stdout.startswith("stance ")


def test_a_terminal_is_told_of_the_first_compilation_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for is_terminal, is_compiled in ((True, False), (True, True), (False, False)):
        monkeypatch.setattr(console, "err", Console(stderr=True, force_terminal=is_terminal))
        monkeypatch.setattr(
            "pipeline.inference.compiler.is_compiled", lambda known=is_compiled: known
        )
        console.tell_of_compiling()
        told.append("compiling for this processor, once" in capsys.readouterr().err)
    assert told == [True, False, False]
