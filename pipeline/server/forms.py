"""The form of the page: what was pasted, what was chosen, and what is wanted of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from pipeline.articles.entries import Entry
from pipeline.server.limits import Limits
from pipeline.server.pages import WANTED, Form
from pipeline.server.problems import Problem

_CHUNK = 1 << 16
_OTHER_FIELDS = 8


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

    Raises
    ------
    Problem
        400 if it is no such form, 413 if there are too many articles, 422 if there are none.
    """
    found = await _parse(body, headers, limits)
    wanted = str(found.get("wanted", "show"))
    if wanted not in WANTED:
        raise Problem(422, "asks for what there is not", "wanted", f"known: {', '.join(WANTED)}")
    entries = _carried(found) + _pasted(found, keep_empty=wanted == "more") + await _files(found)
    if len(entries) > limits.articles:
        remedy = f"give at most {limits.articles}; stance read takes any number"
        raise Problem(413, f"{len(entries):,} articles", "form", remedy)
    if not entries and wanted != "edit":
        raise Problem(422, "no article", "form", "paste one, or choose a file")
    return Form(_named(entries), found.get("story") != "each", _picked(found, entries), wanted)


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
            max_files=limits.articles + 1,
            max_fields=fields,
            max_part_size=len(body),
        )
        return await parser.parse()
    except MultiPartException as error:
        remedy = "send multipart/form-data, as the page does"
        raise Problem(400, error.message.rstrip(".").lower(), "form", remedy) from None


def _carried(found: FormData) -> list[Entry]:
    """Find the articles that a page carries along in its bar."""
    carried = str(found.get("carried") or "[]")
    try:
        pairs = [(str(name), str(text)) for name, text in json.loads(carried)]
    except (ValueError, TypeError, RecursionError):
        raise Problem(422, "is not as the page wrote it", "carried", "read it again") from None
    return [Entry(name, text) for name, text in pairs]


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


def _picked(found: FormData, entries: Sequence[Entry]) -> int:
    number = str(found.get("picked") or "0")
    known = number.isascii() and number.isdigit() and int(number[:6]) < len(entries)
    return int(number) if known else 0
