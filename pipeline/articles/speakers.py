"""Whose words each sentence is: of the source it names, or of the quotation that it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pipeline.articles.actors import (
    find_author,
    find_intender,
    find_named,
    find_subject,
    is_charged,
)
from pipeline.articles.attribution import Attribution, ClauseMatcher, find_attributions
from pipeline.articles.quotations import QUOTE, find_quotations
from pipeline.articles.segmentation import ArticleSegments, split_sentences
from pipeline.articles.tagging import Span, TaggedSentence, tag_sentence, word_set
from pipeline.articles.transcripts import (
    Label,
    find_credit,
    find_introduced,
    find_labels,
    is_post,
)
from pipeline.lexicon import FAMILY_OF

_FAMILIES = {
    "accuse": frozenset({"ACCUSE", "CHARGE", "CONDEMN"}),
    "deny": frozenset({"DENY", "REJECT"}),
    "announce": frozenset({"ANNOUNCE", "VOW", "AGREE", "PLAN"}),
}
# Cues of each stance that no family has.
_CUES = {
    "accuse": word_set(
        "alleged found finds concluded concludes documented hammered lashed attacked"
    ),
    "deny": word_set("called calls shot"),
    "announce": word_set("unveils"),
}
_INTENDS, _CHARGES, _IS_AUTHOR, _IS_SUBJECT, _IS_NAMED = 2.5, 3.75, 0.75, 0.5, 0.0
_PASSING_ON = word_set(
    """sources source people report reports filing filings documents document records newspaper
    magazine news times post journal daily tribune herald guardian telegraph reuters bbc cnn press
    media website blog paper rumours rumors mail independent"""
)
_SURE = 9.0
_CLOSING = "\"”»″'’"


class Voice(NamedTuple):
    """Who speaks or acts in a sentence, and where that is named.

    Attributes
    ----------
    position : int
        Number of the sentence that names them.
    source : Span
        The words there.
    antecedent : Span or None
        What a source that is "who" stands for.
    says : bool
        Whether they speak; else they act.
    """

    position: int
    source: Span
    antecedent: Span | None
    says: bool

    @property
    def meant(self) -> Span:
        """The words that name who is meant."""
        return self.antecedent or self.source


@dataclass(frozen=True, slots=True)
class AttributedSentence:
    """A sentence with its place in the article's quotations.

    Attributes
    ----------
    start, end : int
        Offsets into the article.
    paragraph : int
        Number of its paragraph, from 0.
    clauses : ClauseMatcher
        What is read of it.
    quotations : range
        Numbers of the quotations that it holds or stands in.
    is_quoted : bool
        Whether all of it is inside one quotation.
    is_opened, is_unclosed : bool
        Whether a quotation runs into it from before, and on behind it.
    attributions : list of Attribution
        Its own, the main one first.
    is_labelled : bool
        Whether it is a turn of a conversation, said by the name before it or by nobody known.
    said_from : int
        Where behind such a name its words begin.
    """

    start: int
    end: int
    paragraph: int
    clauses: ClauseMatcher
    quotations: range
    is_quoted: bool
    is_opened: bool
    is_unclosed: bool
    attributions: list[Attribution]
    is_labelled: bool = False
    said_from: int = 0

    @property
    def reading(self) -> TaggedSentence:
        """Its words, with their classes."""
        return self.clauses.sentence

    @property
    def words(self) -> str:
        """The sentence in one line; a stretch of a longer quotation has its marks back."""
        words = " ".join(self.reading.text[self.said_from :].split())
        return f"{QUOTE if self.is_opened else ''}{words}{QUOTE if self.is_unclosed else ''}"


def attribute_sentences(layout: ArticleSegments) -> list[AttributedSentence]:
    """Cut an article into sentences and find the attribution of each.

    Parameters
    ----------
    layout : ArticleSegments
        The article.

    Returns
    -------
    list of AttributedSentence
        In order. A quotation that is left open at the end of a paragraph and opened again at the
        next is one.
    """
    found: list[AttributedSentence] = []
    labels = find_labels(layout.clean, layout.paragraphs)
    quoted = _Quotations()
    for paragraph, (first, last) in enumerate(layout.paragraphs):
        label = labels.get(paragraph)
        spans = quoted.next_paragraph(layout.clean, first, last, label)
        inner = [(start - first, end - first) for start, end in spans]
        place = 0
        for start, end in split_sentences(layout.clean, first, last, inner):
            while place < len(spans) and spans[place][1] <= start:
                place += 1
            stop = place
            while stop < len(spans) and spans[stop][0] < end:
                stop += 1
            numbers = quoted.numbers[place:stop]
            line = _line(layout, start, end, paragraph, spans[place:stop], numbers)
            found.append(line if label is None else _labelled(line, label))
    return _with_credits(found, quoted.last + 1)


class _Quotations:
    """Numbers the quotations of an article; one that runs on over paragraphs has one number."""

    def __init__(self) -> None:
        self.numbers = range(0)
        self.last = -1
        self._runs_on = False
        self._label: Label | None = None

    def next_paragraph(
        self, clean: str, first: int, last: int, label: Label | None
    ) -> list[tuple[int, int]]:
        """Find the quotations of the next paragraph, and number them."""
        if label is None:
            spans = [(first + a, first + b) for a, b in find_quotations(clean[first:last])]
            continues = self._runs_on and bool(spans) and spans[0][0] == first
        else:
            spans = [(max(first, label.end), last)]
            continues = label is self._label
        start = self.last + (not continues)
        self.numbers = range(start, start + len(spans))
        self.last = self.numbers[-1] if spans else self.last
        ends_open = bool(spans) and spans[-1][1] == last and clean[last - 1] not in _CLOSING
        self._runs_on, self._label = ends_open and label is None, label
        return spans


def _line(
    layout: ArticleSegments,
    start: int,
    end: int,
    paragraph: int,
    inside: list[tuple[int, int]],
    numbers: range,
) -> AttributedSentence:
    is_quoted = bool(inside) and inside[0][0] <= start and end <= inside[0][1]
    quotations = [(max(a - start, 0), min(b, end) - start) for a, b in inside]
    clauses = ClauseMatcher(tag_sentence(layout.clean[start:end], quotations))
    own = [] if is_quoted else find_attributions(clauses)
    return AttributedSentence(
        start=start,
        end=end,
        paragraph=paragraph,
        clauses=clauses,
        quotations=numbers,
        is_quoted=is_quoted,
        is_opened=bool(inside) and inside[0][0] < start,
        is_unclosed=bool(inside) and end < inside[-1][1],
        attributions=own,
    )


def _labelled(line: AttributedSentence, label: Label) -> AttributedSentence:
    """Give a turn of a conversation to the name before it."""
    if line.start >= label.end:
        own = find_attributions(line.clauses)
        return replace(line, attributions=own, is_labelled=True, is_opened=True, is_unclosed=True)
    clauses = ClauseMatcher(tag_sentence(line.reading.text, ()))
    own = []
    if label.name is not None:
        end = label.name[1] - line.start
        last = sum(word.start < end for word in clauses.words)
        own = [Attribution(Span(0, last, last - 1), 0, _SURE, None), *find_attributions(clauses)]
    return replace(
        line,
        clauses=clauses,
        attributions=own,
        is_labelled=True,
        is_opened=True,
        is_unclosed=True,
        said_from=label.end - line.start,
    )


def _with_credits(lines: list[AttributedSentence], number: int) -> list[AttributedSentence]:
    """Tie quotations to a name that stands before or behind them in a line of its own."""
    for i, line in enumerate(lines):
        if line.is_labelled or line.is_quoted:
            continue
        credit = find_credit(line.clauses)
        if credit is not None and i:
            numbers = lines[i - 1].quotations[-1:]
            if not numbers and is_post(line.reading.text):
                numbers = range(number, number + 1)
                _quote_post(lines, i, numbers)
                number += 1
            lines[i] = _credited(line, credit, numbers)
        elif i + 1 < len(lines) and lines[i + 1].is_quoted and not line.attributions:
            named = find_introduced(line.clauses)
            if named is not None:
                lines[i] = _credited(line, named, lines[i + 1].quotations[:1])
    return lines


def _credited(line: AttributedSentence, name: Span, numbers: range) -> AttributedSentence:
    own = [Attribution(name, name.start, _SURE, None)]
    return replace(line, attributions=own, quotations=numbers) if numbers else line


def _quote_post(lines: list[AttributedSentence], i: int, numbers: range) -> None:
    """Make a quotation of the paragraph before a post's credit, or what stands before it there."""
    paragraph = lines[i - 1].paragraph
    for j in range(i - 1, -1, -1):
        if lines[j].paragraph != paragraph:
            break
        lines[j] = replace(lines[j], quotations=numbers, is_quoted=True, attributions=[])


