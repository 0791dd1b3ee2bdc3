"""Whom an accusation is aimed at, where the sentence names them."""

from __future__ import annotations

import re

from pipeline.grammar import Reading, Span, word_set
from pipeline.lexicon import ENDING_OF, FAMILY_OF
from pipeline.speakers import Clauses

_LEVELLED = frozenset({"ACCUSE", "CONDEMN"})
_CLAIMED = frozenset({"SAY", "ARGUE", "CHARGE", "CONFIRM", "REPORT", "ACCUSATION", "CLAIMS"})
_MISDEED = frozenset({"HARM", "FAIL", "WRONG", "WRONGED", "SUPPRESS", "FAILURE", "KILL", "INSULT"})
_CHARGED = word_set("charged sued prosecuted indicted arraigned faces faced facing suspected")
_CHARGES = frozenset({"ACCUSATION", "CLAIMS"})
_TELLING = _CHARGED | {form for form, family in FAMILY_OF.items() if family in _LEVELLED | _CLAIMED}
_NEAR = 9


def accused(sentence: Reading) -> Span | None:
    """Find whom a sentence accuses.

    Parameters
    ----------
    sentence : Reading
        A sentence that makes or reports an accusation.

    Returns
    -------
    Span or None
        The words that name the party; None where it is not named.

    Examples
    --------
    >>> from pipeline.grammar import read
    >>> for text in ("Oslo accused Rome of spying.", "The mayor was blamed for the leak."):
    ...     sentence = read(text)
    ...     print(sentence.wording(accused(sentence)))
    Rome
    The mayor
    """
    clause = Clauses(sentence)
    telling = [i for i, word in enumerate(clause.words) if i == 0 or word.lower in _TELLING]
    for find in (_levelled, _charged, _named_in_charge, _claimed):
        for i in telling:
            span = find(clause, i)
            target = None if span is None else _owner(clause, span)
            if target is not None:
                return target
    return None


def _levelled(clause: Clauses, i: int) -> Span | None:
    """Read "accused X of", "blamed it on X", "X was accused of"."""
    word = clause.words[i].lower
    if FAMILY_OF.get(word) not in _LEVELLED or not (
        clause.is_cue(i) or word in ("blame", "blames")
    ):
        return None
    if ENDING_OF[word] == "ed" and clause.is_passive(i):
        return clause.patient(i)
    span = _after(clause, i)
    if span is not None and word.startswith("blam") and clause.lower(span.end) == "on":
        return clause.phrase_after(span.end + 1)
    return clause.patient(i) if clause.lower(i + 1) in ("of", "for") else span


def _charged(clause: Clauses, i: int) -> Span | None:
    """Read "X was charged with", "X faces charges of", "X, suspected of"."""
    word = clause.words[i].lower
    if word not in _CHARGED:
        return None
    if word.startswith("fac"):
        ahead = clause.words[i + 1 : i + 5]
        is_charge = any(FAMILY_OF.get(other.lower) in _CHARGES for other in ahead)
        return clause.patient(i) if is_charge else None
    if clause.is_passive(i) or clause.lower(i + 1) in ("with", "over", "of", "for"):
        return clause.patient(i)
    return _after(clause, i)


def _named_in_charge(clause: Clauses, i: int) -> Span | None:
    """Read "allegations by Y that X ...", "accusations of theft against X", "criticism of X"."""
    word = clause.lower(i)
    if FAMILY_OF.get(word) not in _CHARGES:
        return None
    if clause.lower(i + 1) == "of" and word.startswith("critic"):
        return clause.phrase_after(i + 2)
    for j in range(i + 1, min(i + _NEAR, len(clause.words))):
        if clause.lower(j) in ("that", "against"):
            return clause.phrase_after(j + 1)
        if clause.tags[j] in ",;QXV":
            return None
    return None


def _claimed(clause: Clauses, i: int) -> Span | None:
    """Read "said X had violated", "claims that X lied"; and a quoted or plain "X violated"."""
    opens = i == 0 and clause.tags[:1] in tuple("DNMY")
    family = FAMILY_OF.get(clause.lower(i))
    if not opens and family not in _CLAIMED:
        return None
    start = i if opens else i + 1 + (clause.lower(i + 1) == "that")
    span = clause.phrase_after(start)
    if span is None or not re.match(r"A?[XVN]", clause.tags[span.end :]):
        return None
    ahead = clause.words[span.end : span.end + _NEAR]
    wrong = any(FAMILY_OF.get(word.lower) in _MISDEED for word in ahead)
    levelled = family == "CHARGE" and start == i + 2
    return span if (wrong or levelled) and not _says(clause, span.end) else None


def _says(clause: Clauses, i: int) -> bool:
    return any(clause.is_cue(j) for j in range(i, min(i + 3, len(clause.words))))


def _after(clause: Clauses, i: int) -> Span | None:
    """Take the noun phrase behind a verb, without what the party is accused of."""
    start = i + 1
    while clause.tags[start : start + 1] == "A":
        start += 1
    return clause.core_after(start)


def _owner(clause: Clauses, span: Span) -> Span | None:
    """Give the party of "X's strikes", and drop what belongs to nobody named."""
    owner = clause.tags.find("'", span.start, span.end)
    if owner > span.start and clause.tags[span.head] == "N":
        return Span(span.start, owner, owner - 1)
    return None if clause.tags[span.head] == "D" else span
