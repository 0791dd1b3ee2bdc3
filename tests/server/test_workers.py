"""The processes behind the API: overload, time limits, and those that end."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pipeline.errors import ArticleError
from pipeline.server.answers import explain
from pipeline.server.limits import Limits
from pipeline.server.problems import Problem
from pipeline.server.workers import Workers
from pipeline.stages.train import Training
from tests.server.running import run_apart


def sleep(_: object, seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def end(_: object) -> None:
    os._exit(3)


def refuse(_: object) -> None:
    raise ArticleError("a.pdf: a PDF; save its text")


def own_id(_: object) -> int:
    return os.getpid()


def with_workers(
    training: Training, limits: Limits, scene: Callable[[Workers], Awaitable[Any]]
) -> Any:
    async def play() -> Any:
        workers = Workers(training.model, limits)
        try:
            await workers.run(sleep, 0)
            return await scene(workers)
        finally:
            await workers.stop()

    return run_apart(play())


async def outcome(work: Awaitable[Any]) -> Any:
    try:
        return await work
    except Problem as problem:
        return problem.status


def test_who_comes_too_late_is_told_at_once_and_who_waits_too_long_later(
    training: Training,
) -> None:
    async def scene(workers: Workers) -> list[tuple[Any, float]]:
        async def timed() -> tuple[Any, float]:
            begun = time.monotonic()
            return await outcome(workers.run(sleep, 2)), time.monotonic() - begun

        return await asyncio.gather(timed(), timed(), timed())

    limits = Limits(workers=1, waiting=1, wait_seconds=0.4)
    first, second, third = with_workers(training, limits, scene)
    assert first[0] == 2
    assert second[0] == 503
    assert second[1] > 0.3
    assert third[0] == 503
    assert third[1] < second[1]


def test_what_takes_too_long_ends_and_the_next_is_answered(training: Training) -> None:
    async def scene(workers: Workers) -> tuple[int, Any, int, int]:
        before = await workers.run(own_id)
        late = await outcome(workers.run(sleep, 60))
        return before, late, await workers.run(own_id), workers.working

    before, late, after, working = with_workers(
        training, Limits(workers=1, work_seconds=0.5, wait_seconds=60), scene
    )
    assert late == 504
    assert after != before
    assert working == 0


def test_a_process_that_ends_is_replaced(training: Training) -> None:
    async def scene(workers: Workers) -> list[Any]:
        return [await outcome(workers.run(end)), await workers.run(sleep, 0)]

    assert with_workers(training, Limits(workers=1), scene) == [500, 0]


def test_an_error_of_a_worker_is_told(training: Training) -> None:
    async def scene(workers: Workers) -> Problem:
        with pytest.raises(ArticleError) as caught:
            await workers.run(refuse)
        return explain(caught.value)

    problem = with_workers(training, Limits(workers=1), scene)
    assert (problem.status, problem.what, problem.remedy) == (
        422,
        "a.pdf: a PDF",
        "save its text",
    )


def test_the_loop_is_free_while_workers_work(training: Training) -> None:
    async def scene(workers: Workers) -> float:
        work = asyncio.ensure_future(workers.run(sleep, 1))
        longest, last = 0.0, time.monotonic()
        while not work.done():
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        return longest

    assert with_workers(training, Limits(workers=1), scene) < 0.8
