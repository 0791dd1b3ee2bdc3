"""The three stances: names, order, definitions, encoding as 0/1 columns, and thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

STANCES = ("accuse", "deny", "announce")
NONE = "none"
DEFINITIONS = {
    "accuse": "A party lays wrongdoing, blame or bad-faith conduct on another identifiable party.",
    "deny": "A party rejects an accusation, report, claim or responsibility aimed at its own side.",
    "announce": "A party makes public its own decision, plan, commitment, action or result.",
    NONE: "Everything else: narration, background, opinion, questions, calls on others.",
}


def to_indicators(stances: Iterable[Sequence[str]]) -> npt.NDArray[np.int8]:
    """Turn lists of stance names into 0/1 columns.

    Parameters
    ----------
    stances : iterable of sequence of str
        The stances of each statement; an empty sequence means none.

    Returns
    -------
    ndarray of int8, shape (n_statements, 3)
        One column a stance, in the order of `STANCES`.

    Raises
    ------
    ValueError
        If a name is not one of `STANCES`.

    Examples
    --------
    >>> to_indicators([["deny", "accuse"], []]).tolist()
    [[1, 1, 0], [0, 0, 0]]
    """
    rows = [tuple(names) for names in stances]
    matrix = np.zeros((len(rows), len(STANCES)), dtype=np.int8)
    for row, names in enumerate(rows):
        for name in names:
            if name not in STANCES:
                raise ValueError(f"statement {row}: {name!r} is not one of {', '.join(STANCES)}")
            matrix[row, STANCES.index(name)] = 1
    return matrix


def apply_thresholds(scores: npt.ArrayLike, thresholds: npt.ArrayLike) -> list[tuple[str, ...]]:
    """Return the stances whose score reaches its threshold, strongest first.

    Parameters
    ----------
    scores : array-like of float, shape (n_texts, 3)
        Probabilities in the order of `STANCES`.
    thresholds : array-like of float, shape (3,)
        The minimum probability at which a stance is predicted.

    Returns
    -------
    list of tuple of str
        One tuple a text; empty where no stance passes. Strength is the probability itself.

    Examples
    --------
    >>> apply_thresholds([[0.7, 0.9, 0.1], [0.2, 0.1, 0.1]], [0.5, 0.5, 0.5])
    [('deny', 'accuse'), ()]
    """
    rows, least = np.asarray(scores).tolist(), np.asarray(thresholds).tolist()
    found = []
    for row in rows:
        passed = [
            (-score, column)
            for column, (score, threshold) in enumerate(zip(row, least, strict=True))
            if score >= threshold
        ]
        found.append(tuple(STANCES[column] for _, column in sorted(passed)))
    return found


def raise_thresholds(thresholds: npt.ArrayLike, min_score: float | None) -> npt.NDArray[np.float64]:
    """Return thresholds none of which is below a minimum.

    Parameters
    ----------
    thresholds : array-like of float, shape (3,)
        Those of a model.
    min_score : float, optional
        The minimum, a probability.

    Returns
    -------
    ndarray of float, shape (3,)

    Raises
    ------
    ValueError
        If `min_score` is not from 0 to 1.

    Examples
    --------
    >>> raise_thresholds([0.3, 0.4, 0.5], 0.4).tolist()
    [0.4, 0.4, 0.5]
    """
    check_min_score(min_score)
    return np.maximum(np.asarray(thresholds, dtype=np.float64), min_score or 0.0)


def check_min_score(min_score: float | None) -> None:
    """Raise `ValueError` unless a minimum score is None or a probability."""
    if min_score is not None and not 0 <= min_score <= 1:
        raise ValueError(f"min_score is {min_score}; give a probability from 0 to 1")


def best_f1_threshold(
    truth: npt.ArrayLike,
    scores: npt.ArrayLike,
    slack: float = 0.0,
    weights: npt.ArrayLike | None = None,
    *,
    highest: bool = False,
) -> float:
    """Find the lowest threshold whose F1 is the best, or nearly; or the highest.

    Parameters
    ----------
    truth : array-like of bool, shape (n_statements,)
        Which statements have the stance.
    scores : array-like of float, shape (n_statements,)
        Probabilities.
    slack : float
        How much less than the best F1 may be.
    weights : array-like of float, shape (n_statements,), optional
        How much each statement counts.
    highest : bool
        Whether to take the highest of those thresholds, which gives fewest false positives.

    Returns
    -------
    float
        One of `scores`; 0.5 where no statement has the stance.

    Examples
    --------
    >>> best_f1_threshold([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.8])
    0.4
    """
    from sklearn.metrics import precision_recall_curve  # this module is loaded to predict, too

    if not np.any(truth):
        return 0.5
    precision, recall, thresholds = precision_recall_curve(truth, scores, sample_weight=weights)
    total = precision[:-1] + recall[:-1]
    f1 = np.divide(
        2 * precision[:-1] * recall[:-1], total, out=np.zeros_like(total), where=total > 0
    )
    good = thresholds[f1 >= f1.max() - slack]
    return float(good[-1] if highest else good[0])
