"""What a model goes by: its strongest terms, and what moved a stance in the words of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.inference.model_arrays import ModelArrays
from pipeline.model import features, lexicon
from pipeline.stances import STANCES

_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
_MASKS = {
    features.NAME: "a name",
    features.NUMBER: "a number",
    '"': "quotation marks",
    "quote": "quotation marks",
}
_BUILD = "the way it is built"
LEGEND = (
    "+ speaks for the stance and − against it, in log-odds: +0.7 doubles the odds, +2.3 makes them "
    "ten times as high."
)
_PREFIX_LENGTHS = (4, 5)


def strongest_terms(arrays: ModelArrays, stance: str, count: int = 20) -> list[tuple[str, float]]:
    """Return the strongest terms of a stance.

    Parameters
    ----------
    arrays : ModelArrays
        A model.
    stance : str
        One of `STANCES`.
    count : int
        How many terms for the stance, and how many against it.

    Returns
    -------
    list of (str, float)
        Terms and weights times the term's inverse document frequency, from the strongest for to
        the strongest against.

    Raises
    ------
    ValueError
        If `stance` is not one of `STANCES`.
    """
    if stance not in STANCES:
        raise ValueError(f"{stance!r} is not one of {', '.join(STANCES)}")
    names, rows = list(arrays.terms), list(arrays.terms.values())
    strength = arrays.weights[rows, 1 + STANCES.index(stance)]
    order = np.argsort(-strength, kind="stable").tolist()
    chosen = order if len(order) <= 2 * count else [*order[:count], *order[-count:]]
    return [(names[i], float(strength[i])) for i in chosen]


def moving_words(text: str, terms: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Share what each term adds among the words of the sentence that the term is made of.

    Parameters
    ----------
    text : str
        The sentence.
    terms : iterable of (str, float)
        Terms, written as `pipeline.model.features.extract_terms` writes them, and what each adds;
        what is not a term, such as the intercept, is left out.

    Returns
    -------
    list of (str, float)
        Words as they stand in the sentence, and "a name", "quotation marks" and the like, with
        their shares, largest amount first.

    Examples
    --------
    >>> terms = [("w:denied", 1.0), ("f:<name> DENY", 0.5), ("w:it", -0.25)]
    >>> moving_words("Oslo denied it.", terms)
    [('denied', 1.25), ('a name', 0.25), ('it', -0.25)]
    """
    shown = _shown_by_form(text)
    shares: dict[str, float] = {}
    for term, added in terms:
        kind, colon, rest = term.partition(":")
        if not colon:
            continue
        found = list(_places(kind, rest, shown)) or [_BUILD]
        for place in found:
            shares[place] = shares.get(place, 0.0) + added / len(found)
    return sorted(shares.items(), key=lambda share: -abs(share[1]))


def _places(kind: str, rest: str, shown: dict[str, str]) -> Iterator[str]:
    if kind == "l":
        yield "its length"
        return
    pieces = rest.split()
    if kind == "q":
        pieces = [piece for piece in pieces if piece not in ("in", "out")]
    for piece in pieces:
        if piece in shown:
            yield shown[piece]
        elif piece in _MASKS:
            yield _MASKS[piece]


def _shown_by_form(text: str) -> dict[str, str]:
    """Map every form in which a term may hold a word to the word as the sentence has it."""
    shown: dict[str, str] = {}
    for match in _WORD.finditer(text.replace("’", "'")):
        surface = match.group().lower()
        for word in (surface, surface.removesuffix("'s"), surface.removesuffix("n't")):
            forms = [word, *(word[:length] for length in _PREFIX_LENGTHS)]
            if word in lexicon.FAMILY_OF:
                family = lexicon.FAMILY_OF[word]
                forms += [family, f"{family}{lexicon.ENDING_OF[word]}"]
            for form in forms:
                shown.setdefault(form, surface)
        if surface.endswith("n't"):
            shown.setdefault("n't", surface)
    return shown
