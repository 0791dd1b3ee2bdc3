"""The text of an article out of what it comes in: HTML, Markdown or plain text."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.articles.metadata import NO_METADATA, Metadata


@dataclass(frozen=True, slots=True)
class ExtractedText:
    """The text of an article.

    Attributes
    ----------
    text : str
        Headline and paragraphs.
    is_titled : bool
        Whether its first paragraph is known to be the headline; else it is told by how it looks.
    metadata : Metadata
        What is told of the article.
    """

    text: str
    is_titled: bool = False
    metadata: Metadata = NO_METADATA


def extract_text(text: str, name: str | None = None) -> ExtractedText:
    """Take the text out of an article.

    Parameters
    ----------
    text : str
        Plain text, which is returned as it is; Markdown; or HTML.
    name : str, optional
        Where it comes from; it may tell that this is HTML or Markdown.

    Returns
    -------
    ExtractedText
    """
    from pipeline.articles.text.markdown import extract_markdown
    from pipeline.articles.text.web_page import extract_page, is_html

    if is_html(text, name):
        return extract_page(text)
    return extract_markdown(text) or ExtractedText(text)
