"""What a job of the soak did: figures, failures, and how to see one of them again."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """The result of one job.

    Attributes
    ----------
    job : str
    seconds : float
    figures : dict of str to str
        What was done and measured, each under a name.
    failures : list of str
        Each says what to run to see it again.
    left_out : str
        Why the job could not run here; empty if it ran.
    """

    job: str
    seconds: float = 0.0
    figures: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    left_out: str = ""


@dataclass(frozen=True)
class Plan:
    """How long a job runs, and what its draws depend on.

    Attributes
    ----------
    seconds : float
        A round that began is finished.
    seed : int
    only : int, optional
        The one round to run.
    rows : int
        How many rows an archive has.
    """

    seconds: float
    seed: int
    only: int | None = None
    rows: int = 400_000

    def rounds(self, job: str) -> Iterator[tuple[int, random.Random]]:
        """Yield rounds until the time is over, at least one, each with its draws."""
        until = time.monotonic() + self.seconds
        number = self.only or 0
        while True:
            yield number, random.Random(f"{job} {self.seed} {number}")
            number += 1
            if self.only is not None or time.monotonic() >= until:
                return

    def again(self, job: str, number: int) -> str:
        """Return the command that runs a round again."""
        return f"python -m tests.soak {job} --seed {self.seed} --round {number}"
