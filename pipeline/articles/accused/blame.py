"""Patterns of an accusation: "accused X of", "X was charged with", "attacks by X"."""

from __future__ import annotations

import re

from pipeline.articles.grammar.attribution import ClauseMatcher
from pipeline.articles.grammar.tagging import Span, TaggedSentence, word_set
from pipeline.model.lexicon import ENDING_OF, FAMILY_OF

_LEVELLED = frozenset({"ACCUSE", "CONDEMN"})
_CLAIMED = frozenset({"SAY", "ARGUE", "CHARGE", "CONFIRM", "REPORT", "ACCUSATION", "CLAIMS"})
_CHARGED = word_set("charged sued prosecuted indicted arraigned faces faced facing suspected")
_CHARGES = frozenset({"ACCUSATION", "CLAIMS"})
_DEEDS = frozenset(
    {"WRONG", "VIOLENCE", "FAILURE", "ACCUSATION", "HARM", "KILL", "STATEMENT", "SAY"}
)
_PARTIES = frozenset({"STATE", "GROUP", "OFFICIAL", "COMPANY", "PEOPLE", "COURT", "MEDIA"})
_NOBODY = word_set("i we you us me this that these those there what it's nobody nothing one")
_SPEAKERS_OWN = word_set("he she it")
_OBJECTS = word_set("her them")
_TELLING = (
    _CHARGED
    | {"alleged", "according"}
    | {form for form, family in FAMILY_OF.items() if family in _LEVELLED | _CLAIMED}
)
_NEAR = 9


def find_blamed(sentence: TaggedSentence) -> dict[str, Span]:
    """Find whom the patterns of an accusation point at in a sentence.

    Parameters
    ----------
    sentence : TaggedSentence
        A sentence, or a quotation of one.

    Returns
    -------
    dict of str to Span
        For each pattern that fits, the words it points at.
    """
    clause = ClauseMatcher(sentence)
    telling = [i for i, word in enumerate(clause.words) if i == 0 or word.lower in _TELLING]
    found: dict[str, Span] = {}
    for find in (_levelled, _charged, _named_in_charge, _claimed, _opening, _done_by):
        for i in range(len(clause.words)) if find is _done_by else telling:
            span = find(clause, i)
            target = None if span is None else _owner(clause, span)
            if target is not None:
                found.setdefault(find.__name__.strip("_"), target)
    return found


def _levelled(clause: ClauseMatcher, i: int) -> Span | None:
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


def _charged(clause: ClauseMatcher, i: int) -> Span | None:
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


def _named_in_charge(clause: ClauseMatcher, i: int) -> Span | None:
    """Read "allegations by Y that X ...", "accusations of theft against X", "criticism of X"."""
    word = clause.lower(i)
    if FAMILY_OF.get(word) not in _CHARGES:
        return None
    if clause.lower(i + 1) == "of" and word.startswith("critic"):
        return clause.phrase_after(i + 2)
    for j in range(i + 1, min(i + _NEAR, len(clause.words))):
        if clause.lower(j) in ("that", "against"):
            return _subject(clause, j + 1)
        if clause.tags[j] in ",;QXV":
            return None
    return None


def _claimed(clause: ClauseMatcher, i: int) -> Span | None:
    """Read "said X had violated", "X, they allege, lied"."""
    start = _claim_after(clause, i)
    span = None if start is None else _subject(clause, start)
    if span is None or start is None:
        return None
    end = (
        clause.tags.find(",", span.end + 1) + 1
        if clause.tags[span.end : span.end + 1] == ","
        else 0
    )
    if not re.match(r"A*[XVN]", clause.tags[end or span.end :]):
        return None
    word = clause.lower(span.start)
    is_aside = start == i + 2 and clause.tags[i + 1] == ","
    own = word in _SPEAKERS_OWN and clause.tags[i] in "VXNG" and not is_aside
    return None if own or word in _NOBODY else span


def _opening(clause: ClauseMatcher, i: int) -> Span | None:
    """Read a plain "X violated" and "it is X that violated"."""
    if i or any(clause.is_cue(j) for j in range(len(clause.words))):
        return None
    start = next((j for j, tag in enumerate(clause.tags) if tag not in "ABC"), 0)
    if clause.lower(start) == "it" and clause.tags[start + 1 : start + 2] == "X":
        cleft = clause.phrase_after(start + 2)
        if cleft is not None and clause.lower(cleft.end) in ("that", "who", "which"):
            return cleft
    span = _subject(clause, start)
    if span is None or clause.lower(span.start) in _NOBODY:
        return None
    verb = re.match(r"[XA]*[XVN]", clause.tags[span.end :])
    if verb is None or clause.is_passive(span.end + verb.end() - 1):
        return None
    return span


def _claim_after(clause: ClauseMatcher, i: int) -> int | None:
    """Find where what is claimed begins: behind a reporting verb."""
    word = clause.lower(i)
    if word == "according":
        comma = clause.tags.find(",", i)
        return comma + 1 if comma > 0 else None
    if FAMILY_OF.get(word) not in _CLAIMED and not word.startswith("alleg"):
        return None
    start = i + 1
    while clause.tags[start : start + 1] in ("A", ","):
        start += 1
    for j in range(start, min(start + _NEAR, len(clause.words))):
        if clause.lower(j) == "that":
            return j + 1
        if clause.tags[j] in ",;QXV":
            break
    return start


def _subject(clause: ClauseMatcher, start: int) -> Span | None:
    """Take the noun phrase at a place, a participle before it too: "armed groups"."""
    skip = int(clause.tags[start : start + 2] in ("VN", "VM"))
    span = clause.phrase_after(start + skip)
    if span is None:
        return None
    for j in range(start, span.head):
        is_plural = clause.tags[j] == "N" and clause.lower(j).endswith("s")
        if is_plural and re.match("N[DM]", clause.tags[j + 1 :]):
            return Span(start, j + 1, j)
    return Span(start, span.end, span.head)


def _done_by(clause: ClauseMatcher, i: int) -> Span | None:
    """Read "violations by X"."""
    is_deed = FAMILY_OF.get(clause.lower(i)) in _DEEDS and clause.lower(i + 1) == "by"
    return clause.phrase_after(i + 2) if is_deed else None


def _after(clause: ClauseMatcher, i: int) -> Span | None:
    """Take the noun phrase behind a verb, without what the party is accused of."""
    start = i + 1
    while clause.tags[start : start + 1] == "A":
        start += 1
    return clause.core_after(start)


def _owner(clause: ClauseMatcher, span: Span) -> Span | None:
    """Return the party of "X's strikes" and "strikes by X"; drop what belongs to nobody named."""
    head = clause.tags[span.head]
    if head == "D":
        is_object = span.end - span.start == 1 and clause.lower(span.start) in _OBJECTS
        return span if is_object else None
    family = FAMILY_OF.get(clause.lower(span.head))
    if head != "N" or family in _PARTIES:
        return span
    owner = clause.tags.find("'", span.start, span.end)
    if owner > span.start:
        return Span(span.start, owner, owner - 1)
    if clause.lower(span.head + 1) == "by" or (
        clause.lower(span.head + 1) == "of" and family in _DEEDS
    ):
        return clause.phrase_after(span.head + 2)
    return span
