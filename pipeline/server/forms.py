"""The form of the page: what was pasted, what was chosen, and what is wanted of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from pipeline.articles.inputs.entries import Entry
from pipeline.articles.text.decoding import decode_article
from pipeline.server.limits import Limits
from pipeline.server.pages import WANTED, Form
from pipeline.server.problems import Problem

_CHUNK = 1 << 16
_OTHER_FIELDS = 8
_MOST_FILES = 1000


async def parse_form(body: bytes, headers: Headers, limits: Limits) -> Form:
    """Read a form that was sent.

    Parameters
    ----------
    body : bytes
        As ``multipart/form-data``.
    headers : Headers
        Those of the request.
    limits : Limits
        How many articles there may be.

    Returns
    -------
    Form
        Files are bytes still; what it carries along is not looked at.

    Raises
    ------
    Problem
        400 if it is no such form, 422 if it asks for what there is not.
    """
    found = await _parse(body, headers, limits)
    wanted = str(found.get("wanted", "show"))
    if wanted not in WANTED:
        raise Problem(422, "asks for what there is not", "wanted", f"known: {', '.join(WANTED)}")
    return Form(
        entries=_pasted(found, keep_empty=wanted == "more") + await _files(found),
        one_story=found.get("story") != "each",
        picked=_number(str(found.get("picked") or "0")),
        wanted=wanted,
        carried=str(found.get("carried") or "[]"),
    )


def complete_form(form: Form, limits: Limits) -> Form:
    """Decode the articles of a form, those it carries along first, and name them.

    Parameters
    ----------
    form : Form
        As it was sent.
    limits : Limits
        How many articles there may be.

    Returns
    -------
    Form
        Every article is text.

    Raises
    ------
    Problem
        413 if there are too many articles, 422 if there are none.
    ArticleError
        If a file is no article.
    """
    entries = [*_carried(form.carried), *map(_decoded, form.entries)]
    if len(entries) > limits.articles:
        remedy = f"give at most {limits.articles}; stance read takes any number"
        raise Problem(413, f"{len(entries):,} articles", "form", remedy)
    if not entries and form.wanted not in ("edit", "more"):
        raise Problem(422, "no article", "form", "paste one, or choose a file")
    picked = min(form.picked, max(len(entries) - 1, 0))
    return replace(form, entries=_named(entries), picked=picked, carried="[]")


class _InMemory(MultiPartParser):
    """Keeps files in memory: nothing that is sent is written to a disk."""

    spool_max_size = 1 << 62


async def _parse(body: bytes, headers: Headers, limits: Limits) -> FormData:
    async def stream() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), _CHUNK):
            yield body[start : start + _CHUNK]
            await asyncio.sleep(0)  # others have their turn

    fields = 2 * limits.articles + _OTHER_FIELDS
    try:
        parser = _InMemory(
            headers,
            stream(),
            max_files=_MOST_FILES,
            max_fields=fields,
            max_part_size=len(body),
        )
        return await parser.parse()
    except MultiPartException as error:
        remedy = "send multipart/form-data, as the page does"
        raise Problem(400, error.message.rstrip(".").lower(), "form", remedy) from None


def _carried(carried: str) -> list[Entry]:
    try:
        pairs = [(str(name), str(text)) for name, text in json.loads(carried)]
    except (ValueError, TypeError, RecursionError):
        raise Problem(422, "is not as the page wrote it", "carried", "read it again") from None
    return [Entry(name, text) for name, text in pairs]


def _decoded(entry: Entry) -> Entry:
    if isinstance(entry.content, str):
        return entry
    return replace(entry, content=decode_article(entry.content, entry.name))


def _pasted(found: FormData, *, keep_empty: bool) -> list[Entry]:
    texts = [str(text).replace("\r\n", "\n") for text in found.getlist("text")]
    names = [str(name) for name in found.getlist("name")] + [""] * len(texts)
    pairs = zip(names, texts, strict=False)
    return [Entry(name, text) for name, text in pairs if keep_empty or text.strip()]


async def _files(found: FormData) -> list[Entry]:
    files = [file for file in found.getlist("files") if isinstance(file, UploadFile)]
    return [Entry(file.filename, await file.read()) for file in files if file.filename]


def _named(entries: Sequence[Entry]) -> list[Entry]:
    """Give a name to those without one, where there are several to tell apart."""
    if len(entries) == 1:
        return list(entries)
    return [
        Entry(entry.name or f"pasted text {number}", entry.content)
        for number, entry in enumerate(entries, start=1)
    ]


def _number(digits: str) -> int:
    return int(digits[:6]) if digits.isascii() and digits.isdigit() else 0
