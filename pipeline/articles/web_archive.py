"""Web archives (WARC): the pages in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.articles.article import Metadata
from pipeline.articles.decoding import MOST_BYTES
from pipeline.articles.entries import Entry
from pipeline.errors import ArticleError

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
    from warcio.exceptions import ArchiveLoadFailed

    records = ArchiveIterator(file, arc2warc=True)
    try:
        for record in records:
            found = _entry(record)
            if found is not None:
                yield found
    except (ArchiveLoadFailed, OSError, ValueError, EOFError) as error:
        where = f"{path}: byte {records.offset:,}" if records.offset else str(path)
        reason = next(iter(str(error).splitlines()), type(error).__name__)[:200]
        yield ArticleError(f"{where}: a damaged web archive ({reason}); fetch it again")


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
        metadata=Metadata(url=url or None, date=saved or None),
    )
