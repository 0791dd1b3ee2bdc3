"""Stories as one table: a row a statement, with what is told of its article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields

from pipeline.articles.metadata import Metadata
from pipeline.articles.story import ROW, Story, statement_rows

COLUMNS = (*ROW, *(field.name for field in fields(Metadata)), "language")


def statement_table(stories: Iterable[Story]) -> Iterator[dict[str, object]]:
    """Yield the rows of stories, in their order.

    Parameters
    ----------
    stories : iterable of Story

    Yields
    ------
    dict
        By the columns of `COLUMNS`: those of `pipeline.articles.story.ROW`, the metadata of the
        article and its language.
    """
    for story in stories:
        for said, row in zip(story.statements, statement_rows(story), strict=True):
            article = story.articles[said.article]
            yield {**row, **asdict(article.metadata), "language": article.language}