def assign_speakers(
    lines: Sequence[AttributedSentence], stances: Sequence[str | None] = ()
) -> list[Voice | None]:
    """Find whose words or acts each sentence tells.

    Parameters
    ----------
    lines : sequence of AttributedSentence
        The sentences of an article.
    stances : sequence of str or None, optional
        The main stance of each: a charge is told by the cue that charges, and an announcement
        without a word of saying by its actor.

    Returns
    -------
    list of Voice or None
        None for the journalist's own. A sentence inside a quotation has the voice of the quotation,
        or else the nearest before.
    """
    main = [_main_voice(lines, position) for position in range(len(lines))]
    of_quotation: dict[int, Voice] = {}
    for line, voice in zip(lines, main, strict=True):
        if voice is not None:
            for number in line.quotations:
                of_quotation.setdefault(number, voice)
    found: list[Voice | None] = []
    latest: Voice | None = None
    for position, (line, voice) in enumerate(zip(lines, main, strict=True)):
        stance = stances[position] if stances else None
        if line.is_quoted:
            before = None if line.is_labelled else latest
            said = of_quotation.get(line.quotations[0], before)
            is_told = line.is_labelled and line.attributions and stance == "accuse"
            found.append(_voice_of_stance(line, position, "accuse", said) if is_told else said)
            continue
        if voice is not None and _is_first_person(line, voice.source):
            voice = latest
        latest = voice or latest
        found.append(voice if stance is None else _voice_of_stance(line, position, stance, voice))
    return found


