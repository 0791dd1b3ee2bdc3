"""Article to sentences to statements: who says what, with speaker, stance and party accused."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

from pipeline.articles.article import QUOTED, REPORTED, Article, Sentence
from pipeline.articles.attributed_sentences import AttributedSentence, attribute_sentences
from pipeline.articles.coreference import PartyResolver
from pipeline.articles.decoding import MOST_BYTES, decode_article
from pipeline.articles.documents import find_writer, is_document
from pipeline.articles.extraction import ExtractedText, extract_text
from pipeline.articles.language import find_language, other_language
from pipeline.articles.segmentation import ArticleSegments, segment_article
from pipeline.articles.speakers import Voice, assign_speakers, find_accuser
from pipeline.articles.targets import TargetFinder
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
    predictions = predict([line.words for line in lines], model, explain=explain, in_article=True)
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
    targets = TargetFinder(lines, parties, headline_end)
    stances = [next(iter(prediction.stances), None) for prediction in predictions]
    named: dict[Voice, tuple[str, ...]] = {}
    voices = assign_speakers(lines, stances)
    for i, (line, voice, prediction) in enumerate(zip(lines, voices, predictions, strict=True)):
        speaker: str | None = None
        said_by: tuple[str, ...] = ()
        parties.note_together(line.reading)
        if voice is None:
            parties.mention(line.reading)
        else:
            if voice not in named:
                stance = next(iter(predictions[voice.position].stances), None)
                named[voice] = _parties(lines[voice.position], voice, parties, stance)
            said_by = named[voice]
            speaker = lines[voice.position].clauses.wording(voice.source) if voice.says else None
        accused: tuple[str, ...] = ()
        if "accuse" in prediction.stances:
            is_said = voice is None or voice.says
            accused = targets.find(i, said_by, is_said=is_said)
            if not is_said:
                said_by = tuple(name for name in said_by if name not in accused)
        accusers = _accusers(line, parties, said_by, prediction.stances)
        if accusers and accusers != said_by and set(accused) <= {*accusers}:
            accused = said_by
        parties.accuse(accused)
        start, end = layout.offsets.span(line.start, line.end)
        yield Sentence(
            text=text[start:end],
            start=start,
            end=end,
            paragraph=line.paragraph,
            is_headline=line.end <= headline_end,
            speaker=speaker,
            parties=said_by,
            manner=None if speaker is None else QUOTED if line.quotations else REPORTED,
            accused_parties=accused,
            accusers=accusers,
            prediction=prediction,
        )


def _parties(
    line: AttributedSentence, voice: Voice, parties: PartyResolver, stance: str | None
) -> tuple[str, ...]:
    span = voice.meant
    noun = line.clauses.lower(span.head)
    if not is_document(noun) or line.clauses.tags[span.head] != "N":
        return parties.resolve(line.reading, span, is_denial=stance == "deny")
    writer = find_writer(line.clauses, span)
    return parties.author(noun) if writer is None else parties.resolve(line.reading, writer)


def _accusers(
    line: AttributedSentence,
    parties: PartyResolver,
    speakers: tuple[str, ...],
    stances: tuple[str, ...],
) -> tuple[str, ...]:
    """Find who charges: another than who speaks, where a sentence denies what it passes on."""
    if "accuse" not in stances:
        return speakers[:0]
    accuser = find_accuser(line) if stances[0] == "deny" else None
    return speakers if accuser is None else parties.find(line.reading, accuser, speakers)


def _words_at(layout: ArticleSegments, span: tuple[int, int] | None) -> str | None:
    return None if span is None else " ".join(layout.clean[slice(*span)].split())
