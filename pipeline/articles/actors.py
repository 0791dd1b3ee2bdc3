"""Who acts, where nobody is said to speak: "Oslo to close its port", "The mayor will appeal"."""

from __future__ import annotations

import re

from pipeline.articles.attribution import ClauseMatcher
from pipeline.articles.tagging import NOUN_PHRASE, Span, word_set
from pipeline.lexicon import FAMILY_OF

_ACTS = word_set("will shall 'll won")
_SET = word_set(
    """set due scheduled expected planning preparing slated ready going hoping seeking aiming
    committed"""
)
_ACTORS = frozenset({"OFFICIAL", "STATE", "GROUP", "COMPANY", "COURT", "PEOPLE", "MEDIA"})
_NO_ACTORS = word_set(
    """case hearing trial inquiry investigation probe sentence prison jail custody detention
    interview news press media conference television radio department house i we you this that
    these those there it's what"""
)
_PHRASE = re.compile(rf"{NOUN_PHRASE}(?:[OP]{NOUN_PHRASE})*(?:,?C{NOUN_PHRASE})?")
_LEAD = re.compile(r"(?:[ABC,;(]|D?T|[GVSP][^,;Q]*,|P[D#]*T)*")
_LONGEST = 40


def find_actor(clauses: ClauseMatcher, *, is_announced: bool) -> Span | None:
    """Find who does what a sentence tells.

    Parameters
    ----------
    clauses : ClauseMatcher
        The sentence.
    is_announced : bool
        Whether the act is announced: then the subject of "will", "plans to" or a headline's "to"
        comes first.

    Returns
    -------
    Span or None
        The words that name the party; None where the subject is no party.
    """
    places = range(min(len(clauses.words), 4 * _LONGEST))
    if is_announced:
        for i in places:
            if is_intent(clauses, i):
                span = clauses.phrase_subject(i)
                if span is not None and (actor := party_of(clauses, span)) is not None:
                    return actor
    start = lead.end() if (lead := _LEAD.match(clauses.tags)) else 0
    span = first_phrase(clauses, start)
    return None if span is None else party_of(clauses, span)


def is_intent(clauses: ClauseMatcher, i: int) -> bool:
    """Whether token ``i`` opens what somebody is going to do."""
    word, after = clauses.lower(i), clauses.lower(i + 1)
    if word in _ACTS:
        return True
    if word == "to":
        opening = re.fullmatch(r"(?:[^XVQS;]*[;,])?[DNMO'#C,(]{1,9}", clauses.tags[:i])
        return opening is not None and not any(clauses.is_cue(j) for j in range(i))
    is_verb = clauses.tags[i] in "NVXM" and (FAMILY_OF.get(word) in ("PLAN", "AGREE", "VOW"))
    if is_verb and after == "to":
        return i > 0
    return word in _SET and after == "to" and clauses.tags[i - 1 : i] == "X"


def first_phrase(clauses: ClauseMatcher, start: int) -> Span | None:
    """Take the noun phrase at a place, the subject of an active sentence."""
    match = _PHRASE.match(clauses.tags, start, start + _LONGEST)
    core = clauses.core_after(start)
    return None if match is None or core is None else Span(start, match.end(), core.head)


def party_of(clauses: ClauseMatcher, span: Span) -> Span | None:
    """Return the words that name a party: a name, people or a body, or the possessor of a thing."""
    head, tag = clauses.lower(span.head), clauses.tags[span.head]
    if head in _NO_ACTORS and tag != "M":
        tag = "-"
    if tag in "MY" or (tag == "N" and FAMILY_OF.get(head) in _ACTORS):
        return span
    possessor = clauses.tags.rfind("'", span.start, span.head)
    if possessor > span.start:
        return party_of(clauses, Span(span.start, possessor, possessor - 1))
    return None
