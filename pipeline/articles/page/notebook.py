"""What a notebook shows of an `Article`."""

from __future__ import annotations

from pathlib import Path

from pipeline.articles.article import Article
from pipeline.articles.page.labels import group_paragraphs, party_label, percent
from pipeline.articles.story import VERBS
from pipeline.templates import notebook_style, render_template


def render_article(article: Article) -> str:
    """Render an article: its text, the statements marked, and beside each mark who speaks.

    Parameters
    ----------
    article : Article

    Returns
    -------
    str
        A piece of HTML with a style of its own, which touches nothing else on the page. It holds
        no script and fetches nothing.
    """
    return render_template(
        Path(__file__).with_name("notebook.html.jinja"),
        {"party": party_label, "percent": percent},
        article=article,
        paragraphs=group_paragraphs(article),
        headline=[sentence for sentence in article.sentences if sentence.is_headline],
        verbs=VERBS,
        style=notebook_style(),
    )
