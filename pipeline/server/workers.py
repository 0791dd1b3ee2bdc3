"""Processes that read and score, so that the event loop is free to answer others."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipeline.server.jobs import prepare
from pipeline.server.limits import Limits
from pipeline.server.problems import Problem, overloaded

Result = TypeVar("Result")


class Workers:
    """A few processes with the model loaded, and a queue of bounded length before them.

    Parameters
    ----------
    model : path, optional
        As for `pipeline.inference.predict.predict`.
    limits : Limits
        How many there are, how many may wait and for how long.
    """

    def __init__(self, model: str | Path | None, limits: Limits) -> None:
        self.model = model
        self.limits = limits
        self.waiting = self.working = 0
        self._free = asyncio.Semaphore(limits.workers)
        self._pool = self._start()

    def _start(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self.limits.workers,
            initializer=prepare,
            initargs=(self.model,),
            context=multiprocessing.get_context("spawn"),  # threads of ours do not survive a fork
        )

    async def run(self, job: Callable[..., Result], *arguments: Any) -> Result:
        """Do a job in one of the processes.

        Parameters
        ----------
        job : callable
            A function of a module.
        *arguments
            What it is given after the model.

        Returns
        -------
        object
            What it returns.

        Raises
        ------
        Problem
            503 where too many wait or none gets free in time, 504 where the job takes too long
            (its process is ended, and another takes its place).
        """
        await self._wait()
        self.working += 1
        try:
            return await self._work(job, *arguments)
        finally:
            self.working -= 1
            self._free.release()

    async def _wait(self) -> None:
        if self.waiting >= self.limits.waiting:
            raise overloaded(f"{self.waiting:,} requests are waiting already")
        self.waiting += 1
        try:
            async with asyncio.timeout(self.limits.wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise overloaded(f"busy for {self.limits.wait_seconds:g} seconds") from None
        finally:
            self.waiting -= 1

    async def _work(self, job: Callable[..., Result], *arguments: Any) -> Result:
        if not self._pool.active:  # ended by the system while starting
            self._pool = self._start()
        seconds = self.limits.work_seconds
        future = self._pool.schedule(job, args=(self.model, *arguments), timeout=seconds)
        try:
            return await asyncio.wrap_future(future)
        except TimeoutError:
            remedy = "give fewer articles, or shorter ones; stance read has no limit"
            raise Problem(504, f"takes more than {seconds:g} seconds", "body", remedy) from None
        except ProcessExpired:
            remedy = "give it less at once: memory may have run out"
            raise Problem(500, "the process that worked on it ended", "server", remedy) from None

    async def stop(self) -> None:
        """End the processes, whatever they do."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)
