"""Article to sentences to statements: who says what, with speaker, stance and party accused."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

from pipeline.articles.article import QUOTED, REPORTED, Article, Sentence
from pipeline.articles.attribution import ClauseMatcher
from pipeline.articles.coreference import PartyResolver
from pipeline.articles.decoding import MOST_BYTES, decode_article
from pipeline.articles.extraction import ExtractedText, extract_text
from pipeline.articles.language import find_language, other_language
from pipeline.articles.segmentation import ArticleSegments, segment_article
from pipeline.articles.speakers import AttributedSentence, assign_speakers, attribute_sentences
from pipeline.articles.targets import find_accused
from pipeline.errors import ArticleError
from pipeline.inference.predict import Prediction, predict


def read_article(
    text: str, name: str | None = None, model: str | Path | None = None, *, explain: bool = False
) -> Article:
    """Read an article: its sentences, who says them, and what stance they take.

    Parameters
    ----------
    text : str
        Plain text, Markdown or HTML. Nothing is ever fetched. What is not English is read too, with
        a warning.
    name : str, optional
        Where it comes from; a name that ends in ``.html`` or ``.htm`` says that it is HTML, which
        is otherwise told by how it begins.
    model : path, optional
        As for `pipeline.inference.predict`.
    explain : bool
        Whether predictions tell which terms moved each stance.

    Returns
    -------
    Article
        Without sentences where there is no text.

    Raises
    ------
    pipeline.errors.ModelError
        If there is no model.

    Examples
    --------
    >>> from pipeline.articles.reader import read_article
    >>> article = read_article("Oslo accused Rome of spying. Rome denied it.")  # doctest: +SKIP
    >>> [(s.party, s.accused, s.stances) for s in article.statements]  # doctest: +SKIP
    [('Oslo', 'Rome', ('accuse',)), ('Rome', None, ('deny',))]
    """
    article = read_extracted(extract_text(text, name), name, model, explain=explain)
    if article.language not in (None, "en"):
        warnings.warn(other_language(article.language, name), stacklevel=2)
    return article


def read_file(
    path: str | Path, model: str | Path | None = None, *, explain: bool = False
) -> Article:
    """Read an article from a text, Markdown or HTML file.

    Parameters
    ----------
    path : path
        A local file.
    model, explain
        As for `read_article`.

    Returns
    -------
    Article
        Its ``name`` is the path.

    Raises
    ------
    ArticleError
        If the file cannot be read, is larger than `MOST_BYTES`, or is not text in a known encoding.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ArticleError(
            f"{path}: {error.strerror}; give a text, Markdown or HTML file"
        ) from None
    return read_article(decode_article(content, str(path)), str(path), model, explain=explain)


def read_extracted(
    found: ExtractedText,
    name: str | None,
    model: str | Path | None = None,
    *,
    explain: bool = False,
) -> Article:
    """Read the text of an article.

    Parameters
    ----------
    found : ExtractedText
        Its text and what is told of it.
    name, model, explain
        As for `read_article`.

    Returns
    -------
    Article
    """
    layout = segment_article(found.text, is_titled=found.is_titled)
    lines = attribute_sentences(layout)
    predictions = predict([line.words for line in lines], model, explain=explain)
    return Article(
        text=found.text,
        name=name,
        headline=_words_at(layout, layout.headline) or found.metadata.title,
        dateline=_words_at(layout, layout.dateline),
        sentences=tuple(_sentences(found.text, layout, lines, predictions)),
        metadata=found.metadata,
        language=find_language(layout.clean),
    )


def _sentences(
    text: str,
    layout: ArticleSegments,
    lines: list[AttributedSentence],
    predictions: list[Prediction],
) -> Iterator[Sentence]:
    parties = PartyResolver(line.reading for line in lines)
    headline_end = layout.headline[1] if layout.headline else -1
    named: dict[int, tuple[str, str]] = {}
    for line, voice, prediction in zip(lines, assign_speakers(lines), predictions, strict=True):
        if voice is None:
            speaker, party = None, None
            parties.mention(line.reading)
        else:
            if voice not in named:
                named[voice] = _speaker(lines[voice], parties)
            speaker, party = named[voice]
        start, end = layout.offsets.span(line.start, line.end)
        yield Sentence(
            text=text[start:end],
            start=start,
            end=end,
            paragraph=line.paragraph,
            is_headline=line.end <= headline_end,
            speaker=speaker,
            parties=_known(party),
            manner=None if speaker is None else QUOTED if line.quotations else REPORTED,
            accused_parties=(
                _known(_accused(line, parties, party)) if "accuse" in prediction.stances else ()
            ),
            prediction=prediction,
        )


def _speaker(line: AttributedSentence, parties: PartyResolver) -> tuple[str, str]:
    assert line.attribution is not None
    source = ClauseMatcher(line.reading).named(line.attribution.source)
    meant = line.attribution.antecedent or source
    return line.reading.wording(source), parties.resolve(line.reading, meant)


def _accused(line: AttributedSentence, parties: PartyResolver, speaker: str | None) -> str | None:
    found = find_accused(line.reading)
    return None if found is None else parties.find(*found, but=speaker)


def _known(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _words_at(layout: ArticleSegments, span: tuple[int, int] | None) -> str | None:
    return None if span is None else " ".join(layout.clean[slice(*span)].split())
