"""Article to sentences to statements: who says what, with speaker, stance and party accused."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.articles.accused.targets import TargetFinder
from pipeline.articles.article import Article, Sentence
from pipeline.articles.grammar.documents import find_writer, is_document
from pipeline.articles.parties.attributed_sentences import AttributedSentence, attribute_sentences
from pipeline.articles.parties.coreference import PartyResolver
from pipeline.articles.parties.manner import find_manner
from pipeline.articles.parties.speakers import Voice, assign_speakers, find_accuser
from pipeline.articles.text.decoding import MOST_BYTES, decode_article
from pipeline.articles.text.extraction import ExtractedText, extract_text
from pipeline.articles.text.language import find_language, other_language
from pipeline.articles.text.segmentation import ArticleSegments, segment_article
from pipeline.errors import ArticleError
from pipeline.inference.predict import Prediction, predict
from pipeline.inference.predictor import Predictor


def read_article(
    text: str,
    name: str | None = None,
    model: str | Path | None = None,
    *,
    explain: bool = False,
    min_score: float | None = None,
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
    min_score : float, optional
        A probability, 0 to 1: a stance counts only if its score reaches its threshold, and this.

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
    article = read_extracted(
        extract_text(text, name), name, model, explain=explain, min_score=min_score
    )
    if article.language not in (None, "en"):
        warnings.warn(other_language(article.language, name), stacklevel=2)
    return article


def read_file(
    path: str | Path,
    model: str | Path | None = None,
    *,
    explain: bool = False,
    min_score: float | None = None,
) -> Article:
    """Read an article from a text, Markdown or HTML file.

    Parameters
    ----------
    path : path
        A local file.
    model, explain, min_score
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
    text = decode_article(content, str(path))
    return read_article(text, str(path), model, explain=explain, min_score=min_score)


def read_extracted(
    found: ExtractedText,
    name: str | None,
    model: str | Path | Predictor | None = None,
    *,
    explain: bool = False,
    min_score: float | None = None,
) -> Article:
    """Read the text of an article.

    Parameters
    ----------
    found : ExtractedText
        Its text and what is told of it.
    name, model, explain, min_score
        As for `read_article`.

    Returns
    -------
    Article
    """
    layout = segment_article(found.text, is_titled=found.is_titled)
    lines = attribute_sentences(layout)
    words = [line.words for line in lines]
    predictions = predict(words, model, explain=explain, min_score=min_score, in_article=True)
    return Article(
        text=found.text,
        name=name,
        headline=_words_at(layout, layout.headline) or found.metadata.title,
        dateline=_words_at(layout, layout.dateline),
        sentences=tuple(_sentences(found.text, layout, lines, predictions)),
        metadata=found.metadata,
        language=find_language(layout.clean),
    )


class Attributed(NamedTuple):
    """Who says a sentence, who acts in it, and who accuses there."""

    speaker: str | None
    parties: tuple[str, ...]
    accusers: tuple[str, ...]
    is_said: bool


def attribute_stances(
    lines: list[AttributedSentence], headline_end: int, stances: Sequence[tuple[str, ...]]
) -> tuple[list[Attributed], TargetFinder]:
    """Find who takes the stances of an article's sentences.

    Parameters
    ----------
    lines : list of AttributedSentence
        The sentences.
    headline_end : int
        Where the headline ends; -1 without one.
    stances : sequence of tuple of str
        Those of each sentence, the main one first.

    Returns
    -------
    (list of Attributed, TargetFinder)
        For each sentence who says it; and the finder of the accused, which has seen them all.
    """
    parties = PartyResolver(line.reading for line in lines)
    targets = TargetFinder(lines, parties, headline_end)
    named: dict[Voice, tuple[str, ...]] = {}
    main = [next(iter(taken), None) for taken in stances]
    found = []
    for i, (line, voice) in enumerate(zip(lines, assign_speakers(lines, main), strict=True)):
        speaker: str | None = None
        said_by: tuple[str, ...] = ()
        parties.note_together(line.reading)
        if voice is None:
            parties.mention(line.reading)
        else:
            if voice not in named:
                at = voice.position
                named[voice] = _parties(lines[at], voice, parties, main[at])
            said_by = named[voice]
            speaker = lines[voice.position].clauses.wording(voice.source) if voice.says else None
        is_said = voice is None or voice.says
        accusers = _accusers(line, parties, said_by, stances[i])
        found.append(Attributed(speaker, said_by, accusers, is_said))
        if "accuse" in stances[i]:
            targets.see(i, accusers if is_said else (), said_by)
    return found, targets


def _sentences(
    text: str,
    layout: ArticleSegments,
    lines: list[AttributedSentence],
    predictions: list[Prediction],
) -> Iterator[Sentence]:
    headline_end = layout.headline[1] if layout.headline else -1
    stances = [prediction.stances for prediction in predictions]
    attributed, targets = attribute_stances(lines, headline_end, stances)
    accused = targets.decide()
    for i, (line, said, prediction) in enumerate(zip(lines, attributed, predictions, strict=True)):
        blamed = accused.get(i, ())
        if said.accusers and said.accusers != said.parties and set(blamed) <= {*said.accusers}:
            blamed = said.parties  # who denies another's charge is whom it was laid on
        acting = () if said.is_said else blamed
        start, end = layout.offsets.span(line.start, line.end)
        yield Sentence(
            text=text[start:end],
            start=start,
            end=end,
            paragraph=line.paragraph,
            is_headline=line.end <= headline_end,
            speaker=said.speaker,
            parties=tuple(name for name in said.parties if name not in acting),
            manner=None if said.speaker is None else find_manner(line),
            accused_parties=blamed,
            accusers=tuple(name for name in said.accusers if name not in acting),
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
