"""Web archives (WARC): the pages in them."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any, BinaryIO

from warcio.exceptions import ArchiveLoadFailed

from pipeline.articles.inputs.entries import Entry
from pipeline.articles.metadata import Metadata
from pipeline.articles.text.decoding import MOST_BYTES
from pipeline.errors import ArticleError

# what warcio raises where a record is not as it should be
_DAMAGE = (ArchiveLoadFailed, OSError, ValueError, EOFError, AttributeError, KeyError, zlib.error)
_SUFFIXES = (".warc", ".warc.gz", ".arc", ".arc.gz", ".wet.gz")
_KINDS = ("response", "resource", "conversion")
_TYPES = ("text/html", "application/xhtml+xml", "text/plain")


def is_web_archive(path: Path) -> bool:
    """Tell by its suffix whether a file is a web archive."""
    return path.name.lower().endswith(_SUFFIXES)


def read_pages(file: BinaryIO, path: Path) -> Iterator[Entry | ArticleError]:
    """Read the pages of a web archive: HTML and plain text that a server gave with success.

    Parameters
    ----------
    file : binary file
        The archive.
    path : Path
        Its name, for errors.

    Yields
    ------
    Entry or ArticleError
    """
    from warcio.archiveiterator import ArchiveIterator

    records = ArchiveIterator(file, arc2warc=True)
    while True:
        try:
            # warcio writes what it doubts to standard error
            with redirect_stderr(io.StringIO()):
                record = next(records, None)
                found = None if record is None else _entry(record)
        except _DAMAGE as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)[:200]
            yield ArticleError(
                f"{path}: a damaged web archive near byte {file.tell():,} ({reason}); what follows "
                "is not read"
            )
            return
        if record is None:
            return
        if found is not None:
            yield found


def _entry(record: Any) -> Entry | None:
    if record.rec_type not in _KINDS:
        return None
    http = record.http_headers
    if http is not None and not http.get_statuscode().startswith("2"):
        return None
    kind = (http or record.rec_headers).get_header("Content-Type") or ""
    if not kind.lower().startswith(_TYPES):
        return None
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    saved = (record.rec_headers.get_header("WARC-Date") or "")[:10]
    _, _, charset = kind.lower().partition("charset=")
    return Entry(
        name=url or record.rec_headers.get_header("WARC-Record-ID") or "a page",
        content=record.content_stream().read(MOST_BYTES + 1),
        charset=charset.split(";")[0].strip("\"' ") or None,
        metadata=Metadata(url=url or None),
        saved=saved or None,
    )
