"""The page and the API as one application: what answers which request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.server import jobs
from pipeline.server.answers import answer, json_answer, no_such_place, page_answer
from pipeline.server.bodies import Bodies
from pipeline.server.form_answers import answer_form
from pipeline.server.guards import Guards
from pipeline.server.limits import Limits
from pipeline.server.openapi import describe_api
from pipeline.server.pages import Form, render_form
from pipeline.server.problems import Problem
from pipeline.server.workers import Workers


def create_app(
    model: str | Path | None = None,
    limits: Limits | None = None,
    *,
    hosts: Collection[str] = (),
    ready: Callable[[], None] | None = None,
) -> Starlette:
    """Make the application.

    Parameters
    ----------
    model : path, optional
        As for `pipeline.inference.predict.predict`.
    limits : Limits, optional
        Other limits than the usual ones.
    hosts : collection of str
        Names under which it may be asked, besides addresses and ``localhost``.
    ready : callable, optional
        Is called when the model is loaded.

    Returns
    -------
    Starlette
        For any ASGI server, as one process: it starts those that do the work.
    """
    kept = limits or Limits()

    @asynccontextmanager
    async def working(app: Starlette) -> AsyncIterator[None]:
        app.state.workers = Workers(model, kept)
        app.state.bodies = Bodies(kept)
        try:
            await app.state.workers.run(jobs.predict_json, b'{"texts": ["ready"]}', kept)
            if ready is not None:
                ready()
            yield
        finally:
            await app.state.workers.stop()

    app = Starlette(
        routes=[
            Route("/", answer(_page), methods=["GET"]),
            Route("/", answer_form, methods=["POST"]),
            Route("/predict", answer(_predict), methods=["POST"]),
            Route("/read", answer(_read), methods=["POST"]),
            Route("/healthz", answer(_health), methods=["GET"]),
            Route("/openapi.json", answer(_description), methods=["GET"]),
        ],
        middleware=[Middleware(Guards, hosts=hosts)],
        exception_handlers={404: no_such_place, 405: no_such_place},
        lifespan=working,
    )
    app.state.limits = kept
    return app


async def _page(request: Request) -> Response:
    return page_answer(render_form(Form(), request.app.state.limits))


async def _predict(request: Request) -> Response:
    return await _work(request, jobs.predict_json)


async def _read(request: Request) -> Response:
    return await _work(request, jobs.read_json)


async def _work(request: Request, job: Callable[..., bytes]) -> Response:
    """Let a worker check the body and do what it asks for: even parsing can take seconds."""
    state = request.app.state
    _check_json(request)
    async with state.bodies.read(request) as body:
        return json_answer(await state.workers.run(job, body, state.limits))


async def _health(request: Request) -> Response:
    workers = request.app.state.workers
    found: dict[str, Any] = {
        "status": "ok",
        "version": version("stance-pipeline"),
        "working": workers.working,
        "waiting": workers.waiting,
    }
    return JSONResponse(found)


async def _description(request: Request) -> Response:
    return JSONResponse(describe_api(request.app.state.limits))


def _check_json(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        remedy = "send JSON as application/json"
        raise Problem(415, f"{kind[:80] or 'missing'}", "header Content-Type", remedy)
