"""The page with the form, and the bar above the articles that were read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from pipeline.articles.inputs.entries import Entry
from pipeline.articles.page.page import content_policy, page_style
from pipeline.articles.story import VERBS, Story
from pipeline.articles.text.language import other_language
from pipeline.server.limits import Limits
from pipeline.server.problems import Problem
from pipeline.stances import DEFINITIONS, STANCES
from pipeline.templates import render_template

DOWNLOADS = {"page": "Page", "csv": "CSV", "json": "JSON"}
WANTED = ("show", "edit", "more", *DOWNLOADS)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was sent.

    Attributes
    ----------
    entries : sequence of Entry
        The articles.
    one_story : bool
        Whether they are shown together, with their parties matched.
    picked : int
        Which one is shown, where they are not.
    wanted : str
        One of `WANTED`: the page, the form again (with another box), or a download.
    carried : str
        More articles, as the bar of a page carries them along: JSON, as pairs of name and text.
    """

    entries: Sequence[Entry] = ()
    one_story: bool = True
    picked: int = 0
    wanted: str = "show"
    carried: str = "[]"


def render_form(form: Form, limits: Limits, problem: Problem | None = None) -> str:
    """Make the page with the form.

    Parameters
    ----------
    form : Form
        What is in it already; every article is text.
    limits : Limits
        What it tells of limits.
    problem : Problem, optional
        Why what was sent could not be read.

    Returns
    -------
    str
        HTML.
    """
    boxes = [*form.entries]
    if form.wanted == "more" or not boxes:
        boxes.append(Entry("", ""))
    style, script = page_style() + _source("form.css"), _source("form.js")
    return render_template(
        _file("form.html.jinja"),
        {},
        boxes=boxes[: limits.articles],
        form=form,
        limits=limits,
        problem=problem,
        stances=STANCES,
        verbs=VERBS,
        definitions=DEFINITIONS,
        style=Markup(style),
        script=Markup(script),
        policy=content_policy(style, script, sends_forms=True),
    )


def render_bar(form: Form, story: Story) -> tuple[Markup, str]:
    """Make what stands above the articles: the way back, other articles, downloads.

    Parameters
    ----------
    form : Form
        What was sent; every article is text. The bar carries it along, so that the server keeps
        nothing.
    story : Story
        What is shown.

    Returns
    -------
    (Markup, str)
        HTML, and its style sheet.
    """
    articles = [article for article in story.articles if article.language not in (None, "en")]
    bar = render_template(
        _file("bar.html.jinja"),
        {},
        form=form,
        names=[entry.name or "the article" for entry in form.entries],
        carried=json.dumps([(entry.name, entry.content) for entry in form.entries]),
        notes=[other_language(article.language, article.name) for article in articles],
        downloads=DOWNLOADS,
    )
    return Markup(bar), _source("bar.css")


def _file(name: str) -> Path:
    return Path(__file__).with_name(name)


def _source(name: str) -> str:
    return _file(name).read_text(encoding="utf-8")
