"""Runs of `stance score` killed at random moments and resumed: the output is as if nothing was."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.batch.plan import ERRORS
from tests.soak.archives import SUFFIXES, write_archive
from tests.soak.commands import left_over, run, start
from tests.soak.outcome import Outcome, Plan

JOB = "kills"
_MOST_KILLS = 4
_NOTHING_TO_RESUME = "there is no unfinished run to resume"


@dataclass
class Undisturbed:
    """Archives and what runs that nobody disturbs make of them; each made once."""

    home: Path
    rows: int
    seed: int
    _made: dict[tuple[str, str], tuple[Path, Path, float]] = field(default_factory=dict)

    def get(self, suffix: str, made: str) -> tuple[Path, Path, float]:
        """Return an archive, its scored counterpart, and the seconds it took to make."""
        if (suffix, made) not in self._made:
            source, whole = self.home / f"in{suffix}", self.home / f"whole{suffix}.to{made}"
            if not source.exists():
                write_archive(source, self.rows, self.seed)
            started = time.monotonic()
            status, _, messages = run("score", source, whole, "--on-error", "skip")
            if status:
                raise RuntimeError(f"an undisturbed run failed: {messages}")
            self._made[suffix, made] = source, whole, time.monotonic() - started
        return self._made[suffix, made]


def kills(plan: Plan, home: Path) -> Outcome:
    """Kill and resume until the time is over."""
    found = Outcome(JOB)
    undisturbed = Undisturbed(home, plan.rows, plan.seed)
    killed = midway = runs = 0
    for number, draw in plan.rounds(JOB):
        source, whole, taken = undisturbed.get(draw.choice(SUFFIXES), draw.choice(SUFFIXES))
        folder = home / f"{number}"
        folder.mkdir()
        target = folder / f"out{whole.name.rpartition('.to')[2]}"
        moments = [draw.random() for _ in range(draw.randint(1, _MOST_KILLS))]
        for moment in moments:
            # starting takes as long as scoring: every other kill waits for a part
            after_a_part = draw.random() < 0.5
            was_killed, had_parts = kill_once(source, target, 1.1 * taken * moment, after_a_part)
            killed, midway = killed + was_killed, midway + had_parts
        problem = finish(source, target, whole)
        runs += 1
        if problem:
            found.failures.append(
                f"{source.name} to {target.name}, killed after {_percent(moments)} of a run: "
                f"{problem}; {plan.again(JOB, number)}"
            )
        else:
            remove(folder)
    found.figures = {
        "runs": f"{runs:,}",
        "kills": f"{killed:,}",
        "of them with parts on disk": f"{midway:,}",
        "rows an archive": f"{plan.rows:,}",
        "runs whose output differs": f"{len(found.failures):,}",
    }
    return found


def kill_once(source: Path, target: Path, seconds: float, after_a_part: bool) -> tuple[bool, bool]:
    """Kill a run after so many seconds, or a tenth of them after a part is on the disk.

    Gives whether it still ran, and whether it had parts.
    """
    if target.exists():
        return False, False
    with start("score", source, target, "--on-error", "skip", "--resume") as process:
        while after_a_part and process.poll() is None and not _has_parts(target):
            time.sleep(0.01)
        time.sleep(seconds / 10 if after_a_part else seconds)
        process.kill()
    had_parts = _has_parts(target)
    return process.returncode == -signal.SIGKILL, had_parts and not target.exists()


def finish(source: Path, target: Path, whole: Path) -> str:
    """Let a run end, and compare; gives what is wrong, if anything is."""
    is_whole = target.exists()
    status, _, messages = run("score", source, target, "--on-error", "skip", "--resume")
    if status and not (is_whole and _NOTHING_TO_RESUME in messages):
        return f"the resumed run ended with {status}: {messages.strip()[-300:]}"
    left = left_over(target.parent)
    return f"it left {left}" if left else difference(target, whole)


def difference(target: Path, whole: Path) -> str:
    """Say in what an output and its list of bad rows differ from those of another run."""
    for made, expected in ((target, whole), (_errors(target), _errors(whole))):
        if made.exists() != expected.exists():
            return f"{made.name} is {'there' if made.exists() else 'missing'}"
        if made.exists() and made.read_bytes() != expected.read_bytes():
            return f"{made.name} differs from that of an undisturbed run"
    return ""


def remove(folder: Path) -> None:
    """Throw away a folder of files."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def _has_parts(target: Path) -> bool:
    return any(target.parent.glob(".*.parts/*/*.part"))


def _errors(target: Path) -> Path:
    return target.with_name(f"{target.name}{ERRORS}")


def _percent(moments: list[float]) -> str:
    return ", ".join(f"{110 * moment:.0f} %" for moment in moments)
