"""The `stance` command of this checkout, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from pipeline.files import ROOT

_RUN = "from pipeline.cli.app import main; main()"


def start(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    """Start a command; its output is thrown away, unless `options` say otherwise."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _RUN, *map(str, arguments)]
    return subprocess.Popen(command, env=environment, **{**quiet, **options})


def run(*arguments: object, **options: Any) -> tuple[int, bytes, str]:
    """Run a command to its end; gives status, output and messages."""
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start(*arguments, **{**piped, **options}) as process:
        output, messages = process.communicate()
    return process.returncode, output, messages.decode(errors="replace")


def left_over(folder: Path) -> list[str]:
    """Return the hidden files of a folder: what a run that ended leaves nothing of."""
    return sorted(path.name for path in folder.rglob(".*"))
