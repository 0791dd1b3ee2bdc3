"""Which side a party is on: a country's government, its forces, its ministries and its capital."""

from __future__ import annotations

import re

from pipeline.articles.grammar.countries import COUNTRY_OF, find_country
from pipeline.articles.grammar.names import is_body, place_and_core
from pipeline.articles.grammar.tagging import word_set

_COUNTRIES = frozenset(COUNTRY_OF.values())
_OF_STATE = word_set(
    """government military army armed forces troops soldiers navy air force guard guards police
    officials official authorities ministry ministries foreign defence defense interior home finance
    affairs of for and embassy state regime republic leadership leaders capital side cabinet
    parliament president premier prime minister security general staff consulate mission delegation
    negotiators diplomats senior spokesman spokeswoman border"""
)
_WORD = re.compile(r"'s?(?=\s|$)|[^\W_]+(?:[-.'][^\W_]+)*\.?")


def side_of(name: str) -> str | None:
    """Find the country for which a party stands.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    str or None
        The country of a name that means it, its state or its forces; None for others.

    Examples
    --------
    >>> [side_of(name) for name in ("Norwegian forces", "the Defence Ministry in Oslo", "Oslo")]
    ['Norway', 'Norway', 'Norway']
    >>> side_of("the Norwegian bank") is None
    True
    """
    words: list[str] = _WORD.findall(name.replace("’", "'").replace("'s", " 's"))
    words = words[1:] if words and words[0].lower() == "the" else words
    if not words:
        return None
    place, rest = _place(words)
    return place if place and all(word in _OF_STATE for word in rest) else None


def _place(words: list[str]) -> tuple[str | None, list[str]]:
    found = find_country(words)
    if found is not None:
        return found[0], [word.lower() for word in words[found[1] :] if word not in ("'s", "'")]
    if not any(is_body(word.lower()) or word.lower() in _OF_STATE for word in words):
        return None, []
    place, core = place_and_core(words)
    return (place if place in _COUNTRIES else None), core.split()
