"""The bodies of requests, kept in memory and within limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from pipeline.server.limits import Limits
from pipeline.server.problems import Problem, overloaded

_DRAINED = 4  # bodies this many times too large are read to the end, so that the answer is seen


class Bodies:
    """Reads bodies, and knows how many bytes of them are held.

    Parameters
    ----------
    limits : Limits
        How large one may be, how large all together, and how long one may take.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.held = 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """Read the body of a request, and hold it until the block ends.

        Parameters
        ----------
        request : Request
            Whose body is not read yet.

        Yields
        ------
        bytes

        Raises
        ------
        Problem
            408 if it takes too long, 413 if it is too large, 503 if too much is held already.
        """
        body = bytearray()
        try:
            await self._receive(request, body)
            yield bytes(body)
        finally:
            self.held -= len(body)

    async def _receive(self, request: Request, body: bytearray) -> None:
        limits = self.limits
        size = 0
        try:
            async with asyncio.timeout(limits.body_seconds):
                async for chunk in request.stream():
                    size += len(chunk)
                    if size <= limits.body_bytes:
                        body.extend(chunk)
                        self.held += len(chunk)
                    elif size > _DRAINED * limits.body_bytes:
                        break
                    if self.held > limits.held_bytes:
                        raise overloaded("too much text is being worked on")
        except TimeoutError:
            what = f"did not arrive within {limits.body_seconds:g} seconds"
            raise Problem(408, what, "body", "send it again, or less of it") from None
        except ClientDisconnect:
            raise Problem(400, "ended early", "body", "send all of it") from None
        if size > limits.body_bytes:
            what = f"larger than {limits.body_bytes >> 20} MB"
            remedy = "give less at once; stance read and stance score take archives"
            raise Problem(413, what, "body", remedy)
