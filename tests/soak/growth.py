"""Articles made to stall the reader, up to the largest it takes: seconds and memory a megabyte."""

from __future__ import annotations

from pathlib import Path

from pipeline.articles.text.decoding import MOST_BYTES
from tests.growth import ARTICLE_KINDS, TEXTS, write_article
from tests.measured import measured
from tests.soak.outcome import Outcome, Plan

JOB = "growth"
_TIMES = 16
_MOST_GROWTH = 2.0  # times as long a megabyte in the largest article as in a small one
_LEAST_SECONDS = 0.2
_ROOM = 1 << 10  # for what a page or a table has around the article
_SENTENCE_BYTES = 50


def growth(plan: Plan, home: Path) -> Outcome:
    """Read small and large articles of one piece each until the time is over."""
    found = Outcome(JOB)
    largest = min(MOST_BYTES - _ROOM, plan.rows * _SENTENCE_BYTES)
    starting, _ = _spent(home / "in.txt", "a", 1)
    read, slowest, most = 0, (0.0, ""), (0, "")
    for number, draw in plan.rounds(JOB):
        name, kind = draw.choice([*TEXTS]), draw.choice(ARTICLE_KINDS)
        small, large = (
            _spent(home / f"in{kind}", TEXTS[name], size) for size in (largest // _TIMES, largest)
        )
        seconds = [max(taken - starting, _LEAST_SECONDS) for taken, _ in (small, large)]
        read += 1
        slowest = max(slowest, (1e6 * seconds[1] / largest, f"{name}, {kind}"))
        most = max(most, (large[1], f"{name}, {kind}"))
        if seconds[1] > _MOST_GROWTH * _TIMES * seconds[0]:
            found.failures.append(
                f"{name}, {kind}: {largest:,} bytes took {seconds[1]:.1f} CPU seconds, a "
                f"{_TIMES}th of them {seconds[0]:.1f}; {plan.again(JOB, number)}"
            )
    found.figures = {
        "pairs of articles": f"{read:,}",
        "larger one, MB": f"{largest / 1e6:.1f}",
        "most CPU seconds a MB": f"{slowest[0]:.1f} ({slowest[1]})",
        "most memory, MB": f"{most[0] / 1e6:,.0f} ({most[1]})",
    }
    return found


def _spent(file: Path, piece: str, size: int) -> tuple[float, int]:
    """Read an article in a process of its own; gives CPU seconds and bytes of memory."""
    write_article(file, piece * (size // len(piece.encode())))
    found = measured("read", "--json", "--on-error", "skip", file)
    return found.processor_seconds, found.memory
