"""What a model goes by: its strongest terms, and what moved a stance, in words."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from pipeline.inference.model_arrays import ModelArrays
from pipeline.inference.wording import TermWording
from pipeline.stances import STANCES

# Of usual length and make: how strong a term is in them is how strong it is in most.
_USUAL = (
    "The harbour master of Velmora said on Thursday that the ferry would not sail until the storm "
    "had passed.",
    "Kardia's transport ministry denied a report that it had hidden the results of two inspections "
    "of the bridge.",
    '"We will rebuild every school before the winter," the governor told residents of the flooded '
    "district.",
    "The union accused the company of cutting corners after three workers were hurt in the quarry "
    "last month.",
    "Prices of bread rose by a tenth in March, and many families in the north now grow their own "
    "vegetables.",
)


class Reason(NamedTuple):
    """A term of a text, and how it moved a stance.

    Attributes
    ----------
    term : str
        As `pipeline.model.features.extract_terms` writes it.
    added : float
        What it adds to the log-odds of the stance.
    words : str
        The term in words that a person reads.
    """

    term: str
    added: float
    words: str


def explain_stances(arrays: ModelArrays, text: str) -> dict[str, list[Reason]]:
    """Tell what moved each stance of a text.

    Parameters
    ----------
    arrays : ModelArrays
        A model.
    text : str
        What was scored.

    Returns
    -------
    dict of str to list of Reason
        For each stance, largest amount first, then what every text starts from; together they are
        the log-odds.
    """
    in_words = lru_cache(maxsize=None)(TermWording(text))
    return {
        stance: [Reason(term, added, in_words(term)) for term, added in terms]
        for stance, terms in arrays.explain(text).items()
    }


def strongest_terms(arrays: ModelArrays, stance: str, count: int = 20) -> list[Reason]:
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
    list of Reason
        From the strongest for to the strongest against: what each adds to the log-odds of a
        sentence of usual length, in which it stands once. So these are on the scale of
        `explain_stances`; in a short sentence a term adds more, in a long one less.

    Raises
    ------
    ValueError
        If `stance` is not one of `STANCES`.
    """
    if stance not in STANCES:
        raise ValueError(f"{stance!r} is not one of {', '.join(STANCES)}")
    names, rows = list(arrays.terms), list(arrays.terms.values())
    norm = np.median([arrays.norm(text) for text in _USUAL])
    strength = arrays.weights[rows, 1 + STANCES.index(stance)] / norm
    order = np.argsort(-strength, kind="stable").tolist()
    chosen = order if len(order) <= 2 * count else [*order[:count], *order[-count:]]
    in_words = TermWording()
    return [Reason(names[i], float(strength[i]), in_words(names[i])) for i in chosen]
