"""How much a request may ask for, and how long it may take."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """Limits of the server, each with its reason.

    Attributes
    ----------
    body_bytes : int
        Largest body of a request: twenty saved web pages are some five megabytes.
    held_bytes : int
        Most bytes of bodies held at once: memory does not grow with the number of requests.
    texts : int
        Most texts of a prediction: they are scored in a fraction of a second.
    articles : int
        Most articles of a reading: more are a job for ``stance read``.
    waiting : int
        Most requests that wait for a worker: those who come later would wait for too long.
    wait_seconds : float
        How long a request waits for a worker.
    work_seconds : float
        How long it is worked on: an article of a million characters takes about ten seconds.
    body_seconds : float
        How long a body may take to arrive.
    workers : int
        Processes that read and score; reading keeps one core busy.
    """

    body_bytes: int = 8 << 20
    held_bytes: int = 64 << 20
    texts: int = 1000
    articles: int = 20
    waiting: int = 256
    wait_seconds: float = 10.0
    work_seconds: float = 30.0
    body_seconds: float = 20.0
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
