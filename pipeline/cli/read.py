"""`stance read`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table
from rich.text import Text

from pipeline.cli.console import (
    Json,
    MinScore,
    Model,
    ends_on_terminate,
    failures,
    note,
    one_line,
    out,
    plain,
    print_csv,
    progress_bar,
    tell_of_compiling,
)

if TYPE_CHECKING:
    from pipeline.articles.article import Article
    from pipeline.articles.story import Party, Statement, Story
    from pipeline.errors import ArticleError


def read(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILES]",
            help="Articles (text, Markdown, HTML), tables of them (.jsonl, .csv, .tsv, .parquet), "
            "web archives (.warc.gz), folders, 'globs'; - or none is standard input.",
        ),
    ] = None,
    model: Model = None,
    min_score: MinScore = None,
    text_column: Annotated[str, typer.Option(help="The column of articles in tables.")] = "text",
    one_story: Annotated[
        bool, typer.Option("--one-story", help="Match parties over all articles.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page instead of a table.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the page.")] = False,
    csv_rows: Annotated[bool, typer.Option("--csv", help="Print one row a statement.")] = False,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help="With --csv: no apostrophe before what a spreadsheet would run as a formula.",
        ),
    ] = False,
    json_lines: Json = False,
    on_error: Annotated[
        Literal["stop", "skip"],
        typer.Option(help="On an article that cannot be read: stop, or say so and go on."),
    ] = "stop",
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Processes for many articles.", show_default="one a core"),
    ] = None,
) -> None:
    """Show who accuses, denies and announces what in articles.

    Each article stands for itself, and is printed as soon as it is read; --one-story takes them
    together. Rows of a table, and pages, keep their id, title, date, author, source and url.
    """
    if not sources and sys.stdin.isatty():
        raise typer.BadParameter("give a file, or an article on standard input")
    if csv_rows and json_lines:
        raise typer.BadParameter("give --csv or --json, not both")
    with (
        failures(),
        _page_checked(html, force=force),
        ends_on_terminate(),
        _articles(
            sources or ["-"],
            model,
            text_column,
            skip=on_error == "skip",
            explain=html is not None,
            min_score=min_score,
            jobs=jobs,
        ) as articles,
    ):
        if html:
            articles = _written(list(articles), html, one_story=one_story, force=force)
        stories = _stories(articles, one_story=one_story)
        if csv_rows:
            _print_rows(stories, guard=not raw)
        elif json_lines:
            _print_json(stories)
        elif not html:
            _print_parties(stories)


@contextmanager
def _articles(
    sources: list[str],
    model: Path | None,
    text_column: str,
    *,
    skip: bool,
    explain: bool,
    min_score: float | None,
    jobs: int | None,
) -> Iterator[Iterator[Article]]:
    """Read the articles; tell of those left out, and of those not in English."""
    from pipeline.articles.stream import read_articles
    from pipeline.articles.text.language import other_language
    from pipeline.inference.predictor import core_count

    tell_of_compiling()
    skipped = 0

    def tell(error: ArticleError) -> None:
        nonlocal skipped
        skipped += 1
        note(str(error), "skipped")

    def noted(articles: Iterable[Article]) -> Iterator[Article]:
        for article in articles:
            if article.language not in (None, "en"):
                note(other_language(article.language, article.name))
            yield article

    with progress_bar("articles") as progress:
        yield noted(
            read_articles(
                sources,
                model,
                text_column=text_column,
                explain=explain,
                min_score=min_score,
                on_error=tell if skip else None,
                progress=progress,
                jobs=jobs or core_count(),
            )
        )
    if skipped:
        note(f"left out {skipped:,} articles that cannot be read")


@contextmanager
def _page_checked(html: Path | None, *, force: bool) -> Iterator[None]:
    """Tell before any article is read that the page cannot be written."""
    if html is not None:
        from pipeline.articles.page.page import check_page_file

        check_page_file(html, force=force)
    yield


def _stories(articles: Iterable[Article], *, one_story: bool) -> Iterator[Story]:
    from pipeline.articles.story import combine_articles

    if one_story:
        yield combine_articles(list(articles))
    else:
        for article in articles:
            yield combine_articles([article])


def _written(
    articles: list[Article], html: Path, *, one_story: bool, force: bool
) -> Iterator[Article]:
    """Write the page of one article, or of several on one story."""
    from pipeline.articles.page.page import render_page, write_page
    from pipeline.articles.story import combine_articles

    if len(articles) != 1 and not one_story:
        raise typer.BadParameter(
            f"a page shows one article, or several on one story: give --one-story for these "
            f"{len(articles):,}"
        )
    write_page(render_page(combine_articles(articles)), html, force=force)
    count = sum(len(article.statements) for article in articles)
    note(f"{count} statements in {html}", "wrote")
    return iter(articles)


def _print_rows(stories: Iterable[Story], *, guard: bool) -> None:
    from pipeline.articles.statement_table import COLUMNS, statement_table

    print_csv(COLUMNS, statement_table(stories), guard=guard)


def _print_json(stories: Iterable[Story]) -> None:
    from pipeline.articles.story import story_references

    for story in stories:
        plain(json.dumps(story_references(story), ensure_ascii=False))


def _print_parties(stories: Iterable[Story]) -> None:
    """Print what each party says: a table a party on a terminal, tab-separated lines in a pipe."""
    found = False
    for number, story in enumerate(stories):
        found |= bool(story.parties)
        if out.is_terminal:
            _party_tables(story)
            continue
        if number == 0:
            plain("article\tparty\tstances\taccused\tsentence")
        _party_lines(story)
    if out.is_terminal and not found:
        plain("No statements were found.")


def _party_lines(story: Story) -> None:
    for party in story.parties:
        for said in _by_stance(party):
            cells = (
                story.articles[said.article].name or "",
                party.name or "unattributed",
                ",".join(said.stances),
                said.accused or "",
                said.sentence.text,
            )
            plain("\t".join(map(one_line, cells)))


def _party_tables(story: Story) -> None:
    several = len(story.articles) > 1
    if not several and story.parties:
        article = story.articles[0]
        out.print(Text(f"\n{one_line(article.headline or article.name or '')}", style="bold"))
    for party in story.parties:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(max_width=max(16, out.width // 5), overflow="fold")
        table.add_column(overflow="fold")
        for said in _by_stance(party):
            where = f" ({one_line(story.articles[said.article].name or '')})" if several else ""
            table.add_row(Text(_doing(said)), Text(one_line(said.sentence.text) + where))
        out.print(Text(f"\n{one_line(party.name or 'unattributed')}", style="bold"))
        out.print(table)


def _by_stance(party: Party) -> list[Statement]:
    from pipeline.stances import STANCES

    return sorted(party.statements, key=lambda said: STANCES.index(said.stances[0]))


def _doing(said: Statement) -> str:
    from pipeline.articles.story import VERBS

    whom = f" {one_line(said.accused)}" if said.accused else ""
    return ", ".join(
        f"{VERBS[stance]}{whom if stance == 'accuse' else ''}" for stance in said.stances
    )
