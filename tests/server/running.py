"""A server in a process of its own, as a person starts it."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

COMMAND = [sys.executable, "-c", "from pipeline.cli import main; main()", "serve"]


@dataclass
class Running:
    """A server that answers: where, and its process."""

    host: str
    port: int
    process: subprocess.Popen[str]
    address: str

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send it a signal; gives its exit status and what it printed since it answered."""
        self.process.send_signal(number)
        printed, _ = self.process.communicate(timeout=30)
        return self.process.returncode, printed


@contextmanager
def running(*options: str | Path, **environment: str) -> Iterator[Running]:
    """Start a server on a free port of this machine, and end it with the block."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *map(str, options)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield _answering(process)
        finally:
            process.kill()


def _answering(process: subprocess.Popen[str]) -> Running:
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://(127\.0\.0\.1):(\d+)/", line)
    assert found, line + process.stdout.read()
    return Running(found[1], int(found[2]), process, found[0])


def run_apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a thread of its own: Playwright keeps a loop running in the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
