"""The article view: one self-contained page of one article, or of several on one story."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.article import Article, Sentence
from pipeline.pages.evidence import moving_words
from pipeline.stances import DEFINITIONS, STANCES
from pipeline.store import check_free
from pipeline.story import VERBS, Statement, Story, tell_story

_LETTERS = 26


def render(articles: Sequence[Article]) -> str:
    """Make the page.

    Parameters
    ----------
    articles : sequence of Article
        One or more. Read with ``explain=True`` they also show the words that moved each stance.

    Returns
    -------
    str
        HTML that fetches nothing: its policy admits its own style and script, by hash, and no more.
    """
    story = tell_story(articles)
    pages = Environment(
        loader=PackageLoader("pipeline", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {
        "percent": _percent,
        "party": _party,
        "letter": _letter,
        "moving_words": moving_words,
    }
    style = _source("article.css") + _filter_rules(story)
    script = _source("article.js")
    return pages.get_template("article.html.jinja").render(
        story=story,
        party_numbers={party.name: number for number, party in enumerate(story.parties)},
        statements={(said.article, said.position): said for said in story.statements},
        lanes=_lanes(story),
        paragraphs=_paragraphs,
        stances=STANCES,
        verbs=VERBS,
        definitions=DEFINITIONS,
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
    )


def write(page: str, file: str | Path, *, force: bool = False) -> None:
    """Write a page aside, then rename it.

    Parameters
    ----------
    page : str
        What `render` gave.
    file : path
        Where it goes.
    force : bool
        Whether an existing file may be overwritten.

    Raises
    ------
    StanceError
        If the file is a symbolic link, or exists and `force` is not given.
    """
    path = Path(file)
    check_free(path, force=force)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with aside.open("xb") as written:
        try:
            written.write(page.encode("utf-8", errors="replace"))
            written.close()
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


def _source(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _lanes(story: Story) -> list[dict[str, list[Statement]]]:
    """Sort the statements by article and stance."""
    lanes: list[dict[str, list[Statement]]] = [
        {stance: [] for stance in STANCES} for _ in story.articles
    ]
    for said in story.statements:
        for stance in said.stances:
            lanes[said.article][stance].append(said)
    return lanes


def _paragraphs(article: Article) -> list[list[tuple[int, Sentence]]]:
    """Group the numbered sentences below the headline by paragraph."""
    body = [
        (n, sentence) for n, sentence in enumerate(article.sentences) if not sentence.is_headline
    ]
    return [list(group) for _, group in groupby(body, key=lambda numbered: numbered[1].paragraph)]


def _filter_rules(story: Story) -> str:
    """Say in CSS, for each party: while parties are picked and this one is not, mute it."""
    muted = "--tint: transparent; --line: transparent; --hue: var(--muted); color: var(--muted)"
    rules = "".join(
        f".page:has(.rail :checked):not(:has(#party-{n}:checked)) .party-{n} {{ {muted} }}\n"
        for n in range(len(story.parties))
    )
    return f"@media screen {{\n{rules}}}\n"


def _hash(block: str) -> str:
    digest = hashlib.sha256(block.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _party(name: str | None) -> str:
    """Write a party's name where a line begins.

    Examples
    --------
    >>> _party("the ministry"), _party(None)
    ('The ministry', 'Unattributed')
    """
    return name[:1].upper() + name[1:] if name else "Unattributed"


def _percent(probability: float) -> str:
    """Write a probability so that nothing reads as certain.

    Examples
    --------
    >>> _percent(0.934), _percent(0.9999), _percent(0.0001)
    ('93%', '>99%', '<1%')
    """
    if probability > 0.99:
        return ">99%"
    return "<1%" if probability < 0.01 else f"{probability:.0%}"


def _letter(number: int) -> str:
    """Name the articles A to Z, then AA.

    Examples
    --------
    >>> _letter(0), _letter(25), _letter(26)
    ('A', 'Z', 'AA')
    """
    rest = number // _LETTERS
    return (_letter(rest - 1) if rest else "") + chr(ord("A") + number % _LETTERS)
