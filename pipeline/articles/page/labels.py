"""How parties, probabilities and places are written on a page and in a notebook."""

from __future__ import annotations

from itertools import groupby

from pipeline.articles.article import Article, Sentence

_LETTERS = 26


def group_paragraphs(article: Article) -> list[list[tuple[int, Sentence]]]:
    """Group the numbered sentences below the headline by paragraph."""
    body = [
        (n, sentence) for n, sentence in enumerate(article.sentences) if not sentence.is_headline
    ]
    return [list(group) for _, group in groupby(body, key=lambda numbered: numbered[1].paragraph)]


def party_label(name: str | None) -> str:
    """Write a party's name where a line begins.

    Examples
    --------
    >>> party_label("the ministry"), party_label(None)
    ('The ministry', 'Unattributed')
    """
    return name[:1].upper() + name[1:] if name else "Unattributed"


def percent(probability: float) -> str:
    """Write a probability so that nothing reads as certain.

    Examples
    --------
    >>> percent(0.934), percent(0.9999), percent(0.0001)
    ('93%', '>99%', '<1%')
    """
    if probability > 0.99:
        return ">99%"
    return "<1%" if probability < 0.01 else f"{probability:.0%}"


def letter(number: int) -> str:
    """Name the articles A to Z, then AA.

    Examples
    --------
    >>> letter(0), letter(25), letter(26)
    ('A', 'Z', 'AA')
    """
    rest = number // _LETTERS
    return (letter(rest - 1) if rest else "") + chr(ord("A") + number % _LETTERS)
