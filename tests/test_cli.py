import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.train import Training


def stance(
    *arguments: str | Path, stdin: str | bytes = "", expect: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", "from pipeline.cli import main; main()", *map(str, arguments)],
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
