"""Markdown to text: its headings and paragraphs, without marks, links, tables, notes and code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from pipeline.articles.metadata import Metadata
from pipeline.articles.text.extraction import ExtractedText

_MAY_BE = re.compile(r"^[ ]{0,3}(?:[-+•]|\d{1,9}[.)])\s|[#*_`\[<>~|\\]|^[-=]{3}", re.MULTILINE)
_PLAIN = {"paragraph_open", "paragraph_close", "inline"}
_PLAIN_INLINE = {"text", "softbreak", "hardbreak"}
_LEFT_OUT = {"table_open": "table_close", "footnote_block_open": "footnote_block_close"}
_STRAY_NOTE = re.compile(r"\[\^[^\]\s]{1,40}\]")
_FIELD = re.compile(
    r"^(title|date|author|source|url)\s{0,9}:\s{0,9}(.*\S)", re.MULTILINE | re.IGNORECASE
)
_SCRIPT = re.compile(r"\s*<(?:script|style|textarea|pre|!|\?)", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
_BLANKS = re.compile(r"[ \t]{2,}")
_QUOTES = {"<q>": "“", "</q>": "”"}
_LARGEST_PARAGRAPH = 50_000


def extract_markdown(text: str) -> ExtractedText | None:
    """Take the text out of an article in Markdown.

    Parameters
    ----------
    text : str
        The article.

    Returns
    -------
    ExtractedText or None
        None where there is nothing of Markdown in it, or a paragraph too long for prose.
    """
    if _MAY_BE.search(text) is None or max(map(len, text.split("\n\n"))) > _LARGEST_PARAGRAPH:
        return None
    tokens = _parser().parse(text)
    if all(map(_is_plain, tokens)):
        return None
    blocks = list(_blocks(tokens))
    metadata = _metadata(tokens)
    is_titled = bool(blocks) and blocks[0][1]
    if metadata.title and not is_titled:
        blocks.insert(0, (metadata.title, True))
        is_titled = True
    return ExtractedText("\n\n".join(block for block, _ in blocks), is_titled, metadata)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("code")
    return parser.use(footnote_plugin).use(front_matter_plugin)


def _is_plain(token: Token) -> bool:
    return (
        token.type in _PLAIN
        and all(child.type in _PLAIN_INLINE for child in token.children or ())
        and _STRAY_NOTE.search(token.content) is None
    )


def _blocks(tokens: Sequence[Token]) -> Iterator[tuple[str, bool]]:
    """Yield each block of text, and whether it is a heading."""
    until = None
    for position, token in enumerate(tokens):
        if until is not None:
            until = None if token.type == until else until
        elif token.type in _LEFT_OUT:
            until = _LEFT_OUT[token.type]
        elif token.type == "html_block" and not _SCRIPT.match(token.content):
            yield from ((line, False) for line in [_TAG.sub(" ", token.content).strip()] if line)
        elif token.type == "inline" and (content := _words(token, tokens[position - 1])):
            yield content, _is_heading(tokens[position - 1], token.content)


def _is_heading(opening: Token, content: str) -> bool:
    # a line of hyphens may stand below a paragraph too
    is_underlined = opening.markup in ("-", "=")
    return opening.type == "heading_open" and not (is_underlined and "\n" in content)


def _words(token: Token, opening: Token) -> str:
    words = "".join(_inline(token.children or ()))
    words = _BLANKS.sub(" ", _STRAY_NOTE.sub("", words)).strip()
    # a list item or quotation is wrapped by whoever marked it; lines of others may be paragraphs
    return " ".join(words.split()) if opening.level else words


def _inline(tokens: Sequence[Token]) -> Iterator[str]:
    is_address = False
    for token in tokens:
        if token.type in ("link_open", "link_close") and token.info == "auto":
            is_address = token.type == "link_open"
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.type == "html_inline":
            tag = token.content.lower()
            yield "\n" if tag.startswith("<br") else _QUOTES.get(tag, "")
        elif token.type in ("text", "code_inline") and not is_address:
            yield token.content


def _metadata(tokens: Sequence[Token]) -> Metadata:
    matter = tokens[0].content if tokens and tokens[0].type == "front_matter" else ""
    found = {key.lower(): value.strip("\"' ") for key, value in _FIELD.findall(matter)}
    return Metadata(**found)
