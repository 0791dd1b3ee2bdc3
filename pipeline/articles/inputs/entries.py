"""What articles come in: files, the rows of tables, the pages of web archives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.articles.metadata import NO_METADATA, Metadata
from pipeline.articles.text.decoding import MOST_BYTES
from pipeline.errors import ArticleError


@dataclass(frozen=True, slots=True)
class Entry:
    """An article that is still to be read.

    Attributes
    ----------
    name : str
        Where it comes from: a file, a file and a line, or an address.
    content : bytes or str
        The article.
    charset : str or None
        What a server said of the bytes.
    metadata : Metadata
        What is told beside the text; goes before what the text tells of itself.
    saved : str or None
        The day it was saved, which stands for its date where nothing else does.
    """

    name: str
    content: bytes | str
    charset: str | None = None
    metadata: Metadata = NO_METADATA
    saved: str | None = None


def open_entries(path: Path, text_column: str) -> Iterator[tuple[Entry | ArticleError, int]]:
    """Read what is in a file.

    Parameters
    ----------
    path : Path
        An article; or, by its suffix, a table or a web archive.
    text_column : str
        Where the articles of a table are.

    Yields
    ------
    Entry or ArticleError, int
        The article, or why it cannot be read; and how many bytes of the file are read.
    """
    try:
        with path.open("rb") as file:
            for entry in _entries(file, path, text_column):
                yield entry, 0 if file.closed else file.tell()
    except OSError as error:
        why = error.strerror or next(iter(str(error).splitlines()), type(error).__name__)
        yield ArticleError(f"{path}: {why}; give a text, Markdown or HTML file"), 0


def _entries(file: BinaryIO, path: Path, text_column: str) -> Iterator[Entry | ArticleError]:
    from pipeline.articles.inputs.tables import is_table, read_rows
    from pipeline.articles.inputs.web_archive import is_web_archive, read_pages

    if is_table(path):
        yield from read_rows(file, path, text_column)
    elif is_web_archive(path):
        yield from read_pages(file, path)
    else:
        yield Entry(str(path), file.read(MOST_BYTES + 1))
