"""Commands in a process of their own, with what they took."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from pipeline.files import ROOT

_RUN = "from pipeline.cli.app import main; main()"
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_PAUSE = 0.02


class Measured(NamedTuple):
    """What a process took.

    Attributes
    ----------
    status : int
        What it ended with.
    seconds, processor_seconds : float
    memory : int
        The most it had at once, in bytes; 0 where the system does not tell.
    """

    status: int
    seconds: float
    processor_seconds: float
    memory: int


def measured(*arguments: object) -> Measured:
    """Run a `stance` command of this checkout, its output thrown away."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _RUN, *map(str, arguments)]
    quiet = subprocess.DEVNULL
    started, memory = time.perf_counter(), 0
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as process:
        while (found := os.wait4(process.pid, os.WNOHANG))[0] == 0:
            memory = max(memory, _peak(process.pid))
            time.sleep(_PAUSE)
        _, status, usage = found
        process.returncode = os.waitstatus_to_exitcode(status)
    taken = time.perf_counter() - started
    return Measured(process.returncode, taken, usage.ru_utime + usage.ru_stime, memory)


def _peak(pid: int) -> int:
    """Return the peak since the program began; `ru_maxrss` would count what forked it too."""
    try:
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except OSError:
        return 0
    return int(found[1]) << 10 if found else 0
