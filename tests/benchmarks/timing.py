"""Times many things in turns, so that a busy moment of the machine falls on all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Timed:
    """Seconds of each run, the warm-up left out.

    Attributes
    ----------
    seconds : list of float
    sentences, size : int
        How many sentences a run read, and how many bytes.
    """

    seconds: list[float]
    sentences: int
    size: int

    @property
    def sentences_a_second(self) -> float:
        """The median of the runs."""
        return self.sentences / median(self.seconds)

    @property
    def megabytes_a_second(self) -> float:
        """The median of the runs."""
        return self.size / median(self.seconds) / 1e6

    @property
    def spread(self) -> tuple[float, float]:
        """Megabytes a second of the slowest and of the quickest run."""
        return self.size / max(self.seconds) / 1e6, self.size / min(self.seconds) / 1e6


@dataclass(frozen=True)
class Task:
    """Something to time.

    Attributes
    ----------
    run : callable
    sentences, size : int
        How much it reads.
    """

    run: Callable[[], object]
    sentences: int
    size: int


def time_in_turns(tasks: Mapping[str, Task], repeats: int) -> dict[str, Timed]:
    """Run every task once unmeasured, then all of them in turns.

    Examples
    --------
    >>> found = time_in_turns({"nothing": Task(lambda: None, sentences=2, size=10)}, repeats=3)
    >>> len(found["nothing"].seconds)
    3
    """
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(repeats + 1):
        for name, task in tasks.items():
            taken = seconds_of(task.run)
            if turn:
                seconds[name].append(taken)
    return {name: Timed(seconds[name], task.sentences, task.size) for name, task in tasks.items()}


def seconds_of(run: Callable[[], object]) -> float:
    """Tell how long something takes."""
    started = perf_counter()
    run()
    return perf_counter() - started
