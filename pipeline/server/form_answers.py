"""The form of the page, answered: the articles read, a download, or the form again."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from pipeline.server import jobs
from pipeline.server.answers import FAILURES, explain, page_answer
from pipeline.server.forms import parse_form
from pipeline.server.pages import DOWNLOADS, Form, render_form

_TYPES = {
    "page": ("text/html", "stances.html"),
    "csv": ("text/csv", "stances.csv"),
    "json": ("application/x-ndjson", "stances.jsonl"),  # a line a story, as the command prints
}


async def answer_form(request: Request) -> Response:
    """Answer the form; what goes wrong is told on the form, with what was pasted still in it."""
    state = request.app.state
    form = Form()
    try:
        async with state.bodies.read(request) as body:
            form = await parse_form(body, request.headers, state.limits)
            content: bytes = await state.workers.run(jobs.read_form, form, state.limits)
        return _download(form, content) if form.wanted in DOWNLOADS else _page(content)
    except FAILURES as error:
        problem = explain(error)
        pasted = replace(form, entries=[e for e in form.entries if isinstance(e.content, str)])
        page = render_form(replace(pasted, wanted="edit"), state.limits, problem)
        return page_answer(page, problem.status, problem.headers())


def _page(content: bytes) -> Response:
    return page_answer(content.decode())


def _download(form: Form, content: bytes) -> Response:
    kind, name = _TYPES[form.wanted]
    disposition = f'attachment; filename="{name}"'
    return Response(content, media_type=kind, headers={"Content-Disposition": disposition})
