"""Every reader against damaged input: what `tests.fuzz` has, for as long as the soak lets it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from pipeline.files import ROOT
from tests import fuzz
from tests.soak.outcome import Outcome, Plan

JOB = "fuzz"
_TOTAL = re.compile(r"^([\d,]+) inputs, ([\d,]+) failures$", re.MULTILINE)


def fuzzing(plan: Plan, home: Path) -> Outcome:
    """Fuzz each reader for its share of the time."""
    seconds = plan.seconds / len(fuzz.TARGETS)
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--seconds", f"{seconds}", "--seed", f"{plan.seed}"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    return summary(done.returncode, done.stdout, done.stderr)


def summary(status: int, printed: str, told: str) -> Outcome:
    """Read what the fuzzer printed: its failures say how to draw an input again."""
    failures = [
        re.sub(r"^FAIL (.*?): (.*)$", r"\2; python -m tests.fuzz \1", line)
        for line in printed.splitlines()
        if line.startswith("FAIL ")
    ]
    total = _TOTAL.search(printed)
    if total is None or (status and not failures):
        failures.append(f"the fuzzer ended with {status}: {told.strip()[-300:]}")
    inputs, failed = total.groups() if total else ("0", "?")
    left_out = [line for line in printed.splitlines() if "left out" in line]
    figures = {"readers": f"{len(fuzz.TARGETS) - len(left_out)}", "inputs": inputs}
    return Outcome(JOB, figures={**figures, "failures": failed}, failures=failures)
