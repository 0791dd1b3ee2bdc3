"""Speakers named outside the sentence: labels of a transcript, a name behind a dash or a colon."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.articles.grammar.attribution import ClauseMatcher
from pipeline.articles.grammar.tagging import Span
from pipeline.model.lexicon import TITLE_ABBREVIATIONS

_LABEL = re.compile(
    r"(?P<name>[^\W\d_a-z][\w.'’-]*(?:[ ][^\W\d_a-z][\w.'’-]*){0,4})"
    r"(?:[ ]\([^()\n]{1,40}\))?:\s+(?=\S)"
)
_QUESTION = re.compile(r"(?P<name>Q(?:uestion)?|A(?:nswer)?)(?:[.:]\s+|(?<=Q)\s+)(?=[A-Z“\"‘'])")
_TITLED = re.compile(rf"(?:{'|'.join(TITLE_ABBREVIATIONS)})\.? ", re.IGNORECASE)
_NO_NAMES = frozenset("Q A Question Answer QUESTION ANSWER".split())  # noqa: SIM905
_CREDIT = re.compile(r"\s*[—–-]{1,2}\s?(?=[^\W\d_a-z])")
_HANDLE = re.compile(r"\(@\w{1,30}\)")
_LONGEST_CREDIT = 15


class Label(NamedTuple):
    """The words before a turn of a conversation, such as "MR. ROE:".

    Attributes
    ----------
    start, end : int
        Where the label starts, and what is said starts.
    name : (int, int) or None
        Where the name stands; None for the nameless, such as "Q:".
    """

    start: int
    end: int
    name: tuple[int, int] | None


def find_labels(clean: str, paragraphs: Sequence[tuple[int, int]]) -> dict[int, Label]:
    """Find the paragraphs of a transcript, and who speaks in each.

    Parameters
    ----------
    clean : str
        The article.
    paragraphs : sequence of (int, int)
        Where its paragraphs stand.

    Returns
    -------
    dict of int to Label
        By number of the paragraph. One without a label between two that have one goes on with the
        label before.
    """
    found = {}
    for number, (start, end) in enumerate(paragraphs):
        match = _QUESTION.match(clean, start, end) or _LABEL.match(clean, start, end)
        if match is not None:
            found[number] = match
    names = Counter(match.group("name") for match in found.values())
    turns = {n: match for n, match in found.items() if _is_turn(match.group("name"), names)}
    labels: dict[int, Label] = {}
    for number in range(min(turns, default=0), max(turns, default=-1) + 1):
        if number in turns:
            match = turns[number]
            name = None if match.group("name") in _NO_NAMES else match.span("name")
            labels[number] = Label(match.start(), match.end(), name)
        else:
            labels[number] = labels[number - 1]
    return labels


def _is_turn(name: str, names: Counter[str]) -> bool:
    """Whether a label is somebody's: "Note:" is not, unless a conversation has it over and over."""
    if name in _NO_NAMES:
        return any(other.startswith("Q") for other in names if other in _NO_NAMES)
    is_shouted = name.isupper() and len(names) > 1
    is_titled = _TITLED.match(name) is not None and name.isupper()
    return is_titled or is_shouted or (names[name] > 1 and sum(n > 1 for n in names.values()) > 1)


def find_credit(clauses: ClauseMatcher) -> Span | None:
    """Find the name in a line that only credits what stands before it: "— Ana Roe, mayor".

    Parameters
    ----------
    clauses : ClauseMatcher
        The line.

    Returns
    -------
    Span or None
        The name.
    """
    if _CREDIT.match(clauses.sentence.text) is None or len(clauses.words) > _LONGEST_CREDIT:
        return None
    end = next((i for i, tag in enumerate(clauses.tags) if i and tag not in "DNMO'"), None)
    handle = _HANDLE.search(clauses.sentence.text)
    if handle is not None:
        end = sum(word.start < handle.start() for word in clauses.words)
    end = len(clauses.words) if end is None else end
    has_verb = any(tag in "XVG" for tag in clauses.tags)
    return (
        Span(1, end, end - 1) if end > 1 and clauses.tags[end - 1] == "M" and not has_verb else None
    )


def is_post(text: str) -> bool:
    """Whether a credit is that of an embedded post, which has no quotation marks."""
    return _HANDLE.search(text) is not None


def find_introduced(clauses: ClauseMatcher) -> Span | None:
    """Find who is named by a line before a quotation that has no cue: "And from Ana Roe:".

    Parameters
    ----------
    clauses : ClauseMatcher
        The line.

    Returns
    -------
    Span or None
        The name.
    """
    if not clauses.sentence.text.rstrip().endswith(":"):
        return None
    source = next((i for i, word in enumerate(clauses.words) if word.lower == "from"), None)
    if source is not None:
        return clauses.phrase_after(source + 1)
    span = clauses.core_after(0)
    return span if span is not None and clauses.tags[span.head] == "M" else None
