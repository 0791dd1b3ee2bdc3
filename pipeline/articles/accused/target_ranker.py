"""Weights of what speaks for a candidate, and the probability of each party that they give."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import repeat
from operator import mul
from pathlib import Path
from typing import NamedTuple

from pipeline.articles.accused.candidates import Candidate
from pipeline.errors import ArticleError

WEIGHTS = Path(__file__).with_name("target_weights.json")
_AGAIN = "install the package again"


class Weights(NamedTuple):
    """The weight of each feature.

    Attributes
    ----------
    alone : mapping of str to float
        Where only the accusation's own sentence and its neighbours are seen.
    together : mapping of str to float
        Where the article's other accusations are seen too.
    """

    alone: Mapping[str, float]
    together: Mapping[str, float]


@cache
def load_weights(path: Path = WEIGHTS) -> Weights:
    """Load the weight of each feature.

    Parameters
    ----------
    path : path
        JSON: objects of numbers, as `pipeline.articles.target_fitting` writes them.

    Returns
    -------
    Weights
        The weights.

    Raises
    ------
    ArticleError
        If it does not hold objects of finite numbers.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArticleError(f"{path}: {error}; {_AGAIN}") from None
    if not isinstance(content, dict) or set(content) != set(Weights._fields):
        raise ArticleError(f"{path}: not the weights {', '.join(Weights._fields)}; {_AGAIN}")
    for name in Weights._fields:
        _check(content[name], f"{path}: {name}")
    return Weights(**content)


def _check(weights: object, where: str) -> None:
    if not isinstance(weights, dict):
        raise ArticleError(f"{where}: not an object of weights; {_AGAIN}")
    for name, weight in weights.items():
        if type(weight) not in (int, float) or not math.isfinite(weight):
            raise ArticleError(f"{where}: the weight of {name!r} is no finite number; {_AGAIN}")


def score_candidate(candidate: Candidate, weights: Mapping[str, float]) -> float:
    """Return the sum of the weights of a candidate's features."""
    features = candidate.features
    values = map(mul, map(weights.get, features, repeat(0.0)), features.values())
    return float(sum(values))


def rank_parties(candidates: Iterable[Candidate], weights: Mapping[str, float]) -> dict[str, float]:
    """Find how likely each party is the accused.

    Parameters
    ----------
    candidates : iterable of Candidate
        Those of one sentence.
    weights : mapping of str to float
        The weight of each feature.

    Returns
    -------
    dict of str to float
        The probability of each party, the likeliest first.
    """
    shares: dict[str, float] = defaultdict(float)
    for candidate in candidates:
        shares[candidate.name] += math.exp(score_candidate(candidate, weights))
    total = sum(shares.values())
    ranked = sorted(shares.items(), key=lambda share: -share[1])
    return {name: share / total for name, share in ranked}
