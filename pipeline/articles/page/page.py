"""The article view: one self-contained page of one article, or of several on one story."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import partial
from html import unescape
from itertools import groupby
from pathlib import Path

from markupsafe import Markup

from pipeline.articles.article import Article, Sentence
from pipeline.articles.story import VERBS, Statement, Story, combine_articles
from pipeline.errors import StanceError
from pipeline.files import check_free, write_text
from pipeline.inference.explanation import LEGEND, moving_words
from pipeline.stances import DEFINITIONS, STANCES
from pipeline.templates import render_template

_LETTERS = 26
_NO_BAR = Markup()
_POLICY = re.compile('<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_MUTED = (
    "--tint: transparent; --tint-also: transparent; --line: transparent; --line-also: transparent; "
    "--hue: var(--muted); color: var(--muted)"
)


def render_page(
    articles: Sequence[Article] | Story, *, bar: Markup = _NO_BAR, bar_style: str = ""
) -> str:
    """Make the page.

    Parameters
    ----------
    articles : sequence of Article, or Story
        One or more. Read with ``explain=True`` they also show the words that moved each stance.
    bar : Markup
        What stands above the page where a server shows it; its forms may be sent to that server.
    bar_style : str
        The style sheet of the bar.

    Returns
    -------
    str
        HTML that fetches nothing: its policy admits its own style and script, by hash, and no more.
    """
    story = articles if isinstance(articles, Story) else combine_articles(articles)
    filters = {
        "percent": _percent,
        "party": _party,
        "letter": _letter,
        "moving_words": moving_words,
        "filtered": partial(_filter_classes, _party_numbers(story)),
    }
    style = page_style() + _filter_rules(story) + bar_style
    script = _source("page.js")
    return render_template(
        Path(__file__).with_name("page.html.jinja"),
        filters,
        story=story,
        statements={(said.article, said.position): said for said in story.statements},
        lanes=_lanes(story),
        paragraphs=_paragraphs,
        stances=STANCES,
        verbs=VERBS,
        definitions=DEFINITIONS,
        legend=LEGEND,
        style=Markup(style),
        script=Markup(script),
        policy=content_policy(style, script, sends_forms=bool(bar)),
        bar=bar,
    )


def page_style() -> str:
    """Return the style sheet that all pages share."""
    return _source("page.css")


def content_policy(style: str, script: str, *, sends_forms: bool = False) -> str:
    """Write the policy of a page: it admits its own style and script, by hash, and no more.

    Parameters
    ----------
    style, script : str
        What stands between the tags.
    sends_forms : bool
        Whether forms may be sent to where the page comes from.

    Returns
    -------
    str
        A Content-Security-Policy.
    """
    target = "'self'" if sends_forms else "'none'"
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        f"base-uri 'none'; form-action {target}"
    )


def stated_policy(page: str) -> str:
    """Return the Content-Security-Policy that a page states in its head."""
    found = _POLICY.search(page)
    return unescape(found[1]) if found else "default-src 'none'"


def write_page(page: str, file: str | Path, *, force: bool = False) -> None:
    """Write a page aside, then rename it.

    Parameters
    ----------
    page : str
        What `render_page` gave.
    file : path
        Where it goes.
    force : bool
        Whether an existing file may be overwritten.

    Raises
    ------
    StanceError
        If the file is a symbolic link, exists and `force` is not given, or has no folder.
    """
    folder = Path(file).parent
    if not folder.is_dir():
        raise StanceError(f"{file}: there is no folder {folder}; make it first")
    check_free(Path(file), force=force)
    write_text(Path(file), page)


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


def _party_numbers(story: Story) -> dict[str | None, int]:
    return {party.name: number for number, party in enumerate(story.parties)}


def _filters(numbers: dict[str | None, int], said: Statement) -> tuple[list[str], list[str]]:
    """Return the boxes that pick a statement: those of its stances, and those of its parties."""
    parties = [f"party-{numbers[name]}" for name in said.parties or (None,)]
    return [f"stance-{stance}" for stance in sorted(said.stances)], parties


def _filter_classes(numbers: dict[str | None, int], said: Statement) -> str:
    """Write the classes by which a statement is muted, one for each set of boxes."""
    return " ".join(" ".join([*boxes, _set_of(boxes)]) for boxes in _filters(numbers, said))


def _set_of(boxes: list[str]) -> str:
    return "of-" + "-".join(boxes)


def _filter_rules(story: Story) -> str:
    """Say in CSS: while boxes of a kind are picked and none of a statement's is, mute it."""
    numbers = _party_numbers(story)
    found = {tuple(boxes) for said in story.statements for boxes in _filters(numbers, said)}
    rules = "".join(
        f'.page:has([id|="{boxes[0].split("-")[0]}"]:checked)'
        f"{''.join(f':not(:has(#{box}:checked))' for box in boxes)} .{_set_of(list(boxes))}"
        f" {{ {_MUTED} }}\n"
        for boxes in sorted(found)
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
