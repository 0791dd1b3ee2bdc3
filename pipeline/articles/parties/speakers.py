"""Whose words or acts each sentence tells: of whom it names, or of the quotation it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.articles.grammar.actors import (
    find_author,
    find_intender,
    find_named,
    find_subject,
    is_charged,
)
from pipeline.articles.grammar.attribution import Attribution, ClauseMatcher
from pipeline.articles.grammar.names import is_office
from pipeline.articles.grammar.tagging import Span, word_set
from pipeline.articles.parties.attributed_sentences import SURE, AttributedSentence
from pipeline.model.lexicon import FAMILY_OF

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
_OPENS_CONTRAST = word_set("that while although though")
_INTENDS, _CHARGES, _IS_AUTHOR, _IS_SUBJECT, _IS_NAMED = 2.5, 3.75, 0.75, 0.5, 0.0
_PASSING_ON = word_set(
    """sources source people report reports filing filings documents document records newspaper
    magazine news times post journal daily tribune herald guardian telegraph reuters bbc cnn press
    media website blog paper rumours rumors mail independent"""
)


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
        if _is_monologue(line) and (stance is not None or line.attributions):
            found.append(latest)
            continue
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
        (one.weight + _adjusted(line, one, stance), _said(line, position, _teller(line, one)))
        for one in line.attributions
        if not _is_first_person(line, one.source)
    ]
    for weight, actor in _actors(line.clauses, stance):
        if actor is not None:
            found.append((weight, Voice(position, actor, None, says=weight == _CHARGES)))
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
        and clauses.lower(source.start - 1) not in _OPENS_CONTRAST
    ):
        change -= 2.25
    if line.is_labelled and stance == "accuse" and attribution.weight < SURE:
        change += SURE
    return change


def _teller(line: AttributedSentence, attribution: Attribution) -> Attribution:
    """Find who "it" is in "Oslo said it had agreed": whoever reports the clause that it opens."""
    source, tags = attribution.source, line.clauses.tags
    if tags[source.start : source.end] != "Y":
        return attribution
    tellers = (
        one
        for one in line.attributions
        if one.cue < source.start and not set(tags[one.cue : source.start]) & set("BC;Q")
    )
    return max(tellers, key=lambda one: one.cue, default=attribution)


def _passes_on(line: AttributedSentence, attribution: Attribution) -> bool:
    """Whether a source only tells what another does: a newspaper, a filing, people who know."""
    source = attribution.source
    words = [word.lower for word in line.reading.words[source.start : source.end]]
    return not _PASSING_ON.isdisjoint(words) and not any(map(is_office, words))


def _is_monologue(line: AttributedSentence) -> bool:
    """Whether "we" or "I" speaks, in words that no marks show to be quoted, and nobody else."""
    if any(not _is_first_person(line, one.source) for one in line.attributions):
        return False
    return any(word.lower in ("i", "we") and word.tag == "Y" for word in line.reading.words)


def _is_first_person(line: AttributedSentence, source: Span) -> bool:
    return source.end - source.start == 1 and line.clauses.lower(source.start) in ("i", "we")