def _main_voice(lines: Sequence[AttributedSentence], position: int) -> Voice | None:
    found = [] if lines[position].is_quoted else lines[position].attributions
    return _said(lines[position], position, found[0]) if found else None


def _said(line: AttributedSentence, position: int, attribution: Attribution) -> Voice:
    source = line.clauses.named(attribution.source)
    return Voice(position, source, attribution.antecedent, says=True)


def find_accuser(line: AttributedSentence) -> Span | None:
    """Find who makes the charge in a sentence that first tells another stance: "denied X's claim".

    Parameters
    ----------
    line : AttributedSentence
        A sentence that denies or announces, and accuses.

    Returns
    -------
    Span or None
        The words that name the accuser; None where it is who speaks.
    """
    author = None if line.is_quoted else find_author(line.clauses, "accuse")
    if author is None or any(one.source == author for one in line.attributions):
        return None
    return author


def _voice_of_stance(
    line: AttributedSentence, position: int, stance: str, voice: Voice | None
) -> Voice | None:
    """Choose whose stance it is: of who speaks, who acts, and whose charge is passed on."""
    found = [
        (one.weight + _adjusted(line, one, stance), _said(line, position, one))
        for one in line.attributions
        if not _is_first_person(line, one.source)
    ]
    for weight, actor in _actors(line.clauses, stance):
        if actor is not None:
            found.append((weight, Voice(position, actor, None, says=False)))
    return max(found, key=lambda pair: pair[0])[1] if found else voice


def _actors(clauses: ClauseMatcher, stance: str) -> Iterator[tuple[float, Span | None]]:
    if stance == "announce":
        yield _INTENDS, find_intender(clauses)
    yield _CHARGES if stance == "accuse" else _IS_AUTHOR, find_author(clauses, stance)
    if stance != "accuse" or not is_charged(clauses):
        yield _IS_SUBJECT, find_subject(clauses)
    if stance == "announce":
        yield _IS_NAMED, find_named(clauses)


def _adjusted(line: AttributedSentence, attribution: Attribution, stance: str) -> float:
    """Weigh an attribution by what the sentence does: the cue of a charge tells whose it is."""
    clauses, source = line.clauses, attribution.source
    cue = clauses.words[attribution.cue].lower
    change = 2.5 if FAMILY_OF.get(cue) in _FAMILIES[stance] or cue in _CUES[stance] else 0.0
    if stance == "announce":
        change -= 3.0 if _passes_on(line, attribution) else 0.0
        ahead = clauses.words[attribution.cue + 1 : attribution.cue + 6]
        change += 1.0 if any(word.lower in ("will", "would", "'ll") for word in ahead) else 0.0
    if (
        source.start
        and clauses.tags[source.start - 1] == "S"
        and clauses.lower(source.start - 1) not in ("that", "while")
    ):
        change -= 1.0
    if line.is_labelled and stance == "accuse" and attribution.weight < _SURE:
        change += _SURE
    return change


def _passes_on(line: AttributedSentence, attribution: Attribution) -> bool:
    """Whether a source only tells what another does: a newspaper, a filing, people who know."""
    words = line.reading.words[attribution.source.start : attribution.source.end]
    return any(word.lower in _PASSING_ON for word in words)


def _is_first_person(line: AttributedSentence, source: Span) -> bool:
    return source.end - source.start == 1 and line.clauses.lower(source.start) in ("i", "we")
