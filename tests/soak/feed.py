"""A feed, slow and in bursts: each line is answered in turn, bad ones are told, memory stays."""

from __future__ import annotations

import json
import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from pipeline.inference.predict import predict
from tests.soak.archives import sentences
from tests.soak.commands import start
from tests.soak.outcome import Outcome, Plan

JOB = "feed"
_BAD = (b'{"text": 7}\n', b'{"text": \n', b"\xff\n", b"[]\n")
_LONGEST_PAUSE = 1.5
_LARGEST_BURST = 3_000
_SETTLED = 0.1  # the share of the time after which memory has to stay
_WARM = 5_000  # lines, after which all code is loaded
_MOST_GROWTH = 32 << 20


@dataclass
class Ledger:
    """What was sent, what came back, and what is wrong with it.

    Attributes
    ----------
    texts : list of str
        What is sent in turn.
    stances : list of str
        What each has to be answered with.
    sent, bad, answered, told : int
    problems : list of str
    """

    texts: list[str]
    stances: list[str]
    sent: int = 0
    bad: int = 0
    answered: int = 0
    told: int = 0
    problems: list[str] = field(default_factory=list)

    def next_line(self, draw: random.Random) -> bytes:
        """Return the next line to send."""
        if draw.random() < 0.01:
            self.bad += 1
            return draw.choice(_BAD)
        number, self.sent = self.sent, self.sent + 1
        row = {"n": number, "text": self.texts[number % len(self.texts)]}
        return json.dumps(row).encode() + b"\n"

    def check(self, line: bytes) -> None:
        """Compare an answer with what was sent."""
        found = json.loads(line)
        at = self.answered % len(self.texts)
        expected = (self.answered, self.texts[at], self.stances[at])
        if (found["n"], found["text"], found["stance"]) != expected:
            self.problems.append(f"answer {self.answered} is {line[:200]!r}")
        self.answered += 1

    def close(self) -> list[str]:
        """Return what is wrong at the end."""
        if self.answered != self.sent:
            self.problems.append(f"{self.sent:,} lines sent, {self.answered:,} answered")
        if self.told != self.bad:
            self.problems.append(f"{self.bad:,} bad lines sent, {self.told:,} told")
        return self.problems


def feed(plan: Plan, home: Path) -> Outcome:
    """Feed one process until the time is over."""
    (number, draw), *_ = islice(plan.rounds(JOB), 1)
    texts = [*islice(sentences(plan.seed), 500)]
    ledger = Ledger(texts, [each.stance for each in predict(texts)])
    arguments = ("score", "-", "-", "--format", "jsonl", "--line-buffered", "--on-error", "skip")
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with start(*arguments, **pipes) as process:
        readers = [
            threading.Thread(target=_read_answers, args=(process.stdout, ledger)),
            threading.Thread(target=_read_messages, args=(process.stderr, ledger)),
        ]
        for reader in readers:
            reader.start()
        sizes = _send(process, ledger, draw, plan.seconds)
        for reader in readers:
            reader.join()
    problems = ledger.close()
    if process.returncode:
        problems.append(f"ended with {process.returncode}")
    settled = sizes[int(len(sizes) * _SETTLED) :] or [0]
    growth = max(settled) - settled[0]
    if growth > _MOST_GROWTH:
        problems.append(f"memory grew by {growth >> 20:,} MB")
    return Outcome(
        JOB,
        figures={
            "lines": f"{ledger.sent:,}",
            "answered in their turn": f"{ledger.answered:,}",
            "bad lines, all told": f"{ledger.told:,}",
            "memory, MB": f"{settled[0] / 1e6:.1f}, at most {max(settled) / 1e6:.1f}",
        },
        failures=[f"{problem}; {plan.again(JOB, number)}" for problem in problems[:5]],
    )


def _send(
    process: subprocess.Popen[bytes], ledger: Ledger, draw: random.Random, seconds: float
) -> list[int]:
    """Send bursts and wait between them; gives the memory of the warm process after each."""
    assert process.stdin is not None
    sizes: list[int] = []
    until = time.monotonic() + seconds
    while not ledger.sent or time.monotonic() < until:
        try:
            for piece in _burst(ledger, draw):
                process.stdin.write(piece)
                process.stdin.flush()
        except BrokenPipeError:
            break
        time.sleep(draw.random() * min(_LONGEST_PAUSE, seconds))
        if ledger.answered > _WARM:
            sizes.append(_resident(process.pid))
    process.stdin.close()
    return sizes


def _burst(ledger: Ledger, draw: random.Random) -> Iterator[bytes]:
    """Yield lines: one, some or thousands, whole or in two pieces."""
    for _ in range(draw.choice((1, 20, draw.randint(1, _LARGEST_BURST)))):
        line = ledger.next_line(draw)
        cut = draw.randrange(len(line)) if draw.random() < 0.1 else 0
        yield from (line[:cut], line[cut:]) if cut else (line,)


def _read_answers(stream: IO[bytes], ledger: Ledger) -> None:
    for line in stream:
        ledger.check(line)


def _read_messages(stream: IO[bytes], ledger: Ledger) -> None:
    for line in stream:
        if line.startswith(b"{"):
            ledger.told += 1
        elif not line.startswith(b"note: left out"):
            ledger.problems.append(f"it said {line[:200]!r}")


def _resident(pid: int) -> int:
    """Return the memory of a process in bytes; 0 where the system does not tell."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
