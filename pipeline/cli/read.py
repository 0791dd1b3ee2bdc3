"""`stance read`."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from pipeline.cli.console import Json, Model, err, failures, one_line, out, plain

if TYPE_CHECKING:
    from pipeline.articles.article import Article
    from pipeline.articles.story import Story


def read(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Articles: text, Markdown or HTML; - or none is standard input."),
    ] = None,
    model: Model = None,
    html: Annotated[Path | None, typer.Option(help="Write a page instead of a table.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the page.")] = False,
    csv_rows: Annotated[bool, typer.Option("--csv", help="Print one row a statement.")] = False,
    json_lines: Json = False,
) -> None:
    """Tell who accuses, denies and announces what in articles.

    Several articles are taken to be on one story: parties are matched over them by name.
    """
    if not files and sys.stdin.isatty():
        raise typer.BadParameter("give a file, or an article on standard input")
    if csv_rows and json_lines:
        raise typer.BadParameter("give --csv or --json, not both")
    with failures():
        from pipeline.articles.story import (
            ROW,
            combine_articles,
            statement_rows,
            story_references,
        )

        articles = [_article(path, model, html is not None) for path in files or [Path("-")]]
        story = combine_articles(articles)
        if html:
            from pipeline.articles.page.page import render_page, write_page

            write_page(render_page(story), html, force=force)
            err.print(Text(f"Wrote {html}: {len(story.statements)} statements"), soft_wrap=True)
        if csv_rows:
            table = csv.DictWriter(sys.stdout, ROW, lineterminator="\n")
            table.writeheader()
            table.writerows(statement_rows(story))
        elif json_lines:
            plain(json.dumps(story_references(story), ensure_ascii=False))
        elif not html:
            _parties(story)


def _article(path: Path, model: Path | None, explain: bool) -> Article:
    from pipeline.articles.decoding import MOST_BYTES, decode_article
    from pipeline.articles.reader import read_article, read_file

    if str(path) != "-":
        return read_file(path, model, explain=explain)
    text = decode_article(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")
    return read_article(text, "standard input", model, explain=explain)


def _parties(story: Story) -> None:
    """Print what each party says: a table a party on a terminal, tab-separated lines in a pipe."""
    from pipeline.articles.story import VERBS
    from pipeline.stances import STANCES

    if not out.is_terminal:
        plain("article\tparty\tstances\taccused\tsentence")
    for party in story.parties:
        name = one_line(party.name or "unattributed")
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(max_width=max(16, out.width // 5), overflow="fold")
        table.add_column(overflow="fold")
        for said in sorted(party.statements, key=lambda said: STANCES.index(said.stances[0])):
            where = one_line(story.articles[said.article].name or "")
            accused = one_line(said.accused or "")
            sentence = one_line(said.sentence.text)
            if out.is_terminal:
                whom = f" {accused}" if accused else ""
                doing = ", ".join(
                    f"{VERBS[stance]}{whom if stance == 'accuse' else ''}"
                    for stance in said.stances
                )
                source = f" ({where})" if len(story.articles) > 1 else ""
                table.add_row(Text(doing), Text(sentence + source))
            else:
                plain("\t".join([where, name, ",".join(said.stances), accused, sentence]))
        if out.is_terminal:
            out.print(Text(f"\n{name}", style="bold"))
            out.print(table)
    if out.is_terminal and not story.parties:
        plain("No statements were found.")
