"""The sentences of an article with their quotations, and the attributions in each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.articles.grammar.attribution import Attribution, ClauseMatcher, find_attributions
from pipeline.articles.grammar.quotations import QUOTE, find_quotations
from pipeline.articles.grammar.tagging import Span, TaggedSentence, tag_sentence
from pipeline.articles.parties.transcripts import (
    Label,
    find_credit,
    find_introduced,
    find_labels,
    is_post,
)
from pipeline.articles.text.segmentation import ArticleSegments, split_sentences

# Weight of a name that stands before or behind the words in a place of its own.
SURE = 9.0
_CLOSING = "\"”»″'’"


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
    """Attribute a turn of a conversation to the name before it."""
    if line.start >= label.end:
        own = find_attributions(line.clauses)
        return replace(line, attributions=own, is_labelled=True, is_opened=True, is_unclosed=True)
    clauses = ClauseMatcher(tag_sentence(line.reading.text, ()))
    own = []
    if label.name is not None:
        end = label.name[1] - line.start
        last = sum(word.start < end for word in clauses.words)
        own = [Attribution(Span(0, last, last - 1), 0, SURE, None), *find_attributions(clauses)]
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
    own = [Attribution(name, name.start, SURE, None)]
    return replace(line, attributions=own, quotations=numbers) if numbers else line


def _quote_post(lines: list[AttributedSentence], i: int, numbers: range) -> None:
    """Make a quotation of the paragraph before a post's credit, or what stands before it there."""
    paragraph = lines[i - 1].paragraph
    for j in range(i - 1, -1, -1):
        if lines[j].paragraph != paragraph:
            break
        lines[j] = replace(lines[j], quotations=numbers, is_quoted=True, attributions=[])
