"""Many articles, one after the other: files, folders, globs, tables and web archives."""

from __future__ import annotations

import glob
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from pipeline.articles.article import Article
from pipeline.articles.inputs.entries import Entry, open_entries
from pipeline.articles.inputs.tables import is_table
from pipeline.articles.inputs.web_archive import is_web_archive
from pipeline.articles.metadata import Metadata
from pipeline.articles.parallel import read_in_order
from pipeline.articles.reader import read_extracted
from pipeline.articles.text.decoding import MOST_BYTES, decode_article
from pipeline.articles.text.extraction import extract_text
from pipeline.errors import ArticleError
from pipeline.inference.predict import load_predictor
from pipeline.inference.predictor import Predictor

STANDARD_INPUT = "-"
_TEXTS = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".xht", ".shtml")


def read_articles(
    sources: Iterable[str | Path],
    model: str | Path | None = None,
    *,
    text_column: str = "text",
    explain: bool = False,
    min_score: float | None = None,
    on_error: Callable[[ArticleError], None] | None = None,
    progress: Callable[[int, float], None] | None = None,
    jobs: int = 1,
) -> Iterator[Article]:
    """Read articles one after the other, in memory that does not grow.

    Parameters
    ----------
    sources : iterable of paths
        Files, folders and globs; ``-`` is standard input. A table (JSONL, CSV, TSV or Parquet) has
        an article in each row, a web archive (WARC) one in each page.
    model, explain, min_score
        As for `pipeline.articles.reader.read_article`.
    text_column : str
        Where the articles of tables are; ``id``, ``title``, ``date``, ``author``, ``source`` and
        ``url``, where there are such columns, are kept as their metadata.
    on_error : callable, optional
        Is given the error of each article that cannot be read; without it the first is raised.
    progress : callable, optional
        Is given the number of articles so far, and the share of the files that is read.
    jobs : int
        How many processes read, where there are more than a few articles. A script that asks for
        several needs ``if __name__ == "__main__":``, as always with `multiprocessing`.

    Yields
    ------
    Article

    Raises
    ------
    ArticleError
        If there are no files, or one cannot be read.
    ModelError
        If there is no model.
    StanceError
        If a process that reads is killed.

    Examples
    --------
    >>> from pipeline.articles.stream import read_articles
    >>> for article in read_articles(["news/", "feed.jsonl.gz"]):  # doctest: +SKIP
    ...     print(article.metadata.date, len(article.statements))
    """
    entries = _entries(find_files(sources), text_column)
    # one model for all of them, whatever becomes of its file meanwhile
    read = partial(read_entry, model=load_predictor(model), explain=explain, min_score=min_score)
    outcomes = read_in_order(entries, read, jobs)
    with closing(outcomes):
        for number, (found, share) in enumerate(outcomes, start=1):
            if isinstance(found, Article):
                yield found
            elif on_error is None or not isinstance(found, ArticleError):
                raise found
            else:
                on_error(found)
            if progress is not None:
                progress(number, share)


def read_entry(
    entry: Entry,
    model: str | Path | Predictor | None = None,
    *,
    explain: bool = False,
    min_score: float | None = None,
) -> Article:
    """Read one article.

    Parameters
    ----------
    entry : Entry
        The article.
    model, explain, min_score
        As for `pipeline.articles.reader.read_article`.

    Returns
    -------
    Article
        With the metadata of the entry before those of the text.
    """
    content = entry.content
    text = (
        content if isinstance(content, str) else decode_article(content, entry.name, entry.charset)
    )
    found = extract_text(text, entry.name)
    given = {name: value for name, value in asdict(entry.metadata).items() if value is not None}
    told = {**asdict(found.metadata), **given}
    found = replace(found, metadata=Metadata(**{**told, "date": told["date"] or entry.saved}))
    return read_extracted(found, entry.name, model, explain=explain, min_score=min_score)


def find_files(sources: Iterable[str | Path]) -> list[Path]:
    """Find the files that are meant.

    Parameters
    ----------
    sources : iterable of paths
        Files, which are taken whatever they are called; folders, of which those with a known suffix
        are; and globs.

    Returns
    -------
    list of Path
        In order of the sources, those of one sorted.

    Raises
    ------
    ArticleError
        If a source is not there, or nothing in it can be read.
    """
    return [file for source in sources for file in _files(source)]


def _files(source: str | Path) -> list[Path]:
    path = Path(source)
    if str(source) == STANDARD_INPUT:
        return [path]
    if path.is_dir():
        found = [file for file in sorted(path.rglob("*")) if _is_article(file, path)]
    elif not path.exists() and glob.has_magic(str(source)):
        found = sorted(map(Path, glob.glob(str(source), recursive=True)))  # noqa: PTH207
        found = [file for file in found if file.is_file()]
    else:
        return [path]
    if not found:
        raise ArticleError(
            f"{source}: no articles there; known are {', '.join(_TEXTS)}, tables (.jsonl, .csv, "
            ".tsv, .parquet) and .warc.gz"
        )
    return found


def _is_article(file: Path, folder: Path) -> bool:
    if any(part.startswith(".") for part in file.relative_to(folder).parts):
        return False
    known = file.suffix.lower() in _TEXTS or is_table(file) or is_web_archive(file)
    return known and file.is_file()


def _entries(files: list[Path], text_column: str) -> Iterator[tuple[Entry | ArticleError, float]]:
    """Yield every entry, and the share of the files that is read."""
    sizes = [file.stat().st_size if file.exists() else 0 for file in files]
    before, total = 0, max(sum(sizes), 1)
    for file, size in zip(files, sizes, strict=True):
        if str(file) == STANDARD_INPUT:
            yield Entry("standard input", sys.stdin.buffer.read(MOST_BYTES + 1)), before / total
            continue
        for entry, position in open_entries(file, text_column):
            yield entry, (before + position) / total
        before += size
