"""What an endpoint returns or raises, as an answer; nothing that was sent is logged."""

from __future__ import annotations

import logging
import re
from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from pipeline.articles.page.page import stated_policy
from pipeline.errors import ArticleError, StanceError
from pipeline.server.problems import Problem, overloaded

Endpoint = Callable[[Request], Awaitable[Response]]
_LINE = re.compile(r'File "([^"]+)", line (\d+)')
FAILURES = (Exception, CancelledError)
_log = logging.getLogger(__name__)


def answer(endpoint: Endpoint) -> Endpoint:
    """Make an endpoint answer with what goes wrong, as JSON."""

    @wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except FAILURES as error:
            problem = explain(error)
            return JSONResponse(problem.record(), problem.status, problem.headers())

    return answered


def explain(error: BaseException) -> Problem:
    """Say what an error means to who sent the request.

    Parameters
    ----------
    error : one of `FAILURES`
        What an endpoint or a worker raised.

    Returns
    -------
    Problem
        Of what nobody expected, only the kind and the place are logged: its message may hold text
        of the request.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, CancelledError):
        return overloaded("it is stopping")
    if isinstance(error, StanceError):
        what, _, remedy = str(error).rpartition("; ")
        is_article = isinstance(error, ArticleError)
        status, where = (422, "articles") if is_article else (500, "server")
        return Problem(status, what or remedy, where, remedy if what else "see the message")
    lines = _LINE.findall(getattr(error, "traceback", ""))
    place = ":".join(lines[-1]) if lines else "the server"
    _log.error("%s in %s", type(error).__name__, place)
    return Problem(500, "an error that nobody expected", "server", "report it, with the text")


async def no_such_place(request: Request, error: Exception) -> Response:
    """Answer a request for what there is not."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    what = "no such page" if status == 404 else f"does not take {request.method}"
    problem = Problem(status, what, request.url.path[:200], "see /openapi.json")
    headers = getattr(error, "headers", None)
    return JSONResponse(problem.record(), status, headers)


def json_answer(content: bytes) -> Response:
    """Return JSON that is encoded already."""
    return Response(content, media_type="application/json")


def page_answer(page: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a page, under the policy that it states."""
    policy = {"Content-Security-Policy": stated_policy(page)}
    return HTMLResponse(page.encode("utf-8", "replace"), status, {**policy, **(headers or {})})
