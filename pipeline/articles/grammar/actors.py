"""Who acts, where nobody is said to speak: "Oslo to close its port", "The mayor will appeal"."""

from __future__ import annotations

import re

from pipeline.articles.grammar.attribution import ClauseMatcher
from pipeline.articles.grammar.nouns import is_thing
from pipeline.articles.grammar.tagging import NOUN_PHRASE, Span, word_set
from pipeline.model.lexicon import FAMILY_OF

_ACTS = word_set("will shall 'll won")
_SET = word_set(
    """set due scheduled expected planning preparing slated ready going hoping seeking aiming
    committed"""
)
_DECIDES = frozenset(
    form for form, family in FAMILY_OF.items() if family in ("PLAN", "AGREE", "VOW")
)
_OPENS_INTENT = _ACTS | _SET | _DECIDES | {"to"}
_ACTORS = frozenset({"OFFICIAL", "STATE", "GROUP", "COMPANY", "COURT", "PEOPLE", "MEDIA"})
_TOGETHER = word_set("both two three four")
_NO_ACTORS = word_set(
    """case hearing trial inquiry investigation probe sentence prison jail custody detention
    interview news press media conference television radio department house i we you this that
    these those there it's what"""
)
_NOUNS = {
    "deny": word_set("denial denials rejection rebuttal dismissal response reply"),
    "announce": word_set(
        """announcement decision plan plans pledge promise vow offer move commitment statement
        launch"""
    ),
    "accuse": word_set(
        """criticism criticisms accusation accusations allegation allegations claim claims charge
        charges complaint complaints lawsuit lawsuits suit suits indictment condemnation petition"""
    ),
}
_CHARGED = word_set("charged accused suspected indicted arrested wanted convicted prosecuted")
_FACING = word_set("faces facing allegedly fugitives dogged")
_WHERE = word_set("in at on near from to of for")
_NEAR = 8
_PHRASE = re.compile(rf"{NOUN_PHRASE}(?:[OP]{NOUN_PHRASE})*(?:,?C{NOUN_PHRASE})?")
_LEAD = re.compile(r"(?:[ABC,;(]|D?T|[GVSP][^,;Q]*,|P[D#]*T)*")
_LONGEST = 40


def find_intender(clauses: ClauseMatcher) -> Span | None:
    """Find whose coming act a sentence tells: the subject of "will", "plans to", a headline's "to".

    Parameters
    ----------
    clauses : ClauseMatcher
        The sentence.

    Returns
    -------
    Span or None
        The words that name the party; None where the subject is no party.
    """
    for i, word in enumerate(clauses.words[: 4 * _LONGEST]):
        may_be = word.lower in _OPENS_INTENT
        span = clauses.phrase_subject(i) if may_be and is_intent(clauses, i) else None
        actor = None if span is None else party_of(clauses, span)
        if actor is not None:
            return actor
    return None


def find_subject(clauses: ClauseMatcher) -> Span | None:
    """Find whom a sentence is about: the party that it opens with.

    Parameters
    ----------
    clauses : ClauseMatcher
        The sentence.

    Returns
    -------
    Span or None
        The words that name the party; None where the sentence opens with none.
    """
    start = lead.end() if (lead := _LEAD.match(clauses.tags)) else 0
    match = _PHRASE.match(clauses.tags, start, start + _LONGEST)
    core = clauses.core_after(start)
    if match is None or core is None:
        return None
    return party_of(clauses, Span(start, match.end(), core.head))


def find_author(clauses: ClauseMatcher, stance: str) -> Span | None:
    """Find whose a stance is that is told by a noun: "claims by X", "criticism from X", "X's plan".

    Parameters
    ----------
    clauses : ClauseMatcher
        The sentence.
    stance : str
        The stance.

    Returns
    -------
    Span or None
        The words that name the party.
    """
    for i, word in enumerate(clauses.words):
        if word.lower not in _NOUNS[stance] or clauses.tags[i] not in "NM":
            continue
        for j in range(i + 1, min(i + _NEAR, len(clauses.words))):
            if clauses.lower(j) in ("by", "from"):
                return clauses.phrase_after(j + 1)
            if clauses.tags[j] in ",;QXVS":
                break
        owner = re.search("'[NAG]*$", clauses.tags[max(0, i - 4) : i])
        if owner is not None:
            return clauses.phrase_before(max(0, i - 4) + owner.start() - 1)
    return None


def find_named(clauses: ClauseMatcher) -> Span | None:
    """Find the first name in a sentence that is not where something is."""
    for match in re.finditer("M+", clauses.tags):
        if clauses.lower(match.start() - 1) not in _WHERE or match.start() == 0:
            return Span(match.start(), match.end(), match.end() - 1)
    return None


def is_charged(clauses: ClauseMatcher) -> bool:
    """Whether a sentence only tells that its subject is charged, by nobody who is named."""
    for i, word in enumerate(clauses.words):
        if word.lower in _FACING:
            return True
        if word.lower in _CHARGED and clauses.tags[max(0, i - 1) : i] not in ("V", "O", "P"):
            return clauses.tags[i - 1 : i] != "D"
    return False


def is_intent(clauses: ClauseMatcher, i: int) -> bool:
    """Whether token ``i`` opens what somebody is going to do."""
    word, after = clauses.lower(i), clauses.lower(i + 1)
    if word in _ACTS:
        return after != "be" or clauses.tags[i + 2 : i + 3] != "V"
    if word == "to":
        opening = re.fullmatch(r"(?:[^XVQS;]*[;,])?[DNMO'#C,(]{1,9}", clauses.tags[:i])
        return opening is not None and not any(clauses.is_cue(j) for j in range(i))
    if clauses.tags[i] in "NVXM" and word in _DECIDES and after == "to":
        return i > 0
    return word in _SET and after == "to" and clauses.tags[i - 1 : i] == "X"


def party_of(clauses: ClauseMatcher, span: Span) -> Span | None:
    """Return the words that name a party: a name, people or a body, or the possessor of a thing."""
    head, tag = clauses.lower(span.head), clauses.tags[span.head]
    if head in _NO_ACTORS and tag != "M":
        tag = "-"
    if tag == "N" and "'" in clauses.tags[span.start : span.head] and is_thing(head):
        return possessor_of(clauses, span)
    if (
        head in _TOGETHER
        or tag in "MY"
        or (tag == "N" and FAMILY_OF.get(head, "PEOPLE") in _ACTORS)
    ):
        return span
    return possessor_of(clauses, span)


def possessor_of(clauses: ClauseMatcher, span: Span) -> Span | None:
    """Return the words that name the party whose a thing is."""
    possessor = clauses.tags.rfind("'", span.start, span.head)
    if possessor > span.start:
        return party_of(clauses, Span(span.start, possessor, possessor - 1))
    return None
