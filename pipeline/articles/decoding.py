"""Bytes to text: encodings, and the main text of a page of HTML."""

from __future__ import annotations

import codecs
import re

from pipeline.errors import ArticleError

_HTML = re.compile(r"\s*<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_CHARSET = re.compile(rb"""<meta[^<>]{0,80}charset=["']?([A-Za-z0-9_.:-]{2,30})""", re.IGNORECASE)
_HEAD = 4096
MOST_BYTES = 16 << 20


def decode_article(content: bytes, name: str) -> str:
    """Turn the bytes of an article into text.

    Parameters
    ----------
    content : bytes
        UTF-8, UTF-16 with its byte order mark, or HTML that declares its charset.
    name : str
        Where they come from, for errors.

    Returns
    -------
    str
        The text, without a byte order mark.

    Raises
    ------
    ArticleError
        If they are more than `MOST_BYTES`, or in no such encoding, naming the first byte that does
        not fit.
    """
    if len(content) > MOST_BYTES:
        raise ArticleError(
            f"{name}: more than {MOST_BYTES >> 20} MB, which is no article; for archives use: "
            "stance score"
        )
    encoding = "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif not content.startswith(codecs.BOM_UTF8) and (found := _CHARSET.search(content[:_HEAD])):
        encoding = found.group(1).decode("ascii")
        if encoding.lower().startswith("utf-16"):  # the declaration was readable, so it is wrong
            encoding = "utf-8"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        what = f"byte {error.start} is not {encoding.removesuffix('-sig').upper()}"
        remedy = "save the file as UTF-8"
    except (LookupError, UnicodeError):
        what, remedy = f"unknown charset {encoding!r}", "save it as UTF-8 and declare that"
    raise ArticleError(f"{name}: {what}; {remedy}")


def is_html(text: str, name: str | None) -> bool:
    """Tell whether a text is HTML, by its name or how it begins."""
    named = name is not None and name.lower().endswith((".html", ".htm"))
    return named or _HTML.match(text) is not None


def main_text(page: str) -> str:
    """Return the headline and the main text of a page of HTML, a blank line between paragraphs."""
    from trafilatura import bare_extraction

    # lxml takes neither surrogates nor NULs
    page = page.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    found = bare_extraction(page, include_comments=False, include_tables=False, with_metadata=True)
    if found is None:
        return ""
    title, body = found.title, (found.text or "").replace("\n", "\n\n")  # type: ignore[union-attr]
    return body if not title or body.startswith(title) else f"{title}\n\n{body}"
