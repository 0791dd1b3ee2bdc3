"""`Metadata`: what is told of an article beside its text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is told of an article beside its text, by its page, its archive or the row it is in.

    Attributes
    ----------
    id, title, date, author, source, url : str or None
        As given; `source` is the site or paper.
    """

    id: str | None = None
    title: str | None = None
    date: str | None = None
    author: str | None = None
    source: str | None = None
    url: str | None = None


NO_METADATA = Metadata()
