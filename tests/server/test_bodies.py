"""Bodies that come slowly, not to the end, or too large."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request

from pipeline.server.bodies import Bodies
from pipeline.server.limits import Limits
from pipeline.server.problems import Problem
from tests.server.running import run_apart

LIMITS = Limits(body_bytes=100, held_bytes=150, body_seconds=0.2)
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]


def chunk(size: int, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


def sending(*messages: Message) -> Receive:
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await asyncio.sleep(60)
        return waiting.pop(0)

    return receive


async def read(bodies: Bodies, receive: Receive) -> int:
    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    async with bodies.read(request) as body:
        assert bodies.held >= len(body)
        return len(body)


def test_a_body_is_read_and_given_up() -> None:
    bodies = Bodies(LIMITS)
    assert run_apart(read(bodies, sending(chunk(60), chunk(40, more=False)))) == 100
    assert bodies.held == 0


@pytest.mark.parametrize(
    ("messages", "status"),
    [
        ([chunk(60)], 408),
        ([chunk(60), {"type": "http.disconnect"}], 400),
        ([chunk(60), chunk(41, more=False)], 413),
        ([chunk(90)] * 9, 413),
    ],
)
def test_other_bodies_are_refused_and_given_up(messages: list[Message], status: int) -> None:
    bodies = Bodies(LIMITS)
    with pytest.raises(Problem) as caught:
        run_apart(read(bodies, sending(*messages)))
    assert caught.value.status == status
    assert bodies.held == 0


def test_all_bodies_together_are_limited() -> None:
    async def scene() -> tuple[Any, Any]:
        bodies = Bodies(LIMITS)
        slow = asyncio.ensure_future(read(bodies, sending(chunk(90))))
        await asyncio.sleep(0.05)
        refused, late = await asyncio.gather(
            read(bodies, sending(chunk(90, more=False))), slow, return_exceptions=True
        )
        return refused, late, await read(bodies, sending(chunk(90, more=False)))

    refused, late, after = run_apart(scene())
    assert refused.status == 503
    assert refused.headers() == {"Retry-After": "2"}
    assert late.status == 408
    assert after == 90
