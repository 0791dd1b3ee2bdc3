"""Whose words each sentence is: of the source it names, or of the quotation that it stands in."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.articles.attribution import Attribution, find_attributions
from pipeline.articles.quotations import QUOTE, find_quotations
from pipeline.articles.segmentation import ArticleSegments, split_sentences
from pipeline.articles.tagging import TaggedSentence, tag_sentence


@dataclass(frozen=True, slots=True)
class AttributedSentence:
    """A sentence with its place in the article's quotations.

    Attributes
    ----------
    start, end : int
        Offsets into the article.
    paragraph : int
        Number of its paragraph, from 0.
    reading : TaggedSentence
        What is read of it.
    quotations : range
        Numbers of the quotations that it holds or stands in.
    is_quoted : bool
        Whether all of it is inside one quotation.
    is_opened, is_unclosed : bool
        Whether a quotation runs into it from before, and on behind it.
    attribution : Attribution or None
        Its own main attribution.
    """

    start: int
    end: int
    paragraph: int
    reading: TaggedSentence
    quotations: range
    is_quoted: bool
    is_opened: bool
    is_unclosed: bool
    attribution: Attribution | None

    @property
    def words(self) -> str:
        """The sentence in one line; a stretch of a longer quotation has its marks back."""
        words = " ".join(self.reading.text.split())
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
    runs_on, last_number = False, -1
    for paragraph, (first, last) in enumerate(layout.paragraphs):
        spans = [(first + a, first + b) for a, b in find_quotations(layout.clean[first:last])]
        continues = runs_on and bool(spans) and spans[0][0] == first
        numbers = range(last_number + (not continues), last_number + (not continues) + len(spans))
        place = 0
        for start, end in split_sentences(layout.clean, first, last):
            while place < len(spans) and spans[place][1] <= start:
                place += 1
            stop = place
            while stop < len(spans) and spans[stop][0] < end:
                stop += 1
            inside, their_numbers = spans[place:stop], numbers[place:stop]
            found.append(_line(layout, start, end, paragraph, inside, their_numbers))
        if spans:
            last_number = numbers[-1]
        runs_on = bool(spans) and spans[-1][1] == last and layout.clean[last - 1] not in "\"”»″'’"
    return found


def _line(
    layout: ArticleSegments,
    start: int,
    end: int,
    paragraph: int,
    inside: list[tuple[int, int]],
    numbers: range,
) -> AttributedSentence:
    is_quoted = bool(inside) and inside[0][0] <= start and end <= inside[0][1]
    is_opened = bool(inside) and inside[0][0] < start
    reading = tag_sentence(layout.clean[start:end], opened=is_opened)
    own = [] if is_quoted else find_attributions(reading)
    return AttributedSentence(
        start=start,
        end=end,
        paragraph=paragraph,
        reading=reading,
        quotations=numbers,
        is_quoted=is_quoted,
        is_opened=is_opened,
        is_unclosed=bool(inside) and end < inside[-1][1],
        attribution=own[0] if own else None,
    )


def assign_speakers(lines: list[AttributedSentence]) -> list[int | None]:
    """Tell in which sentence each sentence's speaker is named.

    Parameters
    ----------
    lines : list of AttributedSentence
        The sentences of an article.

    Returns
    -------
    list of int or None
        Positions in ``lines``: a sentence's own where it has an attribution; for one inside a
        quotation that of the quotation, or else the nearest before; None for the journalist's own.
    """
    of_quotation: dict[int, int] = {}
    for position, line in enumerate(lines):
        if line.attribution is not None:
            for number in line.quotations:
                of_quotation.setdefault(number, position)
    found: list[int | None] = []
    latest: int | None = None
    for position, line in enumerate(lines):
        voice = None
        if line.attribution is not None:
            voice = latest = position
        elif line.is_quoted:
            voice = of_quotation.get(line.quotations[0], latest)
        found.append(voice)
    return found
