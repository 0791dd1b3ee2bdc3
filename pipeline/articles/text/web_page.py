"""HTML to text: the headline and the main text of a page, and what it tells of itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lxml.etree import ParserError, SubElement, XPath, strip_tags
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from pipeline.articles.metadata import Metadata
from pipeline.articles.text.cleaning import clean_text
from pipeline.articles.text.extraction import ExtractedText
from pipeline.articles.text.large_page import block_texts, is_large

_NAMES = (".html", ".htm", ".xhtml", ".xht", ".shtml")
_BLOCKS = (
    "p|div|h[1-6]|article|section|main|header|footer|aside|nav|ul|ol|li|table|tr|td|blockquote|pre|"
    "figure|body|html|head"
)
_BEFORE = r"(?:\ufeff|ï»¿)?(?>\s+|<!--(?>.*?-->)|<\?xml\b[^>]{0,200}>)*+"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FIRST = re.compile(
    rf"{_BEFORE}<(?:!doctype\s+html|(?:{_BLOCKS}|title|meta|link|script|style|base)\b[^<>]{{0,2000}}>)",
    re.IGNORECASE | re.DOTALL,
)
_CLOSED = re.compile(rf"</(?:{_BLOCKS})\s*>\s*(?:<|\Z)|<br\s*/?>\s*<br\b", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s+[-–—|·•»:]+\s+|\s*\|\s*")
_ENDS_NAME = re.compile(r"(?:\s[-–—|·•»:]+|[|:])\s*$")
_ITEM = re.compile(r"^(?:- +)+", re.MULTILINE)
_COMMENT = re.compile(r"\b(?:comment|reply)(?:\b|_)", re.IGNORECASE)
_HEADINGS = XPath("//article//h1"), XPath("//h1")
_HEADING_LINKS = XPath(
    ".//*[self::h1 or self::h2 or self::h3 or self::h4][.//a[@href and not(contains(@href, '#'))]]"
    "|.//a[.//h2 or .//h3 or .//h4]"
)
_TEASERS = XPath(
    ".//*[contains(translate(@class, 'TEASR', 'teasr'), 'teaser')"
    " or contains(translate(@id, 'TEASR', 'teasr'), 'teaser')]"
)
_LONGEST_CARD = 400
_FIRST_PARAGRAPHS = 3
_MOST_COMPARED = 2000


def begins_as_html(text: str, name: str | None = None) -> bool:
    """Return whether a text is a page of HTML, by its name or by what it begins with."""
    named = name is not None and name.lower().endswith(_NAMES)
    return named or _FIRST.match(text) is not None


def is_html(text: str, name: str | None = None) -> bool:
    """Return whether a text is HTML: a page, or a stretch that ends blocks of text by tags."""
    if begins_as_html(text, name):
        return True
    return "```" not in text and _CLOSED.search(text) is not None


def extract_page(page: str) -> ExtractedText:
    """Take headline, main text and metadata out of a page.

    Parameters
    ----------
    page : str
        HTML.

    Returns
    -------
    ExtractedText
        With a blank line between paragraphs; empty where the page has no text. Of a page with more
        elements than an article can have, all text.
    """
    from trafilatura import bare_extraction

    tree = _parse(page)
    if tree is None:
        return ExtractedText("")
    if is_large(tree):
        return ExtractedText("\n\n".join(clean_text(text)[0] for text in block_texts(tree)))
    for prepare in (_write_quotation_marks, _split_preformatted, _join_articles, _keep_teasers):
        prepare(tree)
    headings = [_words(heading) for find in _HEADINGS for heading in find(tree)]
    # comparing with other ways takes time that grows with the square of the paragraphs
    fast = sum(1 for _ in tree.iter("p", "div", "li", "td")) > _MOST_COMPARED
    found = bare_extraction(
        tree, include_comments=False, include_tables=False, with_metadata=True, fast=fast
    )
    if found is None:
        return ExtractedText("")
    lines = _ITEM.sub("", found.text or "").split("\n")  # type: ignore[union-attr]
    paragraphs = [clean_text(line)[0].strip() for line in lines]
    paragraphs = [paragraph for paragraph in paragraphs if paragraph]
    metadata = _metadata(found)
    headline = _headline(metadata, [*headings, *paragraphs[:1]])
    if headline:
        paragraphs = [headline, *_without(paragraphs, headline)]
    return ExtractedText("\n\n".join(paragraphs), bool(headline), replace(metadata, title=headline))


def _parse(page: str) -> HtmlElement | None:
    # lxml takes neither surrogates nor controls, nor a declaration of a charset in what is decoded
    content = _CONTROLS.sub(" ", page).encode("utf-8", "replace")
    if not content.strip():
        return None
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(content, parser=parser)
    except (ParserError, ValueError):
        return None


def _words(element: HtmlElement) -> str:
    return " ".join(clean_text(element.text_content())[0].split())


def _write_quotation_marks(tree: HtmlElement) -> None:
    for quotation in list(tree.iter("q")):
        is_inner = next(quotation.iterancestors("q"), None) is not None
        opening, closing = "‘’" if is_inner else "“”"
        quotation.text = opening + (quotation.text or "")
        if len(quotation):
            quotation[-1].tail = (quotation[-1].tail or "") + closing
        else:
            quotation.text += closing
    strip_tags(tree, "q")


def _split_preformatted(tree: HtmlElement) -> None:
    """Make paragraphs of text that is laid out by hand."""
    for block in list(tree.iter("pre")):
        if block.find(".//code") is not None or "\n" not in block.text_content().strip():
            continue
        paragraphs = re.split(r"\n[ \t]*\n\s*", block.text_content().strip())
        block.clear(keep_tail=True)
        block.tag = "div"
        for paragraph in paragraphs:
            SubElement(block, "p").text = " ".join(paragraph.split())


def _join_articles(tree: HtmlElement) -> None:
    """Put the posts of a live blog, each an article, into one; drop comments and cards."""
    posts: dict[HtmlElement, list[HtmlElement]] = {}
    others: list[HtmlElement] = []
    for article in tree.iter("article"):
        if _is_card(article) or _is_comment(article):
            others.append(article)
        elif next(article.iterancestors("aside", "nav", "footer", "article"), None) is None:
            posts.setdefault(article.getparent(), []).append(article)
    if not posts:
        return
    first, *later = max(posts.values(), key=_told)
    for post in later:
        post.tag = "div"
        first.append(post)
    for other in others:
        if other.getparent() is not None and first not in other.iterdescendants("article"):
            other.drop_tree()


def _told(articles: list[HtmlElement]) -> int:
    return sum(len(p.text_content()) for article in articles for p in article.iter("p"))


def _is_comment(article: HtmlElement) -> bool:
    return any(_COMMENT.search(article.get(name, "")) for name in ("class", "id"))


def _is_card(article: HtmlElement) -> bool:
    """Whether it leads to another article by a link around or in its heading."""
    headings = _HEADING_LINKS(article)
    return bool(headings) and len(article.text_content()) < _LONGEST_CARD


def _keep_teasers(tree: HtmlElement) -> None:
    """Rename classes that would have the first paragraphs of an article left out."""
    for element in _TEASERS(tree):
        if element.find(".//p") is None or element.find(".//a") is not None:
            continue
        for name in ("class", "id"):
            element.set(name, re.sub("teaser", "lead", element.get(name, ""), flags=re.IGNORECASE))


def _metadata(found: Any) -> Metadata:
    return Metadata(
        title=found.title,
        date=found.date,
        author=found.author,
        source=found.sitename,
        url=found.url,
    )


def _headline(metadata: Metadata, headings: list[str]) -> str | None:
    """Return the title without the name of the site."""
    title = " ".join(clean_text(metadata.title or "")[0].split())
    fitting = [(title.find(heading), heading) for heading in headings if _fits(heading, title)]
    named = [heading for _, heading in sorted(fitting) if not _same(heading, metadata.source)]
    if named:
        return named[0]
    parts = _SEPARATOR.split(title)
    if len(parts) > 1 and _same(parts[-1], metadata.source):
        return title[: -len(parts[-1])].rstrip(" -–—|·•»:")
    if len(parts) > 1 and _same(parts[0], metadata.source):
        return title[len(parts[0]) :].lstrip(" -–—|·•»:")
    return title or None


def _fits(heading: str, title: str) -> bool:
    """Whether a title is a heading, with or without the name of the site before or behind it."""
    before, found, after = title.partition(heading) if heading else ("", "", "")
    opens = not before or _ENDS_NAME.search(before) is not None
    return bool(found) and opens and (not after or _SEPARATOR.match(after) is not None)


def _same(name: str, other: str | None) -> bool:
    return bool(other) and _letters(name) == _letters(other or "")


def _letters(name: str) -> str:
    return re.sub(r"\W+", "", name).casefold()


def _without(paragraphs: list[str], headline: str) -> list[str]:
    """Leave out the headline where the text begins with it."""
    for number, paragraph in enumerate(paragraphs[:_FIRST_PARAGRAPHS]):
        if " ".join(paragraph.split()) == headline:
            return paragraphs[:number] + paragraphs[number + 1 :]
    return paragraphs
