"""Seconds of what `make soak` runs for an hour, and that each of its judges can say no."""

import os
import sys
from pathlib import Path

import pytest

from pipeline.stages.train import Training
from tests import fuzz
from tests.soak import __main__ as soak
from tests.soak.archives import SUFFIXES, write_archive
from tests.soak.feed import Ledger
from tests.soak.full_disk import can_mount
from tests.soak.fuzzing import summary
from tests.soak.kills import difference
from tests.soak.outcome import Outcome, Plan
from tests.soak.report import render
from tests.soak.swaps import judge


def test_a_round_of_each_job_finds_nothing(
    shipped_model: Training,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("tests.soak.__main__.find_model", lambda: shipped_model.model)
    monkeypatch.setattr("tests.soak.full_disk.can_mount", lambda home: False)
    monkeypatch.setitem(soak.JOBS, "fuzz", lambda plan, home: Outcome("fuzz", left_out="elsewhere"))
    report = tmp_path / "report.md"
    options = ["--minutes", "0.01", "--rows", "3000", "--seed", "3", "--report", str(report)]
    monkeypatch.setattr(sys, "argv", ["soak", *options])
    with pytest.raises(SystemExit) as ended:
        soak.main()
    printed = capsys.readouterr().out
    assert printed.strip() == report.read_text(encoding="utf-8").strip()
    assert ended.value.code == 0, printed
    assert [line.split(",")[0] for line in printed.splitlines() if line.startswith("## ")] == [
        f"## {job}" for job in soak.JOBS
    ]
    assert "Left out: elsewhere." in printed


def test_rounds_can_be_drawn_again() -> None:
    first = [draw.random() for _, draw in zip(range(3), _draws(None), strict=False)]
    assert len(first) == 3
    assert [draw.random() for draw in _draws(2)] == [first[2]]
    assert Plan(0, 7).again("kills", 2) == "python -m tests.soak kills --seed 7 --round 2"


def _draws(only: int | None):  # type: ignore[no-untyped-def]
    return (draw for _, draw in Plan(60, 7, only).rounds("kills"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_seed_writes_the_same_archive(tmp_path: Path, suffix: str) -> None:
    first, again, other = (
        write_archive(tmp_path / f"{name}{suffix}", 50, seed).read_bytes()
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == again != other


def test_an_output_that_differs_is_told(tmp_path: Path) -> None:
    made, whole = tmp_path / "out.csv", tmp_path / "whole.csv"
    whole.write_text("a\nb\n")
    assert difference(made, whole) == "out.csv is missing"
    made.write_text("a\n")
    assert "differs" in difference(made, whole)
    made.write_text("a\nb\n")
    assert difference(made, whole) == ""
    Path(f"{whole}.errors.jsonl").write_text("{}")
    assert difference(made, whole) == "out.csv.errors.jsonl is missing"


def test_an_answer_of_no_model_or_of_two_is_told() -> None:
    alone = [["'a'"], ["'b'"]]
    assert judge(lambda model: "a", Path(), alone) == ("", ["0"])
    assert judge(lambda model: "b", Path(), alone) == ("", ["1"])
    assert "fits 0 models" in judge(lambda model: "ab", Path(), alone)[0]


def test_lines_that_are_lost_or_told_twice_are_told() -> None:
    ledger = Ledger(["No.", "Yes."], ["deny", "none"], sent=3, bad=1)
    ledger.check(b'{"n": 0, "text": "No.", "stance": "deny"}')
    assert ledger.problems == []
    ledger.check(b'{"n": 2, "text": "No.", "stance": "deny"}')
    assert "answer 1 is" in ledger.problems[0]
    assert ledger.close()[1:] == ["3 lines sent, 2 answered", "1 bad lines sent, 0 told"]


def test_failures_of_the_fuzzer_say_how_to_draw_them_again() -> None:
    printed = "FAIL page --seed 7 --again 12: KeyError\npage: 20 inputs\n20 inputs, 1 failures\n"
    found = summary(1, printed, "")
    assert found.failures == ["KeyError; python -m tests.fuzz page --seed 7 --again 12"]
    assert found.figures == {"readers": f"{len(fuzz.TARGETS)}", "inputs": "20", "failures": "1"}
    assert "ended with 2: no such" in summary(2, "", "no such").failures[0]


def test_the_report_says_what_failed() -> None:
    found = render([Outcome("kills", 60, {"kills": "7"}, ["lost a row; run this"])], seed=7)
    assert "seed 7: 1 failures" in found
    assert "## kills, 1.0 minutes\n\n| | |\n| --- | --- |\n| kills | 7 |\n" in found
    assert "- FAILED: lost a row; run this" in found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_disk_that_was_tried_is_gone(tmp_path: Path) -> None:
    can_mount(tmp_path)
    assert str(tmp_path) not in Path("/proc/mounts").read_text()
