"""Bytes to text: encodings as browsers know them, and refusing what is no article."""

from __future__ import annotations

import codecs
import re

import webencodings

from pipeline.articles.text.file_kinds import refuse_other_kinds
from pipeline.articles.text.web_page import begins_as_html
from pipeline.errors import ArticleError

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_XML = re.compile(rb"""\s*<\?xml\s[^<>]{0,80}?encoding\s*=\s*["']([\w.:-]{2,30})""", re.IGNORECASE)
_META = re.compile(rb"""<meta\s[^<>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,30})""", re.IGNORECASE)
# the decoder that the standard gives the name, where Python's codec of that name knows less
_WIDER = {"gbk": "gb18030"}
_HEAD = 4096
MOST_BYTES = 16 << 20


def decode_article(content: bytes, name: str, charset: str | None = None) -> str:
    """Turn the bytes of an article into text.

    Parameters
    ----------
    content : bytes
        UTF-8, UTF-16, UTF-32, or HTML that declares its charset. Names of charsets mean what they
        mean to browsers; a page that declares none and is not UTF-8 is windows-1252.
    name : str
        Where they come from, for errors; a name such as ``a.html`` says that it is a page.
    charset : str, optional
        What a server said; it goes before what the page declares.

    Returns
    -------
    str
        The text, without a byte order mark.

    Raises
    ------
    ArticleError
        If they are more than `MOST_BYTES`, no text, or in no such encoding, naming the first byte
        that does not fit.
    """
    if len(content) > MOST_BYTES:
        raise ArticleError(
            f"{name}: more than {MOST_BYTES >> 20} MB, which is no article; for archives use: "
            "stance score"
        )
    refuse_other_kinds(content, name)
    encoding = _marked(content) or _by_zeros(content)
    if encoding is None:
        is_page = begins_as_html(content[:_HEAD].decode("latin-1"), name)
        declared = charset or (_declared(content[:_HEAD]) if is_page else None)
        encoding = _named(declared, name) if declared else "utf-8"
        if is_page and not declared and not _is_utf_8(content):
            encoding = "cp1252"
    return _decoded(content, encoding, name)


def _marked(content: bytes) -> str | None:
    return next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)


def _by_zeros(content: bytes) -> str | None:
    """Tell UTF-16 and UTF-32 without a mark by where the zeros of their Latin letters stand."""
    head = content[: _HEAD - _HEAD % 4]
    zeros = "".join("0" if head[place::4].count(0) * 8 > len(head) else "x" for place in range(4))
    wide = {"x000": "utf-32-le", "000x": "utf-32-be", "x0x0": "utf-16-le", "0x0x": "utf-16-be"}
    return wide.get(zeros)


def _declared(head: bytes) -> str | None:
    found = _XML.match(head) or _META.search(_COMMENT.sub(b"", head))
    return found.group(1).decode("ascii", "replace") if found else None


def _named(label: str, name: str) -> str:
    found = webencodings.lookup(label)
    if found is None or found.name == "replacement":
        raise ArticleError(f"{name}: unknown charset {label!r}; save it as UTF-8 and declare that")
    if found.name.startswith("utf-16"):  # the declaration was readable, so it is wrong
        return "utf-8"
    if found.name == "x-user-defined":
        return "cp1252"
    return _WIDER.get(found.name, str(found.codec_info.name))


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes, encoding: str, name: str) -> str:
    # browsers take the bytes that Python leaves out of these for control characters
    errors = _TAKE_CONTROLS if encoding.startswith("cp125") else "strict"
    try:
        return content.decode(encoding, errors)
    except UnicodeDecodeError as error:
        what = f"byte {error.start} is not {encoding.removesuffix('-sig').upper()}"
        raise ArticleError(f"{name}: {what}; save the file as UTF-8") from None


def _take_controls(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


_TAKE_CONTROLS = "stance-take-controls"
codecs.register_error(_TAKE_CONTROLS, _take_controls)
