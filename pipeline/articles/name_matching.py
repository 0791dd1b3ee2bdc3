"""Which names of several articles mean one party."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.articles.grammar.names import is_institution, is_office
from pipeline.model.lexicon import TITLES

_WORD = re.compile(r"[^\W_]+(?:[-.&'][^\W_]+)*")
_JOINING = frozenset("of for the and de van von der den du del da la le al el bin ibn".split())  # noqa: SIM905
_INDEFINITE = frozenset(
    "a an one some two several many he she it they we i you his her its their".split()  # noqa: SIM905
)
Key = tuple[str, ...]


def match_party_names(names: Iterable[str]) -> dict[str, str]:
    """Find the names that mean one party, by the rule at the head of `story`.

    Parameters
    ----------
    names : iterable of str
        Names as articles give them.

    Returns
    -------
    dict of str to str
        For each name the fullest one of its party, the first that was given.

    Examples
    --------
    >>> match_party_names(["Novak", "Foreign Minister Karel Novak", "the ministry", "The Ministry"])
    ... # doctest: +NORMALIZE_WHITESPACE
    {'Novak': 'Foreign Minister Karel Novak',
     'Foreign Minister Karel Novak': 'Foreign Minister Karel Novak',
     'the ministry': 'the ministry', 'The Ministry': 'the ministry'}
    """
    keys = {name: _key(name) for name in names}
    first = {key: name for name, key in reversed(keys.items())}
    proper = {keys[name] for name in keys if _proper_name(_words(name))}
    longer: dict[Key, list[Key]] = {}
    for key in filter(proper.__contains__, first):
        for ending in _endings(key):
            longer.setdefault(ending, []).append(key)
    fullest = dict(zip(first, first, strict=True))
    for key in proper:
        longest = max(longer.get(key, []), key=len, default=key)
        if set(longer.get(key, [])) <= _endings(longest) | {longest}:
            fullest[key] = longest
    return {name: first[fullest[key]] for name, key in keys.items()}


def _key(name: str) -> Key:
    """Reduce a name to the words that tell it from others."""
    words = _words(name)
    words = _proper_name(words) or words
    while len(words) > 1 and words[0].lower() in _JOINING:
        words = words[1:]
    return tuple(word.lower() for word in words) or (name,)


def _words(name: str) -> list[str]:
    straight = name.replace("’", "'")
    head = re.split(r"[,(;]", straight, maxsplit=1)[0]
    return [word.removesuffix("'s") for word in _WORD.findall(head)]


def is_indefinite(name: str) -> bool:
    """Return whether a name begins like one of somebody not named before, such as "a farmer"."""
    return any(word.lower() in _INDEFINITE for word in _words(name)[:1])


def _proper_name(words: list[str]) -> list[str]:
    """Return the capitalised words that end a name, without titles; else none."""
    start = len(words)
    while start and (words[start - 1][0].isupper() or words[start - 1] in _JOINING):
        start -= 1
    proper = words[start:]
    if not proper or not proper[-1][0].isupper() or (start and proper[0] in _JOINING):
        return []
    titles = [
        i for i, word in enumerate(proper[:-1]) if word.lower() in TITLES or is_office(word.lower())
    ]
    if titles and proper[titles[-1] + 1] not in _JOINING:
        return proper[titles[-1] + 1 :]
    return proper


def _endings(key: Key) -> set[Key]:
    """List the shorter names of a person: how the name ends, leaving out "of" and after.

    A body has none: "Oslo Court" and "Rome Court" are both "the Court" where they are spoken of.
    """
    if is_institution(key):
        return set()
    cut = key[: key.index("of")] if "of" in key else key
    return {cut[start:] for start in range(len(cut))} - {key}
