"""Statements, reports and suits do not speak: which words of a sentence name their authors."""

from __future__ import annotations

import re

from pipeline.articles.grammar.attribution import ClauseMatcher
from pipeline.articles.grammar.names import is_body
from pipeline.articles.grammar.tagging import Span, word_set

# What has an author that an article names nearby.
DOCUMENTS = word_set(
    """statement report message letter video suit lawsuit filing complaint brief post tweet note
    email e-mail memo release article article petition indictment affidavit response reply
    announcement communique communiqué declaration ruling dossier"""
)
# What speaks for nobody in particular.
VERSIONS = word_set(
    """version account accounts story reports documents records statements letters messages videos
    tweets posts emails study survey poll data figures evidence footage photos photograph images
    rumours rumors findings results research analysis papers polls studies surveys"""
)
_BY = word_set("from by")
_MADE = re.compile(r",?RX+A?VT?P")  # ", which was filed by"


def is_document(word: str) -> bool:
    """Whether a lowercase noun is something that is written, shown or said, not somebody."""
    return word in DOCUMENTS or word in VERSIONS


def find_writer(clauses: ClauseMatcher, span: Span) -> Span | None:
    """Find who wrote what a span names: "Roe's letter", "a report by the bank", "their suit".

    Parameters
    ----------
    clauses : ClauseMatcher
        The sentence.
    span : Span
        Words whose head is a document.

    Returns
    -------
    Span or None
        The words that name the author; None where the sentence does not tell.
    """
    owner = clauses.tags.rfind("'", span.start, span.head)
    if owner > span.start:
        return Span(span.start, owner, owner - 1)
    if clauses.lower(span.start) in ("his", "her", "its", "their"):
        return Span(span.start, span.start + 1, span.start)
    made = _MADE.match(clauses.tags, span.end)
    if made is not None and clauses.lower(made.end() - 1) in _BY:
        return clauses.phrase_after(made.end())
    for i in range(span.head + 1, min(span.head + 6, len(clauses.words))):
        if clauses.lower(i) in _BY:
            return clauses.phrase_after(i + 1)
        if clauses.tags[i] in ",;QXS":
            break
    named = [i for i in range(span.start, span.head) if clauses.tags[i] == "M"]
    if not named and is_body(clauses.lower(span.head - 1)) and span.head > span.start:
        return Span(span.start, span.head, span.head - 1)  # "the army statement"
    return Span(named[0], named[-1] + 1, named[-1]) if named else None
