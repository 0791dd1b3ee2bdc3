"""What a noun names: a person, a body, what acts, a thing."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.articles.grammar.tagging import word_set
from pipeline.model.lexicon import FAMILY_OF

PERSON, BODY = "person", "body"
_BODIES = frozenset({"STATE", "GROUP", "COMPANY", "MEDIA", "COURT"})
_BODY_NOUNS = word_set(
    """club team side trust school hospital university charity chain giant retailer builder
    developer contractor carrier broadcaster site network board rival league clinic pipeline lab
    artillery platoon unit brigade battalion squad cartel gang enemy mill mills designer opponent
    restaurant shop store hotel church studio label startup"""
)
_PERSONS = frozenset({"OFFICIAL", "PEOPLE", "INSULT"})
_PERSON_ENDINGS = re.compile(
    r"(?:[eo]r|ist|ian|man|star|champion|suspect|wife|husband|son|daughter)$"
)
_CLASSES = frozenset(
    {"STATE", "GROUP", "OFFICIAL", "PEOPLE", "COMPANY", "COURT", "MEDIA", "INSULT", "PLACE"}
)
_AGENTS = re.compile(
    r"(?:[eo]rs?|ists?|ians?|m[ae]n|(?<!m)[ae]nts?|ees|ives|crew|gang|staff|commandos|people)$"
)
_NOT_AGENTS = word_set(
    """order orders number numbers letter letters paper papers power water matter matters offer
    border center centre murder murders quarter dinner weather computer chapter river summer winter
    danger anger corner answer disaster rumor rumour error terror labor labour color colour favor
    favour behavior behaviour factor door floor honor honour horror mirror tumor event events
    percent cent account amount extent intent content patent grant plant talent print front point
    points want committees fees trees guarantees objectives initiatives alternatives perspectives
    lives"""
)


@lru_cache(maxsize=1 << 14)
def noun_kind(noun: str) -> str | None:
    """Return whether a noun describes a person or a body."""
    family = FAMILY_OF.get(noun)
    if family in _BODIES or noun in _BODY_NOUNS:
        return BODY
    return PERSON if family in _PERSONS or _PERSON_ENDINGS.search(noun) else None


@lru_cache(maxsize=1 << 14)
def noun_class(noun: str) -> str:
    """Return what a noun names: a kind of party, ``agent`` or ``thing``."""
    family = FAMILY_OF.get(noun, "")
    if family in _CLASSES:
        return family
    is_agent = _AGENTS.search(noun) is not None and noun not in _NOT_AGENTS
    return "agent" if is_agent or noun_kind(noun) is not None else "thing"


def is_thing(noun: str) -> bool:
    """Whether a lowercase noun names what neither speaks nor acts."""
    return noun_class(noun) == "thing"
