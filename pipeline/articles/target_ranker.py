"""Weights of what speaks for a candidate, and the probability of each party that they give."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from pipeline.articles.candidates import Candidate
from pipeline.errors import ArticleError

WEIGHTS = Path(__file__).with_name("target_weights.json")


@cache
def load_weights(path: Path = WEIGHTS) -> Mapping[str, float]:
    """Load the weight of each feature.

    Parameters
    ----------
    path : path
        A JSON object of numbers, as `pipeline.stages.targets` writes it.

    Returns
    -------
    mapping of str to float
        The weights.

    Raises
    ------
    ArticleError
        If it is not an object of finite numbers.
    """
    try:
        weights = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArticleError(f"{path}: {error}; install the package again") from None
    if not isinstance(weights, dict):
        raise ArticleError(f"{path}: not an object of weights; install the package again")
    for name, weight in weights.items():
        if type(weight) not in (int, float) or not math.isfinite(weight):
            raise ArticleError(f"{path}: the weight of {name!r} is no finite number")
    return weights


def score_candidate(candidate: Candidate, weights: Mapping[str, float]) -> float:
    """Return the sum of the weights of a candidate's features."""
    return sum(weights.get(name, 0.0) * value for name, value in candidate.features.items())


def rank_parties(
    candidates: Iterable[Candidate], weights: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Find how likely each party is the accused.

    Parameters
    ----------
    candidates : iterable of Candidate
        Those of one sentence.
    weights : mapping, optional
        Instead of those of the package.

    Returns
    -------
    dict of str to float
        The probability of each party, the likeliest first.
    """
    weights = load_weights() if weights is None else weights
    shares: dict[str, float] = defaultdict(float)
    for candidate in candidates:
        shares[candidate.name] += math.exp(score_candidate(candidate, weights))
    total = sum(shares.values())
    ranked = sorted(shares.items(), key=lambda share: -share[1])
    return {name: share / total for name, share in ranked}
