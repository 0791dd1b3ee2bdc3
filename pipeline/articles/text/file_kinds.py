"""Files that are no articles, and what to do with them instead."""

from __future__ import annotations

import json

from pipeline.errors import ArticleError

_AS_TEXT = "save it as text or HTML and read that"
_KINDS = (
    (b"%PDF-", "a PDF", "save its text (as pdftotext does) and read that"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a file of Word, Excel or Outlook", _AS_TEXT),
    (b"{\\rtf", "RTF", _AS_TEXT),
    (b"PAR1", "Parquet", "name it .parquet to read an article from each row"),
    (b"\x1f\x8b", "compressed", "unpack it; only tables and WARC are read compressed"),
    (b"\x28\xb5\x2f\xfd", "compressed", "unpack it; only tables and WARC are read compressed"),
    (b"BZh", "compressed", "unpack it"),
    (b"WARC/", "a web archive", "name it .warc to read an article from each page"),
    (b"\x89PNG\r\n\x1a\n", "an image", "save what is written in it as text"),
    (b"\xff\xd8\xff", "an image", "save what is written in it as text"),
    (b"GIF8", "an image", "save what is written in it as text"),
)
_ZIPPED = (
    (b"word/", "a Word document (DOCX)", _AS_TEXT),
    (b"xl/", "an Excel workbook (XLSX)", "save it as CSV to read an article from each row"),
    (b"ppt/", "slides (PPTX)", _AS_TEXT),
    (b"opendocument.spreadsheet", "a table (ODS)", "save it as CSV"),
    (b"opendocument", "an OpenDocument file", _AS_TEXT),
    (b"epub", "a book (EPUB)", _AS_TEXT),
)


def refuse_other_kinds(content: bytes, name: str) -> None:
    """Refuse the bytes of known kinds of files that are no text, and JSON.

    Parameters
    ----------
    content : bytes
        What is in the file.
    name : str
        Its name, for errors.

    Raises
    ------
    ArticleError
        Saying what it is and what to do.
    """
    start = content[:1024].lstrip()
    for mark, what, remedy in _KINDS:
        if start.startswith(mark):
            raise ArticleError(f"{name}: {what}, not an article; {remedy}")
    if start.startswith(b"PK\x03\x04"):
        what, remedy = _zipped(content)
        raise ArticleError(f"{name}: {what}, not an article; {remedy}")
    if start[:1] in (b"{", b"[") and _is_json(content):
        raise ArticleError(
            f"{name}: JSON, not an article; write one object a line into a file named .jsonl, "
            "and say with --text-column where the text is"
        )


def _zipped(content: bytes) -> tuple[str, str]:
    found = (kind for kind in _ZIPPED if kind[0] in content)
    _, what, remedy = next(found, (b"", "a ZIP file", "unpack it and read what is in it"))
    return what, remedy


def _is_json(content: bytes) -> bool:
    """Whether the first value is an object, or a list of them."""
    try:
        value, _ = json.JSONDecoder().raw_decode(content.decode("utf-8-sig").lstrip())
    except RecursionError:
        return True
    except ValueError:
        return False
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    )
