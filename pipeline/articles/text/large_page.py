"""A page of very many elements to paragraphs: every block, without looking for the main text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lxml.etree import iterwalk
from lxml.html import HtmlElement

# Looking for the main text takes some 50 microseconds an element, and no article has so many.
_MOST_ELEMENTS = 50_000
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt"),
    *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "table", "td"),
    *("th", "title", "tr", "ul"),
}
_LEFT_OUT = {
    *("button", "head", "iframe", "noscript", "script", "select", "style", "svg", "template"),
}


def is_large(tree: HtmlElement) -> bool:
    """Return whether a page has more elements than an article can have."""
    return next(islice(tree.iter(), _MOST_ELEMENTS, None), None) is not None


def block_texts(tree: HtmlElement) -> Iterator[str]:
    """Yield the text of each block of a page, in time that grows with the page alone.

    Parameters
    ----------
    tree : HtmlElement
        The page.

    Yields
    ------
    str
        With single spaces; never empty.

    Examples
    --------
    >>> from lxml.html import fromstring
    >>> list(block_texts(fromstring("<div>Oslo <b>denied</b> it.<p>Rain.</p>More.</div>")))
    ['Oslo denied it.', 'Rain.', 'More.']
    """
    held: list[str] = []
    walk = iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if event == "start" and element.tag in _LEFT_OUT:
            walk.skip_subtree()
        if element.tag in _BLOCKS and (text := " ".join("".join(held).split())):
            yield text
        if element.tag in _BLOCKS:
            held.clear()
        if event == "end":
            held.append(element.tail or "")
        elif element.tag not in _LEFT_OUT:
            held.append(element.text or "")
    if text := " ".join("".join(held).split()):
        yield text
