"""Run what goes on for long: `python -m tests.soak --minutes 10 --seed 1 [job ...]`.

Each job runs for so many minutes, and the report says what it did; a failure says what to run to
see it again. The exit status is 1 after a failure.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.model.artifacts import find_model
from tests.soak.feed import feed
from tests.soak.full_disk import full_disk
from tests.soak.fuzzing import fuzzing
from tests.soak.growth import growth
from tests.soak.kills import kills
from tests.soak.outcome import Outcome, Plan
from tests.soak.report import render, write_report
from tests.soak.swaps import swaps

JOBS: dict[str, Callable[[Plan, Path], Outcome]] = {
    "kills": kills,
    "swaps": swaps,
    "disk": full_disk,
    "feed": feed,
    "growth": growth,
    "fuzz": fuzzing,
}


def soak(names: Sequence[str], plan: Plan, report: Path) -> list[Outcome]:
    """Run jobs one after the other, and write the report after each."""
    found = []
    for name in names:
        print(f"{name}: {plan.seconds / 60:g} minutes", file=sys.stderr, flush=True)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"soak-{name}-") as home:
            outcome = JOBS[name](plan, Path(home))
        outcome.seconds = time.monotonic() - started
        found.append(outcome)
        write_report(report, found, plan.seed)
    return found


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("job", nargs="*", choices=[*JOBS, []])
    parser.add_argument("--minutes", type=float, default=10, help="for each job")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="another each time")
    parser.add_argument("--round", type=int, help="the one round to run again")
    parser.add_argument("--rows", type=int, default=Plan.rows, help="of an archive")
    parser.add_argument("--report", type=Path, default=Path("models/soak/report.md"))
    options = parser.parse_args()
    # a training meanwhile changes nothing: the files of one model stay together
    os.environ["STANCE_MODEL"] = str(find_model().resolve())
    plan = Plan(60 * options.minutes, options.seed, options.round, options.rows)
    found = soak(options.job or [*JOBS], plan, options.report)
    print(render(found, plan.seed))
    sys.exit(any(each.failures for each in found))


if __name__ == "__main__":
    main()
