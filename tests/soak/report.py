"""The figures of a soak as Markdown, written aside and then renamed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipeline.files import write_text
from tests.soak.outcome import Outcome


def write_report(file: Path, outcomes: Sequence[Outcome], seed: int) -> None:
    """Write the report; of jobs that are not done yet it has nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, render(outcomes, seed))


def render(outcomes: Sequence[Outcome], seed: int) -> str:
    """Return the report: a section a job, and at the top whether anything failed."""
    failed = sum(len(each.failures) for each in outcomes)
    verdict = f"{failed:,} failures" if failed else "no failures"
    head = f"# Soak of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, seed {seed}: {verdict}\n"
    return "\n".join([head, *map(_section, outcomes)])


def _section(outcome: Outcome) -> str:
    if outcome.left_out:
        return f"## {outcome.job}\n\nLeft out: {outcome.left_out}.\n"
    lines = [f"## {outcome.job}, {outcome.seconds / 60:.1f} minutes", "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in outcome.figures.items()]
    lines += ["", *(f"- FAILED: {failure}" for failure in outcome.failures)]
    return "\n".join(lines).rstrip() + "\n"
