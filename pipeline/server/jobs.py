"""What a worker does: texts and articles in, the bytes of an answer out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.articles.article import Article
from pipeline.articles.inputs.entries import Entry
from pipeline.articles.page.page import render_page
from pipeline.articles.statement_table import COLUMNS, statement_table
from pipeline.articles.story import Story, combine_articles, story_references
from pipeline.articles.stream import read_entry
from pipeline.formats.spreadsheet import spreadsheet_safe
from pipeline.inference.predict import load_predictor, predict
from pipeline.server.forms import complete_form
from pipeline.server.limits import Limits
from pipeline.server.messages import parse_predict, parse_read
from pipeline.server.pages import DOWNLOADS, Form, render_bar, render_form

Model = str | Path | None


def prepare(model: Model) -> None:
    """Load what every job needs, so that no request waits for it."""
    load_predictor(model)
    render_page([read_entry(Entry("", "Oslo accused Rome of spying. Rome denied it."), model)])


def predict_json(model: Model, body: bytes, limits: Limits) -> bytes:
    """Return the predictions, each as ``stance predict --json`` prints it."""
    asked = parse_predict(body, limits)
    found = predict(asked.texts, model, explain=asked.explain, min_score=asked.min_score)
    lines = [{"text": text, **asdict(one)} for text, one in zip(asked.texts, found, strict=True)]
    return as_json({"predictions": lines})


def read_json(model: Model, body: bytes, limits: Limits) -> bytes:
    """Return the stories, each as ``stance read --json`` prints it."""
    asked = parse_read(body, limits)
    read = partial(_read, model, explain=asked.explain, min_score=asked.min_score)
    stories = _stories(read, asked.articles, one_story=asked.one_story)
    return as_json({"stories": [story_references(story) for story in stories]})


def read_form(model: Model, sent: Form, limits: Limits) -> bytes:
    """Return what a form asks for: the page to look at, the form again, or a download."""
    form = complete_form(sent, limits)
    if form.wanted in DOWNLOADS:
        return _saved(model, form)
    page = _shown(model, form) if form.wanted == "show" else render_form(form, limits)
    return page.encode("utf-8", "replace")


def as_json(value: Any) -> bytes:
    """Return plain data as JSON; a lone surrogate becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _read(model: Model, entry: Entry, *, explain: bool, min_score: float | None = None) -> Article:
    article = read_entry(entry, model, explain=explain, min_score=min_score)
    return replace(article, name=entry.name or None)


def _stories(
    read: Callable[[Entry], Article], entries: Sequence[Entry], *, one_story: bool
) -> list[Story]:
    articles = [read(entry) for entry in entries]
    if one_story:
        return [combine_articles(articles)]
    return [combine_articles([article]) for article in articles]


def _story(model: Model, form: Form) -> Story:
    """Read what a page shows: all articles of one story, or the one that is picked."""
    picked = form.entries if form.one_story else form.entries[form.picked : form.picked + 1]
    return combine_articles([_read(model, entry, explain=True) for entry in picked])


def _shown(model: Model, form: Form) -> str:
    story = _story(model, form)
    bar, style = render_bar(form, story)
    return render_page(story, bar=bar, bar_style=style)


def _saved(model: Model, form: Form) -> bytes:
    if form.wanted == "page":
        return render_page(_story(model, form)).encode("utf-8", "replace")
    read = partial(_read, model, explain=False)
    stories = _stories(read, form.entries, one_story=form.one_story)
    if form.wanted == "csv":
        return _as_csv(stories)
    return b"".join(as_json(story_references(story)) + b"\n" for story in stories)


def _as_csv(stories: Sequence[Story]) -> bytes:
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in statement_table(stories):
        writer.writerow([spreadsheet_safe(row[column]) for column in COLUMNS])
    return table.getvalue().encode("utf-8", "replace")
