"""Whose words each sentence is: of the source it names, or of the quotation that it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.articles.actors import find_actor
from pipeline.articles.attribution import Attribution, ClauseMatcher, find_attributions
from pipeline.articles.quotations import QUOTE, find_quotations
from pipeline.articles.segmentation import ArticleSegments, split_sentences
from pipeline.articles.tagging import Span, TaggedSentence, tag_sentence, word_set
from pipeline.lexicon import FAMILY_OF

_FAMILIES = {
    "accuse": frozenset({"ACCUSE", "CHARGE", "CONDEMN"}),
    "deny": frozenset({"DENY", "REJECT"}),
    "announce": frozenset({"ANNOUNCE", "VOW", "AGREE", "PLAN"}),
}
_PASSING_ON = word_set(
    """sources source people report reports filing filings documents document records newspaper
    magazine news times post journal daily tribune herald guardian telegraph reuters bbc cnn press
    media website blog paper rumours rumors mail independent"""
)
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

    @property
    def reading(self) -> TaggedSentence:
        """Its words, with their classes."""
        return self.clauses.sentence

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
        quoted = find_quotations(layout.clean[first:last])
        spans = [(first + a, first + b) for a, b in quoted]
        continues = runs_on and bool(spans) and spans[0][0] == first
        numbers = range(last_number + (not continues), last_number + (not continues) + len(spans))
        place = 0
        for start, end in split_sentences(layout.clean, first, last, quoted):
            while place < len(spans) and spans[place][1] <= start:
                place += 1
            stop = place
            while stop < len(spans) and spans[stop][0] < end:
                stop += 1
            inside, their_numbers = spans[place:stop], numbers[place:stop]
            found.append(_line(layout, start, end, paragraph, inside, their_numbers))
        if spans:
            last_number = numbers[-1]
        runs_on = bool(spans) and spans[-1][1] == last and layout.clean[last - 1] not in _CLOSING
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
            found.append(of_quotation.get(line.quotations[0], latest))
            continue
        if voice is not None and _is_first_person(line, voice.source):
            voice = latest
        latest = voice or latest
        found.append(voice if stance is None else _voice_of_stance(line, position, stance, voice))
    return found


def _main_voice(lines: Sequence[AttributedSentence], position: int) -> Voice | None:
    found = lines[position].attributions
    return _said(lines[position], position, found[0]) if found else None


def _said(line: AttributedSentence, position: int, attribution: Attribution) -> Voice:
    source = line.clauses.named(attribution.source)
    return Voice(position, source, attribution.antecedent, says=True)


def _voice_of_stance(
    line: AttributedSentence, position: int, stance: str, voice: Voice | None
) -> Voice | None:
    """Prefer the cue of the stance, and who acts to who only passes it on."""
    own = [one for one in line.attributions if not _is_first_person(line, one.source)]
    if own:
        best = max(own, key=lambda one: one.weight + _bonus(line, one, stance))
        voice = _said(line, position, best)
    if voice is None or (stance == "announce" and _passes_on(line, voice)):
        actor = find_actor(line.clauses, is_announced=stance == "announce")
        if actor is not None:
            return Voice(position, actor, None, says=False)
    return voice


def _bonus(line: AttributedSentence, attribution: Attribution, stance: str) -> float:
    family = FAMILY_OF.get(line.clauses.words[attribution.cue].lower)
    return 2.5 if family in _FAMILIES[stance] else 0.0


def _passes_on(line: AttributedSentence, voice: Voice) -> bool:
    """Whether a source only tells what another does: a newspaper, a filing, people who know."""
    if voice.antecedent is not None:
        return False
    words = line.reading.words[voice.source.start : voice.source.end]
    return any(word.lower in _PASSING_ON for word in words)


def _is_first_person(line: AttributedSentence, source: Span) -> bool:
    return source.end - source.start == 1 and line.clauses.lower(source.start) in ("i", "we")
