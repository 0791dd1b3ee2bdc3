"""A disk that is full in the midst of a run: a message, nothing half-written, then `--resume`."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.soak.archives import SUFFIXES
from tests.soak.commands import run
from tests.soak.kills import Undisturbed, difference, remove
from tests.soak.outcome import Outcome, Plan

JOB = "disk"
_LEAST = 16 << 10
_ROWS = 100_000


def full_disk(plan: Plan, home: Path) -> Outcome:
    """Fill disks at random sizes until the time is over."""
    found = Outcome(JOB)
    is_mounted = can_mount(home)
    undisturbed = Undisturbed(home, min(plan.rows, _ROWS), plan.seed)
    runs = full = 0
    for number, draw in plan.rounds(JOB):
        source, whole, _ = undisturbed.get(draw.choice(SUFFIXES), draw.choice(SUFFIXES))
        size = draw.randint(_LEAST, 2 * whole.stat().st_size)
        place = home / f"{number}"
        place.mkdir()
        target = place / f"out{whole.name.rpartition('.to')[2]}"
        try_one = _on_a_small_disk if is_mounted else _with_small_files
        status, problem = try_one(source, target, whole, size)
        remove(place)
        runs += 1
        full += status != 0
        if problem:
            found.failures.append(
                f"{source.name} to {target.name}, {size:,} bytes free: {problem}; "
                f"{plan.again(JOB, number)}"
            )
    found.figures = {
        "how": "tmpfs of limited size" if is_mounted else "RLIMIT_FSIZE (no mounting here)",
        "runs": f"{runs:,}",
        "of them the disk was full": f"{full:,}",
        "runs that lost something": f"{len(found.failures):,}",
    }
    return found


def can_mount(home: Path) -> bool:
    """Return whether a small disk can be made here: on Linux, as root, where it is allowed."""
    if os.geteuid() != 0:
        return False
    try:
        with _disk(home / "try", 1 << 20):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def _disk(place: Path, size: int) -> Iterator[None]:
    place.mkdir(exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={size}"]
    subprocess.run(["mount", *options, "soak", place], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def _on_a_small_disk(source: Path, target: Path, whole: Path, size: int) -> tuple[int, str]:
    with _disk(target.parent, size):
        status, problem = _first_run(source, target)
        if not problem:
            larger = f"remount,size={size + 20 * whole.stat().st_size + (64 << 20)}"
            subprocess.run(["mount", "-o", larger, target.parent], check=True)
            problem = _second_run(source, target, whole)
        return status, problem


def _with_small_files(source: Path, target: Path, whole: Path, size: int) -> tuple[int, str]:
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    status, problem = _first_run(source, target, preexec_fn=limit)
    return status, problem or _second_run(source, target, whole)


def _first_run(source: Path, target: Path, **options: Any) -> tuple[int, str]:
    """Run with too little room; gives its status and what is wrong."""
    status, _, told = run("score", source, target, "--on-error", "skip", **options)
    told = told.strip()
    if "Traceback" in told:
        return status, f"a traceback: {told[-300:]}"
    if status not in (0, 1):
        return status, f"ended with {status}: {told[-300:]}"
    if status and str(target.parent) not in told:
        return status, f"the message names no place: {told[-300:]}"
    if status and target.exists():
        return status, "a run that failed left an output under its name"
    return status, ""


def _second_run(source: Path, target: Path, whole: Path) -> str:
    """Run again with room enough; gives what is wrong."""
    if not target.exists():
        status, _, told = run("score", source, target, "--on-error", "skip", "--resume")
        if status:
            return f"the resumed run ended with {status}: {told.strip()[-300:]}"
    return difference(target, whole)
