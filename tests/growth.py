"""Files made to stall a reader, of any size: the time to read them grows with their size alone."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

# In the text of an article.
TEXTS = {
    "quotation marks": "“",
    "marks of three kinds": "'\"‘",
    "commas": "a, ",
    "sayings": "“No!” Roe said. ",
    "initials": "A. ",
    "one long word": "a",
    "invisible": "a\u00ad&amp;",
    "quotations of mail": "> > a\n",
    "ends of releases": "###\n",
    "heads of mail": "From: a\n",
    "links never closed": "[a](",
    "emphasis": "*_`~",
    "tags never closed": "<a ",
    "comments never closed": "<!--",
    "paragraphs of HTML": "<p>a ",
    "preformatted": "<pre>a\n\nb</pre>",
}
# In the rows of an archive.
ROWS = {
    "csv": ('"', '"a\n', 'a"b,', '"",\n', "\r", ",", '\\",'),
    "tsv": ('"', 'a"\t\n', "\t", '"a\n"\t'),
    "jsonl": ('{"text":', "[", '"\\ud800', "\n", '{"text":"a"}\n', '{"text":"a"}', "null\n"),
    "txt": ("a\n", "\r", "a", "\x00\n"),
}


def repeated(piece: str, size: int) -> str:
    """Return a piece again and again, up to a size in characters."""
    return (piece * (size // len(piece) + 1))[:size]


def write_rows(file: Path, piece: str, size: int) -> Path:
    """Write an archive of a piece again and again, below a head where the format has one."""
    head = {"csv": "text,b\n", "tsv": "text\tb\n"}.get(file.suffix[1:], "")
    file.write_text(head + repeated(piece, size), encoding="utf-8", newline="")
    return file


def write_article(file: Path, text: str) -> Path:
    """Write an article as a file, or as the one row or page of a table or web archive."""
    file.write_bytes(_WRAPPED.get(file.suffix, str.encode)(text))
    return file


def _html(text: str) -> bytes:
    return f"<html><body>{text}</body></html>".encode()


def _csv(text: str) -> bytes:
    return 'text\n"{}"\n'.format(text.replace('"', '""')).encode()


def _parquet(text: str) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": [text]}), sink)
    return sink.getvalue()


def _web_archive(text: str) -> bytes:
    sink = io.BytesIO()
    writer = WARCWriter(sink, gzip=True)
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    page = io.BytesIO(_html(text))
    writer.write_record(
        writer.create_warc_record("http://a.example/", "response", page, http_headers=head)
    )
    return sink.getvalue()


_WRAPPED: dict[str, Callable[[str], bytes]] = {
    ".html": _html,
    ".md": lambda text: f"# Oslo denies\n\n{text}".encode(),
    ".jsonl": lambda text: json.dumps({"text": text}).encode(),
    ".csv": _csv,
    ".tsv": _csv,
    ".parquet": _parquet,
    ".warc.gz": _web_archive,
    ".gz": _web_archive,
}
ARTICLE_KINDS = (".txt", ".html", ".md", ".jsonl", ".csv", ".tsv", ".parquet", ".warc.gz")
